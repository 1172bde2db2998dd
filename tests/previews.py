"""A preview for tests: started on a small site, asked over HTTP, listened to as a browser does."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from iopsgen.build import Options
from iopsgen.serve import Found, Preview, Rebuilt
from tests.sites import NOW

PATIENCE = 60  # seconds that anything may take before a test gives up


class Running:
    """A preview that answers, with what it said so far."""

    def __init__(self, preview: Preview, news: list[Rebuilt | Found], more: threading.Condition) -> None:
        self.preview, self.news, self._more = preview, news, more
        self.port = preview.port

    def get(self, target: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def text(self, target: str) -> str:
        """The body of a page."""
        return self.get(target)[2].decode()

    def raw(self, request: bytes) -> bytes:
        """What comes back for these bytes, whole."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def until(self, holds: Callable[[], object]) -> None:
        """Waits until something holds; looks whenever the preview says something, and now and then."""
        for _ in range(PATIENCE * 20):
            if holds():
                return
            with self._more:
                self._more.wait(0.05)
        raise AssertionError("it never happened")

    def until_text(self, target: str, wanted: str) -> str:
        """Waits until a page holds a text, and gives the page."""
        self.until(lambda: wanted in self.text(target))
        return self.text(target)

    def problems(self) -> str:
        """What an open page would show to be wrong."""
        return self.text("/.iopsgen/problems.html")

    @contextmanager
    def listening(self, path: str) -> Iterator[Ear]:
        """An open page that is told of changes."""
        mark = re.search(r'data-mark="([^"]*)" defer', self.text(path))
        assert mark
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            target = f"/.iopsgen/events?page={path}&mark={mark[1].replace(' ', '%20')}"
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            ear = Ear(connection)
            ear.until("event: problems")
            yield ear


class Ear:
    """The browser's end of a stream of events."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self.heard = connection, ""

    def until(self, words: str) -> str:
        """Waits for words, forgets everything up to them, and gives the rest of their line."""
        while not re.search(re.escape(words) + ".*\n", self.heard):
            data = self._connection.recv(4096)
            assert data, f"the preview hung up before it said {words!r}; it said {self.heard!r}"
            self.heard += data.decode()
        rest, _, self.heard = self.heard.partition(words)[2].partition("\n")
        return rest


@contextmanager
def preview(site: Path, clock: Callable[[], datetime] | None = None, now: datetime = NOW, port: int = 0, **options: object) -> Iterator[Running]:
    """A preview of a site, at a port of its own unless one is named, as at NOW."""
    news: list[Rebuilt | Found] = []
    more = threading.Condition()

    def say(said: Rebuilt | Found) -> None:
        with more:
            news.append(said)
            more.notify_all()

    made = Preview(site, Options(now=now, **options), clock, say, port=port)  # type: ignore[arg-type]
    try:
        made.start()
        yield Running(made, news, more)
    finally:
        made.close()
