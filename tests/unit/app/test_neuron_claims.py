"""The neuron at rest and its excitability: what the claims compute from rests and runs."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.app.bench import Bench
from pumpleak.app.claims.clamped import Clamped
from pumpleak.app.claims.excitability import Response, responses_of
from pumpleak.app.claims.potential import NEURON_STEP, Block, Goldman
from pumpleak.app.claims.resting import potassium_slope, rise, time_constant
from pumpleak.formats.catalog import light, study
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold, pulse
from pumpleak.lab.run import run


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


def test_the_clamped_neuron_rests_where_the_cell_does(bench: Bench) -> None:
    rest = bench.rest("neuron")
    membrane = Clamped.of(rest)
    # rounding of currents of some pA that cancel
    assert membrane.current() == pytest.approx(0.0, abs=1e-9)
    assert Clamped.of(rest, pump=False).current() == pytest.approx(-rest.values["pump.current"], rel=1e-9)


def test_slow_inactivation_stands_still_and_all_other_gates_follow(bench: Bench) -> None:
    membrane = Clamped.of(bench.rest("neuron"))
    names = [state.name for state in membrane.program.labels.states]
    assert {names[place] for place in membrane.gates} == {"channel_Na.m", "channel_Na.h", "channel_K.n", "channel_KM.q"}


def test_slope_and_chord_are_of_one_curve(bench: Bench) -> None:
    membrane = Clamped.of(bench.rest("neuron"))
    for depolarised in (0.0, 4.0):
        chord = (membrane.current(depolarised + 0.01) - membrane.current(depolarised - 0.01)) / 0.02
        # the chord of 0.02 mV leaves a millionth of curvature
        assert membrane.slope(depolarised) == pytest.approx(chord, rel=1e-5)


def test_without_gates_the_membrane_settles_with_its_one_time_constant(bench: Bench) -> None:
    rest = bench.rest("generic-cell")
    membrane = Clamped.of(rest, pump=False)
    assert membrane.settling == pytest.approx(rest.values["membrane.capacitance"] / membrane.slope(), rel=1e-12)


def test_the_time_constant_is_that_of_a_step_of_current(bench: Bench) -> None:
    """A step of 0.5 pA, read when the gates have followed and the ions have hardly moved."""
    rest = bench.rest("neuron")
    result = run(Experiment(light("neuron"), hold("1 ms") + hold("150 ms", {"stimulus.injected": "0.5 pA"}), start="rest"))
    resistance = (result.final("membrane.V").to("mV") - rest.values["membrane.V"]) / 0.5
    # ions that move meanwhile and the bend of the curve
    assert time_constant(bench) == pytest.approx(float(resistance) * rest.values["membrane.capacitance"], rel=0.03)


def test_the_ratio_of_passive_fluxes_is_what_the_others_leave(bench: Bench) -> None:
    rest, step = bench.rest("neuron"), bench.run(NEURON_STEP)
    goldman = Goldman.of(rest, step)
    assert goldman.ratio == pytest.approx(goldman.left, rel=1e-9)
    assert goldman.potential(goldman.ratio) == pytest.approx(rest.values["membrane.V"], abs=1e-6)
    turns, slips = rest.values["pump.dephosphorylate.flux"], rest.values["pump.slip_dephosphorylate.flux"]
    kcc2, nkcc1 = rest.values["kcc2.flux"], rest.values["nkcc1.flux"]
    assert goldman.left == pytest.approx((3.0 * (turns + slips) - nkcc1) / (2.0 * turns + kcc2 + nkcc1), rel=1e-12)
    assert 1.0 < Block.of(rest, step, 5.0).step < 10.0


def test_a_response_counts_beyond_the_charge_of_its_pulse() -> None:
    """300 fC onto 9 pF lift by 33 mV at most; a weak pulse evokes nothing of its own, a strong one a spike."""
    weak, strong = pulse("0.5 ms", {"stimulus.injected": "100 pA"}), pulse("0.5 ms", {"stimulus.injected": "600 pA"})
    protocol = hold("1 ms") + weak + hold("50 ms") + strong + hold("20 ms", {"pump.activity": 0})
    small, large = responses_of(run(Experiment(light("neuron"), protocol, start="rest", every="0.05 ms")))
    assert (small.lift, large.lift) == (pytest.approx(50.0 / 9.0), pytest.approx(300.0 / 9.0))
    assert small.own == 0.0
    assert 0.0 < small.height < small.lift
    assert large.own == pytest.approx(large.height - large.lift)
    assert large.own > 50.0
    assert large.minute == pytest.approx(51.5 / 6e4)
    assert large.time[0] == 0.0
    assert large.time[-1] == pytest.approx(10.5, abs=0.06)


def test_height_is_from_the_first_row() -> None:
    response = Response(0.0, np.array([0.0, 1.0, 2.0]), np.array([-70.0, 20.0, -60.0]), 30.0, 60.0, False)
    assert (response.peak, response.height, response.own) == (20.0, 90.0, 60.0)


def test_rise_and_slope_are_read_at_their_times() -> None:
    """Ten seconds in more potassium: V and E_K over the second halves of both steps, sodium after one second."""
    protocol = hold("1 s") + hold("5 s", {"bath.K": "10 mM"}) + hold("5 s", {"bath.K": "12 mM"})
    result = run(Experiment(light("neuron"), protocol, start="rest", every="0.5 s"))
    seconds = np.asarray(result.time.to("s"))
    changes = [float(np.mean(column[(seconds > 8.5) & (seconds <= 11.0)]) - np.mean(column[(seconds > 3.5) & (seconds <= 6.0)]))
               for column in (result.column("membrane.V"), result.column("leak_K.reversal"))]
    assert potassium_slope(result) == pytest.approx(changes[0] / changes[1], rel=1e-12)
    sodium = result.column("inside.Na")
    assert rise(result, 1e3) == pytest.approx(sodium[int(np.flatnonzero(seconds == 2.0)[0])] - sodium[0], abs=1e-12)


@pytest.mark.parametrize("name", ["neuron-sudden-block", "neuron-pump-stop", "neuron-potassium", "neuron-high-potassium",
                                  "neuron-run-down"])
def test_experiments_leave_the_bath_neutral(name: str) -> None:
    """Sodium falls by as much as potassium rises."""
    own = study(name).experiment.labels.parameters
    total = own["bath.K"].value + own["bath.Na"].value
    for span in study(name).experiment.spans:
        if "bath.K" in span.values:
            assert span.values["bath.K"] + span.values["bath.Na"] == pytest.approx(total)
