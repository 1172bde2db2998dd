"""Finds in calendar files what makes subscribers miss a meeting and what other validators let pass."""

from iopsgen.calendar_lint.linter import Linter, lint
from iopsgen.calendar_lint.raw import LARGEST

__all__ = ("LARGEST", "Linter", "lint")
