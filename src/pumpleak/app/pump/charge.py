"""Charge that a scheme moves when its voltage jumps, its Boltzmann curve, and measured charge beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pumpleak.app.pump.answer import Answer
from pumpleak.app.pump.question import Array, in_words
from pumpleak.app.pump.table import aligned
from pumpleak.base.errors import ModelError, SolveError
from pumpleak.enzyme.charge import Boltzmann, charge_voltage, fit_boltzmann
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.formats.measured import Measured, MeasuredCurve, rms


@dataclass(frozen=True)
class ChargeCurve:
    """Charge [e] at the voltages of one set of conditions, and the Boltzmann curve through it, or why there is none.

    points: measured charge under the same conditions, on a scale from 0 to 1.
    """

    label: str
    special: Mapping[str, float]
    charges: Array
    fit: Boltzmann | str
    points: MeasuredCurve | None = None

    @property
    def rms(self) -> float | None:
        """How far the Boltzmann curve, on the scale of the points, is from them."""
        if self.points is None or isinstance(self.fit, str):
            return None
        scaled = (self.fit.at(self.points.x) - self.fit.start) / self.fit.total
        return rms(scaled - self.points.y)


def charge_curves(answer: Answer, at: Array, data: Measured | None = None) -> list[ChargeCurve]:
    """Charge moved by jumps from the one voltage to others [mV], for each set of the swept conditions."""
    return [_curve(answer, at, answer.point[VOLTAGE], special, data) for special in _sets(answer)]


def _curve(answer: Answer, at: Array, holding: float, special: Mapping[str, float], data: Measured | None) -> ChargeCurve:
    thermal = float(answer.scheme.thermal(answer.point).voltage)
    # a record begins before the fastest component is over, but ends before the slowest
    between = (data.slowest, np.inf) if data is not None and data.slowest is not None else None
    charges = charge_voltage(answer.scheme, at, holding, {**answer.point, **special}, between=between)
    label = ", ".join(in_words(name, value) for name, value in special.items()) or answer.pump.name
    points = next((each for each in data.curves if all(np.isclose(special.get(name, np.nan), value)
                                                       for name, value in each.special.items())), None) if data else None
    return ChargeCurve(label, special, charges, _fit(at, charges, thermal), points)


def _sets(answer: Answer) -> list[dict[str, float]]:
    """Every combination of what is swept, without the voltage, which the jumps sweep."""
    names = [each.name for each in answer.question.swept if each.name != VOLTAGE]
    rows = zip(*(answer.given[name].tolist() for name in names), strict=True) if names else [()]
    return [dict(zip(names, row, strict=True)) for row in dict.fromkeys(rows)]


def _fit(at: Array, charges: Array, thermal: float) -> Boltzmann | str:
    try:
        return fit_boltzmann(at, charges, thermal)
    except (ModelError, SolveError) as error:
        return str(error)


def fits_text(curves: Sequence[ChargeCurve]) -> str:
    """The Boltzmann curves as a table, and why a curve has none."""
    rows = [[each.label, *((f"{each.fit.midpoint:.2f}", f"{each.fit.valence:.3f}", f"{each.fit.total:.4f}",
                            f"{each.fit.misfit:.2g}") if isinstance(each.fit, Boltzmann) else ("-", "-", "-", "-"))]
            for each in curves]
    heads = ("Boltzmann", "midpoint [mV]", "valence", "total [e]", "misfit [e]")
    reasons = [each.fit for each in curves if isinstance(each.fit, str)]
    return "\n".join([aligned([list(column) for column in zip(heads, *rows, strict=True)]), *dict.fromkeys(reasons)])


def fit_plain(fit: Boltzmann | str) -> dict[str, Any]:
    """A Boltzmann curve, or why there is none, as plain data."""
    if isinstance(fit, str):
        return {"fit": None, "why": fit}
    return {"fit": {"midpoint": fit.midpoint, "valence": fit.valence, "total": fit.total, "start": fit.start,
                    "misfit": fit.misfit}}
