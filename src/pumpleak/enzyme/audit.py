"""What is wrong with a published pump, computed from its rates and never taken from what its file says of itself.

Around every cycle of an enzyme, ln prod(forward/backward) = A/(R T) with A = -n dG0 - R T sum(nu ln c) + q F V. How the
left side changes with voltage is the charge that the rates move, how it changes with ln c the count of a ligand, and
what is left is dG0. A rate law has no such product; it is asked what it does where a turn costs more than ATP gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from pumpleak.enzyme.asked import require_scheme
from pumpleak.enzyme.closure import CLOSURE_TOLERANCE, SPAN, reduced_affinity, trial_values
from pumpleak.enzyme.conditions import USUAL, usual_of
from pumpleak.enzyme.cycles import Cycle, called, carried_charge
from pumpleak.enzyme.energy import reversal_predicted, reversals
from pumpleak.enzyme.rate_law import RateLaw, respond_law
from pumpleak.enzyme.rates import VOLTAGE, Numbers, Rates
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import STANDARD

VOLTAGES = (0.0, -100.0)  # mV; far enough apart that a wrong charge of 0.01 shows as 0.1 kJ/mol
# Differences of logarithms below 30 over steps of about 1 keep 1e-13; a wrong exponent of any published scheme is > 0.01.
EXACT = 1e-6
SHOWN = 5.0  # J/mol: what the second decimal of kJ/mol shows
APART = 0.5  # mV: what a reversal in whole mV shows; a scheme that closes has it right to 1e-6
# 1/s at the usual condition, 0 mV. A heart cell's pump at rest turns some 10 times a second (50 /s at most by McCall 1979,
# Am J Physiol, page C87, and a fifth of it at 10 mM sodium): a tenth of that is no absolute turnover.
SLOW = 1.0
SAMPLE, SEED, DECADES = 1000, 1965, 2.0  # conditions at which a rate law is tried, over decades around 1 mM


@dataclass(frozen=True)
class Finding:
    """One thing that is off, in a sentence with the right value beside it.

    breaks: whether it breaks a law of physics; if not, only a number is far from what is usual.
    """

    text: str
    breaks: bool = True


@dataclass(frozen=True)
class Implied:
    """What the rates of one cycle say of it.

    one_way: steps without a reverse rate; where there are any, nothing else can be said. dG0 [J/mol]: at 0 and -100 mV
    of the usual condition; of a cycle without ATP, the energy its rates drive it with. charge [e]: least and most that
    the rates move outward in one turn. carried [e]: what its steps say they carry. orders: least and most power with
    which prod(forward/backward) follows each ligand.
    """

    cycle: Cycle
    one_way: tuple[str, ...]
    carried: float
    dG0: tuple[float, float] = (np.nan, np.nan)
    charge: tuple[float, float] = (np.nan, np.nan)
    orders: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def findings(pump: Scheme | RateLaw) -> tuple[Finding, ...]:
    """All that is off with a scheme or a rate law; nothing for one that obeys physics and turns at a usual rate."""
    if isinstance(pump, RateLaw):
        return tuple(_of_law(pump))
    require_scheme(pump, "findings")
    return tuple(_of_scheme(pump))


def implied(scheme: Scheme, cycle: Cycle) -> Implied:
    """What the rates of a cycle imply: dG0, charge and how they follow each ligand."""
    return _Tried(scheme).implied(cycle)


class _Tried:
    """The rates of a scheme over the trial conditions, there and with one quantity moved: computed once for all its cycles.

    names: the quantity that is moved by each row of `logs` but the first. logs: ln(forward/backward), (rows, steps, trials);
    driving: the same at `VOLTAGES` of the usual condition, (steps, voltages).
    """

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.place = {step.name: row for row, step in enumerate(scheme.steps)}
        trial: dict[str, float | Numbers] = {**trial_values(scheme.ligands)}
        voltage = np.asarray(trial[VOLTAGE]) + SPAN
        moved = [(VOLTAGE, voltage), *((name, np.asarray(trial[name]) * np.e) for name in scheme.ligands)]
        rates = scheme.rates(trial)
        self.one_way = {step for step, pair in rates.items() if any(np.any(rate <= 0.0) for rate in pair)}
        self.names = tuple(name for name, _ in moved)
        self.logs = np.stack([_logs(rates), *(_logs(scheme.rates({**trial, name: values})) for name, values in moved)])
        condition = scheme.conditions.get(usual_of(scheme.conditions), {})
        # where a ligand is absent free energies have no bounds: any amount would do for a scheme that closes
        present = {name: condition.get(name) or 1.0 for name in scheme.ligands}
        self.given: dict[str, float | Numbers] = {**condition, **present, VOLTAGE: np.array(VOLTAGES)}
        self.driving = _logs(scheme.rates(self.given))

    def implied(self, cycle: Cycle) -> Implied:
        """What they say of one cycle."""
        one_way = tuple(step for step in cycle.passages if step in self.one_way)
        carried = carried_charge(cycle, self.scheme.steps)
        if one_way:
            return Implied(cycle, one_way, carried)
        start, *moved = self._around(cycle, self.logs)
        by = {VOLTAGE: SPAN / float(self.scheme.constants.thermal_voltage)}
        slopes = {name: (each - start) / by.get(name, 1.0) for name, each in zip(self.names, moved, strict=True)}
        spans = {name: (float(np.min(slope)), float(np.max(slope))) for name, slope in slopes.items()}
        return Implied(cycle, (), carried, self._driving(cycle), spans.pop(VOLTAGE), spans)

    def _around(self, cycle: Cycle, logs: Numbers) -> Numbers:
        """ln prod(forward/backward) around a cycle."""
        rows = [self.place[step] for step in cycle.passages]
        return np.asarray(np.tensordot(logs[..., rows, :], np.array([*cycle.passages.values()], dtype=np.float64), (-2, 0)),
                          dtype=np.float64)

    def _driving(self, cycle: Cycle) -> tuple[float, float]:
        """dG0 that the rates of a cycle imply at 0 and -100 mV; without ATP, the energy of a turn at its equilibrium.
        [J/mol]
        """
        thermal = self.scheme.thermal(self.given)
        energy = (self._around(cycle, self.driving) - reduced_affinity(cycle, self.given, thermal)) * thermal.RT
        found = self.scheme.dG0 - energy / cycle.hydrolysed if cycle.hydrolysed else energy
        return float(found[0]), float(found[1])


def _logs(rates: Rates) -> Numbers:
    """ln(forward/backward) of all steps, the first axis; not finite where one runs one way only."""
    forward, backward = (np.stack([pair[way] for pair in rates.values()]) for way in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(forward) - np.log(backward), dtype=np.float64)


def _of_scheme(scheme: Scheme) -> Iterator[Finding]:
    tried = _Tried(scheme)
    for cycle in scheme.cycles:
        yield from _of_cycle(scheme, tried.implied(cycle))
    usual = STANDARD.at(scheme.constants.T)
    if not scheme.defects and abs(scheme.dG0 - usual) > SHOWN and any(c.hydrolysed for c in scheme.cycles):
        yield Finding(f"its rates imply dG0 = {scheme.dG0 / 1e3:+.2f} kJ/mol at {scheme.constants.T:g} K; a cell has "
                      f"{usual / 1e3:+.2f} kJ/mol", breaks=False)
    if scheme.defects and usual_of(scheme.conditions):
        yield from _past_the_reversal(scheme, usual_of(scheme.conditions))
    if USUAL in scheme.conditions:
        turnover = float(respond(scheme, {VOLTAGE: 0.0}, USUAL).turnover)
        if abs(turnover) < SLOW:
            yield Finding(f"at the condition {USUAL}, 0 mV and {scheme.constants.T:g} K it turns {turnover:.3g} times a "
                          "second; a heart cell's pump some 10 times", breaks=False)


def _past_the_reversal(scheme: Scheme, condition: str) -> Iterator[Finding]:
    """Whether its use of ATP changes sign at a voltage where all its turns pay, or where none does."""
    given = scheme.conditions[condition]
    predicted = [float(reversal_predicted(scheme, cycle, given)) for cycle in scheme.cycles
                 if cycle.hydrolysed and cycle.charge > 0.0]
    if not predicted or any(cycle.hydrolysed and cycle.charge <= 0.0 for cycle in scheme.cycles):
        return
    if not np.all(np.isfinite(predicted)):  # made without something that a turn uses or makes
        return
    least, most = min(predicted), max(predicted)
    right = f"{most:.0f} mV" if most - least < APART else f"{least:.0f} to {most:.0f} mV"
    found = reversals(scheme, given).ATP
    if found is None:
        yield Finding(f"at the condition {condition} it uses ATP at every voltage; what ATP and ions give is zero at {right}")
    elif not least - APART <= found <= most + APART:
        yield Finding(f"at the condition {condition} its use of ATP is zero at {found:.0f} mV; what ATP and ions give is zero "
                      f"at {right}")


def _of_cycle(scheme: Scheme, found: Implied) -> Iterator[Finding]:
    cycle = found.cycle
    name = called(cycle.name, alone=len(scheme.cycles) == 1)
    if abs(found.carried - cycle.charge) > EXACT:
        yield Finding(f"{name}: its steps carry {found.carried:.3g} charges through the field, its ions {cycle.charge:g}")
    if found.one_way:
        steps = ", ".join(f"'{step}'" for step in found.one_way)
        yield Finding(f"{name}: {steps} {'runs' if len(found.one_way) == 1 else 'run'} one way only, so that no dG0 fits it; "
                      f"each needs a reverse rate that makes it {_right(scheme, cycle)}")
        return
    if _off(found.charge, cycle.charge):
        yield Finding(f"{name}: its rates move {_span(found.charge)} charges outward, its ions {cycle.charge:g}")
    counts = {ligand: -cycle.stoichiometry.get(ligand, 0) for ligand in found.orders}
    drifts = {ligand: order for ligand, order in found.orders.items() if _off(order, counts[ligand])}
    for ligand, order in drifts.items():
        yield Finding(f"{name}: prod(forward/backward) follows {ligand} to the power of {_span(order)}, its reaction to "
                      f"{counts[ligand]}")
    right = scheme.dG0 if cycle.hydrolysed else 0.0
    at_zero, at_rest = found.dG0
    if max(abs(at_zero - right), abs(at_rest - right)) > CLOSURE_TOLERANCE * scheme.constants.RT:
        values = f"{at_zero / 1e3:+.2f} kJ/mol"
        if abs(at_rest - at_zero) > SHOWN:
            values += f" at {VOLTAGES[0]:g} mV and {at_rest / 1e3:+.2f} kJ/mol at {VOLTAGES[1]:g} mV"
        kind = "imply dG0 =" if cycle.hydrolysed else "drive it without ATP by"
        where = f" at {scheme.constants.T:g} K"
        if drifts and usual_of(scheme.conditions):
            where = f" (at{where[3:]} and the condition {usual_of(scheme.conditions)})"
        yield Finding(f"{name}: its rates {kind} {values}{where}, not {right / 1e3:+.2f} kJ/mol")


def _right(scheme: Scheme, cycle: Cycle) -> str:
    return f"{scheme.dG0 / 1e3:+.2f} kJ/mol at {scheme.constants.T:g} K" if cycle.hydrolysed else "0 kJ/mol"


def _off(spread: tuple[float, float], right: float) -> bool:
    return max(abs(each - right) for each in spread) > EXACT


def _span(spread: tuple[float, float]) -> str:
    least, most = (f"{each:.3g}" for each in spread)
    return least if least == most else f"{least} to {most}"


def _of_law(law: RateLaw) -> Iterator[Finding]:
    condition = usual_of(law.conditions)
    if condition:
        for name in (VOLTAGE, "inside.Na", "inside.ATP"):
            yield from _past_the_stop(law, name, condition)
    random = np.random.default_rng(SEED)
    given = {name: 10.0 ** random.uniform(-DECADES, DECADES, SAMPLE) for name in law.ligands}
    found = respond_law(law, {**given, VOLTAGE: random.uniform(-SPAN, SPAN, SAMPLE)})
    costly = found.affinity < 0.0
    forward = int(np.sum(found.value[costly] > 0.0))
    if forward:
        yield Finding(f"of {np.sum(costly)} conditions drawn at random at which a turn costs more than ATP gives, it runs "
                      f"forward in {forward}, not in 0")


def _past_the_stop(law: RateLaw, name: str, condition: str) -> Iterator[Finding]:
    """Whether a law runs on where one quantity alone makes a turn cost one RT more than ATP gives."""
    cycle = law.cycle
    start = respond_law(law, {}, condition)
    surplus = float(start.affinity / law.thermal.RT)
    if not np.isfinite(surplus):  # made without something that a turn uses or makes: no amount of another stops it
        return
    if name == VOLTAGE:
        if not cycle.charge:
            return
        stop, beyond = (float(start.conditions[name]) - each * float(law.thermal.voltage) / cycle.charge
                        for each in (surplus, surplus + 1.0))
        measured = "mV"
    else:
        count = cycle.stoichiometry.get(name, 0)
        if not count:
            return
        stop, beyond = (float(start.conditions[name]) * float(np.exp(each / count)) for each in (surplus, surplus + 1.0))
        measured = "mM"
    value = float(respond_law(law, {name: beyond}, condition).value)
    blind = "" if name in law.used else ", which it does not know"
    if value > 0.0:
        yield Finding(f"at the condition {condition} it should stop at {name} = {stop:.3g} {measured}{blind}, but at "
                      f"{beyond:.3g} {measured} it runs forward with {value:.3g} {law.unit} ({float(start.value):.3g} "
                      f"{law.unit} at the condition itself)")
