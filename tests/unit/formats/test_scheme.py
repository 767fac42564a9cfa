"""Scheme files: reactions, units, both ways of giving rates."""

import pytest

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, UnitError
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.document import read
from pumpleak.formats.saving import text_of
from pumpleak.formats.scheme import scheme_of
from pumpleak.formats.shelves import CATALOG
from pumpleak.system.expression import symbol

TEXT = """\
pumpleak: 1
scheme: carrier
title: A carrier of sodium
summary: two states
sources: {here: {text: chosen for this test, kind: ours}}
constants: {R: 8.314 J/mol/K, F: 96485 C/mol, T: 37 degC, dG0: 11.9 kJ/mol}
parameters:
  bind: {value: 1000 1/(s mM), source: here, note: ours}
  leave: 2 1/ms
  enter: {derive: true, unit: 1/(s mM)}
definitions:
  twice: {expression: 2*leave, unit: 1/s}
steps:
  load: {reaction: E + inside.Na <-> ENa, forward: bind, backward: leave, charge: 0.5}
  unload:
    reaction: ENa <-> E + outside.Na
    forward: twice/2
    backward: enter
    charge: {forward: 0.1, backward: 0.4}
density: 10 1/um2
conditions:
  usual: {inside.Na: 10000 uM, outside.Na: 140 mM, membrane.V: -0.08 V}
notes: [a note]
"""


def scheme(text: str = TEXT) -> Scheme:
    return scheme_of(read(text))


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def test_numbers_arrive_in_internal_units_with_their_sources() -> None:
    found = scheme()
    assert [(each.name, each.value, each.unit, each.source) for each in found.parameters] == [
        ("bind", 1.0, "1/(ms mM)", "here"), ("leave", 2.0, "1/ms", "")]
    assert found.derived == {"enter": "1/(ms mM)"}
    assert (found.constants.R, found.constants.F, found.constants.T, found.dG0) == (8.314, 96485.0, 310.15, 11_900.0)
    assert found.density == 10.0
    assert found.conditions == {"usual": {"inside.Na": 10.0, "outside.Na": 140.0, "membrane.V": -80.0}}
    assert [(each.key, each.kind) for each in found.sources] == [("here", "ours")]
    assert (found.title, found.summary, found.notes) == ("A carrier of sodium", "two states", ("a note",))


def test_what_is_left_free_follows_from_detailed_balance() -> None:
    assert scheme().values["enter"] == pytest.approx(1.0, rel=1e-14)  # bind/leave = enter/leave around the cycle


def test_steps_are_read_with_their_ligands_and_charges() -> None:
    load, unload = scheme().steps
    assert (load.source, load.target, load.taken, load.released) == ("E", "ENa", {"inside.Na": 1}, {})
    assert (load.charge, load.forward_charge, load.backward_charge) == (0.5, 0.25, 0.25)
    assert (unload.released, unload.forward_charge, unload.backward_charge) == ({"outside.Na": 1}, 0.1, 0.4)
    assert load.forward is symbol("bind")
    assert not load.lumped


def test_complete_rates_make_a_lumped_step() -> None:
    found = scheme(changed("forward: bind, backward: leave, charge: 0.5",
                           "rates: {forward: bind*inside.Na*exp(0.5*x), backward: leave}, charge: 0.5"))
    assert found.steps[0].lumped
    assert not found.is_explicit


@pytest.mark.parametrize(
    ("reaction", "taken"),
    [
        ("E+2 inside.Na<->ENa", {"inside.Na": 2}),
        ("2*inside.Na + E <-> ENa", {"inside.Na": 2}),
        ("inside.Na + E + inside.Na <-> ENa", {"inside.Na": 2}),
    ],
)
def test_ligands_are_counted_however_they_are_written(reaction: str, taken: dict[str, int]) -> None:
    text = changed("E + inside.Na <-> ENa", reaction).replace("E + outside.Na", "E + 2 outside.Na")
    text = text.replace("charge: 0.5}", "charge: 1}").replace("{forward: 0.1, backward: 0.4}", "1")
    text = text.replace("unit: 1/(s mM)}", "unit: 1/(s mM2)}").replace("1000 1/(s mM)", "1000 1/(s mM2)")
    assert scheme(text).steps[0].taken == taken


@pytest.mark.parametrize(
    "reaction", ["E + inside.Na", "E <-> F <-> E", "2 E <-> F", "E + F <-> G", "<->", "E! <-> F", "E <-> "])
def test_what_is_no_reaction_is_refused(reaction: str) -> None:
    with pytest.raises(FormatError, match=r"^<text>:14:20: "):
        scheme(changed("E + inside.Na <-> ENa", reaction))


def test_a_scheme_that_does_not_close_loads_only_with_its_defect_named() -> None:
    open_ = changed("enter: {derive: true, unit: 1/(s mM)}", "enter: 3 1/(ms mM)")
    with pytest.raises(ModelError):
        scheme(open_)
    assert scheme(open_ + "defects: [enter is three times too large]\n").defects == ("enter is three times too large",)


def test_a_step_has_one_way_of_giving_its_rates() -> None:
    both = "rates: {forward: bind, backward: leave}, forward: bind"
    with pytest.raises(FormatError, match="a step has either 'forward' and 'backward' constants or complete 'rates', not both"):
        scheme(changed("forward: bind, backward: leave", both))


@pytest.mark.parametrize(("given", "missing"), [("forward: bind", "'backward' is"), ("backward: leave", "'forward' is"),
                                                ("charge: 0", "'forward' and 'backward' are")])
def test_a_rate_that_is_missing_is_named(given: str, missing: str) -> None:
    with pytest.raises(FormatError) as caught:
        scheme(changed("forward: bind, backward: leave, charge: 0.5", given))
    assert str(caught.value).startswith(f"<text>:14:9: {missing} missing; a step has either 'forward' and 'backward' ")


def test_sources_of_constants_are_kept_and_must_be_declared() -> None:
    found = scheme(changed("dG0: 11.9 kJ/mol", "dG0: {value: 11.9 kJ/mol, source: here}"))
    assert found.origins == {"dG0": "here"}
    assert found.dG0 == 11_900.0
    assert scheme_of(read(text_of(found, "saved"))) == found
    with pytest.raises(NameUnknown, match=r"^<text>:6:64: the source 'there' is not declared"):
        scheme(changed("dG0: 11.9 kJ/mol", "dG0: {value: 11.9 kJ/mol, source: there}"))


PRESUMED = """\
presumed: {inside.Na: {value: 12 mM, source: here}}
conditions:
  usual: {outside.Na: 140 mM, membrane.V: 0 mV}
"""


def test_what_is_presumed_may_be_left_out_of_conditions_and_is_written_back() -> None:
    text = TEXT[:TEXT.index("conditions:")] + PRESUMED
    found = scheme(text)
    assert (found.presumed, found.origins) == ({"inside.Na": 12.0}, {"inside.Na": "here"})
    assert found.conditions["usual"]["inside.Na"] == 12.0
    written = text_of(found, "saved")
    assert scheme_of(read(written)) == found
    assert "inside.Na" not in written[written.index("conditions:"):]
    with pytest.raises(NameUnknown, match=r"^<text>:21:23: carrier: it presumes 'inside.Nq', which is none of its "):
        scheme(text.replace("presumed: {inside.Na", "presumed: {inside.Nq"))


@pytest.mark.parametrize(("old", "new", "place", "message"), [
    ("ENa <-> E + outside.Na", "EAn <-> E + outside.Na", "15:3", "its 2 steps form no cycle, so nothing can be transported; "
     "states that one step alone touches: 'ENa' ('load'), 'EAn' ('unload'): is one misspelt?"),
    ("forward: twice/2", "forward: 0", "17:14", "enter cannot be derived: the forward rate of 'unload' is 0, so that nothing "),
    ("inside.Na: 10000 uM", "inside.Naa: 10000 uM", "22:23", "condition 'usual' sets 'inside.Naa', which the scheme does not "
     "know; did you mean 'inside.Na'"),
    ("inside.Na: 10000 uM, ", "", "22:10", "condition 'usual' gives outside.Na, membrane.V; inside.Na is missing"),
    ("inside.Na: 10000 uM", "inside.Na: -1 uM", "22:22", "condition 'usual' sets inside.Na to -0.001; a concentration "),
    ("-0.08 V}", "-0.08 V, temperature: 310 degC}", "22:86", "condition 'usual' sets temperature to 583.15 K; an enzyme works "
     "between 200 and 400 K; was 310 K meant, not 310 degC?"),
    ("T: 37 degC", "T: 310 degC", "6:50", "constants.T is 583.15 K; an enzyme works between 200 and 400 K; was 310 K meant, "),
    ("forward: bind,", "forward: bnd,", "14:52", "load.forward uses 'bnd', which nothing defines; did you mean 'bind'?"),
    ("density: 10 1/um2", "density: -10 1/um2", "20:10", "density is -10.0; it must be positive and finite [1/um2]"),
])
def test_a_fault_is_placed_where_it_stands(old: str, new: str, place: str, message: str) -> None:
    with pytest.raises((ModelError, NameUnknown)) as caught:
        scheme(changed(old, new))
    assert str(caught.value).startswith(f"<text>:{place}: carrier: {message}")


@pytest.mark.parametrize(("given", "value"), [("1000 1/(s mM)", 1.0), ("3 1/ms/M", 3e-3), ("2e3 1/(s mM)", 2.0)])
def test_a_rate_may_be_a_number_with_its_unit(given: str, value: float) -> None:
    unnamed = changed("  bind: {value: 1000 1/(s mM), source: here, note: ours}\n", "")
    found = scheme(unnamed.replace("forward: bind", f"forward: {given}"))
    assert found.steps[0].forward.value == pytest.approx(value, rel=1e-15)
    assert scheme_of(read(text_of(found, "saved"))) == found


@pytest.mark.parametrize(("old", "new", "message"), [
    ("forward: bind", "forward: 100", "14:52: load.forward: '100' has no unit; expected a second-order rate, for example "
     "'100 1/(ms mM)'"),
    ("forward: bind", "forward: 2*50", "14:52: load.forward: '100' has no unit; expected a second-order rate, for example "
     "'100 1/(ms mM)'"),
    ("backward: leave", "backward: 5 mM", "14:68: load.backward: '5 mM' is a concentration [mM]; expected a rate [1/ms]"),
    ("2*leave, unit: 1/s", "100, unit: 1/s", "12:23: definition 'twice': a formula gives 1/ms, but its number is for 1/s; give "
     "it as a parameter, twice: '100 1/s'"),
])
def test_a_number_without_its_unit_is_no_rate(old: str, new: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        scheme(changed(old, new))
    assert str(caught.value) == f"<text>:{message}"


def test_too_many_steps_are_refused_before_they_take_time() -> None:
    steps = "".join(f"  s{i}: {{reaction: S{i} <-> S{i + 1}, forward: leave, backward: leave}}\n" for i in range(501))
    with pytest.raises(FormatError, match="too many entries; the most is 500"):
        scheme(changed("steps:\n", f"steps:\n{steps}"))


def test_a_misspelt_state_beside_other_cycles_is_named() -> None:
    path = CATALOG / "pumps" / "post-albers-23.yaml"
    text = path.read_text(encoding="utf-8")
    right = "reaction: E2P.Na2 <-> E2P.Na +"
    assert right in text
    with pytest.raises(ModelError) as caught:
        scheme(text.replace(right, "reaction: E2P.Na2 <-> E2P.Naa +"))
    assert str(caught.value).endswith("; states that one step alone touches: 'E2P.Naa' ('release_Na2'), "
                                      "'E2P.Na' ('release_Na3'): is one misspelt?")
