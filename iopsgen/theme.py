"""The look of a site as one frozen value: the templates, texts, icons and files of a theme and of the themes it builds on.

A theme is a folder `themes/<name>/` of the site, or one that comes with iopsgen, with `templates/`, `static/`, `icons/`,
`locale/<language>/LC_MESSAGES/messages.po` and `theme.yml`. It may name a `parent:`; the default theme always comes last. Of two
files with the same name the nearest one counts. In a template `{% extends "!base.html" %}` means the base.html of the next theme
below the one that the template lies in, so that a theme can change one block of a template and keep the rest.

Everything that makers need is read here, once, so that a page never mixes two states of a theme.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

import msgspec

from iopsgen import __version__
from iopsgen.problems import Place, Problem, did_you_mean, error, has_errors, warning
from iopsgen.yamltext import Map, Node, Scalar, is_empty, parse, to_plain

DEFAULT = "default"
PACKAGED = Path(__file__).parent / "themes"
MAX_TEXT_BYTES = 1024 * 1024  # of one template, icon or catalogue
MAX_LAYERS = 10
MAX_DEPTH = 12  # folders within folders

_KEYS = ("name", "title", "description", "author", "license", "version", "homepage", "parent", "options")
_BACKUP = re.compile(r"~$|^#.*#$|\.(?:bak|orig|rej|swp|swo|tmp)$|^(?:Thumbs\.db|desktop\.ini)$", re.IGNORECASE)

# Where a template names others. Whatever is not one name in quotes counts as "any template of the theme", so that this can find
# too much, never too little; it spares the start of Jinja where nothing is rendered.
_USE = re.compile(r"{%[-+]?\s*(extends|include|import|from)\b")
_NAMED = re.compile(r"""\s*(?:"([^"\\]*)"|'([^'\\]*)')([\w\s,]*)[-+]?""")
_FIRST_WORDS = {"extends": (), "include": ("ignore", "with", "without"), "import": ("as",), "from": ("import",)}
_INCLUDE_WORDS = frozenset({"ignore", "missing", "with", "without", "context"})


class ThemeFile(msgspec.Struct, frozen=True):
    """A file of a theme: its name within its folder, where it lies, and what the user calls it in a message."""

    name: str  # `post.html`, `parts/card.html`
    path: str  # absolute, without links
    shown: str  # `themes/ours/templates/post.html` or `default theme: post.html`
    layer: int  # which theme it comes from: an index of Theme.layers
    text: str = ""  # of templates, icons and catalogues
    digest: str = ""  # of the text's bytes
    uses: tuple[str, ...] | None = ()  # names of templates that it includes, imports or extends; None: it computes a name


class Theme(msgspec.Struct, frozen=True):
    """A theme with the themes below it, nearest first."""

    name: str
    layers: tuple[str, ...]  # absolute folders: the theme, its parents, the default theme last
    options: dict[str, object] = {}  # `options:` of every theme.yml, the nearest one wins
    names: tuple[str, ...] = ()  # of the layers, as a message calls them
    templates: tuple[dict[str, ThemeFile], ...] = ()  # one dict a layer
    icons: dict[str, ThemeFile] = {}  # `calendar` -> icons/calendar.svg
    static: dict[str, ThemeFile] = {}  # `style.css` -> static/style.css
    catalogues: dict[str, tuple[ThemeFile, ...]] = {}  # language -> .po files, nearest first
    icons_digest: str = ""


# --- reading a theme ------------------------------------------------------------------------------------------------


def load_theme(site_dir: Path, name: str) -> tuple[Theme | None, list[Problem]]:
    """Reads the theme `name` of the site, or of iopsgen, with all it builds on. No theme comes with an error."""
    problems: list[Problem] = []
    layers = _find_layers(site_dir, name, problems)
    if not layers:
        return None, problems
    options: dict[str, object] = {}
    for layer in reversed(layers):
        options.update(layer.options)
    readers = [_LayerReader(index, layer, problems) for index, layer in enumerate(layers)]
    icons: dict[str, ThemeFile] = {}
    static: dict[str, ThemeFile] = {}
    catalogues: dict[str, list[ThemeFile]] = {}
    for reader in readers:
        for file in reader.texts("icons", ".svg"):
            icons.setdefault(file.name.removesuffix(".svg"), file)
        for file in reader.files("static"):
            static.setdefault(file.name, file)
        for file in reader.texts("locale", "/LC_MESSAGES/messages.po"):
            language = file.name.split("/")[0].replace("_", "-")
            catalogues.setdefault(language.lower(), []).append(file)
    theme = Theme(
        name=name,
        layers=tuple(layer.folder for layer in layers),
        options=options,
        names=tuple(layer.shown for layer in layers),
        templates=tuple({file.name: file for file in reader.texts("templates")} for reader in readers),
        icons=icons,
        static=static,
        catalogues={language: tuple(files) for language, files in sorted(catalogues.items())},
        icons_digest=_digest(*(part for key in sorted(icons) for part in (key, icons[key].digest))),
    )
    return (None if has_errors(problems) else theme), problems


class _Layer(msgspec.Struct, frozen=True):
    """One theme's folder, found but not yet read."""

    folder: str
    shown: str  # `themes/ours` or `default theme`
    packaged: bool
    parent: str
    options: dict[str, object]

    def show(self, kind: str, name: str) -> str:
        """What the user calls a file of this theme; of a packaged one the part after `templates/` says enough."""
        if not self.packaged:
            return "/".join(filter(None, (self.shown, kind, name)))
        return f"{self.shown}: {name if kind in ('', 'templates') else f'{kind}/{name}'}"


def _find_layers(site_dir: Path, name: str, problems: list[Problem]) -> list[_Layer]:
    """The theme, its parents and the default theme; empty after an error."""
    layers: list[_Layer] = []
    wanted, place = name, Place("iopsgen.yml")
    while True:
        folder = _find_folder(site_dir, wanted, {layer.folder for layer in layers}, place, problems)
        if folder is None:
            return []
        layer = _open_layer(folder, wanted, problems)
        layers.append(layer)
        if layer.packaged and wanted == DEFAULT:
            return layers
        if len(layers) == MAX_LAYERS:
            problems.append(error(f"More than {MAX_LAYERS} themes build on each other.", place, "Keep the chain of parents short."))
            return []
        wanted, place = layer.parent or DEFAULT, Place(layer.show("", "theme.yml"))


def _find_folder(site_dir: Path, name: str, used: set[str], place: Place, problems: list[Problem]) -> Path | None:
    """The folder of a theme: the site's own first, unless it is already among the layers (then the one of iopsgen).

    A name is looked up in a list of folders and never joined to a path, so no name leads anywhere else.
    """
    own, packaged = _folders(site_dir / "themes"), _folders(PACKAGED)
    if name in own:
        folder = site_dir / "themes" / name
        real = os.path.realpath(folder)
        if not _is_inside(real, os.path.realpath(site_dir)):
            problems.append(error(f"themes/{name} is a link that leads out of the site.", place, "Copy the theme's folder into themes/."))
            return None
        if real not in used:
            return folder
    if name in packaged and os.path.realpath(PACKAGED / name) not in used:
        return PACKAGED / name
    if name in own or name in packaged:
        problems.append(error(f'The theme "{name}" builds on itself.', place, "Remove `parent:` or name another theme."))
        return None
    known = sorted(own | packaged)
    hint = " ".join(filter(None, (did_you_mean(name, known), f"There are: {', '.join(known)}.")))
    problems.append(error(f'There is no theme "{name}": a folder themes/{name} does not exist.', place, hint))
    return None


def _folders(path: Path) -> frozenset[str]:
    try:
        with os.scandir(path) as entries:
            return frozenset(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith((".", "_")))
    except OSError:
        return frozenset()


def _open_layer(folder: Path, name: str, problems: list[Problem]) -> _Layer:
    packaged = folder.parent == PACKAGED
    layer = _Layer(os.path.realpath(folder), f"{name} theme" if packaged else f"themes/{name}", packaged, "", {})
    path, shown = os.path.join(layer.folder, "theme.yml"), layer.show("", "theme.yml")
    if not os.path.lexists(path):
        return layer
    text = _read_text(path, shown, problems)
    node, found = parse(text, shown)
    problems.extend(found)
    if node is not None and not isinstance(node, Map):
        problems.append(error("A theme.yml consists of keys and values.", Place(shown, node.line, node.column), "Write for example: parent: default"))
    if not isinstance(node, Map):
        return layer
    return msgspec.structs.replace(layer, parent=_read_parent(node, shown, problems), options=_read_options(node, shown, problems))


def _read_parent(node: Map, shown: str, problems: list[Problem]) -> str:
    for key, _ in node.pairs:
        if key.text not in _KEYS:
            hint = did_you_mean(key.text, _KEYS) or f"Possible keys: {', '.join(_KEYS)}. Settings of the theme's own stand under options:."
            problems.append(warning(f'"{key.text}" means nothing in a theme.yml.', Place(shown, key.line, key.column), hint))
    parent = node.get("parent")
    if parent is None or is_empty(parent):
        return ""
    if isinstance(parent, Scalar):
        return parent.text.strip()
    problems.append(error("A theme has one parent.", Place(shown, parent.line, parent.column), "Write for example: parent: default"))
    return ""


def _read_options(node: Map, shown: str, problems: list[Problem]) -> dict[str, object]:
    options: Node | None = node.get("options")
    if options is None or is_empty(options):
        return {}
    if not isinstance(options, Map):
        problems.append(error("Keys with values are expected under options.", Place(shown, options.line, options.column), "Write for example: accent: teal"))
        return {}
    # An option that is named but empty still exists: a site may fill it in, and a template may ask for it.
    return {key.text: "" if is_empty(value) and isinstance(value, Scalar) else to_plain(value) for key, value in options.pairs}


def choose_options(theme: Theme, chosen: dict[str, object]) -> tuple[dict[str, object], list[Problem]]:
    """The theme's options as a site sets them (`theme_options:`): each keeps the kind of value that the theme gave it."""
    options, place = dict(theme.options), Place("iopsgen.yml")
    problems: list[Problem] = []
    for key, value in chosen.items():
        default = theme.options.get(key)
        if key not in theme.options:
            hint = did_you_mean(key, theme.options) or f"It has: {', '.join(sorted(theme.options)) or 'none'}."
            problems.append(warning(f'The theme "{theme.name}" has no option "{key}".', place, hint))
        elif isinstance(default, bool) and not isinstance(value, bool):
            word = {"yes": True, "on": True, "no": False, "off": False}.get(str(value).lower())
            if word is None:
                problems.append(error(f'The theme option "{key}" is either true or false.', place, f"Write {key}: true or {key}: false."))
            value = default if word is None else word
        elif isinstance(default, int | float) and not isinstance(default, bool) and (isinstance(value, bool) or not isinstance(value, int | float)):
            problems.append(error(f'The theme option "{key}" is a number.', place, f"Write for example: {key}: {default}"))
            value = default
        elif isinstance(default, str) and isinstance(value, bool | int | float):
            value = str(value).lower() if isinstance(value, bool) else str(value)
        elif isinstance(default, str | list | dict) and value is not None and not isinstance(value, type(default)):
            kind = {str: "a text", list: "a list", dict: "keys with values"}[type(default)]
            problems.append(error(f'The theme option "{key}" is {kind}.', place, "Write it as the theme's theme.yml does."))
            value = default
        options[key] = value
    return options, problems


# --- reading its files ----------------------------------------------------------------------------------------------


class _LayerReader:
    """Walks the folders of one layer, by name, and refuses what leads out of it."""

    def __init__(self, index: int, layer: _Layer, problems: list[Problem]) -> None:
        self.index, self.layer, self.problems = index, layer, problems

    def files(self, kind: str) -> Iterator[ThemeFile]:
        """The files below a folder of the theme, without hidden ones and what editors leave behind."""
        root = os.path.join(self.layer.folder, kind)
        # The folder itself may be a link, too. Below its real path only files can be links.
        if os.path.isdir(root) and self._stays_inside(root, kind, ""):
            yield from self._walk(os.path.realpath(root), kind, "", 0)

    def texts(self, kind: str, ending: str = "") -> Iterator[ThemeFile]:
        """The same files, whose names end in `ending`, with their text."""
        for file in self.files(kind):
            if file.name.endswith(ending):
                text = _read_text(file.path, file.shown, self.problems)
                yield msgspec.structs.replace(file, text=text, digest=_digest(text), uses=_uses(text) if kind == "templates" else ())

    def _walk(self, folder: str, kind: str, prefix: str, depth: int) -> Iterator[ThemeFile]:
        if depth > MAX_DEPTH:
            self.problems.append(error(f"Folders lie more than {MAX_DEPTH} levels deep here.", Place(self.layer.show(kind, prefix)), "Move them up."))
            return
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            name = prefix + entry.name
            if entry.name.startswith(".") or _BACKUP.search(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(entry.path, kind, name + "/", depth + 1)
            elif not entry.is_symlink():
                if entry.is_file():
                    yield ThemeFile(name, entry.path, self.layer.show(kind, name), self.index)
            elif not self._stays_inside(entry.path, kind, name):
                continue
            elif entry.is_file():
                yield ThemeFile(name, os.path.realpath(entry.path), self.layer.show(kind, name), self.index)
            elif entry.is_dir():
                place = Place(self.layer.show(kind, name))
                self.problems.append(error("This is a link to a folder, which is not followed.", place, "Put the folder itself here."))

    def _stays_inside(self, path: str, kind: str, name: str) -> bool:
        if _is_inside(os.path.realpath(path), self.layer.folder):
            return True
        place = Place(self.layer.show(kind, name).rstrip("/"))
        self.problems.append(error("This is a link that leads out of the theme.", place, "Put the file itself into the theme."))
        return False


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _read_text(path: str, shown: str, problems: list[Problem]) -> str:
    """The text of a file given by its real path; "" after a problem. Follows no link, never waits for a device or a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError("it is not a file")
            data = file.read(MAX_TEXT_BYTES + 1)
    except OSError as fault:
        problems.append(error(f"This file of the theme cannot be read: {fault.strerror or fault}.", Place(shown), "Check the file and its permissions."))
        return ""
    if len(data) > MAX_TEXT_BYTES:
        problems.append(error(f"This file of the theme is over {MAX_TEXT_BYTES // 1024} KiB long.", Place(shown), "Split it, or move pictures to static/."))
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        problems.append(error("This file of the theme is not UTF-8.", Place(shown, line), "Save it as UTF-8 in your editor."))
        return ""


# --- finding things in it -------------------------------------------------------------------------------------------


def find_template(theme: Theme, name: str, first_layer: int = 0) -> ThemeFile | None:
    """The template that a name stands for, looked for from a layer on. Only names of files that exist lead anywhere."""
    for templates in theme.templates[first_layer:]:
        if name in templates:
            return templates[name]
    return None


def has_template(theme: Theme, name: str) -> bool:
    """Whether a page may ask for this template."""
    return find_template(theme, name) is not None


def template_names(theme: Theme) -> tuple[str, ...]:
    """The names of all templates, sorted."""
    return tuple(sorted({name for layer in theme.templates for name in layer}))


def static_files(theme: Theme) -> dict[str, Path]:
    """The files that are copied, by name: `style.css` -> where it lies, the nearest layer's one. Sorted by name."""
    return {name: Path(theme.static[name].path) for name in sorted(theme.static)}


def catalogues_for(theme: Theme, language: str) -> tuple[ThemeFile, ...]:
    """The catalogues for a language, by weight: the nearest layer first, in it `pt-BR` before `pt`."""
    tag = language.lower().replace("_", "-").split("-")
    tags = ["-".join(tag[:length]) for length in range(len(tag), 0, -1)]
    found = [(file.layer, order, file) for order, key in enumerate(tags) for file in theme.catalogues.get(key, ())]
    return tuple(file for _, _, file in sorted(found, key=lambda item: item[:2]))


# --- fingerprints ---------------------------------------------------------------------------------------------------


def template_digest(theme: Theme, template_name: str) -> str:
    """A digest of the template and of all it may include, extend or import: the bytes of the layers that win."""
    seen: dict[tuple[str, int], str] = {}
    waiting = [(template_name, 0)]
    while waiting:
        name, layer = waiting.pop()
        if (name, layer) in seen:
            continue
        file = find_template(theme, name, layer)
        seen[name, layer] = file.digest if file else ""
        if file is None:
            continue
        if file.uses is None:  # a computed name may be any name, and any layer's
            waiting.extend((other, index) for index, layer_files in enumerate(theme.templates) for other in layer_files)
        else:
            waiting.extend(resolve(other, file) for other in file.uses)
    return _digest(template_name, *(part for (name, layer), digest in sorted(seen.items()) for part in (name, str(layer), digest)))


def resolve(name: str, user: ThemeFile) -> tuple[str, int]:
    """What a template means by a name: the name without `!`, and the layer from which on it is looked for."""
    return (name[1:], user.layer + 1) if name.startswith("!") else (name, 0)


def maker_digest(theme: Theme, template: str, language: str) -> str:
    """A digest of all that turns a view into a page: template, icons, the texts of the language, and the program."""
    texts = [file.digest for file in catalogues_for(theme, language)]
    return _digest(__version__, template_digest(theme, template), theme.icons_digest, language, *texts)


def _uses(text: str) -> tuple[str, ...] | None:
    names: dict[str, None] = {}
    end = 0
    for match in _USE.finditer(text):
        if end < match.end():
            end = text.find("%}", match.end())
        if end < 0:
            break  # never closed: Jinja will refuse it
        name = _named(match[1], text[match.end() : end])
        if name is None:
            return None
        names[name] = None
    return tuple(names)


def _named(keyword: str, argument: str) -> str | None:
    """The template that a statement names, None where it is more than one name in quotes."""
    match = _NAMED.fullmatch(argument)
    if match is None:
        return None
    words = match[3].replace(",", " ").split()
    if words and words[0] not in _FIRST_WORDS[keyword]:
        return None
    if keyword == "include" and not _INCLUDE_WORDS.issuperset(words):
        return None
    return match[1] if match[1] is not None else match[2]


def _digest(*parts: str) -> str:
    return digest_of(parts)


def digest_of(parts: Iterable[str]) -> str:
    """A digest of texts in their order; where one ends and the next begins counts."""
    state = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big") + data)
    return state.hexdigest()
