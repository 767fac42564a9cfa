"""Rate laws: units, turns that balance, values on arrays, files, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pumpleak.base.constants import Constants
from pumpleak.base.errors import FormatError, ModelError, NameUnknown, PumpleakError, UnitError
from pumpleak.enzyme.rate_law import RateLaw, respond_law
from pumpleak.formats.catalog import load
from pumpleak.formats.document import read
from pumpleak.formats.rate_law import rate_law_of, rate_law_written
from pumpleak.formats.saving import save
from pumpleak.formats.writing import yaml_text
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter

TURN: tuple[dict[str, int], dict[str, int]] = (
    {"inside.Na": 3, "outside.K": 2, "inside.ATP": 1},
    {"outside.Na": 3, "inside.K": 2, "inside.ADP": 1, "inside.Pi": 1, "inside.H": 1})
HERE = {"inside.Na": 10.0, "outside.Na": 140.0, "inside.K": 145.0, "outside.K": 5.0, "inside.ATP": 7.0, "inside.ADP": 0.04,
        "inside.Pi": 0.4, "inside.H": 8e-5, "membrane.V": -80.0}


def law(formula: str = "p*inside.Na/(inside.Na + K)", unit: str = "uA/cm2", **options: Any) -> RateLaw:
    given: dict[str, Any] = {
        "taken": TURN[0], "released": TURN[1], "conditions": {"usual": HERE}, "constants": Constants(8.314, 96485.0, 310.0),
        "parameters": (Parameter("p", "pA/um2", 0.02), Parameter("K", "mM", 10.0)), **options}
    return RateLaw("law", value=parse(formula), unit=unit, **given)


def test_its_value_is_in_its_own_unit_and_of_the_shape_of_the_conditions() -> None:
    found = respond_law(law(), {"inside.Na": np.array([[5.0], [10.0]]), "membrane.V": np.zeros(3)}, "usual")
    assert found.value.shape == found.affinity.shape == (2, 3)
    np.testing.assert_allclose(found.value[:, 0], [2.0 * 5.0 / 15.0, 1.0], rtol=1e-14)  # 0.02 pA/um2 is 2 uA/cm2


def test_the_affinity_of_a_turn_is_what_ATP_gives_less_the_work() -> None:
    """With the true R and F, whatever the law's own digits."""
    RT = 8.31446261815324 * 310.0
    ATP = 11900.0 + RT * np.log(0.04e-3 * 0.4e-3 * 8e-8 / 7e-3)
    work = RT * (3.0 * np.log(14.0) + 2.0 * np.log(29.0)) + 96.48533212331 * 80.0
    assert float(respond_law(law(), {}, "usual").affinity) == pytest.approx(-ATP - work, rel=1e-12)


def test_a_turn_balances_with_water_and_moves_one_charge() -> None:
    cycle = law().cycle
    assert (cycle.charge, cycle.hydrolysed, cycle.stoichiometry["inside.H2O"]) == (1.0, 1, -1)
    assert law().known == ("inside.ADP", "inside.ATP", "inside.H", "inside.K", "inside.Na", "inside.Pi", "outside.K",
                           "outside.Na", "membrane.V")
    assert law().used == {"inside.Na"}


def test_x_is_the_reduced_voltage() -> None:
    found = respond_law(law("p*exp(x)", parameters=(Parameter("p", "pA/um2", 0.01),)), {"membrane.V": 26.7123}, "usual")
    assert float(found.value) == pytest.approx(np.exp(26.7123 * 96.485 / (8.314 * 310.0)), rel=1e-13)


@pytest.mark.parametrize(("made", "error", "message"), [
    (lambda: law(unit="mV"), UnitError, "law: its formula gives a voltage [mV]; a rate law gives a current or turns, such as"),
    (lambda: law("p*q"), NameUnknown, "law: value uses 'q', which nothing defines"),
    (lambda: law(taken={"inside.Na": 3}), ModelError, "law: the cycle does not close: "),
    (lambda: law(taken={"inside.Na": 1}, released={"inside.Na": 2}), ModelError, "releases inside.Na"),
    (lambda: law(taken=TURN[1], released=TURN[0], unit="pA"), ModelError, "law: its reaction makes ATP (inside.Na"),
    (lambda: law(taken={"inside.Na": 1, "outside.K": 1}, released={"outside.Na": 1, "inside.K": 1}), ModelError,
     "law: its formula is a current, but one turn moves charge +0 outward"),
    (lambda: law(parameters=(Parameter("p", "pA/um2", np.nan), Parameter("K", "mM", 1.0))), ModelError, "p is nan"),
    (lambda: law(conditions={"usual": {"inside.Na": 1.0}}), ModelError, "condition 'usual': inside.ADP is not given"),
    (lambda: law().with_values({"q": 1.0}), NameUnknown, "law: 'q' is not one of its parameters"),
    (lambda: respond_law(law(), {"inside.Mg": 1.0}, "usual"), NameUnknown, "law: it knows no 'inside.Mg'"),
    (lambda: respond_law(law("p*K/inside.Na"), {"inside.Na": 0.0}, "usual"), ModelError, "its value is inf uA/cm2"),
], ids=range(11))
def test_what_is_refused(made: Any, error: type[PumpleakError], message: str) -> None:
    with pytest.raises(error) as caught:
        made()
    assert message in str(caught.value)


FILE = """pumpleak: 1
rate_law: mine
constants: {T: 310 K, dG0: 11.9 kJ/mol}
reaction: 3 inside.Na + 2 outside.K + inside.ATP -> 3 outside.Na + 2 inside.K + inside.ADP + inside.Pi + inside.H
parameters:
  p: 2 uA/cm2
value: {expression: p, unit: uA/cm2}
"""


def test_a_file_is_read_with_overrides_and_comes_back(tmp_path: Path) -> None:
    before = rate_law_of(read(FILE), {"p": "3 uA/cm2"})
    assert float(respond_law(before, HERE).value) == pytest.approx(3.0)
    assert rate_law_of(read(yaml_text(rate_law_written(before)))) == before
    assert load(save(before, tmp_path / "mine.yaml")) == before


@pytest.mark.parametrize(("old", "new", "error", "message"), [
    ("->", "<->", FormatError, "<text>:4:11: '3 inside.Na + 2 outside.K + inside.ATP <-> "),
    ("->", "=", FormatError, "is not a reaction; write '3 inside.Na + 2 outside.K -> 3 outside.Na + 2 inside.K'"),
    ("2 outside.K", "E2", FormatError, "'E2' is not a ligand such as '3 inside.Na'"),
    ("2 outside.K", "2 outside.Xx", NameUnknown, "'outside.Xx' is not a ligand"),
    ("p: 2 uA/cm2", "p: 2 uX", UnitError, "<text>:6:6: p: "),
    ("expression: p", "expression: p +", FormatError, "<text>:7:21"),
    ("unit: uA/cm2", "unit: mM", UnitError, "gives a concentration"),
    ("value:", "rate:", FormatError, "unknown key 'rate'"),
], ids=range(8))
def test_what_a_file_may_not_say(old: str, new: str, error: type[PumpleakError], message: str) -> None:
    with pytest.raises(error) as caught:
        rate_law_of(read(FILE.replace(old, new, 1)))
    assert message in str(caught.value)
