"""Looking up names, and what to say when there is none: the nearest ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TypeVar

from pumpleak.base.errors import NameUnknown

T = TypeVar("T")

# No name of ours is longer; difflib's cost grows with the square of the length.
LONGEST = 64
# About 0.1 s of difflib: an answer to a typing error must not be slow in a tissue of 1e5 names.
MOST = 5000
# difflib's usual cut-off: below it the proposals look random.
LIKENESS = 0.6
# A list of known names longer than one or two lines helps nobody.
LISTED = 14


def shown(value: object, limit: int = 60) -> str:
    """Return the value as an error message shows it: quoted, escaped and shortened to `limit` characters."""
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= limit else text[: limit - 3] + "...")


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to `count` of the known names that look like `name`, best first, ignoring case.

    A known dotted name that ends in `name` counts as near: `Na` finds `inside.Na`.
    """
    wanted = name[:LONGEST].lower()
    spelled: dict[str, list[str]] = {}
    for each in islice(known, MOST):
        spelled.setdefault(each[:LONGEST].lower(), []).append(each)
    alike = difflib.get_close_matches(wanted, spelled, n=max(count, 1), cutoff=LIKENESS)
    ends = [each for each in spelled if wanted and each.endswith(f".{wanted}")]
    ordered = dict.fromkeys([each for each in alike if each == wanted] + ends + alike)
    return [original for each in ordered for original in spelled[each]][:count]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the nearest known names, all of them if they are few, or nothing."""
    names = list(known)
    near = [shown(each) for each in nearest(name, names)]
    if near:
        *most, last = near
        return f"; did you mean {', '.join(most)} or {last}?" if most else f"; did you mean {last}?"
    if 0 < len(names) <= LISTED:
        return f"; known: {', '.join(names)}"
    return ""


def instead(name: str, known: Iterable[str]) -> str:
    """Return the end of a message on a parameter that is not there: what to add to the model, or the nearest names."""
    names = list(known)
    if name.endswith(".injected") and not any(each.endswith(".injected") for each in names):
        return f"; add a transporter of kind stimulus, called '{name.removesuffix('.injected')}'"
    return did_you_mean(name, names)


def lookup(name: str, table: Mapping[str, T], kind: str) -> T:
    """Return the entry of the table; raises NameUnknown with the nearest names of this kind if there is none."""
    try:
        return table[name]
    except (KeyError, TypeError):
        raise NameUnknown(f"unknown {kind} {shown(name)}{did_you_mean(str(name), table)}") from None
