"""The preview of a site while somebody works on it: made in memory, answered on this machine, told to open pages when it changes."""

import socket
import sys
import threading
import time
from pathlib import Path

from iopsgen.build import Options
from iopsgen.problems import in_order
from iopsgen.serve.changes import Changes, Watch, changed_since
from iopsgen.serve.door import Door
from iopsgen.serve.rebuild import GLANCE, Clock, Found, Rebuilder, Say
from iopsgen.serve.stage import Stage

PORTS = 20  # further ports that are tried where one is taken


class NoPort(Exception):
    """The preview cannot be reached at the host and port that were asked for; the message says why."""


class Preview:
    """One preview. `start` makes the site and begins to answer; `close` ends it. The output folder is never touched."""

    def __init__(self, site_dir: Path, options: Options, clock: Clock | None, say: Say, host: str = "127.0.0.1", port: int = 8000) -> None:
        """`clock` gives the moment of each rebuild; without one it is always `options.now`. Raises `NoPort`.

        `say` is called by several threads.
        """
        self._socket = _listen(host, port)
        self.asked, self.port = port, int(self._socket.getsockname()[1])
        self.host = host
        self.stage = Stage(site_dir.resolve())
        self._changes = Changes()
        self._rebuilder = Rebuilder(self.stage, options, clock, say)
        self._door = Door(self._socket, self.stage, host)
        self._say = say
        self._watch: Watch | None = None
        self._threads: list[threading.Thread] = []

    @property
    def address(self) -> str:
        """Where to look at it."""
        host = "localhost" if self.host in ("0.0.0.0", "::", "") else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{self.stage.showing.settings.site.root if self.stage.showing is not None else '/'}"

    def start(self) -> None:
        """Makes the site for the first time, then answers and watches until `close`."""
        started = time.time_ns()
        self._rebuilder.first()
        self._watch = Watch(self.stage.site_dir, self._changes)
        self._watch.follow(self._rebuilder.names)
        if changed := changed_since(self.stage.site_dir, self._rebuilder.names, started):
            self._changes.add((changed,))
        self._door.open()
        for name, work in (("rebuild", self._rebuild), ("glance", self._glance), ("check", self._check)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Ends everything that `start` began."""
        self._changes.end()
        self.stage.unchecked.set()
        self._door.close()
        if self._watch is not None:
            self._watch.stop()
        for thread in self._threads:
            thread.join(5)

    def _rebuild(self) -> None:
        assert self._watch is not None
        self._rebuilder.run(self._changes, self._watch)

    def _glance(self) -> None:
        seen = 0
        while not self._changes.ended:
            seen = self._changes.wait(seen, GLANCE)
            self.stage.look(self._changes.peek())

    def _check(self) -> None:
        """Makes every page that nobody asked for yet, to see whether it can be made; makes room for whatever is more urgent."""
        unchecked, changes, rebuilder = self.stage.unchecked, self._changes, self._rebuilder
        while True:
            unchecked.wait()
            if changes.ended:
                return
            unchecked.clear()
            known = set(self.stage.notice.problems)
            self.stage.check(lambda: unchecked.is_set() or changes.pending or rebuilder.running)
            found = [problem for problem in self.stage.notice.problems if problem not in known]
            if found:
                self._say(Found(in_order(found)))


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens at a host, at the port or the next one that is free. Raises `NoPort`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError, OverflowError) as fault:
        raise NoPort(f'"{host}" is not a host of this machine: {fault}.') from None
    why = ""
    for candidate in range(port, min(port + PORTS, 65535) + 1) if port else (0,):
        listening = socket.socket(family, kind, protocol)
        try:
            # Elsewhere this lets a port be used again at once after the end of a preview; on Windows it would let two programs share it.
            if sys.platform != "win32":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address[0], candidate, *address[2:]))
            listening.listen(128)
            return listening
        except OSError as fault:
            listening.close()
            why = fault.strerror or str(fault)
    raise NoPort(f"No port from {port} to {min(port + PORTS, 65535)} can be used at {host}: {why}.")
