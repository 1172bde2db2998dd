"""Templates of strangers: they show what `page` and `site` hold, and reach nothing else.

A theme may come from anybody. Jinja's sandbox forbids what is known to be dangerous; here, on top of it, everything is forbidden
but a list: fields of views, keys of dicts, a few methods of texts and dates, what loops and macros tell of themselves. No clock, no
chance, no addresses of memory: the same view gives the same page. Work is counted, so that a template made to run for ever or to
fill the memory ends with a message.
"""

from iopsgen.sandbox.bounds import Meter, Refused, UnknownName, describe, format_text, shown
from iopsgen.sandbox.environment import ThemeEnvironment

__all__ = ("Meter", "Refused", "ThemeEnvironment", "UnknownName", "describe", "format_text", "shown")
