"""Reads what form services and spreadsheets export: CSV in any dialect, and JSON, as one document or line by line."""

import csv
import io
from collections.abc import Iterator
from itertools import chain, islice

import msgspec

from iopsgen.importers.comments.columns import Columns, comment_of, match, plain
from iopsgen.importers.comments.foreign import MOST, Choices, Found, Passed, Remark
from iopsgen.importers.comments.jsontext import as_list, as_map, as_text, read_object, read_value
from iopsgen.importers.comments.moments import which_first
from iopsgen.importers.comments.opening import LINE, NOT_UTF8, Source, Unreadable, decode, lines_of, open_stream, read_whole
from iopsgen.problems import has_errors, note

_LISTS = ("submissions", "data", "responses", "entries", "items", "comments", "results", "records", "values")
_FIELDS = ("data", "fields", "answers", "values")  # of one submission, below which services put what was sent


def read_csv(source: Source, choices: Choices) -> Iterator[Found]:
    """The comments of a CSV file with a first line of names, row by row. Raises Unreadable."""
    odd: list[int] = []
    rows = _rows(source, odd)
    _, first = next(rows, (0, []))
    headers = [name.strip() for name in first]
    if len(headers) < 2 or any(len(name) > 500 for name in headers):
        raise Unreadable("This is no table: its first line does not name columns.", "Export it as CSV, with the names of the columns.", 1)
    columns, problems = match(headers, choices, source.place(1))
    yield from problems
    if has_errors(problems):
        return
    yield from _say_unused(columns, source)
    yield from _comments(((line, dict(zip(headers, row, strict=False)), len(row)) for line, row in rows), len(headers), columns, choices, source)
    if odd:
        yield Remark(NOT_UTF8, source.place(odd[0]))


def _rows(source: Source, odd: list[int]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table with the line on which each starts; rows with nothing in them are left out. Lines that are not UTF-8 go to `odd`."""
    with open_stream(source) as stream:
        start = stream.peek(4096)[:4096]
        lines: Iterator[str]
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            lines = io.TextIOWrapper(stream, "utf-16", "replace", newline="")
        else:
            lines = (_line(number, raw, odd) for number, raw in lines_of(stream))
        first = decode(start)[0].partition("\n")[0]
        delimiter = max(",;\t|", key=first.count)
        reader = csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter)
        number = 1
        limit = csv.field_size_limit(LINE)
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield number, row
                number = reader.line_num + 1
        except csv.Error as fault:
            if "limit" in str(fault):
                raise Unreadable("A quotation mark that opens here is never closed.", "Mend this line, or export the table again.", number) from None
            raise Unreadable(f"This row cannot be read: {fault}.", "Mend this line, or export the table again.", number) from None
        finally:
            csv.field_size_limit(limit)


def _line(number: int, raw: bytes | None, odd: list[int]) -> str:
    if raw is None:
        raise Unreadable("This line is too long to be one of a table.", "Export it as CSV.", number)
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        odd.append(number)
        return raw.decode("cp1252", "replace")


def _say_unused(columns: Columns, source: Source) -> Iterator[Found]:
    if columns.unused:
        names = ", ".join(f'"{name}"' for name in columns.unused[:20]) + (" …" if len(columns.unused) > 20 else "")
        yield note(f"These columns are not taken: {names}.", source.place(1), "If one is needed, say what it holds, for example: --map name=…")


_Row = tuple[int, dict[str, str] | None, int]  # its line, its cells by the names of the columns (None: damaged), how many there are


def _comments(rows: Iterator[_Row], width: int, columns: Columns, choices: Choices, source: Source) -> Iterator[Found]:
    """The comments of rows. Dates like 01/02/2026 are read as those rows show in which one number cannot be a month."""
    held: list[_Row] = []
    torn: Unreadable | None = None
    if choices.day_first is None and "received" in columns.of:
        size = 0
        try:
            for row in rows:
                held.append(row)
                size += sum(map(len, (row[1] or {}).values()))
                if size > MOST:
                    break
        except Unreadable as fault:  # what stands before it is sound
            torn = fault
        first = which_first([(row[1] or {}).get(columns.of["received"], "") for row in held])
        choices = msgspec.structs.replace(choices, day_first=first)
    for line, values, cells in chain(held, rows):
        place = source.place(line)
        if values is None:
            yield Passed("damaged", place)
            continue
        if cells > width:
            yield Remark("rows with more cells than there are columns", place)
        yield comment_of(values, columns, choices, place, source.name)
    if torn is not None:
        raise torn


# --- JSON --------------------------------------------------------------------------------------------------------------


def read_json(source: Source, choices: Choices) -> Iterator[Found]:
    """The comments of a JSON document with a list of submissions, or of lines of JSON. Raises Unreadable."""
    rows: Iterator[tuple[int, dict[str, str] | None]]
    if _has_lines(source):
        rows = ((number, _row(read_object(line)) if line is not None else None) for number, line in _lines(source))
    else:
        rows = ((0, _row(one)) for one in _find_list(read_value(read_whole(source))))
    first = list(islice(rows, 1000))
    columns, problems = match((name for _, row in first for name in row or ()), choices, source.place())
    yield from problems
    if has_errors(problems):
        return
    yield from _say_unused(columns, source)
    yield from _comments(((number, row, 0) for number, row in chain(first, rows)), 0, columns, choices, source)


def _has_lines(source: Source) -> bool:
    """Whether the first line is an object of its own and others stand below it."""
    with open_stream(source) as stream:
        lines = (line for _, line in lines_of(stream) if line is None or line.strip())
        first, second = next(lines, None), next(lines, None)
    return first is not None and second is not None and first.lstrip().startswith(b"{") and read_object(first) is not None


def _lines(source: Source) -> Iterator[tuple[int, bytes | None]]:
    with open_stream(source) as stream:
        yield from ((number, line) for number, line in lines_of(stream) if line is None or line.strip())


def _find_list(value: object) -> list[object]:
    """The list of submissions of a document. Raises Unreadable."""
    if isinstance(value, list):
        return value
    data = as_map(value)
    for name in _LISTS:
        if isinstance(data.get(name), list):
            return as_list(data[name])
    raise Unreadable("This JSON holds no list of submissions.", f"A list is expected, or one of these keys with a list: {', '.join(_LISTS)}.")


def _row(value: object) -> dict[str, str] | None:
    """One submission as texts by their names: what was sent, and around it what the service knows."""
    if not isinstance(value, dict):
        return None
    found: dict[str, str] = {}
    sent: dict[str, str] = {}
    for name, inner in value.items():
        if isinstance(inner, dict) and plain(name) in _FIELDS:
            sent |= {str(key): as_text(text) for key, text in inner.items() if as_text(text)}
        elif as_text(inner):
            found[str(name)] = as_text(inner)
    own = {name: text for name, text in found.items() if plain(name) in ("id", "createdat", "submittedat", "date")}
    return {**found, **sent, **own}
