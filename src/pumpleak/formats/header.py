"""What a file says of itself: the number of its format, and whether it is a scheme, a rate law, a cell, a system or a study."""

from __future__ import annotations

from pumpleak.base.names import nearest, shown
from pumpleak.formats.document import Document, Fields
from pumpleak.formats.writing import FORMAT

KINDS = ("scheme", "rate_law", "cell", "system", "study")
"""The key that names a file's content is also its kind."""


def kind_of(document: Document) -> str:
    """Return the kind of a file.

    Raises FormatError for a file without a format number, one of a newer format, and one of no kind or of several.
    """
    root = document.root
    if not isinstance(root, Fields):
        raise document.error(f"a model file is a mapping that begins with 'pumpleak: {FORMAT}'")
    if "pumpleak" not in root.entries:
        raise document.error(f"the file does not begin with 'pumpleak: {FORMAT}', the number of its format")
    check_format(document)
    kinds = [kind for kind in KINDS if kind in root.entries]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        message = f"the file is both a {' and a '.join(kinds)}; a file holds one"
        raise document.error(message, (kinds[1],), key=True)
    for key in root.entries:
        if near := nearest(key, KINDS, count=1):
            raise document.error(f"unknown key {shown(key)}; did you mean {shown(near[0])}?", (key,), key=True)
    raise document.error(f"the file has none of the keys {', '.join(KINDS)}, which name what it describes")


def expect(document: Document, kind: str) -> None:
    """Raise FormatError for a file that is of another kind than this one."""
    found = kind_of(document)
    if found != kind:
        raise document.error(f"the file is a {found}; a {kind} is needed here", (found,), key=True)


def check_format(document: Document) -> None:
    """Raise FormatError for a file without a format number, or of a format newer than is read here."""
    plain: object = document.plain
    given = plain.get("pumpleak") if isinstance(plain, dict) else None
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise document.error(f"pumpleak: {shown(given)} is not the number of a format; write {FORMAT}", ("pumpleak",))
    if given > FORMAT:
        message = f"the file has format {given}; this version of pumpleak reads {FORMAT}: install a newer one"
        raise document.error(message, ("pumpleak",))
