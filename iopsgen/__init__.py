"""iopsgen: a static site generator for organisations made of chapters."""

__version__ = "0.1.0"
