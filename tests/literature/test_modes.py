"""Transport modes of the published schemes against independent numbers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pumpleak.enzyme.modes import modes
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.tracer import exchange
from pumpleak.formats.catalog import load

TABLE = Path(__file__).parents[1] / "data" / "pump" / "ref_transport_modes.csv"
# Of max(|v|, 0.1 /s), as for every other quantity of the published schemes.
TOLERANCE, LEAST = 1e-4, 0.1
# What the table takes from the conditions of Pan et al.; what it writes as 0 is small, and matters by up to 3e-4.
BASE = {"outside.Na": 140.0, "inside.K": 145.0, "inside.H": 10.0**-4.095}
SODIUM = {**BASE, "inside.Na": 50.0, "outside.Na": 150.0, "inside.ATP": 10.0, "inside.K": 1e-6, "outside.K": 1e-6}
POTASSIUM = {**BASE, "inside.K": 140.0, "outside.K": 10.0, "inside.ATP": 2.0, "inside.Na": 1e-3, "outside.Na": 1e-3}


def rows(mode: str) -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["mode"].startswith(mode)]


def scheme_named(name: str) -> Scheme:
    scheme = load(name)
    assert isinstance(scheme, Scheme)
    return scheme


def surroundings(row: dict[str, str]) -> dict[str, float]:
    return {"membrane.V": float(row["V_mV"]), "inside.ADP": float(row["ADP"]), "inside.Pi": float(row["Pi"])}


@pytest.mark.parametrize(("mode", "ion", "base", "count"), [("Na/Na", "Na", SODIUM, 9), ("K/K", "K", POTASSIUM, 8)])
def test_one_way_fluxes_of_an_exchange(mode: str, ion: str, base: dict[str, float], count: int) -> None:
    cases = rows(mode)
    assert len(cases) == count
    for row in cases:
        ways = exchange(scheme_named("pan-2018-15"), ion, {**base, **surroundings(row)})
        out, into = float(row["J_out_3Na_per_s"]), float(row["J_in_3Na_per_s"])
        assert abs(ways.out - out) <= TOLERANCE * max(out, LEAST)
        # the table's own net flux is below 1e-10, but its inward column differs from the outward one by its dense solve
        assert abs(ways.into - into) <= TOLERANCE * max(into, LEAST) + abs(out - into)
        assert float(ways.net) == pytest.approx(float(row["v_net"]), abs=1e-8)


@pytest.mark.parametrize(("mode", "base"), [("Na/Na", SODIUM), ("K/K", POTASSIUM)])
def test_the_mode_itself_gives_the_loads_of_the_table(mode: str, base: dict[str, float]) -> None:
    """All its conditions given; potassium's table keeps 1e-3 mM of sodium where the mode has 1e-6, worth 3e-4 of the flux."""
    for row in rows(mode):
        given = {**base, **surroundings(row)}
        found = next(each for each in modes(scheme_named("pan-2018-15"), given) if each.mode.name == mode)
        loads = found.sodium_loads if mode == "Na/Na" else found.potassium_loads
        assert loads is not None
        out = float(row["J_out_3Na_per_s"])
        assert abs(loads.out - out) <= (TOLERANCE if mode == "Na/Na" else 5e-4) * max(out, LEAST)


def test_whole_cycles_and_the_synthesis_of_ATP() -> None:
    cases = rows("full cycle")
    assert len(cases) == 6
    for row in cases:
        pairs = (part.split("=") for part in row["mode"].split(" ") if part.split("=")[0] in ("Nai", "Ko", "ATP"))
        names = {"Nai": "inside.Na", "Ko": "outside.K", "ATP": "inside.ATP"}
        given = {**BASE, **surroundings(row), **{names[name]: float(value) for name, value in pairs}}
        turnover = respond(scheme_named("pan-2018-15"), given).turnover
        assert turnover == pytest.approx(float(row["v_net"]), rel=1e-7)  # eight digits are written


@pytest.mark.parametrize("name", ["clarke-2013", "clarke-2013-closed"])
def test_the_sodium_branch_of_the_kidney_enzyme_without_outer_potassium(name: str) -> None:
    """It needs outer sodium: without, the enzyme stays in the state that has lost its last sodium."""
    cases = rows("Clarke19")
    assert len(cases) == 3
    for row in cases:
        sodium = 150.0 if "Nao=150" in row["mode"] else 1e-6
        given = {"inside.Na": 50.0, "outside.Na": sodium, "inside.K": 1e-6, "outside.K": 1e-6, "inside.ADP": 0.0,
                 "inside.Pi": 0.0, "inside.H": 1e-4, "membrane.V": float(row["V_mV"]), "inside.ATP": 1e4}
        # ATP saturates, since the published rates know none; the repaired scheme then agrees to 1e-4
        found = respond(scheme_named(name), given).ATP
        assert abs(found - float(row["v_net"])) <= TOLERANCE * max(float(row["v_net"]), LEAST)


# One-way loads at -80 mV as an independent program found them, with three digits.
@pytest.mark.parametrize(("ion", "base", "changed", "expected"), [
    ("Na", SODIUM, "inside.ADP", {0.01: 1.65, 0.05: 7.59, 0.1: 13.8, 0.35: 33.3, 0.5: 40.0, 1.0: 51.7, 2.0: 59.2, 5.0: 59.8}),
    ("K", POTASSIUM, "inside.Pi", {0.1: 0.441, 1.0: 4.11, 5.0: 15.5, 20.0: 28.0})])
def test_exchange_against_the_ligand_that_drives_it(ion: str, base: dict[str, float], changed: str,
                                                   expected: dict[float, float]) -> None:
    given = {**base, "inside.ADP": 1e-6, "inside.Pi": 1e-6, "membrane.V": -80.0, changed: np.array([*expected])}
    ways = exchange(scheme_named("pan-2018-15"), ion, given)
    np.testing.assert_allclose(ways.out, [*expected.values()], rtol=5e-3)


@pytest.mark.parametrize("ion", ["Na", "K"])
def test_lumped_binding_exchanges_almost_as_explicit_binding_does(ion: str) -> None:
    """Explicit steps of 1e6 /s and /(s mM) bring back some loads that lumped ones lose at once; 3 % of them at most."""
    base = SODIUM if ion == "Na" else POTASSIUM
    given = {**base, "inside.ADP": 1.0, "inside.Pi": 1.0, "membrane.V": np.linspace(-120.0, 40.0, 5)}
    explicit, lumped = (exchange(scheme_named(name), ion, given).out for name in ("pan-2018-15", "pan-2018-4"))
    np.testing.assert_allclose(lumped, explicit, rtol=0.035)
    assert np.all(lumped > explicit)


@pytest.mark.parametrize(("sodium", "cycles"), [(1e-6, 0.99), (150.0, 0.28)])
def test_uncoupled_sodium_efflux_and_its_inhibition_by_outer_sodium(sodium: float, cycles: float) -> None:
    """The numbers, found by an independent program, have two digits; red cells show the same sign."""
    found = respond(scheme_named("post-albers-23"), {"outside.K": 1e-6, "outside.Na": sodium}, "nakao-gadsby-1989")
    assert float(found.ATP) == pytest.approx(cycles, abs=0.006)
    assert found.Na == pytest.approx(3.0 * found.ATP, rel=1e-12)
