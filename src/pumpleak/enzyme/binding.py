"""How fast a drug binds a pump that works, and how tightly: what an experimenter measures, not what one state does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pumpleak.base.errors import ModelError
from pumpleak.enzyme.conditions import Conditions
from pumpleak.enzyme.inhibition import drugs_of, held_drugs
from pumpleak.enzyme.rates import Numbers
from pumpleak.enzyme.response import PER_SECOND, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import ligand

LITTLE = 1e-9  # mM, at which a drug does not disturb: 1 pM is a thousandth of the tightest binding here


@dataclass(frozen=True)
class Apparent:
    """on [1/(s mM)]: rate of binding to all free pumps together. off [1/s]: at which pumps that hold the drug lose it."""

    on: Numbers
    off: Numbers

    @property
    def K(self) -> Numbers:
        """Concentration at which half of the pumps hold the drug. [mM]"""
        return self.off / self.on

    def share(self, concentration: float, seconds: Numbers) -> Numbers:
        """Share of pumps that hold the drug so long after it was given to free ones. []"""
        rate = self.on * concentration + self.off
        return np.asarray(self.on * concentration / rate * -np.expm1(-rate * seconds), dtype=np.float64)


def apparent(scheme: Scheme, given: Conditions, base: str = "") -> Apparent:
    """Rates at which the one drug of a scheme binds and leaves, free pumps being in their steady state.

    Raises ModelError for a scheme without drugs or with several.
    """
    drugs = drugs_of(scheme)
    if len(drugs) != 1:
        raise ModelError(f"{scheme.name}: it binds {', '.join(drugs.values()) or 'no drug'}; rates of binding are those of one")
    (name,) = drugs
    found = respond(scheme, {**given, name: LITTLE}, base)
    bound = sum((found.occupancies[state] for state in held_drugs(scheme)), start=np.zeros(1))
    on, off = np.zeros(1), np.zeros(1)
    for step in scheme.steps:
        if any(ligand(each).species == ligand(name).species for each in step.taken):
            ahead, back = found.rates[step.name]
            on = on + ahead * found.occupancies[step.source]
            off = off + back * found.occupancies[step.target]
    shape = np.shape(found.turnover)
    return Apparent(np.reshape(PER_SECOND * on / (LITTLE * (1.0 - bound)), shape), np.reshape(PER_SECOND * off / bound, shape))
