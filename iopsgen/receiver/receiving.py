"""The receiver itself: one request in, one line added to the inbox or a refusal, one answer out."""

import os
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from iopsgen.assemble.routes import prefix_of
from iopsgen.read.contents import MAX_INBOX
from iopsgen.receiver import answers
from iopsgen.receiver.comment import Received, make_comment
from iopsgen.receiver.limits import Limits, Recent
from iopsgen.receiver.pages import Pages
from iopsgen.receiver.request import Refused, Sent, client_of, origin_of, plain_origin, read_request, say, wants_json
from iopsgen.settings import FILE, Settings, read_settings
from iopsgen.texts import Texts, load_texts
from iopsgen.theme import load_theme
from iopsgen.write import WriteFailed, hold_lines

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_FAULT = say("Something is wrong here, and it is not your fault. Please try again later.")


class Receiver:
    """A WSGI application (PEP 3333) for one site; several threads may call it. The settings are read again when they change."""

    def __init__(
        self, site_dir: Path, *, local: bool = False, now: Callable[[], datetime] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`local`: pages of this machine may send, too, for trying out. Raises ValueError where the site has no sound settings."""
        self.site_dir, self.local = site_dir, local
        self._now = now or (lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] = (0, 0)
        self._texts: dict[str, Texts] = {}
        self.settings = self._read_settings()
        self._limits = Limits(self.settings.comments.receive.limit, clock)
        self._recent, self._pages = Recent(), Pages(site_dir)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers one request."""
        self._refresh()
        origin = origin_of(environ)
        method = environ.get("REQUEST_METHOD", "")
        nothing: tuple[str, answers.Headers, bytes] = ("204 No Content", [], b"")
        status, headers, body = nothing if method == "OPTIONS" else self._answer(environ, origin, method)
        headers += [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")]
        headers += [("Vary", "Origin, Accept"), ("Content-Length", str(len(body)))]
        if method == "OPTIONS" or status.startswith("405"):
            headers.append(("Allow", "POST, OPTIONS"))
        if origin and self._is_ours(origin):
            headers += [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Methods", "POST"), ("Access-Control-Allow-Headers", "Content-Type")]
        start_response(status, headers)
        return [b"" if method == "HEAD" else body]

    # --- one comment -------------------------------------------------------------------------------------------------

    def _answer(self, environ: "WSGIEnvironment", origin: str, method: str) -> tuple[str, answers.Headers, bytes]:
        sent = Sent({}, wants_json(environ))
        try:
            if method != "POST":
                raise Refused("method", "405 Method Not Allowed", say("This address takes comments from the form of a page."))
            if origin and not self._is_ours(origin):
                raise Refused("origin", "403 Forbidden", say("It was sent from another website."))
            sent = read_request(environ)
            status, name = self._take(sent, environ)
        except Refused as why:
            headers, body = self._refuse(sent, why)
            return why.status, headers + ([("Retry-After", str(why.retry))] if why.retry else []), body
        except WriteFailed as failed:
            environ["wsgi.errors"].write(f"{failed.message} {failed.hint}\n")
            headers, body = self._refuse(sent, Refused("fault", "503 Service Unavailable", _FAULT))
            return "503 Service Unavailable", headers, body
        if sent.as_json:
            return status, *answers.for_programs({"ok": True, "id": name})
        before = self.settings.comments.moderation == "before"
        return status, *answers.thanks(self._texts_for(sent), self._title(sent), self._back(sent), before)

    def _take(self, sent: Sent, environ: "WSGIEnvironment") -> tuple[str, str]:
        """Adds a comment; the status and its id. The same one again is taken in once."""
        settings, receive = self.settings, self.settings.comments.receive
        address = client_of(environ, receive.proxies)
        if not self._pages.take(sent.fields.get("page", ""), settings):
            raise Refused("page", "404 Not Found", say("No page of this site takes comments at this address."))
        comment = make_comment(sent.fields, self._now(), address, receive.keep)
        if known := self._recent.find(comment.sha256):
            return "200 OK", known
        if wait := self._limits.wait(address):
            words = say("Many comments have come from your connection. Please try again in some minutes.")
            raise Refused("often", "429 Too Many Requests", words, wait)
        self._add(comment)
        self._recent.add(comment.sha256, comment.id)
        return "201 Created", comment.id

    def _add(self, comment: Received) -> None:
        file = inbox_file(self.site_dir, self.settings.comments.inbox, self._now())
        with hold_lines(self.site_dir, file) as lines:
            if lines.size + len(comment.line) + 2 > MAX_INBOX:  # a bigger one the build would not read
                raise WriteFailed(f"The inbox {file} is full.", "Let comments.inbox be a folder: then each month has a file of its own.")
            lines.add([comment.line])

    def _refuse(self, sent: Sent, why: Refused) -> tuple[answers.Headers, bytes]:
        if sent.as_json:
            return answers.for_programs({"ok": False, "code": why.code, "message": self._texts_for(sent).gettext(why.words)})
        return answers.refusal(self._texts_for(sent), self._title(sent), self._back(sent), why, sent.fields.get("body", ""))

    def _is_ours(self, origin: str) -> bool:
        """Whether a page of the site sent it, or one that the settings name."""
        known = {plain_origin(address) for address in (self.settings.site.url, *self.settings.comments.receive.origins)}
        return origin in known or (self.local and is_here(origin))

    # --- words -------------------------------------------------------------------------------------------------------

    def _language(self, sent: Sent) -> str:
        """The language of the answer: that of the page if the site has it, else its main one."""
        wanted = sent.fields.get("language", "")
        return wanted if wanted in self.settings.all_languages else self.settings.site.language

    def _texts_for(self, sent: Sent) -> Texts:
        language = self._language(sent)
        with self._lock:
            if language not in self._texts:
                theme, _ = load_theme(self.site_dir, self.settings.theme)
                if theme is None:
                    theme, _ = load_theme(self.site_dir, "default")
                assert theme is not None
                self._texts[language] = load_texts(theme, language)
            return self._texts[language]

    def _title(self, sent: Sent) -> str:
        own = self.settings.languages.get(self._language(sent))
        return (own.title if own else "") or self.settings.site.title

    def _back(self, sent: Sent) -> str:
        """The address of the page, if it takes comments, else of the home page in that language."""
        site = self.settings.site
        route = sent.fields.get("page", "")
        if not self._pages.take(route, self.settings):
            return site.url + prefix_of(self._language(sent), self.settings.all_languages).lstrip("/")
        return f"{site.url}{quote(route[1:], safe='/')}#comments"

    # --- settings ----------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Reads the settings again if their file is another one; a broken one changes nothing."""
        try:
            found = os.stat(self.site_dir / FILE)
        except OSError:
            return
        if (found.st_mtime_ns, found.st_size) == self._stamp:
            return
        with self._lock:
            try:
                self.settings = self._read_settings()
            except ValueError:
                return
            self._texts = {}
            self._limits.each = self.settings.comments.receive.limit

    def _read_settings(self) -> Settings:
        path = self.site_dir / FILE
        try:
            found = path.stat()
            self._stamp = (found.st_mtime_ns, found.st_size)
            settings, problems = read_settings(path.read_text("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as fault:
            raise ValueError(f"{path} cannot be read: {fault}") from fault
        if settings is None:
            raise ValueError(f"{path} is not sound: {problems[0].message}")
        return settings


def inbox_file(site_dir: Path, inbox: str, now: datetime) -> str:
    """The file of the inbox to add to: the inbox itself, or in a folder or for a pattern that of the month, `2026-11.jsonl`."""
    month = f"{now:%Y-%m}"
    if "*" in inbox:
        return inbox.replace("*", month, 1).replace("*", "")
    if inbox.endswith(".jsonl") and not (site_dir / inbox).is_dir():
        return inbox
    return f"{inbox}/{month}.jsonl"


def is_here(origin: str) -> bool:
    """Whether an origin is this machine."""
    try:
        return urlsplit(origin).hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return False


def make_application(site_dir: str | Path) -> Receiver:
    """The receiver of the site in a folder. Raises ValueError where it has no sound settings."""
    return Receiver(Path(site_dir).resolve())
