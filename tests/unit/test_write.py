"""Publishing: what is written, kept, removed, noticed and refused, and that the folder of others' files is theirs."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import msgspec
import pytest

from iopsgen.write import Copy, Holder, Locked, Output, WriteFailed, digest_of, files, is_safe, lock, open_output
from iopsgen.write import record as records
from tests.publishing import bring, in_child, opened, publish, snapshot

SITE = {"index.html": b"home", "posts/a/index.html": b"a", "posts/b/index.html": b"b", "feed.xml": b"<feed/>"}


def test_a_first_build_makes_every_file(tmp_path: Path) -> None:
    """The first build writes every file, and tells each with digest and size."""
    done = publish(tmp_path, SITE)
    assert snapshot(tmp_path / "output") == SITE
    assert [(file.path, file.digest, file.size) for file in done.written] == [(path, digest_of(data), len(data)) for path, data in sorted(SITE.items())]
    assert (done.unchanged, done.removed, done.kept_foreign, done.replaced) == (0, (), (), ())


def test_modes(tmp_path: Path) -> None:
    """Files get mode 0644 and folders 0755, less the umask."""
    for umask in (0o022, 0o077):
        site = tmp_path / oct(umask)
        site.mkdir()
        old = os.umask(umask)
        try:
            publish(site, SITE)
            publish(site, {**SITE, "index.html": b"new", "x/y/z.html": b"new"})
        finally:
            os.umask(old)
        for where, folders, names in os.walk(site / "output"):
            assert all(stat.S_IMODE(os.stat(Path(where, name)).st_mode) == 0o644 & ~umask for name in names)
            assert all(stat.S_IMODE(os.stat(Path(where, name)).st_mode) == 0o755 & ~umask for name in folders)


def test_the_folder_keeps_its_mode(tmp_path: Path) -> None:
    """What somebody did to the output folder itself (a mode for the web server's group) outlives a swap."""
    publish(tmp_path, SITE)
    (tmp_path / "output").chmod(0o2775)
    publish(tmp_path, {**SITE, "index.html": b"new"})
    assert stat.S_IMODE((tmp_path / "output").stat().st_mode) == 0o2775


def test_nothing_changed_touches_nothing(tmp_path: Path) -> None:
    """A build of the same content leaves the folder itself, every file and every time stamp as they were."""

    def state() -> list[tuple[str, int, int]]:
        return [(str(path), path.stat().st_ino, path.stat().st_mtime_ns) for path in [tmp_path / "output", *sorted((tmp_path / "output").rglob("*"))]]

    publish(tmp_path, SITE)
    before = state()
    done = publish(tmp_path, SITE)
    assert state() == before
    assert (done.written, done.unchanged, done.removed) == ((), 4, ())


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    """An edited page is a new file; the others are the same files as before, with their time stamps."""
    publish(tmp_path, SITE)
    before = {path: (tmp_path / "output" / path).stat() for path in SITE}
    done = publish(tmp_path, {**SITE, "posts/a/index.html": b"edited"})
    after = {path: (tmp_path / "output" / path).stat() for path in SITE}
    assert [file.path for file in done.written] == ["posts/a/index.html"] and done.unchanged == 3
    assert [path for path in SITE if (before[path].st_ino, before[path].st_mtime_ns) != (after[path].st_ino, after[path].st_mtime_ns)] == ["posts/a/index.html"]


def test_the_same_bytes_from_another_fingerprint(tmp_path: Path) -> None:
    """A page made again with the same bytes is left alone, and its new fingerprint is remembered."""
    publish(tmp_path, SITE)
    stamp = (tmp_path / "output/index.html").stat()
    with lock(tmp_path) as held:
        output = open_output(held, tmp_path / "output")
        planned = {path: entry.fingerprint for path, entry in output.ledger.items()} | {"index.html": "another"}
        assert output.outdated(planned) == {"index.html"}
        assert output.publish(planned, [("index.html", b"home")]).unchanged == 4
    assert opened(tmp_path).ledger["index.html"].fingerprint == "another"
    assert (tmp_path / "output/index.html").stat().st_ino == stamp.st_ino


def test_back_and_forth(tmp_path: Path) -> None:
    """Contents that come, go and come back are right after every build, and after a build that skipped one generation."""
    states = [SITE, {"index.html": b"1"}, {**SITE, "index.html": b"2"}, {"index.html": b"1", "posts": b"a file"}, SITE, {**SITE, "posts/c/index.html": b"c"}, {"index.html": b"1"}, {}]
    for state in [*states, *states[::-1]]:
        publish(tmp_path, state)
        assert snapshot(tmp_path / "output") == state


def test_stale_files_and_their_empty_folders_go(tmp_path: Path) -> None:
    """A page that is no longer planned goes, with the folders that only it needed."""
    publish(tmp_path, SITE)
    done = publish(tmp_path, {"index.html": b"home"})
    assert done.removed == ("feed.xml", "posts/a/index.html", "posts/b/index.html")
    assert [path.name for path in (tmp_path / "output").iterdir()] == ["index.html"]


def test_one_open_folder_publishes_many_times(tmp_path: Path) -> None:
    """A server that rebuilds keeps the folder open and publishes again and again."""
    with lock(tmp_path) as held:
        output = open_output(held, tmp_path / "output")
        for number in range(5):
            bring(output, {**SITE, "index.html": str(number).encode(), f"{number}/x.html": b"x"})
            assert not output.prepare() or number == 0
        assert output.ledger.keys() == {*SITE, "4/x.html"}
    assert snapshot(tmp_path / "output") == {**SITE, "index.html": b"4", "4/x.html": b"x"}
    assert not opened(tmp_path).damaged


# -- what others do in the output folder ------------------------------------------------------------------------------


def test_files_of_others_stay(tmp_path: Path) -> None:
    """A CNAME, a .git folder, a folder of pictures and a link survive builds, are there at once afterwards, and are told."""
    publish(tmp_path, SITE)
    output = tmp_path / "output"
    (output / "CNAME").write_bytes(b"example.org")
    (output / ".git/objects/ab").mkdir(parents=True)
    (output / ".git/objects/ab/cd").write_bytes(b"blob")
    (output / "posts/a/notes.txt").write_bytes(b"mine")
    (output / "link").symlink_to("/etc/hostname")
    (output / ".git/empty").mkdir()
    theirs = {"CNAME": b"example.org", ".git/objects/ab/cd": b"blob", "posts/a/notes.txt": b"mine", "link": "-> /etc/hostname"}
    for number in range(3):
        site = {**SITE, "index.html": str(number).encode()}
        done = publish(tmp_path, site)
        assert snapshot(output) == site | theirs
        assert done.kept_foreign == (".git", "CNAME", "link", "posts/a/notes.txt") and (output / ".git/empty").is_dir()
    (output / "CNAME").unlink()
    shutil.rmtree(output / ".git/objects")
    (output / ".git/HEAD").write_bytes(b"main")
    done = publish(tmp_path, {"index.html": b"home"})
    assert snapshot(output) == {"index.html": b"home", ".git/HEAD": b"main", "posts/a/notes.txt": b"mine", "link": "-> /etc/hostname"}
    done = publish(tmp_path, {"index.html": b"again"})
    assert done.kept_foreign == (".git", "link", "posts")
    assert snapshot(output) == {"index.html": b"again", ".git/HEAD": b"main", "posts/a/notes.txt": b"mine", "link": "-> /etc/hostname"}


def test_the_twin_holds_nothing_of_others(tmp_path: Path) -> None:
    """A program that still stands in the folder from before a swap finds no .git there, instead of an old one."""
    publish(tmp_path, SITE)
    (tmp_path / "output/.git").mkdir()
    (tmp_path / "output/.git/HEAD").write_bytes(b"main")
    here = os.open(tmp_path / "output", os.O_RDONLY)
    publish(tmp_path, {**SITE, "index.html": b"new"})
    with pytest.raises(FileNotFoundError):
        os.stat(".git", dir_fd=here)
    os.close(here)
    assert (tmp_path / "output/.git/HEAD").read_bytes() == b"main"


def test_what_is_put_into_the_old_folder_comes_along(tmp_path: Path) -> None:
    """A file that a program wrote into the folder it had open before the swap is not lost: the next build brings it."""
    publish(tmp_path, SITE)
    here = os.open(tmp_path / "output", os.O_RDONLY)
    publish(tmp_path, {**SITE, "index.html": b"new"})
    os.close(os.open("late.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    publish(tmp_path, {**SITE, "index.html": b"newer"})
    assert snapshot(tmp_path / "output") == {**SITE, "index.html": b"newer", "late.txt": b""}


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """A file of somebody else whose name is not valid UTF-8 stays, too."""
    publish(tmp_path, SITE)
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / "output" / name).write_bytes(b"1")
    for number in range(3):
        done = publish(tmp_path, {**SITE, "index.html": str(number).encode()})
        assert done.kept_foreign == (name,) and (tmp_path / "output" / name).exists()


def test_own_files_that_were_altered_are_restored(tmp_path: Path) -> None:
    """A file of ours that was edited in place, replaced, deleted, made a link, or lost with its folder is noticed and made again."""
    publish(tmp_path, SITE)
    output = tmp_path / "output"
    secret = tmp_path / "secret"
    secret.write_bytes(b"home")

    def edit() -> None:
        (output / "index.html").write_bytes(b"hack")

    def replace() -> None:
        (output / "new").write_bytes(b"hack")
        (output / "new").rename(output / "index.html")

    def link() -> None:
        (output / "index.html").unlink()
        (output / "index.html").symlink_to(secret)

    def grow() -> None:
        with (output / "index.html").open("ab") as file:
            file.write(b"!")

    for damage in (edit, replace, link, grow, (output / "index.html").unlink):
        damage()
        assert opened(tmp_path).damaged == {"index.html"}, damage
        assert [file.path for file in publish(tmp_path, SITE).written] == ["index.html"]
        assert snapshot(output) == SITE and secret.read_bytes() == b"home"
        publish(tmp_path, {**SITE, "feed.xml": os.urandom(4)})  # the folder from before comes back as twin
        publish(tmp_path, SITE)
        assert snapshot(output) == SITE
    shutil.rmtree(output / "posts")
    assert opened(tmp_path).damaged == {"posts/a/index.html", "posts/b/index.html"}
    publish(tmp_path, SITE)
    assert snapshot(output) == SITE


def test_an_edit_that_leaves_no_trace(tmp_path: Path) -> None:
    """A file that was edited within the tick of the clock in which it was written, so that size and time stamp are as before, is noticed."""
    publish(tmp_path, {"index.html": b"home"})  # alone: on a slow machine a tick may pass between two files
    path = tmp_path / "output/index.html"
    stamp = path.stat().st_mtime_ns
    path.write_bytes(b"HACK")
    os.utime(path, ns=(stamp, stamp))
    assert opened(tmp_path).damaged == {"index.html"}
    assert opened(tmp_path, care="folders").damaged == {"index.html"}


def test_a_stray_that_gave_way_does_not_come_back(tmp_path: Path) -> None:
    """A file of somebody else that a page took the place of is gone for good, also when the page goes."""
    (tmp_path / "output").mkdir()
    (tmp_path / "output/posts").write_bytes(b"theirs")
    for content in (SITE, {"index.html": b"home"}, SITE, {}):
        publish(tmp_path, content)
        assert snapshot(tmp_path / "output") == content


def test_folders_are_never_made_through_links(tmp_path: Path) -> None:
    """A link where a folder is needed is an error in the output folder, and cleared away in a folder of our own."""
    (tmp_path / "out").mkdir()
    (tmp_path / "top").mkdir()
    (tmp_path / "top/posts").symlink_to(tmp_path / "out")
    with pytest.raises(NotADirectoryError):
        files.make_folder(str(tmp_path / "top"), "posts/a", {""})
    assert not files.remove_file(str(tmp_path / "top"), "posts/x", set())
    files.make_folder(str(tmp_path / "top"), "posts/a", {""}, clearing=True)
    assert not (tmp_path / "top/posts").is_symlink() and list((tmp_path / "out").iterdir()) == []


def test_a_touched_file_is_not_damaged(tmp_path: Path) -> None:
    """A file with another time stamp or inode but the same content is ours still."""
    publish(tmp_path, SITE)
    os.utime(tmp_path / "output/index.html", (1, 1))
    shutil.copy(tmp_path / "output/feed.xml", tmp_path / "x")
    shutil.move(tmp_path / "x", tmp_path / "output/feed.xml")
    assert not opened(tmp_path).damaged
    assert publish(tmp_path, SITE).written == ()


def test_a_quick_look_notices_what_comes_and_goes(tmp_path: Path) -> None:
    """With care "folders", files that came, went or were replaced are noticed; with "top", when something did at the top."""
    publish(tmp_path, SITE)
    time.sleep(0.02)
    (tmp_path / "output/posts/a/index.html").unlink()
    (tmp_path / "output/posts/b/x").write_bytes(b"x")
    found = opened(tmp_path, care="folders")
    assert found.damaged == {"posts/a/index.html"} and found.foreign == ("posts/b/x",)
    assert not opened(tmp_path, care="top").damaged
    (tmp_path / "output/index.html").unlink()
    assert opened(tmp_path, care="top").damaged == {"index.html", "posts/a/index.html"}
    publish(tmp_path, SITE, care="folders")
    assert snapshot(tmp_path / "output") == {**SITE, "posts/b/x": b"x"}


def test_a_folder_that_became_a_link_out(tmp_path: Path) -> None:
    """A folder of ours that was replaced by a link to somewhere else is made a folder again; nothing is written, read or removed there."""
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "a").mkdir(parents=True)
    (elsewhere / "a/index.html").write_bytes(b"private")
    for in_place in (False, True):
        for content in (SITE, {"index.html": b"home"}):
            publish(tmp_path, SITE, in_place=in_place)
            shutil.rmtree(tmp_path / "output/posts")
            (tmp_path / "output/posts").symlink_to(elsewhere)
            done = publish(tmp_path, content, in_place=in_place)
            assert snapshot(elsewhere) == {"a/index.html": b"private"}
            if content == SITE:
                assert snapshot(tmp_path / "output") == SITE and done.replaced == ("posts",)
            else:
                assert snapshot(tmp_path / "output") == {**content, "posts": f"-> {elsewhere}"}
                (tmp_path / "output/posts").unlink()


def test_a_link_where_a_file_goes(tmp_path: Path) -> None:
    """A link of somebody else's where a page is planned is replaced and told; what it points to is not touched."""
    for in_place in (False, True):
        site = tmp_path / str(in_place)
        (site / "output").mkdir(parents=True)
        (site / "secret").write_bytes(b"secret")
        (site / "output/index.html").symlink_to(site / "secret")
        done = publish(site, SITE, in_place=in_place)
        assert done.replaced == ("index.html",)
        assert snapshot(site / "output") == SITE and (site / "secret").read_bytes() == b"secret"
        publish(site, {**SITE, "index.html": b"new"}, in_place=in_place)
        assert snapshot(site / "output") == {**SITE, "index.html": b"new"}


@pytest.mark.parametrize("in_place", [False, True])
def test_strays_where_the_site_needs_the_place(tmp_path: Path, in_place: bool) -> None:
    """A single file of somebody else gives way and is told; a folder of somebody else does not, and nothing is published."""
    output = tmp_path / "output"
    output.mkdir()
    (output / "index.html").write_bytes(b"theirs")
    (output / "posts").write_bytes(b"a file where a folder is needed")
    done = publish(tmp_path, SITE, in_place=in_place)
    assert done.replaced == ("index.html", "posts") and snapshot(output) == SITE
    (output / "about").mkdir()
    (output / "about/picture.png").write_bytes(b"png")
    with pytest.raises(WriteFailed, match="'about' in the output folder is not a file of iopsgen's") as raised:
        publish(tmp_path, {**SITE, "about": b"page"}, in_place=in_place)
    assert "Move it" in raised.value.hint
    assert snapshot(output) == {**SITE, "about/picture.png": b"png"}
    done = publish(tmp_path, {**SITE, "about/index.html": b"page"}, in_place=in_place)
    assert snapshot(output) == {**SITE, "about/picture.png": b"png", "about/index.html": b"page"}
    assert done.kept_foreign == ("about/picture.png",)


def test_a_file_of_others_that_is_what_we_would_write(tmp_path: Path) -> None:
    """A stray file with the very bytes that are planned is adopted as it is."""
    (tmp_path / "output").mkdir()
    (tmp_path / "output/index.html").write_bytes(b"home")
    inode = (tmp_path / "output/index.html").stat().st_ino
    done = publish(tmp_path, SITE)
    assert done.replaced == () and "index.html" not in [file.path for file in done.written]
    assert (tmp_path / "output/index.html").stat().st_ino == inode
    assert publish(tmp_path, {}).removed == tuple(sorted(SITE))
    assert snapshot(tmp_path / "output") == {}


def test_names_on_a_file_system_that_ignores_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Index.html and index.html are one file, the page of the site takes the place of the stray one, and is not cleared with it."""
    monkeypatch.setattr("iopsgen.write.look.CASE_BLIND", True)
    publish(tmp_path, {"feed.xml": b"feed"})
    (tmp_path / "output/Index.html").write_bytes(b"theirs")
    (tmp_path / "output/Posts").mkdir()
    (tmp_path / "output/Posts/note").write_bytes(b"theirs")
    publish(tmp_path, SITE)
    assert snapshot(tmp_path / "output") == {**SITE, "Posts/note": b"theirs"}


# -- what is remembered -----------------------------------------------------------------------------------------------


def ledger_of(site: Path) -> Path:
    """The file that remembers."""
    return next((site / ".iopsgen/published").glob("*/ledger"))


def test_the_ledger_survives_the_loss_of_the_cache(tmp_path: Path) -> None:
    """Whatever else in .iopsgen is lost, stale files are known as ours."""
    publish(tmp_path, SITE)
    publish(tmp_path, {**SITE, "index.html": b"new"})
    for path in (tmp_path / ".iopsgen").rglob("*"):
        if path.name == "twin":
            shutil.rmtree(path)
    assert publish(tmp_path, {"index.html": b"home"}).removed == ("feed.xml", "posts/a/index.html", "posts/b/index.html")


def test_all_is_lost(tmp_path: Path) -> None:
    """Without any record, files with the planned bytes are kept as they are, others are replaced and told, and what is not planned stays."""
    publish(tmp_path, SITE)
    shutil.rmtree(tmp_path / ".iopsgen")
    found = opened(tmp_path)
    assert found.is_unknown and found.foreign == ("feed.xml", "index.html", "posts")
    done = publish(tmp_path, {"index.html": b"new", "feed.xml": b"<feed/>", "posts/a/index.html": b"a"})
    assert [file.path for file in done.written] == ["index.html"] and done.replaced == ("index.html",)
    assert done.kept_foreign == ("posts/b",)
    assert snapshot(tmp_path / "output") == {**SITE, "index.html": b"new"}
    assert not opened(tmp_path).is_unknown
    assert publish(tmp_path, {"index.html": b"new"}).removed == ("feed.xml", "posts/a/index.html")


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "version", "types", "outside", "link"])
def test_a_damaged_or_planted_ledger_is_ignored(tmp_path: Path, damage: str) -> None:
    """A ledger that is cut off, altered, from another version, or names files outside is as good as none, and removes nothing."""
    site = tmp_path / "site"
    site.mkdir()
    publish(site, SITE)
    victim = tmp_path / "victim"
    victim.write_bytes(b"private")
    path = ledger_of(site)
    data = path.read_bytes()
    if damage == "cut":
        path.write_bytes(data[:-7])
    elif damage == "flip":
        path.write_bytes(data[:-40] + bytes([data[-40] ^ 1]) + data[-39:])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "version":
        path.write_bytes(data.replace(b"ledger 1", b"ledger 0", 1))
    elif damage == "types":
        records._save(str(path), records._LEDGER, ["not", "a", "ledger"])  # type: ignore[arg-type]
    elif damage == "link":
        path.unlink()
        path.with_name("ledger.part").symlink_to(victim)
    else:
        record = records.load_record(str(path))
        assert record is not None
        entries = {**record.entries, "../../victim": record.entries["index.html"]}
        records.save_record(str(path), msgspec.structs.replace(record, entries=entries))
    output = opened(site)
    assert output.is_unknown and not output.ledger
    publish(site, {"index.html": b"new"})
    assert snapshot(site / "output") == {**SITE, "index.html": b"new"}
    assert victim.read_bytes() == b"private"


def test_a_planted_journal_removes_nothing_outside(tmp_path: Path) -> None:
    """A journal that names files outside the output folder is thrown away."""
    site = tmp_path / "site"
    site.mkdir()
    publish(site, SITE)
    (tmp_path / "victim").write_bytes(b"private")
    records.save_journal(str(ledger_of(site).with_name("journal")), records.Journal([], ["../../victim"], {}))
    publish(site, SITE)
    assert snapshot(site / "output") == SITE and (tmp_path / "victim").read_bytes() == b"private"
    assert not ledger_of(site).with_name("journal").exists()


@pytest.mark.parametrize("name", ["stage", "twin", "aside"])
def test_planted_links_in_the_cache(tmp_path: Path, name: str) -> None:
    """A link that was planted where new files wait is removed, and nothing is written or cleared where it leads."""
    site, victim = tmp_path / "site", tmp_path / "victim"
    site.mkdir()
    publish(site, SITE)
    publish(site, {**SITE, "index.html": b"1"})
    (site / "output/own").mkdir()
    (site / "output/own/file").write_bytes(b"own")
    victim.mkdir()
    (victim / "keep").write_bytes(b"keep")
    planted = ledger_of(site).with_name(name)
    if planted.is_dir():
        shutil.rmtree(planted)
    planted.symlink_to(victim)
    publish(site, {**SITE, "index.html": b"2"})
    assert snapshot(site / "output") == {**SITE, "index.html": b"2", "own/file": b"own"} and snapshot(victim) == {"keep": b"keep"}


def test_a_copied_site(tmp_path: Path) -> None:
    """A site that was copied to another place, output and cache and all, is recognised by its content: nothing is made again."""
    (tmp_path / "one").mkdir()
    publish(tmp_path / "one", {**SITE, "old.html": b"old"})
    publish(tmp_path / "one", SITE)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    found = opened(tmp_path / "two")
    assert not found.damaged and not found.foreign and set(SITE) <= set(found.ledger)
    (tmp_path / "two/output/old.html").write_bytes(b"old")  # as if the older of the two folders had been restored
    done = publish(tmp_path / "two", SITE)
    assert done.written == () and done.removed == ("old.html",)
    assert snapshot(tmp_path / "two/output") == SITE
    (tmp_path / "two").rename(tmp_path / "three")
    assert not opened(tmp_path / "three").damaged
    assert publish(tmp_path / "three", {**SITE, "index.html": b"new"}).unchanged == 3


def test_the_output_folder_was_deleted(tmp_path: Path) -> None:
    """Whoever deletes the output folder starts afresh: everything is made, and nothing of others comes back."""
    publish(tmp_path, SITE)
    (tmp_path / "output/CNAME").write_bytes(b"example.org")
    publish(tmp_path, {**SITE, "index.html": b"new"})
    shutil.rmtree(tmp_path / "output")
    assert not opened(tmp_path).ledger
    assert len(publish(tmp_path, SITE).written) == 4
    assert snapshot(tmp_path / "output") == SITE
    shutil.rmtree(tmp_path / "output")
    (tmp_path / "output").mkdir()
    assert opened(tmp_path).damaged == set(SITE)
    publish(tmp_path, SITE)
    assert snapshot(tmp_path / "output") == SITE


def test_two_output_folders(tmp_path: Path) -> None:
    """A preview and the real site in two folders do not mix up their records."""
    publish(tmp_path, SITE)
    publish(tmp_path, {"index.html": b"preview"}, output=tmp_path / "preview")
    assert publish(tmp_path, SITE).written == () and snapshot(tmp_path / "preview") == {"index.html": b"preview"}


def test_an_output_folder_that_is_a_link(tmp_path: Path) -> None:
    """The output folder may be a link to where the web server looks; the link stays, and the folder behind it is swapped."""
    (tmp_path / "web").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site/output").symlink_to(tmp_path / "web")
    for number in range(3):
        publish(tmp_path / "site", {**SITE, "index.html": str(number).encode()})
        assert (tmp_path / "site/output").is_symlink()
        assert snapshot(tmp_path / "web") == {**SITE, "index.html": str(number).encode()}


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../../x", "a/..", ".", "./x", "a//b", "a/", "C:/x", "c:x", "a\\b", "..\\x", "a\0b", "a\nb", "\ud800", ".iopsgen-stage/x", "a/\x7f"],
)
def test_unsafe_paths(tmp_path: Path, path: str) -> None:
    """A path that leads out, or that some system reads otherwise, is refused before anything is written."""
    assert not is_safe(path)
    with pytest.raises(WriteFailed, match="not a path inside"):
        publish(tmp_path, {path: b"x", "fine.html": b"y"})
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("path", ["index.html", "a/b/c", "..a/b..", "...", "caf\u00e9/\u65e5\u672c.html", "a b/c", ".well-known/x", "ab:c", ".iopsgen-stages"])
def test_safe_paths(path: str) -> None:
    """Unusual names that stay inside are allowed."""
    assert is_safe(path) == (sys.platform != "win32" or not set(path) & set(":"))


@pytest.mark.parametrize("pair", [("a", "a/b"), ("A.html", "a.html"), ("Stra\u00dfe/x", "STRASSE/x"), ("caf\u00e9", "cafe\u0301"), ("x/y/z", "x/y")])
def test_paths_that_clash(tmp_path: Path, pair: tuple[str, str]) -> None:
    """A file and a folder of one name, or two names that are one file on another system, are refused, naming both."""
    with pytest.raises(WriteFailed) as raised:
        publish(tmp_path, {pair[0]: b"1", pair[1]: b"2"})
    assert repr(min(pair, key=len)) in raised.value.message
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("folder", [".", "..", ".iopsgen", ".iopsgen/x", "/"])
def test_output_folders_that_hold_the_site(tmp_path: Path, folder: str) -> None:
    """A folder that holds the site or its cache cannot be the output folder."""
    site = tmp_path / "site"
    site.mkdir()
    with pytest.raises(WriteFailed, match="cannot be the output folder"):
        publish(site, SITE, output=site / folder)


def test_an_output_folder_that_is_a_file(tmp_path: Path) -> None:
    """A file where the output folder should be is left alone."""
    (tmp_path / "output").write_bytes(b"mine")
    with pytest.raises(WriteFailed, match="is a file"):
        publish(tmp_path, SITE)
    assert (tmp_path / "output").read_bytes() == b"mine"


def test_names_that_are_too_long(tmp_path: Path) -> None:
    """A name that the file system refuses is told with what to do."""
    publish(tmp_path, SITE)
    with pytest.raises(WriteFailed, match="too long") as raised:
        publish(tmp_path, {**SITE, "x" * 300: b"x"})
    assert "shorter slug" in raised.value.hint and snapshot(tmp_path / "output") == SITE


def planned_for(output: Output, **more: str) -> dict[str, str]:
    """The plan that changes nothing, and these."""
    return {path: entry.fingerprint for path, entry in output.ledger.items()} | more


def test_plan_and_contents_must_fit(tmp_path: Path) -> None:
    """A page that is planned anew but not made, made but not planned, or made twice is our own mistake, and nothing is published."""
    publish(tmp_path, SITE)
    with lock(tmp_path) as held:
        for more, made, word in (
            ({"new": "1"}, [], "planned but not made: new"),
            ({"feed.xml": "changed"}, [], "planned but not made: feed.xml"),
            ({}, [("other", b"x")], "made but not planned, or made twice: other"),
            ({"new": "1"}, [("new", b"x"), ("new", b"y")], "made but not planned, or made twice: new"),
        ):
            output = open_output(held, tmp_path / "output")
            with pytest.raises(ValueError, match=word):
                output.publish(planned_for(output, **more), made)
            assert snapshot(tmp_path / "output") == SITE


# -- copies -----------------------------------------------------------------------------------------------------------


def test_copies(tmp_path: Path) -> None:
    """A file is copied byte for byte, a new file and not a link to the source; an unchanged one is not copied again."""
    source = tmp_path / "big.jpg"
    source.write_bytes(os.urandom(3_000_000))
    for digest in (digest_of(source.read_bytes()), ""):
        site = tmp_path / f"site{bool(digest)}"
        site.mkdir()
        with lock(site) as held:
            output = open_output(held, site / "output")
            output.publish({"big.jpg": "1"}, [("big.jpg", Copy(source, digest))])
            target = site / "output/big.jpg"
            assert target.read_bytes() == source.read_bytes() and target.stat().st_nlink == source.stat().st_nlink == 1
            assert output.ledger["big.jpg"].digest == digest_of(source.read_bytes())
            inode = target.stat().st_ino
            assert output.publish({"big.jpg": "2"}, [("big.jpg", Copy(source, digest))]).written == ()
            assert target.stat().st_ino == inode


def test_a_source_that_changed(tmp_path: Path) -> None:
    """A file that is not what was planned any more, or that changes while it is copied, stops publishing with a message."""
    source = tmp_path / "a.txt"
    source.write_bytes(b"version 2")
    publish(tmp_path, SITE)
    for copy in (Copy(source, digest_of(b"version 1")), Copy(tmp_path / "gone", digest_of(b"x")), Copy(tmp_path, "")):
        with pytest.raises(WriteFailed):
            publish(tmp_path, {**SITE, "a.txt": copy})
        assert snapshot(tmp_path / "output") == SITE
    (tmp_path / "link").symlink_to(source)
    with pytest.raises(WriteFailed):  # whoever resolved the path saw no link
        publish(tmp_path, {**SITE, "a.txt": Copy(tmp_path / "link", digest_of(b"version 2"))})


def test_a_source_that_grows_while_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also without a known digest a source that grows as fast as it is read is noticed, and does not fill the disk."""
    source = tmp_path / "a.txt"
    source.write_bytes(b"x" * 100)
    real = os.read

    def read(descriptor: int, size: int) -> bytes:
        with source.open("ab") as file:
            file.write(b"more")
        return real(descriptor, min(size, 10))

    monkeypatch.setattr(os, "read", read)
    with lock(tmp_path) as held, pytest.raises(WriteFailed, match="changed while"):
        open_output(held, tmp_path / "output").publish({"a.txt": "1"}, [("a.txt", Copy(source))])
    assert source.stat().st_size < 1000


# -- the lock ---------------------------------------------------------------------------------------------------------


def holder(site: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process that holds the lock of a site; it has it when this returns."""
    code = f"""
        import time
        from pathlib import Path
        from iopsgen.write import lock
        with lock(Path({str(site)!r}), "iopsgen build --watch"):
            print("held", flush=True)
            time.sleep({seconds})
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_the_second_build_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    """While one process builds, another is told which process that is, since when, and what it does."""
    before = time.time()
    with holder(tmp_path, 60) as process:
        with pytest.raises(Locked) as raised, lock(tmp_path):
            pass
        told = raised.value.holder
        assert told.pid == process.pid and told.command == "iopsgen build --watch" and before - 5 < told.since < time.time() + 5
        assert raised.value.message == f"iopsgen build --watch (process {process.pid}) is building this site already."
        process.kill()
    with lock(tmp_path):  # released by death, although the file is still there
        assert (tmp_path / ".iopsgen/lock").exists()


def test_the_second_build_waits(tmp_path: Path) -> None:
    """With a timeout the second build says once whom it waits for, and goes on when the first is done."""
    waited: list[Holder] = []
    with holder(tmp_path, 0.3) as process, lock(tmp_path, timeout=60, waiting=waited.append):
        assert [one.pid for one in waited] == [process.pid]


def test_the_lock_of_one_process(tmp_path: Path) -> None:
    """One process cannot hold the lock twice, and gives it back also after an exception."""
    with lock(tmp_path), pytest.raises(Locked), lock(tmp_path):
        pass
    with pytest.raises(ZeroDivisionError), lock(tmp_path):
        raise ZeroDivisionError
    with lock(tmp_path):
        pass


def test_a_worker_that_outlives_a_killed_build(tmp_path: Path) -> None:
    """A forked worker that hangs on after its build was killed does not keep the lock."""
    reading, writing = os.pipe()

    def build() -> None:
        with lock(tmp_path):
            if os.fork() == 0:
                os.close(reading)
                os.write(writing, str(os.getpid()).encode())
                time.sleep(600)
            os._exit(9)

    assert in_child(build) == 9
    worker = int(os.read(reading, 20))
    try:
        with lock(tmp_path):
            pass
    finally:
        os.kill(worker, 9)
        os.close(reading)
        os.close(writing)


def test_the_cache_is_deleted_under_a_waiting_build(tmp_path: Path) -> None:
    """A lock on a file that was deleted meanwhile is not taken for one."""
    with lock(tmp_path):
        shutil.rmtree(tmp_path / ".iopsgen")
    with lock(tmp_path), pytest.raises(Locked), lock(tmp_path):
        pass


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"[]", b'{"pid": "x"}', b"{" * 3000])
def test_a_lock_file_with_nonsense(tmp_path: Path, text: bytes) -> None:
    """Whatever is in the lock file, the second build gets a sentence."""
    with lock(tmp_path):
        (tmp_path / ".iopsgen/lock").write_bytes(text)
        with pytest.raises(Locked, match="another process is building this site already"), lock(tmp_path):
            pass
