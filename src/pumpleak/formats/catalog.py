"""The one door to models: `load` by name or path, `light` for a start from the cache, `entries` for a list.

The way back, `save`, is in `saving`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pumpleak.formats.light import LightModel, light
from pumpleak.formats.shelves import SHELVES, Entry, entries, find, is_composed, kind_at_a_glance

if TYPE_CHECKING:
    from pumpleak.base.units import Quantity
    from pumpleak.cell.cell import Cell
    from pumpleak.enzyme.rate_law import RateLaw
    from pumpleak.enzyme.scheme import Scheme
    from pumpleak.formats.study import Study
    from pumpleak.lab.experiment import Experiment
    from pumpleak.system.system import System

__all__ = ["SHELVES", "Entry", "LightModel", "entries", "find", "kind_named", "light", "load", "study"]

Overrides = Mapping[str, "str | float | Quantity"]


def load(name: str | Path, overrides: Overrides | None = None) -> Scheme | RateLaw | Cell | System | Experiment:
    """Return what a name of the catalogue or a file describes, with other numbers by dotted name.

    A pump is also called by its parts, as in `post-albers.alpha2beta1.ouabain`: the scheme, then an isoform, an ion in the
    place of K+, and drugs. Raises NameUnknown with the nearest names, FormatError, UnitError and ModelError with file, line
    and column.
    """
    # imported here, as all that reads YAML: a start from the cache comes by `light` and needs none of it
    from pumpleak.formats.cell import cell_of
    from pumpleak.formats.document import read_file
    from pumpleak.formats.header import kind_of
    from pumpleak.formats.pump_parts import composed, parts_of
    from pumpleak.formats.rate_law import rate_law_of
    from pumpleak.formats.scheme import scheme_of, with_overrides
    from pumpleak.formats.study_read import study_of
    from pumpleak.formats.system import system_of

    if isinstance(name, str) and is_composed(name):
        base, isoform, congener, drugs = parts_of(name)
        whole = composed(scheme_of(read_file(find(base, "scheme"))), isoform, congener, drugs)
        return with_overrides(whole, overrides or {})
    document = read_file(name if isinstance(name, Path) else find(name))
    kind = kind_of(document)
    if kind == "scheme":
        return scheme_of(document, overrides)
    if kind == "rate_law":
        return rate_law_of(document, overrides)
    if kind == "cell":
        return cell_of(document, overrides)
    if kind == "system":
        return system_of(document, overrides)
    return study_of(document, overrides).experiment


def kind_named(name: str | Path) -> str:
    """Return scheme, rate_law, cell, system or study: what a name of the catalogue or a file describes."""
    if isinstance(name, str) and is_composed(name):
        return "scheme"
    path = name if isinstance(name, Path) else find(name)
    glance = kind_at_a_glance(path)
    if glance:
        return glance
    from pumpleak.formats.document import read_file
    from pumpleak.formats.header import kind_of

    return kind_of(read_file(path))


def study(name: str | Path, overrides: Overrides | None = None) -> Study:
    """Return a study of the catalogue or of a file with its title, its experiment and the file that would run it again."""
    from pumpleak.formats.study_cache import study_in

    return study_in(name if isinstance(name, Path) else find(name, "study"), overrides)
