"""Raw HTML by trust, and hostile text: nothing that runs gets through, and nothing takes long."""

import re
import subprocess
import sys

import pytest

from iopsgen.absolute import fill
from iopsgen.markdown import Options, comment_html, render, render_small
from iopsgen.problems import Problem
from tests.markup import dangers, parse, shape, words

ENGINES = ("markdown", "commonmark")
both = pytest.mark.parametrize("engine", ENGINES)


def rendered(source: str, engine: str = "markdown", html: str = "restricted") -> tuple[str, list[Problem]]:
    """The HTML with every address filled in as the author wrote it, and the problems."""
    made, about, problems = render(source, Options(engine=engine, html=html), "x.md")  # type: ignore[arg-type]
    return fill(made, tuple(t.url for t in about.targets)), problems


# --- the three levels -----------------------------------------------------------------------------------------------

RAW = """Text <b onclick="x()" class="note evil" style="color:red">bold</b> and <u>more</u>.

<script>alert("a")</script>

<style>p { color: red }</style>

<form action="/x"><input name="y"><button>Go</button></form>

<figure id="f"><img src="a.jpg" alt="b" onerror="x()" width="100"><figcaption>Caption</figcaption></figure>

<details open><summary>More</summary>

*Markdown* inside

</details>
"""


@both
def test_restricted(engine: str) -> None:
    """Restricted: figures, media and details stay, what runs or changes the page goes, one warning names it."""
    made, problems = rendered(RAW, engine)
    assert dangers(made) == []
    assert '<b class="note">bold</b> and <u>more</u>' in made
    assert '<figure id="f">' in made and "<figcaption>Caption</figcaption>" in made and 'width="100"' in made
    assert "<em>Markdown</em> inside" in made and "<details open" in made
    assert "alert" not in made and "color" not in made and "<form" not in made and "<input" not in made
    assert [p.message for p in problems] == [
        "HTML that is not allowed here was taken out: <script>, <style>, <form>, <input>, <button>, onclick=…, style=…, onerror=…."
    ]
    assert problems[0].severity == "warning" and str(problems[0].place) == "x.md:1" and "Markdown" in problems[0].hint


@both
def test_trusted(engine: str) -> None:
    """Trusted: everything that HTML has, but no address that runs a program."""
    made, problems = rendered(RAW + '\n<my-map data-zoom="3">m</my-map> <svg><path d="M0"/></svg> <a href="javascript:x()">j</a>', engine, "trusted")
    for kept in ("onclick=", "style=", '<script>alert("a")</script>', "<form", "<input", "<my-map", 'data-zoom="3"', "<path"):
        assert kept in made, kept
    assert "javascript:" not in made and ">j<" in made
    assert len(problems) == 1 and "javascript: addresses" in problems[0].message


@both
@pytest.mark.parametrize(
    "source",
    [
        "[a](javascript:alert(1))",
        "<a href=javascript:alert(1)>a</a>",
        "<a href='&#106;avascript:alert(1)'>a</a>",
        "<a href='java\tscript:alert(1)'>a</a>",
        "<a href=' JaVaScRiPt:alert(1)'>a</a>",
        "<a href=vbscript:x>a</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
        "<form action=javascript:x><button formaction=javascript:y>a</button></form>",
        "<iframe src=javascript:alert(1)></iframe>",
        "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
        "<svg><a xlink:href=javascript:alert(1)><text>a</text></a></svg>",
        "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
        "<math href=javascript:alert(1)>a</math>",
        "<base href=javascript:alert(1)//>",
        "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
        "<video poster=javascript:alert(1)></video>",
    ],
)
def test_trusted_addresses(engine: str, source: str) -> None:
    """Even the trusted cannot link to a program."""
    made, _ = rendered(source, engine, "trusted")
    tree = parse(made)
    values = [re.sub(r"[\x00-\x20]", "", value).lower() for element in tree.iter() for value in element.attrib.values()]
    assert not [v for v in values if v.startswith(("javascript:", "vbscript:", "data:"))]
    assert "<base" not in made and "<meta" not in made


@both
def test_none(engine: str) -> None:
    """None: raw HTML is shown as text, Markdown works, links in angle brackets too, and a warning says so."""
    source = "a <b>bold</b> *em* <https://x.org/> <me@x.org> `<i>` [l](m.md)\n\n<div class=x>\n*in*\n</div>\n\n    <pre>"
    made, problems = rendered(source, engine, "none")
    assert words(made) == "a <b>bold</b> em https://x.org/ me@x.org <i> l <div class=x> in </div> <pre>"
    assert made.count("<a ") == 3 and "<em>in</em>" in made and "\x05" not in made
    assert [p.message for p in problems] == ["HTML is shown as text here: <b>, <div>."]
    assert rendered("1 < 2 and `<b>` <https://x.org>", engine, "none")[1] == []


@both
def test_frames_become_links(engine: str) -> None:
    """A frame from elsewhere becomes a link, which a theme may turn into the frame when it is clicked."""
    made, problems = rendered('<iframe src="https://www.youtube.com/embed/abc?start=9" title="Our &lt;film&gt;" onload=x></iframe>', engine)
    assert made == (
        '<a class="embed" href="https://www.youtube.com/watch?v=abc&amp;t=9"'
        ' data-embed="https://www.youtube-nocookie.com/embed/abc?start=9">Our &lt;film&gt;</a>'
    )
    assert "onload" in problems[0].message
    assert 'href="https://vimeo.com/1"' in rendered("<iframe src=//player.vimeo.com/video/1></iframe>", engine)[0]
    assert rendered("<iframe src=https://maps.x.org/a?b=1&c=2><p>no frames</iframe>after", engine)[0].count(">maps.x.org</a>") == 1
    for address in ("javascript:x", "data:text/html,x", "/local", "", "https://[", "//"):
        assert "embed" not in rendered(f'<iframe src="{address}"></iframe>', engine)[0]


OLD = [
    "<CENTER><FONT COLOR=red SIZE=+2>Hi</FONT></CENTER>",
    "<p>one<p>two<br>three<BR/>four",
    "<p>a <b>b <i>c</b> d</i>",
    "<ul><li>a<li>b</ul>",
    "<table border=1><tr><td align=right valign=top>a<td>b</table>",
    "<div align=center><img src=a.gif align=left border=0 alt=x></div>",
    "<tt>a</tt> <strike>b</strike> <acronym title=c>d</acronym> <big>e</big>",
    "<a name=top></a><h2>x</h2></div></span>",
    "<div>\n\n**bold**\n\n<div>open",
    "<blockquote>a\n\n- b\n</blockquote>\n\n- c",
    "</p></div></body></html>x",
    "<o:p>Word</o:p> <st1:place>x</st1:place>",
]


@both
@pytest.mark.parametrize("trust", ["trusted", "restricted", "none"])
@pytest.mark.parametrize("source", OLD)
def test_old_html_is_made_sound(source: str, trust: str, engine: str) -> None:
    """HTML of the last century comes out closed, nested and in lower case, and no words are lost."""
    made, _ = rendered(source, engine, trust)
    tags = re.findall(r"<(/?)([A-Za-z][\w:-]*)[^>]*>", made)
    open_tags: list[str] = []
    for close, name in tags:
        assert name == name.lower()
        if name in ("br", "img", "hr", "input", "col"):
            continue
        if close:
            assert open_tags and open_tags.pop() == name
        else:
            open_tags.append(name)
    assert open_tags == []
    if trust != "none":
        assert words(made).replace(" ", "") == words(source.replace("**", "").replace("- ", "")).replace(" ", "")
        assert not re.search(r"<(center|font|tt|strike|acronym|big|o:p)\b", made)


@both
def test_old_html_keeps_its_meaning(engine: str) -> None:
    """Alignment becomes a class, `<tt>` code, an anchor's name an id."""
    made, problems = rendered("<CENTER>a</CENTER>\n\n<p align=right>b <tt>c</tt> <strike>d</strike> <a name=top>e</a>", engine)
    assert '<div class="align-center">a</div>' in made and '<p class="align-right">b <code>c</code> <s>d</s> <a id="top">e</a>' in made
    assert problems == []


@both
def test_markdown_inside_html(engine: str) -> None:
    """`markdown="1"` says that Markdown stands inside, on one line or on several."""
    for source in ('<div markdown="1">\n*a*\n</div>', "<div class=note markdown=1>*a*</div>", "<section markdown>\n*a*\n</section>"):
        assert "<em>a</em>" in rendered(source, engine)[0], source
        assert "markdown" not in rendered(source, engine)[0]


@both
def test_removed_says_where(engine: str) -> None:
    """The warning names the line of the first thing that was taken out, not of the same word in code."""
    source = "`<script>`\n\n    <script>\n\ntext\n<script>x</script>\n\n<form>"
    _, _, problems = render(source, Options(engine=engine), "y.md", 11)  # type: ignore[arg-type]
    assert [(str(p.place), p.message) for p in problems] == [("y.md:16", "HTML that is not allowed here was taken out: <script>, <form>.")]
    _, _, problems = render("a\n\n[b](javascript:x)", Options(engine=engine), "y.md")  # type: ignore[arg-type]
    assert [str(p.place) for p in problems] == ["y.md:3"] and "javascript: addresses" in problems[0].message
    assert render("a <your name> b", Options(engine=engine), "y.md")[2][0].message.endswith("<your>.")  # type: ignore[arg-type]
    assert render("1 < 2, `<x>`, <https://a.org>, <!-- note -->", Options(engine=engine), "y.md")[2] == []  # type: ignore[arg-type]


# --- scripts --------------------------------------------------------------------------------------------------------

VECTORS = r'''
<script>alert(1)</script>
<SCRIPT SRC=//x.org/a.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<script
src="//x.org">
<script/src=data:,alert(1)>
<<script>alert(1);//<</script>
<img src=x onerror=alert(1)>
<img src=x onerror="alert(1)"//
<img """><script>alert(1)</script>">
<img src=`x` onerror=alert(1)>
<img/src/onerror=alert(1)>
<img src="x:x" onerror="alert(1)">
<IMG SRC=JaVaScRiPt:alert(1)>
<img src=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>
<img src="jav&#x09;ascript:alert(1);">
<img src="jav&#x0A;ascript:alert(1);">
<img src=" &#14;  javascript:alert(1);">
<img srcset="javascript:alert(1) 1x, x.png 2x">
<img lowsrc="javascript:alert(1)" dynsrc="javascript:alert(1)">
<svg onload=alert(1)>
<svg/onload=alert(1)//
<svg><script>alert(1)</script></svg>
<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><use href="data:image/svg+xml;base64,PHN2Zz4=#x"/></svg>
<svg><style><img src="</style><img src=x onerror=alert(1)//">
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<math><a xlink:href="javascript:alert(1)">x</a></math>
<math><maction actiontype="statusline#http://x" xlink:href="javascript:alert(1)">x</maction></math>
<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<textarea><p title="</textarea><img src=x onerror=alert(1)>">
<title><p title="</title><img src=x onerror=alert(1)>">
<xmp><p title="</xmp><img src=x onerror=alert(1)>">
<noembed><p title="</noembed><img src=x onerror=alert(1)>">
<iframe><p title="</iframe><img src=x onerror=alert(1)>"></iframe>
<template><script>alert(1)</script></template>
<select><template><img src=x onerror=alert(1)></template></select>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<iframe src="https://x.org/&quot; onload=&quot;alert(1)" title='"><script>alert(1)</script>'></iframe>
<object data="data:text/html;base64,PHNjcmlwdD4="></object>
<embed src="javascript:alert(1)">
<applet code="x.class"></applet>
<base href="javascript:alert(1)//">
<link rel=stylesheet href="javascript:alert(1)">
<meta http-equiv="refresh" content="0;url=javascript:alert(1)">
<style>@import 'javascript:alert(1)';</style>
<div style="background:url(javascript:alert(1))">x</div>
<div style="width:expression(alert(1))">x</div>
<body onload=alert(1)>
<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>
<table background="javascript:alert(1)"><td background="javascript:alert(1)">x</table>
<form action="javascript:alert(1)"><input type=submit formaction=javascript:alert(1)></form>
<button onclick=alert(1) autofocus onfocus=alert(1)>x</button>
<input autofocus onfocus=alert(1)>
<details open ontoggle=alert(1)>x</details>
<video><source onerror=alert(1)></video>
<video poster=javascript:alert(1) src=x onloadstart=alert(1)></video>
<audio src=x onerror=alert(1)>
<marquee onstart=alert(1)>x</marquee>
<a href="javascript:alert(1)">x</a>
<a href="java&Tab;script&colon;alert(1)">x</a>
<a href="&#x6A;avascript:alert(1)">x</a>
<a href="\x01javascript:alert(1)">x</a>
<a href="javascript&#58;alert(1)">x</a>
<a href="vbscript:msgbox(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href="view-source:javascript:alert(1)">x</a>
<a href="blob:https://x/1">x</a>
<a href="feed:javascript:alert(1)">x</a>
<a href="https://x.org" onmouseover=alert(1) ping="javascript:alert(1)">x</a>
<a href='x' title='"><img src=x onerror=alert(1)>'>x</a>
<a href=x ONCLICK=alert(1) OnMouseOver = "alert(1)">x</a>
<p/onmouseover=alert(1)>x
<x onclick=alert(1)>x</x>
<!--><script>alert(1)</script>-->
<!-- --!><script>alert(1)</script>
<!--[if gte IE 4]><script>alert(1)</script><![endif]-->
<![CDATA[<script>alert(1)</script>]]>
<?xml version="1.0"?><script>alert(1)</script>
<?php echo '<script>alert(1)</script>' ?>
<!DOCTYPE x [<!ENTITY y "<script>alert(1)</script>">]>
[x](javascript:alert(1))
[x](JaVaScRiPt:alert(1))
[x](javascript&#58;alert(1))
[x](&#106;avascript:alert(1))
[x](<javascript:alert(1)>)
[x]( javascript:alert(1) "t")
[x](vbscript:alert(1))
[x](data:text/html;base64,PHNjcmlwdD4=)
[x](java%0Ascript:alert(1))
[x](https://x.org "onmouseover=alert(1)" onclick=alert(1))
[x](https://x.org'onmouseover=alert(1))
[x](https://x.org"onmouseover="alert(1))
[x](x"onerror="alert(1))
![x](javascript:alert(1))
![x](x"onerror="alert(1))
![x"onerror="alert(1)](x.png)
![x](x.png "a"onerror="alert(1)")
<javascript:alert(1)>
<vbscript:x>
<data:text/html,x>
[x]: javascript:alert(1)
[x][y] [y]: data:text/html,x
[y]: <javascript:alert(1)> "t"
https://x.org/"onmouseover="alert(1)
https://x.org/'onmouseover='alert(1)
https://x.org/<script>alert(1)</script>
www.x.org/"><script>alert(1)</script>
"><script>alert(1)</script>@x.org
a@x.org"onclick="alert(1)
x{: onclick="alert(1)" style="x" href="javascript:alert(1)" }
*x*{onclick=alert(1)}
# x {onclick=alert(1) #y" .z"onclick=alert(1)}
# <img src=x onerror=alert(1)> {#a"onclick="alert(1)}
[^1"onclick="alert(1)] [^1"onclick="alert(1)]: x
*[x"onclick="alert(1)]: y"onclick="alert(1)
```js"onclick="alert(1)
``` <script>alert(1)</script>
~~~ {.x"onclick="alert(1)}
`<script>alert(1)</script>`
| <script>alert(1)</script> | a | <script>alert(1)</script>
<div markdown="1" onclick=alert(1)><script>alert(1)</script></div>
<script markdown="1">alert(1)</script>
<div align="center onclick=alert(1)">x</div>
<td align='right" onclick="alert(1)'>x</td>
<sup class="footnote-reference"><a href="#x&quot; onclick=&quot;alert(1)">1</a></sup>
<div class="footnote-definition" id="x&quot; onclick=&quot;alert(1)"><sup class="footnote-definition-label">1</sup>y</div>
<input disabled="" type="checkbox"/> <input type=password>
<pre><code class="language-x&quot; onclick=&quot;alert(1)">y</code></pre>
<h1 id="a&quot; onclick=&quot;alert(1)">x</h1> [TOC]
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62;
&#2;0&#3; &#5;script>alert(1)&#5;/script> &#14;&#4;
<style/><img src="</style><img src=x onerror=alert(1)>
<p><style><a title="</style><img src onerror=alert(1)>"></style>
<a><table><a href="javascript:alert(1)"><td>
<form><input name=attributes><img src=x onerror=alert(1)></form>
<img src="x` `<script>alert(1)</script>"` `>
<b <script>alert(1)</script>0
</script><script>alert(1)</script>
</style></title></textarea><img src=x onerror=alert(1)>
<plaintext><img src=x onerror=alert(1)>
<listing>&lt;img onerror=alert(1) src=x&gt;</listing>
<isindex type=image src=x onerror=alert(1)>
<keygen autofocus onfocus=alert(1)>
<menuitem onclick=alert(1)>x
<portal src="javascript:alert(1)"></portal>
<dialog open onclose=alert(1)>x</dialog>
<slot onslotchange=alert(1)>x</slot>
'''.strip().split("\n")


@both
@pytest.mark.parametrize("html", ["restricted", "none"])
def test_scripts_in_texts(engine: str, html: str) -> None:
    """No known way to smuggle a program into a text works, alone or inside other Markdown."""
    for vector in VECTORS:
        vector = vector.replace("\\x01", "\x01")
        for source in (vector, f"text {vector} text", f"- a\n  {vector}\n", f"> {vector}", f"| a | b |\n|---|---|\n| {vector} | c |", f"# {vector}\n\n[TOC]"):
            made, _ = rendered(source, engine, html)
            assert dangers(made) == [], source


@both
def test_scripts_in_small_texts(engine: str) -> None:
    """Bios are as safe as posts."""
    for vector in VECTORS:
        assert dangers(render_small(f"a {vector}", Options(engine=engine))) == [], vector  # type: ignore[arg-type]


@both
def test_all_vectors_at_once(engine: str) -> None:
    """The vectors together, with whatever they leave open for each other, are harmless too."""
    for source in ("\n".join(VECTORS), "\n\n".join(reversed(VECTORS)), " ".join(VECTORS)):
        for html in ("restricted", "none"):
            assert dangers(rendered(source, engine, html)[0]) == []


# --- time and depth -------------------------------------------------------------------------------------------------

N = 3_000
HOSTILE = {
    "brackets": "[" * N,
    "picture brackets": "![" * N,
    "links never closed": "[a](<b" * N,
    "links without end": "[a](" * N,
    "references never closed": "[a][b" * N,
    "notes never closed": "[^" * N,
    "stars": "*a **a " * N,
    "underscores": "_a __b " * N,
    "emphasis in emphasis": "*a " * N + "b*" * N,
    "tildes": "~~a ~b " * N,
    "backquotes": "".join("a" + "`" * n for n in range(800)),
    "backslashes": "\\" * 20 * N,
    "entities": "&#x" * N,
    "comments never closed": "<!--" * N,
    "CDATA never closed": "<![CDATA[" * N,
    "instructions never closed": "<?" * N,
    "attributes never closed": '<a b="' * N,
    "tags never closed": "<div " + "markdown " * N,
    "frames never closed": "<iframe src=https://x.org>" * N,
    "many attributes": "<a " + " ".join(f"a{n}=1" for n in range(20 * N)) + ">",
    "elements in elements": "<div>" * N,
    "inline elements": "x " + "<b>" * N,
    "formatting left open": "".join(f"<b id={n}><p>" for n in range(240)) + "<p>" * N,
    "tables in tables": "<table><tr><td>" * N,
    "shapes in shapes": "<svg>" + "<path>" * N,
    "quotes in quotes": ">" * N,
    "lists in lists": "- " * N,
    "numbers in numbers": "1. " * N,
    "lists by indentation": "\n".join("  " * n + "- a" for n in range(600)),
    "quotes and lists": "> - " * N,
    "definitions in definitions": "a\n" + "".join("  " * n + ": b\n" for n in range(600)),
    "paragraphs": "a b c\n\n" * 5 * N,
    "headings": "# a\n" * N,
    "rules": "* " * N + "x",
    "underlines": "a\n---\n" * N,
    "lazy lines": "> a\n" + "b\n" * 5 * N,
    "loose items": "- a\n\n" * N,
    "a wide table": "|a" * 1000 + "\n" + "|-" * 1000 + "\n" + "|b\n" * 500,
    "pipes": "|" * 5 * N + "\n" + "|-" * 5 * N,
    "cells of code": "|a|b|\n|-|-|\n|" + "`a``b" * N + "|\n",
    "definitions of links": "".join(f"[{n}]: /u{n}\n" for n in range(N)) + "\n" + "".join(f"[{n}] " for n in range(N)),
    "long definitions of links": "[a]: " + "x" * 50_000 + "\n\n" + "[a]\n" * N,
    "abbreviations": "".join(f"*[a{n}]: t\n" for n in range(N)) + "\n" + "a1 " * N,
    "notes": "".join(f"[^{n}] " for n in range(N)) + "\n\n" + "".join(f"[^{n}]: x\n" for n in range(N)),
    "attribute lists": "a\n{: " + 'a="b" ' * N + "}",
    "braces": "# a " + "{" * 5 * N,
    "spaces": "# a" + " " * 50 * N + "b",
    "addresses": "http://" * N,
    "brackets in addresses": "http://a" + "(" * N + ")" * 5 * N,
    "mail addresses": "a@" * N + "a." * N,
    "quotation marks": "\"' " * 5 * N,
    "dashes and dots": "-- ... " * N,
    "pictures": "![](x.png)\n" * N,
    "targets": "[a](<ü b.md>) " * N,
    "code that colours badly": "```csharp\n" + "a\n" * 10_000 + "```",
    "code in one line": "```python\n" + "(" * 20_000 + "\n```",
    "many blocks of code": "```java\na b\na b\n```\n\n" * 1000,
    "one word": "a" * 200 * N,
    "marks over marks": "a" + "\u0301" * 10 * N,
}

_RUN = """
import sys
sys.setrecursionlimit(1000)
from iopsgen.markdown import Options, comment_html, render, render_small
from tests.unit.test_markdown_safety import HOSTILE
for name, source in HOSTILE.items():
    for engine in ("markdown", "commonmark"):
        for html in ("restricted", "none", "trusted"):
            made, text, problems = render(source, Options(engine=engine, html=html), "x.md")
            assert all(p.place and p.place.file == "x.md" and p.hint for p in problems), name
        render_small(source[:20000], Options(engine=engine))
    for format in ("markdown", "text", "html"):
        comment_html(source[:32768], format)
print("done")
"""


def test_hostile_texts_end() -> None:
    """Texts made to be slow or deep end, with every engine, level of trust and as comments; the limit only guards against a hang."""
    result = subprocess.run([sys.executable, "-c", _RUN], capture_output=True, text=True, timeout=600, check=False)
    assert result.stdout == "done\n", result.stderr[-2000:]


@pytest.mark.parametrize("name", ["brackets", "links never closed", "cells of code", "lists by indentation"])
def test_intricate_texts_change_engines(name: str) -> None:
    """What the default engine cannot read in bounded time is rendered by the other one, with a warning."""
    made, problems = rendered(HOSTILE[name] if name != "brackets" else "[" * 20_000)
    assert [p.severity for p in problems if "too intricate" in p.message] == ["warning"]
    assert made == rendered(HOSTILE[name] if name != "brackets" else "[" * 20_000, "commonmark")[0]


@both
@pytest.mark.parametrize("name", ["elements in elements", "quotes in quotes", "formatting left open", "many attributes"])
def test_boundless_html_is_an_error(name: str, engine: str) -> None:
    """HTML that nests without end is refused with the file and what to do."""
    made, problems = rendered(HOSTILE[name], engine)
    assert made == "" and problems[-1].severity == "error" and "levels deep" in problems[-1].message


@both
def test_deep_but_sensible(engine: str) -> None:
    """Twelve levels of lists and quotes are no problem."""
    source = "\n".join("  " * n + f"- {n}" for n in range(12)) + "\n\n" + "".join("> " * n + f"{n}\n" + "> " * n + "\n" for n in range(1, 13))
    made, problems = rendered(source, engine)
    assert problems == [] and made.count("<ul>") == 12 and made.count("<blockquote>") == 12


# --- comments -------------------------------------------------------------------------------------------------------

ALLOWED = set("p br a em strong b i del s code pre blockquote ul ol li".split())


def check_comment(made: str) -> None:
    """Only what comments may hold: no other element, no attribute but those of links."""
    assert dangers(made) == []
    for element in parse(made).iter():
        if element.tag in ("DOCUMENT_FRAGMENT", "div") and not element.attrib:
            continue
        assert element.tag in ALLOWED, made
        if element.tag == "a":
            assert set(element.attrib) == {"href", "rel"} and re.match("https?://", element.attrib["href"])
            assert element.attrib["rel"] == "nofollow ugc noopener noreferrer"
        else:
            assert not element.attrib
    assert "\x02" not in made and "\x03" not in made


@pytest.mark.parametrize("format", ["markdown", "text", "html"])
def test_scripts_in_comments(format: str) -> None:
    """No known way to smuggle a program into a comment works."""
    for vector in [*VECTORS, "\n".join(VECTORS), " ".join(VECTORS)]:
        check_comment(comment_html(vector, format))  # type: ignore[arg-type]


def test_comment_markdown() -> None:
    """Comments are CommonMark; headings become strong, pictures their descriptions, raw HTML is shown as text."""
    made = comment_html("# Hi *you*\n\n<b>bold</b> ~~x~~ ![a cat](http://x.org/y.png)\n\n- `<i>`\n- https://x.org/a_b\n\n> a\n\n---\n\n1 < 2 &amp; &lt;", "markdown")
    check_comment(made)
    assert shape(made) == [
        ("p", [("strong", ["Hi", ("em", ["you"])])]),
        ("p", ["<b>bold</b>", ("del", ["x"]), "a cat"]),
        ("ul", [("li", [("code", ["<i>"])]), ("li", [("a", ["https://x.org/a_b"])])]),
        ("blockquote", [("p", ["a"])]),
        ("p", ["1 < 2 & <"]),
    ]


def test_comment_links() -> None:
    """Only absolute web links remain; of others their words, and mail addresses stay text."""
    made = comment_html("[a](/posts/) [b](//x.org) [c](https://x.org/?d=1&e=2) [f](mailto:g@x.org) <h@x.org> i@x.org www.x.org", "markdown")
    check_comment(made)
    assert re.findall(r'href="([^"]*)"', made) == ["https://x.org/?d=1&amp;e=2", "http://www.x.org"]
    assert words(made) == "a b c f h@x.org i@x.org www.x.org"


def test_comment_text() -> None:
    """Plain text keeps its lines and paragraphs, and its stars and brackets."""
    made = comment_html("a *b*\r\n<c>\n\n\n\nd https://x.org/.\n", "text")
    check_comment(made)
    assert made.startswith("<p>a *b*<br>\n&lt;c&gt;</p>\n<p>d <a href=") and made.endswith("</a>.</p>")
    assert comment_html(" \n\n", "text") == ""


def test_comment_html() -> None:
    """HTML of importers keeps its words apart and loses the rest; where a tag is never closed, all is shown as text."""
    made = comment_html('<div>a</div><div>b</div><table><tr><td>c</td><td>d</td></tr></table><h2>e</h2><img src=x alt="f"><p style=x>g<br>h</p>', "html")
    check_comment(made)
    assert words(made.replace("<", " <")) == "a b c d e f g h"
    for source in ("hello <!-- world", 'hello <a href="world', "hello <script> world", "hello <style>world"):
        assert "world" in words(comment_html(source, "html"))


def test_no_word_of_a_comment_is_lost() -> None:
    """Whatever a reader types, every word of it is on the page."""
    bodies = [
        "I think <strong> that </strong> x<y and y>z",
        "<script>alert</script> was here </p> <!-- hidden -->",
        "if (a < b && c > d) { e[f](g) } // h <i",
        "<<<>>> <unknown attr='v'>w</unknown> &copy; &unknown; <?php echo 1 ?> <![CDATA[ data ]]>",
        "# one\n## two\n- three\n  - four\n\n    five\n\n```\nsix <b>\n```\n\n| seven | eight |\n|---|---|\n| nine | ten |",
        "[link]: /definition\n\n[^1]: note\n\nterm\n: definition\n\n~~~ info\ncode",
        "<p>unclosed <b>bold <i>both",
    ]
    for body in bodies:
        seen = words(comment_html(body, "markdown"))
        for word in re.findall(r"[a-z]{3,}", re.sub(r"&\w+;|^\[link\].*$|^~~~ info", "", body, flags=re.M)):
            assert word in seen, (word, seen)
