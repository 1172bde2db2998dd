"""What holds for all tests: those marked `slow` run in CI, or with --slow; the number left out is said at the end."""

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """--slow runs every test, as CI does."""
    parser.addoption("--slow", action="store_true", help="run the tests that take minutes too, as CI does")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes the slow tests out of an everyday run."""
    if config.getoption("--slow") or os.environ.get("CI") == "true":
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many tests were left out, and how to run them."""
    left_out = len(terminalreporter.stats.get("deselected", ())) + len(terminalreporter.stats.get("skipped", ()))
    if left_out:
        terminalreporter.write_line(f"{left_out} tests were left out. All of them run with CI=true; the slow ones with --slow.")
