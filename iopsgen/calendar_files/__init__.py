"""Reads the calendar files of other programs, and makes of each of their events what a volunteer would have written."""

MAX_BYTES = 16 * 1024 * 1024  # of a calendar file that is read
