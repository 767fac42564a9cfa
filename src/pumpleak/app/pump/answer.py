"""What a pump answers to a question: its columns row by row, its curves, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.app.pump.question import PROTON, Array, Question
from pumpleak.base.errors import FormatError, ModelError
from pumpleak.enzyme.conditions import usual_of
from pumpleak.enzyme.cycles import Cycle
from pumpleak.enzyme.rate_law import RateLaw, respond_law
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import TEMPERATURE

if TYPE_CHECKING:
    from pumpleak.enzyme.speciation import Composition

Pump = Scheme | RateLaw

MAIN = "turnover [1/s]"
COLUMNS = ("V [mV]", MAIN, "current [e/s]", "ATP [1/s]", "Na [1/s]", "K [1/s]")


@dataclass(frozen=True)
class Curve:
    """A quantity of one pump along the axis; `special` is what distinguishes it from its family."""

    pump: str
    special: Mapping[str, float]
    x: Array
    y: Array


@dataclass(frozen=True)
class Answer:
    """The steady state of one pump, or the value of one rate law, at all rows of a question.

    columns: by their headings, V and the main quantity first. given: all conditions, as arrays over the rows; asked: those
    among them that stand over the named one, `base`. found: the steady state of a scheme. composition: what the totals made.
    """

    pump: Pump
    question: Question
    base: str
    given: Mapping[str, Array]
    asked: Mapping[str, Array]
    columns: Mapping[str, Array]
    main: str
    found: Response | None = None
    composition: Composition | None = None

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The main quantity, curve by curve; a single point where nothing is swept."""
        return self.curves_of(self.main)

    def curves_of(self, heading: str) -> tuple[Curve, ...]:
        """One of the columns, curve by curve."""
        axis = self.question.axis
        count = len(axis.values) if axis else 1
        x = np.array(axis.values) if axis else np.asarray(self.given[VOLTAGE])[:1]
        parts = np.reshape(self.columns[heading], (-1, count))
        return tuple(Curve(self.pump.name, special, x, part)
                     for special, part in zip(self.question.curves, parts, strict=True))

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.columns[COLUMNS[0]])

    @property
    def fixed(self) -> dict[str, float]:
        """The conditions that do not vary. [mM, mV, K]"""
        varied = {each.name for each in self.question.swept}
        return {name: float(values.flat[0]) for name, values in self.given.items()
                if name not in varied and np.all(values == values.flat[0])}

    def at(self, row: int) -> dict[str, float]:
        """All conditions of one row. [mM, mV, K]"""
        return {name: float(np.broadcast_to(values, (self.rows,))[row]) for name, values in self.given.items()}

    @property
    def ends(self) -> tuple[int, ...]:
        """The rows at which what fits no table is shown: the first and the last, or the only one."""
        return (0, self.rows - 1) if self.rows > 1 else (0,)

    @property
    def point(self) -> dict[str, float]:
        """The conditions of the first row."""
        return self.at(0)

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

    @property
    def moving(self) -> tuple[Cycle, ...]:
        """The cycles that move something; the others only go round within the enzyme."""
        return tuple(cycle for cycle in self.scheme.cycles if cycle.stoichiometry)

    @property
    def response(self) -> Response:
        """The steady state at all rows; raises ModelError for a rate law."""
        return self.found if self.found is not None else respond(self.scheme, self.given)

    def response_at(self, row: int) -> Response:
        """The steady state at one row."""
        return respond(self.scheme, self.at(row))


def answer(pump: Pump, question: Question) -> Answer:
    """Ask a pump.

    Raises NameUnknown and ModelError for conditions that do not fit it; FormatError where nothing gives the voltage.
    """
    base = question.base or usual_of(pump.conditions)
    beneath = {name: value for name, value in question.beneath.items() if name in knows(pump)}
    if TEMPERATURE in beneath and not takes_temperature(pump, question, base):
        del beneath[TEMPERATURE]
    given: dict[str, float | Array] = {**beneath, **question.fixed, **question.grid()}
    if VOLTAGE not in given and not base:
        raise FormatError(f"{pump.name}: {VOLTAGE} is not given; give --V -120:60:19 or --set {VOLTAGE}='-80 mV'")
    given[VOLTAGE] = np.atleast_1d(np.asarray(given.get(VOLTAGE, pump.conditions.get(base, {}).get(VOLTAGE, 0.0)), np.float64))
    composition = _composition(pump, question, given, base)
    if composition is not None:
        given.update({name: np.asarray(value) for name, value in composition.conditions.items()
                      if name in pump.ligands and name != PROTON})
    response = None
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
    asked = {name: np.asarray(value, dtype=np.float64) for name, value in given.items()}
    return Answer(pump, question, base, conditions, asked, table, main, response, composition)


def knows(pump: Pump) -> tuple[str, ...]:
    """The conditions that a pump can be asked at."""
    return (*pump.ligands, VOLTAGE, *([TEMPERATURE] if isinstance(pump, Scheme) else []))


def takes_temperature(pump: Pump, question: Question, base: str) -> bool:
    """Whether a pump is computed at the temperature of an experiment whose data are shown.

    It has to say how its constants change with temperature, and not to have been fitted to these data at its own, unless all
    are to be asked as was measured; a named condition that was asked for and has a temperature keeps it.
    """
    return (isinstance(pump, Scheme)
            and (question.as_measured or (pump.dH0 is not None and pump.name not in question.own))
            and not (question.base and TEMPERATURE in pump.conditions.get(base, {})))


def _of_scheme(response: Response) -> dict[str, Array]:
    """The columns of a scheme; its occupancies follow as `p.<state>`."""
    arrays = (response.conditions[VOLTAGE], response.turnover, response.current, response.ATP, response.Na, response.K)
    return {**dict(zip(COLUMNS, arrays, strict=True)),
            **{f"p.{state}": share for state, share in response.occupancies.items()}}


def _composition(pump: Pump, question: Question, given: Mapping[str, float | Array], base: str) -> Composition | None:
    """What the totals of ATP, ADP, Pi and Mg make of the solution inside."""
    totals = question.totals
    if not totals:
        return None
    for name in (f"inside.{each}" for each in totals):
        if name in question.fixed or name in question.grid():
            raise FormatError(f"--total {name.removeprefix('inside.')} and --set {name} both give {name}; leave one out")
    if [*totals] == ["Mg"]:
        raise FormatError(f"--total Mg: {totals['Mg']:g} mM of Mg alone change nothing, as no total is given that it binds to; "
                          'give that too, for example --total ATP="8 mM"')
    if "Mg" not in totals and {*totals} <= {"ATP", "ADP", "Pi"}:
        raise FormatError(f"--total {next(iter(totals))}: how much of it binds Mg follows from the total of Mg, which is not "
                          'given; give for example --total Mg="8.8 mM" too')
    # imported here: few ask for totals
    from pumpleak.enzyme.speciation import pH_of, speciate
    from pumpleak.formats.speciation import speciation

    values: dict[str, ArrayLike] = {TEMPERATURE: pump.constants.T, **pump.conditions.get(base, {}), **given}
    for name in ("inside.K", "inside.Na", PROTON):
        if name not in values:
            raise ModelError(f"{pump.name}: --total needs {name}, which binds ATP too, but it knows only "
                             f"{', '.join(pump.ligands)}")
    return speciate(speciation(), totals, pH=pH_of(values[PROTON]), K=values["inside.K"], Na=values["inside.Na"],
                    temperature=values[TEMPERATURE])
