"""What a foreign HTML parser (html5lib) finds in HTML: its structure, and whatever could run a program."""

import re
from xml.etree import ElementTree

import html5lib  # type: ignore[import-untyped,unused-ignore]

SAFE_SCHEMES = frozenset("http https mailto tel sms webcal xmpp matrix geo ftp irc ircs sip".split())
_RUNS = frozenset("script style object embed applet base meta link frame frameset form svg math template iframe noscript".split())
_ADDRESSES = frozenset("href src action formaction poster data background cite longdesc xlink:href srcset ping".split())
Shape = list[object]


def parse(html: str) -> ElementTree.Element:
    """The tree that a browser makes of a fragment."""
    tree: ElementTree.Element = html5lib.parseFragment(html, container="div", treebuilder="etree", namespaceHTMLElements=False)
    return tree


def shape(html: str) -> Shape:
    """Elements and words as nested lists, without spaces between them: `[("ul", [("li", ["a"])])]`."""
    return _shape(parse(html))


def _shape(element: ElementTree.Element) -> Shape:
    found: Shape = []

    def say(text: str | None) -> None:
        words = " ".join((text or "").split())
        if words:
            found.append(words)

    say(element.text)
    for child in element:
        if isinstance(child.tag, str):
            found.append((child.tag, _shape(child)))
        say(child.tail)
    return found


def words(html: str) -> str:
    """The text of a fragment, every run of spaces one."""
    return " ".join("".join(parse(html).itertext()).split())


def dangers(html: str) -> list[str]:
    """What could run a program, or changes more than the place where it stands: elements, event handlers, addresses."""
    found: list[str] = []
    for element in parse(html).iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.rpartition("}")[2].lower()
        if name in _RUNS:
            found.append(f"<{name}>")
        for key, value in element.attrib.items():
            attribute = (key if isinstance(key, str) else str(key)).rpartition("}")[2].lower()
            if attribute.startswith("on") or attribute in ("style", "srcdoc"):
                found.append(f"{name} {attribute}")
            if attribute in _ADDRESSES:
                found += [f"{name} {attribute}={value}" for scheme in _schemes(value) if scheme not in SAFE_SCHEMES]
    return found


def _schemes(value: str) -> list[str]:
    """The scheme that a browser sees: without control characters, tabs and line ends (URL standard, 4.4)."""
    address = re.sub(r"[\t\r\n]", "", value.strip("".join(map(chr, range(33))))).lower()
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
    return [scheme[1]] if scheme else []
