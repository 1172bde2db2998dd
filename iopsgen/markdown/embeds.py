"""Frames from elsewhere become links, so that a page asks nothing of others before somebody clicks."""

import re
from html import escape, unescape
from urllib.parse import parse_qs, urlsplit

_SOURCE = re.compile(r' src="([^"]*)"')
_TITLE = re.compile(r' title="([^"]*)"')


def link_for_frame(attributes: str) -> str:
    """What stands for an `<iframe>` with these attributes: a link that a theme's script may turn into the frame.

    `href` leads to the page that shows the same thing, `data-embed` is the address of the frame. "" without a web address.
    """
    source = _SOURCE.search(attributes)
    url = unescape(source[1]).strip() if source else ""
    url = "https:" + url if url.startswith("//") else url
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if parts.scheme not in ("https", "http") or not host:
        return ""
    page, frame = url, url
    if host in ("youtube.com", "youtube-nocookie.com") and parts.path.startswith("/embed/"):
        video = parts.path.removeprefix("/embed/").strip("/")
        start = parse_qs(parts.query).get("start", [""])[0]
        page = f"https://www.youtube.com/watch?v={video}" + (f"&t={start}" if start.isdigit() else "")
        frame = url.replace(parts.netloc, "www.youtube-nocookie.com", 1)
    elif host == "player.vimeo.com" and parts.path.startswith("/video/"):
        page = "https://vimeo.com/" + parts.path.removeprefix("/video/")
    title = _TITLE.search(attributes)
    text = title[1].strip() if title and title[1].strip() else escape(host, quote=False)
    return f'<a class="embed" href="{escape(page)}" data-embed="{escape(frame)}">{text}</a>'
