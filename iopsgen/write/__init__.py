"""The only hand on the output folder: it holds the site of one build, whole, at every instant."""

from iopsgen.write.failure import WriteFailed
from iopsgen.write.files import Copy, clear_replacement, replace_file
from iopsgen.write.lines import hold_lines
from iopsgen.write.lock import Holder, Lock, Locked, lock
from iopsgen.write.look import Care
from iopsgen.write.names import is_safe
from iopsgen.write.output import Content, Output, Published, Written, open_output
from iopsgen.write.record import Entry, digest_of

__all__ = [
    "Care", "Content", "Copy", "Entry", "Holder", "Lock", "Locked", "Output", "Published", "WriteFailed", "Written", "clear_replacement", "digest_of",
    "hold_lines", "is_safe", "lock", "open_output", "replace_file",
]  # fmt: skip
