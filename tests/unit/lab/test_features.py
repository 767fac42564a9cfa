"""Spikes: an analytic train, the Hodgkin-Huxley problem of the numerics tests, and a firing cell with its books."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.numerics.problems import spiking_cell
from tests.unit.lab.firing import STIMULUS, fired, firing_cell
from tests.unit.lab.toys import decay

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.units import Quantity
from pumpleak.formats.catalog import load
from pumpleak.formats.light import light
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.features import Spikes, features, told
from pumpleak.lab.protocol import hold, pulse
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.lab.spike_cost import Balance
from pumpleak.system.expression import exp, number, symbol
from pumpleak.system.system import Definition, State, System

WIDTH, HEIGHT, BASE = 0.5, 100.0, -70.0  # ms, mV: V = base + height exp(-((t - t0)/width)^2) around each t0
CENTRES = (20.013, 50.027, 70.031)


def numbers(of: Quantity, measured: str) -> NDArray[np.float64]:
    return np.atleast_1d(of.to(measured))


def train(centres: tuple[float, ...] = CENTRES, width: float = WIDTH, every: str = "0.02 ms", until: str = "100 ms") -> Result:
    """A potential that is a sum of bells, whose every feature is known in closed form."""
    t = symbol("time")
    bells = sum((HEIGHT * exp(-((t - centre) / width) ** 2.0) for centre in centres), number(BASE))
    system = System("bells", (State("idle", "1", 0.0, 1.0),), {"idle": number(0.0)},
                    definitions=(Definition("membrane.V", "mV", bells),))
    return run(Experiment(system, hold(until), every=every))


def test_bells_are_measured_as_they_are() -> None:
    spikes = train().spikes()
    passed = WIDTH * np.sqrt(np.log(HEIGHT / 50.0))  # -20 mV is 50 mV above the base
    assert spikes.count == 3
    # 0.02 ms is 1/25 of the width: times are known to 1/100 of it and better
    assert numbers(spikes.times, "ms") == pytest.approx(np.array(CENTRES) - passed, abs=2e-4)
    assert numbers(spikes.intervals, "ms") == pytest.approx(np.diff(CENTRES), abs=2e-4)
    assert numbers(spikes.rate, "1/s") == pytest.approx(2000.0 / (CENTRES[-1] - CENTRES[0]), rel=1e-5)
    assert numbers(spikes.peak, "mV") == pytest.approx([BASE + HEIGHT] * 3, abs=0.01)
    assert numbers(spikes.height, "mV") == pytest.approx([HEIGHT] * 3, abs=0.01)
    assert numbers(spikes.half_width, "ms") == pytest.approx([2.0 * WIDTH * np.sqrt(np.log(2.0))] * 3, rel=1e-3)
    # the steepest point of a bell: sqrt(2/e) height/width
    assert numbers(spikes.upstroke, "mV/ms") == pytest.approx([np.sqrt(2.0 / np.e) * HEIGHT / WIDTH] * 3, rel=0.01)
    assert numbers(spikes.trough, "mV") == pytest.approx([BASE] * 3, abs=1e-9)
    # it is away from its rest while the bell is above 0.1 mV
    away = WIDTH * np.sqrt(np.log(HEIGHT / 0.1))
    assert numbers(spikes.begins, "ms") == pytest.approx(np.array(CENTRES) - away, abs=0.021)
    assert numbers(spikes.ends, "ms") == pytest.approx(np.array(CENTRES) + away, abs=0.021)
    assert spikes.cost is None


def test_half_a_height_needs_five_rows_to_be_good_to_one_per_cent() -> None:
    """The reason of FEWEST_ROWS, with the rows placed as badly as can be."""
    offsets = np.linspace(0.0, 0.15, 6)
    peaks = [train(tuple(c + shift for c in CENTRES), every="0.15 ms").spikes().peak.to("mV") for shift in offsets]
    assert np.max(np.abs(np.array(peaks) - BASE - HEIGHT)) < 0.01 * HEIGHT


def test_rows_too_far_apart_are_refused_not_measured() -> None:
    with pytest.raises(ModelError, match=r"bells: its rows are too far apart for spikes: the spike at 20 ms has \d rows above "
                                         r"half its height, 5 are needed; keep more, for example Experiment\(..., "
                                         r"every='0\.1 ms'\)"):
        train(every="0.5 ms").spikes()
    found, untold = told(train(every="0.5 ms"))
    assert found == {}
    assert "too far apart" in untold


def test_what_stays_up_is_no_spike() -> None:
    assert train((50.0,), width=15.0).spikes().count == 0
    assert train((50.0,), width=15.0).spikes(longest="100 ms").count == 1
    assert train().spikes(threshold="40 mV").count == 0
    assert train(until="20 ms").spikes().count == 0  # cut off before it came down
    assert str(train(until="10 ms").spikes()) == "no spikes above -20 mV"
    assert str(train(until="10 ms").spikes(threshold="-0.01 V")) == "no spikes above -10 mV"
    assert set(train(until="10 ms").spikes().features) == {"spikes"}


def test_a_run_that_begins_in_a_spike_counts_whole_ones() -> None:
    assert train((0.0, 30.0)).spikes().count == 1


def test_a_model_without_potential_is_told() -> None:
    with pytest.raises(NameUnknown, match=r"spikes: decay has no membrane.V or V; name the potential, for example"):
        run(decay(), "1 s").spikes()
    with pytest.raises(NameUnknown, match=r"spikes: bells has no quantity 'membrane.W'; did you mean 'membrane.V'"):
        train().spikes("membrane.W")
    assert told(run(decay(), "1 s")) == ({}, "")


def test_hodgkin_huxley_features_do_not_depend_on_the_rows() -> None:
    protocol = hold("20 ms") + hold("100 ms", {"Iinj": 10.0}) + hold("50 ms")
    fine, coarse = (run(Experiment(spiking_cell(), protocol, every=every)).spikes() for every in ("0.005 ms", "0.04 ms"))
    assert fine.count == coarse.count == 21
    # eight times the spacing moves a crossing by less than a fiftieth of it
    assert numbers(coarse.times, "ms") == pytest.approx(numbers(fine.times, "ms"), abs=0.04 / 50)
    assert numbers(coarse.peak, "mV") == pytest.approx(numbers(fine.peak, "mV"), abs=1.0)
    assert numbers(coarse.half_width, "ms") == pytest.approx(numbers(fine.half_width, "ms"), rel=0.01)


def test_sodium_of_a_spike_is_that_of_the_books() -> None:
    """Above rest: the extents of both paths less the flow at rest, all named; the rest of the numbers follow from it."""
    result = fired()
    spikes = result.spikes()
    assert spikes.count == 1
    assert spikes.cost is not None
    cost = spikes.cost
    assert cost.paths == ("leak_Na", "channel_Na")
    times = numbers(result.time, "ms")
    first, last = (int(np.searchsorted(times, numbers(each, "ms")[0])) for each in (spikes.begins, spikes.ends))
    entered = -(result.column("leak_Na.extent") + result.column("channel_Na.extent"))
    resting = -(result.column("leak_Na.flux") + result.column("channel_Na.flux"))[0]
    in_all = entered[last] - entered[first]
    assert numbers(cost.sodium_in_all, "fmol") == pytest.approx([in_all], rel=1e-9)
    span = numbers(spikes.ends, "ms") - numbers(spikes.begins, "ms")
    assert numbers(cost.sodium, "fmol") == pytest.approx(in_all - resting * span, rel=1e-6)
    # C x height / F of the toy: 10 pF
    least = 10.0 * numbers(spikes.height, "mV") / 96485.0
    assert numbers(cost.least, "fmol") == pytest.approx(least, rel=1e-9)
    assert numbers(cost.excess, "1") == pytest.approx((in_all - resting * span) / least, rel=1e-6)
    assert numbers(cost.excess, "1") > 1.0
    assert numbers(cost.ATP, "1") == pytest.approx(numbers(cost.sodium, "fmol") / 3.0 * 6.02214076e8, rel=1e-9)
    assert cost.ATP_per_area is None  # the toy has no area
    assert re.fullmatch(r"1 spike above -20 mV, the first at 11\.\d+ ms, 0\.\d+ ms into step 3; .* times the least a spike",
                        str(spikes))


def test_the_squid_axon_spends_four_times_the_least() -> None:
    """The numbers of the model of 1952 at 18.5 C after a shock, by an independent integration: 4.01 pmol/cm2, x4.00.

    1 %, the digits of the published figure; a shock of 1 us is no part of the upstroke.
    """
    spikes = run(load("hodgkin-huxley-spike")).spikes()
    cost = spikes.cost
    assert cost is not None
    assert numbers(cost.sodium, "fmol") == pytest.approx([4010.0], rel=0.01)  # of 1 cm2
    assert numbers(cost.excess, "1") == pytest.approx([4.0], rel=0.01)
    assert 300.0 < numbers(spikes.upstroke, "mV/ms")[0] < 1000.0


def test_a_run_too_short_for_the_pump_is_told_not_measured() -> None:
    """In 150 ms the pump takes out next to nothing of what a spike let in, and its own rate tells nothing of that."""
    spikes = fired().spikes()
    assert spikes.cost is not None
    assert np.isnan(spikes.cost.pump_ATP.to("fmol"))
    assert np.isnan(spikes.cost.recovered) or 0.0 <= spikes.cost.recovered < 0.95
    assert "the run is too short" in spikes.cost.unpaid
    assert spikes.cost.unpaid in str(spikes.features)
    assert spikes.cost.unpaid not in str(spikes)  # which says nothing of the pump


def test_the_pump_is_asked_what_it_used() -> None:
    """A third of the sodium that came in has been its ATP, once all is out; each number by the books as well."""
    cell = firing_cell()
    cell = replace(cell, parameters=tuple(replace(each, value=30.0 * each.value) if each.name == "pump.speed" else each
                                          for each in cell.parameters))  # so that it is done in two minutes
    # steps of 0.05 ms show the spike where rows for the rest of the time are far apart
    steps = 20 * hold("0.05 ms", STIMULUS) + 1000 * hold("0.05 ms")
    result = run(Experiment(cell, hold("10 ms") + steps + hold("120 s"), start="rest", every="0.5 s"))
    cost = result.spikes().cost
    assert cost is not None
    assert cost.unpaid == ""
    # 1 %: what the pump itself takes out during the spike
    assert 3.0 * numbers(cost.pump_ATP, "fmol")[0] == pytest.approx(cost.recovered * numbers(cost.sodium, "fmol")[0], rel=0.01)
    extent, flux, times = result.column("pump.extent"), result.column("pump.flux"), numbers(result.time, "ms")
    begins = int(np.searchsorted(times, numbers(result.spikes().begins, "ms")[0]))
    used = extent[-1] - extent[begins] - flux[begins] * (times[-1] - times[begins])
    assert numbers(cost.pump_ATP, "fmol") == pytest.approx(used, rel=1e-9)
    amount = result.column("inside.Na.amount")
    share = 1.0 - (amount[-1] - amount[begins]) / numbers(cost.sodium, "fmol")[0]
    assert cost.recovered == pytest.approx(share, abs=1e-9)


def stepped(injected: str, lasts: str = "500 ms", every: str = "0.1 ms", after: str = "40 ms") -> Spikes:
    """The neuron at rest under a step of current."""
    step = hold("10 ms") + hold(lasts, {"stimulus.injected": injected}) + hold(after)
    return run(Experiment(light("neuron"), step, start="rest", every=every)).spikes()


def test_a_spike_near_the_least_current_costs_what_others_cost() -> None:
    """A step that just suffices holds V, and the flow of sodium, up for long; no spike of it is cheap or earns sodium.

    1.99 to 1.70: the longer V lingers below the threshold, the more sodium comes in without a rise of V.
    """
    found = [stepped(f"{injected} pA") for injected in (7.88, 7.9, 8.2, 8.5, 12.0)]
    assert [each.count for each in found] == [1, 1, 1, 1, 11]
    excess = [numbers(each.cost.excess, "1") for each in found if each.cost is not None]
    assert all(np.all((each > 1.65) & (each < 2.1)) for each in excess)
    assert [each[0] for each in excess] == pytest.approx([1.99, 1.99, 1.97, 1.96, 1.70], abs=0.03)
    per_area = [each.features["spikes.ATP_per_area"].to("1/um2") for each in found]
    assert per_area == pytest.approx([3250.0] * 5, rel=0.02)
    # it ends where V comes back, not where the step or the run does
    assert all(numbers(each.ends, "ms")[0] - numbers(each.times, "ms")[0] < 2.0 for each in found[:4])
    assert all(each.cost is not None and each.cost.remarks == () for each in found)
    assert found[1].cost is not None
    assert "the sodium inside was not at rest before the first spike" in found[1].cost.unpaid


def test_its_cost_depends_neither_on_the_rows_nor_on_the_length_of_the_step() -> None:
    coarse, fine, long = stepped("7.88 pA"), stepped("7.88 pA", every="0.02 ms"), stepped("7.88 pA", lasts="1 s")
    costs = [each.features["spikes.excess"].to("1") for each in (coarse, fine, long)]
    assert costs[0] == costs[2]
    assert costs[0] == pytest.approx(costs[1], rel=0.01)


def test_the_spike_of_a_brief_pulse_counts_until_rest() -> None:
    """As the squid axon is published: to the return within 0.1 mV, the undershoot and all."""
    result = run(load("neuron-spike"))
    spikes = result.spikes()
    assert spikes.features["spikes.excess"].to("1") == pytest.approx(1.7417, abs=1e-3)
    assert spikes.features["spikes.ATP_per_area"].to("1/um2") == pytest.approx(3279.5, abs=2.0)
    end = int(np.searchsorted(numbers(result.time, "ms"), numbers(spikes.ends, "ms")[0]))
    voltage = result.column("membrane.V")
    assert np.all(np.abs(voltage[end:] - voltage[0]) <= 0.1)
    assert abs(voltage[end - 2] - voltage[0]) > 0.1


def test_a_spike_that_the_run_cuts_off_has_no_cost() -> None:
    cut = stepped("150 pA", lasts="1 ms", every="0.02 ms", after="4.2 ms")
    assert cut.cost is not None
    assert cut.count == 1
    assert np.isnan(cut.features["spikes.excess"].to("1"))
    assert np.isnan(cut.features["spikes.ATP_per_area"].to("1/um2"))
    assert str(cut).endswith("no sound number for the sodium\nremark: the run ends before V is back after the spike at "
                             "14.24 ms: its sodium and ATP are not told")
    assert cut.cost.unpaid == "pump_ATP and recovered are not told: the sodium of a spike is not told"


def test_a_stimulus_in_the_upstroke_is_remarked() -> None:
    brief, strong, violent = (stepped(f"{injected} pA", lasts="1 ms", every="0.02 ms") for injected in (150, 350, 2000))
    assert brief.cost is not None
    assert strong.cost is not None
    assert violent.cost is not None
    assert brief.cost.remarks == ()
    assert numbers(brief.cost.driven, "1") == pytest.approx([0.0], abs=1e-9)
    assert strong.cost.remarks == ("a stimulus was on during the upstroke and brought 14 % of its charge, which Na+ need not "
                                   "bring: excess and ATP are lower for it",)
    # as much as the pulse brought Na+ need not bring, and less than one is possible, but never less than the rest
    assert numbers(violent.cost.excess, "1")[0] < 1.0
    assert numbers(violent.cost.excess, "1")[0] + 2000.0 / (9.0 * numbers(violent.height, "mV")[0]) > 1.0
    assert "remark: a stimulus was on during the upstroke" in str(violent)
    assert violent.cost.remarks[0] in str(violent.features)


def test_less_than_the_least_without_a_stimulus_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell in which something else than Na+ raises V: here the charge of the pulse, hidden from the count."""
    monkeypatch.setattr(Balance, "_injected", property(lambda balance: np.zeros(len(balance.times))))
    found = stepped("2000 pA", lasts="1 ms", every="0.02 ms")
    assert found.cost is not None
    assert np.isnan(found.features["spikes.excess"].to("1"))
    assert np.isfinite(numbers(found.cost.sodium_in_all, "fmol")).all()
    assert re.fullmatch(r"the sodium of the spike at 10\.\d+ ms is 0\.7\d* times the least: something else than Na\+ and a "
                        r"stimulus raised V, and its sodium and ATP are not told", found.cost.remarks[0])


def test_features_print_as_a_table() -> None:
    found = fired().spikes().features
    lines = str(found).splitlines()
    assert lines[0] == f"spikes{' ' * (len(lines[0]) - 7)}1"
    assert repr(found) == str(found)
    assert any(re.fullmatch(r"spikes\.half_width +0\.\d{3,4} ms", line) for line in lines)
    assert "remark: a spike passes -20 mV" in lines
    assert float(found["spikes"]) == 1.0
    assert float(found["spikes.excess"]) > 1.0


def test_the_step_of_a_protocol_that_fires_is_named() -> None:
    said = str(run(load("neuron-threshold")).spikes())
    assert ", the first at 572.2 ms, 52.18 ms into step 4 with stimulus.injected 8 pA; " in said
    assert train().spikes().place == ""  # one step only


def test_spikes_of_a_train_share_out_all_of_it() -> None:
    spikes = fired(count=3).spikes()
    assert spikes.count == 3
    assert numbers(spikes.intervals, "ms") == pytest.approx([50.0, 50.0], abs=0.5)
    ends, begins = numbers(spikes.ends, "ms"), numbers(spikes.begins, "ms")
    assert np.all(ends[:-1] <= begins[1:])
    assert set(features(fired(count=3))) >= {"spikes", "spikes.rate", "spikes.sodium", "spikes.excess", "membrane.V.most"}


@pytest.mark.parametrize("every", ["1 ms", "5 ms", "50 ms"])
def test_a_spike_that_no_row_shows_is_betrayed_by_its_sodium(every: str) -> None:
    with pytest.raises(ModelError, match=r"between .* and .* sodium came in that would shift V by .* mV, and no row shows it"):
        fired(every=every).spikes()


def test_a_summary_holds_the_features() -> None:
    plain = fired().summary()
    assert plain["features"]["spikes"] == {"value": 1.0, "unit": "1"}
    assert plain["features_untold"] == ""
    assert plain["features"]["spikes.peak"]["unit"] == "mV"
    assert set(fired().spikes().to_plain()) == {"count", "rate", "times", "peak", "height", "half_width", "upstroke", "trough",
                                                "begins", "ends", "threshold", "cost"}
    assert fired().spikes().to_plain()["threshold"] == {"value": -20.0, "unit": "mV"}
    assert fired(every="5 ms").summary()["features"] == {}


def test_the_advice_is_always_closer_than_the_rows_are() -> None:
    for every in (0.5, 0.3, 0.2):
        with pytest.raises(ModelError) as caught:
            train(every=f"{every} ms", width=0.1).spikes()
        advised = re.search(r"every='([0-9.]+) ms'\), which a study writes as `every: ([0-9.]+) ms`", str(caught.value))
        assert advised is not None
        assert float(advised[1]) == float(advised[2])
        assert float(advised[1]) <= 0.5 * every


def test_a_spike_that_is_shown_is_not_taken_for_hidden() -> None:
    """The neuron's upstroke lets in more sodium between two rows 0.1 ms apart than they show; yet the spike is there."""
    cell = light("neuron")
    pulsed = hold("5 ms") + pulse("1 ms", {"stimulus.injected": "350 pA"}) + hold("20 ms")
    coarse, fine = (run(Experiment(cell, pulsed, start="rest", every=every)).spikes() for every in ("0.1 ms", "0.01 ms"))
    assert coarse.count == fine.count == 1
    assert coarse.peak.to("mV") == pytest.approx(fine.peak.to("mV"), abs=1.0)
