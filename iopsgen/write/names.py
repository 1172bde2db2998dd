"""Which paths may be written below the output folder: the last line of defence, whatever was planned."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Set

from iopsgen.write.failure import WriteFailed

CASE_BLIND = sys.platform in ("darwin", "win32")  # file systems there usually are
STAGE_INSIDE = ".iopsgen-stage"  # where changes wait when the output folder is a disk of its own

_SEGMENT = r"(?!\.{1,2}(?:/|\Z))[^/\\\x00-\x1f\x7f\ud800-\udfff]+"
_SAFE = re.compile(rf"(?![A-Za-z]:)(?!{re.escape(STAGE_INSIDE)}(?:/|\Z)){_SEGMENT}(?:/{_SEGMENT})*")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)", re.IGNORECASE)


def is_safe(path: str) -> bool:
    """Whether `path` is a plain relative path with forward slashes that stays below the folder it is joined to.

    Refused: empty names, `.` and `..`, absolute paths, drive letters, backslashes, control characters, lone surrogates, and on
    Windows what that system reads as something else (`a:b`, a trailing dot or blank, device names).
    """
    if not _SAFE.fullmatch(path):
        return False
    if sys.platform == "win32":
        return not any(set(part) & set('<>:"|?*') or part[-1] in ". " or _DEVICE.match(part) for part in path.split("/"))
    return True


def stay_below(paths: Iterable[str]) -> bool:
    """Whether none of these remembered paths leads out of the folder it is joined to: a quick look at many at once.

    A record that was planted must not make iopsgen remove or publish anything outside.
    """
    text = "/\n/".join(filter(None, paths))
    text = f"/{text}/"
    roots = sys.platform == "win32" and (":" in text or "\\" in text)
    return text == "//" or not (roots or "/../" in text or "/./" in text or "//" in text or "\0" in text)


def folders_of(paths: Iterable[str]) -> set[str]:
    """Every folder that these paths stand in, and the folders above, with "" for the top."""
    found = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def lies_below(path: str, others: Set[str]) -> bool:
    """Whether a folder above `path` has the name of one of `others`."""
    folder = path.rpartition("/")[0]
    while folder:
        if folder in others:
            return True
        folder = folder.rpartition("/")[0]
    return False


def one_name(path: str) -> str:
    """What file systems that ignore case and Unicode forms compare: two paths with the same text are one file there."""
    return path.casefold() if path.isascii() else unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def refuse_unsafe(new: Iterable[str]) -> None:
    """Raise WriteFailed for the first of these paths that is not safe."""
    for path in new:
        if not is_safe(path):
            raise WriteFailed(
                f"{path!r} is not a path inside the output folder.",
                "Change the permalink, slug or file name it comes from: plain names joined by /, no .., no drive letter, no backslash.",
            )


def refuse_clashes(planned: Set[str], folders: Set[str]) -> None:
    """Raise WriteFailed when two of the planned paths cannot stand side by side on every file system."""
    seen: dict[str, str] = {}
    for path in sorted(planned):
        other = seen.setdefault(one_name(path), path)
        if other != path:
            raise WriteFailed(f"{other!r} and {path!r} are one file on many computers.", "Give one of the two pages another address.")
    both = min(planned & folders, default=None)
    if both is not None:
        raise WriteFailed(f"{both!r} is planned as a file and as a folder.", "Give one of the two pages another address.")
