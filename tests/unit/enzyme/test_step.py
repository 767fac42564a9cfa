"""Steps: what they move, how they split their charge, and what is refused."""

from __future__ import annotations

import math

import pytest

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.enzyme.step import Ligand, Step, changes, ligand
from pumpleak.system.expression import evaluate, number, symbol

K, B = symbol("k"), symbol("b")


def test_a_ligand_knows_place_species_and_charge() -> None:
    assert ligand("inside.ATP") == Ligand("inside", "ATP")
    assert ligand("inside.ATP").charge == -2
    assert ligand("outside.Na").name == "outside.Na"


@pytest.mark.parametrize(("name", "message"), [
    ("insid.Na", "'insid.Na' is not a ligand; did you mean 'inside.Na', 'inside.Ca' or 'inside.ATP'?"),
    ("lumen.Zn", "'lumen.Zn' is not a ligand; a ligand is inside. or outside. and one of Na, K, Cl, HCO3, Ca, Mg, H, H2O, "
                 "ATP, ADP, Pi, glucose, PCr, Cr"),
])
def test_an_unknown_ligand_is_refused(name: str, message: str) -> None:
    with pytest.raises(NameUnknown) as caught:
        ligand(name)
    assert str(caught.value) == message


def test_rates_multiply_ligands_and_field() -> None:
    step = Step("s", "A", "B", K, B, {"inside.Na": 2}, {"outside.K": 1}, charge=1.0, forward_charge=0.3)
    values = {"k": 3.0, "b": 5.0, "inside.Na": 2.0, "outside.K": 7.0, "x": 0.5}
    forward, backward = evaluate([step.rate("forward"), step.rate("backward")], values)
    assert forward == pytest.approx(3.0 * 4.0 * math.exp(0.15), rel=1e-15)
    assert backward == pytest.approx(5.0 * 7.0 * math.exp(-0.35), rel=1e-15)


def test_charge_is_split_evenly_where_nothing_is_said() -> None:
    step = Step("s", "A", "B", K, B, charge=0.5)
    assert (step.forward_charge, step.backward_charge) == (0.25, 0.25)


def test_backward_charge_alone_leaves_the_rest_forward() -> None:
    step = Step("s", "A", "B", K, B, charge=1.0, backward_charge=1.0)
    assert step.forward_charge == 0.0
    assert step.rate("forward") is K


def test_a_lumped_step_is_taken_as_it_stands() -> None:
    step = Step("s", "A", "B", K, B, {"inside.Na": 3}, charge=1.0, lumped=True)
    assert step.rate("forward") is K
    assert step.change == {"inside.Na": -3}


def test_water_never_multiplies_a_rate() -> None:
    assert Step("s", "A", "B", K, B, {"inside.H2O": 1}).rate("forward") is K


@pytest.mark.parametrize(("step", "message"), [
    (lambda: Step("s", "A", "A", K, B), "step 's' leads from 'A' to itself; it must join two states"),
    (lambda: Step("s", "A", "B", K, B, {"inside.Na": 0}), "step 's': '0' of inside.Na; the count must be 1, 2, 3, ..."),
    (lambda: Step("s", "A", "B", K, B, {"inside.Na": 2}, {"inside.Na": 1}),
     "step 's' both takes and releases inside.Na; give only the difference"),
    (lambda: Step("s", "A", "B", K, B, charge=1.0, forward_charge=0.5, backward_charge=0.25),
     "step 's': its parts 0.5 (forward) and 0.25 (backward) add up to +0.75, but it carries +1 through the field"),
    (lambda: Step("s", "A", "B", K, B, charge=math.nan), "step 's': charge nan; it must be a finite number [e]"),
])
def test_impossible_steps_are_refused(step: type[Step], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        step()
    assert str(caught.value) == message


def test_water_joins_the_step_that_frees_phosphate() -> None:
    one = number(1.0)
    steps = [Step("a", "A", "B", one, one, {"inside.ATP": 1}, {"inside.ADP": 1}),
             Step("b", "B", "A", one, one, {}, {"inside.Pi": 1, "inside.H": 1})]
    assert changes(steps)["b"] == {"inside.Pi": 1, "inside.H": 1, "inside.H2O": -1}
    named = [*steps, Step("c", "A", "C", one, one, {"inside.H2O": 1})]
    assert "inside.H2O" not in changes(named)["b"]


@pytest.mark.parametrize(("changes", "message"), [
    ({"activation": 80e3, "lumped": True},
     "step 's': activation 80000 J/mol, but its complete rates say themselves what temperature does; write it into them, or "
     "give constants instead"),
    ({"activation": math.inf}, "step 's': activation inf; it must be a finite number [J/mol]"),
])
def test_impossible_activations_are_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        Step("s", "A", "B", K, B, **changes)  # type: ignore[arg-type]
    assert str(caught.value) == message
