"""What a cell file says of reactions, of the supply of ATP and of the demand for it."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator as check

from pumpleak.formats.parts import Name, Part, Value, wrong


class ReactionEntry(Part):
    """A reversible reaction in one compartment, with its constant K (or pK, of K in mol/l) for the equation as written."""

    kind: Literal["reaction"]
    equation: str
    place: Name | None = None
    K: Value | None = None
    pK: Value | None = None
    rate: Value

    @check(mode="after")
    def _one_constant(self) -> ReactionEntry:
        if (self.K is None) == (self.pK is None):
            raise wrong("a reaction has either its equilibrium constant 'K' or 'pK', which is -log10 of it in mol/l")
        return self


class SupplyEntry(Part):
    """What makes ATP: its capacity, and the ADP and Pi at which it is half saturated."""

    capacity: Value
    half_ADP: Value
    half_Pi: Value
    activity: Value = Value(value=1.0)


class DemandEntry(Part):
    """What uses ATP besides the transporters: its capacity, and the ATP at which it is half saturated."""

    capacity: Value
    half_ATP: Value


class MetabolismEntry(Part):
    """Where ATP comes from: uncounted, at a stated free energy of hydrolysis, or by a supply against a demand."""

    dG_ATP: Value | None = None
    supply: SupplyEntry | None = None
    demand: DemandEntry | None = None

    @check(mode="after")
    def _one_source_of_ATP(self) -> MetabolismEntry:
        if (self.dG_ATP is None) == (self.supply is None):
            raise wrong("'metabolism' has either 'dG_ATP', of ATP that is not counted, or a 'supply' that makes it")
        if self.demand is not None and self.supply is None:
            raise wrong("'metabolism' has a 'demand' only where a 'supply' makes the ATP")
        return self
