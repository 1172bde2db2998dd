"""The house as ARCHITECTURE.md draws it: imports go down, nothing below the command line prints or asks the clock."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "iopsgen"

# Floor of each room, lowest first; a room is a module, or a package whose modules share its floor.
FLOORS: list[tuple[str, ...]] = [
    ("__init__", "problems", "excerpt", "model", "views", "plain", "absolute", "contentlines", "yamltext", "slugs", "searchwords", "locales", "dateforms", "dates", "zonenames", "zones"),
    ("rrule", "repeatgrammar", "repeatwords", "recurrence", "daywords", "vtimezone", "store", "write", "scaffold", "workflows", "program"),
    ("fields", "settings", "theme", "texts", "calendar_lint", "calendar_files", "markdown", "pictures", "sandbox", "filters"),
    ("read",),
    ("plan", "render", "assemble"),
    ("outputs",),
    ("checks",),
    ("recall", "build"),
    ("serve", "moderation", "importers", "receiver"),
    ("cli",),
    ("__main__",),
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def room_of(path: Path) -> str:
    """The room that a module belongs to."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports_of(path: Path) -> list[str]:
    """The modules of this project that a module imports, wherever in it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "iopsgen":
            folder = PACKAGE / node.module.partition(".")[2].replace(".", "/")
            modules = [f"{node.module}.{name.name}" for name in node.names if (folder / f"{name.name}.py").is_file()]
            found += modules if len(modules) == len(node.names) else [node.module, *modules]
        elif isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name.split(".")[0] == "iopsgen"]
    return found


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    """A room imports rooms of its own floor or below; between rooms of one floor there is no circle (see the next test)."""
    here = room_of(path)
    assert here in FLOOR, f"{here} has no floor yet: give it one, here and in ARCHITECTURE.md"
    for module in imports_of(path):
        room = [*module.split("."), "__init__"][1]
        assert FLOOR.get(room, 0) <= FLOOR[here], f"{path.relative_to(ROOT)} imports {module}, which lies above it"


def test_wings_stand_apart() -> None:
    """Only the command line imports a wing, and no wing another one."""
    wings = ("moderation", "importers", "receiver")
    for path in MODULES:
        for module in imports_of(path):
            room = [*module.split("."), "__init__"][1]
            assert room not in wings or room_of(path) in ("cli", room), f"{path.relative_to(ROOT)} imports {module}, which is a wing"


def test_no_circle_between_modules() -> None:
    """No module imports, directly or through others, itself."""
    names = {".".join(("iopsgen", *p.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): p for p in MODULES}
    graph = {name: {m for m in imports_of(path) if m in names and m != name} for name, path in names.items()}
    # A package's __init__ is where its modules meet: importing a sibling is no circle through it.
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail[trail.index(name) :], name))
        if name in done:
            return
        for other in sorted(graph[name]):
            walk(other, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        walk(name, ())


def test_nothing_below_the_command_line_prints_or_asks_the_machine() -> None:
    """Below `build` nobody prints, reads the clock, the environment, the locale or a random number."""
    banned = {
        "datetime.now",
        "datetime.today",
        "date.today",
        "time.time",
        "time.localtime",
        "random",
        "os.environ",
        "os.getenv",
        "locale.setlocale",
        "uuid.uuid4",
        "uuid.uuid1",
    }
    for path in MODULES:
        if FLOOR[room_of(path)] >= FLOOR["build"] or room_of(path) == "write":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("print", "input"), f"{path.name}:{node.lineno} calls {node.func.id}"
            if isinstance(node, ast.Attribute):
                assert ast.unparse(node) not in banned, f"{path.name}:{node.lineno} uses {ast.unparse(node)}"


def test_every_module_says_what_it_is_for() -> None:
    """The first line of each module is one sentence."""
    for path in MODULES:
        words = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        assert words and words.split("\n")[0].rstrip().endswith((".", ":")), f"{path.relative_to(ROOT)} has no first sentence"
