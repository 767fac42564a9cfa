"""Forms of ATP, ADP and phosphate: what is put in is found again, the laws of binding hold, nonsense is refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, PumpleakError, UnitError
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.speciation import (
    Complex,
    Composition,
    Equilibrium,
    Reactant,
    Speciation,
    from_totals,
    hydrogen,
    pH_of,
    speciate,
)
from pumpleak.formats.document import Document, read, read_file
from pumpleak.formats.scheme import scheme_of
from pumpleak.formats.speciation import speciation, speciation_of

R = 8.31446261815324
CELL = {"ATP": 8.0, "ADP": 0.05, "Pi": 2.0, "Mg": 9.0}
# Sums of some 20 terms, each rounded once or twice.
ROUNDING = 1e-13
# What a mM of free Mg is found to: its balance holds to 1e-15 and is at worst 1e4 times steeper in total than in free.
FOUND = 1e-10
amounts = st.one_of(st.just(0.0), st.floats(1e-9, 200.0))


@cache
def constants() -> Speciation:
    return speciation()


def held(found: Composition, ion: str) -> float:
    """Free and bound ion of a composition."""
    forms = found.speciation.forms
    return float(found.forms[ion] + sum(found.forms[name] * form.ions.get(ion, 0) for name, form in forms.items()
                                        if name in found.forms))


@given(amounts, amounts, amounts, amounts, st.floats(4.0, 10.0), st.floats(0.0, 500.0), st.floats(275.0, 320.0))
def test_what_is_put_in_is_found_in_the_forms(ATP: float, ADP: float, Pi: float, Mg: float, pH: float, K: float,
                                              T: float) -> None:
    totals = {"ATP": ATP, "ADP": ADP, "Pi": Pi, "Mg": Mg}
    found = speciate(constants(), totals, pH=pH, K=K, Na=12.0, Ca=1e-4, temperature=T)
    for name in ("ATP", "ADP", "Pi"):
        forms = [form for form, each in constants().forms.items() if each.reactant == name]
        assert sum(float(found.forms[form]) for form in forms) == pytest.approx(totals[name], rel=ROUNDING)
    assert held(found, "Mg") == pytest.approx(Mg, rel=1e-12)
    assert all(np.all(value >= 0.0) for value in found.forms.values())
    assert float(found.forms["Mg"]) <= Mg


def test_free_magnesium_is_the_one_root_of_its_balance() -> None:
    for total in (1e-6, 0.5, 7.9, 8.0, 8.1, 9.0, 60.0):
        found = speciate(constants(), {**CELL, "Mg": total}, pH=7.1, K=140.0, Na=10.0)

        def excess(free: float, total: float = total) -> float:
            return held(speciate(constants(), {name: CELL[name] for name in ("ATP", "ADP", "Pi")}, pH=7.1, K=140.0,
                                 Na=10.0, Mg=free), "Mg") - total

        assert float(found.forms["Mg"]) == pytest.approx(brentq(excess, 0.0, total, xtol=1e-16, rtol=1e-14), rel=FOUND)


def test_one_site_gives_the_quadratic() -> None:
    alone = Speciation("one site", (Reactant("ATP", "A(4-)", -4, "MgA(2-)"),),
                       (Complex("MgA(2-)", "A(4-)", "Mg", Equilibrium(4.0)),), ionic_strength=0.0)
    found = speciate(alone, {"ATP": 2.0, "Mg": 3.0}, pH=7.0, K=0.0, Na=0.0, temperature=298.15)
    K = 0.1  # 1e-4 M
    bound = (5.0 + K - np.sqrt((5.0 + K)**2 - 4.0 * 6.0)) / 2.0
    assert found.forms["MgA(2-)"] == pytest.approx(bound, rel=1e-14)
    assert found.share("MgA(2-)") == pytest.approx(bound / 2.0, rel=1e-14)


def test_free_magnesium_may_be_given_instead_of_its_total() -> None:
    found = speciate(constants(), CELL, pH=7.1, K=140.0, Na=10.0)
    reactants = {name: CELL[name] for name in ("ATP", "ADP", "Pi")}
    again = speciate(constants(), reactants, pH=7.1, K=140.0, Na=10.0, Mg=found.forms["Mg"])
    assert again.totals["Mg"] == pytest.approx(9.0, rel=ROUNDING)
    assert again.conditions == pytest.approx(found.conditions, rel=ROUNDING)


@given(st.floats(1e-6, 50.0), st.floats(1e-6, 50.0), st.floats(1e-6, 50.0), st.floats(1e-4, 50.0), st.floats(5.0, 9.0))
def test_totals_and_what_a_pump_sees_lead_to_each_other(ATP: float, ADP: float, Pi: float, Mg: float, pH: float) -> None:
    pumped = {"ATP": ATP, "ADP": ADP, "Pi": Pi}
    shares = speciate(constants(), pumped, pH=pH, K=140.0, Na=10.0, Mg=Mg).pumped  # at free Mg of each total alike
    totals = {name: value / shares[name][2] for name, value in pumped.items()}
    totals["Mg"] = speciate(constants(), totals, pH=pH, K=140.0, Na=10.0, Mg=Mg).totals["Mg"]
    found = from_totals(constants(), totals, pH, 140.0, 10.0)
    for name, value in pumped.items():
        assert found[f"inside.{name}"] == pytest.approx(value, rel=FOUND)
    assert pH_of(found["inside.H"]) == pytest.approx(pH, rel=ROUNDING)


def test_arrays_broadcast_and_agree_with_numbers() -> None:
    Mg, pH, T = np.array([0.0, 5.0, 9.0]), np.array([[6.8], [7.2]]), np.array([[[300.0]], [[310.0]]])
    found = speciate(constants(), {**CELL, "Mg": Mg}, pH=pH, K=140.0, Na=10.0, temperature=T)
    assert all(value.shape == (2, 2, 3) for value in found.forms.values())
    for i, j, k in np.ndindex(2, 2, 3):
        alone = from_totals(constants(), {**CELL, "Mg": Mg[k]}, pH[j, 0], 140.0, 10.0, temperature=T[i, 0, 0])
        for name, value in alone.items():
            assert isinstance(value, float)
            assert np.asarray(found.conditions[name])[i, j, k] == pytest.approx(value, rel=FOUND)


def test_zeros_are_fine() -> None:
    nothing = from_totals(constants(), dict.fromkeys(CELL, 0.0), 7.0, 0.0, 0.0)
    assert nothing == {"inside.ATP": 0.0, "inside.ADP": 0.0, "inside.Pi": 0.0, "inside.H": pytest.approx(1e-4)}
    bare = speciate(constants(), {"ATP": 5.0, "Mg": 0.0}, pH=7.0, K=140.0, Na=10.0)
    assert bare.forms["MgATP(2-)"] == 0.0
    assert bare.forms["KATP(3-)"] > bare.forms["NaATP(3-)"] > 0.0


def test_only_what_is_given_becomes_a_condition() -> None:
    assert set(from_totals(constants(), {"ATP": 5.0}, 7.0, 140.0, 10.0, Mg=0.8)) == {"inside.ATP", "inside.H"}


def test_a_pump_takes_the_conditions() -> None:
    with as_file(files("pumpleak") / "catalog" / "pumps" / "pan-2018-15.yaml") as path:
        scheme = scheme_of(read_file(path))
    ions = {"inside.Na": 10.0, "inside.K": 140.0, "outside.Na": 140.0, "outside.K": 5.0, "membrane.V": -80.0}
    totals: dict[str, ArrayLike] = {**CELL, "ATP": np.array([0.0, 0.5, 8.0])}
    turnover = respond(scheme, {**ions, **from_totals(constants(), totals, 7.1, 140.0, 10.0)}).turnover
    assert turnover.shape == (3,)
    # without ATP it runs backward, and makes some
    assert turnover[0] < 0.0 < turnover[1] < turnover[2]


def test_more_of_a_competing_ion_leaves_less_for_magnesium() -> None:
    for ion in ("K", "Na", "Ca"):
        free = {"K": 140.0, "Na": 10.0, "Ca": 1e-4}
        few = speciate(constants(), CELL, pH=7.1, **free)
        many = speciate(constants(), CELL, pH=7.1, **{**free, ion: 10.0 * free[ion]})
        assert many.forms["MgATP(2-)"] < few.forms["MgATP(2-)"]
        assert many.forms["Mg"] > few.forms["Mg"]


@pytest.mark.parametrize("form", ["HATP(3-)", "MgATP(2-)", "Mg2ATP", "KADP(2-)", "MgHPO4"])
def test_constants_follow_their_enthalpies(form: str) -> None:
    dilute = replace(constants(), ionic_strength=0.0)
    expected = -sum(each.enthalpy for each, _ in dilute.forms[form].splittings)
    step = 1e-3  # K; the error is of the second order, 1e-12, the rounding of a difference 1e-10
    warmer, colder = dilute.binding(form, 298.15 + step), dilute.binding(form, 298.15 - step)
    found = -R * (warmer - colder) / (1.0 / (298.15 + step) - 1.0 / (298.15 - step))
    assert found == pytest.approx(expected, rel=1e-7)


def test_charges_follow_from_the_ions() -> None:
    written = {"(4-)": -4, "(3-)": -3, "(2-)": -2, "(-)": -1}
    for name, form in constants().forms.items():
        ending = name[name.index("("):] if "(" in name else ""
        assert form.charge == written.get(ending, 0), name


@given(st.floats(5.5, 8.5), st.floats(1e-3, 20.0), st.floats(0.0, 300.0), st.floats(278.0, 318.0))
def test_the_energy_is_the_same_from_totals_and_from_forms(pH: float, Mg: float, K: float, T: float) -> None:
    reactants = {"ATP": 5.0, "ADP": 0.3, "Pi": 4.0}
    found = speciate(constants(), reactants, pH=pH, K=K, Na=10.0, Mg=Mg, temperature=T)
    apparent = constants().apparent_energy(pH=pH, Mg=Mg, K=K, Na=10.0, temperature=T)
    from_total = apparent + R * T * np.log(reactants["ADP"] * reactants["Pi"] / reactants["ATP"] * 1e-3)
    seen = found.conditions
    quotient = seen["inside.ADP"] * seen["inside.Pi"] * seen["inside.H"] / seen["inside.ATP"] * 1e-6
    from_forms = constants().standard_energy(T) + R * T * np.log(quotient)
    assert from_total == pytest.approx(float(from_forms), rel=1e-11)


def test_pH_is_of_the_concentration() -> None:
    assert hydrogen(7.0) == pytest.approx(1e-4)
    np.testing.assert_allclose(pH_of(hydrogen([0.0, 7.1, 14.0])), [0.0, 7.1, 14.0], atol=1e-14)


@pytest.mark.parametrize(("totals", "surrounding", "error", "message"), [
    ({"ATP": -1.0, "Mg": 1.0}, {}, ModelError, "total of ATP is -1 mM; a concentration must be finite and not negative"),
    ({"ATP": 1.0, "Mg": np.nan}, {}, ModelError, "total of Mg is nan mM; a concentration must be finite and not negative"),
    ({"AMP": 1.0, "Mg": 1.0}, {}, NameUnknown, "unknown total 'AMP'; did you mean 'ATP' or 'ADP'?"),
    ({"ATP": 1.0}, {}, ModelError, "Mg is not given; give the total of Mg or free Mg, one of them"),
    ({"ATP": 1.0, "Mg": 2.0}, {"Mg": 0.5}, ModelError,
     "Mg is given twice, total '2.0' and free '0.5' mM; give the total of Mg or free Mg, one of them"),
    ({"ATP": 1.0, "Mg": 1.0}, {"pH": 14.5}, ModelError, "pH is 14.5; it must be between 0 and 14"),
    ({"ATP": 1.0, "Mg": 1.0}, {"pH": [7.0, np.nan]}, ModelError, "pH is nan; it must be between 0 and 14"),
    ({"ATP": 1.0, "Mg": 1.0}, {"K": -5.0}, ModelError, "free K is -5 mM; a concentration must be finite and not negative"),
    ({"ATP": 1.0, "Mg": 1.0}, {"temperature": 0.0}, ModelError,
     "speciation: temperature is 0 K; it must be positive and finite"),
    ({"ATP": [1.0, 2.0], "Mg": [1.0, 2.0, 3.0]}, {}, ModelError,
     "speciation: these shapes do not fit together: ATP (2,), Mg (3,)"),
])
def test_what_cannot_be_is_refused(totals: dict[str, float], surrounding: dict[str, float], error: type[PumpleakError],
                                   message: str) -> None:
    with pytest.raises(error) as found:
        speciate(constants(), totals, **{"pH": 7.0, "K": 140.0, "Na": 10.0, **surrounding})
    assert str(found.value) == message


def test_energies_need_a_hydrolysis_that_balances() -> None:
    with pytest.raises(ModelError, match="speciation: hydrolysis is None; give its constant of the bare forms"):
        replace(constants(), hydrolysis=None).standard_energy()
    reactants = tuple(replace(each, pumped="ADP(3-)") if each.name == "ADP" else each for each in constants().reactants)
    with pytest.raises(ModelError, match=r"hydrolysis between the forms that a pump names leaves -1 Mg over"):
        replace(constants(), reactants=reactants).standard_energy()


TOY = """\
pumpleak: 1
data: toy
sources:
  here: {text: chosen for this test, kind: ours}
temperature: 298.15 K
ionic_strength: 0.1 M
reactants:
  ATP: {bare: ATP(4-), charge: -4, pumped: MgATP(2-)}
complexes:
  MgATP(2-): {leaves: ATP(4-), ion: Mg, pK: 6.0, enthalpy: -20 kJ/mol, source: here}
"""


def read_text(text: str) -> Document:
    return read(text, "toy.yaml")


def test_a_file_is_read() -> None:
    read = speciation_of(read_text(TOY))
    assert (read.temperature, read.ionic_strength, read.hydrolysis) == (298.15, 100.0, None)
    assert read.complexes == (Complex("MgATP(2-)", "ATP(4-)", "Mg", Equilibrium(6.0, 0.0, -20000.0, "here")),)


@pytest.mark.parametrize(("old", "new", "error", "message"), [
    ("ion: Mg", "ion: Mn", NameUnknown, ":10:3: toy: MgATP(2-) binds 'Mn'; known: H, Mg, K, Na, Ca"),
    ("leaves: ATP(4-)", "leaves: ATP(3-)", NameUnknown, ":10:3: unknown form of toy, above MgATP(2-), 'ATP(3-)'"),
    ("pumped: MgATP(2-)", "pumped: MgATP", NameUnknown, ":10:3: unknown form of toy 'MgATP'; did you mean 'MgATP(2-)'"),
    ("-20 kJ/mol", "-20 mM", UnitError, ":10:60: complexes.MgATP(2-).enthalpy: '-20 mM' is a concentration [mM]"),
    ("source: here", "source: there", NameUnknown, ":10:80: the source 'there' is not declared under 'sources'"),
    ("pK: 6.0", "pK: six", FormatError, ":10:45: expected a number, not 'six'"),
    ("0.1 M", "-0.1 M", ModelError, ":10:3: toy: ionic strength is -100 mM; it must be finite and not negative"),
    ("pK: 6.0", "pK: .nan", ModelError, ":10:3: toy: pK nan with enthalpy -20000 J/mol; both must be finite"),
    ("  MgATP", "  ATP(4-): {leaves: ATP(4-), ion: H, pK: 7.0}\n  MgATP", ModelError,
     ":10:3: toy: ATP(4-) is there twice; a form splits in one way"),
    ("complexes:", "hydrolysis: {K: 0 M^2}\ncomplexes:", ModelError, ":9:17: hydrolysis.K: '0 M^2' is not positive"),
])
def test_a_wrong_file_is_refused_with_its_place(old: str, new: str, error: type[PumpleakError], message: str) -> None:
    with pytest.raises(error) as found:
        speciation_of(read_text(TOY.replace(old, new)))
    assert str(found.value).startswith(f"toy.yaml{message}")


def test_free_magnesium_and_the_share_that_a_pump_names() -> None:
    found = speciate(constants(), CELL, pH=7.1, K=140.0, Na=10.0)
    form, amount, share = found.pumped["ATP"]
    assert form == "MgATP(2-)"
    assert float(amount) == found.conditions["inside.ATP"]
    assert share == pytest.approx(float(amount) / CELL["ATP"], rel=ROUNDING)
    assert float(found.free_Mg) == float(found.forms["Mg"])
    assert set(found.pumped) == {"ATP", "ADP", "Pi"}
    assert set(speciate(constants(), {"ATP": 5.0}, pH=7.1, K=140.0, Na=10.0, Mg=0.8).pumped) == {"ATP"}
    assert np.isnan(speciate(constants(), {"ATP": 0.0, "Mg": 1.0}, pH=7.1, K=140.0, Na=10.0).pumped["ATP"][2])
    assert str(found).startswith(f"free Mg {float(found.free_Mg):.4g} of 9 mM; MgATP(2-) {float(amount):.4g} mM, ")
    assert str(found).endswith("; pH 7.1")
