"""Scheme files: reactions, units, both ways of giving rates."""

import pytest

from pumpleak.base.errors import FormatError, ModelError
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.document import read
from pumpleak.formats.scheme import scheme_of
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
    text = text.replace("unit: 1/(s mM)}", "unit: 1/(s mM2)}")
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
    for new in ("forward: bind", "rates: {forward: bind, backward: leave}, forward: bind"):
        with pytest.raises(FormatError, match="a step has either 'forward' and 'backward' constants or complete 'rates'"):
            scheme(changed("forward: bind, backward: leave", new))


def test_too_many_steps_are_refused_before_they_take_time() -> None:
    steps = "".join(f"  s{i}: {{reaction: S{i} <-> S{i + 1}, forward: leave, backward: leave}}\n" for i in range(501))
    with pytest.raises(FormatError, match="too many entries; the most is 500"):
        scheme(changed("steps:\n", f"steps:\n{steps}"))
