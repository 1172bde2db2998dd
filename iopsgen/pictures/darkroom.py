"""Where versions of pictures are made and kept: a folder of files, each named by what it is made from and by the digest of its bytes.

The folder is never needed: what is missing, damaged or of another release is made again.
"""

import contextlib
import hashlib
import multiprocessing
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from iopsgen.pictures.develop import RECIPE, develop, without_decoding
from iopsgen.pictures.versions import Version
from iopsgen.write import digest_of
from iopsgen.write.system import end_with_parent

MOST_UNUSED = 256 * 2**20  # bytes of versions that no page needs now, kept for a day when one does
_NAME = re.compile(r"([0-9a-f]{40})\.([0-9a-f]{40})\Z")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Made(msgspec.Struct, frozen=True):
    """A version that is ready: in the file `path`, or as `data` where nothing can be kept. None of both: its picture is not there any more."""

    digest: str = ""
    path: str = ""
    data: bytes | None = None
    spoilt: bool = False  # its picture could not be decoded


class Darkroom:
    """Makes versions, and keeps in a folder those that take time. The others lie there until the next `sweep`."""

    def __init__(self, site_dir: Path) -> None:
        """The folder is made when something is to be kept; a link in its place is not followed, and nothing is kept then."""
        self.site_dir, self.folder = site_dir, site_dir / ".iopsgen" / "pictures"
        self._turn = threading.Lock()

    def make(self, versions: Iterable[Version], workers: int = 1) -> Iterator[tuple[Version, Made]]:
        """Each version, made or from the folder, those of one picture together; one picture at a time on each of so many processors."""
        held = self._held()
        jobs: dict[str, list[Version]] = {}
        for version in versions:
            name = held.get(self._key(version))
            if name is not None and self._is_whole(name):
                yield version, Made(name[-40:], os.path.join(self.folder, name))
            else:
                jobs.setdefault(version.digest, []).append(version)
        for job, made in zip(jobs.values(), self._develop_all(list(jobs.values()), workers), strict=True):
            yield from zip(job, made, strict=True)

    def unwritable(self, versions: Iterable[Version]) -> list[str]:
        """The formats among those wanted that this installation cannot write."""
        wanted = sorted({version.format for version in versions} & {"webp", "avif"})
        if not wanted:
            return []
        from PIL import features  # imported late, as below

        return [name for name in wanted if not features.check(name)]

    def make_one(self, version: Version) -> bytes | None:
        """The bytes of one version, None where its picture is gone or nothing can write it; for any thread. Only this one is made, since nobody asked for more."""
        with self._turn:
            name = self._held().get(self._key(version))
            if name is not None and self._is_whole(name):
                with contextlib.suppress(OSError):
                    return (self.folder / name).read_bytes()
            data = self._read(version)
            if data is None or self.unwritable((version,)):
                return None
            (made,), spoilt = develop(data, (version,))
            if version.is_costly and not spoilt:
                self._keep(version, made)
            return made

    def sweep(self, wanted: Iterable[Version]) -> None:
        """Removes what is not wanted beyond a bound, what was left longest first, and what is made again in no time."""
        entries = self._entries()
        keys = {self._key(version) for version in wanted if version.is_costly} if entries else set()
        unused: list[tuple[int, int, str]] = []
        for entry in entries:
            match = _NAME.match(entry.name)
            if match and match[1] in keys:
                continue
            with contextlib.suppress(OSError):
                state = entry.stat(follow_symlinks=False)
                unused.append((state.st_mtime_ns if match else 0, state.st_size, entry.path))
        room = MOST_UNUSED
        for age, size, path in sorted(unused, reverse=True):
            room -= size
            if room < 0 or not age:
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def clear(self) -> None:
        """Removes everything that is kept."""
        for entry in self._entries():
            with contextlib.suppress(OSError):
                os.unlink(entry.path)

    # --- the folder ------------------------------------------------------------------------------------------------

    def _key(self, version: Version) -> str:
        """The name of a version: what it is made from, and with what."""
        wanted = msgspec.structs.replace(version, source="")
        return digest_of(msgspec.json.encode([RECIPE, _engine(), wanted]))

    def _entries(self) -> list["os.DirEntry[str]"]:
        if self.folder.is_symlink():
            return []
        try:
            with os.scandir(self.folder) as entries:
                return [entry for entry in entries if not entry.is_dir(follow_symlinks=False)]
        except OSError:
            return []

    def _held(self) -> dict[str, str]:
        """Key → name of each file."""
        return {match[1]: entry.name for entry in sorted(self._entries(), key=lambda e: e.name) if (match := _NAME.match(entry.name))}

    def _is_whole(self, name: str) -> bool:
        """Whether a file holds what its name says; one that does not goes."""
        path = os.path.join(self.folder, name)
        hashed = hashlib.blake2b(digest_size=20)
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(descriptor, "rb") as file:
                while chunk := file.read(1 << 20):
                    hashed.update(chunk)
        except OSError:
            return False
        if hashed.hexdigest() == name[-40:]:
            return True
        with contextlib.suppress(OSError):
            os.unlink(path)
        return False

    def _keep(self, version: Version, data: bytes) -> Made:
        digest = digest_of(data)
        name = f"{self._key(version)}.{digest}" + ("" if version.is_costly else ".once")
        path, fresh = os.path.join(self.folder, name), os.path.join(self.folder, f"{name}.{os.getpid()}.{threading.get_ident()}.new")
        try:
            if self.folder.is_symlink():
                raise OSError("a link")
            os.makedirs(self.folder, exist_ok=True)
            with os.fdopen(os.open(fresh, _NEW, 0o644), "wb") as file:
                file.write(data)
            os.replace(fresh, path)
        except OSError:  # a full disk, a folder that cannot be written: the version is handed on without being kept
            with contextlib.suppress(OSError):
                os.unlink(fresh)
            return Made(digest, data=data)
        return Made(digest, path)

    # --- the making ------------------------------------------------------------------------------------------------

    def _develop_all(self, jobs: Sequence[Sequence[Version]], workers: int) -> Iterator[list[Made]]:
        """The versions of each picture, in order."""
        global _work
        workers = min(workers, len(jobs))
        if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
            yield from map(self._develop, jobs)
            return
        from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor  # imported late: seldom there are new pictures

        _engine()  # imports the library once, before there are processes
        _work = (self, jobs)
        done = 0
        try:
            with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), end_with_parent) as pool:
                for made in pool.map(_develop_one, range(len(jobs))):
                    yield made
                    done += 1
        except BrokenProcessPool:  # a worker was killed by whoever needs its memory, or by what it read
            for number in range(done, len(jobs)):
                try:
                    with ProcessPoolExecutor(1, multiprocessing.get_context("fork"), end_with_parent) as pool:
                        yield pool.submit(_develop_one, number).result()
                except BrokenProcessPool:  # so it was this picture
                    yield [Made(digest_of(data), data=data, spoilt=True) for data in self._without_decoding(jobs[number])]
        except OSError:  # no process can be had: go on alone
            yield from map(self._develop, jobs[done:])
        finally:
            _work = None

    def _read(self, version: Version) -> bytes | None:
        """The picture that a version is of; None where its file is not any more what was planned."""
        try:
            data = (self.site_dir / version.source).read_bytes()
        except OSError:
            return None
        return data if digest_of(data) == version.digest else None

    def _develop(self, job: Sequence[Version]) -> list[Made]:
        data = self._read(job[0])
        if data is None:
            return [Made()] * len(job)
        made, spoilt = develop(data, job)
        if spoilt:  # made again each time it is wanted, so that it is told each time
            return [Made(digest_of(data), data=data, spoilt=True) for data in made]
        return [self._keep(version, data) for version, data in zip(job, made, strict=True)]


    def _without_decoding(self, job: Sequence[Version]) -> list[bytes]:
        """The versions of a picture that no decoder survives."""
        data = self._read(job[0])
        return [without_decoding(data or b"", version) for version in job]


_work: tuple[Darkroom, Sequence[Sequence[Version]]] | None = None


def _develop_one(number: int) -> list[Made]:
    assert _work is not None
    return _work[0]._develop(_work[1][number])


@cache
def _engine() -> str:
    """The releases of what decodes and encodes."""
    from PIL import __version__, features  # imported late: 37 ms, for sites with new pictures

    names: Mapping[str, str | None] = {name: features.version(name) for name in ("libjpeg_turbo", "jpg", "webp", "avif", "zlib")}
    return f"pillow {__version__} {names}"
