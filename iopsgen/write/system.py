"""The few things Python does not offer of the operating system: swap two folders, flush a file system, list the mounts, end with a parent."""

import errno
import os
import re
import signal
import sys
from contextlib import suppress

SYNC_EACH = sys.platform != "linux"  # no call flushes a whole file system there: every file is flushed on its own

_SYSCALL_RENAMEAT2 = {"x86_64": 316, "aarch64": 276, "riscv64": 276, "loongarch64": 276, "armv7l": 382, "ppc64le": 357, "s390x": 347}


def exchange(one: str, other: str) -> None:
    """Swap two folders of one file system in a single step: at every instant both names exist.

    `renameat2(RENAME_EXCHANGE)` on Linux, `renamex_np(RENAME_SWAP)` on macOS. Raises OSError: ENOSYS where there is no such call,
    EINVAL or ENOTSUP where the file system has none, EXDEV or EBUSY across file systems and at mount points.
    """
    import ctypes  # here because loading it takes milliseconds that a build with nothing to publish need not spend

    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        if hasattr(libc, "renameat2"):
            done = libc.renameat2(here, first, here, second, ctypes.c_uint(swap))
        elif os.uname().machine in _SYSCALL_RENAMEAT2:  # a C library that is older than the call
            done = libc.syscall(ctypes.c_long(_SYSCALL_RENAMEAT2[os.uname().machine]), here, first, here, second, ctypes.c_uint(swap))
        else:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), one)
    elif sys.platform == "darwin":
        libc = ctypes.CDLL(None, use_errno=True)
        done = libc.renamex_np(first, second, ctypes.c_uint(2))  # RENAME_SWAP
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), one)
    if done != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), one)


def can_exchange(folder: str) -> bool:
    """Whether the file system that `folder` is on can swap two folders: tried with two empty ones."""
    one, other = os.path.join(folder, "try-1"), os.path.join(folder, "try-2")
    try:
        for path in (one, other):
            os.makedirs(path, exist_ok=True)
        exchange(one, other)
    except OSError:
        return False
    finally:
        for path in (one, other):
            with suppress(OSError):
                os.rmdir(path)
    return True


def flush(descriptor: int) -> None:
    """Bring everything written to the file system of this open folder onto the disk, and report what the disk refused.

    One `syncfs` on Linux, which raises EIO when any write since the folder was opened was lost. Elsewhere files are flushed one by
    one as they are written (SYNC_EACH), and macOS is asked to empty the drive's own cache.
    """
    if sys.platform == "linux":
        import ctypes  # as above

        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    elif sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:
            os.fsync(descriptor)  # a file system of another make


def flush_names(folder: str) -> None:
    """Bring the names in one folder onto the disk, where a folder can be opened and flushed."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)


def end_with_parent() -> None:
    """Let this process, a worker, end at the instant in which its parent does, however that ends (Linux; elsewhere it ends when it next
    has something to tell). Ctrl-C, which the terminal sends to both, is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes  # as above

        parent = os.getppid()
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it ended a moment ago
            os._exit(1)


def mount_points() -> tuple[str, ...]:
    """Where file systems are mounted, bind mounts included (Linux; elsewhere empty, and device numbers must do)."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
            found = [line.split(" ", 5)[4] for line in lines]
    except OSError:
        return ()
    return tuple(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), point) for point in found)


def mount_of(path: str, points: tuple[str, ...]) -> str:
    """The mount point that the real path `path` lies under."""
    return max((p for p in points if path == p or path.startswith(p.rstrip("/") + "/")), key=len, default="/")
