"""Runs: edges, ramps and pulses exactly, interruption, failure, and the change of the ion that closes the charge."""

import _thread
import re
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from tests.unit.lab.toys import cell, decay, integrator

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.formats.light import LightModel, light
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.programs import program_for
from pumpleak.lab.protocol import Protocol, hold, pulse, ramp, settle
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.system.expression import log, number, symbol
from pumpleak.system.system import Event, Quadrature, State, System
from pumpleak.system.transform import tamper

S = symbol


def test_a_model_runs_as_it_is() -> None:
    result = run(decay(), "1 s")
    assert result.complete
    assert len(result.time.value) == 1001  # type: ignore[arg-type]
    # ten times the tolerance of a step, over some twenty steps that all err one way
    assert result.column("a") == pytest.approx(np.exp(-result.time.to("s")), rel=1e-7)


def test_edges_are_hit_exactly_and_stand_twice() -> None:
    protocol = hold("100 ms", {"k": "0.02 1/ms"}) + hold("0.3 s", {"k": "0 1/ms"}) + hold("1 s")
    result = run(Experiment(decay(), protocol, samples=3))
    times = result.column("time") if "time" in result else result.time.to("ms")
    assert list(times) == [0.0, 100.0, 100.0, 400.0, 400.0, 700.0, 1400.0]
    # the parameter's column shows its jump, and afterwards the model's own value is back
    assert list(result["k"].to("1/ms")) == [0.02, 0.02, 0.0, 0.0, 1e-3, 1e-3, 1e-3]
    expected = np.exp([0.0, -2.0, -2.0, -2.0, -2.0, -2.3, -3.0])
    assert result.column("a") == pytest.approx(expected, rel=1e-7)


def test_a_pulse_of_a_tenth_of_a_millisecond_in_an_hour_is_seen() -> None:
    protocol = pulse("0.1 ms", {"u": "5 fmol/ms"}, after="59 min") + hold("1 min")
    result = run(Experiment(integrator(), protocol, samples=11))
    assert result.final("x").to("fmol") == pytest.approx(0.5, rel=1e-8)  # 0.1 ms at 3.54e6 ms is known to 5e-10 ms
    assert np.max(result.column("speed")) == 5.0


def test_a_ramp_is_followed_in_time() -> None:
    up, high = ramp("10 ms", {"u": "4 fmol/ms"}), hold("10 ms", {"u": "4 fmol/ms"})
    protocol = up + high + ramp("10 ms", {"u": ("4 fmol/ms", "0 fmol/ms")})
    result = run(Experiment(integrator(), protocol, samples=31))
    assert result.final("x").to("fmol") == pytest.approx(20.0 + 40.0 + 20.0, rel=1e-12)
    rising = result.time.to("ms") <= 10.0
    assert result.column("u")[rising][:11] == pytest.approx(np.linspace(0.0, 4.0, 11), rel=1e-12)


def test_settle_jumps_to_the_rest_under_its_values() -> None:
    protocol = settle({"pump.activity": 0.5}) + hold("1 s") + settle()
    result = run(Experiment(cell(), protocol, samples=2))
    assert list(result.time.to("ms")) == [0.0, 0.0, 1000.0, 1000.0]
    assert result.notes == ("a toy",)
    assert list(result["pump.activity"].to("1")) == [0.5, 1.0, 1.0, 1.0]
    assert result.column("inside.Na")[0] > 1.5 * result.column("inside.Na")[3]


def test_a_start_on_an_unstable_rest_is_remarked() -> None:
    summit = System("summit", (State("x", "mM", 0.0, 1.0),), {"x": 1e-3 * S("x") * (1.0 - S("x"))})
    result = run(Experiment(summit, hold("1 s"), start="rest", samples=3))
    assert result.notes == ("at 0 ms it was put on an unstable rest, which it may leave",)


def test_a_start_at_rest_stays_there() -> None:
    result = run(Experiment(cell(), hold("1 h"), start="rest", samples=11))
    assert np.ptp(result.column("membrane.V")) < 1e-9


def test_settling_where_there_is_no_rest_is_an_error_with_the_run_so_far() -> None:
    with pytest.raises(SolveError, match=r"stopped at 1 s of 1 s: it cannot settle: no rest: inside.volume grows") as caught:
        run(Experiment(cell(), hold("1 s") + settle({"pump.activity": 0})))
    assert isinstance(caught.value.partial, Result)
    assert caught.value.partial.final("membrane.V").to("mV") < -20.0


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """A shell's background job inherits a handler that ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interruption_answers_soon_and_keeps_what_was_computed(hears_interrupts: None) -> None:
    slow = Experiment(_oscillator(), hold("1e5 years"), samples=11)
    program_for(slow.model)  # compiled before the clock starts
    delays: list[float] = []
    while len(delays) < 3 and (not delays or delays[-1] >= 0.2):  # a loaded machine gets a second chance
        began = perf_counter()
        timer = threading.Timer(0.3, _thread.interrupt_main)
        timer.start()
        with pytest.raises(SolveError, match="interrupted; what was computed is kept") as caught:
            run(slow)
        delays.append(perf_counter() - began - 0.3)
        timer.join()
    assert delays[-1] < 0.2
    partial = caught.value.partial
    assert isinstance(partial, Result)
    assert partial.status == "interrupted"
    assert not partial.complete
    # all it had done is there, up to the last accepted step; the circle has kept its radius
    assert partial.time.to("ms")[-1] == caught.value.time > 1000.0  # type: ignore[index,operator]
    radius = np.hypot(partial.column("x"), partial.column("y"))
    assert radius[-1] == pytest.approx(1.0, abs=0.1)


def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    run(Experiment(decay(), hold("1 s") + hold("1 s")), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_solution_that_runs_off_is_an_error_that_holds_what_there_is() -> None:
    system = System("runaway", (State("x", "mM", 1.0, 1.0), State("other", "mM", 0.0, 1.0)),
                    {"x": S("x") * S("x") * 1e-3, "other": number(0.0)})
    with pytest.raises(SolveError) as caught:
        run(system, "1 h")
    error = caught.value
    assert error.time == pytest.approx(1000.0, rel=1e-6)  # x = 1/(1 - t/1000)
    assert error.state == "x"
    assert error.values["x"] > 1e6
    assert str(error).startswith("runaway: stopped at 1 s of 1 h: the step became too small")
    assert "in x (last good value" in str(error)
    assert isinstance(error.partial, Result)
    assert error.partial.column("x")[-1] == error.values["x"]


def test_a_rate_that_becomes_undefined_is_an_error() -> None:
    system = System("sinking", (State("x", "mM", 1.0, 1.0),), {"x": -1e-3 + 0.0 * log(S("x")) - 1e-9 * log(S("x"))})
    with pytest.raises(SolveError) as caught:
        run(system, "1 h")
    assert caught.value.time == pytest.approx(1000.0, rel=1e-3)
    assert "look at" in str(caught.value)


def test_an_integral_that_becomes_undefined_is_named() -> None:
    system = System("sinking", (State("x", "mM", 1.0, 1.0),), {"x": number(-1e-3)},
                    quadratures=(Quadrature("lost", "mM ms", log(S("x"))),))
    with pytest.raises(SolveError, match="in lost") as caught:
        run(system, "1 h")
    assert caught.value.state == "lost"


def test_a_parameter_that_is_not_a_number_is_an_error_at_once() -> None:
    with pytest.raises(SolveError, match="a rate became infinite or undefined, in a") as caught:
        run(decay(float("nan")), "1 h")
    assert caught.value.time == 0.0


def test_events_restart_or_stop() -> None:
    bounce = Event("bounce", S("x") - 1.0, {"x": number(0.5)})
    system = replace(integrator(), events=(bounce,))
    result = run(Experiment(system, hold("1.8 s", {"u": "1e-3 fmol/ms"}), samples=5))
    # from 0 to 1 in 1000 ms, then from 1/2 again after every 500 ms
    assert result.final("x").to("fmol") == pytest.approx(0.8, abs=1e-6)
    stop = replace(integrator(), events=(Event("full", S("x") - 1.0, action="stop"),))
    stopped = run(Experiment(stop, hold("2 s", {"u": "1e-3 fmol/ms"}) + hold("1 s"), samples=5))
    assert stopped.status == "stopped by full"
    assert stopped.time.to("ms")[-1] == pytest.approx(1000.0, abs=1e-5)  # type: ignore[index]


def test_another_ion_takes_over_the_charge_and_nothing_jumps() -> None:
    result = run(Experiment(cell(), hold("40 h", {"pump.activity": 0}) + hold("80 h"), samples=2001))
    chosen = [books["capacitors"][0]["dependent"] for books in
              (stretch.program.labels.books for stretch in result._record.stretches) if books]
    assert chosen[0] == "inside.K.amount"
    assert set(chosen) != {"inside.K.amount"}
    times, kept = np.unique(result.time.to("ms"), return_index=True)
    for name in ("inside.K.amount", "inside.Na.amount", "inside.Cl.amount", "pump.extent", "membrane.charge"):
        steps = np.abs(np.diff(result.column(name)))
        at_same_time = steps[np.diff(result.time.to("ms")) == 0.0]
        # what closes the charge is a sum of the others: carried over to the last bits of the largest
        assert np.max(at_same_time) <= 1e-12 * np.max(np.abs(result.column(name)))
    assert len(times) == len(kept)
    assert result.ledger.ok
    rows = {row.name: row.residual for row in result.ledger.species}
    assert max(rows.values()) <= 1e-10


def test_until_belongs_to_models_only() -> None:
    with pytest.raises(ModelError, match="until '1 s' was given with an experiment"):
        run(Experiment(decay(), hold("1 s")), "1 s")
    with pytest.raises(ModelError, match="run: 'decay' was given without a time; give until='10 min', or an Experiment"):
        run(decay())


def _oscillator() -> System:
    """A circle in the plane, once round in 6 ms, without end."""
    return System("circle", (State("x", "mM", 1.0, 1.0), State("y", "mM", 0.0, 1.0)), {"x": -S("y"), "y": S("x")})


def test_less_than_nothing_of_something_is_named() -> None:
    """Without its anion the cell has too little negative charge for any K+ to be left."""
    empty = cell()
    empty = replace(empty, parameters=tuple(replace(p, value=0.0) if p.name == "inside.X.amount" else p
                                            for p in empty.parameters))
    with pytest.raises(SolveError, match=r"at 0 ms of 1 s: inside\.K\.amount is -5 fmol under the values") as caught:
        run(empty, "1 s")
    assert isinstance(caught.value.partial, Result)


def test_a_ledger_without_numbers_is_a_failure_of_the_run() -> None:
    lost = tamper(cell(), definitions={"energy.free": lambda energy: energy * log(-1.0 * S("inside.volume"))})
    with pytest.raises(SolveError, match=r"lost on the way: free energy of energy\.free is nan") as caught:
        run(lost, "1 s")
    assert isinstance(caught.value.partial, Result)


def test_a_segment_that_charges_a_bath_is_remarked() -> None:
    neuron = light("neuron")
    said = r"From 1 s to 2 s the bath 'bath' carries \+8\.7 mM of net charge and 305\.3 mM of solutes"
    for course in (hold("1 s", {"bath.K": "12 mM"}), ramp("1 s", {"bath.K": "12 mM"})):
        (remark,) = [each for each in run(hold_first(neuron, course)).remarks if "charge" in each]
        assert re.match(said, remark)
    exchanged = hold("1 s", {"bath.K": "12 mM", "bath.Na": "136.3 mM"})
    assert not [each for each in run(hold_first(neuron, exchanged)).remarks if "charge" in each]


def hold_first(model: LightModel, course: Protocol) -> Experiment:
    return Experiment(model, hold("1 s") + course, samples=11)
