"""Gated channels and carriers in cell files: read, written back, and refused with line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from pumpleak.base.errors import PumpleakError
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.channel import Channel
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.gate import Q10
from pumpleak.formats.catalog import load
from pumpleak.formats.cell import cell_of
from pumpleak.formats.document import read
from pumpleak.formats.models import schema
from pumpleak.formats.saving import save
from pumpleak.system.expression import serialise
from pumpleak.system.grammar import parse

TEXT = """\
pumpleak: 1
cell: toy
temperature: 37 degC
sources: {here: {text: chosen for this test, kind: ours}}
places:
  inside: {volume: 500 um3, contents: {Na: 12 mM, K: 140 mM, Cl: 8 mM}, impermeants: {X: {concentration: 144 mM, charge: -1}}}
  outside: {bath: true, contents: {Na: 145 mM, K: 4 mM, Cl: 149 mM}}
membrane: {inside: inside, outside: outside, area: 300 um2, capacitance: 1 uF/cm2}
potential: -70 mV
transporters:
  leak: {kind: leak, ion: Cl, law: ohmic, conductance: 0.01 mS/cm2}
  sodium:
    kind: channel
    ion: Na
    law: ohmic
    conductance: {value: 40 mS/cm2, source: here}
    gates:
      m: {power: 3, opening: 1/exprel(-(V + 40)/10), closing: 4*exp(-(V + 65)/18)}
      h: {opening: 0.07*exp(-(V + 65)/20), closing: 1/(1 + exp(-(V + 35)/10)), start: 0.6}
    q10: {factor: {value: 3, source: here}, at: 6.3 degC}
  cation:
    kind: channel
    ions: {Na: 1, K: 1.25}
    law: constant-field
    permeability: 1e-10 cm/s
    gates: {v: {steady: 1/(1 + exp(steep*(1 - inside.volume/full))), time: 60000}}
    parameters: {full: {value: 600 fL, source: here}, steep: 100}
  nkcc: {kind: cotransport, moves: {Na: 1, K: 1, Cl: 2}, law: mass-action, rate: 1e-9 mol/(m2 s mM4), gates: {k: {steady: 0.5}}}
"""


def cell(text: str = TEXT) -> Cell:
    return cell_of(read(text))


def test_every_part_arrives_in_internal_units() -> None:
    _, sodium, cation, nkcc = cell().transporters
    assert isinstance(sodium, Channel)
    assert (dict(sodium.ions), str(sodium.law)) == ({"Na": 1.0}, "ohmic")
    assert sodium.value == pytest.approx(0.4, rel=1e-15)
    m, h = sodium.gating.gates
    assert (m.name, m.power, m.opening, m.start) == ("m", 3, parse("1/exprel(-(V + 40)/10)"), None)
    assert (h.name, h.power, h.start) == ("h", 1, 0.6)
    assert sodium.gating.q10 == Q10(3.0, 279.45)
    assert isinstance(cation, Channel)
    assert (dict(cation.ions), str(cation.law)) == ({"Na": 1.0, "K": 1.25}, "constant-field")
    assert cation.value == pytest.approx(1e-9)
    assert [(each.name, each.value, each.unit, each.source) for each in cation.gating.parameters] == [
        ("full", pytest.approx(0.6), "pL", "here"), ("steep", 100.0, "1", "")]
    assert isinstance(nkcc, Cotransporter)
    assert (dict(nkcc.moves), str(nkcc.law)) == ({"Na": 1, "K": 1, "Cl": 2}, "mass-action")
    assert nkcc.value == pytest.approx(1e-9)


def test_parameters_carry_their_sources() -> None:
    parameters = {each.name: each for each in cell().system.parameters}
    assert [parameters[name].source for name in ("sodium.conductance", "sodium.q10", "cation.full", "cation.permeability")] == [
        "here", "here", "here", ""]


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    before = cell().with_values({"sodium.q10": 2.5, "cation.K.relative": 0.5})
    after = load(save(before, tmp_path / "saved.yaml"))
    assert isinstance(after, Cell)
    assert after == before
    texts = [serialise([system.rates[state] for state in system.state_names]) for system in (before.system, after.system)]
    assert texts[0] == texts[1]


def test_the_schema_knows_channels_and_gates() -> None:
    definitions = schema("cell")["$defs"]
    assert {"ChannelEntry", "GateEntry", "Q10Entry", "CotransportEntry"} <= definitions.keys()
    assert definitions["CotransportEntry"]["properties"]["law"]["enum"] == ["linear", "mass-action"]


@pytest.mark.parametrize(("old", "new", "message"), [
    ("(V + 40)/10)", "(V + 4x)/10)", "18:30: expression '1/exprel(-(V + 4x)/10)': a closing ')' is missing"),
    ("(V + 40)/10)", "(v + 40)/10)", "18:10: gate 'm' uses 'v', which is neither a gate or parameter beside it nor a dotted "
     "name such as inside.Na; did you mean 'V'"),
    ("full)))", "fulll)))", "26:16: gate 'v' uses 'fulll', which is neither"),
    ("inside.volume", "inside.volme", "26:16: gate 'cation.v': its steady state depends on 'inside.volme', whose start is not "
     "known before the cell is built; did you mean 'inside.volume'"),
    ("steady: 0.5", "steady: outside.Kk/9",
     "28:114: toy: nkcc.k uses 'outside.Kk', which nothing defines; did you mean 'outside.K'"),
    ("steady: 0.5", "steady: outside.K/2",
     "28:114: gate 'nkcc.k': its steady is 2 at V = -150 mV; a factor of an open share lies"),
    ("power: 3", "power: 0", "18:10: the power of gate 'm' is 0; it must be 1, 2, 3, ..."),
    ("power: 3", "power: 2.5", "18:18: expected a whole number, not '2.5'"),
    ("power: 3", "steady: 1", "18:10: gate 'm' has opening and closing and steady; give 'opening' and 'closing' [1/ms], or"),
    ("at: 6.3 degC", "at: 6.3 mV", "20:49: sodium.q10.at: '6.3 mV' is a voltage [mV]; expected a temperature [K]"),
    ("{value: 3, source: here}", "0", "20:10: q10.factor is 0; it must be positive and finite"),
    ("{value: 3, source: here}", "{value: 3, source: hree}", "20:19: the source 'hree' is not declared"),
    ("    ion: Na\n", "    ion: Nna\n", "13:5: sodium: 'Nna' is not an ion; did you mean 'Na'?"),
    ("    ion: Na\n", "    ions: {}\n", "13:5: sodium: its ions are {}; a channel lets at least one pass: {Na: 1}"),
    ("    ion: Na\n", "", "13:5: a channel has either one 'ion' or several 'ions' with their relative strengths"),
    ("permeability: 1e-10 cm/s", "conductance: 1 mS/cm2",
     "22:5: a channel with law 'constant-field' has a 'permeability' and no 'conductance'"),
    (", rate: 1e-9 mol/(m2 s mM4)", ", conductance: 1 mS/cm2",
     "28:9: a cotransporter with law 'mass-action' has a 'rate' and no 'conductance'"),
    ("mol/(m2 s mM4)", "mol/(m2 s mM2)",
     "28:82: nkcc.rate: '1e-9 mol/(m2 s mM2)' is a quantity in [mol/(m2 s mM2)]; expected"),
    (", gates: {k: {steady: 0.5}}", ", q10: {factor: 3, at: 20 degC}",
     "28:9: there are no 'gates', which alone could use 'q10'"),
    ("gates: {k:", "gatse: {k:", "28:103: unknown key 'gatse'; did you mean 'gates'"),
    ("Cl: 2}", "Cl: 1}",
     "28:82: nkcc.rate: '1e-9 mol/(m2 s mM4)' is a quantity in [mol/(m2 s mM4)]; expected a quantity in [fmol/(ms um2 mM3)]"),
])
def test_a_fault_is_shown_where_it_is(old: str, new: str, message: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(PumpleakError) as caught:
        cell(TEXT.replace(old, new))
    assert f"<text>:{message}" in str(caught.value)
