"""The receiver alone on this machine, for trying it out: not fast, not for the web, and heard only here."""

import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from iopsgen.receiver.receiving import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
_PATIENCE = 10.0  # seconds until a silent connection is closed
_NAMES = ("127.0.0.1", "localhost")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _Quiet(WSGIRequestHandler):
    """Keeps no list of who asked for what, and does not wait for ever."""

    timeout = _PATIENCE

    def log_message(self, format: str, *args: object) -> None:
        pass

    def address_string(self) -> str:
        return str(self.client_address[0])  # without asking the network for a name

    def handle(self) -> None:
        try:
            super().handle()
        except (TimeoutError, ConnectionError):
            self.close_connection = True


def open_server(site_dir: Path, port: int) -> WSGIServer:
    """A server of the receiver on the loopback address; port 0 takes a free one. Raises OSError, ValueError (see Receiver)."""
    receiver = Receiver(site_dir, local=True)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        host = environ.get("HTTP_HOST", "").rpartition(":")[0] or environ.get("HTTP_HOST", "")
        if host.lower() not in _NAMES:  # a page of the web that gave this machine a name of its own
            start_response("403 Forbidden", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return [b""]
        return receiver(environ, start_response)

    server = _Server((HOST, port), _Quiet)
    server.set_app(application)
    return server


def serve(server: WSGIServer) -> None:
    """Answers until Ctrl-C."""
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
    finally:
        server.server_close()
