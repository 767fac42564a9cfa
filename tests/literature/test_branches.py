"""Branches of the catalogue's cells: Kay's against its closed form, and every rest proved by its own equations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from pumpleak.formats.catalog import light
from pumpleak.lab.branch import Branch, branch
from pumpleak.lab.programs import program_for
from pumpleak.solve.newton import SETTLED, Problem, conserved, polish


def proved(found: Branch, model: str) -> None:
    """Each point, put into the model's equations as they are compiled, is at rest."""
    program = program_for(light(model))
    for row, point in enumerate(found.points):
        p = np.array([point.values[label.name] for label in program.labels.parameters])
        y = np.array([point.values[label.name] for label in program.labels.states])
        assert Problem(program, 0.0, p).residual(y) <= SETTLED, (model, row)


def kay(values: dict[str, float]) -> tuple[float, float]:
    """V [mV] and volume [pL] of Kay's cell at rest, for the pump current p, by its closed form.

    Each ion's leak cancels its share of the pump: E_Na = V + 3 p/g_Na, E_K = V - 2 p/g_K, E_Cl = V. Then the volume
    follows from osmolarity, and V from the charge: F w (Na + K - Cl - X) = C V, solved here for the one unknown V.
    """
    faraday, slope = 96485.33212, values["thermal.voltage"]
    pump = values["pump.p"] * values["pump.activity"]

    def state(v: float) -> tuple[float, float]:
        na = values["outside.Na"] * np.exp(-(v + 3.0 * pump / values["leak_Na.conductance"]) / slope)
        k = values["outside.K"] * np.exp(-(v - 2.0 * pump / values["leak_K.conductance"]) / slope)
        cl = values["outside.Cl"] * np.exp(v / slope)
        volume = values["inside.X.amount"] / (values["outside.osmolarity"] - na - k - cl)
        charge = faraday * (volume * (na + k - cl) - values["inside.X.amount"])
        return charge - values["membrane.capacitance"] * v, volume

    # without the charge on the membrane the electroneutral V is a formula; the charge moves it by less than a millivolt
    half = 0.5 * values["outside.osmolarity"]
    drive = (values["outside.Na"] * np.exp(-3.0 * pump / values["leak_Na.conductance"] / slope)
             + values["outside.K"] * np.exp(2.0 * pump / values["leak_K.conductance"] / slope))
    neutral = -slope * np.log(half / drive)
    v = float(brentq(lambda each: state(each)[0], neutral - 0.5, neutral + 0.5 * min(1.0, -neutral), xtol=1e-14, rtol=1e-14))
    return v, state(v)[1]


def test_kay_2017_against_its_closed_form_down_to_where_no_rest_exists() -> None:
    found = branch(light("kay-2017"), "pump.activity", 0)
    proved(found, "kay-2017")
    assert {point.kind for point in found.points} == {"stable"}
    checked = 0
    for point in found.points:
        if point.values["inside.volume"] > 100.0:  # beyond, the closed form itself cancels to fewer digits
            continue
        v, volume = kay(dict(point.values))
        assert point.values["membrane.V"] == pytest.approx(v, rel=1e-7)
        assert point.values["inside.volume"] == pytest.approx(volume, rel=1e-7)
        checked += 1
    assert checked > 100
    # without any pump there is no rest: the volume grows as one over its rate, and the branch never arrives
    last = found.points[-1]
    assert 0.0 < last.values["pump.activity"] < 1e-4
    assert "where inside.volume is" in found.message
    earlier = next(point for point in found.points if point.values["inside.volume"] > 0.1 * last.values["inside.volume"])
    ratio = last.values["inside.volume"] / earlier.values["inside.volume"]
    assert ratio == pytest.approx(earlier.values["pump.activity"] / last.values["pump.activity"], rel=0.01)


def test_kay_2017_uses_up_its_sodium_under_a_constant_pump() -> None:
    found = branch(light("kay-2017"), "pump.activity", 10)
    assert found.message.endswith("where inside.Na.amount is used up")
    proved(found, "kay-2017")


@pytest.mark.parametrize("model", ["generic-cell", "duesterwald-2018"])
def test_without_its_pump_a_cell_with_impermeants_outside_has_its_donnan_rest(model: str) -> None:
    found = branch(light(model), "pump.activity", 0)
    proved(found, model)
    assert (found.message, found.folds, found.hopfs) == ("it reaches pump.activity = 0", (), ())
    volume, volts = found.column("inside.volume"), found.column("membrane.V")
    assert volume[-1] > 2.0 * volume[0]
    assert np.all(np.diff(volume) > 0.0)  # less pump, more water
    assert abs(volts[-1]) < 1.0 < -volts[0]
    assert found.column("pump.current")[-1] == 0.0


@pytest.mark.parametrize("model", ["generic-cell", "duesterwald-2018", "kay-2017"])
def test_potassium_outside_depolarises(model: str) -> None:
    found = branch(light(model), "outside.K", "40 mM", start="3 mM", scale="log")
    proved(found, model)
    assert found.message == "it reaches outside.K = 40 mM"
    assert np.all(np.diff(found.column("membrane.V")) > 0.0)
    assert np.all(np.diff(found.column("inside.volume")) > 0.0)


def test_the_hopf_points_of_hodgkin_and_huxley() -> None:
    """Their currents are proved by computer (Hendrick C, Hopf bifurcations and bistability in the Hodgkin-Huxley equations
    at the 1952 parameters: computer-assisted proofs): 9.775437995393 and 154.522433665808 uA/cm2 for a leak that reverses
    10.613 mV above rest, with one rest for every current from 0 to 200, unstable between them.
    """
    found = branch(light("hodgkin-huxley-1952"), "stimulus.injected", "200 uA")  # of 1 cm2
    proved(found, "hodgkin-huxley-1952")
    assert found.points[0]["leak.reversal"].to("mV") == pytest.approx(-65.0 + 10.613, abs=1e-12)
    currents = [float(hopf.parameter.to("uA")) for hopf in found.hopfs]
    assert currents == pytest.approx([9.775437995393, 154.522433665808], rel=1e-11)  # the digits given, nearly
    assert (found.folds, found.branchings, found.message) == ((), (), "it reaches stimulus.injected = 2e+08 pA")
    for point in found.points:
        within = currents[0] < float(point.parameter.to("uA")) < currents[1]
        assert point.mark or point.kind == ("unstable" if within else "stable")


def test_a_neuron_in_a_closed_space_has_the_z_of_rests_along_its_pump() -> None:
    """Two folds, as Huebel, Schoell and Dahlem (2014, PLoS Comput Biol 10:e1003551, Fig. 2) find: below the first there is
    no polarised rest, below the second there is a depolarised one. Newton's method alone confirms both: two rests beside a
    fold on its inner side, none on its outer side.
    """
    found = branch(light("huebel-dahlem-2014"), "pump.activity", 0, start=4)
    proved(found, "huebel-dahlem-2014")
    low, high = sorted(found.folds, key=lambda fold: float(fold.parameter.value))
    assert float(low.parameter.value) < 1.0 < float(high.parameter.value)
    assert low["membrane.V"].to("mV") < high["membrane.V"].to("mV")
    assert (found.points[0].kind, found.message) == ("stable", "it reaches pump.activity = 0")
    program = program_for(light("huebel-dahlem-2014"))
    place = [label.name for label in program.labels.parameters].index("pump.activity")
    for fold, inner in ((low, 1.001), (high, 0.999)):
        p = np.array([fold.values[label.name] for label in program.labels.parameters])
        y = np.array([fold.values[label.name] for label in program.labels.states])
        totals = conserved(Problem(program, 0.0, p), y)
        rests: list[set[float]] = []
        for factor in (inner, 2.0 - inner):
            p[place] = factor * float(fold.parameter.value)
            problem = Problem(program, 0.0, p)
            # begun beside the fold on the branch, on both sides
            row = found.points.index(fold)
            starts = [np.array([found.points[row + each].values[label.name] for label in program.labels.states])
                      for each in (-1, 1)]
            ends = [polish(problem, start, y, totals) for start in starts]
            near = [end for end in ends if end is not None and np.max(np.abs(end - y) / problem.sizes(y)) < 0.1]
            rests.append({round(float(end[0]), 6) for end in near})
        assert [len(each) for each in rests] == [2, 0]
