"""System and its transformations, on a toy that has a block with an edge, an event and an algebraic state."""

from __future__ import annotations

import json

import pytest

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.system.books import Amount, BookedSpecies, Books, Capacitor, Entry, Place, Process
from pumpleak.system.expression import Expression, evaluate, symbol, total
from pumpleak.system.system import Block, Coupling, Definition, Event, Parameter, Quadrature, State, System
from pumpleak.system.transform import booked_rate, closing_amount, flatten, initial_values, ramped, tamper, with_dependent

amount, k = symbol("amount"), symbol("k")


def toy() -> System:
    """Two vessels that leak and exchange; a sum held by an algebraic state; an event that refills the first."""
    vessel = System(
        "vessel", states=(State("amount", "fmol", 3.0, 1.0),), rates={"amount": -symbol("loss")},
        parameters=(Parameter("k", "1/ms", 0.5),), definitions=(Definition("loss", "fmol/ms", k * amount),),
        quadratures=(Quadrature("lost", "fmol", symbol("loss")),),
        events=(Event("empty", 0.1 - amount, {"amount": amount + 3.0}),))
    return System(
        "toy", states=(State("sum", "fmol", 6.0, 1.0, mass=0.0),),
        rates={"sum": symbol("pair[0].amount") + symbol("pair[1].amount") - symbol("sum")},
        blocks=(Block("pair", vessel, 2),),
        couplings=(Coupling("pipe", "pair", ((0, 1),), {
            "here.amount": symbol("g") * (symbol("there.amount") - symbol("here.amount")),
            "there.amount": symbol("g") * (symbol("here.amount") - symbol("there.amount"))},
            (Parameter("g", "1/ms", 0.2),)),))


def test_blocks_and_edges_are_written_out() -> None:
    flat = flatten(toy())
    assert flat.state_names == ("sum", "pair[0].amount", "pair[1].amount")
    values = {**initial_values(flat), "pair[0].amount": 5.0}
    rates = dict(zip(flat.rates, evaluate(flat.resolve(list(flat.rates.values())), values), strict=True))
    assert rates["pair[0].amount"] == pytest.approx(-0.5 * 5 + 0.2 * (3 - 5))
    assert rates["pair[1].amount"] == pytest.approx(-0.5 * 3 + 0.2 * (5 - 3))
    assert rates["sum"] == pytest.approx(5 + 3 - 6)
    assert [event.name for event in flat.events] == ["pair[0].empty", "pair[1].empty"]
    assert [quadrature.name for quadrature in flat.quadratures] == ["pair[0].lost", "pair[1].lost"]


def test_an_edge_to_a_missing_member_is_refused() -> None:
    bad = toy()
    with pytest.raises(ModelError, match=r"pipe joins member 2 of 'pair', which has members 0 to 1"):
        flatten(System(bad.name, bad.states, bad.rates, blocks=bad.blocks,
                       couplings=(Coupling("pipe", "pair", ((0, 2),), {}),)))


def make(**changes: object) -> System:
    parts: dict[str, object] = {
        "states": (State("a", "fmol", 1.0, 1.0),), "rates": {"a": -symbol("b")},
        "definitions": (Definition("b", "fmol/ms", symbol("a") * 2.0),)}
    return System("model", **{**parts, **changes})  # type: ignore[arg-type]


def test_a_circle_of_definitions_is_named() -> None:
    with pytest.raises(ModelError, match=r"definitions go in a circle: b -> c -> b; one of them must be a state"):
        make(definitions=(Definition("b", "1", symbol("c")), Definition("c", "1", symbol("b") + symbol("a"))))


def test_an_undefined_symbol_is_named_with_its_user() -> None:
    with pytest.raises(NameUnknown, match=r"model: b uses 'amuont', which nothing defines"):
        make(definitions=(Definition("b", "1", symbol("amuont")),))


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(ModelError, match=r"model: 'a' is defined twice"):
        make(parameters=(Parameter("a", "1", 0.0),))


def test_states_and_rates_must_match() -> None:
    with pytest.raises(ModelError, match=r"the state 'a' has no rate"):
        make(rates={})
    with pytest.raises(ModelError, match=r"a rate is given for 'aa', which is not a state; did you mean 'a'"):
        make(rates={"a": symbol("a"), "aa": symbol("a")})


def test_a_ramped_parameter_follows_time() -> None:
    system = ramped(make(parameters=(Parameter("p", "mM", 4.0),), rates={"a": symbol("p")}), ["p"])
    values = {**initial_values(system), "p.slope": 0.5, "p.from": 10.0, "time": 14.0}
    assert evaluate(system.resolve([system.rates["a"]]), values) == [6.0]


SALT = Books(
    species=(BookedSpecies("Na", 1.0, {"Na": 1}), BookedSpecies("K", 1.0, {"K": 1}), BookedSpecies("X", -1.0, {"X": 1})),
    places=(Place("inside", "dynamic", "w"), Place("outside", "reservoir")),
    amounts=(Amount("inside", "Na", "inside.Na.amount"), Amount("inside", "K", "inside.K.amount"),
             Amount("inside", "X", "inside.X.amount")),
    processes=(Process("swap", "swap", (Entry("inside", "Na", -1), Entry("outside", "Na", 1), Entry("inside", "K", 1),
                                        Entry("outside", "K", -1)), "swap.flux", "swap.extent", ""),
               Process("leak", "leak", (Entry("inside", "K", -1), Entry("outside", "K", 1)), "leak.flux", "leak.extent", "")),
    capacitors=(Capacitor("q", "inside", "outside", 100.0, "inside.K.amount", ("inside.K.amount", "inside.Na.amount")),))


def salt() -> System:
    capacitor = SALT.capacitors[0]
    return System(
        "salt", states=(State("inside.Na.amount", "fmol", 1.0, 1.0), State("q", "fC", 50.0, 1.0)),
        rates={"inside.Na.amount": booked_rate(SALT, "inside.Na.amount"), "q": -100.0 * symbol("leak.flux")},
        parameters=(Parameter("inside.X.amount", "fmol", 10.0), Parameter("swap.flux", "fmol/ms", 0.25),
                    Parameter("leak.flux", "fmol/ms", 0.125)),
        definitions=(Definition("inside.K.amount", "fmol", closing_amount(SALT, capacitor, "inside.K.amount")),), books=SALT)


def rates_of(system: System, **values: float) -> dict[str, float]:
    known = {**initial_values(system), **values}
    return dict(zip(system.rates, map(float, evaluate(system.resolve(list(system.rates.values())), known)), strict=True))


def test_another_ion_may_close_the_charge() -> None:
    before = salt()
    after = with_dependent(before, SALT.capacitors[0], "inside.Na.amount")
    assert after.state_names == ("inside.K.amount", "q")
    assert initial_values(before)["inside.K.amount"] == pytest.approx(9.5)
    assert initial_values(after)["inside.K.amount"] == pytest.approx(9.5)
    assert initial_values(after)["inside.Na.amount"] == pytest.approx(1.0)
    assert rates_of(before)["inside.Na.amount"] == pytest.approx(-0.25)
    assert rates_of(after)["inside.K.amount"] == pytest.approx(0.25 - 0.125)
    assert after.books is not None
    back = with_dependent(after, after.books.capacitors[0], "inside.K.amount")
    assert rates_of(back) == rates_of(before)


def test_only_candidates_may_close_the_charge() -> None:
    with pytest.raises(ModelError, match=r"'inside.X.amount' cannot close the charge 'q'; candidates: inside.K.amount"):
        with_dependent(salt(), SALT.capacitors[0], "inside.X.amount")


def test_tampering_changes_rates_but_not_the_books() -> None:
    honest = salt()

    def more(rate: Expression) -> Expression:
        return rate * 1.5

    crooked = tamper(honest, rates={"inside.Na.amount": more})
    assert crooked.books == honest.books
    assert crooked.conservation == "enforced"
    assert rates_of(crooked)["inside.Na.amount"] == pytest.approx(-0.375)
    with pytest.raises(NameUnknown, match=r"nothing is called 'inside.Ka.amount'; did you mean 'inside.K.amount'"):
        tamper(honest, rates={"inside.Ka.amount": more})


def test_books_survive_json() -> None:
    assert Books.from_plain(json.loads(json.dumps(SALT.to_plain()))) == SALT


def test_sums_of_nothing() -> None:
    assert total([]) is total([0.0])
