"""The schemes of Pan et al. against independent grids of the same published constants and against the measured points."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError
from pumpleak.enzyme import energy
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.document import read_file
from pumpleak.formats.scheme import scheme_of
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter

DATA = Path(__file__).parents[1] / "data" / "pump"
COLUMNS = {"Nai": "inside.Na", "Nao": "outside.Na", "Ki": "inside.K", "Ko": "outside.K", "ATP": "inside.ATP",
           "ADP": "inside.ADP", "Pi": "inside.Pi", "H": "inside.H", "V_mV": "membrane.V"}
GRIDS = {"pan-2018-15": ("ref_pan15_bondgraph_grid.csv", "v_per_s", "pan15"),
         "pan-2018-4": ("ref_4state_models_grid.csv", "v_pan4", "pan4")}
# The grids are written with 8 digits; relative to at least 0.1 /s, where turnover crosses zero.
GRID_TOLERANCE, LEAST = 1e-7, 0.1
# The summary is written with 6 digits.
SUMMARY_TOLERANCE = 1e-5


@cache
def scheme_named(name: str) -> Scheme:
    with as_file(files("pumpleak") / "catalog" / "pumps" / f"{name}.yaml") as path:
        return scheme_of(read_file(path))


def table(name: str) -> dict[str, list[str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def numbers(column: list[str]) -> NDArray[np.float64]:
    return np.array([float(entry) for entry in column])


def deviation(found: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(found - expected) / np.maximum(np.abs(expected), LEAST)))


@cache
def on_grid(name: str) -> tuple[dict[str, list[str]], Response]:
    grid = table(GRIDS[name][0])
    return grid, respond(scheme_named(name), {COLUMNS[column]: numbers(grid[column]) for column in COLUMNS})


@pytest.mark.parametrize("name", GRIDS)
def test_each_scheme_carries_its_own_constants(name: str) -> None:
    constants = scheme_named(name).constants
    assert (constants.R, constants.F, constants.T, scheme_named(name).dG0) == (8.314, 96485.0, 310.0, 11900.0)
    assert {*table(GRIDS[name][0])["T"]} == {"310"}


@pytest.mark.parametrize("name", GRIDS)
def test_turnover_on_the_grid(name: str) -> None:
    grid, found = on_grid(name)
    assert found.turnover.size == 270
    assert deviation(found.turnover, numbers(grid[GRIDS[name][1]])) < GRID_TOLERANCE


@pytest.mark.parametrize("name", GRIDS)
def test_occupancies_on_the_grid(name: str) -> None:
    grid, found = on_grid(name)
    for index, state in enumerate(found.scheme.states, start=1):
        suffix = state if name == "pan-2018-15" else "pan4"
        np.testing.assert_allclose(found.occupancies[state], numbers(grid[f"p{index}_{suffix}"]), atol=1e-8)


def test_free_energies_on_the_grid() -> None:
    grid, found = on_grid("pan-2018-15")
    supplied = energy.hydrolysis_energy(found.scheme, found.conditions)
    np.testing.assert_allclose(supplied / 1000.0, numbers(grid["dG_ATP_kJ"]), atol=1e-6)
    (affinity,) = found.affinities.values()
    # the column holds dG, the free energy gained by a turn; H is written with 8 digits only
    np.testing.assert_allclose(-affinity / 1000.0, numbers(grid["dG_cycle_kJ"]), atol=1e-5)


@pytest.mark.parametrize("name", GRIDS)
def test_turnover_against_voltage(name: str) -> None:
    summary = table("ref_summary_IV.csv")
    conditions = {"NG89": "nakao-gadsby-1989", "phys": "physiological"}
    for key, condition in conditions.items():
        rows = [at for at, entry in enumerate(summary["set"]) if entry == key]
        voltage, sodium, expected = (numbers([summary[column][at] for at in rows])
                                     for column in ("V_mV", "Nao", GRIDS[name][2]))
        found = respond(scheme_named(name), {"membrane.V": voltage, "outside.Na": sodium}, condition)
        assert deviation(found.turnover, expected) < SUMMARY_TOLERANCE


@pytest.mark.parametrize("name", GRIDS)
def test_reversal_potentials(name: str) -> None:
    scheme = scheme_named(name)
    cases = table("ref_reversal_potentials.csv")
    columns = {**COLUMNS, "Pi_free": "inside.Pi"}
    for at in range(6):
        given = {columns[column]: float(values[at]) for column, values in cases.items() if column in columns}
        given["inside.H"] = 10.0**-4.095
        predicted = float(energy.reversal_predicted(scheme, scheme.cycles[0], given))
        assert predicted == pytest.approx(float(cases["Vrev_theory_mV"][at]), abs=1e-5)  # 8 digits are written
        assert energy.reversal_found(scheme, given) == pytest.approx(predicted, abs=1e-6)
        at_rest = {**given, "membrane.V": -80.0}
        left = energy.cycle_affinity(scheme, scheme.cycles[0], at_rest)
        share = float(1.0 + left / energy.hydrolysis_energy(scheme, at_rest))
        assert share == pytest.approx(float(cases["eff_at_m80"][at]), rel=1e-7)
        if name == "pan-2018-15":
            for voltage, column in ((0.0, "v_0"), (-80.0, "v_m80"), (-300.0, "v_m300")):
                turnover = respond(scheme, {**given, "membrane.V": voltage}).turnover
                assert deviation(turnover, numbers([cases[column][at]])) < GRID_TOLERANCE


@pytest.mark.parametrize("name", GRIDS)
def test_the_inner_potassium_constant_is_the_published_closure(name: str) -> None:
    value = scheme_named(name).values
    forward = value["k1"] * value["k2"] * value["k3"] * value["k4"]
    backward = value["k1"] / value["k1_per_k1_back"] * value["k2_back"] * value["k3_back"] * value["k4_back"]
    hydrolysis = np.exp(-11900.0 / (8.314 * 310.0)) * 1e6
    bound = value["K_Na_in_third"] * value["K_Na_in"] ** 2 * value["K_K_out"] ** 2 * value["K_ATP"] * hydrolysis
    freed = value["K_Na_out_first"] * value["K_Na_out"] ** 2
    assert value["K_K_in"] == pytest.approx(np.sqrt(backward / forward * bound / freed), rel=1e-12)


def test_lumping_raises_turnover_by_less_than_a_percent() -> None:
    voltage = np.linspace(-120.0, 60.0, 19)
    for sodium in (1.5, 50.0, 100.0, 150.0):
        given = {"membrane.V": voltage, "outside.Na": sodium}
        full, lumped = (respond(scheme_named(name), given, "nakao-gadsby-1989").turnover for name in GRIDS)
        assert np.all(lumped > full)
        assert np.max(lumped / full - 1.0) < 0.009  # 0.8 % by the authors' finite binding rates


# Root mean square of the 15-state scheme against the points it was fitted to, as found by an independent program, with 2 digits
# and at 20 mV steps where the points were digitised up to 0.5 mV beside them. [1/s]
FITTED = {"1.5": 3.3, "50": 2.2, "100": 1.5, "150": 0.6}


@pytest.mark.parametrize("sodium", FITTED)
def test_the_points_it_was_fitted_to(sodium: str) -> None:
    data = files("pumpleak") / "catalog" / "data" / "nakao-gadsby-1989-voltage.csv"
    rows = list(csv.DictReader(data.read_text(encoding="utf-8").splitlines()))
    measured = numbers([row[f"turnover at outside.Na = {sodium} mM [1/s]"] for row in rows])
    given = {"membrane.V": numbers([row["membrane.V [mV]"] for row in rows]), "outside.Na": float(sodium)}
    found = respond(scheme_named("pan-2018-15"), given, "nakao-gadsby-1989").turnover
    assert np.sqrt(np.mean((found - measured) ** 2)) == pytest.approx(FITTED[sodium], abs=0.1)


# The model that Pan et al. corrected, as coded in their repository (mM, 1/s; H in mM).
TERKILDSEN = {
    "k1": 1664.1240234375, "k2": 110.425056457519531, "k3": 2314.257568359375, "k4": 462.3775634765625,
    "k1_per_k1_back": 1664.1240234375 / 264.146662389765481, "k2_back": 14.0371952056884766, "k3_back": 7599999.5,
    "k4_back": 1702.5262451171875, "K_Na_in_third": 1.209868e-8, "K_Na_out_first": 141.271240234375,
    "K_Na_in": 154.389923095703125, "K_Na_out": 356.00909423828125, "K_K_in": 255.130677771665574,
    "K_K_out": 6.80234527587890625, "K_ATP": 2.9263007640838623, "depth": 0.179529249668121338}


def terkildsen(*defects: str) -> Scheme:
    """Terkildsen et al. 2007: the same four lumped steps, with the site that senses the voltage bound independently."""
    lumped = scheme_named("pan-2018-4")
    sites = {"sites_in": parse("(1 + Na_in_third)*(1 + Na_in)^2 + K_in*(2 + K_in)"),
             "sites_out": parse("(1 + Na_out_first)*(1 + Na_out)^2 + K_out*(2 + K_out)")}
    units = {**{each.name: each.unit for each in lumped.parameters}, **lumped.derived}
    values = [Parameter(name, units[name], value * (1e-3 if units[name].startswith("1/") else 1.0))
              for name, value in TERKILDSEN.items()]
    definitions = tuple(replace(each, expression=sites.get(each.name, each.expression)) for each in lumped.definitions)
    steps = tuple(replace(step, charge={"bind_Na": 0.179529249668121338, "release_Na": 1.0 - 0.179529249668121338}.get(
        step.name, 0.0), forward_charge=None, backward_charge=None) for step in lumped.steps)
    return replace(lumped, name="terkildsen-2007", steps=steps, parameters=tuple(values), derived={},
                   definitions=definitions, defects=defects)


def test_the_model_they_corrected_is_refused_unless_its_defect_is_named() -> None:
    with pytest.raises(ModelError) as caught:
        terkildsen()
    assert "terkildsen-2007: the cycle does not close: its rates imply dG0 = -30.19 kJ/mol, -42.1 kJ/mol off the 11.9 " \
        in str(caught.value)
    scheme = terkildsen("RT ln 10^7.1 off: a standard state of H at pH 7 and [H] as well")
    (found,) = scheme.closures
    assert found.implied == pytest.approx((-30192.1, -30192.1), abs=0.05)  # 6 digits are written


def test_the_model_they_corrected_on_the_grid() -> None:
    grid = table(GRIDS["pan-2018-4"][0])
    found = respond(terkildsen("wrong standard state of H"), {COLUMNS[each]: numbers(grid[each]) for each in COLUMNS})
    assert deviation(found.turnover, numbers(grid["v_terk2007orig"])) < 1e-6  # K_Na_in_third is given with 7 digits
