"""A real terminal for tests: a program that believes somebody sits before it, and keys pressed one after the other."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

PATIENCE = 60.0  # seconds


class Terminal:
    """A program on a terminal of its own, 40 lines of 100 signs."""

    def __init__(self, command: Iterable[str | Path], cwd: Path, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self._program = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, env=dict(environment), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, close_fds=True
        )
        os.close(theirs)
        self.seen = ""  # everything that was shown, without colours
        self._read_to = 0

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self._program.poll() is None:
            self._program.kill()
            self._program.wait(PATIENCE)
        os.close(self._ours)

    def wait_for(self, words: str) -> str:
        """What is shown until these words have come since the last call, them included."""
        end = time.monotonic() + PATIENCE
        while words not in self.seen[self._read_to :]:
            assert time.monotonic() < end, f"{words!r} did not come: {self.seen[self._read_to :]!r}"
            assert self._read(), f"the program ended before {words!r}: {self.seen[self._read_to :]!r}"
        at = self.seen.index(words, self._read_to) + len(words)
        found, self._read_to = self.seen[self._read_to : at], at
        return found

    def press(self, key: str) -> None:
        """Presses a key once the program waits for one."""
        self._type(key, lines=False)

    def answer(self, text: str) -> None:
        """Types a line once the program waits for one."""
        self._type(text + "\r", lines=True)

    def _type(self, text: str, lines: bool) -> None:
        end = time.monotonic() + PATIENCE
        while bool(termios.tcgetattr(self._ours)[3] & termios.ICANON) != lines:
            assert time.monotonic() < end, f"the program does not wait for {text!r}"
            time.sleep(0.01)
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """Reads to the end and gives the exit code."""
        while self._read():
            pass
        return self._program.wait(PATIENCE)

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], PATIENCE)[0]:
            return False
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.seen += re.sub(r"\x1b\[[0-9;]*m", "", data.decode("utf-8", "replace")).replace("\r\n", "\n")
        return bool(data)
