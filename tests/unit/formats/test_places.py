"""Cell files with a finite outside: read, written back, described by the schema, and what is wrong said where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, PumpleakError
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment
from pumpleak.cell.transport.exchange import Exchange
from pumpleak.formats.catalog import load
from pumpleak.formats.cell import cell_of
from pumpleak.formats.document import read
from pumpleak.formats.models import schema
from pumpleak.formats.saving import save

TEXT = """\
pumpleak: 1
cell: toy
temperature: 310 K
sources:
  here: {text: chosen for this test, kind: ours}
places:
  inside:
    volume: 0.5 pL
    contents: {Na: 12 mM, K: 136 mM, Cl: 8 mM}
    impermeants: {X: {concentration: 140 mM, charge: -1}}
  outside:
    volume: {value: 100 um3, source: here}
    contents: {Na: 145 mM, K: {value: 4 mM, source: here}, Cl: 149 mM}
  bath:
    bath: true
    contents: {Na: 145 mM, K: {value: 4 mM, source: here}, Cl: 149 mM}
  glia:
    bath: true
    contents: {K: 130 mM, Cl: 4.6 mM}
    impermeants: {P: {concentration: 125.4 mM, charge: -1}}
membrane: {inside: inside, outside: outside, area: 300 um2, capacitance: 1 uF/cm2}
transporters:
  leak_Na: {kind: leak, ion: Na, law: constant-field, permeability: 1e-8 cm/s}
  leak_K: {kind: leak, ion: K, law: constant-field, permeability: 1e-7 cm/s}
  leak_Cl: {kind: leak, ion: Cl, law: constant-field, permeability: 1e-7 cm/s}
  water: {kind: water, law: permeability, permeability: 20 um/s}
  seep: {kind: water, law: conductance, between: [bath, outside], conductance: 1 fL/(s mM)}
  diffusion:
    {kind: exchange, law: electrodiffusion, between: [outside, bath], clearance: {value: 10 um3/s, source: here},
     mobilities: {Na: 0.68, K: 1, Cl: 1.04}}
  uptake: {kind: exchange, law: pairs, between: [outside, glia], clearance: 1 um3/s, pairs: [[K, Cl]], half: 20 mM}
potential: -70 mV
"""


def cell(text: str = TEXT) -> Cell:
    return cell_of(read(text, "<text>"))


def test_places_and_paths_are_read() -> None:
    found = cell()
    assert isinstance(found.outside, Compartment)
    assert found.outside.volume == pytest.approx(0.1)
    assert [(each.name, type(each)) for each in found.reservoirs] == [("bath", Bath), ("glia", Bath)]
    paths = {each.name: each for each in found.transporters}
    diffusion, uptake = paths["diffusion"], paths["uptake"]
    assert isinstance(diffusion, Exchange)
    assert isinstance(uptake, Exchange)
    assert diffusion.between == ("outside", "bath")
    assert diffusion.clearance == pytest.approx(1e-5)
    assert diffusion.mobilities == {"Na": 0.68, "K": 1.0, "Cl": 1.04}
    assert (uptake.pairs, uptake.half) == ((("K", "Cl"),), 20.0)
    sources = {parameter.name: parameter.source for parameter in found.system.parameters}
    assert sources["diffusion.clearance"] == sources["bath.K"] == "here"


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    before = cell()
    after = load(save(before, tmp_path / "saved.yaml"))
    assert after == before
    assert isinstance(after, Cell)
    assert after.system.books == before.system.books


def test_the_schema_knows_the_kind() -> None:
    assert "ExchangeEntry" in schema("cell")["$defs"]


@pytest.mark.parametrize(("old", "new", "kind", "message"), [
    ("    bath: true\n    contents: {K: 130 mM", "    volume: 1 pL\n    contents: {K: 130 mM", ModelError,
     "18:5: 'glia' is on neither side of the membrane; only a bath can be, with 'bath: true' instead of a volume"),
    ("    volume: {value: 100 um3, source: here}", "    bath: true", ModelError,
     "15:5: 'bath' is on neither side of the membrane; a further place lies behind a finite outside: give 'outside' a volume"),
    ("between: [outside, glia]", "between: [outside, gila]", NameUnknown, "31:59: unknown place 'gila'; did you mean 'glia'?"),
    ("between: [outside, glia]", "between: [outside]", FormatError, "31:49: a path goes between two places: [outside, bath]"),
    ("[[K, Cl]]", "[[K, Cl, Na]]", FormatError, "31:94: a pair is of two ions: [K, Cl]; 3 are given"),
    ("pairs: [[K, Cl]], ", "", FormatError, "31:11: an exchange with law 'pairs' has 'pairs' and no 'mobilities'"),
    ("pairs: [[K, Cl]], ", "pairs: [[K, Cl]], mobilities: {Na: 1, Cl: 1}, ", FormatError,
     "31:11: an exchange with law 'pairs' has 'pairs' and no 'mobilities'; `mobilities: ~` takes out one that comes from "
     "based_on"),
    ("Cl: 1.04}}", "Cl: 1.04}, half: 5 mM}", FormatError, "29:5: an exchange with law 'electrodiffusion' has no 'half'"),
    ("law: pairs", "law: pair", FormatError, "31:33: 'pair' is not one of 'pairs' or 'electrodiffusion'"),
    ("Cl: 1.04}", "Chl: 1.04}", ModelError, "29:5: diffusion: 'Chl' is not an ion; did you mean 'Cl'?"),
    ("clearance: 1 um3/s", "clearance: 1 um3", PumpleakError, "31:77: uptake.clearance: '1 um3' is a volume"),
    (", between: [bath, outside]", "", FormatError, "27:9: water with law 'conductance' says 'between' which places"),
    ("law: permeability, perm", "law: instant, perm", FormatError, "26:10: water with law 'instant' has no 'permeability'"),
    ("law: permeability, permeability: 20 um/s", "law: instant", ModelError, "toy: water is instant, which needs a bath"),
    ("between: [outside, glia]", "between: [inside, glia]", ModelError,
     "uptake joins 'inside' and 'glia'; it goes between 'outside' and 'bath' or 'glia'"),
])
def test_what_is_wrong_is_said_where_it_stands(old: str, new: str, kind: type[PumpleakError], message: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(kind) as found:
        cell(TEXT.replace(old, new))
    assert message in str(found.value)
