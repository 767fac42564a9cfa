"""One molecule: exact means, noise, distributions and first passages against independent ways to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.enzyme.counting import Counting, symmetry
from pumpleak.enzyme.molecule import Molecule, molecule_at
from pumpleak.enzyme.passage import passage, sojourn, waiting
from pumpleak.enzyme.reduction import reduce
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load

SCHEMES = ("pan-2018-4", "pan-2018-15", "post-albers-23", "chapman-1983")


def scheme(name: str) -> Scheme:
    found = load(name)
    assert isinstance(found, Scheme)
    return found


def at(name: str, volts: float = -80.0, **given: float) -> Molecule:
    return molecule_at(scheme(name), {"membrane.V": volts, **{key.replace("_", "."): value for key, value in given.items()}},
                       "physiological")


@pytest.mark.parametrize("name", SCHEMES)
def test_means_are_those_of_the_steady_state(name: str) -> None:
    one = at(name)
    for quantity, expected in {"ATP": one.steady.ATP, "Na": one.steady.Na, "K": one.steady.K, "charge": one.steady.current,
                               "outside.K": one.steady.transported("outside.K")}.items():
        # binding that is 1e5 times faster than turnover leaves so much of its rounding in sums over all jumps
        assert Counting(one, quantity).mean == pytest.approx(float(expected), rel=1e-8)


@pytest.mark.parametrize("name", SCHEMES)
def test_the_variance_is_the_second_derivative_of_the_cumulant_function(name: str) -> None:
    counting = Counting(at(name), "ATP")
    h = 0.02
    slopes = [(counting.cumulant(step) + counting.cumulant(-step)) / step**2 for step in (h, 2 * h)]
    # Richardson's rule leaves h^4; eigenvalues of stiff schemes are good to some 1e-9 of the fastest rate
    assert counting.variance == pytest.approx((4 * slopes[0] - slopes[1]) / 3, rel=2e-3)


@pytest.mark.parametrize("quantity", ["Na", "K", "charge"])
def test_what_every_turn_moves_alike_has_the_noise_of_turns(quantity: str) -> None:
    one = at("pan-2018-15")
    each = {"Na": 3.0, "K": 2.0, "charge": 1.0}[quantity]
    turns = Counting(one, "ATP")
    assert Counting(one, quantity).variance == pytest.approx(each**2 * turns.variance, rel=1e-6)


def test_reduction_keeps_mean_and_noise() -> None:
    full = scheme("post-albers-23")
    one, less = (molecule_at(each, {"membrane.V": -40.0}, "physiological") for each in (full, reduce(full).scheme))
    assert len(less.transitions) < len(one.transitions) / 2
    assert less.jumps < 1e-3 * one.jumps
    for quantity in ("ATP", "Na", "charge"):
        # what reduction allows itself is half a percent
        assert Counting(less, quantity).mean == pytest.approx(Counting(one, quantity).mean, rel=5e-3)
        assert Counting(less, quantity).fano == pytest.approx(Counting(one, quantity).fano, rel=5e-3)


@pytest.mark.parametrize("quantity", ["ATP", "Na", "K"])
def test_the_distribution_has_the_exact_moments(quantity: str) -> None:
    counting = Counting(at("pan-2018-4"), quantity)
    counts, chances = counting.distribution(0.7)
    assert chances.sum() == pytest.approx(1.0, abs=1e-11)
    mean = counts @ chances
    assert mean == pytest.approx(0.7 * counting.mean, rel=1e-9)
    assert (counts - mean) ** 2 @ chances == pytest.approx(counting.variance_in(0.7), rel=1e-8)


def test_the_variance_of_short_times_is_that_of_single_jumps_and_of_long_times_that_of_turns() -> None:
    counting = Counting(at("pan-2018-4"), "ATP")
    one, weights = counting.molecule, counting.weights
    gross = float(weights**2 @ (one.rates * one.shares[one.sources]))
    assert counting.variance_in(1e-8) == pytest.approx(gross * 1e-8, rel=1e-4)
    assert counting.fano_in(1e4) == pytest.approx(counting.fano, rel=1e-4)


def test_waiting_times_have_the_mean_of_forward_jumps_and_a_density_of_one() -> None:
    one = at("pan-2018-4")
    wait = waiting(one)
    forward = one.moved("ATP") > 0.0
    assert 1.0 / wait.mean == pytest.approx(float(one.rates[forward] @ one.shares[one.sources[forward]]), rel=1e-9)
    until = wait.lasting(1e-9)
    for weight, expected in ((lambda t: 1.0, 1.0), (lambda t: t, wait.mean),
                             (lambda t: t * t, wait.mean**2 * (1.0 + wait.variation**2))):
        found, _ = quad(lambda t, weight=weight: weight(t) * float(wait.density(t)), 0.0, until, points=[wait.mean], limit=200)
        assert found == pytest.approx(expected, rel=1e-5)
    times = np.array([[0.3, 0.0], [0.1, 0.2]])
    assert wait.longer(times).shape == (2, 2)
    assert wait.longer(times)[0, 1] == 1.0
    for time in times.ravel():
        assert wait.longer(time) == pytest.approx(1.0 - quad(lambda t: float(wait.density(t)), 0.0, time)[0], abs=1e-7)


def test_passages_between_states_add_up_and_stays_have_the_mean_of_shares() -> None:
    one = at("pan-2018-15")
    states = one.scheme.states
    # Kemeny: the steady mean of the time to a state drawn from the steady state does not depend on where one starts
    sums = [sum(share * passage(one, source, target).mean for target, share in zip(states, one.shares, strict=True)
                if target != source) for source in states[:4]]
    assert max(sums) == pytest.approx(min(sums), rel=1e-6)
    single = sojourn(one, [states[6]])
    assert single.mean == pytest.approx(one.dwells[6], rel=1e-12)
    assert single.variation == pytest.approx(1.0, rel=1e-9)
    pair = sojourn(one, states[3:6])
    inside = [one.state(state) for state in states[3:6]]
    entering = ~np.isin(one.sources, inside) & np.isin(one.targets, inside)
    rate = float(one.rates[entering] @ one.shares[one.sources[entering]])
    assert pair.mean == pytest.approx(one.shares[inside].sum() / rate, rel=1e-9)


@pytest.mark.parametrize("volts", [-330.0, -300.0, -260.0, -200.0, -80.0])
def test_the_cumulant_function_is_symmetric_about_half_the_affinity(volts: float) -> None:
    found = symmetry(at("pan-2018-4", volts))
    for s in (-1.3, -0.4, 0.2, 0.9):
        # eigenvalues are good to 1e-15 of the fastest rates, 1e5 /s
        assert abs(found.excess(s)) < 1e-9 * max(1.0, abs(found.counting.cumulant(s)))


@pytest.mark.parametrize("volts", [-330.0, -300.0, -260.0])
def test_from_the_equilibrium_with_the_step_blocked_turns_are_symmetric_at_every_time(volts: float) -> None:
    found = symmetry(at("pan-2018-4", volts))
    for time in (0.1, 1.0, 10.0):
        counts, chances = found.counting.distribution(time, found.start)
        middle = int(np.flatnonzero(counts == 0)[0])
        for turns in (1, 2):
            up, down = chances[middle + turns], chances[middle - turns]
            # chances are good to 1e-13, and the rarest of these is 1e-8
            assert np.log(up / down) == pytest.approx(turns * found.affinity, abs=2e-4)


def test_what_is_asked_wrongly_is_refused_with_what_was_given() -> None:
    one = at("pan-2018-4")
    with pytest.raises(NameUnknown, match=r"pan-2018-4: nothing that it moves is called 'ATPs'; did you mean 'ATP'"):
        Counting(one, "ATPs").mean  # noqa: B018
    with pytest.raises(NameUnknown, match=r"pan-2018-4: it has no state 'E9'"):
        passage(one, "E9", "E1")
    with pytest.raises(ModelError, match=r"from 'E1' to itself; name two states"):
        passage(one, "E1", "E1")
    with pytest.raises(ModelError, match=r"a stay within 0 of its 4 states"):
        sojourn(one, [])
    with pytest.raises(ModelError, match=r"-1 s is no duration"):
        waiting(one).density(-1.0)
    with pytest.raises(ModelError, match=r"its steps move parts of charge, such as 0\.0549"):
        Counting(one, "charge").distribution(1.0)
    with pytest.raises(ModelError, match=r"ATP is counted for 0 s; give a time above 0"):
        Counting(one, "ATP").variance_in(0.0)
    with pytest.raises(ModelError, match=r"different counts of Na in 1e\+09 s, more than 32768"):
        Counting(one, "Na").distribution(1e9)
    with pytest.raises(ModelError, match=r"post-albers-23: it has \d+ independent cycles"):
        symmetry(at("post-albers-23"))
    with pytest.raises(ModelError, match=r"so that no turn is ever undone"):
        symmetry(at("pan-2018-4", inside_Pi=0.0))
    with pytest.raises(ModelError, match=r"a molecule meets one condition, but membrane\.V has the shape \(2,\)"):
        molecule_at(scheme("pan-2018-4"), {"membrane.V": np.array([0.0, 1.0])}, "physiological")
    with pytest.raises(ModelError, match=r"molecule is asked of the text 'pan-2018-4'"):
        molecule_at("pan-2018-4")  # type: ignore[arg-type]
