"""Figures of pumps: what is drawn, with units on every axis."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from pumpleak.app.pump.answer import answer
from pumpleak.app.pump.bars import energy_figure, modes_figure
from pumpleak.app.pump.cycles import energy_of
from pumpleak.app.pump.data import compare, with_charge, with_data
from pumpleak.app.pump.figures import curves_figure, cycles_figure
from pumpleak.app.pump.jumps import charge_section, jump_section
from pumpleak.app.pump.modes import modes_section
from pumpleak.app.pump.question import Question, asked
from pumpleak.app.pump.report import Wanted, report
from pumpleak.app.pump.ring import main_ring, ring_figure
from pumpleak.app.ranges import Range
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.formats.measured import measured


@pytest.fixture(scope="module")
def branched() -> Scheme:
    found = load("post-albers-23")
    assert isinstance(found, Scheme)
    return found


def legend(axes: Axes) -> list[str]:
    found = axes.get_legend()
    return [text.get_text() for text in found.get_texts()] if found is not None else []


def test_a_family_is_labelled_by_its_quantity(branched: Scheme) -> None:
    figure = curves_figure([answer(branched, asked("", {"outside.Na": "1.5,150"}, "-120:60:7"))])
    axes = figure.axes[0]
    assert legend(axes) == ["Na\u207a outside 1.5 mM", "Na\u207a outside 150 mM"]
    # one charge leaves for each ATP but for the slip, a thousandth
    assert axes.get_ylabel() == "turnover [1/s]\n(and current [e/s], within 1 %)"
    assert axes.get_xlabel() == "membrane potential [mV]"
    assert axes.get_ylim()[0] == 0.0


def test_a_reversal_is_drawn_on_both_sides_of_zero(branched: Scheme) -> None:
    axes = curves_figure([answer(branched, asked("", {}, "-400:-200:21"))]).axes[0]
    low, high = axes.get_ylim()
    assert low < 0.0 < high


def test_a_concentration_over_decades_has_a_logarithmic_axis(branched: Scheme) -> None:
    axes = curves_figure([answer(branched, asked("", {"outside.K": "0.1:20:9:log"}, None))]).axes[0]
    assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "K\u207a outside [mM]")


def test_points_have_the_colour_of_their_curve(branched: Scheme) -> None:
    data = measured("nakao-gadsby-1989-voltage")
    given = answer(branched, with_data(Question(), data))
    figure = curves_figure([given], data, [compare(given, data)])
    lines = [line for line in figure.axes[0].get_lines() if np.size(line.get_xdata())]
    curves, points = lines[:4], lines[4:8]
    assert [line.get_color() for line in curves] == [line.get_color() for line in points]
    for line, curve in zip(points, data.curves, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve.y)
    words = " ".join(legend(figure.axes[0])[-1].split())
    assert words == "measured (fitted to by post-albers-23): open"
    assert {line.get_markerfacecolor() for line in points} == {"white"}


def test_pumps_of_different_units_get_panels_of_their_own(branched: Scheme) -> None:
    law = load("luo-rudy-1994")
    assert not isinstance(law, Scheme)
    question = asked("", {}, "-80:0:3")
    figure = curves_figure([answer(law, question), answer(branched, question)])  # type: ignore[arg-type]
    assert [axes.get_ylabel().partition("\n")[0] for axes in figure.axes] == ["current [uA/uF]", "turnover [1/s]"]
    assert [legend(axes) for axes in figure.axes] == [["luo-rudy-1994"], ["post-albers-23"]]


@pytest.mark.parametrize("name", ["pan-2018-4", "pan-2018-15", "post-albers-23", "clarke-2013", "chapman-1983"])
def test_every_state_has_a_place_of_its_own_on_the_ring(name: str) -> None:
    pump = load(name)
    assert isinstance(pump, Scheme)
    response = answer(pump, asked("", {"membrane.V": "-80 mV"}, None)).response_at(0)
    figure = ring_figure(response, "-80 mV")
    places = [np.asarray(each.get_offsets())[0] for each in figure.axes[0].collections]
    assert len(places) == len(pump.states)
    distances = [float(np.linalg.norm(one - other)) for index, one in enumerate(places) for other in places[:index]]
    assert min(distances) > 0.15  # of the ring's radius; closer, circles and labels would lie upon each other
    labels = {text.get_text().partition("\n")[0] for text in figure.axes[0].texts}
    assert set(pump.states) <= labels


def test_the_ring_is_the_cycle_that_turns(branched: Scheme) -> None:
    response = answer(branched, asked("", {}, None)).response_at(0)
    ring = main_ring(response, {name: float(np.ravel(flux)[0]) for name, flux in response.step_fluxes.items()})
    assert len(ring) == 15
    assert {"ATP.E1.Na3", "E1P(Na3)", "E2P.K2", "E2(K2)", "ATP.E2(K2)"} <= set(ring)
    assert ring[(ring.index("E2P.Na2") + 1) % 15] == "E2P.Na"


def test_a_pump_that_turns_backward_has_arrows_that_do(branched: Scheme) -> None:
    forward, backward = (answer(branched, asked("", {"membrane.V": volts}, None)).response_at(0)
                         for volts in ("0 mV", "-400 mV"))
    rings = [main_ring(each, {name: float(np.ravel(flux)[0]) for name, flux in each.step_fluxes.items()})
             for each in (forward, backward)]
    following = [ring[(ring.index("E2P.Na2") + 1) % len(ring)] for ring in rings]
    assert following == ["E2P.Na", "E2P.Na3"]
    arrows = [each for each in ring_figure(backward, "").axes[0].patches if isinstance(each, FancyArrowPatch)]
    assert len(arrows) >= 15


def test_energy_bars_end_at_the_energy_of_ATP(branched: Scheme) -> None:
    given = answer(branched, asked("", {"membrane.V": "-80 mV"}, None))
    axes = energy_figure([("pump", "-80 mV", energy_of(given.response_at(0)))]).axes[0]
    *parts, whole = axes.patches
    assert parts[-1].get_x() + parts[-1].get_width() == pytest.approx(whole.get_width(), rel=1e-9)  # type: ignore[attr-defined]
    assert "[kJ/mol]" in axes.get_xlabel()
    assert axes.get_title(loc="left") == "pump, \u221280 mV: 70.4 % stored"


def test_without_a_free_energy_nothing_is_drawn(branched: Scheme) -> None:
    point = answer(branched, asked("", {"inside.K": "0 mM"}, None))
    found = energy_of(point.response_at(0))
    assert (found["ATP"], found["lost"], found["work"], found["absent"]) == (None, None, {}, ["inside.K"])
    assert found["coupling"]["Na"] == pytest.approx(3.0)
    alone = report([branched], asked("", {"inside.K": "0 mM"}, None), Wanted(cycles=True))
    assert "energy" not in alone.figures
    assert "no free energy: inside.K is absent" in alone.text
    # at the other end of a sweep it has one
    swept = report([branched], asked("", {"inside.K": "0,140"}, None), Wanted(cycles=True))
    assert len(swept.figures["energy"]().axes) == 1
    assert ",inf" not in swept.tables["cycles.csv"]


def test_modes_that_are_assumed_or_absent_are_marked(branched: Scheme) -> None:
    rows = modes_section(answer(branched, asked("", {}, None))).plain
    sodium, _, turns = modes_figure("pump, membrane.V -80 mV", rows).axes
    labels = [text.get_text() for text in turns.get_xticklabels()]
    assert [label.partition("\n")[0] for label in labels] == ["forward", "reversed", "Na\u207a/Na\u207a,", "K\u207a/K\u207a,",
                                                              "uncoupled, no K\u207a,"]
    assert [label.endswith(" *") for label in labels] == [False, False, False, False, True]
    assert "* charge assumed" in legend(turns)
    assert sodium.get_title(loc="left") == "pump, membrane.V \u221280 mV: transport modes"
    single = load("pan-2018-15")
    assert isinstance(single, Scheme)
    *_, turns = modes_figure("pump", modes_section(answer(single, asked("", {}, None))).plain).axes
    assert any(text.get_text().endswith("not in this scheme") for text in turns.get_xticklabels())


def test_a_jump_is_drawn_from_before_it_acts_to_the_end(branched: Scheme) -> None:
    section = jump_section(answer(branched, asked("", {}, None)), {"membrane.V": "-80 mV"})
    upper, lower = section.figures["jump"]().axes
    assert (upper.get_ylabel(), lower.get_ylabel(), lower.get_xlabel()) == (
        "current [e/s]", "charge moved [e]", "time since the jump [ms]")
    # the last point is eight time constants of the slowest component away
    assert np.asarray(lower.get_lines()[0].get_ydata())[-1] == pytest.approx(section.plain["charge"], rel=1e-3)


def test_charge_is_drawn_with_its_boltzmann_curve(branched: Scheme) -> None:
    settings = {"inside.K": "1e-9 mM", "outside.K": "1e-9 mM", "inside.ADP": "1e-6 mM"}
    section = charge_section(answer(branched, asked("", settings, None)), Range(-160.0, 120.0, 9))
    axes = section.figures["charge"]().axes[0]
    assert axes.get_ylabel() == "charge moved outward\nsince 0 mV [e]"
    computed, fit, _, held = axes.get_lines()
    assert (computed.get_linestyle(), fit.get_linestyle(), held.get_linestyle()) == ("-", ":", "--")
    assert len(np.asarray(computed.get_xdata())) == 9


def test_measured_charge_and_computed_are_on_one_scale_with_markers_of_their_own(branched: Scheme) -> None:
    data = measured("slow-charge-sodium")
    section = charge_section(answer(branched, with_charge(Question(), data)), Range(-160.0, 120.0, 29), data)
    axes = section.figures["charge"]().axes[0]
    assert axes.get_ylabel() == "slow charge, from 0 to 1\nof its Boltzmann curve"
    points = [line for line in axes.get_lines() if line.get_linestyle() == "None" and np.size(line.get_xdata())]
    assert [line.get_marker() for line in points] == ["o", "s", "^", "D"]
    for line, curve in zip(points, data.curves, strict=True):
        np.testing.assert_array_equal(np.asarray(line.get_ydata()), curve.y)
    assert np.nanmax(np.asarray(axes.get_lines()[0].get_ydata())) == pytest.approx(1.0, abs=0.05)


def test_points_that_nothing_shown_was_fitted_to_are_filled() -> None:
    pump = load("chapman-1983")
    assert isinstance(pump, Scheme)
    data = measured("hansen-sodium")
    given = answer(pump, with_data(Question(), data))
    axes = curves_figure([given], data, [compare(given, data)]).axes[0]
    (points,) = [line for line in axes.get_lines() if line.get_linestyle() == "None" and np.size(line.get_xdata())]
    assert points.get_markerfacecolor() == "#000000"
    assert axes.get_ylabel() == "pump rate / that at\n50 mM Na\u207a inside"
    assert axes.get_xscale() == "log"
    curve = next(line for line in axes.get_lines() if len(np.asarray(line.get_xdata())) > 10)
    at = np.asarray(curve.get_xdata(), dtype=float)
    # both are 1 at 50 mM, to a step of the line
    assert float(np.interp(50.0, at, np.asarray(curve.get_ydata(), dtype=float))) == pytest.approx(1.0, abs=1e-3)


def test_a_linear_range_has_a_linear_axis(branched: Scheme) -> None:
    assert curves_figure([answer(branched, asked("", {"outside.K": "0.1:20:9"}, None))]).axes[0].get_xscale() == "linear"


def test_current_has_a_panel_where_it_is_not_the_turnover(branched: Scheme) -> None:
    given = answer(branched, asked("", {}, "-300:-180:25"))
    upper, lower = curves_figure([given]).axes
    assert (upper.get_ylabel(), lower.get_ylabel()) == ("turnover [1/s]", "current [e/s]")
    np.testing.assert_array_equal(np.asarray(lower.get_lines()[0].get_ydata()), given.columns["current [e/s]"])
    # it makes ATP at the left end: seen, though little beside the right end
    assert upper.get_ylim()[0] < 0.0


def test_the_cycles_along_a_sweep_are_those_of_the_tour(branched: Scheme) -> None:
    question = asked("", {"membrane.V": "-80 mV", "outside.K": "0.05:20:25:log"}, None)
    upper, lower = cycles_figure(answer(branched, question)).axes
    response = respond(branched, {"membrane.V": -80.0, "outside.K": np.geomspace(0.05, 20.0, 25)}, "physiological")
    coupled, slip, _ = upper.get_lines()
    np.testing.assert_allclose(np.asarray(coupled.get_ydata()), response.cycle_fluxes["dephosphorylate"], rtol=1e-9)
    np.testing.assert_allclose(np.asarray(slip.get_ydata()), response.cycle_fluxes["slip_dephosphorylate"], rtol=1e-9)
    # the ratio jumps where the use of ATP changes its sign, once
    _, _, *pieces = lower.get_lines()
    assert len(pieces) == 2
    potassium = np.concatenate([np.asarray(piece.get_ydata()) for piece in pieces])
    shown = ~np.isnan(potassium)
    np.testing.assert_allclose(potassium[shown], response.K_per_ATP[shown], rtol=1e-9)
    assert (lower.get_ylabel(), lower.get_xscale()) == ("ions for each ATP", "log")


def test_temperature_is_drawn_in_degrees(branched: Scheme) -> None:
    axes = curves_figure([answer(branched, asked("", {}, None, "15:42:10"))]).axes[0]
    assert axes.get_xlabel() == "temperature [\u00b0C]"
    assert np.asarray(axes.get_lines()[0].get_xdata())[[0, -1]] == pytest.approx([15.0, 42.0])


@pytest.mark.parametrize("name", ["post-albers-23", "clarke-2013", "pan-2018-15"])
def test_no_step_crosses_a_label_of_the_ring(name: str) -> None:
    pump = load(name)
    assert isinstance(pump, Scheme)
    figure = ring_figure(answer(pump, asked("", {"membrane.V": "-80 mV"}, None)).response_at(0), "-80 mV")
    figure.canvas.draw()
    axes = figure.axes[0]
    boxes = [text.get_window_extent() for text in axes.texts]
    for arrow in (each for each in axes.patches if isinstance(each, FancyArrowPatch)):
        ends = axes.transData.transform(np.array(arrow._posA_posB))  # type: ignore[attr-defined]
        along = ends[0] + np.linspace(0.0, 1.0, 200)[:, np.newaxis] * (ends[1] - ends[0])
        assert not any(box.contains(*point) for box in boxes for point in along), arrow
    key = figure.legends[0]
    assert "1 %" in [text.get_text() for text in key.get_texts()]
