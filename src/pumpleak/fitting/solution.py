"""From a problem to its Fit: search, noise, intervals, profiles, verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.stats import norm, t

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.fitting.data import Array
from pumpleak.fitting.identify import Interval, combinations, covariance, flat_directions, verdict
from pumpleak.fitting.objective import Objective
from pumpleak.fitting.optimise import AT_BOUND, Best, minimise, scale_of, search, starts_of
from pumpleak.fitting.problem import Problem
from pumpleak.fitting.profile import BETTER, Profile, profile
from pumpleak.fitting.result import DONE, INTERRUPTED, Estimate, Fit, in_shown_unit

STARTS, SEED = 8, 1
AGAIN = 3  # searches anew from a better point that a profile met
# Errors are estimated at the best fit, which with priors depends on them in turn; two rounds settle three digits.
ROUNDS = 2
# Data that are met to this part of their errors are exact: what is left is rounding, and no noise.
EXACT = 1e-6

Line = Callable[[str], None]


def solve(problem: Problem, starts: int = STARTS, seed: int = SEED, profiles: bool | Sequence[str] = False,
          say: Line | None = None) -> Fit:
    """Fit a problem from several starts, the first of which is the one given.

    profiles: of all constants, or of those named. say: hears a line after each start and each profile.

    Raises SolveError where nothing can be computed, and on Ctrl-C, with the best so far as `.partial`; ModelError for no
    starts, and for errors that are to be estimated from fewer points than there are constants.
    """
    if starts < 1:
        raise ModelError(f"{problem.name}: {starts} starts; give 1 or more")
    objective = Objective(problem)
    if problem.noise == "estimated" and objective.count <= len(problem.unknowns) + objective.eliminated:
        raise ModelError(f"{problem.name}: {objective.count} points for {len(problem.unknowns)} constants and "
                         f"{objective.eliminated} free scales; errors cannot be estimated from them: give them, with "
                         "`noise: given`")
    best = Best(objective.start)
    began = starts_of(objective, starts, seed)

    def told(number: int, cost: float, least: float) -> None:
        if say is not None:
            say(f"start {number} of {starts}: cost {cost:.6g}, best so far {least:.6g}")

    try:
        search(objective, began, best, told)
        found = _settled(objective, best)
    except KeyboardInterrupt:
        if not np.isfinite(best.cost):
            raise
        raise _interrupted(problem, _fit(objective, best, INTERRUPTED),
                           f"at start {len(best.costs) + 1} of {starts}") from None
    return _profiled(found, profiles, say) if profiles else found


def _interrupted(problem: Problem, fit: Fit, where: str) -> SolveError:
    return SolveError(f"{problem.name}: the fit was interrupted {where}", partial=fit, hint="the best so far is kept")


def _settled(objective: Objective, best: Best) -> Fit:
    """The fit with its errors estimated, where they are."""
    if objective.problem.noise == "estimated":
        priors = any(each.prior is not None for each in objective.unknowns)
        for _ in range(ROUNDS if priors or objective.problem.loss != "linear" else 1):
            residuals = objective.residuals(best.x)[:objective.count]
            freedom = _freedom(objective, best.x)
            stretch = objective.stretch * float(np.sqrt(residuals @ residuals / freedom))
            if not stretch > EXACT:
                break
            objective.stretch = stretch
            best.x, best.cost = minimise(objective, best.x)
    return _fit(objective, best, DONE)


def _freedom(objective: Objective, x: Array) -> int:
    """Points less the directions among constants and scales that they settle."""
    jacobian = objective.jacobian(x)[:objective.count]
    scaled = jacobian * scale_of(objective)
    values = np.linalg.eigvalsh(scaled.T @ scaled)
    # others move no point by more than a thousandth of what the one that moves most does
    settled = int(np.sum(values > 1e-6 * max(float(values[-1]), 1e-300)))
    return max(1, objective.count - objective.eliminated - settled)


def _fit(objective: Objective, best: Best, status: str) -> Fit:
    """The fit at the best coordinates, with intervals from curvature."""
    problem, x = objective.problem, best.x
    jacobian = objective.jacobian(x)
    freedom = _freedom(objective, x)
    estimated = problem.noise == "estimated"
    share = 0.5 * (1.0 + problem.level)
    threshold = float((t.ppf(share, freedom) if estimated else norm.ppf(share)) ** 2)
    fit = Fit(objective, (), best.cost, objective.stretch if estimated else 1.0, freedom, tuple(best.costs), x, jacobian,
              threshold, status)
    widths = half_widths(fit)
    lower, upper = objective.bounds
    intervals = [Interval(max(low, float(x[index] - widths[index])), min(high, float(x[index] + widths[index])),
                          bool(x[index] - widths[index] <= low), bool(x[index] + widths[index] >= high))
                 for index, (low, high) in enumerate(zip(lower, upper, strict=True))]
    return replace(fit, estimates=_estimates(fit, intervals, ["curvature"] * len(x)))


def half_widths(fit: Fit) -> Array:
    """Half the interval of each coordinate as curvature has it, for the threshold of the fit."""
    return np.asarray(np.sqrt(fit.threshold * np.diag(covariance(fit.jacobian))), dtype=np.float64)


def _estimates(fit: Fit, intervals: Sequence[Interval], by: Sequence[str],
               ways: Array | None = None) -> tuple[Estimate, ...]:
    """Estimates from intervals of the coordinates.

    Flat directions are looked for at the point, of those on the ways of profiles, that is farthest from all bounds.
    """
    objective = fit.objective
    logarithmic = [each.logarithmic for each in objective.unknowns]
    scale = scale_of(objective)
    flat = flat_directions(fit.jacobian if ways is None else _inmost(objective, ways), scale, fit.threshold)
    known = combinations(flat, objective.names, logarithmic, [each.kind != "identified" for each in intervals])
    found = []
    for index, unknown in enumerate(objective.unknowns):
        low, high = unknown.bounds
        at, interval = float(fit.x[index]), intervals[index]
        at_bound = min(at - low, high - at) < AT_BOUND * (high - low)
        ends = replace(interval, low=unknown.value(interval.low), high=unknown.value(interval.high))
        shown = in_shown_unit(ends.low, unknown.unit), in_shown_unit(ends.high, unknown.unit)
        found.append(Estimate(unknown.name, unknown.value(at), unknown.unit, ends,
                              verdict(interval, shown, at_bound, known.get(unknown.name, [])), by[index]))
    return tuple(found)


def _profiled(fit: Fit, wanted: bool | Sequence[str], say: Line | None) -> Fit:
    """The fit with profiles; where one meets a better point, all begin again from there."""
    objective = fit.objective
    names = objective.names if isinstance(wanted, bool) else list(wanted)
    for name in names:
        if name not in objective.names:
            raise ModelError(f"{objective.problem.name}: a profile of {name!r}, which is not fitted; fitted are "
                             f"{', '.join(objective.names)}")
    for _ in range(AGAIN):
        found: dict[str, Profile] = {}
        try:
            better = _profile_all(fit, names, found, say)
            if better is None:
                break
            x, cost = minimise(objective, better)
            fit = _fit(objective, Best(x, cost, list(fit.costs)), DONE)
        except KeyboardInterrupt:
            raise _interrupted(objective.problem, replace(_with_profiles(fit, found), status=INTERRUPTED),
                               f"after {len(found)} of {len(names)} profiles") from None
    return _with_profiles(fit, found)


def _profile_all(fit: Fit, names: Sequence[str], found: dict[str, Profile], say: Line | None) -> Array | None:
    """Fill in the profiles; a better point ends it."""
    widths = half_widths(fit)
    for name in names:
        index = fit.objective.names.index(name)
        each = profile(fit.objective, fit.x, fit.cost, index, fit.threshold, float(widths[index]))
        if each.fall > BETTER * max(fit.threshold, fit.cost):
            if say is not None:
                say(f"profile of {name}: a better point, cost {fit.cost - each.fall:.6g}; beginning again from there")
            return each.best
        found[name] = each
        if say is not None:
            say(f"profile {len(found)} of {len(names)}: {name}, {each.interval.kind}")
    return None


def _with_profiles(fit: Fit, found: dict[str, Profile]) -> Fit:
    """The fit with intervals and verdicts of the profiles there are."""
    unknowns = fit.objective.unknowns
    intervals = [found[each.name].interval if each.name in found else
                 replace(known.interval, low=each.coordinate(known.interval.low), high=each.coordinate(known.interval.high))
                 for each, known in zip(unknowns, fit.estimates, strict=True)]
    by = ["profile" if each.name in found else "curvature" for each in unknowns]
    walked = [each.way for each in found.values() if each.interval.kind != "identified"]
    ways = np.concatenate(walked) if walked else None
    return replace(fit, profiles=dict(found), estimates=_estimates(fit, intervals, by, ways))


def _inmost(objective: Objective, ways: Array) -> Array:
    """Derivatives of the residuals at the point that is farthest from all bounds."""
    lower, upper = objective.bounds
    room = np.min(np.minimum(ways - lower, upper - ways) / (upper - lower), axis=1)
    return objective.jacobian(ways[int(np.argmax(room))])
