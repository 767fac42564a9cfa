"""What a pump answers to a question: its columns row by row, its curves, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.app.pump.question import PROTON, Array, Question
from pumpleak.base.errors import FormatError, ModelError
from pumpleak.enzyme.rate_law import RateLaw, respond_law
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import TEMPERATURE

Pump = Scheme | RateLaw

USUAL = "physiological"  # the condition that a scheme is shown at unless another is named
MAIN = "turnover [1/s]"
COLUMNS = ("V [mV]", MAIN, "current [e/s]", "ATP [1/s]", "Na [1/s]", "K [1/s]")


@dataclass(frozen=True)
class Curve:
    """The main quantity of one pump along the axis; `special` is what distinguishes it from its family."""

    pump: str
    special: Mapping[str, float]
    x: Array
    y: Array


@dataclass(frozen=True)
class Answer:
    """The steady state of one pump, or the value of one rate law, at all rows of a question.

    columns: by their headings, V and the main quantity first. given: all conditions, as arrays over the rows.
    """

    pump: Pump
    question: Question
    base: str
    given: Mapping[str, Array]
    columns: Mapping[str, Array]
    main: str

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The main quantity, curve by curve; a single point where nothing is swept."""
        axis = self.question.axis
        count = len(axis.values) if axis else 1
        x = np.array(axis.values) if axis else np.asarray(self.given[VOLTAGE])[:1]
        parts = np.reshape(self.columns[self.main], (-1, count))
        return tuple(Curve(self.pump.name, special, x, part)
                     for special, part in zip(self.question.curves, parts, strict=True))

    @property
    def fixed(self) -> dict[str, float]:
        """The conditions that do not vary. [mM, mV, K]"""
        varied = {each.name for each in self.question.swept}
        return {name: float(values.flat[0]) for name, values in self.given.items() if name not in varied}

    @property
    def point(self) -> dict[str, float]:
        """The one set of conditions at which what fits no table is shown: where the named ones say nothing, the first row."""
        named = self.pump.conditions.get(self.base, {})
        first = {each.name: each.values[0] for each in self.question.swept}
        return {**self.fixed, **{name: float(named.get(name, value)) for name, value in first.items()}}

    @property
    def temperature(self) -> Array:
        """At which the pump works. [K]"""
        return np.asarray(self.given.get(TEMPERATURE, self.pump.constants.T), dtype=np.float64)

    @property
    def scheme(self) -> Scheme:
        """The pump, which must be a scheme; raises ModelError for a rate law."""
        if isinstance(self.pump, Scheme):
            return self.pump
        raise ModelError(f"{self.pump.name} is a rate law, a formula without states and cycles; only a scheme has them")

    def at_point(self) -> Response:
        """The steady state at that one set of conditions."""
        return respond(self.scheme, self.point)


def answer(pump: Pump, question: Question) -> Answer:
    """Ask a pump.

    Raises NameUnknown and ModelError for conditions that do not fit it; FormatError where nothing gives the voltage.
    """
    base = question.base or usual(pump)
    known = (*pump.ligands, VOLTAGE, *([TEMPERATURE] if isinstance(pump, Scheme) else []))
    beneath = {name: value for name, value in question.beneath.items() if name in known}
    given: dict[str, float | Array] = {**beneath, **question.fixed, **question.grid()}
    if VOLTAGE not in given and not base:
        raise FormatError(f"{pump.name}: {VOLTAGE} is not given; give --V -120:60:19 or --set {VOLTAGE}='-80 mV'")
    given[VOLTAGE] = np.atleast_1d(np.asarray(given.get(VOLTAGE, pump.conditions.get(base, {}).get(VOLTAGE, 0.0)), np.float64))
    given.update(_from_totals(pump, question, given, base))
    if isinstance(pump, Scheme):
        response = respond(pump, given, base)
        conditions, columns, main = response.conditions, _of_scheme(response), MAIN
    else:
        found = respond_law(pump, given, base)
        main = f"{'current' if pump.is_current else 'turnover'} [{pump.unit}]"
        conditions, columns = found.conditions, {COLUMNS[0]: found.conditions[VOLTAGE], main: found.value}
    columns.update({each.heading: conditions[each.name] for each in question.swept if each.name != VOLTAGE})
    rows = np.size(conditions[VOLTAGE])
    table = {name: np.broadcast_to(np.atleast_1d(array), (rows,)) for name, array in columns.items()}
    return Answer(pump, question, base, conditions, table, main)


def _of_scheme(response: Response) -> dict[str, Array]:
    """The columns of a scheme; its occupancies follow as `p.<state>`."""
    arrays = (response.conditions[VOLTAGE], response.turnover, response.current, response.ATP, response.Na, response.K)
    return {**dict(zip(COLUMNS, arrays, strict=True)),
            **{f"p.{state}": share for state, share in response.occupancies.items()}}


def _from_totals(pump: Pump, question: Question, given: Mapping[str, float | Array], base: str) -> dict[str, Array]:
    """What the totals of ATP, ADP and Pi leave of the species that the pump binds."""
    if not question.totals:
        return {}
    for name in (f"inside.{each}" for each in question.totals):
        if name in question.fixed or name in question.grid():
            raise FormatError(f"--total {name.removeprefix('inside.')} and --set {name} both give {name}; leave one out")
    # imported here: few ask for totals
    from pumpleak.enzyme.speciation import from_totals, pH_of
    from pumpleak.formats.speciation import speciation

    values: dict[str, ArrayLike] = {TEMPERATURE: pump.constants.T, **pump.conditions.get(base, {}), **given}
    for name in ("inside.K", "inside.Na", PROTON):
        if name not in values:
            raise ModelError(f"{pump.name}: --total needs {name}, which binds ATP too, but it knows only "
                             f"{', '.join(pump.ligands)}")
    found = from_totals(speciation(), question.totals, pH_of(values[PROTON]), values["inside.K"], values["inside.Na"],
                        temperature=values[TEMPERATURE])
    return {name: np.asarray(value) for name, value in found.items() if name in pump.ligands and name != PROTON}


def usual(pump: Pump) -> str:
    """The usual condition, else the pump's first one, else none."""
    return USUAL if USUAL in pump.conditions else next(iter(pump.conditions), "")
