"""What is wrong with a site that no single file shows: events that clash, weekdays that do not fit, series that have ended."""

from collections.abc import Callable

from iopsgen.checks.clashes import find_clashes
from iopsgen.checks.series import find_ended
from iopsgen.checks.weekdays import check_weekdays
from iopsgen.model import Site
from iopsgen.problems import Problem


def check_site(site: Site, read: Callable[[str], str]) -> list[Problem]:
    """Warnings and notes about a whole site. `read` gives the text of a source by its path, empty where it cannot be read."""
    return [*find_clashes(site), *check_weekdays(site, read), *find_ended(site)]
