"""What the receiver answers: a page in the language of whoever wrote, with the words of the theme, or JSON for programs."""

import hashlib
from base64 import b64encode
from html import escape

import msgspec

from iopsgen.plain import printable
from iopsgen.receiver.request import Refused
from iopsgen.texts import Texts, direction_of

Headers = list[tuple[str, str]]

_STYLE = (
    ":root{color-scheme:light dark}body{font:1.125rem/1.6 system-ui,sans-serif;max-inline-size:34rem;margin:12vh auto;padding:0 1.25rem}"
    "h1{font-size:1.75rem;line-height:1.2}textarea{box-sizing:border-box;inline-size:100%;min-block-size:12rem;font:inherit;padding:.6rem}"
    "a{color:LinkText}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def thanks(texts: Texts, title: str, back: str, before: bool) -> tuple[Headers, bytes]:
    """The page that says thank you; `before` where a moderator reads first. `back` is the absolute address of the page."""
    say = texts.gettext
    words = say("It will appear once a moderator has read it.") if before else say("It will appear on the page soon.")
    return _page(texts, title, say("Thank you. Your comment has arrived."), [_paragraph(words)], back)


def refusal(texts: Texts, title: str, back: str, why: Refused, words: str) -> tuple[Headers, bytes]:
    """The page that says why a comment was not taken in, and gives back its `words` so that they are not lost."""
    say = texts.gettext
    parts = [_paragraph(say(why.words))]
    words = printable(words)
    if words.strip():
        label = escape(say("These are your words, so that they are not lost:"))
        parts.append(f'<p><label for="words">{label}</label><textarea id="words" readonly dir="auto">\n{escape(words)}</textarea></p>')
    return _page(texts, title, say("Your comment was not taken in."), parts, back)


def for_programs(value: dict[str, object]) -> tuple[Headers, bytes]:
    """A JSON object."""
    return [("Content-Type", "application/json")], msgspec.json.encode(value) + b"\n"


def _paragraph(words: str) -> str:
    return f"<p>{escape(words)}</p>"


def _page(texts: Texts, title: str, heading: str, parts: list[str], back: str) -> tuple[Headers, bytes]:
    language = texts.language
    link = f'<p><a href="{escape(back)}">{escape(texts.gettext("Back to the page"))}</a></p>' if back else ""
    html = (
        f'<!doctype html>\n<html lang="{escape(language)}" dir="{direction_of(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(heading)} · {escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(heading)}</h1>\n"
        + "\n".join([*parts, link])
        + "\n</main>\n</body>\n</html>\n"
    )
    return [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", _POLICY)], html.encode()
