"""The plan: every output once, addresses that cannot stand together told, and fingerprints that follow what is shown."""

import pytest

from iopsgen.model import Asset
from iopsgen.plan import Output, check_routes, fingerprint
from iopsgen.problems import Place
from iopsgen.views import Head, NotFoundView, Ref


def output(route: str, file: str = "", title: str = "") -> Output:
    """A planned copy at a route."""
    asset = Asset(source=file or "x", route=route, digest="d", size=1)
    return Output(route=route, maker="copy", view=asset, place=Place(file) if file else None, title=title)


def test_the_path_of_a_route() -> None:
    """A route that ends in a slash is answered by an index file."""
    assert output("/posts/x/").path == "posts/x/index.html"
    assert output("/").path == "index.html"
    assert output("/feed.xml").path == "feed.xml"


def test_outputs_are_in_order_whatever_order_they_came_in() -> None:
    """By path, each once."""
    routes = ["/b/", "/a.txt", "/", "/a/"]
    one, two = check_routes(map(output, routes)), check_routes(map(output, reversed(routes)))
    assert one == two and one[1] == []
    assert [o.path for o in one[0]] == ["a.txt", "a/index.html", "b/index.html", "index.html"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/posts/welcome/", "/posts/welcome/"),
        ("/posts/Welcome/", "/posts/welcome/"),
        ("/posts/STRASSE/", "/posts/straße/"),
        ("/posts/caf\u00e9/", "/posts/cafe\u0301/"),
        ("/old/", "/old/index.html"),
    ],
)
def test_two_sources_for_one_address(first: str, second: str) -> None:
    """Addresses that are one on some system clash; the message names both files, in the same order whatever came first."""
    a, b = output(first, "content/posts/a.md", "A"), output(second, "content/posts/b.md", "B")
    (kept, problems), (_, same) = check_routes([a, b]), check_routes([b, a])
    assert len(kept) == 1 and len(problems) == 1 and problems == same
    assert problems[0].severity == "error" and problems[0].hint
    assert "content/posts/a.md" in problems[0].message and problems[0].place == Place("content/posts/b.md")


def test_three_sources_for_one_address() -> None:
    """Each further one is told of."""
    assert len(check_routes([output("/a/", f"{n}.md") for n in range(3)])[1]) == 2


@pytest.mark.parametrize(("file", "inside"), [("/a", "/a/"), ("/A", "/a/b/c.txt"), ("/a/b", "/a/B/c/d.png")])
def test_a_file_where_a_folder_has_to_be(file: str, inside: str) -> None:
    """A file cannot have the name of a folder that other outputs need: it is told, and left out."""
    for outputs in ([output(file, "one.md", "One"), output(inside, "two.md")], [output(inside, "two.md"), output(file, "one.md", "One")]):
        kept, problems = check_routes(outputs)
        assert [o.route for o in kept] == [inside], "what is left can be written"
        assert len(problems) == 1 and "One is a file where the site needs a folder" in problems[0].message
    assert check_routes([output("/a.b"), output("/a/b")])[1] == []


@pytest.mark.parametrize(
    "route",
    [
        "posts/",
        "/../x",
        "/a//b/",
        "/./",
        "/con/",
        "/nul.txt",
        "/a:b",
        "/a\\b",
        "/a./",
        "/a /",
        "/\x00",
        "/a\u202e/",
        "/a\ud800/",
        "/" + "x" * 300,
        "/a/" * 400,
    ],
)
def test_addresses_that_cannot_be_used(route: str) -> None:
    """An address that some system refuses, or that leads out of the site, is an error with its file, and is not planned."""
    kept, problems = check_routes([output(route, "content/posts/a.md")])
    assert kept == () and len(problems) == 1
    assert problems[0].place == Place("content/posts/a.md") and problems[0].hint


def view(title: str = "Gone", **more: str) -> NotFoundView:
    head = Head(
        title=title, url="/404.html", address="https://example.org/404.html", canonical="https://example.org/404.html", **{"language": "en", **more}
    )
    return NotFoundView(head=head, title=title)


def test_fingerprints() -> None:
    """The same view and maker give the same fingerprint; another of either gives another, and the part before the dot is the maker."""

    def of(title: str, maker: str = "m") -> str:
        return fingerprint(Output(route="/404.html", maker="page", view=view(title)), maker)

    assert of("A") == of("A") and of("A") != of("B") and of("A") != of("A", "n")
    assert of("A").partition(".")[0] == "m" and len(of("A").partition(".")[2]) == 32
    assert of("A").partition(".")[2] == of("A", "n").partition(".")[2]


def test_fingerprints_tell_fields_apart() -> None:
    """Moving a text from one field to its neighbour, or to another kind of view, is a change."""
    one = Output(route="/", maker="page", view=(Ref(title="a", url="b"),))
    two = Output(route="/", maker="page", view=(Ref(title="ab", url=""),))
    assert fingerprint(one, "m") != fingerprint(two, "m")
    assert fingerprint(Output(route="/", maker="page", view=view("A", description="x")), "m") != fingerprint(
        Output(route="/", maker="page", view=view("A")), "m"
    )
