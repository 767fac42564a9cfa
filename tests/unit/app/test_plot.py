"""Figures: what is drawn, with units on every axis."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from tests.unit.lab.firing import fired

from pumpleak.app.dissolved import seen, small_changes, strokes
from pumpleak.app.plot import plot
from pumpleak.app.segments import COARSE
from pumpleak.app.style import picture
from pumpleak.app.tour import Tour
from pumpleak.base.errors import ModelError, NameUnknown, PumpleakError
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.passage import Transporter
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import light, load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold, ramp
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter, State, System


@pytest.fixture(scope="module")
def blocked() -> Result:
    protocol = hold("10 min") + hold("1 h", {"pump.activity": 0}) + ramp("1 h", {"pump.activity": (0, 1)})
    return run(Experiment(light("generic-cell"), protocol, samples=101))


def test_a_cell_is_drawn_as_four_panels(blocked: Result) -> None:
    figure = plot(blocked)
    assert [axes.get_ylabel() for axes in figure.axes] == ["potential [mV]", "inside [mM]", "volume / start", "pump [fmol/min]"]
    assert figure.axes[-1].get_xlabel() == "time [min]"
    assert legend(figure.axes[0]) == ["$V$", r"$E_{\mathrm{Cl}}$", r"$E_{\mathrm{K}}$", r"$E_{\mathrm{Na}}$"]


def test_the_curves_are_the_result(blocked: Result) -> None:
    line = plot(blocked).axes[0].get_lines()[0]
    np.testing.assert_array_equal(line.get_ydata(), blocked["membrane.V"].to("mV"))
    np.testing.assert_allclose(line.get_xdata(), blocked.time.to("min"), rtol=1e-12)


def test_changed_parameters_are_written_over_their_time(blocked: Result) -> None:
    texts = [text.get_text() for text in plot(blocked).axes[0].texts]
    assert texts == ["pump.activity = 0", "pump.activity 0 \u2192 1"]


def test_what_is_no_result_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match=r"plot: 'kay-2017' is a Cell; what is drawn is the Result of run"):
        plot(load("kay-2017"))  # type: ignore[arg-type]


def test_title_and_changed_values_stand_over_the_axes(blocked: Result) -> None:
    axes = plot(blocked, title="Mine", changed={"outside.K": "8 mM"}).axes[0]
    assert axes.get_title(loc="left") == "Mine"
    assert "outside.K = 8 mM" in [text.get_text() for text in axes.texts]


def test_labels_have_units_and_cover_no_curve() -> None:
    """Long and many: each above the axes, inside the figure, under the title, and none over another."""
    long = {"outside.K": "8 mM", "outside.Na": "141 mM",
            "leak_Na.permeability": "2e-8 cm/s", "leak_K.permeability": "1e-7 cm/s"}
    protocol = (hold("1 h") + hold("1 h", long) + hold("1 h", {"outside.K": "12 mM"}) + hold("30 min", {"pump.activity": 0.5})
                + ramp("1 h", {"outside.K": ("8 mM", "4 mM")}))
    figure = plot(run(Experiment(light("generic-cell"), protocol, samples=101)), changed={"water.permeability": "30 um/s"})
    axes = figure.axes[0]
    assert {"outside.K = 12 mM", "pump.activity = 0.5", "outside.K 8 \u2192 4 mM"} <= {text.get_text() for text in axes.texts}
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in (*axes.texts, axes.title, axes._left_title)]
    boxes = [box for box in boxes if box.width > 1]
    assert len(boxes) == 6
    for number, box in enumerate(boxes):
        assert box.y0 >= axes.bbox.y1
        assert (box.x0 >= 0, box.x1 <= figure.bbox.x1, box.y1 <= figure.bbox.y1) == (True, True, True)
        assert not any(box.overlaps(other) for other in boxes[number + 1:])


def test_neighbours_under_different_values_have_different_shades() -> None:
    protocol = hold("1 h") + hold("1 h", {"outside.K": "8 mM"}) + hold("1 h", {"outside.K": "12 mM"}) + hold("1 h")
    axes = plot(run(Experiment(light("generic-cell"), protocol, samples=11))).axes[0]
    first, second = (patch.get_facecolor() for patch in axes.patches)
    assert first != second


def test_a_model_that_is_no_cell_is_drawn_by_unit() -> None:
    system = System("decay", states=(State("a.amount", "fmol", 1.0, 1.0),), parameters=(Parameter("k", "1/ms", 1.0),),
                    rates={"a.amount": -symbol("k") * symbol("a.amount")})
    figure = plot(run(system, "5 ms"))
    assert [axes.get_ylabel() for axes in figure.axes] == ["[fmol]"]
    assert figure.axes[0].get_xlabel() == "time [ms]"


def test_a_dollar_in_a_name_is_a_letter() -> None:
    r"""What stands in a file is no formula: "$\frac{" is not even a valid one."""
    wild = r"a$\frac{$b"
    system = System(wild, states=(State(f"{wild}.amount", "fmol", 1.0, 1.0),), parameters=(Parameter(wild, "1/ms", 1.0),),
                    rates={f"{wild}.amount": -symbol(wild) * symbol(f"{wild}.amount")}, title=f"costs of {wild}")
    figure = plot(run(Experiment(system, hold("5 ms", {wild: "2 1/ms"}))))
    assert figure.axes[0].get_title(loc="left") == f"costs of {wild}"
    assert picture(figure, "svg")
    model = load("kay-2017")
    assert isinstance(model, Cell)
    place = replace(model.inside, impermeants=(replace(model.inside.impermeants[0], name=wild),))
    result = run(Experiment(replace(model, inside=place, title="$"), hold("1 s")))
    assert f"{wild} (impermeant)" in legend(plot(result).axes[1])
    assert picture(plot(result), "png")


def pumped(result: Result) -> dict[str, NDArray[np.float64]]:
    """The curves of the panel of the pump, by their words. [fmol/min]"""
    axes = plot(result).axes[-1]
    assert axes.get_ylabel() == "pump [fmol/min]"
    return {str(line.get_label()): np.asarray(line.get_ydata()) for line in axes.get_lines()}


def with_pump(name: str, pump: Transporter) -> Cell:
    """A cell of the catalogue with this pump in the place of its own."""
    cell = load(name)
    assert isinstance(cell, Cell)
    return replace(cell, transporters=tuple(pump if each.name == "pump" else each for each in cell.transporters), values={})


def test_the_pump_is_drawn_by_its_stoichiometry() -> None:
    kay = load("kay-2017")
    assert isinstance(kay, Cell)
    (own,) = (each for each in kay.transporters if isinstance(each, RatePump))
    pump = replace(own, name="exchanger", moves={"Na": -1, "K": 1}, atp=2.0)
    result = run(Experiment(with_pump("kay-2017", pump), hold("1 min"), samples=11))
    curves, turns = pumped(result), result.column("exchanger.flux") * 6e4
    assert list(curves) == ["Na\u207a out", "K\u207a in", "ATP used"]
    for words, count in zip(curves, (1.0, 1.0, 2.0), strict=True):
        np.testing.assert_allclose(curves[words], count * turns, rtol=1e-12)


def test_a_pump_that_stands_still_keeps_its_words() -> None:
    assert list(pumped(run(Experiment(light("kay-2017", {"pump.activity": 0.0}), hold("1 s"))))) == [
        "Na\u207a out", "K\u207a in", "ATP used"]


def test_a_pump_at_full_depth_is_drawn_where_ions_arrive() -> None:
    """In 15 steps; over ten minutes of slow change all of them turn alike, to the share that fills the states."""
    scheme = load("pan-2018-15")
    assert isinstance(scheme, Scheme)
    cell = with_pump("generic-cell", SchemePump("motor", scheme, density=1000.0, depth="full"))
    result = run(Experiment(cell, hold("10 min"), samples=11))
    curves = pumped(result)
    assert list(curves) == ["Na\u207a out", "K\u207a in", "ATP used"]
    turns = result.column("motor.turnover") * result.column("motor.amount") * 6e4
    for words, count in zip(curves, (3.0, 2.0, 1.0), strict=True):
        np.testing.assert_allclose(curves[words][2:], count * turns[2:], rtol=2e-2)
    # at the start K inside binds within milliseconds, hundreds of times as fast as pumps turn; that is not what is looked for
    assert curves["K\u207a in"][0] > 100.0 * curves["K\u207a in"][2]
    assert plot(result).axes[-1].get_ylim()[1] < 1.2 * float(np.max(curves["Na\u207a out"][1:]))


def test_a_cell_that_makes_its_ATP_is_drawn_with_what_its_pump_uses_and_its_space() -> None:
    """ATP that supply makes and demand or kinase use crosses no membrane; potassium gathers in the space outside."""
    lack = {"supply.activity": "0", "exchange.clearance": "1 um3/s"}
    result = run(Experiment(light("neuron-supplied"), hold("10 s") + hold("90 s", lack), start="rest", samples=51))
    curves = pumped(result)
    assert list(curves) == ["Na\u207a out", "K\u207a in", "ATP used"]
    np.testing.assert_allclose(curves["Na\u207a out"], 3.0 * curves["ATP used"], rtol=1e-9, atol=1e-12)
    panels = {axes.get_ylabel(): axes for axes in plot(result).axes}
    inside, outside = panels["inside [mM]"], panels["outside [mM]"]
    assert (outside.get_ylabel(), outside.get_yscale()) == ("outside [mM]", "log")
    assert {"K\u207a", "Na\u207a", "Cl\u207b"} <= set(legend(outside))
    looks = [(line.get_color(), line.get_linestyle(), tuple(line._dash_pattern[1] or ())) for line in inside.get_lines()]  # type: ignore[attr-defined]
    assert len(set(looks)) == len(looks) > 6


def test_a_cell_without_a_pump_has_no_panel_for_it() -> None:
    cell = load("kay-2017")
    assert isinstance(cell, Cell)
    bare = replace(cell, transporters=tuple(each for each in cell.transporters if each.name != "pump"))
    assert [axes.get_ylabel() for axes in plot(run(Experiment(bare, hold("1 s")))).axes] == [
        "potential [mV]", "inside [mM]", "volume / start"]


def test_what_was_not_recorded_is_drawn_all_the_same() -> None:
    """A result iterates over what was recorded and has no more; `available` says what else can be asked for."""
    short = run(Experiment(light("generic-cell"), hold("1 min"), record=["inside.Na"], samples=11))
    assert (list(short), "inside.Na" in short, "membrane.V" in short) == (["inside.Na"], True, False)
    assert set(short) == {name for name in short.available if name in short}
    assert (short.available["membrane.V"], short.available["pump.activity"]) == ("mV", "1")
    assert float(short["membrane.V"].to("mV")[0]) == pytest.approx(-70.0)  # type: ignore[index]
    assert [axes.get_ylabel() for axes in plot(short).axes] == [
        "potential [mV]", "inside [mM]", "volume / start", "pump [fmol/min]"]
    assert len(plot(short).axes[0].get_lines()) == 4


def legend(axes: Axes) -> list[str]:
    found = axes.get_legend()
    assert found is not None
    return [text.get_text() for text in found.get_texts()]


def test_files_are_the_same_every_time(blocked: Result) -> None:
    for form in ("png", "svg"):
        assert picture(plot(blocked), form) == picture(plot(blocked), form)
    assert b"<dc:date>" not in picture(plot(blocked), "svg")


def all_figures(tour: Tour) -> list[tuple[str, Figure]]:
    return [(f"{claim.id}-{name}", figure) for claim in tour.claims for name, figure in claim.figures.items()]


def test_every_axis_of_the_tour_is_labelled_and_nothing_overlaps(tour: Tour) -> None:
    """Tick labels apart from each other, titles inside the figure."""
    for name, figure in all_figures(tour):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        for axes in figure.axes:
            columns = axes.get_shared_x_axes().get_siblings(axes)  # one above the other: the lowest is labelled for all
            assert any(each.get_xlabel() or any(label.get_text() for label in each.get_xticklabels()) for each in columns), name
            bars = any(label.get_text().strip("-0123456789.\u2212") for label in axes.get_yticklabels())  # each has its name
            assert axes.get_ylabel() or bars or axes is not figure.axes[0], name
            for axis in (axes.xaxis, axes.yaxis):
                shown = [label for label in axis.get_ticklabels() if label.get_text() and label.get_visible()]
                if any(label.get_rotation() for label in shown):
                    continue  # turned labels overlap as boxes, not as text
                low, high = sorted(axis.get_view_interval())
                boxes = [label.get_window_extent(renderer) for label, place in zip(shown, axis.get_ticklocs(), strict=False)
                         if low <= place <= high]
                for one, other in pairwise(boxes):
                    assert not one.overlaps(other), (name, axes.get_title())
            title = axes.title.get_window_extent(renderer)
            assert title.x1 <= figure.bbox.x1 + 1, (name, axes.get_title())


def test_a_long_train_is_drawn_without_thousands_of_shades() -> None:
    from pumpleak.formats.catalog import load
    from pumpleak.lab.experiment import Experiment
    from pumpleak.lab.protocol import pulse
    from pumpleak.lab.run import run

    train = pulse("1 ms", {"stimulus.injected": "5 pA"}, after="1 s")
    short, long = (plot(run(Experiment(load("generic-cell"), train * count, samples=20)))  # type: ignore[arg-type]
                   for count in (3, 201))
    assert len(short.axes[0].patches) == 3
    assert [text.get_text() for text in short.axes[0].texts] == ["stimulus.injected = 5 pA"]  # said once
    assert len(long.axes[0].patches) == 0
    assert [text.get_text() for text in long.axes[0].texts] == []


def test_a_short_stretch_that_is_alone_is_named() -> None:
    protocol = hold("20 s") + hold("10 s", {"pump.activity": 0}) + hold("10 min")
    axes = plot(run(Experiment(light("generic-cell"), protocol, samples=11))).axes[0]
    assert [text.get_text() for text in axes.texts] == ["pump.activity = 0"]


def test_spikes_that_rows_do_not_show_are_said() -> None:
    assert COARSE in [text.get_text() for text in plot(fired(every="5 ms")).axes[0].texts]
    assert COARSE not in [text.get_text() for text in plot(fired()).axes[0].texts]


def test_what_changes_well_but_little_beside_the_others_has_a_panel_of_its_own() -> None:
    """Sodium from 9 to 13 mM on an axis to 150 mM; not what hardly changes, what is seen anyway, or a trace."""
    courses = {"Na": np.array([9.0, 13.0]), "K": np.array([130.0, 126.0]), "Cl": np.array([7.0, 30.0]),
               "H": np.array([1e-4, 0.0])}
    assert small_changes(courses) == ["Na"]
    assert small_changes({}) == []
    raised = run(Experiment(light("generic-cell"), hold("20 min", {"pump.activity": 0.8}), samples=101))
    figure = plot(raised)
    enlarged = next(axes for axes in figure.axes if axes.get_ylabel() == "inside, enlarged [mM]")
    np.testing.assert_array_equal(enlarged.get_lines()[0].get_ydata(), raised["inside.Na"].to("mM"))
    assert enlarged.get_ylim()[0] > 10.0


def test_quantities_and_a_stretch_of_time_can_be_chosen(blocked: Result) -> None:
    figure = plot(blocked, quantities=["inside.Na", "membrane.V"], span=("5 min", "40 min"))
    assert [axes.get_ylabel() for axes in figure.axes] == ["inside.Na\n[mM]", "membrane.V\n[mV]"]
    assert figure.axes[0].get_xlim() == pytest.approx((5.0, 40.0))
    times, values = blocked.time.to("min"), np.asarray(blocked["inside.Na"].to("mM"))
    seen_there = values[(times >= 5.0) & (times <= 40.0)]
    low, high = figure.axes[0].get_ylim()
    # a margin of 5 % of the range on either side
    margin = 0.05 * np.ptp(seen_there)
    assert (low, high) == pytest.approx((seen_there.min() - margin, seen_there.max() + margin))
    assert [text.get_text() for text in figure.axes[0].texts] == ["pump.activity = 0"]


def test_a_short_stretch_of_a_long_run_is_in_units_of_its_own(blocked: Result) -> None:
    axes = plot(blocked, span=(None, "2 min")).axes[-1]
    assert (axes.get_xlabel(), axes.get_xlim()) == ("time [s]", (0.0, 120.0))
    np.testing.assert_allclose(axes.get_lines()[0].get_xdata(), blocked.time.to("s"), rtol=1e-12)


@pytest.mark.parametrize(("options", "kind", "message"), [
    ({"span": ("3 h", None)}, ModelError, "plot: span, from '3 h' is not within the run, which goes from 0 to 2.16667 h"),
    ({"span": ("2 min", "1 min")}, ModelError, "plot: span, to '1 min' is not after 2 min"),
    ({"span": "2 min"}, ModelError, "plot: span '2 min'; give two times"),
    ({"quantities": ["inside.na"]}, NameUnknown, "plot: quantities: generic-cell has no quantity 'inside.na'; did you mean"),
    ({"quantities": []}, ModelError, r"plot: quantities '\[\]'; give 1 to 12 names"),
    ({"quantities": "inside.Na"}, ModelError, "plot: quantities 'inside.Na'; give 1 to 12 names"),
])
def test_what_cannot_be_drawn_is_refused(blocked: Result, options: dict[str, Any], kind: type[PumpleakError],
                                         message: str) -> None:
    with pytest.raises(kind, match=message):
        plot(blocked, **options)


def test_which_concentrations_are_drawn() -> None:
    """Potassium and chloride however small; what is not an ion sets no scale; nothing where there is none."""
    assert seen({"outside.Na": 145.0, "outside.K": 3.0, "outside.Cl": 0.0, "outside.Ca": 1.0}) == ["outside.Na", "outside.K"]
    assert seen({"inside.Na": 10.0, "inside.ATP": 5.0, "inside.X": 1000.0}) == ["inside.Na", "inside.ATP", "inside.X"]
    assert seen({}) == []


def test_a_dense_train_is_drawn_without_dashes() -> None:
    times = np.linspace(0.0, 400.0, 40001)
    train = np.where(times < 10.0, np.sin(2.0 * np.pi * 20.0 * times), 0.0)
    slow = np.sin(2.0 * np.pi * times / 20.0)
    noise = 1e-4 * np.cos(np.pi * np.arange(times.size))  # less than is seen
    assert strokes(times, train, (5, 2)) == ()
    assert strokes(times, slow + noise, (5, 2)) == (5, 2)
    assert strokes(times, np.zeros_like(times), (5, 2)) == (5, 2)
