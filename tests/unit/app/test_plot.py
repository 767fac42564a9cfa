"""Figures: what is drawn, with units on every axis."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from pumpleak.app.plot import plot
from pumpleak.app.style import picture
from pumpleak.app.tour import Tour
from pumpleak.formats.catalog import light
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
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == [  # type: ignore[union-attr]
        "$V$", r"$E_{\mathrm{Cl}}$", r"$E_{\mathrm{K}}$", r"$E_{\mathrm{Na}}$"]


def test_the_curves_are_the_result(blocked: Result) -> None:
    line = plot(blocked).axes[0].get_lines()[0]
    np.testing.assert_array_equal(line.get_ydata(), blocked["membrane.V"].to("mV"))
    np.testing.assert_allclose(line.get_xdata(), blocked.time.to("min"), rtol=1e-12)


def test_changed_parameters_are_written_over_their_time(blocked: Result) -> None:
    texts = [text.get_text() for text in plot(blocked).axes[0].texts]
    assert texts == ["pump.activity = 0", "pump.activity 0 \u2192 1"]


def test_a_model_that_is_no_cell_is_drawn_by_unit() -> None:
    system = System("decay", states=(State("a.amount", "fmol", 1.0, 1.0),), parameters=(Parameter("k", "1/ms", 1.0),),
                    rates={"a.amount": -symbol("k") * symbol("a.amount")})
    figure = plot(run(system, "5 ms"))
    assert [axes.get_ylabel() for axes in figure.axes] == ["[fmol]"]
    assert figure.axes[0].get_xlabel() == "time [ms]"


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
            shared = axes.get_ylabel() or axes is not figure.axes[0]
            assert axes.get_xlabel() or any(label.get_text() for label in axes.get_xticklabels()), name
            assert shared, name
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
