"""Single files and folders: made whole, linked, copied and cleared away, without ever following a symbolic link."""

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

import msgspec

from iopsgen.write import system
from iopsgen.write.failure import WriteFailed
from iopsgen.write.names import folders_of
from iopsgen.write.record import Entry, Stamp

_CHUNK = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
NO_LINK = {errno.EPERM, errno.EACCES, errno.EMLINK, errno.EXDEV, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}


class Copy(msgspec.Struct, frozen=True):
    """The content of an output that is a file elsewhere: the real path of `source`, and the `digest` (see `digest_of`) it must have.

    Without a digest, a source that changes while it is read is noticed by its size and time stamp.
    """

    source: Path
    digest: str = ""


def write_bytes(path: str, fingerprint: str, data: bytes, digest: str) -> Entry:
    """Make the file anew (a new inode, mode 0644 less the umask), with this content, and check that all of it arrived."""
    descriptor = _create(path)
    try:
        _write_all(descriptor, data)
        return _finished(descriptor, fingerprint, digest, len(data))
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in the place of another in one step: whoever reads it sees the old one or the new one, whole. Raises OSError."""
    target = os.path.realpath(path)
    fresh = f"{target}.new"
    clear_replacement(path)
    descriptor = _create(fresh)
    try:
        _write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(fresh, target)


def clear_replacement(path: Path) -> None:
    """Take away what a process left that was stopped in `replace_file`. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(f"{os.path.realpath(path)}.new")


def write_copy(path: str, fingerprint: str, copy: Copy) -> Entry:
    """Make the file anew as a copy. Raises WriteFailed when the source is not what was planned, or changed meanwhile."""
    hashed, size = blake2b(digest_size=20), 0
    with _reading(copy) as source:
        descriptor = _create(path)
        try:
            for chunk in source:
                hashed.update(chunk)
                size += len(chunk)
                _write_all(descriptor, chunk)
            digest = hashed.hexdigest()
            if copy.digest and digest != copy.digest:
                raise changed(copy)
            return _finished(descriptor, fingerprint, digest, size)
        finally:
            os.close(descriptor)


@contextmanager
def _reading(copy: Copy) -> Iterator[Iterator[bytes]]:
    """The chunks of a source, and on leaving the proof that it stayed the same file."""
    descriptor = os.open(copy.source, _READ)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise WriteFailed(f"{copy.source} is not a file.", "Only plain files can be copied to the site.")
        yield _chunks(descriptor, before.st_size)
        after = os.fstat(descriptor)
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise changed(copy)
    finally:
        os.close(descriptor)


def _chunks(descriptor: int, size: int) -> Iterator[bytes]:
    """What is in an open file, up to one byte more than its size: a file that grows as fast as it is read would have no end."""
    left = size + 1
    while left > 0 and (chunk := os.read(descriptor, min(left, _CHUNK))):
        left -= len(chunk)
        yield chunk


def changed(copy: Copy) -> WriteFailed:
    """The failure to report when a source is not what the plan was made from."""
    return WriteFailed(f"{copy.source} changed while the site was being built.", "Build again. The output folder still holds the last build.")


def read_digest(path: str | Path) -> tuple[str, os.stat_result] | None:
    """Digest and state of a plain file; None when there is none, or something else, or it changed while it was read."""
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        return None
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            return None
        hashed = blake2b(digest_size=20)
        for chunk in _chunks(descriptor, before.st_size):
            hashed.update(chunk)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        return None
    return hashed.hexdigest(), after


def holds(path: str, digest: str, size: int) -> os.stat_result | None:
    """The state of the plain file at `path` when its content is this, else None; read only when the size fits."""
    found = state_of(path)
    if found is None or not stat.S_ISREG(found.st_mode) or found.st_size != size:
        return None
    read = read_digest(path)
    return read[1] if read is not None and read[0] == digest else None


def state_of(path: str) -> os.stat_result | None:
    """What stands at `path` itself (a symbolic link is not followed), or None."""
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def is_folder(path: str) -> bool:
    """Whether a real folder stands at `path`."""
    found = state_of(path)
    return found is not None and stat.S_ISDIR(found.st_mode)


def stamp_of(path: str) -> Stamp:
    """How the folder stands on the disk now."""
    found = os.lstat(path)
    return Stamp(found.st_ino, found.st_mtime_ns)


def make_folder(top: str, folder: str, known: set[str], clearing: bool = False) -> None:
    """Make sure that `folder` below `top` and every folder between are real folders (mode 0755 less the umask).

    `known` are those seen already; new ones are added. A file or symbolic link in the way is removed when `clearing`, else it raises
    OSError.
    """
    if folder in known or not folder:
        return
    make_folder(top, folder.rpartition("/")[0], known, clearing)
    path = os.path.join(top, folder)
    try:
        os.mkdir(path, 0o755)
    except FileExistsError:
        if not is_folder(path):
            if not clearing:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from None
            clear(path)
            os.mkdir(path, 0o755)
    known.add(folder)


def own_folder(path: str) -> None:
    """Make sure that a real folder of ours stands at `path`; a link that somebody planted there is not followed."""
    if not is_folder(path):
        clear(path)
        os.makedirs(path, 0o755)


def clear(path: str) -> None:
    """Remove whatever stands at `path`: a file, a symbolic link (not what it points to), a folder with all that is in it, or nothing."""
    found = state_of(path)
    if found is None:
        return
    if stat.S_ISDIR(found.st_mode):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def remove_empty(top: str, folders: set[str], needed: Set[str]) -> None:
    """Remove those of the folders, and of the folders above them, that are empty and not needed."""
    for folder in sorted(folders_of(f"{folder}/" for folder in folders) - needed - {""}, reverse=True):  # inner folders first
        with suppress(OSError):  # something of somebody else is in it
            os.rmdir(os.path.join(top, folder))


def link_or_copy(source: str, target: str) -> bool:
    """Make `target` the same file as `source`, or where that cannot be a copy with its time stamp; True when it is the same file."""
    try:
        os.link(source, target, follow_symlinks=False)
        return True
    except OSError as error:
        if error.errno not in NO_LINK:
            raise
    found = os.lstat(source)
    if stat.S_ISLNK(found.st_mode):
        os.symlink(os.readlink(source), target)
    elif stat.S_ISREG(found.st_mode):
        _plain_copy(source, target, found)
    else:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), source)  # a pipe or a device cannot be copied
    return False


def mirror(source: str, target: str) -> None:
    """Make the folder `target` hold exactly what `source` holds: the same files, links and folders, to any depth."""
    todo = [(source, target)]
    while todo:
        here, there = todo.pop()
        if not is_folder(there):
            clear(there)
            os.mkdir(there, 0o755)
        shutil.copymode(here, there)
        with os.scandir(there) as entries:
            present = {entry.name: (entry.is_dir(follow_symlinks=False), entry.inode()) for entry in entries}
        with os.scandir(here) as entries:
            for entry in entries:
                path = os.path.join(there, entry.name)
                old = present.pop(entry.name, None)
                if entry.is_dir(follow_symlinks=False):
                    todo.append((entry.path, path))
                elif old != (False, entry.inode()):
                    if old is not None:
                        clear(path)
                    link_or_copy(entry.path, path)
        for name in present:
            clear(os.path.join(there, name))


def _create(path: str) -> int:
    """A descriptor of a new file at `path`; what stands there already is taken away, never written into."""
    try:
        return os.open(path, _NEW, 0o644)
    except FileExistsError:
        clear(path)
    return os.open(path, _NEW, 0o644)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        taken = os.write(descriptor, rest)
        if taken == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rest = rest[taken:]


def _finished(descriptor: int, fingerprint: str, digest: str, size: int) -> Entry:
    if system.SYNC_EACH:
        os.fsync(descriptor)
    found = os.fstat(descriptor)
    if found.st_size != size:
        raise OSError(errno.EIO, f"{found.st_size} of {size} bytes arrived")
    return Entry(fingerprint, digest, size, found.st_ino, found.st_mtime_ns)


def _plain_copy(source: str, target: str, found: os.stat_result) -> None:
    with open(source, "rb", opener=lambda path, _: os.open(path, _READ)) as file:
        descriptor = os.open(target, _NEW, stat.S_IMODE(found.st_mode))
        try:
            while chunk := file.read(_CHUNK):
                _write_all(descriptor, chunk)
            os.utime(descriptor if os.utime in os.supports_fd else target, ns=(found.st_atime_ns, found.st_mtime_ns))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_file(top: str, path: str, known: set[str]) -> bool:
    """Remove the file or link at `path` below `top`; True when there was one.

    Nothing is removed through a symbolic link, and a folder that stands there is left. `known` are real folders seen already.
    """
    if not _has_real_parents(top, path.rpartition("/")[0], known):
        return False
    found = state_of(os.path.join(top, path))
    if found is None or stat.S_ISDIR(found.st_mode):
        return False
    os.unlink(os.path.join(top, path))
    return True


def stamps_of(top: str, needed: Set[str], old: Mapping[str, Stamp], touched: set[str]) -> dict[str, Stamp]:
    """How the needed folders stand now, parents first; those that were not touched as they were recorded in `old`."""
    order = old if old.keys() == needed else sorted(needed)
    return {folder: stamp_of(os.path.join(top, folder)) if folder in touched or folder not in old else old[folder] for folder in order}


def dress(folder: str, like: str) -> None:
    """Give a folder the mode, owner and extended attributes (access lists) of another, as far as we may."""
    shutil.copymode(like, folder)
    if sys.platform == "win32":
        return
    wanted, found = os.stat(like), os.stat(folder)
    if (wanted.st_uid, wanted.st_gid) != (found.st_uid, found.st_gid):
        with suppress(PermissionError):
            os.chown(folder, wanted.st_uid, wanted.st_gid)
        shutil.copymode(like, folder)  # a change of owner clears set-group-id
    if sys.platform == "linux":
        for name in _attributes(like):
            with suppress(OSError):
                os.setxattr(folder, name, os.getxattr(like, name))


def _attributes(path: str) -> list[str]:
    try:
        return os.listxattr(path) if sys.platform == "linux" else []
    except OSError:
        return []


def _has_real_parents(top: str, folder: str, known: set[str]) -> bool:
    if folder in known or folder == "":
        return True
    if not _has_real_parents(top, folder.rpartition("/")[0], known) or not is_folder(os.path.join(top, folder)):
        return False
    known.add(folder)
    return True
