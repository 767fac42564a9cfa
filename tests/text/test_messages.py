"""What pumpleak says of files it cannot read, word for word: each message with its place and what would be right."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, PumpleakError, UnitError
from pumpleak.formats.catalog import load
from pumpleak.formats.outputs import Folder

CELL = """\
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
    bath: true
    contents: {Na: 145 mM, K: 4 mM, Cl: 149 mM}
membrane: {inside: inside, outside: outside, area: 300 um2, capacitance: 1 uF/cm2}
transporters:
  leak_Na: {kind: leak, ion: Na, law: ohmic, conductance: {value: 0.01 mS/cm2, source: here}}
  leak_K: {kind: leak, ion: K, law: constant-field, permeability: 1e-7 cm/s}
  pump: {kind: pump, moves: {Na: -3, K: 2}, rate: p/F, parameters: {p: 1e-6 C/dm2/s}}
  water: {kind: water, law: instant}
metabolism: {dG_ATP: -57 kJ/mol}
"""
SCHEME = """\
pumpleak: 1
scheme: carrier
constants: {T: 310 K, dG0: 11.9 kJ/mol}
parameters:
  bind: 1 1/(ms mM)
  leave: 2 1/ms
  enter: {derive: true, unit: 1/(ms mM)}
steps:
  load: {reaction: E + inside.Na <-> ENa, forward: bind, backward: leave, charge: 1}
  unload: {reaction: ENa <-> E + outside.Na, forward: leave, backward: enter}
"""
STUDY = """\
pumpleak: 1
study: block
model: kay-2017
protocol:
  - hold: 10 min
  - hold: 1 h
    with: {pump.activity: 0}
record: [membrane.V]
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUMPLEAK_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def message(tmp_path: Path, text: str | bytes) -> tuple[type[PumpleakError], str]:
    """Kind and text of the error that loading this file gives, its folder left out."""
    path = tmp_path / "file.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PumpleakError) as found:
        load(path)
    return type(found.value), str(found.value).replace(f"{tmp_path}{os.sep}", "")


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_the_files_are_right_before_they_are_spoilt(tmp_path: Path) -> None:
    for number, text in enumerate((CELL, SCHEME, STUDY)):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text, encoding="utf-8")
        load(path)


@pytest.mark.parametrize(
    ("old", "new", "kind", "text"),
    [
        (
            "Na: 12 mM", "Na: 5 mV", UnitError,
            "file.yaml:9:20: inside.Na: '5 mV' is a voltage [mV]; expected a concentration [mM]",
        ),
        (
            "Na: 12 mM", "Na: 5", UnitError,
            "file.yaml:9:20: inside.Na: '5' has no unit; expected a concentration, for example '5 mM'",
        ),
        (
            "Na: 12 mM", "Na: 7**7**7 mM", UnitError,
            "file.yaml:9:20: inside.Na: cannot read the unit in '7**7**7 mM': found '**7**7 mM' where a unit such as 'mM' or "
            "'S/cm2' should be",
        ),
        (
            "Na: 12 mM", "Na: nan", UnitError,
            "file.yaml:9:20: inside.Na: 'nan' does not begin with a number; write a number and a unit, for example '5 mM'",
        ),
        (
            "Na: 12 mM", "Na: .nan", UnitError,
            "file.yaml:9:20: inside.Na: 'nan' is not finite; give a number and a unit, for example '5 mM'",
        ),
        (
            "p: 1e-6 C/dm2/s", "p: .nan", UnitError,
            "file.yaml:18:72: pump.p: 'nan' is not finite; give a number and a unit, for example '5 mM'",
        ),
        (
            "p: 1e-6 C/dm2/s", "p: 1e-6 C/dm2/sek", UnitError,
            "file.yaml:18:72: pump.p: unknown unit 'sek' in '1e-6 C/dm2/sek'",
        ),
        (
            "Na: 12 mM", "Na: -5 mM", ModelError,
            "file.yaml:9:20: inside.Na is -5 mM; it must be positive and finite",
        ),
        (
            "volume: 0.5 pL", "volume: -0.5 pL", ModelError,
            "file.yaml:8:13: inside.volume is -0.5 pL; it must be positive and finite",
        ),
        (
            "Na: 12 mM, ", "", ModelError,
            "file.yaml:16:12: toy: leak_Na moves -1 Na in 'inside', which holds no Na; give its concentration in the contents "
            "of 'inside' (or, for ATP, ADP, Pi and H, under 'held', or state 'metabolism: {dG_ATP: ...}')",
        ),
        (
            "Na: 12 mM", "Nq: 12 mM", ModelError,
            "file.yaml:9:16: inside holds 'Nq', which is not a known species; known: Na, K, Cl, HCO3, Ca, Mg, H, "
            "H2O, ATP, ADP, Pi, glucose, PCr, Cr; a substance of your own goes to 'impermeants'",
        ),
        (
            "conductance: {", "conductanse: {", FormatError,
            "file.yaml:16:46: unknown key 'conductanse'; did you mean 'conductance'?",
        ),
        (
            "kind: leak, ion: Na", "kind: leek, ion: Na", FormatError,
            "file.yaml:16:12: unknown kind 'leek'; did you mean 'leak'?",
        ),
        (
            "kind: leak, ion: Na", "ion: Na", FormatError,
            "file.yaml:16:12: the key 'kind' is missing",
        ),
        (
            "law: constant-field", "law: ghk", FormatError,
            "file.yaml:17:37: 'ghk' is not one of 'ohmic' or 'constant-field'",
        ),
        (
            "law: constant-field", "law: ohmic", FormatError,
            "file.yaml:17:11: a leak with law 'ohmic' has a 'conductance' and no 'permeability'",
        ),
        (
            "source: here", "source: there", NameUnknown,
            "file.yaml:16:59: the source 'there' is not declared under 'sources'; did you mean 'here'?",
        ),
        (
            "outside: outside", "outside: bath", NameUnknown,
            "file.yaml:14:37: unknown place 'bath'; known: inside, outside",
        ),
        (
            "rate: p/F", "rate: p/(F", FormatError,
            "file.yaml:18:51: expression 'p/(F': a closing ')' is missing (at its character 5)",
        ),
        (
            "rate: p/F", "rate: q/F", NameUnknown,
            "file.yaml:2:7: pump: its rate uses 'q', which is neither a parameter of it nor a dotted name such as inside.Na; "
            "known: F, R, T, p",
        ),
        (
            "moves: {Na: -3, K: 2}, rate: p/F, parameters: {p: 1e-6 C/dm2/s}", "scheme: pan-2018-5", NameUnknown,
            "file.yaml:18:30: unknown scheme 'pan-2018-5'; did you mean 'pan-2018-15' or 'pan-2018-4'?",
        ),
        (
            "rate: p/F, ", "", FormatError,
            "file.yaml:18:9: a pump has either a 'scheme' or a 'rate' with what one cycle 'moves'",
        ),
        ("temperature: 310 K\n", "", FormatError, "file.yaml:1:1: the key 'temperature' is missing"),
        ("bath: true", "bath: 1", FormatError, "file.yaml:12:11: expected true or false, not '1'"),
        ("area: 300 um2", "area: [300 um2]", FormatError,
         "file.yaml:14:52: expected a quantity such as '5 mM', not a list"),
        ("pumpleak: 1", "pumpleak: 2", FormatError,
         "file.yaml:1:11: the file has format 2; this version of pumpleak reads 1: install a newer one"),
        ("pumpleak: 1", "pumpleak: one", FormatError,
         "file.yaml:1:11: pumpleak: 'one' is not the number of a format; write 1"),
        ("pumpleak: 1\n", "", FormatError,
         "file.yaml:1:1: the file does not begin with 'pumpleak: 1', the number of its format"),
        ("cell: toy", "cel: toy", FormatError, "file.yaml:2:1: unknown key 'cel'; did you mean 'cell'?"),
        ("cell: toy", "cell: toy\nscheme: toy", FormatError,
         "file.yaml:2:1: the file is both a scheme and a cell; a file holds one"),
    ],
)
def test_of_a_cell(tmp_path: Path, old: str, new: str, kind: type[PumpleakError], text: str) -> None:
    assert message(tmp_path, changed(CELL, old, new)) == (kind, text)


@pytest.mark.parametrize(
    ("old", "new", "kind", "text"),
    [
        ("E + inside.Na <-> ENa", "E + inside.Na -> ENa", FormatError,
         "file.yaml:9:20: 'E + inside.Na -> ENa' is not a reaction; write 'E1 + 3 inside.Na <-> E1.Na3'"),
        ("E + inside.Na <-> ENa", "E + isnide.Na <-> ENa", FormatError,
         "file.yaml:9:20: 'E + isnide.Na <-> ENa': each side has one state, not E, isnide.Na; a ligand is written "
         "'inside.Na'; isnide is no place (inside, outside)"),
        ("E + inside.Na <-> ENa", "E + 2 lumen.K <-> ENa", FormatError,
         "file.yaml:9:20: 'E + 2 lumen.K <-> ENa': '2 lumen.K' is no ligand: lumen is no place (inside, outside)"),
        ("E + inside.Na <-> ENa", "E + inside.Nq <-> ENa", NameUnknown,
         "file.yaml:9:9: 'inside.Nq' is not a ligand; did you mean 'inside.Na', 'inside.K' or 'inside.H'?"),
        ("forward: bind", "forward: bnid", NameUnknown,
         "file.yaml:9:52: carrier: load.forward uses 'bnid', which nothing defines; did you mean 'bind'?"),
        ("charge: 1", "charge: 2", ModelError,
         "file.yaml:8:1: carrier: the steps carry charge +2 through the field, but the cycle moves +1 (inside.Na -> "
         "outside.Na)"),
        ("bind: 1 1/(ms mM)", "bind: {derive: true, unit: 1/(ms mM)}", ModelError,
         "file.yaml:7:10: carrier: the cycle has 2 free constants (bind, enter), but its equilibrium determines 1 of bind, "
         "enter; give values to the others"),
        ("T: 310 K", "T: 310 mV", UnitError,
         "file.yaml:3:16: constants.T: '310 mV' is a voltage [mV]; expected a temperature [K]"),
        ("enter: {derive: true, unit: 1/(ms mM)}", "enter: {derive: true}", FormatError,
         "file.yaml:7:10: a parameter to derive has a unit and no value: {derive: true, unit: 1/s}"),
    ],
)
def test_of_a_scheme(tmp_path: Path, old: str, new: str, kind: type[PumpleakError], text: str) -> None:
    assert message(tmp_path, changed(SCHEME, old, new)) == (kind, text)


@pytest.mark.parametrize(
    ("old", "new", "kind", "text"),
    [
        ("model: kay-2017", "model: kay-2071", NameUnknown,
         "file.yaml:3:8: unknown cell 'kay-2071'; did you mean 'kay-2017'?"),
        ("model: kay-2017", "model: there.yaml", FormatError,
         "file.yaml:3:8: there.yaml: cannot be read: No such file or directory"),
        ("pump.activity: 0", "pump.actvity: 0", NameUnknown,
         "file.yaml:7:12: unknown parameter of kay-2017 'pump.actvity'; did you mean 'pump.activity'?"),
        ("pump.activity: 0", "outside.K: 0", UnitError,
         "file.yaml:7:23: outside.K: '0' has no unit; expected a concentration, for example '0 mM'"),
        ("membrane.V", "membrane.W", NameUnknown,
         "file.yaml:8:10: unknown quantity of kay-2017 'membrane.W'; "
         "did you mean 'membrane.V', 'membrane.area' or 'membrane.charge'?"),
        ("hold: 10 min", "hodl: 10 min", FormatError, "file.yaml:5:5: unknown key 'hodl'; did you mean 'hold'?"),
        ("hold: 10 min", "wait: 10 min", FormatError,
         "file.yaml:5:5: a step of a protocol has one of the keys hold, ramp, pulse, settle, repeat"),
        ("hold: 10 min", "hold: -10 min", ModelError,
         "file.yaml:5:5: hold: duration '-10 min' is not positive; time only runs forward"),
        ("hold: 10 min", "hold: 1e9 day", ModelError,
         "file.yaml:5:5: hold: duration '1000000000 day' is longer than 1e5 years; check its unit"),
        ("hold: 10 min", "hold: 10 mM", UnitError,
         "file.yaml:5:11: hold: '10 mM' is a concentration [mM]; expected a time [ms]"),
        ("- hold: 10 min", "- {repeat: 100000000, steps: [{hold: 1 s}]}", ModelError,
         "file.yaml:5:5: protocol: 100000000 repeats of 1 segments; at most 1000000 segments are run"),
        ("- hold: 10 min", "- {repeat: 0, steps: [{hold: 1 s}]}", FormatError,
         "file.yaml:5:14: '0' is too small; the least is 1"),
        ("record: [membrane.V]", "set: {outside.Q: 1 mM}", NameUnknown,
         "file.yaml:8:7: kay-2017 has no parameter 'outside.Q'; did you mean 'outside.K', 'outside.Na' or 'outside.Cl'?"),
    ],
)
def test_of_a_study(tmp_path: Path, old: str, new: str, kind: type[PumpleakError], text: str) -> None:
    assert message(tmp_path, changed(STUDY, old, new)) == (kind, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {b: 1", "file.yaml:1:9: not valid YAML: expected ',' or '}', but got '<stream end>' while parsing a flow mapping"),
        ("a: b: c", "file.yaml:1:5: not valid YAML: mapping values are not allowed here"),
        ("\ta: 1",
         "file.yaml:1:1: not valid YAML: found character '\\t' that cannot start any token while scanning for the next token"),
        ('a: "\\UFFFFFFFF"', "file.yaml:1:1: not valid YAML after this: Python int too large to convert to C int"),
        ("a: !!python/object:os.system x",
         "file.yaml:1:4: the tag '!!python/object:os.system' is not read; a file holds plain values"),
        ("a: &x 1\nb: *x", "file.yaml:1:4: the anchor '&x' is not read; write the value out"),
        ("b: *x", "file.yaml:1:4: the alias '*x' is not read; write the value out"),
        ("<<: {a: 1}", "file.yaml:1:1: the merge key '<<' is not read; write the entries out"),
        ("# a comment\n%YAML 1.1\n---\na: 1",
         "file.yaml:2:1: the directive '%YAML 1.1' is not read; a file is YAML 1.2 without it"),
        ("a: 1\n---\na: 2", "file.yaml:2:1: a second document '---' begins here; a file holds one"),
        ("a: 1\nb: 2\na: 3", "file.yaml:3:1: the key 'a' is there twice, first in line 1"),
        ("1: a", "file.yaml:1:1: the key '1' is a number; a key is a name, quoted if need be"),
        ("true: a", "file.yaml:1:1: the key 'true' is true or false; a key is a name, quoted if need be"),
        ("[a]: 1", "file.yaml:1:1: a list or a mapping stands where a key should; a key is a name"),
        ("", "file.yaml:1:1: the file is empty; it should begin with 'pumpleak: 1'"),
        ("- a", "file.yaml:1:1: a model file is a mapping that begins with 'pumpleak: 1'"),
        (b"a: \xff", "file.yaml:1:4: the byte 0xff is not UTF-8 text"),
        ("a: 1\nb: \x01", "file.yaml:2:4: the character '\\x01' may not stand in a text file"),
        ("[" * 100_000, "file.yaml:1:31: nested deeper than 30 levels; a model file needs fewer than 10"),
        ("- " * 100_000, "file.yaml:1:61: nested deeper than 30 levels; a model file needs fewer than 10"),
        ("{a: " * 100_000, "file.yaml:1:121: nested deeper than 30 levels; a model file needs fewer than 10"),
        ("x" * 1_000_001, "file.yaml: more than 1000000 bytes; a model file is far smaller"),
        (f"a: [{'1,' * 60_000}]", "file.yaml:1:100001: more than 50000 values; a model file holds far fewer"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_of_what_is_not_plain_yaml(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert message(tmp_path, text) == (FormatError, expected)


def test_an_alias_bomb_is_answered_at_once(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    start = time.perf_counter()
    assert message(tmp_path, bomb) == (FormatError, "file.yaml:1:4: the anchor '&a' is not read; write the value out")
    assert time.perf_counter() - start < 1.0  # a million times less than the values it stands for


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: load("kay-2071"), NameUnknown, "unknown model 'kay-2071'; did you mean 'kay-2017'?"),
        (lambda: load("no-such-file.yaml"), FormatError, "no-such-file.yaml: cannot be read: No such file or directory"),
        (lambda: load("kay-2017", {"outside.Q": "5 mM"}), NameUnknown,
         "kay-2017 has no parameter 'outside.Q'; did you mean 'outside.K', 'outside.Na' or 'outside.Cl'?"),
        (lambda: load("kay-2017", {"outside.K": "5 mV"}), UnitError,
         "outside.K: '5 mV' is a voltage [mV]; expected a concentration [mM]"),
        (lambda: load("pan-2018-4", {"k9": "5 1/s"}), NameUnknown,
         "unknown parameter of pan-2018-4 'k9'"),
    ],
)
def test_of_a_name(call: Callable[[], object], kind: type[PumpleakError], text: str) -> None:
    with pytest.raises(kind) as found:
        call()
    assert str(found.value) == text


def test_of_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(FormatError) as found:
        Folder(blocked / "out")
    assert str(found.value) == f"{blocked / 'out'}: cannot be written: Not a directory; name another folder with --out"


def test_of_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FormatError) as found:
        folder.text("result.csv", "a")
    expected = f"{tmp_path / 'result.csv'}: cannot be written: No space left on device; name another folder with --out"
    assert str(found.value) == expected
    assert list(tmp_path.iterdir()) == []
