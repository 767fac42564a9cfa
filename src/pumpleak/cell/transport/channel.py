"""Channels: passive paths for ions that gates open and close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pumpleak.base.errors import ModelError
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.gate import Gating
from pumpleak.cell.transport.passage import Contribution, Start
from pumpleak.cell.transport.passive import STRENGTHS, Law, Passive, check_path, passage
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter


@dataclass(frozen=True)
class Channel(Passive):
    """A gated path for one ion or several, positive outward: the flux of a leak of its law times the open share.

    `ions` gives each ion's strength relative to `value` (one ion: {Na: 1}). `value` is the conductance per area [nS/um2] of
    law `ohmic`, the permeability [um/ms] of `constant-field`, with every gate open. Its gates, its open share `name.open`
    and its current are named quantities of the cell. Each ion flows down its own gradient, so a channel only dissipates.

    Raises ModelError for an unknown ion or law, no ion at all, or a strength that is negative.
    """

    name: str
    ions: Mapping[str, float]
    law: Law
    value: float
    gating: Gating = field(default_factory=Gating)
    source: str = ""

    def __post_init__(self) -> None:
        if not self.ions:
            raise ModelError(f"{self.name}: its ions are {dict(self.ions)}; a channel lets at least one pass: {{Na: 1}}")
        for ion, relative in self.ions.items():
            check_path(self.name, ion, self.law)
            check_range(self.name, f"{ion}.relative", relative, "", above=True)
        check_range(self.name, STRENGTHS[self.law], self.value, self.unit)

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage an ion from inside to outside, and what the gates need."""
        given = self.gating.contribute(self.name, sides, start)
        opened = symbol(self.strength) * sides.area * self.gating.share(self.name)
        passages, reversals = [], []
        parameters = [Parameter(self.strength, self.unit, self.value, self.source, "not negative")]
        for ion, relative in self.ions.items():
            name, strength = self.name, opened * relative
            if len(self.ions) > 1:
                name = f"{self.name}.{ion}"
                parameters.append(Parameter(f"{name}.relative", "1", relative, domain="not negative"))
                strength = opened * symbol(f"{name}.relative")
            moved, reversal = passage(name, ion, self.law, strength, sides)
            passages.append(moved)
            reversals.append(reversal)
        return replace(given, passages=tuple(passages), parameters=(*given.parameters, *parameters),
                       definitions=(*given.definitions, *reversals))
