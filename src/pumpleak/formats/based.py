"""Cell files that say only how they differ from another: `based_on: neuron`, and their own entries laid over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pumpleak.base.errors import FormatError
from pumpleak.base.names import shown
from pumpleak.formats.document import Document, Fields, Items, Node, Scalar, read_file
from pumpleak.formats.header import expect
from pumpleak.formats.shelves import find

KEY = "based_on"
ADDED = ("notes",)  # what is known of the base is known of it too
ITS_OWN = ("pumpleak", "cell", "title", "summary", "animal", "notes")  # not laid over the base in parts


def extended(document: Document) -> Document:
    """Return the file with what it is based on filled in; the file itself where it is based on none.

    Entries of mappings are laid over those of the base one by one, an empty one (`~`) takes that of the base out, notes are
    added, anything else takes the place of what the base has. What comes from the base is placed at the key `based_on`, so
    that errors point into this file. Raises NameUnknown and FormatError for a base that is none.
    """
    root = document.root
    if not isinstance(root, Fields) or KEY not in root.entries:
        return document
    given = root.entries[KEY]
    if not isinstance(given, Scalar) or not isinstance(given.value, str):
        raise document.error("expected the name of a cell, or the path of its file", (KEY,))
    with document.at(KEY):
        base = read_file(find(given.value, "cell", beside=Path(document.file)))
        expect(base, "cell")
        if not isinstance(base.root, Fields) or KEY in base.root.entries:
            raise FormatError(f"{shown(given.value)} is itself based on another; base this file on that one")
    own = Fields({key: each for key, each in root.entries.items() if key != KEY}, root.line, root.column, root.keys)
    return Document(_over(own, base.root, (given.line, given.column)), document.file)


def whole_or_based(whole: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a cell, from that of one that says all; what a based one says is checked when it is laid over."""
    entries: dict[str, Any] = whole["properties"]
    own = {key: each if key in ITS_OWN else {} for key, each in entries.items()}
    needed = [key for key in whole["required"] if key not in ITS_OWN]
    words = "The name of another cell, or the path of its file: the entries of this one are laid over its own."
    return {
        **whole,
        "properties": {**own, KEY: {"type": "string", "description": words}},
        "required": [key for key in whole["required"] if key in ITS_OWN],
        "anyOf": [{"properties": {key: each for key, each in entries.items() if key not in ITS_OWN}, "required": needed},
                  {"required": [KEY]}],
    }


def _over(own: Fields, base: Fields, spot: tuple[int, int]) -> Fields:
    """A mapping laid over that of the base, whose order comes first."""
    merged = Fields({}, own.line, own.column)
    for key in dict.fromkeys([*base.entries, *own.entries]):
        ours, theirs = own.entries.get(key), base.entries.get(key)
        if isinstance(ours, Scalar) and ours.value is None and theirs is not None:
            continue
        merged.keys[key] = own.keys[key] if ours is not None else spot
        merged.entries[key] = _laid(key, ours, theirs, spot)
    return merged


def _laid(key: str, ours: Node | None, theirs: Node | None, spot: tuple[int, int]) -> Node:
    if ours is None:
        return _placed(theirs or Scalar(None, *spot), spot)
    if isinstance(ours, Fields) and isinstance(theirs, Fields):
        return _over(ours, theirs, spot)
    if key in ADDED and isinstance(ours, Items) and isinstance(theirs, Items):
        return Items([*(_placed(each, spot) for each in theirs.items), *ours.items], ours.line, ours.column)
    return ours


def _placed(node: Node, spot: tuple[int, int]) -> Node:
    """A node of the base, standing where it is asked for."""
    if isinstance(node, Scalar):
        return Scalar(node.value, *spot)
    if isinstance(node, Items):
        return Items([_placed(each, spot) for each in node.items], *spot)
    return Fields({key: _placed(each, spot) for key, each in node.entries.items()}, *spot, dict.fromkeys(node.keys, spot))
