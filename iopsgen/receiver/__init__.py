"""The receiver: a small WSGI application that takes comments in and adds them to the inbox, for those who have a machine to run it.

`iopsgen.receiver:application` serves the site whose folder the environment variable IOPSGEN_SITE names, else the folder in which
the server was started; `iopsgen.receiver:make_application` takes the folder. The site itself never needs either.
"""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from iopsgen.receiver.receiving import Receiver, make_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Receiver", "application", "make_application"]


@cache
def _of_this_machine() -> Receiver:
    import os

    return make_application(os.environ.get("IOPSGEN_SITE") or os.getcwd())


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """The receiver of the site that this machine was told to serve (PEP 3333)."""
    return _of_this_machine()(environ, start_response)
