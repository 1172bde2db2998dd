"""What is said when the output cannot be written: one sentence, and what to do about it."""

import errno
import os

_SAFE = "The output folder still holds the last whole build."

_REASONS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "Free some space and build again."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space and build again."),
    errno.EFBIG: ("the file is too big for this file system", "Make the file smaller, or choose another disk for the output folder."),
    errno.EACCES: ("permission was refused", "Check who owns the output folder and the .iopsgen folder, and that you may write there."),
    errno.EPERM: ("permission was refused", "Check who owns the output folder and the .iopsgen folder, and that you may write there."),
    errno.EROFS: ("the file system is read-only", "Choose an output folder on a disk that can be written."),
    errno.EIO: ("the disk reported an error", "Check the disk; a copy of your content on another one is wise now."),
    errno.ENAMETOOLONG: ("the name is too long for this file system", "Give the page a shorter slug."),
    errno.EMFILE: ("too many files are open", "Close other programs, or raise the limit of open files (ulimit -n)."),
    errno.EBUSY: ("another program is using it", "Close the program that has the file open and build again."),
}


class WriteFailed(Exception):
    """The output could not be written. `message` says what happened in one sentence, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def explain(error: OSError, doing: str, touched: bool = False) -> WriteFailed:
    """The failure to report for `error`, met while `doing` something; `touched`: the output folder may be half way."""
    reason, remedy = _REASONS.get(error.errno or 0, ((error.strerror or str(error)).lower(), "Build again once this is mended."))
    where = f" ({os.fsdecode(error.filename)})" if error.filename is not None and not isinstance(error.filename, int) else ""
    state = "The next build finishes what was begun." if touched else _SAFE
    return WriteFailed(f"{doing}: {reason}{where}.", f"{remedy} {state}")
