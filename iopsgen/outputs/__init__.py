"""Makers of everything that is not a page: each turns a view into bytes."""
