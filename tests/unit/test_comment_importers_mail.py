"""Comments that came by mail: what names the page, what the writer wrote, who answers whom, and mail made to be malformed."""

import mailbox
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from iopsgen.assemble.threads import thread_view
from iopsgen.importers.comments.mailtext import all_words, own_words, unflowed
from tests.foreign_comments import bring, by_body, errors, reasons, records

PAGE = "https://example.org/river/posts/welcome/"
RECEIVED = "from mx.example.net (mx.example.net [192.0.2.7])\r\n\tby mail.example.org with ESMTPS id x; Tue, 3 Mar 2026 10:00:05 +0100 (CET)"


def mail(text: str, *, sender: str = "Ann Lee <ann@example.net>", subject: str = "Welcome", ident: str = "<1@example.net>", **headers: str) -> EmailMessage:
    """A mail as a program writes it."""
    message = EmailMessage()
    values = {"from": sender, "to": "hello@example.org", "subject": subject, "message_id": ident, "date": "Tue, 03 Mar 2026 10:00:00 +0100"} | headers
    for name, value in values.items():
        if value:
            message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def box(path: Path, *mails: EmailMessage | bytes) -> Path:
    """An mbox, written by Python's own library."""
    made = mailbox.mbox(path)
    for one in mails:
        made.add(one)
    made.close()
    return path


def test_the_prepared_mail(tmp_path: Path) -> None:
    """The mail that the theme prepares, filled in above or below its line, becomes a comment of its page that waits for a moderator."""
    view = thread_view(None, "/", title="Welcome", address=PAGE, contact="hello@example.org")
    prepared = {key: values[0] for key, values in parse_qs(urlsplit(view.mailto).query).items()}
    site = tmp_path / "site"
    outcome = bring(site, "mail", box(
        tmp_path / "in.mbox",
        mail(f"{prepared['body']}\n\nBelow the line\n", subject=prepared["subject"], received=RECEIVED.replace("\r\n\t", " ")),
        mail(f"Above the line\n\n<{prepared['body']}>\n", subject="", ident="<2@x>", sender="ben@example.net"),
        mail("No line at all\n", subject=f"Re: [list] AW: {prepared['subject']}", ident="<3@x>", sender='"cem@example.net" <cem@example.net>'),
        mail("Dear all, about something else\n", subject="Rent", ident="<4@x>"),
        mail("Look at\nhttps://elsewhere.example/posts/welcome/\n", subject="Links", ident="<5@x>"),
        mail(f"{PAGE.replace('welcome', 'nowhere')}\nUnknown page\n", ident="<6@x>", subject="x"),
    ))  # fmt: skip
    found = by_body(site)
    assert errors(outcome) == []
    assert {b: (r.page, r.name, r.status, r.format) for b, r in found.items()} == {
        "Below the line": ("/posts/welcome/", "Ann Lee", "pending", "text"),
        "Above the line": ("/posts/welcome/", "", "pending", "text"),
        "No line at all": ("/posts/welcome/", "", "pending", "text"),
        "Unknown page": ("/river/posts/nowhere/", "Ann Lee", "pending", "text"),
    }  # fmt: skip
    below = found["Below the line"]
    assert (below.received.isoformat(), below.created) == ("2026-03-03T10:00:05+01:00", datetime(2026, 3, 3, 9, tzinfo=UTC))
    assert reasons(outcome) == {"naming no page": 2}
    text = (site / "comments/inbox.jsonl").read_text("utf-8")
    assert "example.net" not in text and "192.0.2" not in text and "Rent" not in text


def test_mbox_maildir_and_messages(tmp_path: Path) -> None:
    """The same mails as an mbox, a Maildir and single files are the same comments, with the same ids; nothing comes twice."""
    mails = [mail(f"{PAGE}\nNumber {n}\n\nFrom here on\n", ident=f"<{n}@x>") for n in range(3)]
    site = tmp_path / "site"
    assert bring(site, "mail", box(tmp_path / "in.mbox", *mails)).added == 3
    assert sorted(r.body for r in records(site)) == [f"Number {n}\n\nFrom here on" for n in range(3)]
    maildir = mailbox.Maildir(tmp_path / "Maildir")
    for one in mails:
        maildir.add(one)
    assert reasons(bring(site, "mail", tmp_path / "Maildir")) == {"already in the inbox": 3}
    folder = tmp_path / "single"
    folder.mkdir()
    for n, one in enumerate(mails):
        (folder / f"{n}.eml").write_bytes(one.as_bytes().replace(b"\n", b"\r\n"))
    assert reasons(bring(site, "mail", folder)) == {"already in the inbox": 3}
    other = mailbox.MaildirMessage(mail(f"{PAGE}\nThrown away\n", ident="<9@x>"))
    other.set_subdir("cur")
    other.set_flags("ST")
    maildir.add(other)
    assert reasons(bring(site, "mail", tmp_path / "Maildir")) == {"already in the inbox": 3, "drafts, or thrown away": 1}


def test_answers(tmp_path: Path) -> None:
    """An answer to a mail that is a comment answers that comment, on its page; one to any other mail answers nobody. The order is no matter."""
    path = box(
        tmp_path / "in.mbox",
        mail("Answer\n", subject="Something", ident="<2@x>", in_reply_to="<1@x>", references="<0@x> <1@x>"),
        mail(f"{PAGE}\nQuestion\n", ident="<1@x>", in_reply_to="<newsletter@x>"),
        mail("Answer to the answer\n", subject="Something", ident="<3@x>", references="<0@x> <1@x> <2@x>"),
    )
    bring(tmp_path / "site", "mail", path)
    found = by_body(tmp_path / "site")
    assert found["Answer"].parent == found["Question"].id and found["Question"].parent == ""
    assert found["Answer to the answer"].parent == found["Answer"].id
    assert {r.page for r in found.values()} == {"/posts/welcome/"}
    later = box(tmp_path / "later.mbox", mail("Later answer\n", subject="x", ident="<4@x>", in_reply_to="<1@x>"))
    bring(tmp_path / "site", "mail", later)
    assert by_body(tmp_path / "site")["Later answer"].parent == found["Question"].id


SIGNED = "Words\n\n-- \nAnn Lee\n+44 20 7946 0000\nann@example.net"
QUOTED = "Words\n\nOn Tue, 3 Mar 2026 at 10:00, Ben <ben@example.net> wrote:\n> First\n>\n> Second\n"
WRAPPED = "Words\n\nAm Dienstag, den 3. März 2026 um 10:00 schrieb Ben\n<ben@example.net>:\n\n> Erstens"
OUTLOOK = "Words\n\n________________________________\nFrom: Ben <ben@example.net>\nSent: Tuesday\nTo: All\n\nOld words"
OUTLOOK2 = "Words\n\nVon: Ben <ben@example.net>\nGesendet: Dienstag\nAn: Alle\nBetreff: x\n\nOld words"
ORIGINAL = "Words\n\n-----Original Message-----\nFrom: Ben\n\nOld words"
BOTH = "Words\n\n-- \nAnn\n\nOn Tuesday, Ben <ben@example.net> wrote:\n> Old"
ABOVE = "Words\n\nLe 3 mars 2026, Ben <ben@example.net> a écrit :\n> Old\n\n-- \nAnn"
DEVICE = "Words\n\nSent from my phone"
INSIDE = "> Shall we?\n\nYes.\n\n> When?\n\nNow."
INTRODUCED = "On Tuesday, Ben <ben@example.net> wrote:\n> Shall we?\n\nYes."
PLAIN = "Ann wrote:\n\nI like it -- really.\n--- see ---\nFrom: here to there\n5 > 3"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (SIGNED, "Words"), (QUOTED, "Words"), (WRAPPED, "Words"), (OUTLOOK, "Words"), (OUTLOOK2, "Words"), (ORIGINAL, "Words"), (BOTH, "Words"), (ABOVE, "Words"), (DEVICE, "Words"),
        (INSIDE, INSIDE), (INTRODUCED, "On Tuesday, Ben wrote:\n> Shall we?\n\nYes."), (PLAIN, PLAIN), ("", ""), ("> only a quote", ""), ("Words\n\n\n", "Words"),
        ("Many\n-- \n" + "line\n" * 40, "Many\n-- \n" + "line\n" * 39 + "line"), ("My address is me@example.org\n\nThanks:", "My address is me@example.org\n\nThanks:"),
    ],
    ids=range(17),
)  # fmt: skip
def test_own_words(text: str, own: str) -> None:
    """A signature and what is quoted below go; a quote with an answer stays, without the address in its introduction; words stay."""
    assert own_words(text).text == own


@pytest.mark.parametrize("text", [SIGNED, QUOTED, WRAPPED, OUTLOOK, OUTLOOK2, BOTH, ABOVE, INSIDE, PLAIN])
def test_all_words(text: str) -> None:
    """Where quotes and signatures are kept, no line is lost, and the addresses that programs put there are gone."""
    kept = all_words(text)
    lost = len(text.strip("\n").split("\n")) - len(kept.split("\n"))
    assert lost == (1 if text == SIGNED else 0) and "@" not in kept
    assert kept == text or "@" in text


def test_quotes_are_counted(tmp_path: Path) -> None:
    """What is cut off is counted; with --keep-quotes nothing is."""
    path = box(tmp_path / "in.mbox", mail(f"{PAGE}\n{QUOTED}", ident="<1@x>"), mail(f"{PAGE}\n{SIGNED}", ident="<2@x>"))
    outcome = bring(tmp_path / "site", "mail", path)
    assert {what: len(places) for what, places in outcome.taken.remarks.items()} == {"quotes of another mail below, cut off": 1, "signatures, cut off": 1}
    outcome = bring(tmp_path / "other", "mail", path, keep_quotes=True, status="approved")
    assert outcome.taken.remarks == {} and outcome.taken.states == {"approved": 2}
    assert any("> First" in r.body for r in records(tmp_path / "other"))


def test_flowed() -> None:
    """Soft line ends of `format=flowed` are taken out, quotes and signatures keep their lines (RFC 3676)."""
    assert unflowed("One \nline \nhere\n\n> quo \n> ted\n-- \nAnn", False) == "One line here\n\n> quo ted\n-- \nAnn"
    assert unflowed("sen \ntence", True) == "sentence"
    assert unflowed(" >no quote\n From x", False) == ">no quote\nFrom x"
    assert unflowed("word \n" * 200_000, False) == "word " * 199_999 + "word"


def test_encodings_and_html(tmp_path: Path) -> None:
    """Names and texts in any transfer encoding and character set; HTML where there is nothing else, without what it quotes."""
    html = EmailMessage()
    for name, value in {"From": "=?utf-8?q?Zo=C3=AB?= <z@example.net>", "Subject": "=?iso-8859-1?q?Welcome?=", "Message-ID": "<1@x>", "Date": "Tue, 03 Mar 2026 10:00:00 -0000"}.items():
        html[name] = value
    html.set_content(f'<p>{PAGE}</p><p>Hi <b>all</b> &amp; more</p><script>bad()</script><div class="gmail_quote">On Tue Ben &lt;b@example.net&gt; wrote:<blockquote>old</blockquote></div>', subtype="html")
    odd = mail(f"{PAGE}\nCafé ☕\n", ident="<2@x>").as_bytes().replace(b"utf-8", b"klingon")
    latin = b"From: J\xf6rg <j@example.net>\nSubject: Welcome\nMessage-ID: <3@x>\nDate: Tue, 03 Mar 2026 10:00:00 +0100\nContent-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe\n"
    bring(tmp_path / "site", "mail", box(tmp_path / "in.mbox", html, odd, latin))
    found = by_body(tmp_path / "site")
    assert found["Hi all & more"].name == "Zoë" and found["Hi all & more"].received == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert "Café ☕" in found and "Grüße" in found


def test_mail_of_programs(tmp_path: Path) -> None:
    """Answers of the absent and reports of the mail system are no comments; what comes through a mailing list is."""
    report = EmailMessage()
    report["Subject"], report["Message-ID"] = "Welcome", "<3@x>"
    report.add_header("Content-Type", "multipart/report", boundary="b")
    path = box(
        tmp_path / "in.mbox",
        mail(f"{PAGE}\nAway\n", ident="<1@x>", auto_submitted="auto-replied"),
        mail(f"{PAGE}\nFrom a list\n", ident="<2@x>", precedence="list", list_unsubscribe="<mailto:x@example.org>"),
        report,
    )
    outcome = bring(tmp_path / "site", "mail", path)
    assert [r.body for r in records(tmp_path / "site")] == ["From a list"] and reasons(outcome) == {"sent by a program": 2}


def test_without_ids_and_dates(tmp_path: Path) -> None:
    """A mail without a Message-ID is told by its content; one without any date is counted and not taken."""
    path = box(tmp_path / "in.mbox", mail(f"{PAGE}\nNo id\n", ident=""), mail(f"{PAGE}\nNo date\n", date="", ident="<2@x>"), mail(f"{PAGE}\nNo id\n", ident=""))
    outcome = bring(tmp_path / "site", "mail", path)
    assert [r.body for r in records(tmp_path / "site")] == ["No id"]
    assert reasons(outcome) == {"without a date that can be read": 1, "the same as one before": 1}
    assert bring(tmp_path / "site", "mail", path).added == 0


HEAD = b"From: a@example.net\nMessage-ID: <1@x>\nDate: Tue, 03 Mar 2026 10:00:00 +0100\nSubject: Welcome\n"
HOSTILE: dict[str, bytes] = {
    "comments": b"From: " + b"(" * 50_000 + b"\n" + HEAD + b"\nx\n",
    "folded": b"Subject:" + b"\n " * 100_000 + b"\n" + HEAD + b"\nx\n",
    "encoded": b"Subject: " + b"=?utf-8?q?=F0?= " * 20_000 + b"\n" + HEAD + b"\nx\n",
    "parameters": HEAD + b"Content-Type: text/plain; " + b"".join(b"a*%d=x; " % n for n in range(5000)) + b"\n\nx\n",
    "nested": HEAD + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(2000)) + b"\nx\n",
    "boundary": HEAD + b'Content-Type: multipart/mixed; boundary=""\n\n--\n\nx\n',
    "base64": HEAD + b"Content-Transfer-Encoding: base64\n\n!!!!\n=\n",
    "binary": HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + bytes(range(256)) * 100,
    "charset": HEAD + b"Content-Type: text/plain; charset*=utf-8'%\n\nx\n",
    "addresses": HEAD + b"From: " + b"<<<<>>>>," * 5000 + b"\n\nx\n",
    "references": HEAD + b"References: " + b"<a@b> " * 50_000 + b"\n\nx\n",
    "spaces": HEAD + b"\n" + b" " * 400_000 + b"\n" + b"page" + b" " * 400_000 + b"x\n",
    "quotes": HEAD + b"\n" + b"wrote: " * 60_000 + b"\n" + b">" * 400_000 + b"\n" + b"On a\n" * 20_000 + b"wrote:\n> x\n",
    "html": HEAD + b"Content-Type: text/html\n\n" + b"<div class=" * 40_000 + b"<blockquote " * 20_000,
    "dates": HEAD.replace(b"Tue, 03", b"9" * 5000) + b"\nx\n",
    "none": b"hello\n\nworld\n",
    "zeros": b"\0" * 5000,
    "empty": b"",
    "from": b"From \n\n\nFrom x\n",
    "headers": b"".join(b"X-%d: y\n" % n for n in range(20_000)) + HEAD + b"\nx\n",
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_malformed_mail(tmp_path: Path, name: str) -> None:
    """Mail that was made to break parsers is taken, counted or told, and the good mail behind it is taken."""
    good = mail(f"{PAGE}\nGood\n", ident="<2@x>").as_bytes()
    data = HOSTILE[name]
    (tmp_path / "one.eml").write_bytes(data)
    outcome = bring(tmp_path / "site", "mail", tmp_path / "one.eml")
    assert outcome.taken.read == 1 or errors(outcome) or name == "from"
    start = b"From MAILER-DAEMON Tue Mar  3 10:00:00 2026\n"
    (tmp_path / "two.mbox").write_bytes(start + data + b"\n\n" + start + good)
    outcome = bring(tmp_path / "site", "mail", tmp_path / "two.mbox")
    assert "Good" in [r.body for r in records(tmp_path / "site")] and outcome.taken.read >= 2


def test_long_headers(tmp_path: Path) -> None:
    """Of a header only the beginning is looked at, in the parts of a message too, since the library takes hours for a long one."""
    one = HEAD + b"Content-Type: text/plain; " + b"a=b; " * 2000 + b"charset=utf-8\n\nWords\n"
    two = HEAD.replace(b"<1@x>", b"<2@x>").replace(b"Welcome", b"x") + b"X-Page: /posts/two/" + b"x" * 5000 + b"\n\nOther words\n"
    outcome = bring(tmp_path / "site", "mail", box(tmp_path / "in.mbox", one, two))
    (page,) = outcome.taken.unknown_pages
    assert page.startswith("/posts/two/x") and 1900 < len(page) <= 2000 and len(records(tmp_path / "site")) == 2


def test_long_mail(tmp_path: Path) -> None:
    """Of a mail with a large picture the text is taken; of an mbox that breaks off the mails before the break."""
    big = mail(f"{PAGE}\nWith a picture\n", ident="<1@x>")
    big.add_attachment(b"\xff" * 3_000_000, maintype="image", subtype="jpeg", filename="x.jpg")
    path = box(tmp_path / "in.mbox", mail(f"{PAGE}\nBefore\n", ident="<0@x>"), big, mail(f"{PAGE}\nAfter\n", ident="<2@x>"))
    outcome = bring(tmp_path / "site", "mail", path)
    assert sorted(r.body for r in records(tmp_path / "site")) == ["After", "Before", "With a picture"]
    assert list(outcome.taken.remarks) == ["long mails, of which the first 1 MiB were looked at"]


def test_a_page_in_a_header_or_a_line(tmp_path: Path) -> None:
    """A header `X-Page` or a line `Page: …` names the page, too."""
    wishes: dict[str, Any] = {"subject": "x"}
    path = box(tmp_path / "in.mbox", mail("A\n", ident="<1@x>", x_page="/events/picnic/", **wishes), mail("Page: /posts/two/\nB\n", ident="<2@x>", **wishes))
    bring(tmp_path / "site", "mail", path)
    assert {r.body: r.page for r in records(tmp_path / "site")} == {"A": "/events/picnic/", "B": "/posts/two/"}


def test_dates_of_mail() -> None:
    """What `format_datetime` of the standard library writes is read back as the same moment."""
    from iopsgen.importers.comments.moments import read_date

    moment = datetime(2026, 3, 3, 9, 0, 5, tzinfo=UTC)
    assert read_date(format_datetime(moment), "Asia/Tokyo") == moment
