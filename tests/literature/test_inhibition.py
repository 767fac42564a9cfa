"""Ouabain and isoforms against what was measured; most of it was put in, and is here that it stays so."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.enzyme.binding import Apparent, apparent
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.formats.pump_parts import composed

# Red cell membranes with Na and ATP, without K; the experiment's own medium was not seen. [mM, mV]
MEMBRANES = {"inside.Na": 100.0, "outside.Na": 100.0, "inside.K": 1e-3, "outside.K": 1e-3, "inside.ATP": 3.0, "membrane.V": 0.0}
RED_CELL = {"inside.Na": 10.0, "outside.Na": 145.0, "inside.K": 140.0, "membrane.V": -10.0}
ASSAY = {**MEMBRANES, "inside.K": 20.0, "outside.K": 20.0}
CELSIUS_37 = 310.15
FACTOR = 2.0  # as the acceptance asks: rates of binding scatter so much between preparations


def pump(*parts: str, isoform: str = "", congener: str = "") -> Scheme:
    scheme = load("post-albers")
    assert isinstance(scheme, Scheme)
    return composed(scheme, isoform, congener, parts)


def binding(given: dict[str, float], isoform: str = "") -> Apparent:
    return apparent(pump("ouabain", isoform=isoform), {**given, "temperature": CELSIUS_37}, "physiological")


def within(value: float, measured: float) -> bool:
    return measured / FACTOR <= value <= measured * FACTOR


def test_red_cells_at_37_degrees() -> None:
    """Erdmann & Hasse 1975: 4.6e4 /M/s, 1.4e-4 /s, 2.8 nM. Put in as constants of the states that bind."""
    found = binding(MEMBRANES)
    assert within(float(found.on) * 1e3, 4.6e4)
    assert within(float(found.off), 1.4e-4)
    assert within(float(found.K) * 1e6, 2.8)


def test_potassium_slows_the_onset() -> None:
    """Albers et al. 1968, Gardner & Conlon 1972: a sign; it follows from how many pumps hold potassium."""
    rates = [float(binding({**RED_CELL, "outside.K": potassium}).on) for potassium in (1e-3, 0.5, 2.0, 5.0, 10.0)]
    assert np.all(np.diff(rates) < 0.0)
    assert rates[3] < 0.2 * rates[0]


def test_potassium_protects_little_more_above_4_mM() -> None:
    """Gardner & Conlon 1972: no further. The weak binding to E2(K2) was chosen for it; without that it is 2.4 times."""
    four, ten = (float(binding({**RED_CELL, "outside.K": potassium}).K) for potassium in (4.0, 10.0))
    assert within(ten / four, 1.0)


def test_the_isoforms_of_the_rat() -> None:
    """O'Brien et al. 1994: alpha3 1.6 nM < alpha2 37 to 115 nM << alpha1, half inhibition at 48 uM."""
    tight, middle = (float(binding(MEMBRANES, isoform).K) * 1e6 for isoform in ("rat-alpha3", "rat-alpha2"))
    doses = np.geomspace(1e-4, 10.0, 401)
    resistant = pump("ouabain", isoform="rat-alpha1")
    left = respond(resistant, {**ASSAY, "outside.Ouabain": doses}, "physiological").turnover
    free = float(respond(resistant, ASSAY, "physiological").turnover)
    half = float(np.interp(-0.5, -left / free, doses)) * 1e6
    assert within(tight, 1.6)
    assert 37.0 / FACTOR <= middle <= 115.0 * FACTOR
    assert within(half, 48e3)
    assert tight < middle < 0.01 * half


@pytest.mark.parametrize("drug", ["digoxin", "strophanthidin"])
def test_the_rat_resists_all_glycosides(drug: str) -> None:
    """Put in: no number of the rat was found, and taken as for ouabain."""
    human, rat = (float(apparent(pump(drug, isoform=isoform), MEMBRANES, "physiological").K) for isoform in ("", "rat-alpha1"))
    assert rat / human == pytest.approx(636.4)


def test_sodium_inside_lets_ouabain_in_as_it_makes_pumps_turn() -> None:
    """Joiner & Lauf 1978: both rise in parallel. The weak binding to E2(K2) was chosen with it."""
    scheme = pump()
    few, many = ({**RED_CELL, "outside.K": 4.0, "inside.Na": sodium} for sodium in (5.0, 40.0))
    bound = float(binding(many).on / binding(few).on)
    turned = float(respond(scheme, many, "physiological").turnover / respond(scheme, few, "physiological").turnover)
    assert within(bound / turned, 1.0)


def test_the_rat_ventricle_at_minus_40() -> None:
    """Ishizuka et al. 1996: 1.0 +- 0.7 uM for the sensitive part; not put in. The resistant part (43) is missed by 2.9."""
    given = {"inside.Na": 50.0, "outside.Na": 140.0, "inside.K": 80.0, "outside.K": 5.4, "membrane.V": -40.0}
    halves = []
    for isoform in ("rat-alpha2", "rat-alpha1"):
        scheme, doses = pump("ouabain", isoform=isoform), np.geomspace(1e-5, 1.0, 401)
        left = respond(scheme, {**given, "outside.Ouabain": doses}, "physiological").turnover
        halves.append(1e3 * float(np.interp(-0.5, -left / float(respond(scheme, given, "physiological").turnover), doses)))
    assert within(halves[0], 1.0)
    assert 14.0 < halves[1] < 21.5  # known miss: potassium competes too strongly in this scheme


def half(scheme: Scheme, ion: str, given: dict[str, float]) -> float:
    levels = np.geomspace(1e-3, 1e4, 801)
    values = respond(scheme, {**given, ion: levels}, "physiological").turnover
    top = int(np.argmax(values))
    return float(np.interp(0.5 * values[top], values[:top + 1], levels[:top + 1]))


@pytest.mark.parametrize(("isoform", "ratio"), [("alpha3beta1", 33.0 / 12.0), ("alpha1beta1-fxyd1", 2.0),
                                                ("alpha1beta1-fxyd1-phosphorylated", 1.0)])
def test_half_activation_by_inner_sodium_is_what_was_solved_for(isoform: str, ratio: float) -> None:
    """Zahler et al. 1997 (33 and 12 mM), Crambert et al. 2002 (about 2 times); phosphorylation relieves it. 1e-2: the grid."""
    given = {"membrane.V": 0.0}
    found = half(pump(isoform=isoform), "inside.Na", given) / half(pump(), "inside.Na", given)
    assert found == pytest.approx(ratio, rel=1e-2)


def test_alpha3_needs_half_the_ATP() -> None:
    """Jewell & Lingrel 1991: 0.21 against 0.43 mM."""
    given = {"membrane.V": 0.0, "inside.Na": 100.0}
    assert half(pump(isoform="alpha3"), "inside.ATP", given) / half(pump(), "inside.ATP", given) == pytest.approx(
        0.21 / 0.43, rel=1e-2)


@pytest.mark.parametrize(("isoform", "low", "high"), [("alpha2beta1", 65.0, 85.0), ("alpha2beta2", 85.0, 100.0)])
def test_alpha2_is_inhibited_at_rest(isoform: str, low: float, high: float) -> None:
    """Stanley et al. 2015: about 75 and 95 %, solved for; +-10 points. alpha1 works at all voltages: less than half missing."""
    def missing(scheme: Scheme) -> float:
        given = {"inside.Na": 50.0, "outside.Na": 140.0, "outside.K": 5.0, "membrane.V": np.linspace(-80.0, 80.0, 81)}
        values = respond(scheme, given, "physiological").turnover
        return float(100.0 * (1.0 - values[0] / values.max()))

    assert low <= missing(pump(isoform=isoform)) <= high
    assert missing(pump()) < 50.0


@pytest.mark.parametrize(("ion", "ratio"), [("Rb", 1.0), ("Tl", 0.05 / 0.08), ("NH4", 0.4 / 0.08), ("Cs", 1.5 / 0.08)])
def test_congeners_activate_as_measured(ion: str, ratio: float) -> None:
    """Rabbit Purkinje cells without Na outside (Rb: sheep, as K): half activation against that of K."""
    given = {"outside.Na": 1e-3, "inside.Na": 50.0, "membrane.V": 0.0, "inside.K": 1e-3}
    assert half(pump(congener=ion), "outside.K", given) / half(pump(), "outside.K", given) == pytest.approx(ratio, rel=1e-2)
