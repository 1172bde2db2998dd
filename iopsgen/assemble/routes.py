"""Which address each text gets: permalink patterns and languages."""

from datetime import date


def prefix_of(language: str, languages: tuple[str, ...]) -> str:
    """`/es` for a further language of the site; "" for its main language and for languages it does not offer."""
    return f"/{language}" if language in languages[1:] else ""


def fill_permalink(pattern: str, slug: str, day: date | None, chapter: str) -> str:
    """An address from a pattern such as `/posts/{year}/{slug}/`; a part that stays empty falls away."""
    filled = pattern.replace("{slug}", slug).replace("{chapter}", chapter)
    if "{" in filled:
        year, month, number = (f"{day.year:04}", f"{day.month:02}", f"{day.day:02}") if day else ("", "", "")
        filled = filled.replace("{year}", year).replace("{month}", month).replace("{day}", number)
    while "//" in filled:
        filled = filled.replace("//", "/")
    return filled
