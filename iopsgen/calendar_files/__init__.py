"""Reads the calendar files of other programs, and makes of each of their events what a volunteer would have written."""
