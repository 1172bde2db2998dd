"""Writes decisions: whole lines, bound to the text that they judge, later than all that was decided about it before."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from iopsgen.model import Value
from iopsgen.moderation.desk import Desk, Matter
from iopsgen.plain import one_line, printable
from iopsgen.problems import Problem
from iopsgen.read.comments import Decision, read_decisions
from iopsgen.write import hold_lines


class Choice(Value, frozen=True, kw_only=True):
    """What a moderator chose, before it is a decision: without a moment and without who it was."""

    action: str
    id: str = ""
    sha256: str = ""
    reason: str = ""
    value: str = ""


class Decided(Value, frozen=True, kw_only=True):
    """What was written: the decisions with their lines, a half line that was taken out, and what is wrong with the other lines.

    `ahead` is the moment of an earlier decision that lies in the future by the clock of this machine: the new ones lie behind it.
    """

    decisions: tuple[Decision, ...]
    torn: str = ""
    ahead: datetime | None = None
    problems: tuple[Problem, ...] = ()


def choose(matter: Matter, action: str, reason: str = "", value: str = "") -> Choice:
    """A choice about a comment, bound to the text that it has now.

    One to erase it is about every text, and holds no digest either: from the digest of a short text one could tell what it was.
    """
    return Choice(action=action, id=matter.record.id, sha256="" if action == "erase" else matter.record.sha256, reason=reason, value=value)


def undone(desk: Desk, matter: Matter) -> Choice:
    """The choice that brings a comment back to what it was when the desk was opened."""
    before = desk.state_decision(matter)
    if before is not None:
        return choose(matter, before.action, before.reason)
    return choose(matter, {"published": "approve", "spam": "spam"}.get(matter.state, "hold"))


def write_decisions(site: Path, file: str, choices: Sequence[Choice], by: str, now: datetime) -> Decided:
    """Adds decisions to the file, in one step, and gives them back.

    Of several decisions the latest counts. So that these do, each is a second later than whatever was decided about the same comment
    before, even by a clock that is fast. A half line at the end of the file, left by a program that was stopped, is taken out: it was
    never a decision. Raises WriteFailed.
    """
    with hold_lines(site, file) as lines:
        data = lines.read()
        known, _ = read_decisions(file, data)
        latest: dict[tuple[str, str], datetime] = {}
        for d in known:
            key = _about(d.action, d.id, d.value)
            latest[key] = max(d.at, latest.get(key, d.at))
        made: list[Decision] = []
        ahead: datetime | None = None
        for choice in choices:
            at = now.astimezone(UTC).replace(microsecond=0)
            key = _about(choice.action, choice.id, choice.value)
            if key in latest and latest[key] >= at:
                ahead = latest[key] if latest[key] > at + timedelta(minutes=1) else ahead
                at = latest[key].astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
            latest[key] = at
            made.append(_decision(choice, by, at))
        torn = lines.add([_encoded(d) for d in made], _is_whole)
    problems = read_decisions(file, data[: len(data) - len(torn)])[1]
    return Decided(decisions=tuple(made), torn=torn.decode("utf-8", "replace"), ahead=ahead, problems=tuple(problems))


def _about(action: str, name: str, value: str) -> tuple[str, str]:
    """What a decision is about: a comment, or the thread or author that its value names."""
    return ("", name) if name else (action, value)


def _decision(choice: Choice, by: str, at: datetime) -> Decision:
    value = printable(choice.value).strip("\n")
    return Decision(at=at, by=one_line(by), action=choice.action, id=choice.id, sha256=choice.sha256, reason=one_line(choice.reason), value=value)


def _encoded(decision: Decision) -> bytes:
    """A decision as its line, without what it leaves open. Raises ValueError for one that could not be read again."""
    values = {"at": decision.at.isoformat(), "by": decision.by, "action": decision.action, "id": decision.id}
    values |= {"sha256": decision.sha256, "reason": decision.reason, "value": decision.value}
    line = json.dumps({key: value for key, value in values.items() if value}, ensure_ascii=False).encode()
    found, problems = read_decisions("", line)
    if problems or found != (msgspec.structs.replace(decision, line=1),):
        raise ValueError(f"not a decision: {line!r}")
    return line


def _is_whole(line: bytes) -> bool:
    """Whether a line without an end is a decision all the same: somebody wrote it by hand."""
    return not read_decisions("", line)[1]
