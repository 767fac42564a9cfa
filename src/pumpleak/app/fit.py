"""The verb `fit`: a problem, or the file or the name of one, to its Fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pumpleak.fitting.problem import Problem
from pumpleak.fitting.result import Fit
from pumpleak.fitting.solution import SEED, STARTS, solve


def fit(problem: Problem | str | Path, starts: int = STARTS, seed: int = SEED, profiles: bool | Sequence[str] = False,
        say: Callable[[str], None] | None = None) -> Fit:
    """Fit a model to measurements: `fit("my-fit.yaml", profiles=True)`.

    problem: a study file of the kind `fit:`, a name of the catalogue, or a Problem made in Python. starts: how many searches,
    the first from the given values, others from a Latin hypercube within the bounds. profiles: intervals by profile likelihood,
    of all constants or of those named; from the curvature at the best point otherwise. say: hears how it goes, line by line.

    Raises FormatError, UnitError, NameUnknown and ModelError for what is wrong in the problem; SolveError where nothing can be
    computed, and on Ctrl-C with the best so far as `.partial`.
    """
    if isinstance(problem, Problem):
        return solve(problem, starts, seed, profiles, say)
    from pumpleak.formats.fit_read import problem_in

    return solve(problem_in(problem), starts, seed, profiles, say)
