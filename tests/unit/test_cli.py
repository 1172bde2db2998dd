"""The command line: one call, an exit code, and nothing where it does not belong."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from iopsgen import __version__
from iopsgen.cli import COMMANDS, iopsgen
from iopsgen.read.frontmatter import RECORDS
from tests.demonstration import copy_demonstration
from tests.needs import ROOT, program
from tests.sites import EVENT, POST, tree, write_site

NOW = "2026-11-22T12:00:00+00:00"
PLAIN = {k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_ACTIONS", "TF_BUILD", "NO_COLOR", "SOURCE_DATE_EPOCH", "FORCE_COLOR")}


def call(*words: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """A real process: what it printed and its exit code."""
    command = [sys.executable, "-m", "iopsgen", *map(str, words)]
    env = {**PLAIN, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, check=False, timeout=60)


def invoke(*words: str | Path) -> Result:
    """A call within this process, quicker: its output, and click's own exit code."""
    return CliRunner().invoke(iopsgen, [str(w) for w in words], prog_name="iopsgen")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with a post and an event."""
    return write_site(tmp_path / "site", {"content/posts/2026-10-05-welcome.md": POST, "content/events/picnic.md": EVENT})


@pytest.fixture
def broken(site: Path) -> Path:
    """A site with one error: line 2, a title that is not closed."""
    return write_site(site, {"content/posts/2026-10-06-bad.md": "---\ntitle: Bad\ncategorys: [x]\nchapter: nowhere\n---\nText.\n"})


# --- exit codes ----------------------------------------------------------------------------------------------------


def test_exit_codes(site: Path, tmp_path: Path) -> None:
    """0 for a build, 1 for a problem in the content, 2 for wrong usage or settings."""
    assert call("build", "--site", site, "--now", NOW).returncode == 0
    write_site(site, {"content/posts/2026-10-06-bad.md": "---\ntitle: Bad\nchapter: nowhere\n---\n"})
    assert call("build", "--site", site, "--now", NOW).returncode == 1
    assert call("check", "--site", site, "--now", NOW).returncode == 1
    assert call("build", "--keep-going", "--site", site, "--now", NOW).returncode == 1
    assert call("build", "--site", site, "--nosuch").returncode == 2
    assert call("build", "--site", tmp_path / "nowhere").returncode == 2
    assert call("build", "--site", site, "--now", "tomorrow").returncode == 2
    assert call("build", "--site", site, "--set", "nonsense").returncode == 2
    assert call("build", "--site", site, "--set", "site.ulr=https://example.org/").returncode == 2
    (site / "iopsgen.yml").write_text("site:\n  titel: X\n")
    assert call("build", "--site", site).returncode == 2
    assert call("build", cwd=tmp_path).returncode == 2
    assert call().returncode == 2


def test_a_fault_of_our_own_is_3(site: Path) -> None:
    """Anything unforeseen ends with 3, a plea to report it, and no bare traceback."""
    words = "import sys, iopsgen.cli.make as m, iopsgen.cli as c\ndef fail(*a, **k): raise RuntimeError('boom')\nm.build_site = fail\nc.main()"
    done = subprocess.run(
        [sys.executable, "-c", words, "build", "--site", str(site)],
        capture_output=True,
        text=True,
        env={**PLAIN, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 3 and done.stdout == ""
    assert "RuntimeError: boom" in done.stderr and "report" in done.stderr and not done.stderr.startswith("Traceback")


def test_errors_write_nothing(broken: Path) -> None:
    """A build with an error leaves no file; with --keep-going it publishes the rest and still says 1."""
    done = call("build", "--site", broken, "--now", NOW)
    assert done.returncode == 1 and "Nothing was written" in done.stdout
    assert not (broken / "output").exists() or not tree(broken / "output")
    assert call("build", "--site", broken, "--now", NOW, "--keep-going").returncode == 1
    assert (broken / "output/posts/welcome/index.html").exists()


def test_check_writes_nothing(site: Path) -> None:
    """`check` touches no file of the output folder."""
    done = call("check", "--site", site, "--now", NOW)
    assert done.returncode == 0 and not (site / "output").exists()


def test_a_closed_pipe_is_no_fault(site: Path) -> None:
    """`iopsgen build --dry-run | head` ends quietly."""
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m iopsgen build --dry-run --site "{site}" --now {NOW} | head -n 1'],
        capture_output=True,
        text=True,
        env={**PLAIN, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr and "Exception" not in done.stderr


# --- what is printed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["build"], ["build", "--dry-run"], ["build", "--explain"], ["check"], ["build", "--keep-going"]])
def test_json_is_one_object_and_nothing_else(broken: Path, words: list[str]) -> None:
    """`--json` prints one object on standard output, with every key of the contract, and nothing on standard error."""
    done = call(*words, "--json", "--site", broken, "--now", NOW, CI="true", GITHUB_ACTIONS="true")
    value = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert {
        "ok",
        "written",
        "unchanged",
        "removed",
        "outputs",
        "seconds",
        "now",
        "next_change",
        "scheduled",
        "drafts",
        "comments",
        "problems",
    } <= set(value)
    assert value["ok"] is False and value["now"] == NOW
    assert set(value["comments"]) == {"records", "published", "held", "rejected", "problems"}
    assert [set(p) for p in value["problems"]] == [{"severity", "message", "hint", "file", "line", "column"}] * len(value["problems"])
    first = value["problems"][0]
    assert (first["severity"], first["file"], first["line"]) == ("error", "content/posts/2026-10-06-bad.md", 4)


@pytest.mark.parametrize(("environment", "expected"), [({"SOURCE_DATE_EPOCH": "1350000000"}, "2012-10-12T00:00:00+00:00"), ({}, None)])
def test_now_comes_from_the_environment(site: Path, environment: dict[str, str], expected: str | None) -> None:
    """Without --now it is SOURCE_DATE_EPOCH, else the clock; --now wins."""
    value = json.loads(call("build", "--json", "--site", site, **environment).stdout)
    assert value["now"] == expected if expected else value["now"] > "2026"
    assert json.loads(call("build", "--json", "--site", site, "--now", NOW, **environment).stdout)["now"] == NOW
    assert call("build", "--site", site, SOURCE_DATE_EPOCH="soon").returncode == 2


def test_json_of_wrong_settings_is_an_object_too(site: Path) -> None:
    """A fault in the settings is told in the same object, with exit code 2."""
    (site / "iopsgen.yml").write_text("site:\n  titel: X\n")
    done = call("build", "--json", "--site", site)
    value = json.loads(done.stdout)
    assert done.returncode == 2 and value["ok"] is False and value["problems"]


def test_problems_say_where_and_what_instead(broken: Path) -> None:
    """A problem has file, line and column, the line with a caret, and a hint; no colour and no progress where nobody looks."""
    done = call("build", "--site", broken, "--now", NOW)
    assert "content/posts/2026-10-06-bad.md:4" in done.stderr and "    4 | chapter: nowhere" in done.stderr
    assert re.search(r"^ +\| *\^$", done.stderr, re.MULTILINE)
    assert 'Did you mean "category"?' in done.stderr
    assert "\x1b" not in done.stderr + done.stdout and "\r" not in done.stderr
    assert "Traceback" not in done.stderr


def test_annotations_with_ci(broken: Path) -> None:
    """In GitHub Actions and Azure each problem is printed as an annotation too; elsewhere it is not."""
    done = call("build", "--site", broken, "--now", NOW, CI="true", GITHUB_ACTIONS="true")
    assert re.search(r"^::error file=content/posts/2026-10-06-bad\.md,line=4,col=\d+::.*nowhere", done.stderr, re.MULTILINE)
    assert re.search(r"^::warning file=content/posts/2026-10-06-bad\.md,line=3,col=\d+::", done.stderr, re.MULTILINE)
    done = call("build", "--site", broken, "--now", NOW, CI="true", TF_BUILD="True")
    assert "##vso[task.logissue type=error;sourcepath=content/posts/2026-10-06-bad.md;linenumber=4" in done.stderr
    for environment in ({}, {"CI": "true"}):
        done = call("build", "--site", broken, "--now", NOW, **environment)
        assert "::error" not in done.stderr and "##vso" not in done.stderr


def test_annotations_cannot_be_forged(site: Path) -> None:
    """What a contributor writes cannot begin a workflow command of its own."""
    write_site(
        site,
        {"content/posts/2026-10-06-bad.md": '---\ntitle: Bad\n"::error file=x::\\n::stop-commands::t": x\nchapter: "a\\n::set-env name=X::y"\n---\n'},
    )
    done = call("build", "--site", site, "--now", NOW, GITHUB_ACTIONS="true")
    for line in (done.stdout + done.stderr).splitlines():
        assert not line.startswith("::") or re.match(r"::(error|warning|notice) (file=content/posts|file=iopsgen)", line), line


def on_a_terminal(*words: str | Path, **environment: str) -> str:
    """What a call prints where standard output and standard error are a terminal."""
    master, slave = pty.openpty()
    env = {**PLAIN, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **environment}
    child = subprocess.Popen([sys.executable, "-m", "iopsgen", *map(str, words)], stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    found = b""
    try:
        while data := os.read(master, 65536):
            found += data
    except OSError:  # Linux: the other side is closed
        pass
    child.wait(timeout=60)
    os.close(master)
    return found.decode()


def test_progress_and_colour_on_a_terminal_only(broken: Path) -> None:
    """On a terminal there is progress and colour; NO_COLOR and TERM=dumb take the colour away."""
    shown = on_a_terminal("build", "--site", broken, "--now", NOW)
    assert "Reading …" in shown and "\x1b[31m" in shown
    assert "\x1b[31m" not in on_a_terminal("build", "--site", broken, "--now", NOW, NO_COLOR="1")
    assert "\x1b[31m" not in on_a_terminal("build", "--site", broken, "--now", NOW, TERM="dumb")


def test_json_on_a_terminal_has_no_progress(site: Path) -> None:
    """Even on a terminal `--json` prints the object alone."""
    json.loads(on_a_terminal("build", "--json", "--site", site, "--now", NOW))


def test_hidden_things_are_counted(site: Path) -> None:
    """Drafts and scheduled texts are named at the end."""
    write_site(
        site,
        {
            "content/posts/2026-10-06-a.md": "---\ntitle: A\ndraft: true\n---\n",
            "content/posts/2026-10-06-b.md": "---\ntitle: B\npublish: 2027-01-01\n---\n",
        },
    )
    done = call("build", "--site", site, "--now", NOW)
    assert "Not published now: 1 draft, 1 scheduled text." in done.stdout
    done = call("build", "--drafts", "--site", site, "--now", NOW)
    assert "Not published now" not in done.stdout and (site / "output/posts/b/index.html").exists()


def test_explain_and_dry_run(site: Path) -> None:
    """`--dry-run` lists what would be written and writes nothing; `--explain PATH` says why one output is made."""
    done = call("build", "--dry-run", "--site", site, "--now", NOW)
    assert "write  posts/welcome/index.html: it is new" in done.stdout and done.stdout.splitlines()[-1].startswith(
        ("Would build", "The site changes")
    )
    assert not (site / "output").exists() or not tree(site / "output")
    assert call("build", "--site", site, "--now", NOW).returncode == 0
    write_site(site, {"content/posts/2026-10-05-welcome.md": POST.replace("Hello", "Good day")})
    done = call("build", "--explain", "posts/welcome/", "--site", site, "--now", NOW)
    assert done.stdout.splitlines()[0] == "write  posts/welcome/index.html: what it shows changed"
    done = call("build", "--explain", "/posts/welcome/", "--site", site, "--now", NOW)
    assert done.stdout.splitlines()[0].startswith("keep   /posts/welcome/")
    write_site(site, {"content/posts/2026-10-05-welcome.md": None})
    assert "remove posts/welcome/index.html" in call("build", "--dry-run", "--site", site, "--now", NOW).stdout


def test_settings_of_the_environment_and_of_the_command_line(site: Path) -> None:
    """IOPSGEN_SITE_URL and --set override the settings; --set wins."""
    call("build", "--site", site, "--now", NOW, IOPSGEN_SITE_URL="https://one.example/")
    assert "https://one.example/posts/welcome/" in (site / "output/sitemap.xml").read_text()
    call("build", "--site", site, "--now", NOW, "--set", "site.url=https://two.example/x", IOPSGEN_SITE_URL="https://one.example/")
    assert "https://two.example/x/posts/welcome/" in (site / "output/sitemap.xml").read_text()


def test_the_site_is_found_upwards(site: Path) -> None:
    """Without --site the nearest folder upwards with an iopsgen.yml is the site."""
    assert call("build", "--now", NOW, cwd=site / "content" / "posts").returncode == 0
    assert (site / "output/index.html").exists()


# --- help and unknown words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_of_each_command(command: str) -> None:
    """`--help` says in full what a command does; its first line is the one of the list."""
    shown = invoke(command, "--help")
    assert shown.exit_code == 0 and f"Usage: iopsgen {command}" in shown.output
    assert COMMANDS[command][1] in invoke("--help").output
    for line in shown.output.splitlines():
        assert not re.match(r"^  --?[\w-]+( [A-Z]+)?$", line), f"{command}: {line.strip()} has no words"


def test_unknown_commands_and_options(site: Path) -> None:
    """What is not understood is named, with the nearest word that is."""
    done = call("biuld")
    assert done.returncode == 2 and 'There is no command "biuld". Did you mean "build"?' in done.stderr
    assert "iopsgen --help" in call("zzz").stderr
    done = call("build", "--keep-gong", "--site", site)
    assert done.returncode == 2 and "--keep-going" in done.stderr
    assert call("--help").returncode == 0


def test_version() -> None:
    """`version` and `--version` print the version."""
    for word in ("version", "--version"):
        done = call(word)
        assert (done.returncode, done.stdout) == (0, f"iopsgen {__version__}\n"), word


def test_help_imports_next_to_nothing() -> None:
    """`iopsgen --help` is quick: it loads neither templates nor parsers."""
    words = "import sys, iopsgen.cli as c\ntry:\n c.iopsgen(['--help'])\nexcept SystemExit: pass\nprint(sorted({m.split('.')[0] for m in sys.modules} & {'jinja2', 'markdown', 'babel', 'lxml', 'PIL', 'msgspec', 'yaml', 'feedgen'}))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, env={**PLAIN, "PYTHONPATH": str(ROOT)}, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, tmp_path: Path) -> None:
    """The script is printed for each shell; bash reads it and completes a command."""
    done = call("completion", shell)
    assert done.returncode == 0 and "_IOPSGEN_COMPLETE" in done.stdout and done.stderr == ""
    if shell == "bash":
        program("bash", "apt-get install bash")
        script = tmp_path / "completion.sh"
        script.write_text(done.stdout)
        subprocess.run(["bash", "-n", str(script)], check=True)
    answer = call(_IOPSGEN_COMPLETE=f"{shell}_complete", COMP_WORDS="iopsgen bu", COMP_CWORD="1" if shell != "fish" else "bu")
    assert "build" in answer.stdout


def test_completion_of_an_unknown_shell() -> None:
    """A shell that has no completion is named."""
    assert call("completion", "tcsh").returncode == 2
    assert call("completion", SHELL="/bin/tcsh").returncode == 2


# --- starting ------------------------------------------------------------------------------------------------------


def test_check_refuses_to_let_an_address_vanish(site: Path) -> None:
    """A text that was published and is deleted: `build` warns, `check` fails, and says how to settle it."""
    assert call("build", "--site", site).returncode == 0
    source = next((site / "content" / "posts").rglob("*.md"))
    source.unlink()
    built, checked = call("build", "--site", site), call("check", "--site", site)
    assert built.returncode == 0 and "would vanish" in built.stdout + built.stderr
    assert checked.returncode == 1 and "would vanish" in checked.stdout + checked.stderr and "gone" in checked.stdout + checked.stderr


def test_init_new_build(tmp_path: Path) -> None:
    """In an empty folder `init`, `new` of each kind and `build` work without another word, and nothing has to be mended."""
    folder = tmp_path / "my-group"
    assert call("init", folder).returncode == 0
    for words in (
        ["new", "post", "Our first", "post"],
        ["new", "event", "A walk: by the river"],
        ["new", "page", "How to find us"],
        ["new", "chapter", "Hill side"],
    ):
        done = call(*words, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert (folder / done.stdout.strip()).is_file()
    assert call("new", "post", "Of the hill", "--chapter", "hill-side", "--author", "Ann", cwd=folder).returncode == 0
    done = call("build", "--json", "--drafts", cwd=folder)
    value = json.loads(done.stdout)
    assert done.returncode == 0 and value["problems"] == [], value["problems"]
    for path in (
        "index.html",
        "posts/our-first-post/index.html",
        "events/a-walk-by-the-river/event.ics",
        "how-to-find-us/index.html",
        "chapters/hill-side/feed.xml",
    ):
        assert (folder / "output" / path).is_file(), path


def test_init_takes_what_is_said(tmp_path: Path) -> None:
    """Options of `init` become the settings, whatever they hold; wrong ones are refused before anything is written."""
    folder = tmp_path / "x"
    done = call(
        "init",
        folder,
        "--title",
        'Ann\'s "group": #1 {x}',
        "--url",
        "https://example.org/a",
        "--language",
        "es",
        "--timezone",
        "America/Argentina/Cordoba",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(call("build", "--json", "--site", folder).stdout)["problems"] == []
    assert "America/Argentina/Cordoba" in (folder / "iopsgen.yml").read_text("utf-8")
    for option, value in (("--url", "nonsense"), ("--language", "klingonish"), ("--timezone", "Mars/Olympus")):
        done = call("init", tmp_path / "y", option, value)
        assert done.returncode == 2 and option in done.stderr and not (tmp_path / "y").exists()


def test_init_overwrites_nothing(tmp_path: Path, site: Path) -> None:
    """`init` refuses a folder that has a site, and keeps what is in one that has not."""
    before = tree(site)
    assert call("init", site).returncode == 2 and tree(site) == before
    write_site(tmp_path / "z", {"content/pages/about.md": "mine"})
    (tmp_path / "z" / "iopsgen.yml").unlink()
    assert call("init", tmp_path / "z").returncode == 0
    assert (tmp_path / "z/content/pages/about.md").read_text() == "mine"


def test_new_refuses_what_it_cannot_make(site: Path) -> None:
    """Unknown kinds and chapters are named with what was meant; a file is never overwritten."""
    done = call("new", "pots", "X", "--site", site)
    assert done.returncode == 2 and 'Did you mean "post"?' in done.stderr
    done = call("new", "post", "X", "--chapter", "nowhere", "--site", site)
    assert done.returncode == 2 and "nowhere" in done.stderr
    assert call("new", "page", "About us", "--site", site).returncode == 0
    assert call("new", "page", "About us", "--site", site).returncode == 2
    for title in ("../../escape", "///", "日本", "  ", "con"):
        done = call("new", "page", title, "--site", site)
        assert done.returncode in (0, 2), title
        if done.returncode == 0:
            assert (site / done.stdout.strip() if not done.stdout.startswith("..") else Path(done.stdout.strip())).resolve().is_relative_to(site), (
                title
            )


def test_clean(site: Path) -> None:
    """`clean` removes the cache and nothing else; the next build changes no file."""
    call("build", "--site", site, "--now", NOW)
    before = tree(site / "output")
    kept = site / ".iopsgen/pictures/kept"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(b"x")
    assert call("clean", "--site", site).returncode == 0
    assert not (site / ".iopsgen/cache.sqlite").exists() and not kept.exists() and tree(site / "output") == before
    assert json.loads(call("build", "--json", "--site", site, "--now", NOW).stdout)["written"] == 0


def test_comments(site: Path) -> None:
    """`comments` tells what became of each line of the inbox, in words and as JSON, and publishes nothing."""
    line = '{"id": "c1", "page": "welcome", "received": "2026-10-06T10:00:00Z", "name": "Ada", "body": "Hello"}\n'
    write_site(site, {"comments/inbox.jsonl": line + "\nnot json\n" + line.replace("c1", "c2").replace('"welcome"', '"nowhere"')})
    report = call("comments", "--site", site)
    assert report.returncode == 0 and "4 lines = 1 blank + 1 malformed + 2 records" in report.stdout and "/posts/welcome/: 1 comment" in report.stdout
    value = json.loads(call("comments", "report", "--json", "--site", site).stdout)
    assert value["adds_up"] is True and (value["published"], value["quarantined"]) == (1, 1)
    listed = call("comments", "report", "--lines", "--site", site).stdout.splitlines()
    assert sum(line.startswith("comments/inbox.jsonl:") for line in listed) == 4 and "comments/inbox.jsonl:1: published" in listed
    assert not (site / "output").exists()


# --- schema --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["post", "event", "chapter", "page", "person", "venue", "settings"])
def test_schema_is_json_schema(kind: str) -> None:
    """Each kind has a schema: an object with properties; where an unknown key is an error, nothing else is allowed."""
    value = json.loads(invoke("schema", kind).output)
    assert value["$schema"] == "https://json-schema.org/draft/2020-12/schema" and value["type"] == "object"
    assert (value["additionalProperties"] is False) == (kind == "settings") and len(value["properties"]) > 3
    assert kind != "post" or {"title", "date", "authors", "extra"} <= set(value["properties"])


def test_schema_of_an_unknown_kind() -> None:
    """An unknown kind is wrong usage."""
    assert invoke("schema", "nothing").exit_code == 2
    assert set(RECORDS) == {"posts", "events", "chapters", "pages"}


class Core(yaml.SafeLoader):
    """YAML as editors read it: the core schema of YAML 1.2, where a date and `17:00` are texts."""


Core.yaml_implicit_resolvers = {}
for kind, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), list(first))


def load(text: str) -> dict[str, object]:
    """A YAML map as an editor reads it; the keys of a map are texts, as in JSON."""
    value = json.loads(json.dumps(yaml.load(text, Core)))
    assert isinstance(value, dict)
    return value


def faults(schema: dict[str, object], value: object, at: str = "") -> list[str]:
    """What a JSON Schema (the words that iopsgen uses of draft 2020-12) refuses in a value."""
    found: list[str] = []
    for key in set(schema) & {"anyOf", "oneOf"}:
        options = schema[key]
        assert isinstance(options, list)
        tried = [faults(option, value, at) for option in options]
        passed = sum(not t for t in tried)
        found += [] if passed and (key == "anyOf" or passed == 1) else [f"{at}: none of {key} ({min(tried, key=len)})"]
    names = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    kinds = schema.get("type")
    if kinds is not None:
        kinds = [kinds] if isinstance(kinds, str) else kinds
        assert isinstance(kinds, list)
        if not any(isinstance(value, names[k]) and not (isinstance(value, bool) and k in ("integer", "number")) for k in kinds):  # type: ignore[arg-type]
            return [*found, f"{at}: {type(value).__name__} is not {kinds}"]
    if "enum" in schema and value not in schema["enum"]:  # type: ignore[operator]
        found.append(f"{at}: {value!r} is not one of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']!r}")
    if "pattern" in schema and isinstance(value, str) and not re.search(str(schema["pattern"]), value):
        found.append(f"{at}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        more = schema.get("additionalProperties", True)
        assert isinstance(known, dict)
        for name, one in value.items():
            if name in known:
                found += faults(known[name], one, f"{at}.{name}")
            elif more is False:
                found.append(f"{at}: {name} is not known")
            elif isinstance(more, dict):
                found += faults(more, one, f"{at}.{name}")
        required = schema.get("required", [])
        assert isinstance(required, list)
        found += [f"{at}: {name} is missing" for name in required if name not in value]
    if isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        for n, one in enumerate(value):
            found += faults(items, one, f"{at}[{n}]")
    return found


def test_the_demonstration_is_in_shape(tmp_path: Path) -> None:
    """Every file of the demonstration, read as editors read YAML, is accepted by the schema of its kind."""
    site = copy_demonstration(tmp_path)
    schemas = {kind: json.loads(invoke("schema", kind).output) for kind in ("post", "event", "chapter", "page", "person", "venue", "settings")}
    wrong: list[str] = []
    seen = 0
    for name, kind in (("posts", "post"), ("events", "event"), ("chapters", "chapter"), ("pages", "page")):
        for path in sorted((site / "content" / name).rglob("*.md")):
            value = load(path.read_text("utf-8").split("---\n")[1])
            wrong += [f"{path.name}{fault}" for fault in faults(schemas[kind], value)]
            seen += 1
    for name, kind in (("people", "person"), ("venues", "venue")):
        for key, one in load((site / "content" / f"{name}.yml").read_text("utf-8")).items():
            wrong += [f"{name}.yml {key}{fault}" for fault in faults(schemas[kind], one)]
    wrong += [f"iopsgen.yml{fault}" for fault in faults(schemas["settings"], load((site / "iopsgen.yml").read_text("utf-8")))]
    assert seen > 90 and wrong == []


def test_a_schema_refuses_too() -> None:
    """A status that does not exist, a title that is a list and a misspelt setting do not pass."""
    schema = json.loads(invoke("schema", "event").output)
    assert faults(schema, {"title": "X", "start": "2026-01-01"}) == []
    assert faults(schema, {"title": "X", "start": "2026-01-01", "status": "off"})
    assert faults(schema, {"title": ["X"], "start": "2026-01-01"})
    settings = json.loads(invoke("schema", "settings").output)
    assert faults(settings, {"site": {"title": "X", "url": "https://example.org/"}}) == []
    assert faults(settings, {"site": {"titel": "X", "url": "https://example.org/"}})
