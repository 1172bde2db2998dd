"""Comment importers under random damage: whatever is done to a good file, each thing in it is a comment, a reason or an error."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from iopsgen.importers.comments.foreign import Choices
from iopsgen.importers.comments.kinds import KINDS, read_kind
from iopsgen.importers.comments.pages import KnownPages
from iopsgen.importers.comments.taking import Known, take
from iopsgen.read.comments import read_inbox
from tests.sites import NOW
from tests.unit import test_comment_importers_isso as isso
from tests.unit import test_comment_importers_json as systems
from tests.unit import test_comment_importers_mail as mail
from tests.unit import test_comment_importers_tables as tables
from tests.unit import test_comment_importers_xml as xml

ROUNDS = int(os.environ.get("IOPSGEN_ROUNDS", "60"))
LETTER = mail.mail(f"{mail.PAGE}\n{mail.QUOTED}\n{mail.SIGNED}").as_bytes()
SEPARATOR = b"From x Tue Mar  3 10:00:00 2026\n"
COMMENTO = {"version": 1, "comments": [systems.commento("a", "x"), systems.commento("b", "y", parentHex=systems.HEX["a"])], "commenters": systems.PEOPLE}
GOOD: dict[str, Callable[[Path], bytes]] = {
    "staticman": lambda _: b"_id: 3f1c6f30-2a8b-11e7-9c5d-000000000001\nname: Ada\nmessage: >-\n  One\n  two\ndate: '2017-05-22T12:50:32Z'\nreplying_to: '1'\n",
    "disqus": lambda _: xml.disqus(xml.thread(1), xml.post(1, "<p>a</p>"), xml.post(2, "b", parent=1, more="<isSpam>true</isSpam>")).encode(),
    "wordpress": lambda _: xml.wxr(xml.item(xml.comment(1, "<b>x</b>\n\ny"), xml.comment(2, "z", comment_parent="1"))).encode(),
    "isso": lambda folder: isso.database(folder / "good.db", isso.ROWS).read_bytes(),
    "remark42": lambda _: b"\n".join(json.dumps(v).encode() for v in (systems.META, systems.remark("a", "x"), systems.remark("b", "y", pid="a"))),
    "commento": lambda _: json.dumps(COMMENTO).encode(),
    "csv": lambda _: tables.OWN.encode(),
    "json": lambda _: json.dumps([tables.NETLIFY, tables.FORMSPREE]).encode(),
    "mail": lambda _: SEPARATOR + LETTER + b"\n\n" + SEPARATOR + LETTER.replace(b"<1@", b"<2@"),
}
PIECES = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"\x00", b"\xff", b"\r", b"\n", b'"', b"'", b"{", b"}", b"[", b"]", b"\\ud800", b"=?utf-8?b?", b"(", b"*", b"&a", b"!!", b":", b"- ",
    b"99999999999999999999", b"-1", b"null", b"\xe2\x80\xa8", b"--b", b"Content-Type: multipart/mixed; boundary=b\n", b",", b";", b"1e999", b"0000-00-00",
]  # fmt: skip


def damage(data: bytes, luck: random.Random) -> bytes:
    """The data with some bytes put in, taken out, changed or repeated, or cut off."""
    made = bytearray(data)
    for _ in range(luck.choice((1, 1, 2, 4, 8, 20))):
        at = luck.randrange(len(made) + 1)
        match luck.randrange(6):
            case 0:
                made[at:at] = luck.choice(PIECES)
            case 1:
                made[at : at + luck.randrange(1, 8)] = b""
            case 2:
                made[at : at + 1] = bytes([luck.randrange(256)])
            case 3:
                made[at:at] = made[max(0, at - luck.randrange(60)) : at]
            case 4:
                made[at:at] = luck.choice(PIECES) * luck.randrange(1, 300)
            case _:
                made[at : at + luck.choice((1, 4, 100_000))] = luck.choice(PIECES)
    return bytes(made)


@pytest.mark.parametrize("kind", list(KINDS))
def test_random_damage(tmp_path: Path, kind: str) -> None:
    """Nothing is raised, everything that was read is accounted for, and every line is one that the inbox takes in, without an address."""
    good = GOOD[kind](tmp_path)
    path = tmp_path / "welcome" / ("f.yml" if kind == "staticman" else "f")
    path.parent.mkdir()
    pages = KnownPages({"/posts/welcome/": "/posts/welcome/", "welcome": "/posts/welcome/"}, (), "/river/")
    lines = 0
    for seed in range(ROUNDS):
        path.write_bytes(damage(good, random.Random(seed)))
        found = read_kind(kind, [str(path)], Choices(zone="Europe/London", site="https://example.org/river/"))
        result = take(found, kind, pages, Known(), Choices(), NOW)
        assert result.read == len(result.lines) + sum(map(len, result.passed.values())), seed
        for line in result.lines:
            inbox, problems = read_inbox([("i", line)])
            assert len(inbox.records) == 1 and not problems, (seed, line)
        lines += len(result.lines)
    assert lines, "nothing good is left after any damage: the samples are no good"
