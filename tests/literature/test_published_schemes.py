"""The published schemes of the catalogue against independent grids of their constants, and what the audit finds in them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.literature.grids import (
    COLUMNS,
    DATA,
    GRID_TOLERANCE,
    SUMMARY_TOLERANCE,
    deviation,
    numbers,
    scheme_named,
    table,
)

from pumpleak.base.errors import ModelError
from pumpleak.enzyme import energy
from pumpleak.enzyme.audit import findings, implied
from pumpleak.enzyme.response import Response, respond
from pumpleak.formats.catalog import load

H_READ = 4.124153264323678e-5  # mM; where the published constants of Chapman et al. hold, by our reading
NEED_H = ("matsuoka-2003", "clarke-2013")  # they name H in their reactions, but their rates do not know it

GRIDS = {
    "chapman-1983": ("ref_cjk83_kyoto_grid.csv", "v_cjk83_per_s", "p_{state}"),
    "matsuoka-2003": ("ref_cjk83_kyoto_grid.csv", "v_kyoto2003_uncalibrated", ""),
    "smith-crampin-2004": ("ref_4state_models_grid.csv", "v_smithcrampin2004", "p{index}_smithcrampin2004"),
    "terkildsen-2007": ("ref_4state_models_grid.csv", "v_terk2007orig", "p{index}_terk2007orig"),
    "clarke-2013": ("ref_clarke19_grid.csv", "v_ATP_per_s", "p{index}_*"),
}
# As they are numbered in the grid, which is not the order in which our steps name them.
KIDNEY = ["E1Na3", "E1P(Na3)", "E2P(Na3)", "E2PNa2", "E2PNa", "E2P", "E2PK", "E2PK2", "E2(K2)", "E1K2", "E1K", "E1", "E1Na",
          "E1Na2", "E2(Na2)", "E2PNaK", "E1NaK", "E2PKNa", "E1KNa"]
SUMMARY = {"smith-crampin-2004": "smithcrampin2004", "ohara-rudy-2011": "ord2011", "terkildsen-2007": "terk2007orig",
           str(DATA / "clarke-2013-as-coded.yaml"): "clarke19_24C"}


@cache
def on_grid(name: str) -> tuple[dict[str, list[str]], Response]:
    grid = table(GRIDS[name][0])
    given = {COLUMNS[column]: numbers(grid[column]) for column in COLUMNS if column in grid}
    return grid, respond(scheme_named(name), {"inside.H": np.array(1e-4), **given} if name in NEED_H else given)


def said(name: str) -> str:
    return "\n".join(found.text for found in findings(scheme_named(name)))


@pytest.mark.parametrize("name", GRIDS)
def test_turnover_on_the_grid(name: str) -> None:
    grid, found = on_grid(name)
    assert found.turnover.size >= 250
    assert deviation(found.turnover, numbers(grid[GRIDS[name][1]])) < GRID_TOLERANCE


@pytest.mark.parametrize("name", [name for name in GRIDS if GRIDS[name][2]])
def test_occupancies_on_the_grid(name: str) -> None:
    grid, found = on_grid(name)
    states = KIDNEY if name == "clarke-2013" else found.scheme.states
    assert sorted(states) == sorted(found.scheme.states)
    for index, state in enumerate(states, start=1):
        heading = GRIDS[name][2].format(state=state, index=index)
        if heading.endswith("*"):
            (heading,) = (column for column in grid if column.startswith(heading[:-1]))
        np.testing.assert_allclose(found.occupancies[state], numbers(grid[heading]), atol=1e-8)


def test_the_share_in_E1_of_the_Kyoto_pump_is_its_y() -> None:
    grid, found = on_grid("matsuoka-2003")
    np.testing.assert_allclose(found.occupancies["E1"], numbers(grid["kyoto_y"]), atol=1e-8)


@pytest.mark.parametrize("name", SUMMARY)
def test_turnover_against_voltage(name: str) -> None:
    summary = table("ref_summary_IV.csv")
    for key, condition in {"NG89": "nakao-gadsby-1989", "phys": "physiological"}.items():
        rows = [at for at, entry in enumerate(summary["set"]) if entry == key]
        voltage, sodium, expected = (numbers([summary[column][at] for at in rows])
                                     for column in ("V_mV", "Nao", SUMMARY[name]))
        found = respond(scheme_named(name), {"membrane.V": voltage, "outside.Na": sodium}, condition)
        assert deviation(found.turnover, expected) < SUMMARY_TOLERANCE


def test_Chapman_and_colleagues_at_their_own_conditions() -> None:
    scheme = scheme_named("chapman-1983")
    given = scheme.conditions["published"]
    assert given["inside.H"] == scheme.values["H_read"] == scheme.presumed["inside.H"] == H_READ
    assert -np.log10(H_READ * 1e-3) == pytest.approx(7.3847, abs=5e-5)
    assert float(energy.hydrolysis_energy(scheme, given)) == pytest.approx(-57.00e3, abs=5.0)
    assert float(energy.reversal_predicted(scheme, scheme.cycles[0], given)) == pytest.approx(-198.27, abs=0.005)
    assert energy.reversal_found(scheme, given) == pytest.approx(
        float(energy.reversal_predicted(scheme, scheme.cycles[0], given)), abs=1e-6)
    np.testing.assert_allclose(respond(scheme, {"membrane.V": [-80.0, 0.0]}, "published").turnover, [11.54, 14.11], atol=0.005)


@pytest.mark.parametrize("base", ["", "published", "physiological", "nakao-gadsby-1989"])
def test_the_seven_concentrations_of_Chapman_are_enough_on_any_base(base: str) -> None:
    """The authors give no H; its reading comes with the scheme and not with a condition."""
    grid = table("ref_cjk83_kyoto_grid.csv")
    given = {COLUMNS[column]: numbers(grid[column]) for column in COLUMNS if column in grid}
    assert len(given) == 8  # with the voltage
    found = respond(scheme_named("chapman-1983"), given, base).turnover
    assert found.size == 301
    assert deviation(found, numbers(grid["v_cjk83_per_s"])) < GRID_TOLERANCE


def test_the_reversal_of_Chapman_follows_H_where_it_is_given() -> None:
    scheme = scheme_named("chapman-1983")
    (cycle,) = scheme.cycles
    own, other = (float(energy.reversal_predicted(scheme, cycle, {**scheme.conditions["physiological"], **given}))
                  for given in ({}, {"inside.H": 8.035261221856e-5}))
    assert other - own == pytest.approx(8.314 * 310.0 / 96.485 * np.log(8.035261221856e-5 / H_READ), abs=1e-9)
    assert other - own == pytest.approx(17.8, abs=0.05)  # mV


def test_the_charge_of_Chapman_is_where_the_carrier_with_potassium_binds_ATP() -> None:
    (charged,) = [step for step in scheme_named("chapman-1983").steps if step.charge]
    assert (charged.source, charged.target, charged.taken) == ("k2e", "k2eatp", {"inside.ATP": 1})


def test_the_derived_constant_of_Chapman_is_the_published_one() -> None:
    assert scheme_named("chapman-1983").values["dephosphorylation_back"] == pytest.approx(0.2, rel=1e-12)  # 2e5 1/(s M)


def test_free_energy_of_a_turn_on_the_grid_of_Chapman() -> None:
    grid, found = on_grid("chapman-1983")
    (affinity,) = found.affinities.values()
    np.testing.assert_allclose(-affinity / 1000.0, numbers(grid["dG_cycle_kJ"]), atol=1e-6)  # 8 digits are written


IMPLIED = {"pan15": "pan-2018-15", "pan4": "pan-2018-4", "terk2007orig": "terkildsen-2007",
           "smithcrampin2004": "smith-crampin-2004", "ord2011(P,H fixed)": "ohara-rudy-2011"}


@pytest.mark.parametrize("model", IMPLIED)
def test_the_implied_standard_free_energy(model: str) -> None:
    rows = table("model_thermo_consistency.csv")
    expected = {float(rows["V_mV"][at]): float(rows["dG0_implied_kJ"][at])
                for at, entry in enumerate(rows["model"]) if entry == model}
    scheme = scheme_named(IMPLIED[model])
    found = implied(scheme, scheme.cycles[0])
    np.testing.assert_allclose(np.array(found.dG0) / 1e3, [expected[0.0], expected[-100.0]], atol=1e-4)  # 6 digits


def test_the_audit_finds_the_standard_state_of_Terkildsen() -> None:
    assert said("terkildsen-2007") == (
        "the cycle: its rates imply dG0 = -30.19 kJ/mol at 310 K, not +11.90 kJ/mol\n"
        "at the condition physiological its use of ATP is zero at -713 mV; what ATP and ions give is zero at -276 mV")


def test_the_audit_finds_the_charge_of_OHara_and_Rudy() -> None:
    text = said("ohara-rudy-2011")
    assert "its rates move 1.31 charges outward, its ions 1" in text
    assert ("imply dG0 = -37.19 kJ/mol at 0 mV and -34.20 kJ/mol at -100 mV (at 310 K and the condition physiological), "
            "not +11.90") in text
    assert "its use of ATP is zero at -599 mV; what ATP and ions give is zero at -276 mV" in text
    for ligand in ("inside.Pi", "inside.H"):
        assert f"follows {ligand} to the power of 0, its reaction to -1" in text


def test_the_audit_finds_that_Smith_and_Crampin_is_closed_but_blocked() -> None:
    scheme = scheme_named("smith-crampin-2004")
    assert not scheme.defects
    assert scheme.closures[0].closes
    text = said("smith-crampin-2004")
    assert "imply dG0 = +12.50 kJ/mol at 310 K; a cell has +11.90 kJ/mol" in text
    assert any("+12.09" in note for note in scheme.notes)
    at_300 = replace(scheme, constants=replace(scheme.constants, T=300.0), defects=("the constants of the port at its 300 K",))
    assert implied(at_300, at_300.cycles[0]).dG0 == pytest.approx((12_093.58, 12_093.58), abs=0.01)
    assert "0 mV and 310 K it turns 0.674 times a second" in text
    assert not any(found.breaks for found in findings(scheme))


def test_the_audit_finds_the_exponents_of_the_Kyoto_pump() -> None:
    text = said("matsuoka-2003")
    assert "its rates move 0.869 charges outward, its ions 1" in text
    assert "follows inside.Na to the power of 1.06, its reaction to 3" in text
    assert "follows outside.K to the power of 1.12, its reaction to 2" in text
    assert "its use of ATP is zero at -214 mV; what ATP and ions give is zero at -276 mV" in text
    assert any("no meaning in 1/s" in defect for defect in scheme_named("matsuoka-2003").defects)


def test_the_kidney_scheme_as_published_has_a_branch_that_runs_one_way() -> None:
    scheme = scheme_named("clarke-2013")
    main, branch = scheme.cycles
    assert (main.stoichiometry["outside.Na"], main.charge) == (3, 1.0)
    assert (branch.stoichiometry["outside.Na"], branch.stoichiometry.get("inside.K", 0), branch.charge) == (1, 0, 1.0)
    assert implied(scheme, branch).one_way == ("slip_dephosphorylate", "slip_change_to_E1")
    assert implied(scheme, main).charge == pytest.approx((1.0, 1.0), abs=1e-9)
    assert "run one way only, so that no dG0 fits it" in said("clarke-2013")
    assert "follows inside.H to the power of 0, its reaction to -1" in said("clarke-2013")
    assert "imply dG0 = +8.49 kJ/mol (at 297.15 K and the condition physiological), not +10.42 kJ/mol" in said("clarke-2013")


def test_the_kidney_scheme_as_coded_moves_two_charges_and_is_refused(tmp_path: Path) -> None:
    coded = DATA / "clarke-2013-as-coded.yaml"
    scheme = scheme_named(str(coded))
    assert [implied(scheme, cycle).carried for cycle in scheme.cycles] == pytest.approx([2.0, 2.0], abs=1e-12)
    assert "its steps carry 2 charges through the field, its ions 1" in said(str(coded))
    honest = tmp_path / "coded.yaml"
    honest.write_text(coded.read_text(encoding="utf-8").partition("defects:")[0], encoding="utf-8")
    with pytest.raises(ModelError, match=r"carry charge \+2 through the field, but the cycle moves \+1"):
        load(honest)


@pytest.mark.parametrize("condition", ["physiological", "nakao-gadsby-1989"])
# E2 with ATP is 99 % at 7 mM (Kd 71 uM), 99.993 % at 1 M; what is left at 1 mM ATP is the reverse of the sodium branch.
@pytest.mark.parametrize(("ATP", "within"), [(6.95, 1e-2), (1000.0, 1e-4)])
def test_the_closed_kidney_scheme_is_the_published_one_without_products(condition: str, ATP: float, within: float) -> None:
    given = {"membrane.V": np.linspace(-120.0, 60.0, 10), "inside.ATP": ATP, "inside.ADP": 1e-6, "inside.Pi": 1e-6}
    published, closed = (respond(scheme_named(name), given, condition) for name in ("clarke-2013", "clarke-2013-closed"))
    np.testing.assert_allclose(closed.turnover, published.turnover, rtol=within)
    np.testing.assert_allclose(closed.K, published.K, rtol=within)


def test_the_closed_kidney_scheme_is_driven_by_what_ATP_and_the_ions_give() -> None:
    scheme = scheme_named("clarke-2013-closed")
    given = scheme.conditions["physiological"]
    RT = 8.314 * 297.15
    standard = 11900.0 * 297.15 / 310.0 - 23_700.0 * (1.0 - 297.15 / 310.0)
    assert scheme.dG0 == pytest.approx(standard, abs=0.005)  # written in kJ/mol with 5 decimals
    ATP = scheme.dG0 + RT * np.log(0.035e-3 * 0.3971e-3 * given["inside.H"] * 1e-3 / 6.95e-3)
    for cycle, potassium in zip(scheme.cycles, (2, 0), strict=True):
        sodium = cycle.stoichiometry["outside.Na"]
        by_hand = (ATP + RT * (sodium * np.log(140.0 / 10.0) + potassium * np.log(145.0 / 5.4))) / 96.485
        assert float(energy.reversal_predicted(scheme, cycle, given)) == pytest.approx(by_hand, abs=1e-9)
        assert implied(scheme, cycle).one_way == ()
        assert implied(scheme, cycle).dG0 == pytest.approx((scheme.dG0, scheme.dG0), abs=1e-6)


def test_the_model_that_pan_et_al_corrected_is_refused_unless_its_defect_is_named() -> None:
    scheme = scheme_named("terkildsen-2007")
    with pytest.raises(ModelError) as caught:
        replace(scheme, defects=())
    assert "terkildsen-2007: the cycle does not close: its rates imply dG0 = -30.19 kJ/mol, -42.1 kJ/mol off the 11.9 " \
        in str(caught.value)
    (found,) = scheme.closures
    assert found.implied == pytest.approx((-30192.1, -30192.1), abs=0.05)  # 6 digits are written
