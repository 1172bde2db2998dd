"""The preview: watches the files of a site, makes its pages in memory, and tells the browser when they changed."""

from iopsgen.serve.preview import NoPort, Preview
from iopsgen.serve.rebuild import Found, Rebuilt

__all__ = ["Found", "NoPort", "Preview", "Rebuilt"]
