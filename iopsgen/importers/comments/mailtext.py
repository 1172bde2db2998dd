"""Finds in the text of a mail what its writer wrote: not the signature, not what was quoted below, not the line that names the page."""

import re
from typing import NamedTuple

from iopsgen.read.comments import without_private

_LOOKED_AT = 300  # characters of a line in which a header or an introduction is looked for
_SIGNATURE_LINES = 20  # a longer one is no signature
_WROTE = re.compile(
    r"(?:wrote|writes|schrieb|schreibt|escribió|escribio|a écrit|ha scritto|scrisse|escreveu|skrev|schreef|написал|كتب)\b[^\n]{0,80}:\s*$", re.IGNORECASE
)
_FORWARD = re.compile(
    r"^\s*-{2,} ?(?:original message|ursprüngliche nachricht|original-nachricht|mensaje original|message d.origine|messaggio originale"
    r"|mensagem original|forwarded message|weitergeleitete nachricht)",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*_{10,}\s*$")
_HEADER = re.compile(r"^\s*[*>]*\s*(?:from|von|de|da|sent|gesendet|enviado|envoyé|inviato|to|an|para|à|a|cc|date|datum|fecha)\s?:\*?\s", re.IGNORECASE)
_DEVICE = re.compile(
    r"^\s*(?:sent from (?:my|outlook|mail|yahoo)|get outlook for|von meinem .{1,40} gesendet|gesendet (?:mit|von)|enviado desde mi|envoyé de mon"
    r"|envoyé depuis mon|inviato da|enviado do meu)\b.{0,60}$",
    re.IGNORECASE,
)


class Words(NamedTuple):
    """What a writer wrote, and what was taken off it."""

    text: str
    quote: bool
    signature: bool


def own_words(text: str) -> Words:
    """The text without the signature (RFC 3676, section 4.3) and without what is quoted at its end; a quote with an answer below stays.

    The mail addresses in the lines that introduce a quote are taken out of those that stay.
    """
    lines = text.rstrip().split("\n")
    lines, quote = _without_quote(lines)
    lines, signature = _without_signature(lines)
    if signature:  # the quote stood above it
        lines, more = _without_quote(lines)
        quote = quote or more
    return Words(_without_addresses(lines), quote, signature)


def all_words(text: str) -> str:
    """The whole text, without the mail addresses in signatures and in the lines that introduce a quote."""
    return _without_addresses(text.rstrip().split("\n"))


def _without_signature(lines: list[str]) -> tuple[list[str], bool]:
    for at in range(max(0, len(lines) - _SIGNATURE_LINES), len(lines)):
        if lines[at] == "-- " or lines[at].rstrip() == "--":
            return _trimmed(lines[:at]), True
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    if len(lines) > 1 and _DEVICE.match(lines[-1]):
        return _trimmed(lines[:-1]), True
    return lines, False


def _without_quote(lines: list[str]) -> tuple[list[str], bool]:
    """The lines without a quote that reaches to the end, and without the lines that introduce it."""
    for at, line in enumerate(lines):
        if _FORWARD.match(line) or (_RULE.match(line) and _is_header(lines[at + 1 : at + 4])) or _is_block_of_headers(lines[at : at + 4]):
            return _trimmed(lines[:at]), True
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    if not any(line.lstrip().startswith(">") for line in lines[end:]):
        return _behind_introduction(lines)
    return _trimmed(lines[: _start_of_introduction(lines, end)]), True


def _behind_introduction(lines: list[str]) -> tuple[list[str], bool]:
    """The same for a quote without marks, as is left of HTML: only below `On … Ann <ann@…> wrote:`."""
    for at, line in enumerate(lines):
        if at and _WROTE.search(line[-_LOOKED_AT:]) and ("@" in line or "@" in lines[at - 1]):
            return _trimmed(lines[: _start_of_introduction(lines, at + 1)]), True
    return lines, False


def _start_of_introduction(lines: list[str], end: int) -> int:
    """Where the introduction starts (`On … wrote:`, up to three lines) that ends before line `end`; `end` if there is none."""
    last = end
    while last and not lines[last - 1].strip():
        last -= 1
    if last == 0 or not lines[last - 1].rstrip().endswith(":"):
        return end
    for first in range(last - 1, max(-1, last - 4), -1):
        if not lines[first].strip():
            break
        words = " ".join(lines[first:last])[-_LOOKED_AT:]
        if _WROTE.search(words) and (first == 0 or not lines[first - 1].strip() or re.search(r"[0-9@]", lines[first])):
            while first and lines[first - 1].strip() and last - first < 3 and "@" not in lines[first] and not re.search("[0-9]", lines[first]):
                first -= 1
            return first
    return end


def _is_header(lines: list[str]) -> bool:
    return any(_HEADER.match(line[:_LOOKED_AT]) for line in lines)


def _is_block_of_headers(lines: list[str]) -> bool:
    """Whether a mail is quoted from here on as Outlook does: three lines of `From:`, `Sent:`, `To:`, one of them with an address."""
    return len(lines) > 2 and all(_HEADER.match(line[:_LOOKED_AT]) for line in lines[:3]) and "@" in "".join(lines)


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def _without_addresses(lines: list[str]) -> str:
    """The text without the mail addresses that programs put there; what people wrote themselves stays."""
    kept: list[str] = []
    signed = False
    for at, line in enumerate(lines):
        signed = signed or line == "-- "
        programs = "@" in line and (signed or _HEADER.match(line.lstrip("> ")[:_LOOKED_AT]) or _introduces(lines, at))
        kept.append(_private_gone(line) if programs else line)
    return "\n".join(kept).strip("\n")


def _introduces(lines: list[str], at: int) -> bool:
    """Whether a line belongs to the introduction of a quote, which may be wrapped: up to three lines, the last with a colon at its end."""
    windows = ((at, at + 1), (at - 1, at + 1), (at - 2, at + 1), (at, at + 2), (at, at + 3), (at - 1, at + 2))
    return any(_WROTE.search(" ".join(lines[max(0, first) : last])[-_LOOKED_AT:]) for first, last in windows)


def _private_gone(line: str) -> str:
    mark = re.match(r"[> ]*", line)
    start = mark[0] if mark else ""
    return start + (without_private(line[len(start) :]) if len(line) < 1000 else "")


def unflowed(text: str, delete_space: bool) -> str:
    """The text of `format=flowed` (RFC 3676) with its soft line ends taken out, so that a paragraph is one line again."""
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        flows = words.endswith(" ") and words != "-- "
        piece = words[:-1] if flows and delete_space else words
        if open_depth == depth and words != "-- ":
            paragraphs[-1].append(piece)
        else:
            paragraphs.append([">" * depth + (" " if depth else ""), piece])
        open_depth = depth if flows else -1
    lines = ("".join(pieces) for pieces in paragraphs)
    return "\n".join(line if line == "-- " else line.rstrip(" ") for line in lines)
