"""Reactions, supply and demand in cell files: every number arrives, goes back, and faults are told with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from pumpleak.base.errors import PumpleakError
from pumpleak.cell.cell import Cell
from pumpleak.cell.metabolism import Demand, Supply
from pumpleak.cell.transport.reaction import Reaction
from pumpleak.formats.catalog import load
from pumpleak.formats.cell import cell_of
from pumpleak.formats.document import read
from pumpleak.formats.models import schema
from pumpleak.formats.saving import save
from pumpleak.system.transform import initial_values

TEXT = """\
pumpleak: 1
cell: fed
temperature: 310.15 K
sources: {here: {text: chosen for this test, kind: ours}}
places:
  cytosol:
    volume: 0.5 pL
    contents: {Na: 15 mM, K: 135 mM, ATP: 3 mM, ADP: 50 uM, Pi: 2 mM, H: 6e-5 mM, PCr: 6 mM, Cr: 5 mM}
    impermeants:
      X: {concentration: 100 mM, charge: -1}
      B: {concentration: 30 mM, charge: -1}
      HB: {concentration: 20 mM, charge: 0, made_of: {B: 1, H: 1}}
  bath:
    bath: true
    contents: {Na: 145 mM, K: 5 mM, Cl: 150 mM}
membrane: {inside: cytosol, outside: bath, area: 300 um2, capacitance: 1 uF/cm2}
transporters:
  leak_Na: {kind: leak, ion: Na, law: constant-field, permeability: 1e-8 cm/s}
  leak_K: {kind: leak, ion: K, law: constant-field, permeability: 1e-7 cm/s}
  pump: {kind: pump, scheme: post-albers-23, density: 300 1/um2}
  buffer: {kind: reaction, equation: HB <-> H + B, pK: {value: 7, source: here}, rate: 0.1 1/s}
  kinase: {kind: reaction, equation: ADP + PCr + H <-> ATP + Cr, place: cytosol, K: 1.77e9 1/M, rate: 1e4 1/(s mM2)}
metabolism:
  supply: {capacity: {value: 50 uM/s, source: here}, half_ADP: 30 uM, half_Pi: 1 mM, activity: 90 %}
  demand: {capacity: 20 uM/s, half_ATP: 0.5 mM}
potential: -70 mV
balance: {impermeant: X, solve: [leak_Na.permeability, leak_K.permeability, supply.capacity]}
"""


def cell(text: str = TEXT) -> Cell:
    return cell_of(read(text, "f.yaml"))


def test_every_number_arrives() -> None:
    found = cell()
    assert found.supply == Supply(5e-5, 0.03, 1.0, 0.9)
    assert found.demand == Demand(2e-5, 0.5)
    assert found.metabolism is None
    reactions = [each for each in found.transporters if isinstance(each, Reaction)]
    assert [(each.name, each.rate, each.place) for each in reactions] == [("buffer", 1e-4, ""), ("kinase", 10.0, "cytosol")]
    assert [each.K for each in reactions] == pytest.approx([1e-4, 1.77e6], rel=1e-14)
    parameters = {each.name: each for each in found.system.parameters}
    assert parameters["buffer.K"].source == parameters["supply.capacity"].source == "here"
    assert next(each.made_of for each in found.inside.impermeants if each.name == "HB") == {"B": 1, "H": 1}


def test_a_file_is_balanced_by_its_supply() -> None:
    values = initial_values(cell().system)
    assert values["supply.capacity"] != 5e-5
    assert values["supply.flux"] == pytest.approx(
        values["demand.flux"] + values["pump.turnover"] * values["pump.amount"], rel=1e-9)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    before = cell()
    after = load(save(before, tmp_path / "saved.yaml"))
    assert isinstance(after, Cell)
    assert after == before
    assert after.system.parameters == before.system.parameters
    assert after.system.books == before.system.books


def test_numbers_are_set_by_dotted_name() -> None:
    found = cell().with_values({"supply.activity": 0.0, "kinase.rate": "1 1/(s mM2)", "cytosol.ATP": "2 mM"})
    values = initial_values(found.system)
    assert values["supply.flux"] == 0.0
    assert (values["kinase.rate"], values["cytosol.ATP"]) == (1e-3, pytest.approx(2.0))


def test_the_schema_knows_them() -> None:
    known = schema("cell")["$defs"]
    assert {"ReactionEntry", "SupplyEntry", "DemandEntry"} <= set(known)


@pytest.mark.parametrize(("old", "new", "message"), [
    ("pK: {value: 7, source: here}, ", "", "f.yaml:21:11: a reaction has either its equilibrium constant 'K' or 'pK'"),
    ("K: 1.77e9 1/M", "K: 1.77e9 M", "f.yaml:22:85: kinase.K: '1.77e9 M' is a concentration"),
    ("K: 1.77e9 1/M", "K: 0 1/M", "f.yaml:22:85: kinase.K is 0 1/mM; it must be positive and finite"),
    ("place: cytosol,", "place: cytosl,", "f.yaml:22:73: unknown place 'cytosl'; did you mean 'cytosol'?"),
    ("HB <-> H + B,", "HB - H + B,", "f.yaml:21:38: buffer: 'HB - H + B' is no reaction; write"),
    ("ATP + Cr,", "ATP + Crx,", "f.yaml:22:11: fed: kinase moves +1 Crx in 'cytosol', which holds no Crx"),
    ("half_ADP: 30 uM", "half_ADP: 0 uM", "f.yaml:24:11: supply.half_ADP is 0 mM; it must be positive"),
    ("half_ADP: 30 uM, ", "", "f.yaml:24:11: the key 'half_ADP' is missing"),
    ("metabolism:\n", "metabolism:\n  dG_ATP: -57 kJ/mol\n", "f.yaml:24:3: 'metabolism' has either 'dG_ATP'"),
    ("  supply: {capacity: {value: 50 uM/s, source: here}, half_ADP: 30 uM, half_Pi: 1 mM, activity: 90 %}\n",
     "  dG_ATP: -57 kJ/mol\n", "f.yaml:24:3: 'metabolism' has a 'demand' only where a 'supply' makes the ATP"),
    ("made_of: {B: 1, H: 1}", "made_of: {B: 1.5}", "f.yaml:12:58: expected a whole number, not '1.5'"),
    ("made_of: {B: 1, H: 1}", "made_of: {B: 2, H: 1}", "f.yaml:21:11: fed: one turn of buffer"),
    ("  buffer: {kind: reaction, equation: HB <-> H + B, pK: {value: 7, source: here}, rate: 0.1 1/s}\n", "",
     "f.yaml:23:3: fed: nothing buffers cytosol.H = 6e-05 mM"),
    ("place: cytosol,", "place: bath,", "f.yaml:22:11: kinase: it happens in 'bath', which is no place whose contents"),
    ("place: cytosol, K: 1.77e9 1/M, rate: 1e4 1/(s mM2)}\n", "place: cytosol, K: 1.77e9 1/M, rate: 1e4 1/(s mM2)}\n"
     "  split: {kind: reaction, equation: PCr + H2O <-> Cr + Pi, K: 10 mM, rate: 1 1/s}\n",
     "f.yaml:23:10: fed: split.K is 10 mM, but the other reactions and the free energy of ATP make it 1.7"),
    ("solve: [leak_Na.permeability, leak_K.permeability, supply.capacity]", "solve: [supply.capcity]",
     "balance cannot solve for 'supply.capcity'; did you mean 'supply.capacity'?")])
def test_faults_are_told_with_their_place(old: str, new: str, message: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(PumpleakError) as caught:
        cell(TEXT.replace(old, new))
    assert message in str(caught.value)
