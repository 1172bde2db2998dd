"""Where everything stands: the output folder, what is remembered of it, and the folder that it can be swapped with."""

import os
import stat
from pathlib import Path

import msgspec

from iopsgen.write import files, system
from iopsgen.write.failure import WriteFailed
from iopsgen.write.lock import Lock
from iopsgen.write.names import STAGE_INSIDE
from iopsgen.write.record import digest_of


class Place(msgspec.Struct, frozen=True):
    """The folders and files of one output folder, as real paths."""

    live: str  # the output folder
    own: str  # what iopsgen remembers of it
    room: str  # for the new files; on the file system of the output folder
    in_place: bool  # the output folder cannot be swapped: files are replaced one by one

    @property
    def record(self) -> str:
        """Which files are iopsgen's own."""
        return os.path.join(self.own, "ledger")

    @property
    def journal(self) -> str:
        """A publishing step that is under way."""
        return os.path.join(self.own, "journal")

    @property
    def stage(self) -> str:
        """The folder that is being worked on. Found after a stop, it may hold anything."""
        return os.path.join(self.room, "stage")

    @property
    def twin(self) -> str:
        """The other folder of the pair, whole, as the record says."""
        return os.path.join(self.room, "twin")

    @property
    def aside(self) -> str:
        """Mirrors of folders of others, between two publishing steps."""
        return os.path.join(self.room, "aside")


def find_place(lock: Lock, output_dir: Path, in_place: bool) -> Place:
    """Where the output folder really is, and whether it can be swapped.

    A symbolic link *to* the output folder is followed: whoever owns the site made it. Links inside it never are. The folder cannot
    be swapped when it is a file system of its own (a mounted disk, a container's volume) or when its parent cannot be written.
    Raises WriteFailed for a folder that must not be written to.
    """
    live = os.path.realpath(output_dir)
    site, cache = os.path.realpath(lock.site_dir), os.path.realpath(lock.folder)
    if _is_within(site, live) or _is_within(live, cache):
        raise WriteFailed(f"{output_dir} cannot be the output folder: it holds the site itself.", 'Use a folder of its own, such as "output".')
    found = files.state_of(live)
    if found is not None and not stat.S_ISDIR(found.st_mode):
        raise WriteFailed(f"{output_dir} is a file, not a folder.", "Move it away, or choose another output folder.")
    name = os.path.relpath(live, site) if _is_within(live, site) else live
    own = os.path.join(cache, "published", f"{os.path.basename(live)}-{digest_of(os.fsencode(name))[:8]}")
    parent = os.path.dirname(live)
    files.own_folder(os.path.dirname(own))
    files.own_folder(own)
    os.makedirs(parent, exist_ok=True)
    points = system.mount_points()

    def together(one: str, other: str) -> bool:
        return os.stat(one).st_dev == os.stat(other).st_dev and system.mount_of(one, points) == system.mount_of(other, points)

    if found is not None and not (together(live, parent) and os.access(parent, os.W_OK | os.X_OK)):
        return Place(live, own, own if together(own, live) else os.path.join(live, STAGE_INSIDE), True)
    room = own if together(own, parent) else os.path.join(parent, f".{os.path.basename(live)}.iopsgen")
    return Place(live, own, room, in_place)


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
