"""run: an experiment, segment by segment, through the compiled program to a Result whose ledger has been checked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import LedgerError, ModelError, SolveError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity
from pumpleak.lab.experiment import Experiment, Span
from pumpleak.lab.programs import Model, program_for
from pumpleak.lab.protocol import hold, time_text
from pumpleak.lab.record import Record, Stretch, values_at
from pumpleak.lab.rest import amounts_of, in_words
from pumpleak.lab.result import COMPLETE, Result, Statistics
from pumpleak.solve.controller import MOST_IDLE
from pumpleak.solve.layout import Memory
from pumpleak.solve.legs import Leg, Legs, follow
from pumpleak.solve.status import Status
from pumpleak.solve.steady import Steady, seek_steady
from pumpleak.system.books import Books, Capacitor
from pumpleak.system.transform import DEPENDENT_LEAST

Array = NDArray[np.float64]
Progress = Callable[[float], None]

SLICE = 0.05             # s between looks at the keyboard: a quarter of what feels like at once
FIRST_BUDGET = 500       # steps of the first slice: below 1 ms for a cell
MOST_BUDGET, UNLIMITED = 10_000_000, 2**62
HINTS: Mapping[Status, str] = {
    Status.STEP_TOO_SMALL: "look at the parameters of that state near this time; a smaller rtol will not help",
    Status.NOT_FINITE: "a concentration or volume may have reached zero there; look at the last good values",
    Status.INCONSISTENT: "the values set at this edge leave no solution; change them in smaller steps or by a ramp",
}

GONE = "less than one particle of "  # begins the name of the event by which a cell ends where an amount is used up
VANISHED = "what moves it does not slow down as it vanishes, or it is driven out"

log = logging.getLogger("pumpleak.lab")


def run(experiment: Experiment | Model, until: Quantity | str | None = None, *, progress: Progress | None = None) -> Result:
    """Run an experiment, or a model as it is for the time `until`.

    progress: called with the part that is done, from 0 to 1.

    Raises SolveError where the solution fails or the user interrupts, with what was computed in `.partial`; LedgerError
    where the books of an enforced model do not balance, with the result in `.result`.
    """
    course = Course(_experiment(experiment, until), progress)
    try:
        follow(course.go())
        result = course.result(course.outcome)
        check_ledger(result, course.program.labels.conservation)
    except KeyboardInterrupt:
        raise course.stopped("interrupted", hint="what was computed is kept") from None
    return result


def check_ledger(result: Result, conservation: str) -> None:
    """Raise LedgerError for a breach in an enforced model; in a reported one it is a finding in the ledger."""
    breaches = result.ledger.breaches
    if not breaches:
        return
    worst = "; ".join(f"{row.law} of {row.name} is off by {row.absolute:.3g} {row.unit}, {row.residual:.1e} of "
                      f"{row.denominator:.3g} (allowed {row.tolerance:.0e})" for row in breaches[:3])
    more = f" and {len(breaches) - 3} more" if len(breaches) > 3 else ""
    message = f"{result.model}: its books do not balance: {worst}{more}"
    if conservation == "enforced" and not all(np.isfinite(row.absolute) for row in breaches):
        lost = next(row for row in breaches if not np.isfinite(row.absolute))
        raise SolveError(f"{result.model}: its numbers were lost on the way: {lost.law} of {lost.name} is {lost.absolute:g}",
                         partial=result, hint="an amount, concentration or volume was not positive; look at the first rows")
    if conservation == "enforced":
        raise LedgerError(message, result=result)
    log.warning("%s (reported, not enforced)", message)


def _experiment(given: Experiment | Model, until: Quantity | str | None) -> Experiment:
    if isinstance(given, Experiment):
        if until is not None:
            raise ModelError(f"run: until {shown(until)} was given with an experiment, whose protocol says how long it lasts; "
                             "leave it out")
        return given
    if until is None:
        name = shown(getattr(given, "name", given))
        raise ModelError(f"run: {name} was given without a time; give until='10 min', or an Experiment")
    return Experiment(given, hold(until))


class Course:
    """A run under way: always able to give what it has so far.

    given: parameters that differ from the model's, in its own units, wherever the protocol does not set them. looks: whether
    it wants to look up every SLICE.
    """

    def __init__(self, experiment: Experiment, progress: Progress | None = None, given: Mapping[str, float] | None = None,
                 looks: bool = True) -> None:
        self.experiment, self.progress, self.given, self.looks = experiment, progress, given or {}, looks
        self.total = experiment.spans[-1].end
        self.dependents: dict[str, str] = {}
        self.program = program_for(experiment.model, {}, experiment.ramped)
        labels = self.program.labels
        self.books = Books.from_plain(labels.books) if labels.books else Books((), (), (), ())
        self.time, self.y, self.q = 0.0, labels.initial(), np.zeros(len(labels.quadratures))
        self.p = labels.values()
        self.record = Record()
        self.joined = False
        self.outcome = COMPLETE
        self.budget = FIRST_BUDGET if looks else UNLIMITED
        self.steps = self.rejected = self.explicit = 0
        self.began = perf_counter()

    def go(self) -> Legs[None]:
        """All segments."""
        if self.experiment.start == "rest":
            yield from self.settle(Span(0.0, 0.0), keep=False)
        self.choose_dependents()
        for span in self.experiment.spans:
            if span.settle:
                yield from self.settle(span)
                self.choose_dependents()
            else:
                yield from self.through(span)
            if self.outcome != COMPLETE:
                return

    def through(self, span: Span) -> Legs[None]:
        """One segment: as many stretches as the choice of the ion that closes the charge takes."""
        self.p = self.parameters(span)
        self.check_amounts()
        while self.time < span.end:
            if not (yield from self.stretch(span)):
                return

    def check_amounts(self) -> None:
        """Refuse to go on with less than nothing of something: no concentration, no potential would be a number."""
        if not self.books.amounts:
            return
        values = values_at(self.program, self.time, self.y, self.q, self.p)
        held = {amount.name: values[amount.name] for amount in self.books.amounts}
        least = min(held, key=lambda name: held[name], default="")
        # a state that has vanished may lie below zero by the tolerance of the steps
        if least and not held[least] >= -self.experiment.rtol * max(map(abs, held.values())):
            raise self.stopped(f"{least} is {held[least]:.6g} fmol under the values given here", hint="an amount cannot be "
                               "negative; what closes the charge is what the other amounts and the potential leave of it")

    def stretch(self, span: Span) -> Legs[bool]:
        """Integrate to the end of the segment or to the next change of program; whether the run goes on after it."""
        labels = self.program.labels
        grid = self.grid(span)
        memory = self.program.start(
            self.time, self.y, self.q, self.p, rtol=self.experiment.rtol, h_max=labels.guard, capacity=grid.size + 1, grid=grid)
        try:
            status = yield from self.advance(memory, span.end)
        finally:
            self.close(memory)
        if status.failed:
            # what is at fault may also be a running integral, which stands after the states
            at_fault = [*(s.name for s in labels.states), *(q.name for q in labels.quadratures)][memory.fault]
            raise self.stopped(status.sentence, at_fault, HINTS.get(status, ""))
        if status is not Status.EVENT:
            return True
        event = labels.events[memory.event]
        if event.action == "fail":
            raise self.stopped(event.name, hint=VANISHED if event.name.startswith(GONE) else "")
        if event.action == "stop":
            self.outcome = f"stopped by {event.name}"
            return False
        self.change_dependent(event.name.removesuffix(".dependent"))
        return True

    def advance(self, memory: Memory, end: float) -> Legs[Status]:
        """Slices of about 50 ms, until the end of the segment or something that needs an answer from here."""
        events, idle = self.program.labels.events, 0
        while True:
            began, before = perf_counter(), memory.steps
            status = yield Leg(self.program, memory, self.p, self.budget, end)
            self.adapt(perf_counter() - began, memory.steps - before)
            idle = idle + 1 if status is Status.EVENT and memory.steps == before else 0
            if idle > MOST_IDLE:
                raise self.stopped(f"{events[memory.event].name} and what it sets off come again and again while no "
                                   "time passes",
                                   hint="an event that undoes another needs a gap between the two")
            if self.progress is not None:
                self.progress(min(memory.t / self.total, 1.0))
            goes_on = status is Status.BUDGET or (status is Status.EVENT and events[memory.event].action == "restart")
            if not goes_on:
                return status

    def adapt(self, seconds: float, steps: int) -> None:
        """Choose the next slice so that it takes about SLICE."""
        if self.looks and seconds > 0.0 and steps > 0:
            fitting = int(steps * SLICE / seconds)
            self.budget = min(max(fitting, self.budget // 4, 1), self.budget * 4, MOST_BUDGET)

    def close(self, memory: Memory) -> None:
        """Take over what the solver has reached, whatever ended it."""
        rows = memory.rows  # not taken out: this memory goes no further
        reached = np.concatenate([[memory.t], memory.y, memory.q])
        if not len(rows) or rows[-1, 0] < memory.t:
            rows = np.vstack([rows, reached])
        self.record.stretches.append(Stretch(self.program, self.p, rows, memory.least.copy(), memory.most.copy(), self.joined))
        self.time, self.y, self.q = memory.t, memory.y.copy(), memory.q.copy()
        self.joined = True
        self.steps += memory.steps
        self.rejected += memory.count("rejects")
        self.explicit += memory.count("explicit_steps")

    def grid(self, span: Span) -> Array:
        """Output times from here to the end of the segment, both included."""
        interval = self.experiment.interval
        first, last = int(np.floor(self.time / interval)), int(np.ceil(span.end / interval))
        times = np.arange(first, last + 1) * interval
        # a time that rounding put beside an end of the segment is that end
        apart = 1e-9 * interval
        inner = times[(times > self.time + apart) & (times < span.end - apart)]
        return np.concatenate([[self.time], inner, [span.end]])

    def parameters(self, span: Span) -> Array:
        """Values of the program's parameters during a segment."""
        labels = self.program.labels
        values = labels.values()
        changed = {f"{name}.start" if name in self.experiment.ramped else name: value
                   for name, value in {**self.given, **span.values}.items()}
        for name, (begin, end) in span.ramps.items():
            changed[f"{name}.start"], changed[f"{name}.from"] = begin, span.start
            changed[f"{name}.slope"] = (end - begin) / (span.end - span.start)
        for name, value in changed.items():
            values[labels.places[name][1]] = value
        return values

    def settle(self, span: Span, keep: bool = True) -> Legs[None]:
        """Go to the rest under the values of this segment."""
        self.p = self.parameters(span)
        steady = yield from seek_steady(self.program, self.time, self.y, self.p, positive=amounts_of(self.program.labels))
        if steady.kind not in ("stable", "unstable"):
            raise self.unsettled(steady)
        if steady.kind == "unstable":
            self.record.remarks.append(f"at {time_text(self.time)} it was put on an unstable rest, which it may leave")
        self.y, self.joined = steady.y, False
        if keep:
            row = np.concatenate([[self.time], self.y, self.q])[np.newaxis, :]
            idle = np.zeros(sum(label.least for label in self.program.labels.quadratures))
            self.record.stretches.append(Stretch(self.program, self.p, row, idle, idle, joined=False))

    def choose_dependents(self) -> None:
        """At a start: let another ion close a charge whose own is already scarce."""
        if not any(len(capacitor.candidates) > 1 for capacitor in self.books.capacitors):
            return
        values = values_at(self.program, self.time, self.y, self.q, self.p)
        for capacitor in self.books.capacitors:
            charges = self.charges(capacitor, values)
            own = charges.get(self.dependents.get(capacitor.charge, capacitor.dependent), 0.0)
            if abs(own) < DEPENDENT_LEAST * sum(charge for charge in charges.values() if charge > 0.0):
                self.change_dependent(capacitor.charge)

    def change_dependent(self, charge: str) -> None:
        """Let the most abundant candidate close the charge, and carry everything over by name."""
        capacitor = next(each for each in self.books.capacitors if each.charge == charge)
        values = values_at(self.program, self.time, self.y, self.q, self.p)
        charges = self.charges(capacitor, values)
        best = max(capacitor.candidates, key=lambda name: abs(charges[name]))
        if best == self.dependents.get(charge, capacitor.dependent):
            return  # scarce, but there is nothing better
        log.debug("%s closes %s from %g ms on", best, charge, self.time)
        self.dependents[charge] = best
        self.program = program_for(self.experiment.model, self.dependents, self.experiment.ramped)
        labels = self.program.labels
        self.y = np.array([values[label.name] for label in labels.states])
        self.q = np.array([values[label.name] for label in labels.quadratures])
        self.p = np.array([values[label.name] for label in labels.parameters])

    def charges(self, capacitor: Capacitor, values: Mapping[str, float]) -> dict[str, float]:
        """Charge [fmol of e] of every amount inside, by the amount's name."""
        valence = {species.name: species.charge for species in self.books.species}
        return {amount.name: valence[amount.species] * values[amount.name] for amount in self.books.amounts
                if amount.place == capacitor.inside}

    def result(self, status: str) -> Result:
        """What was computed so far."""
        if not self.record.stretches:
            row = np.concatenate([[self.time], self.y, self.q])[np.newaxis, :]
            idle = np.zeros(sum(label.least for label in self.program.labels.quadratures))
            self.record.stretches.append(Stretch(self.program, self.p, row, idle, idle, joined=False))
        return Result(self.record, status=status, spans=self.experiment.spans, recorded=self.experiment.record,
                      statistics=Statistics(self.steps, self.rejected, self.explicit, perf_counter() - self.began))

    def stopped(self, why: str, state: str | None = None, hint: str = "") -> SolveError:
        """The error of a run that ends early, with what there is."""
        labels = self.program.labels
        values = {label.name: float(value) for label, value in zip(labels.states, self.y, strict=True)}
        values.update({label.name: float(value) for label, value in zip(labels.quadratures, self.q, strict=True)})
        good = f" (last good value {values[state]:.6g} {labels.units[state]})" if state else ""
        message = f"{labels.name}: stopped at {time_text(self.time)} of {time_text(self.total)}: {why}"
        return SolveError(f"{message}, in {state}{good}" if state else message, partial=self.result(why), time=self.time,
                          state=state, values=values, hint=hint)

    def unsettled(self, steady: Steady) -> SolveError:
        """The error of a rest that does not exist."""
        found = values_at(self.program, self.time, steady.y, self.q, self.p)
        return self.stopped(f"it cannot settle: {in_words(self.program.labels, steady, found)}")
