"""Fits whose answer is known: recovery, coverage of intervals, verdicts, Ctrl-C, priors, ties, samples."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom
from tests.unit.fitting.problems import BASE, chapman, scheme, unknowns

import pumpleak as pl
from pumpleak.base.errors import ModelError, SolveError
from pumpleak.enzyme.response import respond
from pumpleak.fitting.data import Array, Dataset
from pumpleak.fitting.identify import combinations
from pumpleak.fitting.lines import lines
from pumpleak.fitting.objective import Objective
from pumpleak.fitting.problem import Problem
from pumpleak.fitting.result import Fit
from pumpleak.fitting.unknown import Prior

TRUE = {each.name: each.value for each in scheme("chapman-1983").parameters}
NAMES = ("load", "release", "dephosphorylation")
SHORT, WHOLE = 40, 200


@pytest.mark.parametrize("noise", ["given", "estimated"])
@pytest.mark.parametrize("off", [0.2, 5.0])
def test_exact_data_give_the_constants_back(off: float, noise: Any) -> None:
    found = pl.fit(chapman(off=off, noise=noise), starts=1)
    for name in NAMES:
        assert found.values[name] == pytest.approx(TRUE[name], rel=1e-6)
    assert found.fits[3].scales == pytest.approx([3.7], rel=1e-6)
    assert found.cost < 1e-10


def test_many_starts_find_the_same_and_the_same_seed_the_same_bits() -> None:
    problem = chapman(random=np.random.default_rng(1))
    one, two, other = (pl.fit(problem, starts=4, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.x, two.x)
    assert (one.costs, len(one.costs)) == (two.costs, 4)
    np.testing.assert_allclose(one.x, other.x, rtol=0.0, atol=1e-5)


def coverage(first: int, repeats: int, noise: Any) -> dict[str, int]:
    """How many of the intervals hold the truth."""
    held = dict.fromkeys(NAMES, 0)
    for repeat in range(first, first + repeats):
        found = pl.fit(chapman(random=np.random.default_rng(repeat), noise=noise), starts=1, profiles=True)
        for each in found.estimates:
            assert each.verdict == "identified"
            held[each.name] += each.interval.low <= TRUE[each.name] <= each.interval.high
    return held


def test_intervals_of_90_percent_hold_the_truth_in_90_percent() -> None:
    """All three counts lie within these bounds for 99.7 % of all sets of seeds, if the intervals are right."""
    low, high = binom.interval(0.999, SHORT, 0.9)
    assert all(low <= count <= high for count in coverage(0, SHORT, "given").values())


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["given", "estimated"])
def test_coverage_over_200_repeats(noise: Any) -> None:
    counts = coverage(0, WHOLE, noise)
    assert all(0.85 * WHOLE <= count <= 0.95 * WHOLE for count in counts.values()), counts


def test_what_is_not_identifiable_is_named_with_the_combination_that_is() -> None:
    """E2P and E1P exchange fast, so that currents know only to_E2P/to_E1P*K_Na_out_first, and on_ion not at all."""
    model = scheme("post-albers-23")
    V = np.linspace(-120.0, 60.0, 10)
    random = np.random.default_rng(0)
    data = []
    for sodium in (50.0, 150.0):
        exact = respond(model, {"membrane.V": V, "outside.Na": sodium}, "nakao-gadsby-1989").turnover
        seen = exact + random.standard_normal(len(V))
        data.append(Dataset(f"at-{sodium:g}", {"membrane.V": V, "outside.Na": sodium}, seen, 1.0, base="nakao-gadsby-1989",
                            swept="membrane.V"))
    names = ["to_E1P", "K_Na_out_first", "K_Na_out", "on_ATP_E1"]
    found = pl.fit(Problem(model, tuple(data), unknowns(model, names, room=20.0), noise="given"), starts=2, profiles=True)
    verdicts = found.verdicts
    assert verdicts["to_E1P"].endswith("; only to_E1P/K_Na_out_first is identified")
    assert verdicts["K_Na_out_first"].endswith("; only to_E1P/K_Na_out_first is identified")
    assert verdicts["K_Na_out"] == "identified"
    assert verdicts["on_ATP_E1"].startswith("not identifiable")
    assert "only" not in verdicts["on_ATP_E1"]


@pytest.mark.parametrize(("row", "expected"), [
    ([1.0, 1.0, 0.0], "a/b"), ([1.0, -1.0, 0.0], "a*b"), ([1.0, 2.0, 0.0], "a^2/b"), ([1.0, 1.0, 1.0], "a/b"),
])
def test_combinations_are_products_across_the_flat_direction(row: list[float], expected: str) -> None:
    flat = np.array([row]) / np.linalg.norm(row)
    known = combinations(flat, ["a", "b", "c"], [True] * 3, [True] * 3)
    assert any({*_factors(expected)} == {*_factors(each)} for each in known["b"])
    assert ("c" in known) == bool(row[2])
    # what is named does not change along the direction
    for text in {each for texts in known.values() for each in texts}:
        weights = _factors(text)
        total = sum(power * row["abc".index(name)] for name, power in weights)
        assert total == pytest.approx(0.0, abs=1e-9)


def _factors(text: str) -> list[tuple[str, float]]:
    above, *below = text.split("/")
    parts = [(each, 1.0) for each in above.split("*") if each != "1"] + [(each, -1.0) for each in below]
    found = [(each.partition("^")[0], sign * float(each.partition("^")[2] or 1.0)) for each, sign in parts]
    first = min(found)[1]
    return sorted((name, power / first) for name, power in found)


def test_a_prior_holds_what_data_do_not() -> None:
    problem = chapman(("load", "deliver"), np.random.default_rng(2))
    free = pl.fit(problem, starts=1, profiles=True)
    held = tuple(replace(each, prior=Prior(TRUE["deliver"], 0.2, True)) if each.name == "deliver" else each
                 for each in problem.unknowns)
    known = pl.fit(replace(problem, unknowns=held), starts=1, profiles=True)
    assert free.verdicts["deliver"].startswith("bounded: at least")
    assert known.verdicts["deliver"] == "identified"
    low, high = known.estimates[1].interval.low, known.estimates[1].interval.high
    # 1.645 standard deviations of the prior's logarithm, a little less with data
    assert np.log(high / low) < 2.0 * 1.6449 * 0.2 * 1.02


def test_tied_constants_follow() -> None:
    problem = chapman(("load",), tied={"release": "0.688*load"}, off=2.0)
    found = pl.fit(problem, starts=1)
    assert found.values["release"] == pytest.approx(0.688 * found.values["load"])
    assert found.values["release"] == pytest.approx(TRUE["release"], rel=1e-6)
    assert found.model.values["release"] == pytest.approx(TRUE["release"], rel=1e-6)


def test_the_fitted_model_is_a_scheme_of_its_own() -> None:
    found = pl.fit(replace(chapman(off=2.0), name="mine"), starts=1)
    model = found.model
    assert (model.name, model.parameters[0].source) == ("mine", "fit-mine")
    expected = float(respond(scheme("chapman-1983"), {}, BASE).turnover)
    assert respond(model, {}, BASE).turnover == pytest.approx(expected, rel=1e-6)
    assert all(np.max(np.abs(each)) < 1e-5 for each in found.residuals.values())
    assert "3 constants fitted to 42 points in 4 data sets, done" in str(found)


def test_errors_are_estimated() -> None:
    random = np.random.default_rng(5)
    problem = chapman(random=random, noise="estimated")
    coarse = replace(problem, data=tuple(replace(each, errors=10.0 * each.sigma) for each in problem.data))
    one, two = (pl.fit(each, starts=1) for each in (problem, coarse))
    assert one.noise == pytest.approx(1.0, abs=0.3)  # 38 degrees of freedom: a standard deviation of 0.11
    assert two.noise == pytest.approx(0.1 * one.noise, rel=1e-6)
    for first, second in zip(one.estimates, two.estimates, strict=True):
        assert first.interval.low == pytest.approx(second.interval.low, rel=1e-4)
    little = replace(problem.data[0], conditions={"inside.Na": [5.0, 9.0]}, observed=[1.0, 2.0], errors=1.0, curve=())
    few = replace(problem, data=(little,))
    with pytest.raises(ModelError, match=r"2 points for 3 constants and 0 free scales; errors cannot be estimated from "):
        pl.fit(few)


def test_a_robust_loss_lets_an_outlier_pull_less() -> None:
    problem = chapman(random=np.random.default_rng(6))
    spoilt = problem.data[0].points.copy()
    spoilt[8] *= 2.0
    data = (replace(problem.data[0], observed=spoilt), *problem.data[1:])
    pulled = {}
    for loss in ("linear", "soft_l1"):
        clean, bent = (pl.fit(replace(problem, data=each, loss=loss), starts=1) for each in (problem.data, data))
        pulled[loss] = float(np.max(np.abs(clean.x - bent.x)))
    assert pulled["soft_l1"] < 0.5 * pulled["linear"]


def test_an_interruption_keeps_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Objective.residuals
    calls: list[int] = []

    def impatient(self: Objective, x: Array) -> Array:
        calls.append(1)
        if len(calls) == 25:
            raise KeyboardInterrupt
        return whole(self, x)

    problem = chapman(random=np.random.default_rng(1), off=3.0)
    monkeypatch.setattr(Objective, "residuals", impatient)
    with pytest.raises(SolveError, match=r"^fit: the fit was interrupted at start \d of 8; the best so far is kept") as stopped:
        pl.fit(problem)
    partial = stopped.value.partial
    assert isinstance(partial, Fit)
    assert partial.status == "interrupted"
    assert partial.cost < 60.0  # the first start was through, or nearly
    monkeypatch.setattr(Objective, "residuals", whole)
    # one that no start has ended yet prints as well
    assert "(best of 0 starts)" in str(replace(partial, costs=()))
    assert len(lines(partial)) == 4


def test_bands_hold_the_line_and_follow_the_scale() -> None:
    found = pl.fit(chapman(random=np.random.default_rng(8)), starts=1)
    for line in lines(found):
        assert np.all((line.low <= line.values) & (line.values <= line.high))
        fitted = next(each for each in found.fits if each.data.name == line.data)
        assert line.values[0] == pytest.approx(fitted.values[0], rel=1e-9)
        assert np.max(line.high - line.low) < 0.2 * np.max(line.values)


def test_samples_agree_with_profiles() -> None:
    pytest.importorskip("emcee")
    found = pl.fit(chapman(random=np.random.default_rng(4)), starts=1, profiles=True).sample(steps=600, seed=3)
    assert found.samples is not None
    for index, each in enumerate(found.estimates):
        low, high = found.samples.quantiles(0.05, 0.95)[:, index]
        width = np.log(each.interval.high / each.interval.low)
        # 420 draws of 16 walkers with a memory of some 40 steps: ends are good to about a tenth of the width
        assert abs(np.log(low / each.interval.low)) < 0.25 * width
        assert abs(np.log(high / each.interval.high)) < 0.25 * width


def test_without_emcee_sampling_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(ModelError, match=r"install it with: pip install 'pumpleak\[fit\]'$"):
        pl.fit(chapman(), starts=1).sample()
