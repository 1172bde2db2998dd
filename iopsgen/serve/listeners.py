"""The open pages that wait to be told of changes: one connection each, by server-sent events (WHATWG HTML, 9.2), and no thread."""

import contextlib
import socket
import threading

MOST = 1000
BEAT = 15.0  # seconds between signs of life


class Listener:
    """One open page: its address (the path, percent-encoded as the browser has it) and the mark of what it shows."""

    def __init__(self, connection: socket.socket, address: str, mark: str) -> None:
        self.connection, self.address, self.mark = connection, address, mark


class Listeners:
    """All open pages. What they are told is short, so that it never waits for a browser: one that does not take it is dropped."""

    def __init__(self) -> None:
        self._open: dict[socket.socket, Listener] = {}
        self._lock = threading.Lock()
        self._said = ""

    def __len__(self) -> int:
        return len(self._open)

    def add(self, listener: Listener) -> bool:
        """Takes over a connection whose response has begun, and tells it how things stand; False where there are too many."""
        with self._lock:
            if len(self._open) >= MOST:
                return False
            self._open[listener.connection] = listener
            said = self._said
        listener.connection.setblocking(False)
        self._send(listener, f"retry: 500\nevent: problems\ndata: {said}\n\n")
        return True

    def addresses(self) -> dict[str, set[str]]:
        """The addresses of the open pages, each with the marks of what is shown there."""
        found: dict[str, set[str]] = {}
        with self._lock:
            for listener in self._open.values():
                found.setdefault(listener.address, set()).add(listener.mark)
        return found

    def reload(self, address: str, mark: str, always: bool = False) -> int:
        """Tells the pages of an address that show something other than `mark`, or all of them, to load again; how many were told."""
        told = 0
        for listener in self._all():
            if listener.address == address and (always or listener.mark != mark):
                listener.mark = mark
                told += self._send(listener, "event: reload\ndata:\n\n")
        return told

    def problems(self, mark: str) -> None:
        """Tells all pages what is wrong now, by its mark ("" for nothing), if that is news."""
        with self._lock:
            if mark == self._said:
                return
            self._said = mark
        for listener in self._all():
            self._send(listener, f"event: problems\ndata: {mark}\n\n")

    def beat(self) -> None:
        """A sign of life to all: connections that are dead are noticed."""
        for listener in self._all():
            self._send(listener, ":\n\n")

    def forget(self, connection: socket.socket) -> None:
        """Takes a connection out. Whoever waits for it sees its end, and closes it."""
        with self._lock:
            known = self._open.pop(connection, None)
        if known is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Takes all of them out."""
        for listener in self._all():
            self.forget(listener.connection)

    def _all(self) -> list[Listener]:
        with self._lock:
            return list(self._open.values())

    def _send(self, listener: Listener, words: str) -> bool:
        data = words.encode()
        try:
            whole = listener.connection.send(data) == len(data)
        except OSError:
            whole = False
        if not whole:
            self.forget(listener.connection)
        return whole
