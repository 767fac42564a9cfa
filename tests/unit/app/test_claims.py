"""The claims about the pump alone: what their words say is what is computed, and their figures tell fitted from unfitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes

from pumpleak.app.bench import Bench, answer, half_activation, hill, points, scheme, turnover
from pumpleak.app.claims.activation import activation_figure
from pumpleak.app.claims.active import share
from pumpleak.app.claims.active import show as fuelled
from pumpleak.app.claims.backward import GRID, backward_figure, valence
from pumpleak.app.claims.charge import DATA, charge_figure, slow_charge
from pumpleak.app.claims.counts import show as counted
from pumpleak.app.claims.energy import least_lost, work_from_activities
from pumpleak.app.claims.energy import show as energies
from pumpleak.app.claims.modes import modes_figure
from pumpleak.app.claims.single import SINGLE_ROWS
from pumpleak.app.claims.symmetry import cost_of_precision, off_symmetry
from pumpleak.app.molecule import molecule
from pumpleak.app.targets import targets
from pumpleak.enzyme.charge import Boltzmann, fit_boltzmann
from pumpleak.enzyme.counting import symmetry
from pumpleak.enzyme.energy import cycle_affinity, double_equilibrium
from pumpleak.enzyme.molecule import molecule_at
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import respond
from pumpleak.formats.measured import measured

MAIN = "post-albers"
SODIUM = np.array([100.0, 200.0, 400.0, 800.0])


def markers(axes: Axes) -> dict[str, set[bool]]:
    """Whether the points of each label are filled."""
    found: dict[str, set[bool]] = {}
    for line in axes.lines:
        if line.get_linestyle() == "None" and len(np.atleast_1d(line.get_xdata())) > 1:
            found.setdefault(str(line.get_label()), set()).add(line.get_markerfacecolor() != "white")
    return found


def test_points_that_were_fitted_to_are_open_and_others_filled() -> None:
    fitted, other = charge_figure(MAIN).axes
    assert markers(fitted) == {f"{sodium} mM": {False} for sodium in (50, 100, 200, 400)}
    assert markers(other) == {f"{sodium} mM": {True} for sodium in (50, 100, 200, 400)}
    potassium, sodium, *_ = activation_figure(targets("M2.2")).axes
    assert markers(potassium) == {"measured (fitted to)": {False}}
    # the points of Hansen, to which of those drawn only Pan's scheme was fitted
    assert markers(sodium) == {"measured (fitted: 15 states)": {False}}


def test_bars_of_halves_are_open_where_the_pump_was_fitted() -> None:
    *_, halves, _ = activation_figure(targets("M2.2")).axes
    rows = [targets("M2.2")[name] for name in ("K-half-node", "K-half-rat", "Na-half-node", "Na-half-sheep")]
    assert [patch.get_facecolor()[:3] == (1.0, 1.0, 1.0) for patch in halves.patches] == [row.kind == "fitted" for row in rows]
    assert [row.kind for row in rows] == ["fitted", "measured", "fitted", "fitted"]


@pytest.mark.parametrize(("sodium", "factor", "plain"), [("1.5", 0.92, 4.9), ("50", 0.90, 6.0), ("100", 0.94, 3.1),
                                                         ("150", 1.00, 0.9)])
def test_words_on_the_scale_of_the_currents(sodium: str, factor: float, plain: float) -> None:
    """One factor for each curve brings it nearest to its points; notes tell how far it is without."""
    row = targets("M2.2")[f"IV-{sodium}"]
    at, measured_there = points(row).x, points(row).y
    model = turnover(row, {VOLTAGE: at})
    factors = np.linspace(0.5, 1.5, 100_001)
    misfits = [float(np.sum((each * model - measured_there) ** 2)) for each in factors[::100]]
    assert factors[::100][int(np.argmin(misfits))] == pytest.approx(factor, abs=0.006)
    assert float(np.sqrt(np.mean((model - measured_there) ** 2))) == pytest.approx(plain, abs=0.06)
    assert f"{plain} /s away" in " ".join(row.note.split())


def test_words_on_half_activations() -> None:
    rows = targets("M2.2")
    node, potassium, rat = rows["Na-half-node"], rows["K-half-node"], rows["K-half-rat"]
    assert half_activation(replace(node, conditions={**node.conditions, VOLTAGE: -40.0})) == pytest.approx(10.0, abs=0.05)
    assert half_activation(node) == pytest.approx(8.7, abs=0.05)
    assert half_activation(replace(node, conditions={**node.conditions, "inside.K": 140.0})) == pytest.approx(12.2, abs=0.05)
    assert half_activation(potassium) == pytest.approx(1.12, abs=0.005)
    assert half_activation(replace(potassium, conditions={**potassium.conditions, "inside.Na": 50.0})) == pytest.approx(
        1.20, abs=0.006)
    halves = [half_activation(replace(rat, conditions={**rat.conditions, VOLTAGE: voltage})) for voltage in (-40.0, 0.0)]
    assert halves[0] is not None
    assert halves[1] is not None
    assert halves[0] - halves[1] == pytest.approx(0.7, abs=0.05)


def test_a_single_pump_never_owes_more_sodium_than_it_holds() -> None:
    """Over thousands of turns: to the three that are on their way, and it comes to as much."""
    row = targets("M2.1")["single-sodium"]
    owed = SINGLE_ROWS["single-sodium"](row, row.scheme)
    assert owed is not None
    assert abs(owed) == 3.0


def test_the_odds_of_turns_are_those_of_pumps_that_are_followed() -> None:
    """The row stands on exact distributions; pumps followed jump by jump from the same start have the same odds."""
    words = targets("M1.3")
    assert off_symmetry(words) < 1e-9
    case = {**words.cases["ischaemia"], VOLTAGE: -86.15}
    enzyme = scheme("pan-2018-4")
    one = symmetry(molecule_at(enzyme, case))
    counts = np.rint(molecule(enzyme, case, time="2 s", pumps=20_000, windows=1, rows=0, start=one.start).counts().ravel())
    for turns in (1, 2, 3):
        forward, back = (float(np.sum(counts == each)) for each in (turns, -turns))
        assert np.log(forward / back) == pytest.approx(turns * one.affinity, abs=4.0 * np.sqrt(1.0 / forward + 1.0 / back))
    assert one.affinity == pytest.approx(10.0 / 26.712, rel=1e-3)


@pytest.mark.parametrize("pump", [MAIN, "pan-2018-15"])
def test_regular_turns_cost_free_energy(pump: str) -> None:
    assert 2.0 < cost_of_precision(targets("M1.3")["precision"], pump) < 5.0


def test_every_axis_has_its_unit() -> None:
    for figure in (charge_figure(MAIN), activation_figure(targets("M2.2")), backward_figure(targets("M2.2"))):
        for axes in figure.axes:
            assert "[" in axes.get_xlabel()


@pytest.mark.parametrize("voltage", [-80.0, 0.0, 40.0])
def test_at_the_double_equilibrium_both_turns_rest_and_potassium_too(voltage: float) -> None:
    case = targets("M1.3").cases["physiological"]
    enzyme = scheme(MAIN)
    found = double_equilibrium(enzyme, {**case, "membrane.V": voltage})
    for cycle in enzyme.cycles:
        assert float(cycle_affinity(enzyme, cycle, found)) == pytest.approx(0.0, abs=1e-9)
    assert found["inside.K"] == pytest.approx(case["outside.K"] * np.exp(-voltage / enzyme.constants.thermal_voltage))
    assert max(float(each) for each in respond(enzyme, found).balance.values()) < 1e-12
    # one ion away from it something moves
    away = respond(enzyme, {**found, "inside.K": 2.0 * found["inside.K"]})
    assert max(float(each) for each in away.balance.values()) > 1e-6


@pytest.mark.parametrize("pump", [MAIN, "pan-2018-15", "chapman-1983"])
def test_no_scheme_gains_free_energy(pump: str) -> None:
    assert 0.0 <= least_lost(pump) < 0.1


def test_the_share_without_ATP_is_of_the_full_supply() -> None:
    words = targets("M1.1")
    full = float(turnover(words["no-ATP"], words.cases["full-supply"]))
    assert full > 40.0
    assert share(words, words["no-ATP"]) * full == pytest.approx(float(turnover(words["no-ATP"])))


def test_the_deficit_of_potassium_is_the_slip() -> None:
    """Also where the turn with potassium runs backwards, below 0.14 mM, as the words say."""
    found = counted(Bench(), targets("M2.1"))
    assert found.values["slip-is-the-deficit"] == pytest.approx(0.0, abs=1e-9)
    row = targets("M2.1")["Na-per-ATP"]
    coupled = next(cycle for cycle in scheme(MAIN).cycles if cycle.stoichiometry.get("inside.K"))
    low, high = answer(row, {"outside.K": np.array([0.135, 0.145])}).affinities[coupled.name]
    assert low < 0.0 < high


def test_words_on_rest() -> None:
    row = targets("M1.1")["turnover-at-rest"]
    shares = {state: float(part) for state, part in answer(row).occupancies.items()}
    waiting = sum(part for state, part in shares.items() if state.removeprefix("ATP.") in ("E1", "E1.Na", "E1.Na2"))
    assert waiting == pytest.approx(1.0 / 3.0, abs=0.03)
    assert shares["ATP.E2(K2)"] == pytest.approx(1.0 / 3.0, abs=0.03)
    assert shares["ATP.E1.K2"] + shares["ATP.E1.K"] == pytest.approx(1.0 / 9.0, abs=0.01)
    assert shares["E1P(Na3)"] == pytest.approx(1.0 / 8.0, abs=0.01)
    assert float(turnover(row, {VOLTAGE: 0.0})) == pytest.approx(20.0, abs=0.5)
    assert float(turnover(row, {"inside.Na": 50.0})) == pytest.approx(30.0, abs=0.5)
    assert scheme(MAIN).values["to_E1_ATP"] == pytest.approx(0.087, abs=0.0005)


def test_words_on_the_backward_pump() -> None:
    """Its current falls off again at negative voltages; its rising flank shifts by 31.5 mV and is as steep as with 1.0."""
    row, grid = targets("M2.2")["squid-shift"], np.linspace(-200.0, 250.0, 901)
    halves = []
    for sodium in SODIUM:
        current = answer(row, {"outside.Na": sodium, VOLTAGE: grid}).current
        lowest = int(np.argmin(current))
        assert current[0] > 0.65 * current[lowest]
        flank, at = current[lowest:] / current[lowest], grid[lowest:]
        halves.append(float(at[np.flatnonzero(flank < 0.5)[0]]))
        if sodium == 400.0:
            inner = (flank > 0.1) & (flank < 0.9)
            slope = np.polyfit(at[inner], np.log(1.0 / flank[inner] - 1.0), 1)[0]
            assert slope * scheme(MAIN).constants.thermal_voltage == pytest.approx(1.0, abs=0.05)
    assert np.polyfit(np.log2(SODIUM), halves, 1)[0] == pytest.approx(31.5, abs=0.5)
    values = scheme(MAIN).values
    assert values["on_K_out"] * values["K_K_out"] == pytest.approx(0.019, abs=0.0005)


def test_words_on_the_slip() -> None:
    response = answer(targets("M2.2")["charge-per-ATP"], pump=MAIN)
    without = float(response.cycle_fluxes["slip_dephosphorylate"] / response.ATP)
    assert without == pytest.approx(1.0 / 12600.0, rel=0.01)
    assert float(response.current / response.ATP) == pytest.approx(1.0 + 2.0 * without)


@pytest.mark.parametrize(("pump", "shift"), [(MAIN, 29.7), ("pan-2018-15", 56.0)])
def test_words_on_the_slow_charge(pump: str, shift: float) -> None:
    """At the temperature of the points, and without a step where a component comes into the window of rates."""
    table = measured(DATA)
    assert table.temperature == 298.15
    curves = slow_charge(scheme(pump), table)
    fits = [each.fit for each in curves if isinstance(each.fit, Boltzmann)]
    assert np.mean(np.diff([fit.midpoint for fit in fits])) == pytest.approx(shift, abs=1.0)
    for charge, curve in zip([each.charges for each in curves], fits, strict=True):
        # third differences of a Boltzmann curve of valence 0.9 in steps of 10 mV reach 0.006; a step of 0.02 stands out
        assert np.max(np.abs(np.diff((charge - curve.start) / curve.total, 3))) < 0.01


def test_words_on_activation_by_ATP_in_the_warm() -> None:
    row = targets("M1.1")["ATP-half"]
    assert row.conditions["temperature"] == 297.15
    at = points(row).x
    half = hill(at, turnover(row, {"inside.ATP": at, "temperature": 310.0}), n=1.0).half
    assert half == pytest.approx(0.30, abs=0.005)


def test_the_cycle_is_drawn_with_and_without_ATP_and_nothing_else_changed() -> None:
    words = targets("M1.1")
    axes, = fuelled(Bench(), words).figures["cycle"].axes
    drawn = [[bar.get_width() for bar in bars] for bars in axes.containers]
    row = words["turnover-at-rest"]
    none = {name: words["no-ATP"].conditions[name] for name in ("inside.ATP", "inside.ADP", "inside.Pi")}
    for widths, given in zip(drawn, ({}, none), strict=True):
        assert widths == pytest.approx([float(part) for part in answer(row, given).occupancies.values()])
    assert max(drawn[1]) == pytest.approx(0.99, abs=0.005)


def test_the_work_that_measured_activities_ask_for() -> None:
    """Potassium of the papillary muscle is at equilibrium; 16.2 mV above it are 1.56 kJ/mol."""
    cases = targets("M1.2").cases
    assert work_from_activities(cases["rabbit papillary muscle"], "K") == pytest.approx(0.0, abs=0.005)
    assert work_from_activities(cases["rabbit papillary muscle"], "Na") == pytest.approx(14.87, abs=0.01)
    assert work_from_activities(cases["dog Purkinje fibre"], "K") == pytest.approx(96.485 * 0.0162, abs=0.005)
    # the same as the simulated work, where activities are the concentrations
    row = targets("M1.2")["Na-uphill"]
    conditions = {name: float(value) for name, value in answer(row).conditions.items()}
    assert work_from_activities({**conditions, "temperature": 310.0}, "Na") == pytest.approx(14.521, abs=0.01)


def test_claims_about_energy_follow_the_temperature() -> None:
    """A row in the cold gives the equilibrium potential and the steepness of a current their RT/F."""
    row = targets("M1.2")["K-turns"]
    cold = replace(row, conditions={**row.conditions, "temperature": 297.15})
    show = {**targets("M1.2").rows, "K-turns": cold}
    found = energies(Bench(), replace(targets("M1.2"), rows=show)).values["K-turns"]
    # the work on potassium turns where the formula says, to the rounding of both
    assert found == pytest.approx(0.0, abs=1e-8)
    row = targets("M2.2")["squid-valence"]
    row = replace(row, conditions={**row.conditions, "temperature": 290.0})
    curve = fit_boltzmann(GRID, answer(row, {VOLTAGE: GRID}, "pan-2018-15").current, 290.0 * 8.314 / 96.485)
    assert valence(row, "pan-2018-15") == pytest.approx(curve.valence, rel=1e-4)


def test_points_of_measured_work_are_filled_and_named() -> None:
    _, axes = energies(Bench(), targets("M1.2")).figures["energy"].axes
    points = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert [line.get_label() for line in points] == [
        "Na\u207a, rabbit papillary muscle", "K\u207a, rabbit papillary muscle", "K\u207a, dog Purkinje fibre"]
    assert all(line.get_markerfacecolor() != "white" for line in points)


def test_modes_count_potassium_inward_as_the_command_does() -> None:
    sodium, potassium, backward, uncoupled = modes_figure(targets("M1.3")).axes
    assert (sodium.get_ylabel(), potassium.get_ylabel()) == ("Na\u207a out [1/s]", "K\u207a in [1/s]")
    for axes, count in ((sodium, 3.0), (potassium, 2.0)):
        forward = next(line for line in axes.lines if line.get_label() == "net")
        # 10.1 turns a second, some of them without potassium
        assert float(np.asarray(forward.get_ydata())[0]) == pytest.approx(10.12 * count, rel=2e-3)
    for axes, name in ((backward, "K-per-reverse-charge"), (uncoupled, "uncoupled-share")):
        row = targets("M1.3")[name]
        mark = next(line for line in axes.lines if line.get_marker() == "o" and line.get_color() == "#000000")
        assert float(np.asarray(mark.get_xdata())[0]) == pytest.approx(sum(row.measured) / 2.0)
        assert (mark.get_markerfacecolor() == "white") == (row.kind == "fitted")
