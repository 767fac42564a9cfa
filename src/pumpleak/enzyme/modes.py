"""The ways in which a sodium-potassium pump is known to work, each as an experiment on any scheme.

An experiment changes some concentrations of a base condition and asks for the steady state and for the one-way fluxes of
Na and K. What its solutions are made without is set to TRACE and not to zero: free energies would have no bounds, and
without Na and K on either side there may be no one steady state. What it needs some of, such as ADP, keeps the value that
a caller gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pumpleak.enzyme.asked import plain, require_mapping, require_scheme, spanned
from pumpleak.enzyme.conditions import Conditions
from pumpleak.enzyme.cycles import Cycle, independent_cycles
from pumpleak.enzyme.rates import VOLTAGE, Numbers, Rates
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import PLACES, Step
from pumpleak.enzyme.tracer import OneWay, carries, exchange_in, tracer_in

# 1 nM: far below every affinity of the pump (outer K half-activates at 0.1 mM and more) and below what stays in a solution
# made without the ion (some uM), and still far above the rounding of the fluxes.
TRACE = 1e-6  # mM
# Of the flux one way: what ligands at TRACE leave of the coupled cycle is far less, any slip far more.
LEFT_OVER = 1e-6
# Steep gradients against little ATP and much of its products (-37 kJ/mol); any set beyond the reversal would do.
REVERSING = {"inside.Na": 1.0, "outside.K": 0.05, "inside.ATP": 0.1, "inside.ADP": 5.0, "inside.Pi": 20.0}


@dataclass(frozen=True)
class Mode:
    """A way of working as an experiment, and what a scheme needs to have it.

    changed [mM]: what differs from the base. without: ligands whose steps take no part. exchanged: the species for which the
    other steps must join both sides, with `driver` among the ligands of these steps; moved: else, what one turn of a cycle of
    them must move. both_ways: whether steps that run one way only cannot take part. charge_assumed: whether the charge of a
    turn has no measurement behind it.
    """

    name: str
    title: str
    changed: Mapping[str, float]
    without: tuple[str, ...] = ()
    exchanged: str = ""
    driver: str = ""
    moved: tuple[str, ...] = ()
    both_ways: bool = False
    charge_assumed: bool = False


MODES = (
    Mode("forward", "sodium out and potassium in, driven by ATP", {}, moved=("inside.Na", "outside.K", "inside.ATP")),
    Mode("reversed", "ATP made from the gradients of sodium and potassium", REVERSING,
         moved=("inside.Na", "outside.K", "inside.ATP"), both_ways=True),
    Mode("Na/Na", "sodium exchanged for sodium with ADP, by phosphorylation to and fro",
         {"inside.K": TRACE, "outside.K": TRACE, "inside.Pi": TRACE, "inside.ADP": 1.0},
         without=("inside.K", "outside.K", "inside.Pi"), exchanged="Na", driver="inside.ADP", both_ways=True),
    Mode("K/K", "potassium exchanged for potassium with phosphate, by dephosphorylation to and fro",
         {"inside.Na": TRACE, "outside.Na": TRACE, "inside.ADP": TRACE, "inside.Pi": 5.0},
         without=("inside.Na", "outside.Na", "inside.ADP"), exchanged="K", driver="inside.Pi", both_ways=True),
    Mode("uncoupled", "sodium out for ATP with nothing in return",
         {"outside.Na": TRACE, "outside.K": TRACE, "inside.K": TRACE},  # inner K would drive the coupled cycle backward
         without=("inside.K", "outside.K"), moved=("inside.Na", "inside.ATP"), charge_assumed=True),
)


@dataclass(frozen=True)
class ModeResponse:
    """How a scheme works in one mode; every array has the shape to which the conditions broadcast.

    changed [mM]: what the mode asks for, with the amounts that were used. exists: whether the scheme's steps allow this mode
    at all, however slow it may be; where they do not, the numbers are what else it does. sodium, potassium: one-way fluxes of
    single ions [1/s], and sodium_loads, potassium_loads of whole loads, as `exchange` counts them [1/s]; None for an ion that
    it does not carry. remark: what must be known to read the numbers.
    """

    mode: Mode
    changed: Mapping[str, float | Numbers]
    exists: bool
    remark: str
    response: Response
    sodium: OneWay | None
    potassium: OneWay | None
    sodium_loads: OneWay | None
    potassium_loads: OneWay | None

    def __str__(self) -> str:
        title = f"{self.mode.name}: {self.mode.title}, {self.response.scheme.name}"
        amounts = ", ".join(f"{name} {spanned(np.asarray(value))} mM" for name, value in self.changed.items())
        lines = [f"{title}; {amounts}" if amounts else title]
        lines.append(f"  ATP {spanned(self.ATP)} /s, Na out {spanned(self.Na)} /s, K in {spanned(self.K)} /s, "
                     f"current {spanned(self.current)} e/s")
        ways = (("Na", self.sodium, self.sodium_loads), ("K", self.potassium, self.potassium_loads))
        lines += [f"  {ion} one way: {spanned(ions.out)} /s out, {spanned(ions.into)} /s in; in loads {spanned(loads.out)} /s "
                  f"out, {spanned(loads.into)} /s in" for ion, ions, loads in ways if ions and loads]
        return "\n".join([*lines, *([f"  {self.remark}"] if self.remark else [])])

    __repr__ = __str__

    @property
    def ATP(self) -> Numbers:
        """ATP that one pump uses; negative where it makes it. [1/s]"""
        return self.response.ATP

    @property
    def Na(self) -> Numbers:
        """Net sodium out. [1/s]"""
        return self.response.Na

    @property
    def K(self) -> Numbers:
        """Net potassium in. [1/s]"""
        return self.response.K

    @property
    def current(self) -> Numbers:
        """Charge moved outward. [e/s]"""
        return self.response.current


def modes(scheme: Scheme, given: Conditions | None = None, base: str = "") -> tuple[ModeResponse, ...]:
    """Every mode as an experiment that starts from given conditions: numbers or arrays, over a named condition.

    `modes(scheme, {"membrane.V": -80.0}, "physiological")`. What a mode does without is taken away whatever is given; amounts
    that it needs, such as ADP in Na/Na, are its own unless they are given.

    Raises NameUnknown, UnitError and ModelError for conditions that do not fit the scheme; SolveError where ligands that are
    absent leave more than one state in which the enzyme may end up.
    """
    require_scheme(scheme, "modes")
    require_mapping(scheme.name, given or {})
    return tuple(_answer(scheme, mode, given or {}, base) for mode in MODES)


def _answer(scheme: Scheme, mode: Mode, given: Conditions, base: str) -> ModeResponse:
    changed = {name: _used(scheme, name, value, given) for name, value in mode.changed.items() if name in scheme.ligands}
    response = respond(scheme, {**given, **changed}, base)
    ways = {ion: (tracer_in(response, ion), exchange_in(response, ion)) if carries(scheme, ion) else (None, None)
            for ion in ("Na", "K")}
    # a ligand that happens to be absent makes no step of the scheme one way
    present = {name: values if name == VOLTAGE else np.where(values == 0.0, 1.0, values)
               for name, values in response.conditions.items()}
    exists, remark = _found(scheme, mode, scheme.rates(present))
    if exists and mode.exchanged:
        remark = _left_over(response, mode, ways[mode.exchanged][0])
    (sodium, sodium_loads), (potassium, potassium_loads) = ways.values()
    return ModeResponse(mode, changed, exists, remark, response, sodium, potassium, sodium_loads, potassium_loads)


def _used(scheme: Scheme, name: str, value: float, given: Conditions) -> float | Numbers:
    """The amount of a mode, or the one that is given in place of it."""
    if value == TRACE or name not in given:
        return value
    own = plain(scheme.name, name, given[name])
    return own if own.shape else float(own)


def _found(scheme: Scheme, mode: Mode, rates: Rates) -> tuple[bool, str]:
    """Whether the steps of a scheme allow a mode, and what to say of it."""
    steps = [step for step in scheme.steps if not scheme.changes[step.name].keys() & {*mode.without}
             and not (mode.both_ways and _one_way(rates, step))]
    parts = _parts(steps)
    if mode.exchanged:
        exists = any(_joins(scheme, part, mode.exchanged, mode.driver) for part in parts)
        return exists, "" if exists else _missing(mode)
    turns = [cycle for part in parts for cycle in _cycles(scheme, part) if cycle.stoichiometry.keys() >= {*mode.moved}]
    if not turns:
        return False, _missing(mode)
    charge = f"a turn carries the charge {turns[0].charge:+g}: an assumption of the scheme"
    return True, charge if mode.charge_assumed else ""


def _left_over(response: Response, mode: Mode, ways: OneWay | None) -> str:
    """What goes on beside an exchange, by slip: net fluxes that are more than ligands at TRACE leave of the coupled cycle."""
    if ways is None or not np.any(np.abs(ways.net) > LEFT_OVER * (ways.out + ways.into)):
        return ""
    ATP = np.abs(response.ATP) > LEFT_OVER * (ways.out + ways.into)
    uses = f", uses {spanned(response.ATP)} ATP/s" if np.any(ATP) else ""
    return (f"beside the exchange, slip carries net {spanned(ways.net)} {mode.exchanged}/s out{uses} and moves "
            f"{spanned(response.current)} e/s outward")


def _missing(mode: Mode) -> str:
    """Why a scheme has no such mode."""
    steps = f"without the steps of {', '.join(mode.without)} " if mode.without else ""
    wanted = (f"no steps with {mode.driver} join inside.{mode.exchanged} and outside.{mode.exchanged}" if mode.exchanged else
              f"no cycle moves {', '.join(mode.moved)}") + (" both ways" if mode.both_ways else "")
    return f"not in this scheme: {steps}{wanted}"


def _one_way(rates: Rates, step: Step) -> bool:
    return any(not np.any(rate) for rate in rates[step.name])


def _parts(steps: Iterable[Step]) -> list[list[Step]]:
    """The steps sorted into sets that hang together."""
    parts: list[list[Step]] = []
    for step in steps:
        ends = {step.source, step.target}
        touched = [part for part in parts if any(ends & {other.source, other.target} for other in part)]
        parts = [part for part in parts if part not in touched]
        parts.append([each for part in touched for each in part] + [step])
    return parts


def _cycles(scheme: Scheme, steps: Sequence[Step]) -> Iterator[Cycle]:
    """The independent cycles of steps that hang together."""
    states = tuple(dict.fromkeys(state for step in steps for state in (step.source, step.target)))
    if len(steps) >= len(states):  # fewer make a tree
        yield from independent_cycles(scheme.name, states, steps, scheme.changes, flawed=bool(scheme.defects))


def _joins(scheme: Scheme, steps: Iterable[Step], species: str, driver: str) -> bool:
    """Whether a species can come and go on both sides by these steps, among which the driver is bound or freed."""
    moved = {name for step in steps for name in scheme.changes[step.name]}
    return moved >= {driver, *(f"{place}.{species}" for place in PLACES)}
