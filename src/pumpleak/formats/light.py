"""A model by name, read only when something asks for it: what a start from the cache needs is its fingerprint alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pumpleak.base.errors import ModelError
from pumpleak.formats.shelves import MODELS, find, fingerprint, names

if TYPE_CHECKING:
    from pumpleak.base.units import Quantity
    from pumpleak.cell.cell import Cell
    from pumpleak.system.system import System


class LightModel:
    """A cell or a system of the catalogue or of a file, with overrides; `system` reads, checks and derives it when first used.

    name: what it was asked for by. fingerprint: a text that changes with everything it is derived from. Raises
    NameUnknown and FormatError at once for a file that is not there; what is wrong inside it, when it is read.
    """

    def __init__(self, name: str, overrides: Mapping[str, str | float | Quantity], path: Path) -> None:
        self.name = name
        self.overrides = dict(overrides)
        self.path = path
        self.fingerprint = fingerprint(path, self.overrides)

    @property
    def is_file(self) -> bool:
        """Whether it was given by path, not by a name of the catalogue."""
        return names(*MODELS).get(self.name) != self.path

    @cached_property
    def model(self) -> Cell | System:
        """The cell or the system, read from its file."""
        # imported here: pydantic and ruamel.yaml take longer to start than a run from the cache
        from pumpleak.formats.runnable import model_in

        return model_in(self.path, self.overrides)

    @property
    def cell(self) -> Cell:
        """The cell, read from its file; raises ModelError for a system of equations."""
        from pumpleak.cell.cell import Cell

        if not isinstance(self.model, Cell):
            raise ModelError(f"{self.name} is a system of equations, not a cell; `.system` holds it")
        return self.model

    @property
    def system(self) -> System:
        """The model as equations and books."""
        return self.model.system

    def with_values(self, values: Mapping[str, str | float | Quantity]) -> LightModel:
        """The same model with further overrides."""
        return LightModel(self.name, {**self.overrides, **values}, self.path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LightModel) and (self.name, self.fingerprint) == (other.name, other.fingerprint)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        changed = ", ".join(f"{name}={value}" for name, value in self.overrides.items())
        return f"LightModel({self.name}{': ' if changed else ''}{changed})"


def light(
    name: str | Path, overrides: Mapping[str, str | float | Quantity] | None = None, beside: Path | None = None
) -> LightModel:
    """Return the cell or the system of that name or path, with overrides, without reading more of it than its bytes."""
    path = name if isinstance(name, Path) else find(name, *MODELS, beside=beside)
    return LightModel(str(name), overrides or {}, path)
