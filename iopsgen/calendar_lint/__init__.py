"""Finds in calendar files what makes subscribers miss a meeting and what other validators let pass."""

from iopsgen.calendar_lint.linter import Linter, lint

__all__ = ("Linter", "lint")
