"""How the pictures of a site are published: each without what its file tells, and smaller versions of those that pages show."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec.structs import replace

from iopsgen.assemble.links import quoted
from iopsgen.model import Asset, Image, Site, Target
from iopsgen.pictures.kinds import SHOWN, kind_by_name
from iopsgen.pictures.look import Look
from iopsgen.pictures.versions import ENDINGS, LARGEST, TYPES, Version
from iopsgen.plan import Output
from iopsgen.problems import Place, Problem, warning
from iopsgen.settings import Settings
from iopsgen.slugs import fault_of_route, file_of, fold
from iopsgen.views import Picture, Source

SMALL = 24_000  # bytes: what a page can well do without smaller versions of
_NEAR = 0.87  # a version hardly smaller than the next one is not worth having
_STILL = frozenset(("JPEG", "PNG", "WEBP", "AVIF"))


class Pictures:
    """The pictures among the files of a site. It remembers of which of them a page showed something, and plans versions of these alone."""

    def __init__(self, assets: Iterable[Asset], looks: Mapping[str, Look], settings: Settings) -> None:
        """`assets` are all files that are copied, with their routes; `looks` is what is known of the pictures among them, by digest."""
        self._assets = {asset.route: asset for asset in assets}
        self._looks, self._settings, self._trust = looks, settings.pictures, settings.markdown.trust
        self._root = settings.site.root
        self._base = settings.site.url[: len(settings.site.url) - len(self._root)]
        self._shown: dict[str, Picture | None] = {}
        self._elsewhere: dict[str, Picture] = {}  # by url, for feeds
        self._versions: dict[str, Output] = {}

    # --- on pages --------------------------------------------------------------------------------------------------

    def at(self, route: str) -> Picture | None:
        """The picture with this route, without words; None where it is not published."""
        if route not in self._shown:
            self._shown[route] = self._show(route)
        return self._shown[route]

    def among(self, targets: Iterable[Target], urls: Iterable[str], absolute: bool = False) -> tuple[Picture | None, ...]:
        """For each address of a text the picture that it leads to; nothing for a text without pictures. `absolute`: for a feed."""
        found = [self._at_url(url) if target.attribute == "src" else None for target, url in zip(targets, urls, strict=True)]
        if not any(found):
            return ()
        return tuple(self._absolute(picture) if picture and absolute else picture for picture in found)

    def _at_url(self, url: str) -> Picture | None:
        route = self._routes.get(url)
        return self.at(route) if route else None

    @cached_property
    def _routes(self) -> dict[str, str]:
        return {self._url(route): route for route, asset in self._assets.items() if asset.digest in self._looks}

    def _absolute(self, picture: Picture) -> Picture:
        found = self._elsewhere.get(picture.url)
        if found is None:
            sources = tuple(replace(source, srcset=self._absolute_set(source.srcset)) for source in picture.sources)
            found = replace(picture, url=picture.address, srcset=self._absolute_set(picture.srcset), sources=sources)
            self._elsewhere[picture.url] = found
        return found

    def _absolute_set(self, srcset: str) -> str:
        return ", ".join(self._base + candidate for candidate in srcset.split(", ")) if srcset else ""

    def _url(self, route: str) -> str:
        return self._root + quoted(route[1:])

    def _show(self, route: str) -> Picture | None:
        """The picture in all its versions, which are planned thereby."""
        asset = self._assets.get(route)
        look = self._looks.get(asset.digest) if asset is not None else None
        url = self._url(route)
        if asset is None or look is None:
            return Picture(url=url, address=self._base + url, size=asset.size if asset else 0)
        if self._is_left_out(look):
            return None
        size = asset.size if not self._settings.strip else 0 if _is_turned(look) else look.size
        whole = Picture(url=url, address=self._base + url, width=look.width, height=look.height, type=look.type, size=size)
        if look.kind not in _STILL or look.moving or look.fault or asset.size < SMALL or not self._settings.widths:
            return whole
        return self._in_versions(whole, asset, look)

    def _in_versions(self, whole: Picture, asset: Asset, look: Look) -> Picture:
        sets = [(TYPES[name], found) for name in self._settings.formats if (found := ", ".join(self._candidates(asset, look, name)))]
        if not sets:
            return whole
        largest = max(self._settings.widths)
        if look.kind == "JPEG" and look.width > largest and (route := self._plan(asset, look, "jpeg", largest)):
            url = self._url(route)
            height = _height(look, largest)
            whole = replace(whole, url=url, address=self._base + url, width=largest, height=height, size=0)
        sources = tuple(Source(type=kind, srcset=found) for kind, found in sets[:-1])
        return replace(whole, srcset=sets[-1][1], sources=sources)

    def _candidates(self, asset: Asset, look: Look, name: str) -> Iterator[str]:
        """The candidates of a `srcset`: no two nearly the same, none larger than the picture."""
        top = min(look.width, max(self._settings.widths))
        for width in (*sorted(w for w in set(self._settings.widths) if w < top * _NEAR), top):
            whole = width == look.width and look.type == TYPES[name]
            route = asset.route if whole else self._plan(asset, look, name, width)
            if route:
                yield f"{self._url(route)} {width}w"

    def _plan(self, asset: Asset, look: Look, name: str, width: int) -> str:
        """The route of a version, "" where it cannot be made or a file of that name stands there already."""
        route = f"{asset.route}.{width}{ENDINGS[name]}"
        height = _height(look, width)
        if max(width, height) > LARGEST[name] or fold(file_of(route)) in self._taken or fault_of_route(route):
            return ""
        version = Version(
            source=asset.source,
            digest=asset.digest,
            kind=look.kind,
            orientation=look.orientation,
            format=name,
            width=width,
            height=height,
            quality=self._settings.quality,
        )
        self._versions[route] = _output(asset, route, version)
        return route

    @cached_property
    def _taken(self) -> frozenset[str]:
        return frozenset(fold(file_of(route)) for route in self._assets)

    # --- in the plan -----------------------------------------------------------------------------------------------

    def versions(self) -> tuple[Output, ...]:
        """The versions that pages asked for so far."""
        return tuple(self._versions.values())

    def file(self, asset: Asset) -> Output | None:
        """How a file is published: as it is, or a picture without what its file tells; None for one that must not be."""
        look = self._looks.get(asset.digest) if not asset.root else None  # those of a theme are its author's
        if look is not None and self._is_left_out(look):
            return None
        if look is None or look.clean or not self._settings.strip:
            return Output(route=asset.route, maker="copy", view=asset, place=Place(asset.source) if not asset.root else None, title=asset.source)
        version = Version(source=asset.source, digest=asset.digest, kind=look.kind, orientation=look.orientation)
        return _output(asset, asset.route, version)

    def _is_left_out(self, look: Look) -> bool:
        """Whether nobody can say what a file tells besides the picture."""
        return self._settings.strip and (look.fault in ("none", "long", "broken") or (bool(look.kind) and look.kind not in SHOWN))

    def problems(self) -> tuple[list[Problem], list[Problem]]:
        """What is wrong with the pictures; and scripts in drawings of folders that are trusted with scripts, for those who ask."""
        found: list[Problem] = []
        asked: list[Problem] = []
        for asset in self._assets.values():
            look = self._looks.get(asset.digest)
            said = _what_is_wrong(asset, look, self._is_left_out(look), self._settings.strip) if look is not None else None
            if said is not None:
                found.append(warning(said[0], Place(asset.source), said[1]))
            elif look is not None and look.active:
                trusted = not asset.source.startswith("content/") or self._trust(asset.source) == "trusted"
                (asked if trusted else found).append(warning(_ACTIVE[0], Place(asset.source), _ACTIVE[1]))
        return found, asked


def _output(asset: Asset, route: str, version: Version) -> Output:
    return Output(route=route, maker="picture", view=version, place=Place(asset.source), title=asset.source)


def _is_turned(look: Look) -> bool:
    """Whether its file is encoded again, so that nobody knows its size beforehand."""
    return look.orientation != 1 and look.kind != "AVIF"


def _height(look: Look, width: int) -> int:
    return max(1, round(look.height * width / look.width))


# --- messages ------------------------------------------------------------------------------------------------------------

_AGAIN = "Copy it once more from where it comes from."
_INSTEAD = {
    "HEIC": "Save it as JPEG. On an iPhone: Settings, Camera, Formats, Most Compatible; or send it to yourself by mail, which makes it a JPEG.",
    "RAW": "Develop it with the program of the camera, and save it as JPEG.",
}
_FAULTS = {
    "none": ("This is no picture, whatever its name says", "Look into the file: it may be a web page that was saved instead, or a note of Git LFS (`git lfs pull` fetches the picture)."),
    "long": ("This picture is over 256 MiB long", "Make it smaller: 3000 pixels from side to side are plenty."),
    "broken": ("This picture is damaged", _AGAIN),
    "damaged": ("This picture is damaged", _AGAIN),
    "cut": ("This picture breaks off: its end is missing", _AGAIN),
    "huge": ("This picture has more pixels than anybody can see", "Make it smaller: 3000 pixels from side to side are plenty."),
}


_SPOILT = ("This picture is damaged: a part of it cannot be shown.", _AGAIN)
_ACTIVE = (
    "This drawing holds scripts, which run when somebody opens it by itself.",
    "Save it as plain SVG from a drawing program, or as PNG.",
)


def _what_is_wrong(asset: Asset, look: Look, left_out: bool, strip: bool) -> tuple[str, str] | None:
    """What to say of a picture, and what to do about it; None where all is well, but for scripts."""
    promised = kind_by_name(asset.source)
    if look.fault:
        message, hint = _FAULTS[look.fault]
        then = ", so it is left out" if left_out else ", so no smaller versions of it are made" if look.fault == "huge" else ""
        return f"{message}{then}.", hint
    if not look.type:
        then = ", so it is left out" if left_out else ""
        kind = promised if promised == "RAW" else look.kind
        return f"This is a {kind} file, which browsers do not show{then}.", _INSTEAD.get(kind, "Save it as JPEG, or as PNG.")
    if look.spoilt:
        return _SPOILT
    if look.kind != promised:
        ending = {"JPEG": ".jpg"}.get(look.kind, f".{look.kind.lower()}")
        return f"This is a {look.kind} picture, though its name says otherwise.", f"Give it a name that ends in {ending}, here and where it is shown."
    if look.position and not strip:
        return "This photograph tells where it was taken.", "Take the position out, or do not set pictures.strip to false."
    return None


def say_spoilt(source: str) -> Problem:
    """What to say of a picture that could not be decoded."""
    return warning(_SPOILT[0], Place(source), _SPOILT[1])


def undescribed(site: Site) -> list[Problem]:
    """A warning for each picture of front matter that says neither what it shows nor that it only decorates."""
    hint = "Add `image_alt` with what it shows; or, if it only decorates, write `image: {src: …, decorative: true}`."
    places: list[Place] = []
    for item in site.items:
        if _is_undescribed(item.fields.image):
            places.append(Place(*item.fields.where("image", "image_alt")))
    places += [Place("content/people.yml", person.line) for person in site.people.values() if _is_undescribed(person.image)]
    return [warning("A picture has no description for people who cannot see it.", place, hint) for place in dict.fromkeys(places)]


def _is_undescribed(image: Image | None) -> bool:
    return image is not None and bool(image.src) and not image.alt and not image.decorative
