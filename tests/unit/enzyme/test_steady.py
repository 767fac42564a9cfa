"""Steady states against rational arithmetic, dense elimination, the nullspace and the King-Altman form of four states."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from pumpleak.base.errors import SolveError
from pumpleak.enzyme.rates import Rates
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import closed_classes, steady_numbers, steady_state, step_fluxes
from pumpleak.enzyme.step import Step
from pumpleak.formats.catalog import load
from pumpleak.system.expression import evaluate, number, postorder, symbol


def ring(size: int, branch: bool = False) -> Scheme:
    """A ring that carries Na in, with names of rates for constants; a second way from S0 to S2 when `branch`."""
    steps = []
    for index in range(size):
        taken = {"outside.Na": 1} if index == 0 else {}
        released = {"inside.Na": 1} if index == size - 1 else {}
        steps.append(Step(f"s{index}", f"S{index}", f"S{(index + 1) % size}", number(1.0), number(1.0), taken, released,
                          charge=-1.0 if index == 1 else 0.0))
    if branch:
        steps.append(Step("other", "S2", "S0", number(1e-3), number(1e-3), {}, {"inside.Na": 1}))
    return Scheme("ring", tuple(steps))


def random_rates(scheme: Scheme, seed: int, count: int = 5, decades: float = 4.0) -> Rates:
    random = np.random.default_rng(seed)
    draw = lambda: 10.0 ** random.uniform(-decades, decades, count)  # noqa: E731  one distribution for both directions
    return {step.name: (draw(), draw()) for step in scheme.steps}


def generator(scheme: Scheme, rates: Rates, at: int) -> NDArray[np.float64]:
    size = len(scheme.states)
    matrix = np.zeros((size, size))
    for step in scheme.steps:
        start, end = scheme.states.index(step.source), scheme.states.index(step.target)
        matrix[start, end] += rates[step.name][0][at]
        matrix[end, start] += rates[step.name][1][at]
    return matrix


def dense(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Textbook state reduction on a full matrix, last state first."""
    left = matrix.copy()
    size = len(left)
    for last in range(size - 1, 0, -1):
        left[:last, last] /= left[last, :last].sum()
        left[:last, :last] += np.outer(left[:last, last], left[last, :last])
        np.fill_diagonal(left[:last, :last], 0.0)
    weights = np.ones(size)
    for index in range(1, size):
        weights[index] = weights[:index] @ left[:index, index]
    return np.asarray(weights / weights.sum())


@pytest.mark.parametrize(("size", "branch"), [(3, False), (4, False), (4, True), (9, False), (15, False), (15, True)])
def test_occupancies_agree_with_dense_reduction_to_rounding(size: int, branch: bool) -> None:
    scheme = ring(size, branch)
    rates = random_rates(scheme, size)
    steady = steady_numbers(scheme, rates)
    for at in range(5):
        found = np.array([steady.occupancies[state][at] for state in scheme.states])
        # neither subtracts, so both keep every digit but those of some 10 n roundings
        np.testing.assert_allclose(found, dense(generator(scheme, rates, at)), rtol=1e-13)


@pytest.mark.parametrize("branch", [False, True])
def test_occupancies_are_stationary(branch: bool) -> None:
    scheme = ring(6, branch)
    rates = random_rates(scheme, 7, decades=1.0)
    steady = steady_numbers(scheme, rates)
    for at in range(5):
        matrix = generator(scheme, rates, at)
        found = np.array([steady.occupancies[state][at] for state in scheme.states])
        np.testing.assert_allclose(found @ matrix, found * matrix.sum(axis=1), rtol=1e-13)
        assert found.sum() == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize("branch", [False, True])
def test_cycle_fluxes_give_the_net_flux_of_every_step(branch: bool) -> None:
    scheme = ring(7, branch)
    rates = random_rates(scheme, 3)
    steady = steady_numbers(scheme, rates)
    net = step_fluxes(scheme, steady.fluxes)
    for step in scheme.steps:
        forward = rates[step.name][0] * steady.occupancies[step.source]
        backward = rates[step.name][1] * steady.occupancies[step.target]
        # the plain difference is known to rounding of its two terms only
        np.testing.assert_allclose(net[step.name], forward - backward, rtol=0.0, atol=1e-12 * float(np.max(forward + backward)))


def exact(scheme: Scheme, rates: Rates, at: int) -> list[float]:
    """Occupancies by Gaussian elimination of the stationary equations in rational numbers: no rounding at all."""
    size = len(scheme.states)
    rows = [[Fraction(0)] * size + [Fraction(0)] for _ in range(size)]
    for step in scheme.steps:
        start, end = scheme.states.index(step.source), scheme.states.index(step.target)
        for source, target, rate in ((start, end, rates[step.name][0][at]), (end, start, rates[step.name][1][at])):
            rows[target][source] += Fraction(float(rate))
            rows[source][source] -= Fraction(float(rate))
    rows[-1] = [Fraction(1)] * (size + 1)
    for pivot in range(size):
        chosen = next(row for row in range(pivot, size) if rows[row][pivot])
        rows[pivot], rows[chosen] = rows[chosen], rows[pivot]
        for row in range(size):
            if row != pivot and rows[row][pivot]:
                factor = rows[row][pivot] / rows[pivot][pivot]
                rows[row] = [left - factor * right for left, right in zip(rows[row], rows[pivot], strict=True)]
    return [float(row[-1] / row[index]) for index, row in enumerate(rows)]


@pytest.mark.parametrize(("size", "branch"), [(4, False), (6, True), (9, False), (12, True)])
def test_rates_over_nineteen_decades_agree_with_rational_arithmetic(size: int, branch: bool) -> None:
    scheme = ring(size, branch)
    random = np.random.default_rng(size)
    draw = lambda: 10.0 ** random.uniform(-9.0, 10.0, 3)  # noqa: E731  one distribution for both directions
    rates = {step.name: (draw(), draw()) for step in scheme.steps}
    steady = steady_numbers(scheme, rates)
    for at in range(3):
        found = [steady.occupancies[state][at] for state in scheme.states]
        np.testing.assert_allclose(found, exact(scheme, rates, at), rtol=1e-13)  # 1e-10 is promised


def test_the_largest_scheme_agrees_with_rational_arithmetic() -> None:
    scheme = load("post-albers-23")
    assert isinstance(scheme, Scheme)
    random = np.random.default_rng(23)
    rates = {step.name: (10.0 ** random.uniform(-9.0, 10.0, 1), 10.0 ** random.uniform(-9.0, 10.0, 1)) for step in scheme.steps}
    steady = steady_numbers(scheme, rates)
    np.testing.assert_allclose([steady.occupancies[state][0] for state in scheme.states], exact(scheme, rates, 0), rtol=1e-13)


@pytest.mark.parametrize(("size", "branch"), [(4, False), (9, True), (15, True)])
def test_four_decades_agree_with_the_nullspace(size: int, branch: bool) -> None:
    scheme = ring(size, branch)
    rates = random_rates(scheme, size, decades=2.0)
    steady = steady_numbers(scheme, rates)
    for at in range(5):
        matrix = generator(scheme, rates, at)
        *_, right = np.linalg.svd((matrix - np.diag(matrix.sum(axis=1))).T)
        null = right[-1] / right[-1].sum()
        # an SVD keeps digits of the largest occupancy, not of each
        np.testing.assert_allclose([steady.occupancies[state][at] for state in scheme.states], null, rtol=0.0, atol=1e-10)


def king_altman(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turnover of a four-state ring: 2 products over 16 terms, each tree with its three rates."""
    total = np.zeros_like(a[0])
    for root in range(4):
        for cut in range(4):  # the spanning tree without step `cut`, all its steps pointing to the root
            order = [(cut + 1 + offset) % 4 for offset in range(4)]
            at = order.index(root)
            term = np.ones_like(a[0])
            for position, (start, _) in enumerate(pairwise(order)):
                term = term * (a[start] if position < at else b[start])
            total = total + term
    return np.asarray((a.prod(axis=0) - b.prod(axis=0)) / total)


def test_four_states_agree_with_the_king_altman_form() -> None:
    scheme = ring(4)
    rates = random_rates(scheme, 11, count=50, decades=2.0)
    forward, backward = (np.array([rates[step.name][side] for step in scheme.steps]) for side in (0, 1))
    expected = king_altman(forward, backward)
    found = steady_numbers(scheme, rates).fluxes["s3"]
    # prod(a) - prod(b) of the form cancels by at most 1e4 in these draws
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_the_same_lines_work_on_expressions() -> None:
    scheme = ring(15, branch=True)
    names = {step.name: (symbol(f"{step.name}.f"), symbol(f"{step.name}.b")) for step in scheme.steps}
    emitted = steady_state(scheme, names)
    rates = random_rates(scheme, 2)
    values = {f"{name}.{side}": pair[at] for name, pair in rates.items() for at, side in enumerate("fb")}
    numbers = steady_numbers(scheme, rates)
    for part in ("occupancies", "fluxes"):
        expressions, expected = getattr(emitted, part), getattr(numbers, part)
        for name, found in zip(expressions, evaluate(list(expressions.values()), values), strict=True):
            np.testing.assert_array_equal(found, expected[name])


def test_a_ring_is_emitted_compactly() -> None:
    scheme = ring(15)
    names = {step.name: (symbol(f"{step.name}.f"), symbol(f"{step.name}.b")) for step in scheme.steps}
    (flux,) = steady_state(scheme, names).fluxes.values()
    operations = [node.function for node in postorder([flux]) if node.arguments]
    assert len(operations) <= 10 * len(scheme.states)  # each state: one sum and its inverse, four products, two weights
    assert operations.count("div") <= len(scheme.states)
    assert operations.count("sub") == 1


def test_a_fast_naming_step_does_not_drown_the_flux() -> None:
    scheme = ring(4)
    rates = {step.name: (np.array([1.0]), np.array([0.5])) for step in scheme.steps}
    rates["s3"] = (np.array([1e14]), np.array([1e14]))
    found = steady_numbers(scheme, rates).fluxes["s3"][0]
    # a ring of three in the limit: S3 and S0 are one state, shared evenly
    a, b = np.array([0.5, 1.0, 1.0]), np.array([0.5, 0.5, 0.25])
    trees = (a[0] * a[1] + a[1] * b[2] + b[2] * b[0] + a[1] * a[2] + b[0] * a[2] + b[0] * b[1]
             + a[2] * a[0] + a[0] * b[1] + b[1] * b[2])
    assert found == pytest.approx((a.prod() - b.prod()) / trees, rel=1e-12)


SODIUM_ALONE = {"inside.K": 0.0, "outside.K": 0.0}


def published(name: str) -> Scheme:
    scheme = load(name)
    assert isinstance(scheme, Scheme)
    return scheme


@pytest.mark.parametrize("name", ["post-albers-23", "pan-2018-15", "pan-2018-4"])
@pytest.mark.parametrize("base", ["physiological", "nakao-gadsby-1989"])
def test_without_potassium_the_steady_state_is_that_of_ever_less(name: str, base: str) -> None:
    scheme = published(name)
    none = respond(scheme, SODIUM_ALONE, base)
    trace = respond(scheme, dict.fromkeys(SODIUM_ALONE, 1e-100), base)
    assert float(none.turnover) == pytest.approx(float(trace.turnover), rel=1e-13, abs=1e-100)
    assert sum(none.occupancies.values()) == pytest.approx(1.0, rel=1e-14)
    for state in scheme.states:
        assert float(none.occupancies[state]) == pytest.approx(float(trace.occupancies[state]), rel=1e-12, abs=1e-90)
    assert float(none.K) == 0.0
    assert float(none.Na) == pytest.approx(3.0 * float(none.ATP), rel=1e-14)


def test_slip_goes_on_without_potassium() -> None:
    found = respond(published("post-albers-23"), SODIUM_ALONE, "physiological")
    assert float(found.turnover) == pytest.approx(0.296768, rel=1e-5)
    assert float(found.dissipation) > 0.0


def test_points_without_a_ligand_stand_beside_others() -> None:
    scheme = published("post-albers-23")
    inner, outer = np.array([[0.0], [140.0]]), np.array([0.0, 1e-6, 5.0])
    found = respond(scheme, {"inside.K": inner, "outside.K": outer}, "physiological")
    assert found.turnover.shape == (2, 3)
    for row, column in np.ndindex(2, 3):
        alone = respond(scheme, {"inside.K": inner[row, 0], "outside.K": outer[column]}, "physiological")
        assert found.turnover[row, column] == pytest.approx(float(alone.turnover), rel=1e-14)
        assert found.occupancies["E2P"][row, column] == pytest.approx(float(alone.occupancies["E2P"]), rel=1e-14)


@pytest.mark.parametrize("seed", range(8))
def test_any_pattern_of_zero_rates_agrees_with_the_limit_of_small_ones(seed: int) -> None:
    """Over both kinds of graph: some states transient, some steps one way, some both ways closed."""
    scheme = ring(7, branch=seed % 2 == 0)
    random = np.random.default_rng(seed)
    solved = 0
    for _ in range(20):
        rates = {step.name: tuple(np.array([0.0 if random.uniform() < 0.3 else 10.0 ** random.uniform(-2.0, 2.0)])
                                  for _ in range(2)) for step in scheme.steps}
        closed = closed_classes(scheme, {name: (bool(pair[0] > 0.0), bool(pair[1] > 0.0)) for name, pair in rates.items()})
        if len(closed) > 1:
            with pytest.raises(SolveError, match="depending on where it begins"):
                steady_numbers(scheme, rates)
            continue
        solved += 1
        found = steady_numbers(scheme, rates)
        shares = np.array([found.occupancies[state][0] for state in scheme.states])
        matrix = generator(scheme, rates, 0)
        np.testing.assert_allclose(shares @ matrix, shares * matrix.sum(axis=1), rtol=1e-12, atol=1e-15)
        assert shares.sum() == pytest.approx(1.0, rel=1e-14)
        assert {state for state, share in found.occupancies.items() if share[0] > 0.0} == set(closed[0])
        for name, net in step_fluxes(scheme, found.fluxes).items():
            step = next(each for each in scheme.steps if each.name == name)
            plain = rates[name][0] * found.occupancies[step.source] - rates[name][1] * found.occupancies[step.target]
            np.testing.assert_allclose(net, plain, rtol=0.0, atol=1e-13 * max(float(np.max(pair)) for pair in rates.values()))
    assert solved > 3


def test_an_exchange_at_equilibrium_without_potassium_is_balanced() -> None:
    """Sodium at equilibrium and hydrolysis blocked by lack of phosphate's partners: nothing moves to 1e-12 of gross."""
    scheme = published("pan-2018-15")
    found = respond(scheme, SODIUM_ALONE, "nakao-gadsby-1989")
    assert max(float(net) for net in found.balance.values()) < 1e-12


def test_a_state_that_is_never_left_holds_all() -> None:
    scheme = ring(4)
    rates = {step.name: (np.array([1.0, 1.0]), np.array([1.0, 1.0])) for step in scheme.steps}
    rates["s0"] = (np.array([1.0, 1.0]), np.array([1.0, 0.0]))
    rates["s1"] = (np.array([1.0, 0.0]), np.array([1.0, 1.0]))
    found = steady_numbers(scheme, rates)
    assert {state: share[1] for state, share in found.occupancies.items()} == {"S0": 0.0, "S1": 1.0, "S2": 0.0, "S3": 0.0}
    assert found.fluxes["s3"][1] == 0.0
    # one that a scheme has: without sodium and potassium outside and potassium inside, E2P keeps what it has
    trapped = respond(published("pan-2018-15"), {**SODIUM_ALONE, "outside.Na": [0.0, 1.0]}, "physiological")
    assert trapped.trapped == ("P-E2",)
    assert trapped.turnover[0] == 0.0
    assert "all of it ends up in P-E2" in str(trapped)
    assert respond(published("pan-2018-15"), base="physiological").trapped == ()


def test_two_ends_are_refused_by_name() -> None:
    scheme = ring(4)
    rates = {step.name: (np.array([1.0, 1.0]), np.array([1.0, 1.0])) for step in scheme.steps}
    for name in ("s0", "s2"):
        rates[name] = (np.array([1.0, 0.0]), np.array([1.0, 0.0]))
    with pytest.raises(SolveError) as caught:
        steady_numbers(scheme, rates)
    assert str(caught.value) == (
        "ring: at condition 2 of 2 the enzyme ends up in 'S0', 'S3' or in 'S1', 'S2', depending on where it begins, so that "
        "there is no one steady state; give every ligand a positive concentration, for example 1e-6 mM")
    with pytest.raises(SolveError, match=r"pan-2018-15: at condition 1 of 1 the enzyme ends up in 'ATP\.E1' or in 'P-E2', "):
        respond(published("pan-2018-15"), {**SODIUM_ALONE, "inside.Na": 0.0, "outside.Na": 0.0}, "physiological")


def test_rates_too_far_apart_for_numbers_are_refused() -> None:
    rates = {step.name: (np.array([1.0]), np.array([np.inf])) for step in ring(4).steps}
    with pytest.raises(SolveError, match=r"its rates reach from 1 to inf 1/ms, too far apart for numbers; .* a voltage that a"):
        steady_numbers(ring(4), rates)


def test_an_ion_that_is_all_but_absent_is_as_good_as_absent() -> None:
    """At 1e-200 mM the square of its concentration is below the smallest number."""
    for name in ("post-albers-23", "pan-2018-15"):
        none, trace = (respond(published(name), dict.fromkeys(SODIUM_ALONE, left), "physiological") for left in (0.0, 1e-200))
        assert float(trace.turnover) == pytest.approx(float(none.turnover), rel=1e-13)
