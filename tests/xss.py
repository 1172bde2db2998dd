"""Ways to smuggle a program into a page, of every class that is known; each calls `__hit` when it works."""

from collections.abc import Iterator

_EVENTS = (
    "abort afterprint animationend animationiteration animationstart auxclick beforecopy beforecut beforeinput beforematch beforepaste beforeprint beforetoggle "
    "beforeunload begin blur bounce cancel canplay canplaythrough change click close contentvisibilityautostatechange contextmenu copy cuechange cut dblclick "
    "drag dragend dragenter dragleave dragover dragstart drop durationchange end ended error finish focus focusin focusout formdata fullscreenchange "
    "gesturechange gotpointercapture hashchange input invalid keydown keypress keyup languagechange load loadeddata loadedmetadata loadstart "
    "lostpointercapture message mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel offline online pagehide pageshow paste pause "
    "play playing pointercancel pointerdown pointerenter pointerleave pointermove pointerout pointerover pointerrawupdate pointerup popstate progress ratechange "
    "repeat reset resize scroll scrollend search securitypolicyviolation seeked seeking select selectionchange selectstart show slotchange stalled start "
    "storage submit suspend timeupdate toggle touchcancel touchend touchmove touchstart transitioncancel transitionend transitionrun transitionstart unload "
    "unhandledrejection volumechange waiting webkitanimationend webkittransitionend wheel"
).split()
# Elements that fire without anybody doing anything.
_ALONE = (
    "<img src=x onerror={}>", "<img src=/ onload={}>", "<image src=x onerror={}>", "<svg onload={}>", "<svg><image href=x onerror={} /></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s /></svg>", "<svg><set onbegin={} attributeName=x dur=1s /></svg>", "<svg><discard onbegin={} /></svg>",
    "<svg><foreignObject><img src=x onerror={}></foreignObject></svg>", "<svg><desc><img src=x onerror={}></desc></svg>", "<svg><title><img src=x onerror={}>",
    "<body onload={}>", "<body onpageshow={}>", "<iframe onload={}></iframe>", "<iframe srcdoc='<img src=x onerror=parent.{}>'></iframe>",
    "<object data=x onerror={}></object>", "<embed src=x onload={}>", "<video src=x onerror={}></video>", "<video><source src=x onerror={}></video>",
    "<video autoplay onloadstart={} src=x></video>", "<audio src=x onerror={}>", "<track src=x default onerror={}>", "<details open ontoggle={}>x</details>",
    "<input autofocus onfocus={}>", "<select autofocus onfocus={}><option>x</select>", "<textarea autofocus onfocus={}>", "<button autofocus onfocus={}>x</button>",
    "<a href=x autofocus tabindex=1 onfocus={}>x</a>", "<p tabindex=1 autofocus onfocus={}>x</p>", "<div contenteditable autofocus onfocus={}>x</div>",
    "<marquee onstart={}>x</marquee>", "<style onload={}>x{{}}</style>", "<link rel=stylesheet href=/ onload={}>", "<link rel=stylesheet href=x onerror={}>",
    "<script>{}</script>", "<script src=data:,{}></script>", "<script>/*", "*/{}</script>", "<script type=module>{}</script>", "<script type=text/javascript defer>{}</script>",
    "<xss style='animation:x' onanimationstart={}>x</xss>", "<math><mtext onload={}><img src=x onerror={}></mtext></math>", "<frameset onload={}>", "<dialog open onfocus={}>x",
    "<object data='javascript:{}'></object>", "<embed src='javascript:{}'>", "<iframe src='javascript:parent.{}'></iframe>", "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href='javascript:{}//'>", "<form action='javascript:{}'><input type=submit autofocus></form>", "<isindex action='javascript:{}' type=submit>",
    "<template><img src=x onerror={}></template>", "<noscript><img src=x onerror={}></noscript>", "<applet code=x onerror={}></applet>",
    "<body background='javascript:{}'>", "<table background='javascript:{}'><td>x</table>", "<div style=\"background:url('javascript:{}')\">x</div>",
    "<div style='width:expression({})'>x</div>", "<style>@import 'javascript:{}';</style>", "<?xml-stylesheet href='javascript:{}'?>", "<bgsound src='javascript:{}'>",
)  # fmt: skip
# What a browser once read, or reads, as `javascript:`.
_SCHEMES = (
    "javascript:{}", "JaVaScRiPt:{}", "java\tscript:{}", "java\nscript:{}", "java\rscript:{}", " javascript:{}", "\x01javascript:{}", "\x00javascript:{}", "jav&#x09;ascript:{}",
    "jav&#x0A;ascript:{}", "java&Tab;script:{}", "java&NewLine;script:{}", "javascript&colon;{}", "javascript&#58;{}", "javascript&#x3A;{}", "javascript&#0000058{}",
    "&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;{}", "&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A{}", "%6A%61vascript:{}", "javascript%3A{}",
    "\ufeffjavascript:{}", "\u200bjavascript:{}", "\u2028javascript:{}", "javascript\u0000:{}", "ja\u00advascript:{}", "ｊavascript:{}", "javascript：{}", "vbscript:{}", "livescript:{}",
    "mocha:{}", "data:text/html,<script>parent.{}</script>", "data:text/html;base64,PHNjcmlwdD5wYXJlbnQuX19oaXQoKTwvc2NyaXB0Pg==", "data:image/svg+xml,<svg onload={}>", "view-source:javascript:{}",
    "feed:javascript:{}", "jar:javascript:{}", "blob:javascript:{}", "//javascript:{}", "https:javascript:{}", "javascript:https://x.example/%0a{}", "javascript://x.example/%0a{}", "file:///etc/passwd#{}",
    "\\x6Aavascript:{}", "\\u006aavascript:{}", "intent:{}#Intent;end", "filesystem:http://x/{}", "ws://x/{}", "about:blank#{}",
)  # fmt: skip
_LINKS = ('<a href="{}">x</a>', "[x]({})", "[x](<{}>)", "<{}>", "[x][y]\n\n[y]: {}", "![x]({})", "[x]({} 't')", "[![x]({})]({})")
# Markup that becomes another one when it is read twice.
_MUTATIONS = (
    '<svg><style><img src="</style><img src=x onerror={}>">', '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={}&gt;">',
    '<form><math><mtext></form><form><mglyph><style></math><img src onerror={}>', '<noscript><p title="</noscript><img src=x onerror={}>">', '<textarea><p title="</textarea><img src=x onerror={}>">',
    '<title><p title="</title><img src=x onerror={}>">', '<xmp><p title="</xmp><img src=x onerror={}>">', '<noembed><p title="</noembed><img src=x onerror={}>">', '<iframe><p title="</iframe><img src=x onerror={}>">',
    '<noframes><p title="</noframes><img src=x onerror={}>">', '<plaintext><p title="</plaintext><img src=x onerror={}>">', '<style><a title="</style><img src=x onerror={}>">', "<select><style></select><img src=x onerror={}>",
    "<svg></p><style><a id=\"</style><img src=1 onerror={}>\">", "<svg><p><style><g title=\"</style><img src=x onerror={}>\">", "<math><annotation-xml encoding='text/html'><img src=x onerror={}></annotation-xml></math>",
    "<!--><img src=x onerror={}>-->", "<!---><img src=x onerror={}>", "<!-- --!><img src=x onerror={}>", "<![CDATA[><img src=x onerror={}>]]>", "<!DOCTYPE x[<!ENTITY y '<img src=x onerror={}>'>]>", "<?x ><img src=x onerror={}>",
    "<scr<script>ipt>{}</scr</script>ipt>", "<<script>{};//<</script>", "<script\n>{}</script\n>", "<img/src/onerror={}>", '<img """><script>{}</script>">', "<a/href='x'/onmouseover={}>x", "<p/onmouseover={}>x",
    "<img src=x onerror\x0b={}>", "<img src=x onerror\x0c={}>", "<img src=x\x00 onerror={}>", "<im\x00g src=x onerror={}>", "<img src=`x` onerror={}>", "<img src='x' onerror='{}", '<img src="x" onerror="{}', "<img src=x onerror={}//",
    "</script><img src=x onerror={}>", "</style></title></textarea></template><img src=x onerror={}>", "]]><img src=x onerror={}>", "-->'\"><img src=x onerror={}>", "＜img src=x onerror={}＞", "&lt;img src=x onerror={}&gt;",
    "&amp;lt;img src=x onerror={}&amp;gt;", "\\<img src=x onerror={}\\>", "`<img src=x onerror={}>", "```\n<img src=x onerror={}>", "    <img src=x onerror={}>", "<div\n\n><img src=x onerror={}>", "> <img\n> src=x\n> onerror={}>",
    "<b><i><u><a><img src=x onerror={}", "x{{: onclick={} }}", "# x {{ onclick={} }}", "[x](https://x.example \"onclick={}\")", "[x](https://x.example\"onclick={})", "https://x.example/\"onmouseover={}", "https://x.example/'onmouseover={}",
    "https://x.example/<img src=x onerror={}>", "www.x.example/\"><img src=x onerror={}>", "a@x.example\"onclick={}", "| <img src=x onerror={}> |\n| --- |\n| x |", "[^1]\n\n[^1]: <img src=x onerror={}>", "<script>{}", "\u2028<img src=x onerror={}>\u2029",
)  # fmt: skip
# What means something to programs on the way to the page.
_TEMPLATES = (
    "{{ 7*7 }}", "{% raw %}<img src=x onerror=__hit()>{% endraw %}", "{{ ''.__class__.__mro__ }}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{constructor.constructor('__hit()')()}}", "\x020\x03", "\x02999999\x03", "&#2;0&#3;",
    "%(name)s %s %d", "{0} {name}", "[[__hit()]]", "$(__hit)", "<!--#exec cmd='x'-->", "<?php __hit() ?>", "\\u003cscript\\u003e__hit()\\u003c/script\\u003e", "\\x3cscript\\x3e__hit()\\x3c/script\\x3e",
)  # fmt: skip


def vectors() -> Iterator[str]:
    """All of them, more than seven hundred."""
    hit = "__hit()"
    for event in _EVENTS:
        yield f"<p on{event}={hit} tabindex=0>x</p>"
        yield f'<a href="https://x.example/" on{event.upper()} = "{hit}">x</a>'
    for frame in (*_ALONE, *_MUTATIONS):
        yield frame.replace("{{", "\1").replace("}}", "\2").replace("{}", hit).replace("\1", "{").replace("\2", "}")
    for scheme in _SCHEMES:
        address = scheme.replace("{}", hit)
        for link in _LINKS:
            yield link.replace("{}", address)
    yield from _TEMPLATES


def names() -> Iterator[str]:
    """Names of commenters that try to leave the place where names stand: HTML, attributes, options, JSON, XML."""
    hit = "__hit()"
    yield from (
        f"<img src=x onerror={hit}>", f'"><img src=x onerror={hit}>', f"'><img src=x onerror={hit}>", f"</h3><script>{hit}</script>", f"</option></select><img src=x onerror={hit}>",
        f"</script><script>{hit}</script>", f"]]><img src=x onerror={hit}>", f"<!-- {hit}", f"\u202e{hit}", "{{ 7*7 }}", f"</textarea><img src=x onerror={hit}>", f'" autofocus onfocus="{hit}', "&lt;script&gt;",
        "%(name)s", "\x020\x03", "\ud800", "a\r\nSet-Cookie: x", "\u2028", "x" * 200,
    )  # fmt: skip


def addresses() -> Iterator[str]:
    """Websites of commenters that are none."""
    for scheme in _SCHEMES:
        yield scheme.replace("{}", "__hit()")
    yield from ('https://x.example/"onclick="__hit()', "https://x.example/'onclick='__hit()", "https://x.example/><img src=x onerror=__hit()>", "https://user:pass@x.example/", "https://x.example/\r\nx: y")
