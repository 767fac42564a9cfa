"""Cell files: every kind of part, units, sources, balance and overrides."""

import math
import re

import pytest

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, PumpleakError, UnitError
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Impermeant
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.cell.transport.stimulus import Stimulus
from pumpleak.cell.transport.water import Water
from pumpleak.formats.cell import apply_overrides, cell_of
from pumpleak.formats.document import read

TEXT = """\
pumpleak: 1
cell: toy
title: A toy
animal: none
temperature: 37 degC
constants: {R: 8.314 J/mol/K, F: 96485 C/mol, dG0: 12 kJ/mol}
sources: {here: {text: chosen for this test, kind: ours}}
conservation: reported
places:
  cytosol:
    volume: {value: 500 um3, source: here}
    contents: {Na: {value: 12 mM, source: here}, K: 140 mM, Cl: 8 mM}
    impermeants:
      X: {amount: 70 fmol, charge: -1}
      Y: {concentration: 2000 uM, charge: {value: -0.5, source: here}}
    held: {ATP: 5 mM, ADP: 0.05 mM, Pi: 1 mM, H: 8e-5 mM}
  bath:
    bath: true
    contents: {Na: 145 mM, K: {value: 4 mM, source: here}, Cl: 149 mM}
    impermeants: {S: {concentration: 5 mM, charge: 0}}
membrane: {inside: cytosol, outside: bath, area: 300 um2, area_exponent: 0.5, capacitance: 1 uF/cm2}
transporters:
  leak_Na: {kind: leak, ion: Na, law: ohmic, conductance: {value: 0.01 mS/cm2, source: here}}
  leak_K: {kind: leak, ion: K, law: constant-field, permeability: 1e-7 cm/s}
  kcc2: {kind: cotransport, moves: {K: 1, Cl: 1}, law: linear, conductance: 20 uS/cm2}
  pump: {kind: pump, scheme: pan-2018-4, density: 1360 1/um2, activity: 50 %}
  other: {kind: pump, moves: {Na: -3, K: 2}, rate: p/F, atp: 1, parameters: {p: {value: 1e-6 C/dm2/s, source: here}}}
  water: {kind: water, law: permeability, permeability: 1.5e-3 dm/s}
  stimulus: {kind: stimulus, ion: Na}
potential: -70 mV
guard: 0.1 ms
set: {other.activity: 0.5}
notes: [a note]
"""


def cell(text: str = TEXT) -> Cell:
    return cell_of(read(text))


def changed(old: str, new: str, text: str = TEXT) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_every_part_arrives_in_internal_units() -> None:
    found = cell()
    assert (found.name, found.title, found.animal, found.conservation) == ("toy", "A toy", "none", "reported")
    assert (found.constants.R, found.constants.F, found.constants.T) == (8.314, 96485.0, 310.15)
    assert (found.standard_hydrolysis, found.potential, found.guard) == (12_000.0, -70.0, 0.1)
    inside, outside = found.inside, found.outside
    assert (inside.name, inside.volume, outside.name) == ("cytosol", 0.5, "bath")
    assert dict(inside.contents) == {"Na": 12.0, "K": 140.0, "Cl": 8.0}
    assert dict(inside.held) == {"ATP": 5.0, "ADP": 0.05, "Pi": 1.0, "H": 8e-5}
    assert inside.impermeants == (Impermeant("X", -1.0, 140.0), Impermeant("Y", -0.5, 2.0))
    assert outside.impermeants == (Impermeant("S", 0.0, 5.0),)
    membrane = found.membrane
    assert (membrane.area, membrane.area_exponent, membrane.capacitance) == (300.0, 0.5, 0.01)
    assert found.notes == ("a note",)


def test_every_transporter_is_of_its_kind() -> None:
    leak_Na, leak_K, kcc2, pump, other, water, stimulus = cell().transporters
    assert isinstance(leak_Na, Leak)
    assert (leak_Na.law, leak_Na.value) == ("ohmic", 1e-4)
    assert isinstance(leak_K, Leak)
    assert (leak_K.law, leak_K.value) == ("constant-field", pytest.approx(1e-6, rel=1e-15))
    assert isinstance(kcc2, Cotransporter)
    assert (dict(kcc2.moves), kcc2.value) == ({"K": 1, "Cl": 1}, pytest.approx(2e-4, rel=1e-15))
    assert isinstance(pump, SchemePump)
    assert (pump.scheme.name, pump.depth, pump.count, pump.activity) == ("pan-2018-4", "reduced", 1360.0, 0.5)
    assert isinstance(other, RatePump)
    assert (dict(other.moves), other.atp, [(p.name, p.value, p.unit) for p in other.parameters]) == (
        {"Na": -3, "K": 2}, 1.0, [("p", pytest.approx(1e-4, rel=1e-15), "pA/um2")])
    assert isinstance(water, Water)
    assert water.permeability == 0.15
    assert isinstance(stimulus, Stimulus)
    assert stimulus.ion == "Na"


def test_parameters_carry_their_sources_and_settings() -> None:
    parameters = {each.name: each for each in cell().system.parameters}
    for name in ("bath.K", "leak_Na.conductance", "other.p"):
        assert parameters[name].source == "here", name
    assert parameters["leak_K.permeability"].source == ""
    assert parameters["other.activity"].value == 0.5


def test_a_cell_without_a_potential_takes_it_from_its_contents() -> None:
    neutral = changed("K: 140 mM", "K: 149.05 mM")  # the charge of more could be held by no membrane
    assert cell(changed("potential: -70 mV\n", "", neutral)).potential is None


def test_a_balanced_cell_rests_at_the_potential_it_asks_for() -> None:
    text = changed("potential: -70 mV\n", "", changed("conservation: reported", "conservation: enforced"))
    text = changed("set: {other.activity: 0.5}", "set: {other.activity: 0}", text)
    text = changed("  kcc2: {kind: cotransport, moves: {K: 1, Cl: 1}, law: linear, conductance: 20 uS/cm2}\n", "", text)
    balanced = cell(text + "balance: {potential: -75 mV, impermeant: X, solve: [leak_Na.conductance, leak_K.permeability]}\n")
    assert balanced.potential == -75.0
    assert set(balanced.values) >= {"leak_Na.conductance", "leak_K.permeability"}
    assert balanced.notes[-1].startswith("balanced by leak_Na.conductance = ")
    known = {entry.name: entry.concentration for entry in balanced.inside.impermeants}
    inside = sum(known.values()) + sum(balanced.inside.contents.values()) + sum(balanced.inside.held.values())
    # isosmotic with a bath of 145 + 4 + 149 + 5 mM; 12 digits are left of the sum's 15
    assert math.isclose(inside, 303.0, rel_tol=1e-12)


def test_overrides_are_by_dotted_name_and_checked() -> None:
    found = apply_overrides(cell(), {"bath.K": "8 mM", "cytosol.Na": "20 mM", "membrane.area_exponent": 0.25})
    values = {each.name: each.value for each in found.system.parameters}
    assert (values["bath.K"], values["membrane.area_exponent"]) == (8.0, 0.25)
    assert found.inside.contents["Na"] == 20.0
    with pytest.raises(UnitError):
        apply_overrides(cell(), {"bath.K": "8 mV"})
    with pytest.raises(NameUnknown, match=r"did you mean 'bath\.K'"):
        apply_overrides(cell(), {"bth.K": "8 mM"})


@pytest.mark.parametrize(
    ("old", "new", "kind", "message"),
    [
        ("amount: 70 fmol, charge: -1", "charge: -1", FormatError, "14:10: an impermeant has either"),
        ("amount: 70 fmol, charge: -1", "amount: 70 fmol", FormatError, "14:10: the key 'charge' is missing"),
        ("    bath: true\n", "", FormatError, "18:5: a compartment has a volume"),
        ("    bath: true\n", "    bath: true\n    volume: 5 pL\n", FormatError, "18:5: a bath has no volume"),
        ("S: {concentration: 5 mM,", "S: {amount: 5 fmol,", FormatError, "18:5: a bath has no amounts"),
        ("inside: cytosol", "inside: bath", ModelError, "21:20: membrane.inside: 'bath' should be a compartment"),
        ("outside: bath,", "outside: cytosol,", ModelError, "21:38: membrane.outside: 'cytosol' is the inside too"),
        ("  bath:\n", "  attic: {bath: true, contents: {Na: 5 mM}}\n  bath:\n", ModelError, "17:10: 'attic' is on neither"),
        ("area_exponent: 0.5", "area_exponent: 5", ModelError, "21:11: membrane.area_exponent is 5"),
        ("law: permeability,", "law: instant,", FormatError, "28:10: water with law 'instant' has no 'permeability'"),
        ("scheme: pan-2018-4, ", "scheme: pan-2018-4, moves: {Na: -3}, ", FormatError, "26:9: a pump with a scheme"),
        ("atp: 1", "atp: 0", ModelError, "27:10: other.atp is 0; a cycle of a pump uses at least 1 ATP"),
        ("atp: 1", "density: 1 1/um2", FormatError, "27:10: a pump by a rate law has no 'density'"),
        ("scheme: pan-2018-4", "depth: full, scheme: pan-2018-4", ModelError, "26:9: pan-2018-4: depth 'full' needs explicit"),
        ("scheme: pan-2018-4", "scheme: kay-2017", NameUnknown, "26:30: unknown scheme 'kay-2017'"),
        ("other.activity: 0.5", "other.activty: 0.5", NameUnknown, "32:7: toy has no parameter 'other.activty'"),
        ("other.activity: 0.5", "other.activity: 5 mM", UnitError, "32:23: other.activity: '5 mM' is a concentration"),
        ("moves: {K: 1, Cl: 1}", "moves: {K: 2, Cl: 1}", ModelError, "25:9: kcc2 moves 2 K, 1 Cl, together +1 e"),
        ("leak_K: ", "leak-K: ", FormatError, "24:3: 'leak-K' is not a name"),
        ("ion: Na}", "ion: Nq}", ModelError, "29:13: stimulus: its current needs an ion"),
        ("temperature: 37 degC", "temperature: -300 degC", UnitError, "5:14: temperature: '-300 degC' is below absolute zero"),
        ("temperature: 37 degC", "temperature: 0 K", ModelError, "5:14: constants.T: given 0.0"),
        ("amount: 70 fmol", "amount: 1e308 fmol", PumpleakError, ""),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(old: str, new: str, kind: type[PumpleakError], message: str) -> None:
    with pytest.raises(kind) as found:
        cell(changed(old, new))
    assert str(found.value).startswith(f"<text>:{message}")


def test_a_scheme_is_also_found_beside_the_cell(tmp_path_factory: pytest.TempPathFactory) -> None:
    from pumpleak.formats.catalog import find, load

    folder = tmp_path_factory.mktemp("own")
    scheme = find("pan-2018-4").read_text(encoding="utf-8").replace("scheme: pan-2018-4", "scheme: mine")
    (folder / "mine.yaml").write_text(scheme, encoding="utf-8")
    (folder / "cell.yaml").write_text(changed("scheme: pan-2018-4", "scheme: mine.yaml"), encoding="utf-8")
    found = load(folder / "cell.yaml")
    assert isinstance(found, Cell)
    (pump,) = (each for each in found.transporters if isinstance(each, SchemePump))
    assert pump.scheme.name == "mine"
    (folder / "cell.yaml").write_text(changed("scheme: pan-2018-4", "scheme: cell.yaml"), encoding="utf-8")
    with pytest.raises(FormatError, match="the file is a cell; a scheme is needed here"):
        load(folder / "cell.yaml")


def test_a_missing_word_is_told_with_its_choices() -> None:
    with pytest.raises(FormatError, match=r"the key 'law' is missing; it is ohmic or constant-field, for example law: ohmic"):
        cell(re.sub(r"law: (ohmic|constant-field), ", "", TEXT, count=1))
