"""Every output of a build, known before one is rendered: routes, clashes, and the fingerprint that says whether to make it again."""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from iopsgen.model import Asset
from iopsgen.problems import Place, Problem, error
from iopsgen.slugs import fault_of_route, file_of, fold
from iopsgen.views import Shared, View


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be: its route, how it is made, from what, and where to look when that fails.

    `maker` is page, copy, or the name of a function in `outputs.make`; a page names its template and the language of
    its frame. `title` is how messages call it.
    """

    route: str
    maker: str
    view: View | Asset | tuple[Any, ...]
    template: str = ""
    language: str = ""
    place: Place | None = None
    title: str = ""

    @property
    def path(self) -> str:
        """The file below output/."""
        return file_of(self.route)


def _digest_of(value: object) -> str:
    """What stands for a value that is no view in the encoding of one."""
    if isinstance(value, Shared):
        return value.digest
    raise NotImplementedError(f"no fingerprint of {type(value).__name__}")


_ENCODER = msgspec.json.Encoder(enc_hook=_digest_of)


def fingerprint(output: Output, maker: str) -> str:
    """How an output is made and from what: `maker` as given, a dot, and 128 bits over its view, in hexadecimal."""
    return f"{maker}.{hashlib.blake2b(_ENCODER.encode(output.view), digest_size=16).hexdigest()}"


def check_routes(outputs: Iterable[Output]) -> tuple[tuple[Output, ...], list[Problem]]:
    """The outputs by path, each path once, and what is wrong: unusable addresses, and two sources for one address.

    Addresses clash when they are the same after Unicode NFC and case folding, or when a file would have to be a folder.
    """
    problems: list[Problem] = []
    kept: dict[str, Output] = {}
    for output in outputs:
        fault = fault_of_route(output.route)
        if fault:
            problems.append(error(f'The address "{output.route}" cannot be used: {fault}.', output.place, "Set another slug, or rename the file."))
            continue
        key = fold(output.path)
        held = kept.get(key)
        if held is None:
            kept[key] = output
        else:
            first, second = (held, output) if str(held.place) <= str(output.place) else (output, held)
            where = f" ({first.place.file})" if first.place else ""
            message = f'The address "{second.route}" is taken: {first.title or "another page"}{where} has it too.'
            problems.append(error(message, second.place or first.place, "Give one of the two another slug or another file name."))
    problems += _check_folders(kept)
    return tuple(sorted(kept.values(), key=lambda o: o.path)), problems


def _check_folders(kept: dict[str, Output]) -> list[Problem]:
    """Takes out the files that stand where another output needs a folder, and says so. Each folder is looked at once."""
    problems: list[Problem] = []
    in_the_way: set[str] = set()
    seen: set[str] = set()
    for key, output in kept.items():
        folder = key.rpartition("/")[0]
        while folder and folder not in seen:
            seen.add(folder)
            file = kept.get(folder)
            if file is not None:
                in_the_way.add(folder)
                message = f'{file.title or file.path} is a file where the site needs a folder, for "{output.route}".'
                problems.append(error(message, file.place or output.place, "Give one of the two another name."))
            folder = folder.rpartition("/")[0]
    for key in in_the_way:
        del kept[key]
    return problems
