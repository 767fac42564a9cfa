"""Relaxation after a jump, against matrix exponentials, an independent stiff solver and closed forms."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from tests.unit.enzyme.measured import constants, units

from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.enzyme.charge import charge_voltage, fit_boltzmann
from pumpleak.enzyme.conditions import Conditions
from pumpleak.enzyme.relaxation import Relaxation, _components, _cut, jump, relaxation
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.formats.document import read_file
from pumpleak.formats.scheme import scheme_of
from pumpleak.system.expression import symbol
from pumpleak.units import mV

Array = NDArray[np.float64]
EXPLICIT = ("pan-2018-15", "post-albers-23")
ABSENT = 1e-9  # mM; what an ion leaves of its reactions is then below 1e-6 of the others
SODIUM_ALONE = {"inside.K": ABSENT, "outside.K": ABSENT, "inside.ADP": ABSENT, "inside.Pi": ABSENT}
POTASSIUM_ALONE = {"inside.Na": ABSENT, "outside.Na": ABSENT, "inside.Pi": 5.0, "inside.ADP": ABSENT}
DRAWS = settings(max_examples=40, deadline=None, derandomize=True)
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


@cache
def scheme_named(name: str) -> Scheme:
    with as_file(files("pumpleak") / "catalog" / "pumps" / f"{name}.yaml") as path:
        return scheme_of(read_file(path))


def carrier(seed: int, size: int = 6, decades: float = 2.0) -> Scheme:
    """A ring that carries sodium out, its rates and charges at random, with a second way across that moves nothing."""
    random = np.random.default_rng(seed)
    values: dict[str, float] = {}
    charges = random.normal(0.0, 0.5, size)
    charges[-1] += 1.0 - charges.sum()
    steps = []
    ends = [(f"S{index}", f"S{(index + 1) % size}", float(charges[index])) for index in range(size)]
    for index, (source, target, charge) in enumerate([*ends, ("S1", "S3", float(charges[1] + charges[2]))]):
        for side in "fb":
            values[f"{side}{index}"] = 10.0 ** float(random.uniform(-decades, decades))
        steps.append(Step(f"s{index}", source, target, symbol(f"f{index}"), symbol(f"b{index}"),
                          {"inside.Na": 1} if index == 0 else {}, {"outside.Na": 1} if index == size - 1 else {}, charge,
                          charge * float(random.uniform(0.0, 1.0))))
    derived = {name: units(steps)[name] for name in (f"b{size - 1}", f"b{size}")}
    given = {name: value for name, value in values.items() if name not in derived}
    return Scheme("carrier", tuple(steps), constants(steps, given), derived)


def generator(response: Response) -> tuple[Array, Array]:
    """G of dp/dt = G p [1/s] and the current of each state [e/s], step by step as they are written."""
    states = response.scheme.states
    matrix, current = np.zeros((len(states), len(states))), np.zeros(len(states))
    for step in response.scheme.steps:
        for source, target, rate, charge in ((step.source, step.target, response.rates[step.name][0], step.charge),
                                             (step.target, step.source, response.rates[step.name][1], -step.charge)):
            start, end = states.index(source), states.index(target)
            matrix[end, start] += 1e3 * float(rate)
            matrix[start, start] -= 1e3 * float(rate)
            current[start] += 1e3 * float(rate) * charge
    return matrix, current


def shares(found: dict[str, Array] | Response) -> Array:
    occupancies = found.occupancies if isinstance(found, Response) else found
    return np.array(list(occupancies.values()))


def integrated(relaxation: Relaxation, times: Array) -> tuple[Array, Array, Array]:
    """Occupancies, current and charge in time, by an implicit solver that knows of no components."""
    matrix, current = generator(relaxation.after)
    size = len(current)
    whole = np.zeros((size + 1, size + 1))
    whole[:size, :size], whole[size, :size] = matrix, current
    start = np.append(shares(relaxation.before), 0.0)
    found = solve_ivp(lambda _, y: whole @ y, (0.0, times[-1]), start, "Radau", times, jac=whole, rtol=1e-9, atol=1e-13)
    assert found.success
    return found.y[:size], current @ found.y[:size], found.y[size]


JUMPS: dict[str, tuple[str, Conditions, Conditions]] = {
    "voltage at work": ("physiological", {"membrane.V": -100.0}, {"membrane.V": 40.0}),
    "voltage, sodium alone": ("nakao-gadsby-1989", {**SODIUM_ALONE, "membrane.V": 40.0}, {"membrane.V": -120.0}),
    "ATP": ("physiological", {"inside.ATP": 1e-3}, {"inside.ATP": 1.0}),
    "potassium removed": ("physiological", {}, {"outside.K": ABSENT}),
    "all but sodium and ATP removed": ("physiological", {}, SODIUM_ALONE),
}


@cache
def jumped(name: str, case: str) -> Relaxation:
    base, before, after = JUMPS[case]
    return jump(scheme_named(name), before, after, base)


@pytest.mark.parametrize("case", JUMPS)
@pytest.mark.parametrize("name", EXPLICIT)
def test_traces_agree_with_an_independent_solver(name: str, case: str) -> None:
    relaxation = jumped(name, case)
    times = np.geomspace(1e-7, 1.0, 29)
    states, _, charge = integrated(relaxation, times)
    # Radau holds 1e-9 a step over some hundred steps
    np.testing.assert_allclose(shares(relaxation.occupancies(times)), states, atol=1e-7)
    np.testing.assert_allclose(relaxation.moved(times) + relaxation.steady_current * times, charge, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("case", JUMPS)
@pytest.mark.parametrize("name", EXPLICIT)
def test_occupancies_agree_with_the_matrix_exponential(name: str, case: str) -> None:
    relaxation = jumped(name, case)
    matrix, _ = generator(relaxation.after)
    for time in (0.0, 1e-8, 1e-5, 1e-3, 0.1):
        expected = expm(matrix * time) @ shares(relaxation.before)
        # squaring doubles the rounding each time: norm x time is at most 2e8, 28 doublings of 1e-16;
        # eigenvectors leave up to 1e-7 where ions at 1e-9 mM make rates span eighteen decades
        np.testing.assert_allclose(shares(relaxation.occupancies(time)), expected, atol=2e-7)


@pytest.mark.parametrize("case", JUMPS)
@pytest.mark.parametrize("name", EXPLICIT)
def test_the_current_is_that_of_the_steps_and_the_slope_of_the_charge(name: str, case: str) -> None:
    relaxation = jumped(name, case)
    _, current = generator(relaxation.after)
    expected = float(current @ shares(relaxation.before))
    largest = float(np.max(np.abs(current)))
    # summed over steps, rates of 1e9 /s leave 1e-16 of them; components rebuild each share to 1e-9
    assert float(relaxation.current(0.0)) == pytest.approx(expected, abs=1e-9 * largest)
    assert relaxation.steady_current + float(relaxation.currents.sum()) == pytest.approx(expected, abs=1e-9 * largest)
    assert float(relaxation.current(10.0)) == pytest.approx(relaxation.steady_current, rel=1e-9, abs=1e-9)
    for time in (1e-6, 1e-4, 1e-2):
        width = 1e-3 * time
        ahead, behind = relaxation.moved([time + width, time - width])
        slope = float(ahead - behind) / (2.0 * width) + relaxation.steady_current
        # the difference leaves (width / time scale)^2/6, and 1e-15 of the charge over the width
        assert float(relaxation.current(time)) == pytest.approx(slope, rel=1e-5, abs=1e-14 / width + 1e-6)


@pytest.mark.parametrize("case", JUMPS)
@pytest.mark.parametrize("name", EXPLICIT)
def test_components_add_up_to_the_charge_found_without_them(name: str, case: str) -> None:
    relaxation = jumped(name, case)
    # the sum of what eigenvectors leave, up to 1e-7 a state
    assert relaxation.charge == pytest.approx(float(relaxation.charges.sum()), abs=1e-6)
    assert relaxation.charge == pytest.approx(float(relaxation.moved(1e6)), abs=1e-6)
    assert relaxation.charge == pytest.approx(relaxation.charge_between(0.0, np.inf), abs=1e-6)
    assert relaxation.charge == pytest.approx(float(relaxation.charges[relaxation.seen].sum()), abs=1e-4)
    assert np.all(np.diff(np.hypot(relaxation.rates, relaxation.frequencies)) >= 0.0)
    assert np.all(relaxation.rates > 0.0)
    assert len(relaxation.rates) == len(relaxation.scheme.states) - 1


@pytest.mark.parametrize("trapped", [("inside.K", "inside.Na", "outside.K"), ("inside.ADP", "inside.K", "inside.Na"),
                                     ("inside.ATP", "inside.K", "inside.Na"), ("outside.K", "outside.Na", "inside.Pi")])
@pytest.mark.parametrize("name", EXPLICIT)
def test_an_enzyme_that_is_all_but_trapped_keeps_its_components(name: str, trapped: tuple[str, ...]) -> None:
    """Rates from 1e-6 to 1e10 /s: the slow ones are lost to rounding unless they are found from the inverse."""
    relaxation = jump(scheme_named(name), {"membrane.V": -20.0}, {**dict.fromkeys(trapped, ABSENT), "membrane.V": 60.0},
                      "physiological")
    start = shares(relaxation.occupancies(0.0))
    np.testing.assert_allclose(start, shares(relaxation.before), atol=1e-5)  # what the package promises
    assert relaxation.charge == pytest.approx(float(relaxation.charges.sum()), rel=1e-6, abs=1e-6)
    assert np.all(relaxation.rates > 0.0)


def test_current_rises_after_a_jump_of_ATP() -> None:
    """As in experiments with caged ATP: from rest without ATP, no charge moves at once, then the pump starts."""
    scheme = scheme_named("post-albers-23")
    relaxation = jump(scheme, {"inside.Na": 40.0, "inside.K": 1.0, "inside.ATP": 1e-6, "membrane.V": 0.0},
                      {"inside.ATP": 0.5}, "physiological")
    times = np.geomspace(1e-5, 1.0, 15)
    _, current, _ = integrated(relaxation, times)
    trace = relaxation.current(times)
    assert abs(float(relaxation.current(0.0))) < 0.01 * relaxation.steady_current
    assert relaxation.steady_current > 10.0
    assert np.max(trace) > relaxation.steady_current  # all pumps start together, from one end of their cycle
    # the solver's 1e-9 of a share times charge-carrying rates of 1e9 /s, which its fast modes have damped
    np.testing.assert_allclose(trace, current, atol=1e-3 * relaxation.steady_current)


@given(SEEDS)
@DRAWS
def test_random_schemes_obey_the_matrix_exponential(seed: int) -> None:
    random = np.random.default_rng(seed)
    before = {"inside.Na": 10.0 ** random.uniform(-1, 1), "outside.Na": 10.0 ** random.uniform(-1, 1),
              "membrane.V": random.uniform(-100, 100)}
    relaxation = jump(carrier(seed), before, {"membrane.V": random.uniform(-100, 100)})
    matrix, current = generator(relaxation.after)
    for time in 1.0 / np.array([1e6, 1e4, 1e3, 1e2]):
        expected = expm(matrix * time) @ shares(relaxation.before)
        # rates within 1e-2 to 1e2 times 1e3 /s and eigenvectors of a graded matrix: some ten digits are left
        np.testing.assert_allclose(shares(relaxation.occupancies(time)), expected, atol=1e-9)
        assert float(relaxation.current(time)) == pytest.approx(float(current @ expected), rel=1e-7,
                                                                abs=1e-10 * np.max(np.abs(current)))
    assert relaxation.charge == pytest.approx(float(relaxation.charges.sum()), rel=1e-8, abs=1e-9)


@given(SEEDS)
@DRAWS
def test_near_equilibrium_components_are_those_of_a_symmetric_matrix(seed: int) -> None:
    """With sodium at equilibrium across the membrane no component oscillates, and no current stays."""
    random = np.random.default_rng(seed)
    scheme = carrier(seed)
    voltage = float(random.uniform(-100, 100))
    outside = 10.0 * float(np.exp(voltage / scheme.constants.thermal_voltage))
    relaxation = jump(scheme, {"inside.Na": 10.0, "outside.Na": 1.0, "membrane.V": 0.0},
                      {"outside.Na": outside, "membrane.V": voltage})
    matrix, current = generator(relaxation.after)
    assert relaxation.steady_current == pytest.approx(0.0, abs=1e-12 * np.max(np.abs(current)))
    assert not relaxation.oscillates
    root = np.sqrt(shares(relaxation.after))
    symmetric = matrix * (root / root[:, np.newaxis])
    expected = np.sort(-np.linalg.eigvalsh((symmetric + symmetric.T) / 2.0))[1:]
    # either way loses some 1e-15 of the largest rate
    np.testing.assert_allclose(relaxation.rates, expected, rtol=1e-9, atol=1e-14 * np.max(np.abs(matrix)))


@pytest.mark.parametrize("name", EXPLICIT)
def test_charge_of_sodium_alone_is_a_function_of_the_voltage(name: str) -> None:
    scheme, window = scheme_named(name), {**SODIUM_ALONE, "inside.Na": 1000.0, "outside.Na": 200.0}
    moved = {(start, end): jump(scheme, {**window, "membrane.V": start}, {"membrane.V": end}, "nakao-gadsby-1989").charge
             for start, end in ((-60.0, 20.0), (20.0, -60.0), (20.0, 80.0), (-60.0, 80.0))}
    # the 15 states do not cycle at all without potassium; the slip of the 23 states, 1 /s, does, beside 1000 /s
    leak = 1e-6 if name == "pan-2018-15" else 0.02
    assert moved[-60.0, 20.0] == pytest.approx(-moved[20.0, -60.0], abs=leak)
    assert moved[-60.0, 20.0] + moved[20.0, 80.0] == pytest.approx(moved[-60.0, 80.0], abs=leak)
    assert 0.3 < moved[-60.0, 80.0] < 1.2


def driven_ring(rate: float, back: float) -> tuple[Scheme, Conditions]:
    """Three states around which sodium is driven out at 0 mV, all rates `rate` forward and `back` times it backward."""
    outside = back**3  # against 1 mM inside, this drives each step by a factor of 1/back
    values = {"on": rate, "f": rate, "b": rate * back, "b2": rate * back / outside}
    steps = (
        Step("bind", "A", "B", symbol("on"), symbol("b"), {"inside.Na": 1}),
        Step("cross", "B", "C", symbol("f"), symbol("b"), charge=1.0),
        Step("free", "C", "A", symbol("f"), symbol("b2"), {}, {"outside.Na": 1}))
    return Scheme("ring", steps, constants(steps, values)), {"inside.Na": 1.0, "outside.Na": outside, "membrane.V": 0.0}


def test_a_driven_ring_of_three_oscillates() -> None:
    """Its components decay at 3/2 k (1 + b) and oscillate at sqrt(3)/2 k (1 - b), with k the rate and b the share back."""
    rate, back = 2.0, 1e-2
    scheme, conditions = driven_ring(rate, back)
    relaxation = jump(scheme, {**conditions, "membrane.V": -50.0}, {"membrane.V": 0.0})
    assert relaxation.oscillates
    np.testing.assert_allclose(relaxation.rates, 1e3 * rate * 1.5 * (1.0 + back), rtol=1e-12)
    np.testing.assert_allclose(np.sort(relaxation.frequencies), 1e3 * rate * np.sqrt(0.75) * (1.0 - back) * np.array([-1, 1]),
                               rtol=1e-12)
    assert relaxation.charges[0] == pytest.approx(relaxation.charges[1], rel=1e-12)
    assert relaxation.charges.sum() == pytest.approx(relaxation.charge, rel=1e-12)
    # all states are equally full afterwards, and one charge passes a turn
    assert relaxation.steady_current == pytest.approx(1e3 * rate * (1.0 - back) / 3.0, rel=1e-12)


def test_charge_of_potassium_alone_only_where_its_binding_carries_charge() -> None:
    voltages = np.arange(-160.0, 161.0, 40.0)
    conditions = {**POTASSIUM_ALONE, "outside.K": 1.0}
    none = charge_voltage(scheme_named("pan-2018-15"), voltages, 0.0, conditions, "physiological")
    np.testing.assert_allclose(none, 0.0, atol=1e-9)  # binding of potassium is electroneutral in that scheme
    some = charge_voltage(scheme_named("post-albers-23"), voltages, 0.0, conditions, "physiological")
    assert np.all(np.diff(some) > 0.0)
    assert 0.01 < some[-1] - some[0] <= 2 * 0.185 + 1.63  # two sites of 0.185 e, and the way back of empty ones
    with pytest.raises(ModelError, match=r"the charge changes by .* choose conditions under which charge moves"):
        fit_boltzmann(voltages, none, 25.0)


def test_nothing_moves_without_a_jump() -> None:
    still = respond(scheme_named("post-albers-23"), base="physiological")
    found = relaxation(still, still)
    assert found.charge == 0.0
    assert not np.any(found.seen)
    np.testing.assert_array_equal(found.current([0.0, 1.0]), found.steady_current)
    with pytest.raises(ModelError) as caught:
        jump(still.scheme, {"membrane.V": -80.0}, {"membrane.V": "-80 mV", "outside.K": 5.4}, "physiological")
    assert str(caught.value) == ("post-albers-23: the jump changes nothing: membrane.V is -80 mV before too, outside.K is 5.4 "
                                 "mM before too; give one that differs from that before")
    with pytest.raises(ModelError, match="changes nothing: no value after it is given"):
        jump(still.scheme, {}, {}, "physiological")


def test_a_jump_may_come_with_units_and_is_told_in_a_few_lines() -> None:
    scheme = scheme_named("post-albers-23")
    plain, found = (jump(scheme, {"membrane.V": before}, {"membrane.V": after}, "physiological")
                    for before, after in ((-80.0, 40.0), ("-0.08 V", 40.0 * mV)))
    assert found.charge == plain.charge
    assert len(str(found)) < 600
    assert str(found).startswith("post-albers-23 after a jump of membrane.V from -80 to 40 mV\n  moves ")
    assert repr(found) == str(found)


def test_a_jump_to_nothing_of_an_ion_is_that_to_almost_nothing() -> None:
    scheme = scheme_named("post-albers-23")
    none, trace = (jump(scheme, {}, {"inside.K": left, "outside.K": left}, "physiological") for left in (0.0, ABSENT))
    assert none.charge == pytest.approx(trace.charge, rel=1e-5)
    np.testing.assert_allclose(none.current([1e-4, 1e-2]), trace.current([1e-4, 1e-2]), rtol=1e-5)


def test_charge_against_voltage_is_that_of_single_jumps() -> None:
    scheme = scheme_named("post-albers-23")
    voltages = np.array([[-80.0, -20.0], [20.0, 80.0]])
    found = charge_voltage(scheme, voltages, -40.0, SODIUM_ALONE, "nakao-gadsby-1989")
    assert found.shape == voltages.shape
    for voltage, charge in zip(voltages.flat, found.flat, strict=True):
        relaxation = jump(scheme, {**SODIUM_ALONE, "membrane.V": -40.0}, {"membrane.V": voltage}, "nakao-gadsby-1989")
        assert charge == relaxation.charge
    alone = charge_voltage(scheme, 20.0, -40.0, SODIUM_ALONE, "nakao-gadsby-1989")
    assert alone.shape == ()
    assert float(alone) == found[1, 0]
    slow, fast = (float(charge_voltage(scheme, 20.0, -40.0, SODIUM_ALONE, "nakao-gadsby-1989", between))
                  for between in ((0.0, 1e5), (1e5, np.inf)))
    assert slow + fast == pytest.approx(float(alone), abs=1e-8)
    assert slow > 5.0 * fast > 0.0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_boltzmann_curve_is_found_again(sign: float) -> None:
    voltages = np.linspace(-150.0, 130.0, 15)
    charges = 0.2 + sign * 0.9 / (1.0 + np.exp(-1.3 * (voltages + 40.0) / 25.7))
    curve = fit_boltzmann(voltages[::-1], charges[::-1], 25.7)
    assert curve.midpoint == pytest.approx(-40.0, abs=1e-6)
    assert (curve.valence, curve.total, curve.start) == pytest.approx((1.3, sign * 0.9, 0.2), abs=1e-7)
    assert curve.misfit < 1e-8
    np.testing.assert_allclose(curve.at(voltages), charges, atol=1e-8)


def test_what_no_boltzmann_curve_fits_is_told_in_plain_words() -> None:
    voltages = np.linspace(-100.0, 100.0, 9)
    with pytest.raises(SolveError) as outside:
        fit_boltzmann(voltages, 1.0 / (1.0 + np.exp(-(voltages - 180.0) / 25.7)), 25.7)
    assert str(outside.value).startswith("the Boltzmann curve nearest to these 9 charges has its midpoint at 180 mV, outside "
                                         "the voltages from -100 to 100 mV: an extrapolation; give voltages on both sides ")
    with pytest.raises(SolveError) as caught:
        fit_boltzmann(voltages, (voltages / 100.0)**3, 25.7)  # it rises at both ends, where a curve ends flat
    assert str(caught.value) == ("no Boltzmann curve fits these 9 charges, from -1 to 1 e: the best one found misses them by "
                                 "0.2 e, 9.8 % of their span; they may hold more than one component; `between` of "
                                 "charge_voltage keeps those of some rates")


def test_what_a_boltzmann_curve_needs() -> None:
    with pytest.raises(ModelError, match="has 4 numbers, but 3 points are given; give more voltages"):
        fit_boltzmann([-50.0, 0.0, 50.0], [0.0, 0.5, 1.0], 25.0)
    with pytest.raises(ModelError, match="5 voltages come with 4 charges"):
        fit_boltzmann([-50.0, 0.0, 50.0, 60.0, 70.0], [0.0, 0.5, 1.0, 1.0], 25.0)


class SimpleLaw:
    """Something that is no scheme."""

    name = "law"


def test_refusals() -> None:
    scheme = scheme_named("post-albers-23")
    with pytest.raises(ModelError, match="already contain binding that the voltage drives, so the charge of that binding"):
        jump(scheme_named("pan-2018-4"), {}, {"membrane.V": 0.0}, "physiological")
    with pytest.raises(ModelError, match="already contain binding"):
        charge_voltage(scheme_named("pan-2018-4"), [0.0], -50.0, {}, "physiological")
    with pytest.raises(ModelError, match=r"from one condition to another, but .* has the shape \(2,\)"):
        jump(scheme, {}, {"membrane.V": [0.0, 50.0]}, "physiological")
    with pytest.raises(ModelError, match=r"is for one condition, but those given have the shape \(2,\)"):
        charge_voltage(scheme, [0.0], -50.0, {"outside.Na": [50.0, 100.0]}, "physiological")
    with pytest.raises(NameUnknown, match=r"it knows no 'membrane\.U'"):
        jump(scheme, {}, {"membrane.U": 1.0}, "physiological")
    with pytest.raises(SolveError, match=r"ends up in 'ATP\.E1' or in 'P-E2', depending on where it begins"):
        jump(scheme_named("pan-2018-15"), {}, dict.fromkeys(("inside.K", "outside.K", "inside.Na", "outside.Na"), 0.0),
             "physiological")
    with pytest.raises(ModelError, match="a jump is asked of 'law', a SimpleLaw, but needs the scheme of an enzyme"):
        charge_voltage(SimpleLaw(), [0.0], 0.0)  # type: ignore[arg-type]
    relaxation = jumped("post-albers-23", "ATP")
    with pytest.raises(ModelError, match="-1 s is not a time after the jump"):
        relaxation.current([0.0, -1.0])
    with pytest.raises(ModelError, match="rates from 10 to 1 1/s; give the slower one first"):
        relaxation.charge_between(10.0, 1.0)


def test_components_that_coincide_are_refused() -> None:
    """A to B to C at one rate and nothing back: B runs as t exp(-t), which no sum of exponentials is."""
    scheme, _ = driven_ring(1.0, 0.1)
    traffic = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    with pytest.raises(SolveError, match=r"rates from 1 to 1 1/s rebuilds its jump, .* of the enzyme is lost"):
        _components(scheme, traffic, np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, -1.0]))


def test_components_of_one_rate_are_taken_from_one_side() -> None:
    close = np.array([1.0, 1e4 * (1.0 - 1e-9), 1e4 * (1.0 + 1e-9), 1e8])
    assert _cut(close, close) in (1, 3)
    apart = np.array([1e-6, 1e3, 1e9])
    assert _cut(apart, apart) in (1, 2)
    assert _cut(np.array([1.0]), np.array([1.0])) in (0, 1)
