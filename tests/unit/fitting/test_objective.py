"""Residuals, their derivatives, free scales and offsets; what problems and data refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.fitting.problems import chapman, scheme, unknowns

from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.enzyme.response import respond
from pumpleak.fitting.data import Dataset
from pumpleak.fitting.objective import Objective
from pumpleak.fitting.problem import Problem
from pumpleak.fitting.unknown import Prior, Unknown

V = np.linspace(-120.0, 60.0, 12)


def mixed() -> Problem:
    """Every kind of data set with every kind of scale, on post-albers-23 at two temperatures, with a tie and a prior."""
    model = scheme("post-albers-23")
    base = "nakao-gadsby-1989"
    random = np.random.default_rng(3)
    turnover = respond(model, {"membrane.V": V}, base).turnover * random.normal(1.0, 0.05, len(V))
    data = (
        Dataset("scaled", {"membrane.V": V, "temperature": 298.15}, turnover, base=base, scale="curve", offset="table",
                curve=["a"] * 5 + ["b"] * 7),
        Dataset("plain", {"membrane.V": V}, turnover, observe="current", base=base),
        Dataset("shares", {"membrane.V": V}, 0.0 * V + 0.1, observe="p.E2P + p.E2P.Na", unit="1", base=base, factor=0.5,
                offset="table"),
        Dataset("half", {"membrane.V": [0.0, -80.0]}, [1.4, 1.2], base=base, weight=2.0, observe="half-activation",
                of="outside.K", unit="mM"),
    )
    names = [each.name for each in model.parameters if each.name != "K_Na_in_third"]
    found = tuple(replace(each, prior=Prior(each.start, 0.5, True)) if each.name == "K_Na_in" else each
                  for each in unknowns(model, names, 1.1))
    activation = Unknown("change_to_E2P.activation", 8e4, 2e4, 1.5e5, False, Prior(7e4, 1e4, False), "J/mol")
    return Problem(model, data, (*found, activation), {"K_Na_in_third": "15*K_Na_in"})


def test_derivatives_of_all_residuals_are_exact() -> None:
    objective = Objective(mixed())
    x, exact = objective.start, objective.jacobian(objective.start)
    for index, unknown in enumerate(objective.unknowns):
        def centred(step: float, index: int = index, unit: float = 1.0 if unknown.logarithmic else 1e4) -> np.ndarray:
            shift = np.zeros(len(x))
            shift[index] = step * unit
            return (objective.residuals(x + shift) - objective.residuals(x - shift)) / (2.0 * step * unit)

        expected = (64.0 * centred(0.01) - 20.0 * centred(0.02) + centred(0.04)) / 45.0
        size = 1.0 + np.max(np.abs(exact[:, index]))
        # half-activations come from root finding to 1e-12, over 0.01
        np.testing.assert_allclose(exact[:, index] / size, expected / size, rtol=0.0, atol=2e-9, err_msg=unknown.name)


def test_a_free_scale_takes_out_any_scale() -> None:
    problem = mixed()
    scaled = problem.data[0]
    for change in (lambda y: 7.0 * y, lambda y: y + 3.0):
        other = replace(scaled, observed=change(scaled.points), errors=scaled.sigma * (7.0 if change(1.0) == 7.0 else 1.0))
        pair = [Objective(replace(problem, data=(each,))) for each in (scaled, other)]
        one, two = (each.residuals(each.start)[:len(V)] for each in pair)
        np.testing.assert_allclose(one, two, rtol=0.0, atol=1e-10)
    (fitted,) = Objective(replace(problem, data=(scaled,))).fitted(Objective(problem).start, slopes=False)
    assert (fitted.scales.shape, fitted.offsets.shape) == ((2,), (1,))


def test_the_half_activation_is_where_the_turnover_is_half() -> None:
    model = scheme("post-albers-23")
    data = Dataset("half", {}, [1.0], base="nakao-gadsby-1989", observe="half-activation", of="outside.K", unit="mM")
    (found,) = Objective(Problem(model, (data,), unknowns(model, ["on_ion"]), noise="given")).fitted(
        Objective(chapman()).start[:1] * 0.0 + np.log(model.values["on_ion"]), slopes=False)
    low, half, high = respond(model, {"outside.K": np.array([1e-6, float(found.values[0]), 1e3])}, "nakao-gadsby-1989").turnover
    assert half == pytest.approx(0.5 * (low + high), rel=1e-10)


def test_data_without_weight_are_shown_and_not_fitted() -> None:
    problem = chapman()
    light = replace(problem, data=(*problem.data[:3], replace(problem.data[3], weight=0.0)))
    objective = Objective(light)
    assert (len(objective.residuals(objective.start)), objective.count, objective.eliminated) == (34, 34, 0)
    assert len(objective.fitted(objective.start, slopes=False)) == 4


def test_what_cannot_be_computed_costs_much_and_ends_nothing() -> None:
    objective = Objective(mixed())
    asked = objective.start.copy()
    objective.predict = lambda values, scale: (_ for _ in ()).throw(SolveError("no"))
    assert float(np.sum(objective.residuals(asked) ** 2)) == pytest.approx(1e12)


@pytest.mark.parametrize(("change", "message"), [
    ({"observed": []}, r"^d: its 0 points are '\[\]'; give one finite number or more"),
    ({"observed": [1.0, np.nan]}, r"^d: its 2 points are '\[1\.0, nan\]'"),
    ({"errors": [1.0, 2.0, 3.0]}, r"^d: 3 errors come with 2 points; give one for each"),
    ({"errors": [0.0, 1.0]}, r"^d: an error of 0 1/s; a standard deviation is positive and finite"),
    ({"curve": ["a"]}, r"^d: 1 names of curves come with 2 points; give one for each"),
    ({"weight": -1.0}, r"^d: weight -1; it is 0 for points not to be fitted, else positive"),
    ({"scale": "free"}, r"^d: scale 'free'; it is no, table, curve"),
    ({"conditions": {"membrane.V": [1.0, 2.0, 3.0]}}, r"^d: membrane\.V has 3 values for 2 points; give one, or one for each"),
])
def test_data_that_cannot_be_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        replace(Dataset("d", {}, [1.0, 2.0]), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"observe": "turnovr"}, NameUnknown, r"^d: of a scheme 'turnovr' cannot be observed; did you mean 'turnover'\?"),
    ({"observe": "p.E9"}, NameUnknown, r"^d: chapman-1983 has no state 'E9'"),
    ({"observe": "half-activation", "of": "outside.Rb"}, NameUnknown,
     r"^d: half-activation of 'outside.Rb', which is none of the ligands of chapman-1983"),
    ({"observe": "half-activation", "of": "outside.K", "span": (1.0, 0.5)}, ModelError,
     r"^d: span from 1 to 0\.5 mM; give a lower and a higher positive concentration"),
    ({"conditions": {"outside.Q": 1.0}}, NameUnknown, r"^d: chapman-1983: it knows no 'outside\.Q'"),
    ({"base": ""}, ModelError, r"^d: chapman-1983: \S+ is not given, only nothing is; give it or start from a named condition"),
])
def test_data_that_do_not_fit_the_scheme_are_refused(change: dict[str, object], error: type[Exception], message: str) -> None:
    data = replace(Dataset("d", {}, [1.0, 2.0], base="physiological"), **change)  # type: ignore[arg-type]
    with pytest.raises(error, match=message):
        Objective(replace(chapman(("load",)), data=(data,)))


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"unknowns": ()}, ModelError, r"^fit: 0 constants are to be fitted to 4 data sets \(42 points that count\); it needs "),
    ({"tied": {"load": "release"}}, ModelError, r"^fit: 'load' is fitted or tied twice; name it once"),
    ({"tied": {"unload": "free_ATPP"}}, NameUnknown, r"it has no constant 'free_ATPP'; did you mean 'free_ATP'"),
    ({"tied": {"unload": "2*deliver", "deliver": "load"}}, ModelError, r"^fit: unload is tied to 'deliver', which is tied"),
    ({"noise": "none"}, ModelError, r"^fit: noise 'none'; it is given or estimated"),
    ({"level": 90.0}, ModelError, r"^fit: level 90; it lies between 0 and 1, 0\.9 for 90 %"),
])
def test_problems_that_cannot_be_are_refused(change: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        replace(chapman(), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(("arguments", "message"), [
    (("k", 5.0, 1.0, 2.0), r"^k: it starts at 5 1, outside its bounds from 1 to 2 1; widen them, or give another start"),
    (("k", 1.0, 2.0, 1.0), r"^k: bounds from 2 to 1 1 leave no room"),
    (("k", 1.0, 0.0, 2.0), r"^k: bounds from 0 to 2 1 reach to what has no logarithm; give a positive lower bound, or "),
    (("k", 1.0, 0.5, 2.0, True, Prior(1.0, 0.0, False)), r"^k: a prior of 1 with the width 0; both are positive"),
])
def test_unknowns_that_cannot_be_are_refused(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Unknown(*arguments)  # type: ignore[arg-type]
