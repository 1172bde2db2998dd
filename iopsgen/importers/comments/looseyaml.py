"""Reads the YAML of comment files as plain texts, lists and maps: whatever their tags promise, however they were dumped."""

import base64
import binascii
from typing import Any

import yaml

from iopsgen.importers.comments.opening import Unreadable
from iopsgen.plain import printable

_DEPTH = 20
_NULLS = ("", "~", "null", "Null", "NULL")
_LINE_ENDS = str.maketrans({"\x85": " ", "\u2028": " ", "\u2029": " "})  # line ends for YAML, and for no editor
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_yaml(text: str, first_line: int = 1) -> object:
    """The first document: texts as written, None for null, lists, and maps with texts for keys. Raises Unreadable.

    Tags are not followed (`!!python/unicode 'x'` is x), but `!!binary` is decoded; an alias stands for a text or for nothing. Not recursive,
    so that a depth is a number and never a crash.
    """
    stack: list[tuple[bool, list[object]]] = []  # is it a map, its nodes so far
    texts: dict[str, str | None] = {}
    event: Any
    try:
        for event in yaml.parse(printable(text).translate(_LINE_ENDS), Loader=_Loader):
            kind = type(event)
            node: object
            if kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if len(stack) >= _DEPTH:
                    raise Unreadable(f"This is nested more than {_DEPTH} levels deep.", "Write it flatter.", first_line + event.start_mark.line)
                stack.append((kind is yaml.MappingStartEvent, []))
                continue
            if kind is yaml.ScalarEvent:
                node = _text(event)
                if event.anchor:
                    texts[event.anchor] = node if isinstance(node, str) else None
            elif kind is yaml.AliasEvent:
                node = texts.get(event.anchor)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                is_map, nodes = stack.pop()
                node = {k: v for k, v in zip(nodes[::2], nodes[1::2], strict=True) if isinstance(k, str)} if is_map else nodes
            else:
                continue
            if not stack:
                return node
            stack[-1][1].append(node)
    except yaml.MarkedYAMLError as fault:
        mark: Any = fault.problem_mark or fault.context_mark
        line = first_line + mark.line if mark is not None else 0
        raise Unreadable(f"This is not YAML: {fault.problem or fault.context}.", "Mend this place.", line) from None
    except (yaml.YAMLError, UnicodeError, ValueError):
        raise Unreadable("This is not YAML.", "Save it as UTF-8 text.") from None
    return None


def _text(event: Any) -> str | None:
    """The text of a scalar; None where it is null."""
    if event.style in (None, "") and event.value in _NULLS and event.tag in (None, "!", "tag:yaml.org,2002:null"):
        return None
    if event.tag == "tag:yaml.org,2002:binary":
        try:
            return base64.b64decode(event.value, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return str(event.value)
    return str(event.value)
