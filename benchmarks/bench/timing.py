"""CPU time at matched error: a ladder of tolerances, the rungs around the target timed again, in rounds over all engines."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bench.cases import Case, Workload
from bench.engine import Engine, EngineError, Prepared
from bench.reference import Reference

PATIENCE = 25.0  # CPU s: an engine slower than this on one rung is not run at a tighter one
BEYOND = 0.03  # the ladder ends once the error is below this part of the target: the figures show the curve on both sides
LONG = 2.0  # CPU s: a run so long is not repeated, its scatter is small


@dataclass
class Rung:
    """One tolerance: the error it gives and the least CPU time [s] so far, for one case of the workload."""

    tolerance: float
    error: float
    seconds: float


@dataclass
class Ran:
    """An engine on a workload: its rungs, or why there are none."""

    engine: Engine
    prepared: Prepared | None = None
    rungs: list[Rung] = field(default_factory=list)
    trouble: str = ""


@dataclass(frozen=True)
class Matched:
    """CPU time [s] for one case at an error; `bracketed`: interpolated at the target, else the nearest rung."""

    seconds: float
    error: float
    bracketed: bool


def cases_for(engine: Engine, workload: Workload) -> tuple[Case, ...]:
    """All cases for an engine that runs many in one call, the first few for another."""
    return workload.cases if engine.many else workload.cases[:workload.few]


def climb(engines: Sequence[Engine], workload: Workload, reference: Reference, rounds: int) -> list[Ran]:
    """Run every engine over its ladder, then the rungs that count again, in `rounds` interleaved over the engines.

    With a single round, the first pass is all there is, and it ends at the first rung below the target.
    """
    below = 1.0 if rounds == 1 else BEYOND
    ran = [_first_pass(engine, workload, reference, below * workload.target) for engine in engines]
    for _ in range(rounds - 1):
        for each in ran:
            for rung in around(each.rungs, workload.target):
                if each.prepared is not None and rung.seconds * len(cases_for(each.engine, workload)) < LONG:
                    rung.seconds = min(rung.seconds, _timed(each.engine, each.prepared, workload, rung.tolerance)[0])
    return ran


def _first_pass(engine: Engine, workload: Workload, reference: Reference, enough: float) -> Ran:
    result = Ran(engine)
    try:
        result.prepared = engine.prepare(workload.cases[0].system)
        for tolerance in engine.ladder:
            seconds, error = _timed(engine, result.prepared, workload, tolerance, reference)
            result.rungs.append(Rung(tolerance, error, seconds))
            if error <= enough or seconds * len(cases_for(engine, workload)) > PATIENCE:
                break
    except EngineError as error:
        result.trouble = str(error)
    return result


def _timed(engine: Engine, prepared: Prepared, workload: Workload, tolerance: float, reference: Reference | None = None
           ) -> tuple[float, float]:
    """CPU seconds for one case, and the error where a reference is given."""
    cases = cases_for(engine, workload)
    begun = time.process_time()
    found = prepared.run(cases, tolerance)
    seconds = (time.process_time() - begun) / len(cases)
    return seconds, reference.error(found) if reference else math.nan


def around(rungs: Sequence[Rung], target: float) -> list[Rung]:
    """The last two neighbours between which the error falls through the target, or the rung nearest to it."""
    pairs = [(loose, tight) for loose, tight in pairwise(rungs) if loose.error > target >= tight.error]
    if pairs:
        return list(pairs[-1])
    finite = [rung for rung in rungs if 0.0 < rung.error < math.inf]
    return [min(finite, key=lambda rung: abs(math.log(rung.error / target)))] if finite else []


def matched(rungs: Sequence[Rung], target: float) -> Matched | None:
    """CPU time at the target, log-log between two rungs; of the nearest rung where they do not bracket it."""
    chosen = around(rungs, target)
    if not chosen:
        return None
    if len(chosen) == 1:
        return Matched(chosen[0].seconds, chosen[0].error, False)
    loose, tight = chosen
    part = math.log(loose.error / target) / math.log(loose.error / tight.error)
    return Matched(loose.seconds ** (1.0 - part) * tight.seconds ** part, target, True)


def fastest(action: Callable[[], object], repeats: int) -> float:
    """Least CPU seconds of an action without arguments."""
    best = math.inf
    for _ in range(repeats):
        begun = time.process_time()
        action()
        best = min(best, time.process_time() - begun)
    return best
