"""What the claim about volume computes from an osmotic step, and what regulating-cell does in one."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.app.bench import Bench
from pumpleak.app.claims.osmotic import BLOCKED, DENSE, DILUTE, UNPUMPED, Step, osmotic_figure, osmotic_values
from pumpleak.app.targets import targets
from pumpleak.formats.catalog import light
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.run import run

TIME = np.array([-1.0, 0.0, 1.0, 10.0, 20.0, 20.0, 21.0, 30.0])


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


def test_a_share_is_of_the_extreme_change() -> None:
    swollen = Step(TIME, np.array([1.0, 1.0, 1.4, 1.2, 1.1, 1.1, 0.7, 0.8]), 1.5, 20.0)
    assert swollen.extreme == 1.4  # what the return of the bath does counts for nothing
    assert swollen.over_ideal == pytest.approx(1.4 / 1.5)
    assert swollen.undone(10.0) == pytest.approx(0.5)
    assert swollen.undone(20.0) == pytest.approx(0.75)
    shrunken = Step(TIME, np.array([1.0, 1.0, 0.8, 0.85, 0.9, 0.9, 1.2, 1.1]), 0.75, 20.0)
    assert shrunken.extreme == 0.8
    assert shrunken.undone(20.0) == pytest.approx(0.5)
    growing = Step(TIME, np.array([1.0, 1.0, 1.4, 1.5, 1.6, 1.6, 1.0, 1.0]), 1.5, 20.0)
    assert growing.undone(10.0) == pytest.approx(1.0 / 6.0)  # of the largest, which comes later


@pytest.mark.parametrize(("name", "ideal"), [(DILUTE, 1.5), (DENSE, 0.75)])
def test_the_bath_changes_by_a_third_and_the_ledger_closes(bench: Bench, name: str, ideal: float) -> None:
    found = bench.run(name)
    assert Step.of(found).ideal == pytest.approx(ideal, rel=1e-6)
    assert Step.of(found).lasts == pytest.approx(20.0)
    assert found.ledger.ok


def test_every_row_about_a_step_has_a_value_that_its_range_holds(bench: Bench) -> None:
    wanted = targets("M4.1")
    for name, value in osmotic_values(bench, wanted).items():
        assert wanted[name].holds(value), f"{name} = {value}"


def test_a_dilute_bath_takes_KCl_from_the_cell_and_the_pump_is_not_needed_at_once(bench: Bench) -> None:
    found = bench.run(DILUTE)
    during = [int(np.searchsorted(Step.of(found).time, minutes)) for minutes in (0.0, 19.9)]
    lost = {ion: float(np.subtract(*np.asarray(found[f"inside.{ion}.amount"].to("fmol"))[during])) for ion in ("K", "Cl", "Na")}
    assert lost["K"] == pytest.approx(lost["Cl"] - lost["Na"], rel=1e-3)  # to the charge on the membrane
    assert lost["Cl"] > 20.0
    assert abs(lost["Na"]) < 0.15 * lost["Cl"]
    with_pump, without = (Step.of(bench.run(name)).undone(20.0) for name in (DILUTE, UNPUMPED))
    assert without > 0.8 * with_pump


def test_what_anions_cannot_leave_cannot_shrink() -> None:
    """Every path for Cl shut from the dilution on: the swelling stays, to what the membrane's charge and the cations allow."""
    shut = {"leak_Cl.permeability": "0 cm/s", "vrac.permeability": "0 cm/s", "kcc.conductance": "0 mS/cm2",
            "nkcc1.conductance": "0 mS/cm2", "nacl.conductance": "0 mS/cm2"}
    dilute = {"outside.Na": "94.166667 mM", "outside.Cl": "79.166667 mM"}
    step = Step.of(run(Experiment(light("regulating-cell"), hold("1 min") + hold("20 min", dilute | shut), start="rest")))
    assert step.extreme == pytest.approx(1.5, rel=1e-3)
    assert step.undone(20.0) == pytest.approx(0.0, abs=1e-3)


def test_the_figure_has_units_and_the_ranges(bench: Bench) -> None:
    figure = osmotic_figure(bench, targets("M4.1"))
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["volume / start", "potential [mV]", "content [fmol]"]
    assert all("[min]" in axes.get_xlabel() for axes in figure.axes[4:])
    bars = [line for axes in figure.axes[:2] for line in axes.lines if line.get_linewidth() == 5 and np.size(line.get_xdata())]
    assert len(bars) == 5
    assert {line.get_label() for line in figure.axes[0].lines if not str(line.get_label()).startswith("_")} == {
        "all paths", "no anion channel", "no pump", "50 mM K\u207a outside", "range of a row"}
    assert bench.run(BLOCKED).ledger.ok
