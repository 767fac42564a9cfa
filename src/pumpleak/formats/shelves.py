"""Where models are found: the catalogue's folders of YAML files, by name, and files of the user, by path.

Nothing here parses YAML, so that a start from the cache costs no more than reading the bytes of the files used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from pumpleak.base.errors import FormatError
from pumpleak.base.names import lookup, shown

CATALOG = Path(__file__).parents[1] / "catalog"
SHELVES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"pumps": ("scheme", "rate_law"), "cells": ("cell", "system"), "experiments": ("study",)}
)
"""The folders of the catalogue and the kinds of file in each."""
PARTS = ("inhibitors", "isoforms", "congeners")
"""The folders of what a pump can be put together with."""
MODELS = ("cell", "system")
"""The kinds of file that can be run; a system stands among the cells and is spoken of as one."""
ENDINGS = (".yaml", ".yml", ".json")
# Bytes: a hundred times the largest file of the catalogue.
LARGEST = 1_000_000

_HEAD = re.compile(r"^(title|summary): *(.*)$", re.MULTILINE)
_KIND = re.compile(rb"^(scheme|rate_law|cell|system|study):", re.MULTILINE)
_COMPOSED = re.compile(rb"\b(inhibitors|isoform|congener):")
_WORD = re.compile(rb"[\w./~\\-]+")


@dataclass(frozen=True)
class Entry:
    """What `list` shows of a file of the catalogue."""

    name: str
    kind: str
    title: str
    summary: str
    path: Path


@cache
def _shelf(shelf: str) -> Mapping[str, Path]:
    folder = CATALOG / lookup(shelf, {name: name for name in SHELVES}, "shelf of the catalogue")
    return MappingProxyType({path.stem: path for path in sorted(folder.glob("*.yaml"))})


def entries(shelf: str) -> list[Entry]:
    """Return what stands on a shelf of the catalogue (pumps, cells or experiments), in alphabetical order."""
    found = []
    for name, path in _shelf(shelf).items():
        head: dict[str, str] = dict(_HEAD.findall(path.read_text(encoding="utf-8")))
        title, summary = (_unquoted(head.get(key, "")) for key in ("title", "summary"))
        found.append(Entry(name, kind_at_a_glance(path), title, summary, path))
    return found


def _unquoted(text: str) -> str:
    quoted = re.match(r"""\s*(["'])(.*)\1""", text)
    return quoted[2] if quoted else re.sub(r"\s+#.*", "", text).strip()


@cache
def part_files(folder: str) -> Mapping[str, Path]:
    """Return the files of inhibitors, isoforms or congeners by name."""
    return MappingProxyType({path.stem: path for path in sorted((CATALOG / folder).glob("*.yaml"))})


def names(*kinds: str) -> dict[str, Path]:
    """Return the catalogue's files of these kinds (scheme, rate_law, cell, system, study) by name, all if none is given."""
    found: dict[str, Path] = {}
    for shelf, held in SHELVES.items():
        wanted = [kind for kind in held if not kinds or kind in kinds]
        every = len(wanted) == len(held)  # then no file need be opened
        found.update({name: path for name, path in _shelf(shelf).items()
                      if every or (wanted and kind_at_a_glance(path) in wanted)})
    return found


def find(name: str, *kinds: str, beside: Path | None = None) -> Path:
    """Return the file of a model: a name of the catalogue, or the path of a file of your own.

    kinds: scheme, rate_law, cell, system, study; only these are looked for, all if none is given. beside: the file that
    mentions it, whose folder a relative path starts from. Raises NameUnknown with the nearest names.
    """
    if is_path(name):
        return beside.parent / name if beside is not None else Path(name)
    spoken = [kind for kind in kinds if kind != "system" or "cell" not in kinds]
    return lookup(name, names(*kinds), " or ".join(spoken) or "model")


def is_path(name: str) -> bool:
    """Whether a text names a file rather than an entry of the catalogue."""
    return name.endswith(ENDINGS) or "/" in name or os.sep in name


def is_composed(name: str) -> bool:
    """Whether a name is that of a scheme of the catalogue with parts, such as `post-albers.alpha2beta1.ouabain`."""
    base, dot, _ = name.partition(".")
    return bool(dot) and not is_path(name) and base in names("scheme")


def content_of(path: Path) -> bytes:
    """Return the bytes of a model file; raises FormatError if it cannot be read or is larger than any such file is."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", file=str(path)) from None
    except ValueError as error:
        raise FormatError(f"{shown(path)} is not the name of a file: {error}") from None
    if len(content) > LARGEST:
        raise too_large(str(path))
    return content


def too_large(file: str) -> FormatError:
    """Return the error to raise about a file that is larger than LARGEST."""
    return FormatError(f"more than {LARGEST} bytes; a model file is far smaller", file=file)


def kind_at_a_glance(path: Path) -> str:
    """Return the kind of a file where a line of its text says it, nothing where only reading it as YAML can tell."""
    try:
        kinds = {match.decode() for match in _KIND.findall(content_of(path))}
    except FormatError:
        return ""
    return kinds.pop() if len(kinds) == 1 else ""


def fingerprint(path: Path, overrides: Mapping[str, object]) -> str:
    """Return a text that changes with the bytes of a model's file, of the files it mentions, and with the overrides.

    The sources of pumpleak, which read them, are added where programs are kept (lab.programs). Raises FormatError for a
    file that cannot be read.
    """
    digest = sha256()
    for file, content in sorted(_mentioned(path).items()):
        digest.update(b"%s\0%d\0" % (os.fsencode(file), len(content)) + content)
    for name, value in sorted(overrides.items()):
        digest.update(f"\0{name}\0{value}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _mentioned(start: Path) -> dict[Path, bytes]:
    """The file and, again and again, each model file whose name is a word in it: more than it uses, never less."""
    found: dict[Path, bytes] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        try:
            found[path] = content_of(path)
        except FormatError:
            if path == start:
                raise
            continue  # a word that names no model file, or one that whoever reads it will refuse
        waiting.extend(_named_in(found[path], path))
    return found


def _named_in(content: bytes, path: Path) -> Iterator[Path]:
    known = names()
    if _COMPOSED.search(content):
        yield from (each for folder in PARTS for each in part_files(folder).values())
    for word in sorted({word.decode("utf-8", "replace") for word in _WORD.findall(content)}):
        if word in known:
            yield known[word]
        elif word.endswith(ENDINGS):
            yield path.parent / word
