"""Where browsers come in: connections are accepted, given to a few threads once they ask for something, and handed to the listeners."""

import contextlib
import re
import selectors
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import BinaryIO

from iopsgen.excerpt import clean
from iopsgen.serve.answers import TEXT, Answer, answer
from iopsgen.serve.hosts import is_allowed
from iopsgen.serve.listeners import BEAT, Listener
from iopsgen.serve.stage import Stage

WORKERS = 16  # requests that are answered at the same time
PATIENCE = 15.0  # seconds in which a connection must ask for something, and take what it is given
MOST = 2000  # connections in all
_CHUNK = 1 << 16
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")


class Door:
    """Answers at one address. Threads: one that waits for connections, and at most WORKERS that answer."""

    def __init__(self, listening: socket.socket, stage: Stage, host: str) -> None:
        """`listening` is bound and listens; `host` is what the preview was asked to answer to."""
        self._socket, self._stage, self._host = listening, stage, host
        self._selector = selectors.DefaultSelector()
        self._waker, self._wake = socket.socketpair()
        for waiting in (listening, self._waker):
            waiting.setblocking(False)
            self._selector.register(waiting, selectors.EVENT_READ)
        self._idle: dict[socket.socket, float] = {}  # connection that has not asked yet → until when it may
        self._busy: set[socket.socket] = set()
        self._heard: list[socket.socket] = []  # of new listeners, to be taken over by the waiting thread
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(WORKERS, "answer")
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)

    def open(self) -> None:
        """Begins to answer."""
        self._thread.start()

    def close(self) -> None:
        """Ends all connections."""
        self._ended = True
        self._nudge()
        if self._thread.is_alive():
            self._thread.join(5)
        with self._lock:
            open_ones = (*self._idle, *self._busy)
        for connection in open_ones:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._stage.listeners.end()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        for connection in (*self._busy, *self._heard, self._wake):
            connection.close()
        self._selector.close()

    # --- the waiting thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        beat = time.monotonic() + BEAT
        while not self._ended:
            for key, _ in self._selector.select(1.0):
                self._serve(key.fileobj)  # type: ignore[arg-type]
            self._take_over()
            now = time.monotonic()
            for connection in [c for c, until in self._idle.items() if until < now]:
                self._end(connection)
            if now >= beat:
                beat = now + BEAT
                self._stage.listeners.beat()

    def _serve(self, ready: socket.socket) -> None:
        if ready is self._socket:
            self._accept()
        elif ready is self._waker:
            with contextlib.suppress(OSError):
                self._waker.recv(4096)
        elif ready in self._idle:
            self._selector.unregister(ready)
            del self._idle[ready]
            with self._lock:
                self._busy.add(ready)
            self._pool.submit(self._answer, ready)
        else:  # a listener has nothing to say: it went away, or was taken out
            self._stage.listeners.forget(ready)
            self._selector.unregister(ready)
            ready.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return
        if len(self._idle) + len(self._busy) + len(self._stage.listeners) >= MOST:
            connection.close()
            return
        connection.settimeout(PATIENCE)
        self._idle[connection] = time.monotonic() + PATIENCE
        self._selector.register(connection, selectors.EVENT_READ)

    def _end(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._idle[connection]
        connection.close()

    def _take_over(self) -> None:
        with self._lock:
            heard, self._heard = self._heard, []
        for connection in heard:
            self._selector.register(connection, selectors.EVENT_READ)

    def _nudge(self) -> None:
        with contextlib.suppress(OSError):
            self._wake.send(b".")

    # --- the answering threads -------------------------------------------------------------------------------------

    def _answer(self, connection: socket.socket) -> None:
        """Reads one request and answers it. One connection, one request: none holds a thread without need."""
        keep = False
        try:
            request = _Request(connection, self._stage, self._host)
            keep = request.listens is not None and self._listen(connection, *request.listens)
        except OSError:
            pass  # the browser went away
        finally:
            with self._lock:
                self._busy.discard(connection)
            if not keep:
                with contextlib.suppress(OSError):
                    connection.close()

    def _listen(self, connection: socket.socket, address: str, mark: str) -> bool:
        """Hands a connection over to the listeners, and tells it if its page is out of date already."""
        if self._ended or not self._stage.listeners.add(Listener(connection, address, mark)):
            return False
        with self._lock:
            self._heard.append(connection)
        self._nudge()
        self._stage.listeners.reload(address, self._stage.mark(address))
        self._stage.learn((address,))
        return True


class _Request(BaseHTTPRequestHandler):
    """One request, answered as soon as it is made. `listens`: address and mark of an open page that is to be told of changes."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    listens: tuple[str, str] | None = None

    def __init__(self, connection: socket.socket, stage: Stage, host: str) -> None:
        self._stage, self._host = stage, host
        super().__init__(connection, connection.getpeername(), None)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answers with what the address shows."""
        if not self._refuse():
            self._send(answer(self._stage, self.path), self.command == "GET")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Refuses everything that is not reading."""
        self._say(405, "This is a preview: it only shows pages.", Allow="GET, HEAD")

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST

    def _refuse(self) -> bool:
        """Whether the request is for somebody else: a page of the web that gave this machine a name of its own, or a proxy's client."""
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or not is_allowed(hosts[0], self._host, self.connection.getsockname()[0]):
            named = clean(", ".join(hosts))[:200] or "nobody"
            port = self.connection.getsockname()[1]
            self._say(
                421,
                f"This preview does not answer to the name {named}. Open it as http://localhost:{port}/.\n"
                "If it is meant to be reached by that name, start it with: iopsgen serve --host NAME",
            )
            return True
        if not self.path.startswith("/"):
            self._say(400, "The address must be a path.")
            return True
        return False

    def _say(self, status: int, words: str, **headers: str) -> None:
        self._send(Answer(status=status, kind=TEXT, body=f"{words}\n".encode("utf-8", "replace")), self.command != "HEAD", **headers)

    def _send(self, found: Answer, with_body: bool, **headers: str) -> None:
        first, last = 0, found.size - 1
        if found.file is not None:
            headers["Accept-Ranges"] = "bytes"
            part = _part(self.headers.get("Range", ""), found.size)
            if part is not None and found.status == 200:
                first, last = part
                headers["Content-Range"] = f"bytes {first}-{last}/{found.size}"
        self.send_response(206 if "Content-Range" in headers else found.status)
        self.send_header("Content-Type", found.kind)
        if found.listen is None:
            self.send_header("Content-Length", str(last - first + 1 if found.file is not None else len(found.body)))
        if found.location:
            headers["Location"] = found.location
        # Nothing is kept, no page of the web may use what is shown here, and nothing is taken for what it is not.
        headers |= {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Connection": "close"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.listens = found.listen if with_body else None
        if found.file is not None:
            with found.file:
                if with_body:
                    self._copy(found.file, first, last + 1 - first)
        elif with_body:
            self.wfile.write(found.body)

    def _copy(self, file: BinaryIO, first: int, left: int) -> None:
        file.seek(first)
        while left > 0 and (data := file.read(min(_CHUNK, left))):
            self.wfile.write(data)
            left -= len(data)

    def version_string(self) -> str:
        """What the Server header says."""
        return "iopsgen"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: requests are no news."""


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the part of a file that is asked for (RFC 9110, 14.2), None for the whole."""
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or not size:
        return None
    if found[3]:
        return max(0, size - int(found[3])), size - 1
    first, last = int(found[1]), int(found[2]) if found[2] else size - 1
    return (first, min(last, size - 1)) if first <= last and first < size else None
