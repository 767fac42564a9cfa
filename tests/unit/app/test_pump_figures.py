"""Figures of pumps: what is drawn, with units on every axis."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from pumpleak.app.pump.answer import answer
from pumpleak.app.pump.bars import energy_figure, modes_figure
from pumpleak.app.pump.cycles import energy_of
from pumpleak.app.pump.data import compare, with_data
from pumpleak.app.pump.figures import curves_figure
from pumpleak.app.pump.jumps import charge_section, jump_section
from pumpleak.app.pump.modes import modes_section
from pumpleak.app.pump.question import Question, asked
from pumpleak.app.pump.ring import main_ring, ring_figure
from pumpleak.app.ranges import Range
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
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("membrane potential [mV]", "turnover [1/s]")
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
    assert words == "measured (fitted to by post-albers-23)"


def test_pumps_of_different_units_get_panels_of_their_own(branched: Scheme) -> None:
    law = load("luo-rudy-1994")
    assert not isinstance(law, Scheme)
    question = asked("", {}, "-80:0:3")
    figure = curves_figure([answer(law, question), answer(branched, question)])  # type: ignore[arg-type]
    assert [axes.get_ylabel() for axes in figure.axes] == ["current [uA/uF]", "turnover [1/s]"]


@pytest.mark.parametrize("name", ["pan-2018-4", "pan-2018-15", "post-albers-23", "clarke-2013", "chapman-1983"])
def test_every_state_has_a_place_of_its_own_on_the_ring(name: str) -> None:
    pump = load(name)
    assert isinstance(pump, Scheme)
    response = answer(pump, asked("", {"membrane.V": "-80 mV"}, None)).at_point()
    figure = ring_figure(response, "-80 mV")
    places = [np.asarray(each.get_offsets())[0] for each in figure.axes[0].collections]
    assert len(places) == len(pump.states)
    distances = [float(np.linalg.norm(one - other)) for index, one in enumerate(places) for other in places[:index]]
    assert min(distances) > 0.15  # of the ring's radius; closer, circles and labels would lie upon each other
    labels = {text.get_text().partition("\n")[0] for text in figure.axes[0].texts}
    assert set(pump.states) <= labels


def test_the_ring_is_the_cycle_that_turns(branched: Scheme) -> None:
    response = answer(branched, asked("", {}, None)).at_point()
    ring = main_ring(response, {name: float(np.ravel(flux)[0]) for name, flux in response.step_fluxes.items()})
    assert len(ring) == 15
    assert {"ATP.E1.Na3", "E1P(Na3)", "E2P.K2", "E2(K2)", "ATP.E2(K2)"} <= set(ring)
    assert ring[(ring.index("E2P.Na2") + 1) % 15] == "E2P.Na"


def test_a_pump_that_turns_backward_has_arrows_that_do(branched: Scheme) -> None:
    forward, backward = (answer(branched, asked("", {"membrane.V": volts}, None)).at_point() for volts in ("0 mV", "-400 mV"))
    rings = [main_ring(each, {name: float(np.ravel(flux)[0]) for name, flux in each.step_fluxes.items()})
             for each in (forward, backward)]
    following = [ring[(ring.index("E2P.Na2") + 1) % len(ring)] for ring in rings]
    assert following == ["E2P.Na", "E2P.Na3"]
    arrows = [each for each in ring_figure(backward, "").axes[0].patches if isinstance(each, FancyArrowPatch)]
    assert len(arrows) >= 15


def test_energy_bars_end_at_the_energy_of_ATP(branched: Scheme) -> None:
    given = answer(branched, asked("", {"membrane.V": "-80 mV"}, None))
    axes = energy_figure([("pump", "-80 mV", energy_of(given))]).axes[0]
    *parts, whole = axes.patches
    assert parts[-1].get_x() + parts[-1].get_width() == pytest.approx(whole.get_width(), rel=1e-9)  # type: ignore[attr-defined]
    assert "[kJ/mol]" in axes.get_xlabel()
    assert axes.get_title(loc="left") == "pump, \u221280 mV: 70.4 % stored"


def test_modes_that_are_assumed_or_absent_are_marked(branched: Scheme) -> None:
    rows = modes_section(answer(branched, asked("", {}, None))).plain
    axes = modes_figure("pump", rows).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["forward", "reversed", "Na/Na", "K/K", "uncoupled *"]
    assert "* charge assumed" in legend(axes)
    single = load("pan-2018-15")
    assert isinstance(single, Scheme)
    axes = modes_figure("pump", modes_section(answer(single, asked("", {}, None))).plain).axes[0]
    assert "not in this scheme" in [text.get_text() for text in axes.texts]


def test_a_jump_is_drawn_from_before_it_acts_to_the_end(branched: Scheme) -> None:
    section = jump_section(answer(branched, asked("", {}, None)), {"membrane.V": "-80 mV"})
    assert section.draw is not None
    upper, lower = section.draw().axes
    assert (upper.get_ylabel(), lower.get_ylabel(), lower.get_xlabel()) == (
        "current [e/s]", "charge moved [e]", "time since the jump [ms]")
    # the last point is eight time constants of the slowest component away
    assert np.asarray(lower.get_lines()[0].get_ydata())[-1] == pytest.approx(section.plain["charge"], rel=1e-3)


def test_charge_is_drawn_with_its_boltzmann_curve(branched: Scheme) -> None:
    settings = {"inside.K": "1e-9 mM", "outside.K": "1e-9 mM", "inside.ADP": "1e-6 mM"}
    section = charge_section(answer(branched, asked("", settings, None)), Range(-160.0, 120.0, 9))
    assert section.draw is not None
    axes = section.draw().axes[0]
    assert axes.get_ylabel() == "charge moved outward [e]"
    assert len(axes.get_lines()) == 3  # points, curve, holding voltage
