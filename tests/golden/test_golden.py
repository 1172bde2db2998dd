"""The output of two small sites, byte for byte as it was accepted."""

from pathlib import Path

import pytest

from tests.golden import shelf


@pytest.mark.parametrize("name", shelf.SITES)
def test_output_is_as_accepted(name: str, tmp_path: Path) -> None:
    """Every file of the output has the accepted bytes; `python -m tests.golden --accept` accepts a change."""
    text = shelf.made(name, tmp_path)
    assert text == shelf.expected(name), "\n" + shelf.difference(name, text) + "\nTo accept: python -m tests.golden --accept"


def test_a_change_is_seen(tmp_path: Path) -> None:
    """A byte more in one file makes a difference that is shown."""
    text = shelf.expected(shelf.SITES[0])
    assert text and shelf.difference(shelf.SITES[0], text) == ""
    assert "+Hello" in shelf.difference(shelf.SITES[0], text + "Hello\n")
