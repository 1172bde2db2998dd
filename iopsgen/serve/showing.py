"""One state of the site, ready to be looked at: which output answers an address, and what each output is made from."""

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import quote, unquote

from iopsgen.model import Asset, Item, Site
from iopsgen.outputs.make import Workshop
from iopsgen.pictures.versions import Version
from iopsgen.plan import Output, fingerprint
from iopsgen.settings import Settings
from iopsgen.slugs import file_of

_SAFE = "/:@!$&'()*+,;=-._~"


class Showing:
    """A planned site with the workshop that makes its outputs. Never changed: another state is another Showing."""

    def __init__(self, settings: Settings, site: Site, outputs: Mapping[str, Output], workshop: Workshop) -> None:
        """`outputs` by path."""
        self.settings, self.site, self.outputs, self.workshop = settings, site, outputs, workshop
        self.root = unquote(settings.site.root)
        self._marks: dict[str, str] = {}

    def again(self, outputs: Mapping[str, Output], workshop: Workshop | None) -> "Showing":
        """The same state with other `outputs` in the place of some, and perhaps another workshop."""
        found = Showing(self.settings, self.site, {**self.outputs, **outputs}, workshop or self.workshop)
        if workshop is None:
            found._marks = {path: mark for path, mark in self._marks.items() if path not in outputs}
        return found

    def mark(self, path: str) -> str:
        """The fingerprint of an output: while it is the same, so are the bytes."""
        found = self._marks.get(path)
        if found is None:
            output = self.outputs[path]
            view = output.view
            found = self._marks[path] = view.digest if isinstance(view, Asset) else fingerprint(output, self.workshop.maker(output))
        return found

    def find(self, address: str) -> str:
        """The path of the output that answers the path of an address, "" where there is none."""
        path = self._below_root(address)
        if path is None:
            return ""
        path = path + "index.html" if not path or path.endswith("/") else path
        return path if path in self.outputs else ""

    def elsewhere(self, address: str) -> str:
        """Where the path of an address leads instead: from `/` to the site, from a folder without its slash to the folder. "" if nowhere."""
        if address in ("/", self.root.removesuffix("/")) and self.root != "/":
            return quote(self.root, safe=_SAFE)
        path = self._below_root(address)
        if path and not path.endswith("/") and f"{path}/index.html" in self.outputs:
            return quote(f"{self.root}{path}/", safe=_SAFE)
        return ""

    def not_found(self, address: str) -> str:
        """The path of the page that says that an address leads nowhere, in the language of the address; "" where there is none."""
        language = (self._below_root(address) or "").partition("/")[0]
        return next((path for path in (f"{language}/404.html", "404.html") if path in self.outputs), "")

    def _below_root(self, address: str) -> str | None:
        try:
            path = unquote(address, errors="strict")
        except UnicodeDecodeError:
            return None
        return path[len(self.root) :] if path.startswith(self.root) else None

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every text that has a page of its own, by the path of that page."""
        return {file_of(item.route): item for item in self.site.items}

    @cached_property
    def copies(self) -> dict[str, str]:
        """Every file that is copied, or made from one picture, by its path, with the digest of the file's bytes."""
        return {path: output.view.digest for path, output in self.outputs.items() if isinstance(output.view, Asset | Version)}
