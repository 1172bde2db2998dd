"""What a look at a calendar file finds: values with a line, gathered so that no file can make the list endless."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from iopsgen.problems import Severity

_SAME = 5  # findings with the same words that are listed one by one
_MOST = 500  # findings of one file that are listed at all


class Found(NamedTuple):
    """A finding at a line. Within a part of a file lines count from where the part begins."""

    number: int
    message: str
    hint: str
    severity: Severity

    def moved(self, lines: int) -> "Found":
        """The same, so many lines further down."""
        return Found(self.number + lines, self.message, self.hint, self.severity)


def fault(number: int, message: str, hint: str) -> Found:
    """What RFC 5545 or 7986 forbids."""
    return Found(number, message, hint, "error")


def mild(number: int, message: str, hint: str) -> Found:
    """What is allowed, and misread by real clients."""
    return Found(number, message, hint, "warning")


def remark(number: int, message: str, hint: str) -> Found:
    """What would be better."""
    return Found(number, message, hint, "hint")


def gather(found: Iterable[Found]) -> list[Found]:
    """The findings by line, each once. Of those that say the same only the first few are listed; the last of these counts the rest."""
    kept: list[Found] = []
    seen: set[Found] = set()
    said: Counter[tuple[str, str]] = Counter()
    left_out = 0
    for one in found:
        if one in seen:
            continue
        said[one.message, one.hint] += 1
        if said[one.message, one.hint] > _SAME:
            continue
        if len(kept) >= _MOST:
            left_out += 1
            continue
        seen.add(one)
        kept.append(one)
    kept.sort(key=lambda one: one.number)
    last = {(one.message, one.hint): place for place, one in enumerate(kept)}
    for key, place in last.items():
        if said[key] > _SAME:
            kept[place] = kept[place]._replace(message=f"{key[0].removesuffix('.')} ({said[key] - _SAME} more like it).")
    if left_out:
        kept.append(remark(kept[-1].number, f"{left_out} more findings are not listed.", "Correct these first."))
    return kept
