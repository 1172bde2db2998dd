"""Reads the comments' inbox and the moderators' decisions: every line comes back as a value, whatever stands in it.

The inbox is untrusted and only ever grows; decisions are trusted. Both are JSON Lines. A line ends with `\\n` (a `\\r` before it
belongs to the end) and with nothing else. What cannot be read is a line with a named disposition, never an exception.
"""

import hashlib
import ipaddress
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from iopsgen.model import Value
from iopsgen.plain import one_line, printable, uri
from iopsgen.problems import Place, Problem, did_you_mean, error, warning

BODY_LIMIT = 32 * 1024  # bytes of UTF-8
LINE_LIMIT = 256 * 1024  # bytes: a full body with every character escaped, and room for the rest
NAME_LIMIT = 200  # characters
_PAGE_LIMIT = 2000
_SHOWN = 20  # problems of one kind that are listed one by one

Format = Literal["markdown", "text", "html"]
Sort = Literal["blank", "malformed", "published", "held", "rejected", "spam", "erased", "duplicate", "quarantined"]
ACTIONS = ("approve", "reject", "spam", "hold", "erase", "edit", "redact-name", "move", "close-thread", "trust-author")

_ID = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_MAIL = re.compile(r"(?<![@A-Za-z0-9._%+/-])(?:mailto:)?[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_NUMBERS = re.compile(r"(?<![\w.:])[0-9A-Fa-f:.]*(?:\.[0-9]+\.|:[0-9A-Fa-f]*:)[0-9A-Fa-f:.]*(?![\w:])")
_PRIVATE_KEYS = re.compile(r"e-?mail|(?:^|[^a-z])mail|gravatar|(?:^|[^a-z])ip(?:v?[46])?(?:$|[^a-z])|ip-?addr|remote-?addr", re.IGNORECASE)
_PUBLIC_KEYS = frozenset(("body", "id", "page", "parent", "received", "created"))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WEB = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]|\Z)", re.IGNORECASE)
_EMPTY_BRACKETS = re.compile(r"[<(\[{]\s*[>)\]}]")


# --- values ------------------------------------------------------------------------------------------------------------


class Signals(Value, frozen=True, kw_only=True):
    """What the receiver noticed: a filled honeypot, the milliseconds it took to write, how likely it is spam (0 to 1)."""

    honeypot: bool = False
    elapsed: float | None = None
    score: float | None = None


class Record(Value, frozen=True, kw_only=True):
    """One comment as received, without any e-mail or IP address that came with it.

    `sha256` is the digest of what the commenter wrote (page, parent, name, url, language, format, body) and not of how it
    came in, so that the same comment received twice is the same content.
    """

    id: str
    page: str  # as written
    received: datetime  # aware
    body: str
    format: Format = "markdown"
    parent: str = ""
    name: str = ""  # empty: nameless
    url: str = ""  # absolute http(s), or empty
    language: str = ""
    created: datetime | None = None
    status: Literal["", "approved", "pending", "spam"] = ""  # empty: the receiver decided nothing
    source: str = ""  # the system an importer found it in; empty for what a receiver took
    signals: Signals = Signals()
    file: str = ""
    line: int = 0
    sha256: str = ""


class Disposition(Value, frozen=True, kw_only=True):
    """What became of one line: `sort` is the sum it counts in, `name` the exact case, `reason` a sentence."""

    file: str
    line: int
    sort: Sort
    name: str
    id: str = ""
    reason: str = ""
    page: str = ""  # route of the page it belongs to, if that is known


class InboxFile(Value, frozen=True, kw_only=True):
    """A file of the inbox as it was read: its size in bytes, its lines and the digest of all its bytes."""

    file: str
    size: int
    lines: int
    sha256: str


class Inbox(Value, frozen=True, kw_only=True):
    """All that was read: `lines` = `blank` + `malformed` + number of `records`. `dispositions` are of the first two."""

    records: tuple[Record, ...] = ()
    lines: int = 0
    blank: int = 0
    malformed: int = 0
    private: int = 0  # records that carried an e-mail or IP address
    dispositions: tuple[Disposition, ...] = ()
    files: tuple[InboxFile, ...] = ()


class Decision(Value, frozen=True, kw_only=True):
    """What a moderator decided about a comment (by `id` and the `sha256` of its content), a thread or an author."""

    at: datetime
    action: str
    by: str = ""
    id: str = ""
    sha256: str = ""
    reason: str = ""
    value: str = ""
    file: str = ""
    line: int = 0


class _Unreadable(Exception):
    """Why a line is no record: the name of the case, a sentence, and what to do."""

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.name, self.reason, self.hint = name, reason, hint


class Findings:
    """Problems as they are found; of each kind the first 20 one by one, the rest as one number."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.count: dict[str, int] = {}

    def add(self, kind: str, problem: Problem) -> None:
        """Notes a problem; `kind` names, in the plural, what there may be many of."""
        self.count[kind] = self.count.get(kind, 0) + 1
        if self.count[kind] <= _SHOWN:
            self.problems.append(problem)

    def all(self) -> list[Problem]:
        """The problems, and for each kind that had more than 20 how many were left out."""
        more = [
            warning(f"There are {count - _SHOWN} more {kind}.", None, "`iopsgen comments report --lines` lists every line.")
            for kind, count in self.count.items()
            if count > _SHOWN
        ]
        return self.problems + more


# --- the inbox ---------------------------------------------------------------------------------------------------------


def read_inbox(paths: Iterable[tuple[str, bytes]]) -> tuple[Inbox, list[Problem]]:
    """The inbox from its files (name relative to the site's folder, bytes), in the order given, and what was wrong with it.

    Problems are warnings: nothing that a stranger writes stops a build.
    """
    records: list[Record] = []
    dispositions: list[Disposition] = []
    files: list[InboxFile] = []
    findings = Findings()
    private: list[Place] = []
    for file, data in paths:
        lines = split_lines(data)
        files.append(InboxFile(file=file, size=len(data), lines=len(lines), sha256=hashlib.sha256(data).hexdigest()))
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                dispositions.append(Disposition(file=file, line=number, sort="blank", name="blank"))
                continue
            try:
                record, has_private = _read_record(raw, file, number)
            except _Unreadable as fault:
                dispositions.append(Disposition(file=file, line=number, sort="malformed", name=fault.name, reason=fault.reason))
                kind = f"lines of the inbox that are no comment ({fault.name})"
                findings.add(kind, warning(fault.reason, Place(file, number), fault.hint))
                continue
            records.append(record)
            if has_private:
                private.append(Place(file, number))
    if private:
        what = "1 comment carries" if len(private) == 1 else f"{len(private)} comments carry"
        message = f"{what} an e-mail or IP address in the inbox; none of them is published."
        findings.add("private", warning(message, private[0], "Let the receiver leave them out: an inbox in git is public for ever."))
    malformed = sum(d.sort == "malformed" for d in dispositions)
    inbox = Inbox(
        records=tuple(records),
        lines=sum(f.lines for f in files),
        blank=len(dispositions) - malformed,
        malformed=malformed,
        private=len(private),
        dispositions=tuple(dispositions),
        files=tuple(files),
    )
    return inbox, findings.all()


def split_lines(data: bytes) -> list[bytes]:
    """The lines of a JSON Lines file without their ends; a byte order mark is not part of the first."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def _read_record(raw: bytes, file: str, line: int) -> tuple[Record, bool]:
    """A line as a record, and whether it carried an e-mail or IP address; _Unreadable if it is none."""
    data = _read_object(raw)
    body = _body(data.get("body"))
    name, name_private = _name(data.get("name"))
    url, url_private = _url(data.get("url"))
    source = data.get("source")
    imported = bool(source) and isinstance(source, (dict, str))
    system = one_line(_plain(source.get("system")))[:NAME_LIMIT] if isinstance(source, dict) else ""
    language = data.get("language")
    record = Record(
        id=_id(data.get("id")),
        page=_page(data.get("page")),
        received=_received(data.get("received")),
        body=body,
        format=_format(data.get("format"), imported),
        parent=one_line(_plain(data.get("parent")))[:NAME_LIMIT],
        name=name,
        url=url,
        language=language if isinstance(language, str) and _LANGUAGE.fullmatch(language) else "",
        created=read_moment(data.get("created")),
        status=_status(data.get("status")),
        source=(system or "import") if imported else "",
        signals=_signals(data.get("signals")),
        file=file,
        line=line,
    )
    record = msgspec.structs.replace(record, sha256=content_digest(record))
    return record, name_private or url_private or _is_private(data)


def content_digest(record: Record) -> str:
    """The SHA-256, in hex, of what the commenter wrote; decisions are bound to it."""
    content = [record.page, record.parent, record.name, record.url, record.language, record.format, record.body]
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


def _read_object(raw: bytes) -> dict[str, object]:
    """The JSON object of a line, bounded in size and depth; half characters (`\\ud800`) and raw control characters pass."""
    if len(raw) > LINE_LIMIT:
        raise _Unreadable("too long", f"This line has {len(raw)} bytes, and {LINE_LIMIT} are allowed.", "Shorten the comment.")
    hint = "Ask for the comment again, mend the line, or delete it."
    try:
        value: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        value = _read_leniently(raw, hint)
    if not isinstance(value, dict):
        raise _Unreadable("malformed", "This line is JSON, but no object with id, page, received and body.", hint)
    return value


def _read_leniently(raw: bytes, hint: str) -> object:
    """What Python's own reader makes of a line that the strict one refused."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.reason == "unexpected end of data":
            raise _Unreadable("half line", "This line ends in the middle of a character: its writer was interrupted.", hint) from None
        hint = "Let the receiver write UTF-8, or mend the line."
        raise _Unreadable("bad UTF-8", f"Byte {fault.start + 1} of this line is not UTF-8.", hint) from None
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as fault:
        if fault.msg.startswith("Unterminated string") or fault.pos >= len(text.rstrip()):
            raise _Unreadable("half line", "This line stops in the middle: its writer was interrupted.", hint) from None
        if fault.msg == "Extra data":
            raise _Unreadable("malformed", "More stands on this line than one comment.", "Put each comment on a line of its own.") from None
        raise _Unreadable("malformed", f"This line is not JSON: {fault.msg} at character {fault.pos + 1}.", hint) from None
    except (ValueError, RecursionError):
        raise _Unreadable("malformed", "This line is nested too deeply or has a number too long to be a comment.", hint) from None


# --- fields of a record ------------------------------------------------------------------------------------------------


def _plain(value: object) -> str:
    """A text, or a whole number as a text (receivers are careless with ids and names); anything else is empty."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _id(value: object) -> str:
    text = _plain(value)
    if not _ID.fullmatch(text):
        hint = "An id has 1 to 128 letters, digits and the signs . _ : @ - only."
        raise _Unreadable("malformed", "This comment has no id, or one that cannot be used.", hint)
    return text


def _page(value: object) -> str:
    text = one_line(_plain(value))
    if not text:
        raise _Unreadable("malformed", "This comment does not say which page it belongs to.", 'Write `"page": "/posts/welcome/"`.')
    if len(text) > _PAGE_LIMIT:
        raise _Unreadable("too long", f"The page of this comment has {len(text)} characters, and {_PAGE_LIMIT} are allowed.")
    return text


def _received(value: object) -> datetime:
    moment = read_moment(value)
    if moment is None:
        hint = 'Write `"received": "2026-11-22T18:30:00+00:00"`, with the offset from UTC.'
        raise _Unreadable("malformed", "This comment does not say when it was received, as a date and time with an offset.", hint)
    return moment


def read_moment(value: object) -> datetime | None:
    """An RFC 3339 date and time with its offset, or None."""
    if not isinstance(value, str) or len(value) > 64 or not value.isascii():
        return None
    text = value.strip().upper()
    try:
        moment = datetime.fromisoformat(text[:17] + "59" + text[19:] if text[17:19] == "60" else text)  # a leap second
        offset = moment.utcoffset()
        if offset is None:
            return None
        utc = moment.astimezone(UTC)  # refuses moments outside the years 1 to 9999
    except (ValueError, OverflowError):
        return None
    return moment if offset.seconds % 60 == 0 and not offset.microseconds else utc


def _body(value: object) -> str:
    if not isinstance(value, str) or not one_line(value):
        raise _Unreadable("malformed", "This comment has no text.", 'Write it as `"body": "…"`, or delete the line.')
    text = printable(value).strip("\n")
    size = len(text.encode())
    if size > BODY_LIMIT:
        raise _Unreadable("too long", f"The text of this comment has {size} bytes, and {BODY_LIMIT} are allowed.", "Ask for a shorter one.")
    return text


def _format(value: object, imported: bool) -> Format:
    """The format of the body; HTML only from importers, what nobody knows is shown as it stands."""
    if value in (None, "", "markdown"):
        return "markdown"
    return "html" if value == "html" and imported else "text"


def _status(value: object) -> Literal["", "approved", "pending", "spam"]:
    """What the receiver decided; a word nobody knows is a reason to look first."""
    if value is None or value == "":
        return ""
    word = value.strip().casefold() if isinstance(value, str) else ""
    return "approved" if word == "approved" else "spam" if word == "spam" else "pending"


def _signals(value: object) -> Signals:
    """The three signals that are known, whatever else stands beside them."""
    if not isinstance(value, dict):
        return Signals()

    def number(key: str) -> float | None:
        found = value.get(key)
        try:
            read = float(found) if isinstance(found, (int, float, str)) and not isinstance(found, bool) else None
        except (ValueError, OverflowError):
            return None
        return read if read is not None and abs(read) <= 1e15 else None

    honeypot = value.get("honeypot")
    filled = honeypot.strip().casefold() not in ("", "false", "0", "no") if isinstance(honeypot, str) else bool(honeypot)
    return Signals(honeypot=filled, elapsed=number("elapsed"), score=number("score"))


def _name(value: object) -> tuple[str, bool]:
    """The name as it may be shown, and whether an e-mail or IP address was taken out of it."""
    text = one_line(_plain(value))
    if len(text) > NAME_LIMIT:
        raise _Unreadable("too long", f"The name in this comment has {len(text)} characters, and {NAME_LIMIT} are allowed.")
    clean = without_private(text)
    return clean, clean != text


def _url(value: object) -> tuple[str, bool]:
    """The commenter's address if it is one of the web that may be shown, and whether it held an e-mail or IP address."""
    text = one_line(_plain(value))
    if not text or len(text) > _PAGE_LIMIT:
        return "", False
    if without_private(text) != text:
        return "", True
    if not _WEB.match(text):
        return "", False
    return uri(text), False


def without_private(text: str) -> str:
    """The text without e-mail and IP addresses and without the brackets that held them."""
    clean = _MAIL.sub("", text) if "@" in text else text
    if "." in clean or ":" in clean:
        clean = _NUMBERS.sub(lambda match: "" if _is_ip(match[0]) else match[0], clean)
    return text if clean == text else one_line(_EMPTY_BRACKETS.sub("", clean))


def _is_ip(text: str) -> bool:
    """Whether it is an IP address; what is too short to be somebody's (`::`) is none."""
    try:
        ipaddress.ip_address(text.strip("."))
    except ValueError:
        return False
    return len(text) >= 6


def _is_private(data: dict[str, object]) -> bool:
    """Whether a record holds an e-mail or IP address, or a hash of one, outside the words of the comment."""
    waiting: list[tuple[str, object]] = [(k, v) for k, v in data.items() if k not in _PUBLIC_KEYS]
    seen = 0
    while waiting and seen < 200:
        key, value = waiting.pop()
        seen += 1
        if value in (None, "", False, [], {}):
            continue
        if _PRIVATE_KEYS.search(_CAMEL.sub("-", key).replace("_", "-")):
            return True
        if isinstance(value, str) and key != "id" and len(value) < 1000 and without_private(value) != value:
            return True
        if isinstance(value, dict):
            waiting += [(str(k), v) for k, v in value.items()]
        elif isinstance(value, list):
            waiting += [("", v) for v in value[:50]]
    return False


# --- decisions ---------------------------------------------------------------------------------------------------------


def read_decisions(file: str, data: bytes) -> tuple[tuple[Decision, ...], list[Problem]]:
    """The moderators' decisions in the order of the file, and what was wrong with it.

    A line that cannot be read is an error, which stops the build: it may be the one that erases somebody's comment.
    """
    decisions: list[Decision] = []
    findings = Findings()
    for number, raw in enumerate(split_lines(data), 1):
        if not raw.strip():
            continue
        try:
            decisions.append(_read_decision(raw, file, number))
        except _Unreadable as fault:
            findings.add("decisions that cannot be read", error(fault.reason, Place(file, number), fault.hint))
    return tuple(decisions), findings.all()


def _read_decision(raw: bytes, file: str, line: int) -> Decision:
    """A line as a decision; _Unreadable with what to write instead."""
    if raw.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        raise _Unreadable("conflict", "Git left a mark of a merge conflict here.", "Keep the decisions of both sides and delete the marks.")
    data = _read_object(raw)
    action = one_line(_plain(data.get("action"))).casefold()
    if action not in ACTIONS:
        hint = did_you_mean(action, ACTIONS) or f"One of: {', '.join(ACTIONS)}."
        reason = f'This decision says "{action}", which is no action.' if action else "This decision has no action."
        raise _Unreadable("malformed", reason, hint)
    at = read_moment(data.get("at"))
    if at is None:
        raise _Unreadable("malformed", "This decision does not say when it was made.", 'Write `"at": "2026-11-22T18:30:00+00:00"`.')
    name, value = _plain(data.get("id")), printable(_plain(data.get("value"))).strip("\n")
    if name and not _ID.fullmatch(name):
        raise _Unreadable("malformed", "This decision names a comment by an id that cannot be one.", "Copy the id from the inbox.")
    sha256 = _plain(data.get("sha256")).casefold()
    if sha256 and not _SHA256.fullmatch(sha256):
        hint = "It has 64 hexadecimal digits; leave it out, and the warning that follows gives the right one."
        raise _Unreadable("malformed", "The sha256 of this decision is not one.", hint)
    if not name and not (action in ("close-thread", "trust-author") and one_line(value)):
        raise _Unreadable("malformed", "This decision does not say which comment it is about.", 'Write `"id": "…"`, as in the inbox.')
    if action in ("edit", "move") and not one_line(value):
        what = "the new text" if action == "edit" else "the page to move to"
        raise _Unreadable("malformed", f"This decision lacks {what}.", 'Write it as `"value": "…"`.')
    if len(value.encode()) > BODY_LIMIT:
        raise _Unreadable("too long", f"The value of this decision has more than {BODY_LIMIT} bytes.", "Shorten it.")
    return Decision(
        at=at,
        action=action,
        by=one_line(_plain(data.get("by"))),
        id=name,
        sha256=sha256,
        reason=one_line(_plain(data.get("reason"))),
        value=value,
        file=file,
        line=line,
    )
