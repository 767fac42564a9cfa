"""Gates in cell files, and the transporters that may have them: channels and cotransporters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic import model_validator as check

from pumpleak.cell.transport.passive import STRENGTHS
from pumpleak.formats.parts import Formula, Name, Part, Value, wrong


class Q10Entry(Part):
    """How many times faster gates are for every 10 K above a temperature."""

    factor: Value
    at: Value


class GateEntry(Part):
    """A factor of the open share: rates `opening` and `closing`, or `steady` with `time` or alone; in mV, ms, mM, pL, K."""

    power: int = 1
    opening: Formula | None = None
    closing: Formula | None = None
    steady: Formula | None = None
    time: Formula | None = None
    start: float | None = None


class Gated(Part):
    """What transporters with gates have: the gates, parameters that only they use, and a temperature factor of their rates."""

    gates: dict[Name, GateEntry] = Field(default_factory=dict)
    parameters: dict[Name, Value] = Field(default_factory=dict)
    q10: Q10Entry | None = None

    @check(mode="after")
    def _parameters_of_gates(self) -> Gated:
        for key in ("parameters", "q10"):
            if getattr(self, key) and not self.gates:
                raise wrong(f"there are no 'gates', which alone could use {key!r}")
        return self


class ChannelEntry(Gated):
    """A gated path for one ion, or for several with relative strengths: {Na: 1, K: 0.1}."""

    kind: Literal["channel"]
    ion: Name | None = None
    ions: dict[Name, float] | None = None
    law: Literal["ohmic", "constant-field"]
    conductance: Value | None = None
    permeability: Value | None = None

    @check(mode="after")
    def _ions_and_strength_of_its_law(self) -> ChannelEntry:
        if (self.ion is None) == (self.ions is None):
            raise wrong("a channel has either one 'ion' or several 'ions' with their relative strengths: {Na: 1, K: 0.1}")
        wanted, other = (STRENGTHS[law] for law in (("ohmic", "constant-field") if self.law == "ohmic" else
                                                    ("constant-field", "ohmic")))
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            raise wrong(f"a channel with law {self.law!r} has a {wanted!r} and no {other!r}")
        return self


class CotransportEntry(Gated):
    """Transport of several particles together: positive counts come in, negative ones go out."""

    kind: Literal["cotransport"]
    moves: dict[Name, int]
    law: Literal["linear", "mass-action"] = "linear"
    conductance: Value | None = None
    rate: Value | None = None

    @check(mode="after")
    def _strength_of_its_law(self) -> CotransportEntry:
        wanted, other = ("conductance", "rate") if self.law == "linear" else ("rate", "conductance")
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            raise wrong(f"a cotransporter with law {self.law!r} has a {wanted!r} and no {other!r}")
        return self
