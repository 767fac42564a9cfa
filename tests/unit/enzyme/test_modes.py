"""Which modes a scheme has, found from its steps, and the signs that make each mode what it is called."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pumpleak.base.constants import Constants
from pumpleak.enzyme.modes import MODES, TRACE, ModeResponse, modes
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.enzyme.tracer import exchange_in
from pumpleak.formats.catalog import load
from pumpleak.system.expression import number

VOLTAGES = np.array([-80.0, 0.0, 40.0])
EXPLICIT, LUMPED, SLIPPING = "pan-2018-15", "pan-2018-4", "post-albers-23"


@cache
def found(name: str) -> dict[str, ModeResponse]:
    scheme = load(name)
    assert isinstance(scheme, Scheme)
    return {each.mode.name: each for each in modes(scheme, {"membrane.V": VOLTAGES}, "physiological")}


def test_the_modes_are_these() -> None:
    assert [mode.name for mode in MODES] == ["forward", "reversed", "Na/Na", "K/K", "uncoupled"]


@pytest.mark.parametrize(("name", "there"), [(EXPLICIT, (True, True, True, True, False)),
                                             (LUMPED, (True, True, True, True, False)),
                                             (SLIPPING, (True, True, True, True, True))])
def test_a_scheme_has_the_modes_that_its_steps_allow(name: str, there: tuple[bool, ...]) -> None:
    assert tuple(each.exists for each in found(name).values()) == there
    slips = ("Na/Na", "K/K") if name == SLIPPING else ()
    assert all(each.remark == "" for each in found(name).values() if each.mode.name not in ("uncoupled", *slips))


def test_an_exchange_needs_the_ligand_that_drives_it() -> None:
    """The Kyoto pump carries potassium to and fro without phosphate, which is not the mode."""
    kyoto = load("matsuoka-2003")
    assert isinstance(kyoto, Scheme)
    there = {each.mode.name: each for each in modes(kyoto, {"membrane.V": -80.0}, "physiological")}
    assert [name for name, each in there.items() if each.exists] == ["forward", "reversed"]
    assert there["K/K"].remark == ("not in this scheme: without the steps of inside.Na, outside.Na, inside.ADP no steps with "
                                   "inside.Pi join inside.K and outside.K both ways")


@pytest.mark.parametrize("name", [EXPLICIT, LUMPED, SLIPPING])
def test_what_was_changed_is_told_and_all_else_is_the_base(name: str) -> None:
    base = found(name)["forward"].response.conditions
    for each in found(name).values():
        assert each.changed == each.mode.changed
        for condition, values in each.response.conditions.items():
            np.testing.assert_array_equal(values, each.changed.get(condition, base[condition]))
    assert found(name)["uncoupled"].changed == {"outside.Na": TRACE, "outside.K": TRACE, "inside.K": TRACE}


def test_amounts_that_are_given_win_over_those_of_a_mode_and_its_absences_stay() -> None:
    scheme = load(SLIPPING)
    assert isinstance(scheme, Scheme)
    given = {"inside.ADP": np.array([0.1, 0.2]), "inside.Pi": "3 mM", "outside.K": 20.0, "inside.Na": 30.0}
    there = {each.mode.name: each for each in modes(scheme, given, "physiological")}
    exchange_of_sodium = there["Na/Na"].changed
    np.testing.assert_array_equal(exchange_of_sodium["inside.ADP"], [0.1, 0.2])
    assert {name: exchange_of_sodium[name] for name in ("inside.K", "outside.K", "inside.Pi")} == dict.fromkeys(
        ("inside.K", "outside.K", "inside.Pi"), TRACE)
    assert there["K/K"].changed == {"inside.Na": TRACE, "outside.Na": TRACE, "inside.ADP": TRACE, "inside.Pi": 3.0}
    reversing = there["reversed"].changed
    assert (reversing["inside.Na"], reversing["outside.K"], reversing["inside.ATP"]) == (30.0, 20.0, 0.1)
    for each in there.values():
        for name, value in each.changed.items():
            np.testing.assert_array_equal(each.response.conditions[name], np.broadcast_to(value, (2,)))


@pytest.mark.parametrize("name", [EXPLICIT, LUMPED, SLIPPING])
def test_forward_and_reversed_run_against_each_other(name: str) -> None:
    forward, backward = found(name)["forward"], found(name)["reversed"]
    for each, sign in ((forward, 1.0), (backward, -1.0)):
        for flux in (each.ATP, each.Na, each.K, each.current):
            assert np.all(sign * flux > 0.0)
    plain = respond(forward.response.scheme, {"membrane.V": VOLTAGES}, "physiological")
    np.testing.assert_array_equal(forward.ATP, plain.ATP)


@pytest.mark.parametrize(("name", "mode", "ion"), [(name, mode, ion) for name in (EXPLICIT, LUMPED)
                                                   for mode, ion in (("Na/Na", "sodium"), ("K/K", "potassium"))])
def test_without_slip_an_exchange_moves_as_much_out_as_in(name: str, mode: str, ion: str) -> None:
    each = found(name)[mode]
    ways = getattr(each, ion)
    assert np.all(ways.out > 1.0)
    # what is left is the coupled cycle on ligands of 1e-6 mM
    np.testing.assert_allclose(ways.out, ways.into, rtol=1e-11)
    assert np.all(np.abs(each.current) < 1e-10)


def test_slip_goes_on_beside_the_exchange_of_sodium() -> None:
    each = found(SLIPPING)["Na/Na"]
    assert each.sodium is not None
    assert np.all(each.sodium.into > 10.0)
    np.testing.assert_allclose(each.sodium.net, 3.0 * each.ATP, rtol=1e-9)
    assert np.all(each.ATP > 0.0)
    low, high = np.min(each.Na), np.max(each.Na)
    assert each.remark.startswith(f"beside the exchange, slip carries net {low:.4g} to {high:.4g} Na/s out, uses ")
    assert found(SLIPPING)["K/K"].remark.startswith("beside the exchange, slip carries net ")


def test_uncoupled_efflux_names_its_charges_as_an_assumption() -> None:
    each = found(SLIPPING)["uncoupled"]
    assert each.remark == "a turn carries the charge +3: an assumption of the scheme"
    assert each.sodium is not None
    assert np.all(each.Na > 1.0)
    np.testing.assert_allclose(each.Na, 3.0 * each.ATP, rtol=1e-12)
    # three sodium and three charges: potassium at 1e-6 mM on both sides is all that is left of the coupled cycle
    assert np.all(np.abs(each.K) < 1e-7)
    np.testing.assert_allclose(each.current, 3.0 * each.ATP, rtol=1e-7)
    assert np.all(each.sodium.into < 1e-12)


@pytest.mark.parametrize("name", [EXPLICIT, LUMPED])
def test_a_scheme_without_the_uncoupled_way_says_so_and_hardly_moves(name: str) -> None:
    each = found(name)["uncoupled"]
    assert each.remark == ("not in this scheme: without the steps of inside.K, outside.K no cycle moves inside.Na, inside.ATP")
    assert np.all(np.abs(each.Na) < 1e-9)


def test_a_carrier_of_something_else_has_no_mode() -> None:
    one = number(1.0)
    carrier = Scheme("carrier", (Step("bind", "A", "B", one, one, {"outside.glucose": 1}),
                                 Step("free", "B", "A", one, one, {}, {"inside.glucose": 1})))
    each = modes(carrier, {"inside.glucose": 1.0, "outside.glucose": 5.0, "membrane.V": 0.0})
    assert not any(mode.exists or mode.changed or mode.sodium or mode.potassium or mode.sodium_loads or mode.potassium_loads
                   for mode in each)
    assert each[2].remark == ("not in this scheme: without the steps of inside.K, outside.K, inside.Pi no steps with "
                              "inside.ADP join inside.Na and outside.Na both ways")


def test_loads_are_those_of_exchange() -> None:
    for name in (EXPLICIT, SLIPPING):
        for each in found(name).values():
            for ion, loads in (("Na", each.sodium_loads), ("K", each.potassium_loads)):
                expected = exchange_in(each.response, ion)
                assert loads is not None
                np.testing.assert_array_equal(loads.out, expected.out)
                np.testing.assert_array_equal(loads.into, expected.into)


def test_a_mode_is_told_in_a_few_lines() -> None:
    text = str(found(SLIPPING)["Na/Na"])
    assert len(text) < 1000
    assert text.startswith("Na/Na: sodium exchanged for sodium with ADP, by phosphorylation to and fro, post-albers-23; "
                           "inside.K 1e-06 mM")
    assert "in loads" in text
    assert repr(found(SLIPPING)["Na/Na"]) == text


def test_a_step_that_runs_one_way_takes_no_part_where_both_are_needed() -> None:
    one = number(1.0)
    steps = (Step("load", "E1", "E1P", one, number(0.0), {"inside.Na": 3, "inside.ATP": 1}, {"inside.ADP": 1}),
             Step("eject", "E1P", "E2", one, one, {}, {"outside.Na": 3}, charge=1.0),
             Step("back", "E2", "E1", one, one, {"outside.K": 2}, {"inside.K": 2, "inside.Pi": 1, "inside.H": 1}))
    scheme = Scheme("pump", steps, constants=Constants(), defects=("phosphorylation cannot run backward",))
    given = {**dict.fromkeys(scheme.ligands, 1.0), "membrane.V": 0.0}
    assert [each.exists for each in modes(scheme, given)] == [True, False, False, True, False]


@pytest.mark.parametrize("absent", ["inside.K", "inside.ADP"])
def test_a_ligand_that_is_absent_takes_no_mode_from_the_scheme(absent: str) -> None:
    scheme = load("post-albers-23")
    assert isinstance(scheme, Scheme)
    found = modes(scheme, {absent: 0.0, "membrane.V": -80.0}, "physiological")
    assert all(each.exists for each in found)
