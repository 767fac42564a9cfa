"""Plain data -> YAML text that `document.read` reads back to the same data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from pumpleak.formats.scalars import Plain, resolved

FORMAT = 1
"""The number that every file of ours begins with; it grows when older versions can no longer read what we write."""

# Texts that mean themselves without quotes wherever they stand, in lines and in braces.
_PLAIN = re.compile(r"-?[A-Za-z0-9](?:[A-Za-z0-9 _./()%^*+<>=~-]*[A-Za-z0-9_./()%^*+<>=~-])?")
# A mapping or list of scalars that fits into a line stays in one.
_WIDTH = 110


def yaml_text(content: Mapping[str, Plain]) -> str:
    """Return a mapping as YAML, its keys in their order."""
    return "\n".join(_lines(dict(content), "")) + "\n"


def _lines(node: Plain, indent: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, entry in node.items():
            yield from _entry(f"{indent}{_scalar(key)}:", entry, indent)
    elif isinstance(node, list):
        for item in node:
            if isinstance(item, dict) and item and _flow(item) is None:
                first, *rest = _lines(item, indent + "  ")
                yield f"{indent}- {first.lstrip()}"
                yield from rest
            else:
                yield from _entry(f"{indent}-", item, indent)


def _entry(head: str, node: Plain, indent: str) -> Iterator[str]:
    short = _flow(node)
    if short is not None and (len(head) + len(short) < _WIDTH or not isinstance(node, dict | list) or not node):
        yield f"{head} {short}"
    else:
        yield head
        yield from _lines(node, indent + "  ")


def _flow(node: Plain) -> str | None:
    """Return the node on one line, nothing for a collection of collections."""
    if isinstance(node, dict):
        parts = [(_scalar(key), entry) for key, entry in node.items()]
        if any(isinstance(entry, dict | list) for _, entry in parts):
            return None
        return "{" + ", ".join(f"{key}: {_scalar(entry)}" for key, entry in parts) + "}"
    if isinstance(node, list):
        return None if any(isinstance(item, dict | list) for item in node) else f"[{', '.join(map(_scalar, node))}]"
    return _scalar(node)


def _scalar(value: Plain) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and resolved(value) is value:
            return value
        # JSON's escapes are YAML's; what does not print is escaped.
        return json.dumps(value, ensure_ascii=not value.isprintable())
    if isinstance(value, float):
        return _number(value)
    return "null" if value is None else json.dumps(value)


def _number(value: float) -> str:
    written = {float("inf"): ".inf", float("-inf"): "-.inf"}.get(value)
    return written or (".nan" if value != value else repr(value))
