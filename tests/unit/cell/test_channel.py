"""Channels and carriers: their laws against plain formulas, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pumpleak.base.errors import ModelError
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.transport.channel import Channel
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.gate import Gate, Gating
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.passage import Transporter
from pumpleak.cell.transport.water import Water
from pumpleak.system.grammar import parse
from pumpleak.system.transform import initial_values

F, RT = 96485.33212331, 8.31446261815324 * 310.15
HALF = Gating((Gate("half", steady=parse("0.5")),))


def values(*transporters: Transporter, potential: float = -60.0, calcium: float = 1e-4) -> dict[str, float]:
    """Every quantity at the start of a cell with these transporters."""
    cell = Cell(
        "toy", inside=Compartment("inside", 0.5, {"Na": 15.0, "K": 135.0, "Cl": 5.0, "Ca": calcium, "HCO3": 10.0},
                                       (Impermeant("X", -1.0, 135.0),)),
        outside=Bath("outside", {"Na": 147.0, "K": 3.0, "Cl": 130.0, "Ca": 2.0, "HCO3": 24.0}),
        membrane=Membrane("inside", "outside", 300.0, 0.01),
        transporters=(Leak("leak_K", "K", "ohmic", 3e-3), Water(), *transporters), potential=potential)
    return initial_values(cell.system)


@pytest.mark.parametrize("law", ["ohmic", "constant-field"])
def test_a_channel_is_a_leak_times_its_open_share(law: str) -> None:
    leak = Leak("open", "Na", law, 1e-3)  # type: ignore[arg-type]
    found = values(leak, Channel("gated", {"Na": 1.0}, law, 1e-3, HALF), Channel("bare", {"Na": 1.0}, law, 1e-3))  # type: ignore[arg-type]
    assert found["gated.flux"] == pytest.approx(0.5 * found["open.flux"], rel=1e-14)
    assert found["bare.flux"] == found["open.flux"]
    assert found["gated.current"] == pytest.approx(F * found["gated.flux"], rel=1e-14)
    assert found["gated.reversal"] == found["open.reversal"]


def test_goldmans_channel_of_two_ions() -> None:
    cation = Channel("cation", {"Na": 1.0, "K": 1.25}, "constant-field", 1e-6, HALF)
    found = values(cation)
    x = -60e-3 * F / RT
    for ion, inside, outside, share in (("Na", 15.0, 147.0, 1.0), ("K", found["inside.K"], 3.0, 1.25)):
        flow = 1e-6 * 300.0 * 1e-3 * 0.5 * share
        expected = flow * x * (inside - outside * math.exp(-x)) / (1 - math.exp(-x))
        assert found[f"cation.{ion}.flux"] == pytest.approx(expected, rel=1e-12)
    assert found["cation.current"] == pytest.approx(F * (found["cation.Na.flux"] + found["cation.K.flux"]), rel=1e-14)
    # Goldman's equation gives the potential at which it carries nothing
    reversal = 1e3 * RT / F * math.log((147.0 + 1.25 * 3.0) / (15.0 + 1.25 * found["inside.K"]))
    at_rest = values(cation, potential=reversal)  # a potential takes its charge from K: some 1e-2 mM
    gross = F * 1e-6 * 300.0 * 1e-3 * 0.5 * 147.0
    assert abs(at_rest["cation.current"]) < 1e-3 * gross


def test_mass_action_is_what_it_says() -> None:
    nkcc1 = Cotransporter("nkcc1", {"Na": 1, "K": 1, "Cl": 2}, 1e-12, "mass-action", HALF)
    found = values(nkcc1)
    expected = 1e-12 * 300.0 * 0.5 * (147.0 * 3.0 * 130.0**2 - 15.0 * found["inside.K"] * 5.0**2)
    assert found["nkcc1.flux"] == pytest.approx(expected, rel=1e-12)
    assert "nkcc1.current" not in found
    assert nkcc1.unit == "fmol/(ms um2 mM4)"


def test_an_exchanger_carries_its_charge_through_the_field() -> None:
    found = values(Cotransporter("ncx", {"Na": 3, "Ca": -1}, 1e-12, "mass-action"))
    x = -60e-3 * F / RT
    inward = 147.0**3 * 1e-4 * math.exp(-x / 2)
    outward = 15.0**3 * 2.0 * math.exp(x / 2)
    assert found["ncx.flux"] == pytest.approx(1e-12 * 300.0 * (inward - outward), rel=1e-12)
    assert found["ncx.current"] == pytest.approx(-F * found["ncx.flux"], rel=1e-12), "one charge a turn, inward"


def test_an_exchanger_stops_where_its_gradients_balance() -> None:
    """3 Na+ for 1 Ca2+: Ca_in = Ca_out (Na_in/Na_out)^3 exp(FV/RT)."""
    calcium = 2.0 * (15.0 / 147.0) ** 3 * math.exp(-60e-3 * F / RT)
    for factor, sign in ((0.5, -1.0), (2.0, 1.0)):
        found = values(Cotransporter("ncx", {"Na": 3, "Ca": -1}, 1e-12, "mass-action"), calcium=factor * calcium)
        assert np.sign(found["ncx.flux"]) == sign
    still = values(Cotransporter("ncx", {"Na": 3, "Ca": -1}, 1e-12, "mass-action"), calcium=calcium)
    assert abs(still["ncx.flux"]) < 1e-12 * abs(1e-12 * 300.0 * 147.0**3 * calcium)


CARRIERS = [
    Cotransporter("kcc", {"K": 1, "Cl": 1}, 1e-9, "mass-action"),
    Cotransporter("ncc", {"Na": 1, "Cl": 1}, 1e-9, "mass-action", HALF),
    Cotransporter("nkcc1", {"Na": 1, "K": 1, "Cl": 2}, 1e-3),
    Cotransporter("ae", {"Cl": 1, "HCO3": -1}, 1e-9, "mass-action"),
    Cotransporter("ae_linear", {"Cl": 1, "HCO3": -1}, 1e-3),
    Cotransporter("ncx", {"Na": 3, "Ca": -1}, 1e-12, "mass-action"),
    Cotransporter("nbc", {"Na": 1, "HCO3": 2}, 1e-12, "mass-action"),
]


@pytest.mark.parametrize("carrier", CARRIERS, ids=[each.name for each in CARRIERS])
def test_no_carrier_runs_uphill(carrier: Cotransporter) -> None:
    found = [values(carrier, potential=potential, calcium=calcium)
             for potential in (-100.0, -60.0, -20.0, 0.0, 40.0) for calcium in (1e-5, 1e-3, 0.1)]
    assert all(each[f"{carrier.name}.flux"] * each[f"{carrier.name}.affinity"] >= 0 for each in found)


@pytest.mark.parametrize(("change", "message"), [
    (lambda: Channel("channel", {}, "ohmic", 1.0), "channel: its ions are {}; a channel lets at least one pass: {Na: 1}"),
    (lambda: Channel("channel", {"Nna": 1.0}, "ohmic", 1.0), "channel: 'Nna' is not an ion; did you mean 'Na'?"),
    (lambda: Channel("channel", {"Na": 0.0}, "ohmic", 1.0), "channel.Na.relative is 0; it must be positive and finite"),
    (lambda: Channel("channel", {"Na": 1.0}, "ohmic", -1.0), "channel.conductance is -1 nS/um2; it must be zero or positive"),
    (lambda: Channel("channel", {"Na": 1.0}, "omic", 1.0),  # type: ignore[arg-type]
     "channel: the law 'omic' is not known; did you mean 'ohmic'?; it is one of ohmic, constant-field"),
    (lambda: Cotransporter("ncx", {"Na": 3, "Ca": -1}, 1.0),
     "ncx moves 3 Na, -1 Ca, together +1 e; this law is for neutral cotransport, 'mass-action' for what carries current"),
    (lambda: Cotransporter("ncx", {"Na": 0}, 1.0), "ncx moves 0 Na; a count is a whole number"),
    (lambda: Cotransporter("ncx", {}, 1.0), "ncx moves nothing; a turn moves 1 to 12 particles"),
    (lambda: Cotransporter("ncx", {"Na": 30, "Ca": -15}, 1.0), "ncx moves 30 Na, -15 Ca; a turn moves 1 to 12 particles"),
    (lambda: replace(CARRIERS[0], law="mass"),  # type: ignore[arg-type]
     "kcc: the law 'mass' is not known"),
    (lambda: replace(CARRIERS[0], value=-1.0), "kcc.rate is -1 fmol/(ms um2 mM2); it must be zero or positive and finite")])
def test_impossible_parts_are_refused(change: object, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        change()  # type: ignore[operator]
    assert message in str(caught.value)
