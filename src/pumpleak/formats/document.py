"""YAML and JSON text -> a tree of nodes, each with its line and column; the one module that imports ruamel.yaml.

Only what a data file needs is read: one document of mappings with text keys, sequences and scalars (YAML 1.2). Tags,
anchors, aliases, merge keys, directives and keys used twice are refused, and size, depth and number of nodes are capped
while the text is being scanned, before anything is built. JSON is read as the part of YAML that it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, PumpleakError, UnitError
from pumpleak.base.names import shown
from pumpleak.formats.scalars import Plain, resolved
from pumpleak.formats.shelves import LARGEST, content_of, too_large

# Files of ours nest to about 8.
DEEPEST = 30
# At about 20 us each a file that reaches it is answered within seconds.
MOST = 50_000
Path_: TypeAlias = Sequence[str | int]
"""Keys and indices that lead from the root to a node."""

_YAML_TAG = "tag:yaml.org,2002:"
_KINDS = {bool: "true or false", int: "a number", float: "a number", type(None): "empty"}


@dataclass(frozen=True)
class Scalar:
    """A text, a number, true, false or nothing, and where it stands (from 1)."""

    value: str | int | float | bool | None
    line: int
    column: int


@dataclass(frozen=True)
class Items:
    """A sequence of nodes and where it begins."""

    items: list[Node]
    line: int
    column: int


@dataclass(frozen=True)
class Fields:
    """A mapping from texts to nodes, where it begins and where each of its keys stands."""

    entries: dict[str, Node]
    line: int
    column: int
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)


Node: TypeAlias = Scalar | Items | Fields


@dataclass(frozen=True)
class Document:
    """The tree of one file, with the name of the file that messages begin with."""

    root: Node
    file: str

    @cached_property
    def plain(self) -> Plain:
        """The content without its places."""
        return _plain(self.root)

    def place(self, path: Path_, key: bool = False) -> tuple[int, int]:
        """Return line and column of the node, of its key with `key`, or of the last node on the way that exists."""
        node, spot = self.root, (self.root.line, self.root.column)
        for step in path:
            if isinstance(node, Fields) and step in node.entries:
                spot = node.keys[str(step)]
                node = node.entries[str(step)]
            elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                spot = (node.line, node.column)
        return spot if key else (node.line, node.column)

    def error(self, message: str, path: Path_ = (), key: bool = False) -> FormatError:
        """Return the error to raise about the node at the path."""
        line, column = self.place(path, key)
        return FormatError(message, file=self.file, line=line, column=column)

    @contextmanager
    def at(self, *path: str | int, key: type[PumpleakError] | None = None) -> Iterator[None]:
        """Add file, line and column of the node to an error about units, names, models or formats that has none yet.

        Errors of the type `key` are about the node's key and are placed there.
        """
        try:
            yield
        except (UnitError, NameUnknown, ModelError, FormatError) as error:
            if str(error).startswith(f"{self.file}:") or (isinstance(error, FormatError) and error.line is not None):
                raise
            located = self.error(str(error), path, key=key is not None and isinstance(error, key))
            raise (located if isinstance(error, FormatError) else type(error)(str(located))) from None


def read_file(path: Path) -> Document:
    """Return the tree of a file; raises FormatError if it cannot be opened, is too large or is not what we read."""
    return read(content_of(path), str(path))


def read(content: bytes | str, file: str = "<text>") -> Document:
    """Return the tree of a text; raises FormatError with line and column for whatever is not plain data."""
    encoded = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    if len(encoded) > LARGEST:
        raise too_large(file)
    text = _decoded(encoded, file)
    _refuse_directives(text, file)
    builder = _Builder(file)
    try:
        root = builder.build(YAML(typ="safe", pure=True).parse(text))
    except (FormatError, MemoryError):
        raise
    except MarkedYAMLError as error:
        raise _malformed(error, file) from None
    except ReaderError as error:
        line, column = _position(text, error.position)
        message = f"the character {shown(chr(error.character))} may not stand in a text file"
        raise FormatError(message, file=file, line=line, column=column) from None
    except Exception as error:  # a wrong escape such as "\UFFFFFFFF" leaves ruamel's scanner as whatever chr() raised
        raise FormatError(f"not valid YAML after this: {error}", file=file, line=builder.line, column=1) from None
    if root is None:
        raise FormatError("the file is empty; it should begin with 'pumpleak: 1'", file=file, line=1, column=1)
    return Document(root, file)


class _Builder:
    """Makes nodes of parser events, refusing on the way what is not plain data."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self.line = 1
        self.documents = 0

    def error(self, message: str, event: Event) -> FormatError:
        mark = event.start_mark
        return FormatError(message, file=self.file, line=mark.line + 1, column=mark.column + 1)

    def build(self, events: Iterator[Event]) -> Node | None:
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise self.error("a second document '---' begins here; a file holds one", event)
            elif isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent | AliasEvent):
                root = self.node(event, events, 1)
        return root

    def node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        self.refuse_references(event)
        self.count += 1
        if self.count > MOST:
            raise self.error(f"more than {MOST} values; a model file holds far fewer", event)
        if depth > DEEPEST:
            raise self.error(f"nested deeper than {DEEPEST} levels; a model file needs fewer than 10", event)
        mark = event.start_mark
        self.line = line = mark.line + 1
        column = mark.column + 1
        if isinstance(event, ScalarEvent):
            return Scalar(self.scalar(event), line, column)
        if isinstance(event, SequenceStartEvent):
            items = [self.node(inner, events, depth + 1) for inner in _until_end(events)]
            return Items(items, line, column)
        fields = Fields({}, line, column)
        for inner in _until_end(events):
            key = self.key(inner, fields)
            fields.keys[key] = (inner.start_mark.line + 1, inner.start_mark.column + 1)
            fields.entries[key] = self.node(next(events), events, depth + 1)
        return fields

    def key(self, event: Event, fields: Fields) -> str:
        self.refuse_references(event)
        if not isinstance(event, ScalarEvent):
            raise self.error("a list or a mapping stands where a key should; a key is a name", event)
        if event.value == "<<" and event.style is None:
            raise self.error("the merge key '<<' is not read; write the entries out", event)
        value = self.scalar(event)
        if not isinstance(value, str):
            message = f"the key {shown(event.value)} is {_KINDS[type(value)]}; a key is a name, quoted if need be"
            raise self.error(message, event)
        if value in fields.keys:
            raise self.error(f"the key {shown(value)} is there twice, first in line {fields.keys[value][0]}", event)
        return value

    def scalar(self, event: Any) -> str | int | float | bool | None:
        text = str(event.value)
        if event.style is None:
            return resolved(text)
        try:
            # JSON writes characters beyond the first 65536 as two halves.
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise self.error(f"half a character in {ascii(text)[:60]}; write both halves", event) from None

    def refuse_references(self, event: Any) -> None:
        if isinstance(event, AliasEvent):
            raise self.error(f"the alias {shown('*' + event.anchor)} is not read; write the value out", event)
        if event.anchor is not None:
            raise self.error(f"the anchor {shown('&' + event.anchor)} is not read; write the value out", event)
        if event.tag is not None:
            tag = shown(event.tag.replace(_YAML_TAG, "!!"))
            raise self.error(f"the tag {tag} is not read; a file holds plain values", event)


def _until_end(events: Iterator[Event]) -> Iterator[Event]:
    """Yield the events that open the children of a collection; the children take what is inside them."""
    for event in events:
        if not isinstance(event, ScalarEvent | AliasEvent | SequenceStartEvent | MappingStartEvent):
            return
        yield event


def _plain(node: Node) -> Plain:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [_plain(item) for item in node.items]
    return {key: _plain(entry) for key, entry in node.entries.items()}


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        line, column = _position(before, len(before))
        byte = f"0x{content[error.start]:02x}"
        raise FormatError(f"the byte {byte} is not UTF-8 text", file=file, line=line, column=column) from None


def _position(text: str, at: int) -> tuple[int, int]:
    before = text[:at]
    return before.count("\n") + 1, at - before.rfind("\n")


def _refuse_directives(text: str, file: str) -> None:
    start = re.match(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*%([^\n]*)", text)
    if start is not None:
        line, _ = _position(text, start.start(1))
        message = f"the directive {shown('%' + start[1].strip())} is not read; a file is YAML 1.2 without it"
        raise FormatError(message, file=file, line=line, column=1)


def _malformed(error: MarkedYAMLError, file: str) -> FormatError:
    mark = error.problem_mark or error.context_mark
    reason = " ".join(part for part in (error.problem, error.context) if part)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
    return FormatError(f"not valid YAML: {reason}", file=file, line=line, column=column)
