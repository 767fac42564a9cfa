"""Inhibitors, isoforms and congeners by name and from files, and pumps put together from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import pumpleak as pl
from pumpleak.base.errors import FormatError, ModelError, NameUnknown, UnitError
from pumpleak.base.species import DRUGS, SPECIES
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.inhibition import drugs_of
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.variant import Change, Variant, vary
from pumpleak.formats.catalog import load
from pumpleak.formats.pump_parts import composed, inhibitor, inhibitor_in, parts_of, subunits, variant
from pumpleak.formats.saving import save
from pumpleak.formats.shelves import PARTS, part_files
from pumpleak.formats.shelves import _mentioned as mentioned


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    found = load("post-albers-23")
    assert isinstance(found, Scheme)
    return found


def values(scheme: Scheme) -> dict[str, float]:
    return {each.name: each.value for each in scheme.parameters}


def test_every_part_of_the_catalogue_is_read_and_cites_its_sources() -> None:
    assert {inhibitor(name).species for name in part_files("inhibitors")} == {*DRUGS}
    for name in part_files("inhibitors"):
        found = inhibitor(name)
        keys = {source.key for source in found.sources}
        assert found.name == name
        assert all(parameter.source in keys for parameter in found.parameters)
    for folder in PARTS[1:]:
        for name in part_files(folder):
            found_variant = variant(folder, name)
            assert found_variant.name == name
            keys = {source.key for source in found_variant.sources}
            assert all(change.source in keys for change in {**found_variant.changes, **found_variant.drugs}.values())


def test_drugs_are_neutral() -> None:
    """A bath of a drug that is not counted may not bring charge; what is charged binds with its counter-ions."""
    assert all(SPECIES[name].charge == 0 for name in DRUGS)


def test_a_name_says_what_a_pump_is_made_of(scheme: Scheme) -> None:
    made = composed(scheme, "alpha2beta2-fxyd1", "Tl", ("ouabain", "vanadate"))
    assert made.name == "post-albers-23.alpha2beta2-fxyd1.Tl.ouabain.vanadate"
    assert parts_of(made.name) == ("post-albers-23", "alpha2beta2-fxyd1", "Tl", ("ouabain", "vanadate"))
    assert parts_of("post-albers-23") == ("post-albers-23", "", "", ())
    with pytest.raises(NameUnknown, match=r"'oubain' is no inhibitor; did you mean 'ouabain'\?"):
        parts_of("post-albers-23.oubain")


def test_factors_of_subunits_multiply_and_those_of_drugs_wait_for_them(scheme: Scheme) -> None:
    plain, made = values(scheme), values(composed(scheme, "alpha2beta2"))
    assert made["to_E1P"] == pytest.approx(4.765 * 6.891 * plain["to_E1P"])
    drugged = values(composed(scheme, "alpha2beta2", inhibitors=["ouabain"]))
    assert drugged["ouabain_off"] == pytest.approx(2.5 * 1.4e-7)  # 1/ms
    assert values(composed(scheme, "alpha1")) == plain


def test_a_changed_constant_cites_where_the_change_comes_from(scheme: Scheme) -> None:
    made = composed(scheme, "alpha3beta1")
    sources = {source.key for source in made.sources}
    changed = next(each for each in made.parameters if each.name == "K_Na_in")
    assert changed.source == "alpha3.zahler-1997"
    assert changed.source in sources


@pytest.mark.parametrize("isoform", ["alpha1beta1", "alpha2", "rat-alpha3beta1", "alpha1beta1-fxyd1", "alpha3beta3"])
def test_isoforms_close(scheme: Scheme, isoform: str) -> None:
    assert all(found.closes for found in composed(scheme, isoform).closures)


def test_what_is_not_known_is_refused_with_the_reason(scheme: Scheme) -> None:
    with pytest.raises(ModelError, match="alpha4 cannot be made: only signs of its differences were found"):
        composed(scheme, "alpha4beta1")
    with pytest.raises(FormatError, match="'beta2' is no isoform; write alpha2beta1, rat-alpha3beta1 or alpha1beta1-fxyd1"):
        subunits("beta2")
    with pytest.raises(NameUnknown, match="unknown isoform 'alpha7'; did you mean"):
        subunits("alpha7beta1")
    with pytest.raises(NameUnknown, match="unknown congener 'Li'"):
        composed(scheme, congener="Li")
    other = load("pan-2018-15")
    assert isinstance(other, Scheme)
    with pytest.raises(NameUnknown, match=r"alpha2 changes to_E1P by a factor of 4\.765, and the scheme has no such constant"):
        composed(other, "alpha2beta1")


def test_a_factor_is_positive(scheme: Scheme) -> None:
    with pytest.raises(ModelError, match="a factor on a constant is 0"):
        Change(0.0)
    assert vary(scheme, Variant("none")) == scheme


def test_a_file_of_an_inhibitor_says_where_it_is_wrong(tmp_path: Path) -> None:
    text = part_files("inhibitors")["ouabain"].read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    for old, new, kind, message in (
            ("outside.Ouabain", "outside.Na", ModelError, "is no drug"),
            ("E2P: {on: ouabain_on, off", "E2P: {on: ouabain_on, of", FormatError, "unknown key 'of'"),
            ("4.6e4 1/(s M), source: erdmann-1975", "4.6e4 1/(s M), source: erdman", NameUnknown, "source 'erdman'"),
            ("on: {value: 105 kJ/mol", "on: {value: 105 mV", UnitError, "activation.on")):
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(kind, match=message) as caught:
            inhibitor_in(path)
        assert str(path) in str(caught.value)


CELL = """
pumpleak: 1
cell: mine
based_on: regulating-cell
transporters:
  pump: {kind: pump, scheme: post-albers-23, isoform: alpha3beta1, inhibitors: [ouabain, strophanthidin], density: 300 1/um2}
"""


def test_a_cell_file_puts_its_pump_together_and_is_written_back(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(CELL, encoding="utf-8")
    cell = load(tmp_path / "mine.yaml")
    assert isinstance(cell, Cell)
    pump = next(each for each in cell.transporters if isinstance(each, SchemePump))
    assert pump.scheme.name == "post-albers-23.alpha3beta1.ouabain.strophanthidin"
    save(cell, tmp_path / "again.yaml")
    again = load(tmp_path / "again.yaml")
    assert isinstance(again, Cell)
    assert next(each for each in again.transporters if isinstance(each, SchemePump)).scheme == pump.scheme
    renamed = replace(pump, scheme=replace(pump.scheme, name="post-albers-23.alpha3beta1.ouabain"))
    other = replace(cell, transporters=tuple(renamed if each is pump else each for each in cell.transporters))
    with pytest.raises(FormatError, match="is not the catalogue's"):
        save(other, tmp_path / "wrong.yaml")


@pytest.mark.parametrize(("old", "new", "message"), [
    ("[ouabain, strophanthidin]", "[oubain]", "mine.yaml:6:.*unknown inhibitor 'oubain'; did you mean 'ouabain'"),
    ("isoform: alpha3beta1", "isoform: alpha9", "mine.yaml:6:.*unknown isoform 'alpha9'")])
def test_a_cell_file_with_a_wrong_part_is_refused_there(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(CELL.replace(old, new), encoding="utf-8")
    with pytest.raises(NameUnknown, match=message):
        load(tmp_path / "mine.yaml")


def test_a_program_of_a_cell_with_drugs_depends_on_the_files_of_parts(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(CELL, encoding="utf-8")
    parts = {file for folder in PARTS for file in part_files(folder).values()}
    assert parts <= {*mentioned(path)}
    path.write_text(CELL.replace("isoform: alpha3beta1, inhibitors: [ouabain, strophanthidin], ", ""), encoding="utf-8")
    assert not parts & {*mentioned(path)}


def test_a_composed_scheme_can_be_saved_and_read(scheme: Scheme, tmp_path: Path) -> None:
    made = composed(scheme, "rat-alpha2", inhibitors=["vanadate"])
    pl.save(made, tmp_path / "made.yaml")
    again = pl.load(tmp_path / "made.yaml")
    assert isinstance(again, Scheme)
    assert drugs_of(again) == {"inside.Vanadate": "vanadate"}
    assert again.values == pytest.approx(made.values)
