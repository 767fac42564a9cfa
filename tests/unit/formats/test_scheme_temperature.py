"""Enthalpies in scheme files: read in their units, written back, refused with their place."""

from __future__ import annotations

import pytest

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, UnitError
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.document import read
from pumpleak.formats.saving import text_of
from pumpleak.formats.scheme import scheme_of

TEXT = """\
pumpleak: 1
scheme: carrier
title: A carrier of sodium
summary: two states
sources: {here: {text: chosen for this test, kind: ours}}
constants: {T: 37 degC, dG0: 11.9 kJ/mol, dH0: -23.7 kJ/mol}
parameters: {k: 1 1/ms, on: 1 1/(ms mM)}
steps:
  load: {reaction: E + inside.Na <-> ENa, forward: on, backward: k, charge: 1, activation: 20 kJ/mol}
  unload: {reaction: ENa <-> E + outside.Na, forward: k, backward: on, activation: {value: 4 kcal/mol, source: here}}
enthalpies: {ENa: 5 kJ/mol}
conditions:
  fever: {inside.Na: 10 mM, outside.Na: 140 mM, membrane.V: 0 mV, temperature: 40 degC}
"""


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def test_enthalpies_arrive_in_joules() -> None:
    found = scheme_of(read(TEXT))
    assert found.dH0 == -23_700.0
    assert found.enthalpies == {"ENa": 5_000.0}
    assert [step.activation for step in found.steps] == pytest.approx([20_000.0, 4 * 4184.0])
    assert found.conditions["fever"]["temperature"] == pytest.approx(313.15)


def test_what_is_written_reads_the_same() -> None:
    before = scheme_of(read(TEXT))
    after = scheme_of(read(text_of(before, "saved")))
    assert isinstance(after, Scheme)
    assert after == before


@pytest.mark.parametrize(("old", "new", "error", "message"), [
    ("20 kJ/mol", "20 kJ", UnitError, "<text>:9:92: activation: '20 kJ' is "),
    ("source: here}}", "source: there}}", NameUnknown, "<text>:10:"),
    ("ENa: 5", "ENb: 5", NameUnknown, "<text>:11:19: carrier: an enthalpy is given for 'ENb', which is not one of its states"),
    (", dH0: -23.7 kJ/mol", "", ModelError, "<text>:9:92: carrier: step 'load' has an enthalpy of 20000 J/mol, but dH0 "),
    ("forward: on, backward: k, charge", "rates: {forward: on*inside.Na, backward: k}, charge", ModelError,
     "<text>:9:9: step 'load': activation 20000 J/mol, but its complete rates "),
    ("40 degC", "40 mM", UnitError, "<text>:13:80: temperature: '40 mM' is "),
])
def test_wrong_enthalpies_are_refused_where_they_stand(old: str, new: str, error: type[Exception], message: str) -> None:
    with pytest.raises((error, FormatError)) as caught:
        scheme_of(read(changed(old, new)))
    assert message in str(caught.value)
