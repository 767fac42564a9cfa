"""One step of an enzyme scheme: which ligands it binds and frees, how fast it runs and what charge it moves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.base.species import DISSOLVED, SPECIES
from pumpleak.system.expression import Expression, exp, product, symbol

PLACES = ("inside", "outside")
WATER = "H2O"  # its activity is 1: it never multiplies a rate
REDUCED_VOLTAGE = "x"  # F V/(R T), the name that rates use
CHARGE_TOLERANCE = 1e-9  # e; dielectric coefficients are written with at most 12 digits, and a lost charge is >= 0.01


@dataclass(frozen=True)
class Ligand:
    """A species in a place, as an enzyme meets it."""

    place: str
    species: str

    @property
    def name(self) -> str:
        """Dotted name of its concentration."""
        return f"{self.place}.{self.species}"

    @property
    def charge(self) -> float:
        """Charge of one ligand. [e]"""
        return SPECIES[self.species].charge


def ligand(name: str) -> Ligand:
    """The ligand of a dotted name such as `inside.Na`.

    Raises NameUnknown for another place than inside and outside and for a species that is not in the table.
    """
    place, _, species = name.partition(".")
    if place not in PLACES or species not in SPECIES:
        known = [f"{side}.{each}" for side in PLACES for each in SPECIES]
        near = did_you_mean(name, known) or f"; a ligand is inside. or outside. and one of {', '.join(DISSOLVED)}"
        raise NameUnknown(f"{shown(name)} is not a ligand{near}")
    return Ligand(place, species)


@dataclass(frozen=True)
class Step:
    """A reversible step between two states of an enzyme.

    taken, released: ligands bound and freed in the forward direction, `{"inside.Na": 1}`.
    forward, backward [1/ms, 1/(ms mM), ...]: rate constants at 0 mV. The rates are
    forward x prod(taken) x exp(zf x) and backward x prod(released) x exp(-zb x), with x = F V/(R T).
    charge [e]: moved outward through the field in the forward direction, zf + zb; `forward_charge` zf and
    `backward_charge` zb are its parts, half each where none is given.
    activation [J/mol]: enthalpy of activation of the forward constant, for a scheme that answers to temperature.
    lumped: `forward` and `backward` are complete apparent rates [1/ms], ligands, voltage and temperature inside;
    `taken`, `released` and `charge` still say what one turn moves.

    Raises ModelError for parts of the charge that do not add up, counts that are not 1, 2, 3, ..., one ligand on both
    sides, an activation that is not finite or of a lumped step, or a step from a state to itself; NameUnknown for a
    ligand that is not known.
    """

    name: str
    source: str
    target: str
    forward: Expression
    backward: Expression
    taken: Mapping[str, int] = field(default_factory=dict)
    released: Mapping[str, int] = field(default_factory=dict)
    charge: float = 0.0
    forward_charge: float | None = None
    backward_charge: float | None = None
    lumped: bool = False
    activation: float = 0.0

    def __post_init__(self) -> None:
        if self.source == self.target:
            raise ModelError(f"step '{self.name}' leads from '{self.source}' to itself; it must join two states")
        for ligands in (self.taken, self.released):
            for name, count in ligands.items():
                ligand(name)
                if isinstance(count, bool) or not isinstance(count, int) or count < 1:
                    raise ModelError(f"step '{self.name}': {shown(count)} of {name}; the count must be 1, 2, 3, ...")
        for name in sorted(self.taken.keys() & self.released.keys()):
            raise ModelError(f"step '{self.name}' both takes and releases {name}; give only the difference")
        self._check_activation()
        self._complete_charge()

    def _check_activation(self) -> None:
        if not math.isfinite(self.activation):
            raise ModelError(f"step '{self.name}': activation {self.activation}; it must be a finite number [J/mol]")
        if self.lumped and self.activation:
            raise ModelError(f"step '{self.name}': activation {self.activation:g} J/mol, but its complete rates say "
                             "themselves what temperature does; write it into them, or give constants instead")

    def _complete_charge(self) -> None:
        forward, backward = self.forward_charge, self.backward_charge
        if forward is None:
            forward = self.charge / 2.0 if backward is None else self.charge - backward
        if backward is None:
            backward = self.charge - forward
        for value in (self.charge, forward, backward):
            if not math.isfinite(value):
                raise ModelError(f"step '{self.name}': charge {value}; it must be a finite number [e]")
        if abs(forward + backward - self.charge) > CHARGE_TOLERANCE:
            raise ModelError(f"step '{self.name}': its parts {forward:g} (forward) and {backward:g} (backward) add up "
                             f"to {forward + backward:+g}, but it carries {self.charge:+g} through the field")
        object.__setattr__(self, "forward_charge", forward)
        object.__setattr__(self, "backward_charge", backward)

    @property
    def change(self) -> dict[str, int]:
        """How many of each ligand one forward turn adds to its place (negative: takes from it)."""
        return {**{name: -count for name, count in self.taken.items()}, **self.released}

    def rate(self, direction: Literal["forward", "backward"]) -> Expression:
        """Complete rate in one direction, in the scheme's own names. [1/ms]"""
        forwards = direction == "forward"
        constant = self.forward if forwards else self.backward
        if self.lumped:
            return constant
        bound = self.taken if forwards else self.released
        charge = (self.forward_charge if forwards else -(self.backward_charge or 0.0)) or 0.0
        concentrations = (symbol(name) ** count for name, count in bound.items() if not name.endswith(f".{WATER}"))
        voltage = exp(charge * symbol(REDUCED_VOLTAGE)) if charge else 1.0
        return product((constant, *concentrations, voltage))


def changes(steps: Iterable[Step]) -> dict[str, dict[str, int]]:
    """What each step adds to each place, by its name; water joins the step that frees the phosphate of ATP.

    A scheme that names water itself is taken as it is.
    """
    found = {step.name: step.change for step in steps}
    species = {name.partition(".")[2] for change in found.values() for name in change}
    if WATER not in species and {"ATP", "Pi"} <= species:
        for change in found.values():
            for name, count in list(change.items()):
                place, _, kind = name.partition(".")
                if kind == "Pi":
                    change[f"{place}.{WATER}"] = -count
    return found
