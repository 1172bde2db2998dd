"""Looks at a whole site once more, for `iopsgen check`: what no single file shows, and what should have come out right by itself."""
