"""Reads comments that came by mail: an mbox file, a Maildir, or single messages (.eml)."""

import email
import email.policy
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from itertools import chain
from typing import Any, cast
from urllib.parse import urlsplit

from iopsgen.importers.comments.foreign import Choices, Foreign, Found, Passed, Remark
from iopsgen.importers.comments.mailtext import all_words, own_words, unflowed
from iopsgen.importers.comments.moments import read_date
from iopsgen.importers.comments.opening import Source, Unreadable, lines_of, open_stream
from iopsgen.model import Value
from iopsgen.plain import one_line, without_markup
from iopsgen.problems import Place

_MESSAGE = 1024 * 1024  # bytes of a message that are looked at: the text comes before what is attached
_HEADER = 2000  # characters of a header that are looked at
_FROM = re.compile(rb"From \S+ .{0,60}[0-9]{1,2}:[0-9]{2}.{0,60}[0-9]{4}")
_ADDRESS = re.compile(r"(?:page|seite|página|pagina)?\s*:?\s*<?(https?://[^\s<>]+?)>?\.?", re.IGNORECASE)
_PAGE_LINE = re.compile(r"(?:page|x-page)\s*:\s*<?(/[^\s<>]*)>?", re.IGNORECASE)
_QUOTE_STARTS = re.compile(r"<blockquote\b|gmail_quote|moz-cite-prefix|yahoo_quoted", re.IGNORECASE)


class _Bounded(email.policy.EmailPolicy):
    """The policy `default`, but for headers that were made to be slow: of each only the beginning is looked at."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of a header, the value cut."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_HEADER]


_POLICY = _Bounded()


class _Letter(Value, frozen=True, kw_only=True):
    """What is read of a message: headers as texts, the date on which the last server took it in, its words."""

    ident: str
    answers: tuple[str, ...]
    name: str
    subject: str
    page: str
    received: datetime | None
    sent: datetime | None
    automatic: bool
    text: str


def read(source: Source, choices: Choices) -> Iterator[Found]:
    """The messages of a file as comments. Raises Unreadable."""
    flags = source.path.name.rpartition(":2,")[2] if ":2," in source.path.name else ""
    if "T" in flags or "D" in flags:
        yield Passed("drafts, or thrown away", source.place())
        return
    for line, data, whole in _messages(source):
        place = source.place(line)
        if not whole:
            yield Remark(f"long mails, of which the first {_MESSAGE >> 20} MiB were looked at", place)
        letter = _read_letter(data)
        if letter is None:
            yield Passed("damaged", place)
        elif letter.automatic:
            yield Passed("sent by a program", place)
        else:
            yield from _comment(letter, place, source, choices)


# --- messages ----------------------------------------------------------------------------------------------------------


def _messages(source: Source) -> Iterator[tuple[int, bytes, bool]]:
    """The messages of a file: the line where each starts, its first bytes, whether these are all. Raises Unreadable."""
    with open_stream(source) as stream:
        lines = lines_of(stream)
        first = next(lines, (1, b""))
        if first[1] is None or b"\0" in first[1]:
            raise Unreadable("This is no mail.", "Name an mbox file, a Maildir, or files that end in .eml.", 1)
        if first[1].startswith(b"From "):
            yield from _split(chain([first], lines))
            return
        data = (first[1] + stream.read(_MESSAGE))[: _MESSAGE + 1]
        if not re.match(rb"[!-9;-~]{1,100}:", data):
            raise Unreadable("This is no mail: it does not start with headers.", "Name an mbox file, a Maildir, or files that end in .eml.", 1)
        yield 1, data[:_MESSAGE], len(data) <= _MESSAGE


def _split(lines: Iterator[tuple[int, bytes | None]]) -> Iterator[tuple[int, bytes, bool]]:
    """The messages of an mbox: each starts with a line `From … date` behind an empty one; such lines inside begin with `>`."""
    parts: list[bytes] = []
    start, size, blank = 0, 0, True
    for number, line in lines:
        if line is not None and (number == 1 or (blank and _FROM.match(line))):
            if start:
                yield start, b"".join(parts), size <= _MESSAGE
            parts, start, size = [], number, 0
            continue
        if line is not None and re.match(rb">+From ", line):
            line = line[1:]
        size += len(line) if line is not None else _MESSAGE
        if size <= _MESSAGE and line is not None:
            parts.append(line)
        blank = line is not None and not line.strip()
    if start:
        yield start, b"".join(parts), size <= _MESSAGE


def _read_letter(data: bytes) -> _Letter | None:
    """What a message says; None if the standard library cannot make sense of it.

    Its parser and its headers raise whatever comes along when a message is made to be malformed (IndexError, AttributeError,
    RecursionError …), which is why everything is caught here.
    """
    try:
        message = cast(EmailMessage, email.message_from_bytes(data, policy=_POLICY))
        headers = _headers(message)
        text = _text(message)
    except Exception:
        return None
    if text is None:
        return None
    ident = _words(headers, "message-id").strip(" <>")
    return _Letter(
        ident=ident,
        answers=(*_idents(headers, "in-reply-to"), *reversed(_idents(headers, "references"))),
        name=_sender(headers),
        subject=one_line(_words(headers, "subject")),
        page=_words(headers, "x-page") or _words(headers, "x-comment-page"),
        received=_moment(_words(headers, "received").rpartition(";")[2]),
        sent=_moment(_words(headers, "date")),
        automatic=_is_automatic(headers, message),
        text=text,
    )


def _moment(text: str) -> datetime | None:
    return read_date(re.sub(r"\([^()]*\)", "", text), "UTC")


def _headers(message: EmailMessage) -> dict[str, Any]:
    """The first header of each name, parsed."""
    found: dict[str, Any] = {}
    for name, value in message.raw_items():
        key = name.lower()
        if key not in found and len(found) < 200:
            try:
                found[key] = _POLICY.header_fetch_parse(name, str(value))
            except Exception:  # as above
                found[key] = str(value)
    return found


def _words(headers: dict[str, Any], name: str) -> str:
    return " ".join(str(headers.get(name, "")).split())


def _idents(headers: dict[str, Any], name: str) -> list[str]:
    """The ids of messages in a header, at most 30, the last ones."""
    return re.findall(r"<([^<>\s]{1,500})>", _words(headers, name))[-30:]


def _sender(headers: dict[str, Any]) -> str:
    """The name of whoever sent it, without the address; empty if there is only an address."""
    try:
        who = headers["from"].addresses[0]
        name = one_line(str(who.display_name))
        return "" if name.casefold() == str(who.username).casefold() else name
    except (KeyError, IndexError, AttributeError):
        return ""


def _is_automatic(headers: dict[str, Any], message: EmailMessage) -> bool:
    """Whether a program sent it: an answer in somebody's absence, a report of the mail system."""
    submitted = _words(headers, "auto-submitted").lower()
    return submitted not in ("", "no") or message.get_content_type() == "multipart/report" or _words(headers, "precedence").lower() == "auto_reply"


def _text(message: EmailMessage) -> str | None:
    """The words of a message, from its plain text or else from its HTML; None if it has none of both."""
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = part.get_content()
    except (LookupError, UnicodeError, ValueError):  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    if not isinstance(text, str):
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.get_content_type() == "text/html":
        return _from_html(text)
    if str(part.get_param("format", "")).lower() == "flowed":
        return unflowed(text, str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _from_html(html: str) -> str:
    """The words of a mail that is HTML only; what is quoted at its end with `>` before each line, as in a plain text."""
    quote = _QUOTE_STARTS.search(html)
    if quote is None:
        return without_markup(html)
    start = html.rfind("<", 0, quote.start() + 1)
    below = without_markup(html[max(start, 0) :])
    return "\n".join((without_markup(html[: max(start, 0)]), *(f"> {line}" for line in below.split("\n"))))


# --- comments ----------------------------------------------------------------------------------------------------------


def _comment(letter: _Letter, place: Place, source: Source, choices: Choices) -> Iterator[Found]:
    """A message as a comment, and what was taken off it. It waits for a moderator unless something else was decided."""
    page, text = _page_of(letter, choices)
    if choices.keep_quotes:
        text = all_words(text)
    else:
        text, quote, signature = own_words(text)
        if quote:
            yield Remark("quotes of another mail below, cut off", place)
        if signature:
            yield Remark("signatures, cut off", place)
    received = letter.received or letter.sent
    yield Foreign(
        place=place,
        file=source.name,
        id=_digest(letter.ident),
        key=_digest(letter.ident),
        thread=tuple(map(_digest, letter.answers)),
        pages=(page,) if page else (),
        title=letter.subject,
        received=received,
        created=letter.sent if letter.sent != received else None,
        body=text,
        format="text" if not choices.format else choices.format,
        name=letter.name,
        state=choices.status or "pending",
    )


def _page_of(letter: _Letter, choices: Choices) -> tuple[str, str]:
    """The page that a message names, and its text without the line that does: an address of our site on a line of its own, as in the prepared mail."""
    if letter.page:
        return letter.page, letter.text
    lines = letter.text.split("\n")
    for number, line in enumerate(lines):
        words = line.strip() if len(line) < _HEADER else ""
        found = _PAGE_LINE.fullmatch(words) or _ADDRESS.fullmatch(words)
        if found and (found[1].startswith("/") or _host(found[1]) == _host(choices.site)):
            return found[1], "\n".join((*lines[:number], *lines[number + 1 :])).strip("\n")
    return "", letter.text


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _digest(ident: str) -> str:
    """The id of a message without the names of people and machines that it may hold; empty for none."""
    return "" if not ident else hashlib.sha256(ident.encode("utf-8", "surrogatepass")).hexdigest()[:24]
