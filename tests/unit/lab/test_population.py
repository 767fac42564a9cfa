"""population: each member is what its own run is, whoever runs beside it, and a failing one is told apart."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pumpleak.base.errors import ModelError, NameUnknown, SolveError, UnitError
from pumpleak.base.units import Quantity, unit
from pumpleak.formats.catalog import load
from pumpleak.lab import population as module
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.population import population
from pumpleak.lab.protocol import hold
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.system.expression import symbol
from pumpleak.system.system import Event, Parameter, State, System

PUMPS = np.linspace(0.2, 1.2, 11)


@cache
def block() -> Experiment:
    """A pump that is stopped and returns, from each member's own rest."""
    return Experiment(load("generic-cell"), hold("10 min") + hold("20 min", {"pump.activity": 0.0}) + hold("30 min"),
                      record=["membrane.V", "inside.Na", "inside.volume"], samples=31, start="rest")


@cache
def potassium() -> Experiment:
    return Experiment(load("generic-cell"), hold("20 min"), record=["membrane.V", "inside.K"], samples=11, start="rest")


def told(result: Result) -> dict[str, float]:
    return {"least": float(result.column("membrane.V").min()), "Na": float(result.column("inside.Na")[-1])}


def test_each_member_is_its_own_run() -> None:
    found = population(block(), {"pump.activity": PUMPS}, keep=True)
    assert len(found) == len(PUMPS)
    assert not found.failures
    for pumps, result in [*zip(PUMPS, found.results, strict=True)][::4]:
        assert result is not None
        alone = run(Experiment(load("generic-cell").with_values({"pump.activity": float(pumps)}), block().protocol,
                               record=block().record, samples=31, start="rest"))
        for name in alone.names:
            expected = alone.column(name)
            assert np.abs(result.column(name) - expected).max() <= 1e-9 * np.abs(expected).max()
        assert result.ledger.ok
    assert found.units["inside.Na"] == "mM"
    assert repr(found) == "Population of 11 members that differ in pump.activity: 3 features, 0 failed"
    assert found.features["inside.Na"].tolist() == [result.column("inside.Na")[-1] for result in found.results if result]


def test_threads_and_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    once = population(block(), {"pump.activity": PUMPS}, told, threads=1)
    monkeypatch.setattr(module, "CHUNK", 3)
    monkeypatch.setenv("PUMPLEAK_THREADS", "3")
    again = population(block(), {"pump.activity": PUMPS}, told)
    for name in ("least", "Na"):
        assert again.features[name].tobytes() == once.features[name].tobytes()


def test_values_have_units_and_the_protocol_comes_first() -> None:
    found = population(potassium(), {"pump.activity": [1.0, 1.0], "temperature": ["300 K", "37 degC"]})
    assert found.values["temperature"].tolist() == [300.0, 310.15]
    assert found.features["membrane.V"][0] != found.features["membrane.V"][1]
    protocol = hold("1 min", {"pump.activity": 1.0})
    same = population(Experiment(load("generic-cell"), protocol, samples=2), {"pump.activity": [0.3, 1.0]})
    assert np.ptp(same.features["membrane.V"]) == 0.0


def decay() -> System:
    """Decay at a rate of one's own, up to an explosion where the rate is negative, and an event that restarts."""
    x = symbol("x")
    return System("decay", (State("x", "1", 1.0, 1.0), State("n", "1", 0.0, 1.0)),
                  {"x": -symbol("rate") * x + symbol("blow") * x * x, "n": symbol("rate") * 0.0},
                  (Parameter("rate", "1/ms", 1.0), Parameter("blow", "1/ms", 0.0)),
                  events=(Event("half", 0.5 - x, {"x": symbol("x") * 2.0, "n": symbol("n") + 1.0}),))


def test_a_member_that_fails_is_told_apart_with_its_cause() -> None:
    blow = np.array([0.0, 0.0, 5.0, 0.0, 7.0, 0.0])
    rates = np.linspace(1.0, 2.0, 6)
    found = population(Experiment(decay(), hold("10 ms"), samples=5),
                       {"rate": Quantity(rates, unit("1/ms")), "blow": Quantity(blow, unit("1/ms"))})
    assert [failure.member for failure in found.failures] == [2, 4]
    assert all("decay: stopped at" in failure.cause for failure in found.failures)
    assert found.failures[1].values == {"rate": rates[4], "blow": 7.0}
    assert np.isnan(found.features["x"]).tolist() == [False, False, True, False, True, False]
    # each halving takes ln 2/rate
    expected = [np.floor(10.0 * rate / np.log(2.0)) for rate in rates]
    assert [count for count in found.features["n"] if count == count] == [expected[i] for i in (0, 1, 3, 5)]


def test_the_user_can_stop_and_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 2)

    def interrupt(part: float) -> None:
        if part > 0.0:
            raise KeyboardInterrupt

    with pytest.raises(SolveError, match="decay: population interrupted") as caught:
        population(Experiment(decay(), hold("10 ms"), samples=5), {"rate": Quantity(np.linspace(1.0, 2.0, 40), unit("1/ms"))},
                   threads=1, progress=interrupt)
    done = caught.value.partial
    assert isinstance(done, module.Population)
    assert 0 < np.isfinite(done.features["x"]).sum() < 40


def test_wrong_populations_are_refused() -> None:
    with pytest.raises(NameUnknown, match=r"generic-cell has no parameter 'pump\.activty'; did you mean 'pump\.activity'"):
        population(block(), {"pump.activty": [1.0]})
    with pytest.raises(ModelError, match=r"equally many of each; pump\.activity has 2, temperature has 3"):
        population(block(), {"pump.activity": [1.0, 0.5], "temperature": ["300 K", "301 K", "302 K"]})
    with pytest.raises(ModelError, match="none was given"):
        population(block(), {})
    with pytest.raises(UnitError, match="temperature"):
        population(block(), {"temperature": ["300 mM"]})
    with pytest.raises(ModelError, match=r"pump\.activity is -1"):
        population(block(), {"pump.activity": [1.0, -1.0]})
    with pytest.raises(ModelError, match="population: threads '0'; give a whole number from 1 on"):
        population(block(), {"pump.activity": [1.0]}, threads=0)
