"""Trajectories as estimates: what they count, how far it is off, and what stops them."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.compile.jump_program import jump_program
from pumpleak.lab import molecule as module
from pumpleak.lab.molecule import Courses, Estimate, dispersion, follow
from pumpleak.solve.jumps import Copies, Jumps

# two states, one way round: turns of two equal exponential stays, whose Fano factor is 1/2
PAIR = Jumps("pair", ("a", "b"), np.array([0, 1]), np.array([1, 0]), np.array([2.0, 2.0]), np.array([[1.0, 0.0]]),
             np.array([0.5, 0.5]))


def test_a_process_that_is_known_is_found() -> None:
    found = follow(PAIR, 200.0, 400, windows=10, rows=10_000, seed=3)
    assert abs(found.mean(0).off(1.0)) < 3.0
    assert found.mean(0).error == pytest.approx(np.sqrt(0.5 / 200.0 / 400), rel=0.15)
    # windows of 20 turns are longer than what they begin with by 1/80
    assert abs(found.fano(0).off(0.5 + 1.0 / 160.0)) < 3.0
    assert abs(found.dwell(1).off(0.5)) < 3.0
    assert abs(found.share(0).off(0.5)) < 3.0
    assert found.dwelt.sum() == pytest.approx(200.0 * 400, rel=1e-12)
    assert found.window == 20.0


def test_a_short_run_does_not_shorten_stays_and_waits() -> None:
    """Of stays as long as the run only the short ones end in it; their mean would be 0.3 of the true one."""
    found = follow(PAIR, 0.5, 40_000, rows=200_000, seed=5)
    assert abs(found.dwell(0).off(0.5)) < 3.0
    assert not len(found.dwells(0, 0.6))
    long = follow(PAIR, 20.0, 400, rows=200_000, seed=5)
    waits = long.waits(np.array([True, False]), 9.0)
    assert abs((waits.mean() - 1.0) / (waits.std() / np.sqrt(len(waits)))) < 3.0


def test_the_room_for_events_is_filled_molecule_by_molecule() -> None:
    every = follow(PAIR, 50.0, 5, rows=10_000)
    assert every.whole == 5
    assert len(every.at) == every.events + 5
    part = follow(PAIR, 50.0, 5, rows=300)
    assert (part.whole, len(part.at)) == (2, 300)
    assert np.array_equal(part.arrived, every.arrived[:300])
    beginnings = np.flatnonzero(every.transition < 0)
    assert np.array_equal(every.moved()[beginnings, 0], np.zeros(5))
    last = np.append(beginnings[1:], len(every.at)) - 1
    assert np.array_equal(every.moved()[last, 0], every.counts[:, 0])
    assert np.array_equal(every.arrived[last], every.state)
    cut = follow(PAIR, 50.0, 5, rows=int(beginnings[1]) + 1)
    assert len(cut.at) == beginnings[1]
    assert follow(PAIR, 50.0, 2).whole == 0


def test_a_molecule_is_the_same_in_any_company() -> None:
    alone, many = follow(PAIR, 50.0, 1, seed=9), follow(PAIR, 50.0, 7, windows=5, rows=10, seed=9)
    assert np.array_equal(alone.counts[0], many.counts[0])
    assert not np.array_equal(alone.counts[0], follow(PAIR, 50.0, 1, seed=10).counts[0])


def test_an_interruption_leaves_those_that_were_done(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pressed:
        def advance(self, copies: Copies, start: int, budget: int, t_end: float) -> int:
            if start >= 3:
                raise KeyboardInterrupt
            return program.advance(copies, start, 250, t_end)

    program, parts = jump_program(), list[float]()
    monkeypatch.setattr(module, "jump_program", Pressed)
    with pytest.raises(SolveError, match=r"pair: interrupted after \d of 9 molecules") as stopped:
        follow(PAIR, 50.0, 9, rows=10_000, progress=parts.append)
    partial = stopped.value.partial
    assert isinstance(partial, Courses)
    assert 3 <= len(partial) < 9
    assert len(partial) == partial.whole
    monkeypatch.undo()
    assert np.array_equal(partial.counts, follow(PAIR, 50.0, len(partial)).counts)
    assert parts == sorted(parts)
    assert 0.0 < parts[0] < parts[-1] < 1.0


def test_estimates_of_too_little_are_no_numbers() -> None:
    assert np.isnan(dispersion(np.zeros(5)).value)
    assert np.isnan(dispersion(np.array([1.0, -1.0])).value)
    found = follow(PAIR, 1e-9, 1)
    assert np.isnan(found.mean(0).error)
    assert np.isnan(found.dwell(0).value)
    assert str(Estimate(51.234, 0.125)) == "51.23 +- 0.12"


@pytest.mark.parametrize(("given", "message"), [
    ({"duration": 0.0}, "molecules are followed for 0 ms; give a time above 0"),
    ({"duration": float("nan")}, "molecules are followed for nan ms"),
    ({"molecules": 0}, "0 molecules; give a whole number from 1 to 1000000"),
    ({"molecules": 1.5}, "1.5 molecules; give a whole number"),
    ({"windows": 0}, "0 windows; give a whole number from 1"),
    ({"molecules": 10**6, "windows": 10**3}, "1000000 molecules in 1000 windows each are more numbers"),
    ({"rows": -1}, "-1 rows of events; give 0 to"),
    ({"seed": -1}, "the seed -1; give a whole number from 0")])
def test_numbers_that_make_no_sense_are_refused(given: dict[str, float], message: str) -> None:
    with pytest.raises(ModelError, match=f"^pair: {message}"):
        follow(PAIR, **{"duration": 1.0, **given})  # type: ignore[arg-type]
