"""A scheme written into another model: the same numbers, every constant a parameter, nothing left open."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import as_file, files

import numpy as np
import pytest

from pumpleak.base.constants import Constants
from pumpleak.base.errors import NameUnknown
from pumpleak.enzyme.lower import Lowered, lower
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import Hydrolysis
from pumpleak.formats.document import read_file
from pumpleak.formats.scheme import scheme_of
from pumpleak.system.expression import evaluate, symbol, symbols
from pumpleak.system.system import Definition, Parameter, System


def published(name: str) -> Scheme:
    with as_file(files("pumpleak") / "catalog" / "pumps" / f"{name}.yaml") as path:
        return scheme_of(read_file(path))


def lowered(scheme: Scheme, constants: Constants | None = None) -> Lowered:
    return lower(scheme, "pump", {name: symbol(f"cell.{name}") for name in scheme.ligands}, symbol("V"), constants)


def as_system(scheme: Scheme, written: Lowered, condition: dict[str, float], temperature: float = 310.0) -> System:
    """The lowered scheme as a System that also defines its fluxes and occupancies."""
    outer = [Parameter(f"cell.{name}", "mM", condition[name]) for name in scheme.ligands]
    steady = written.steady
    extra = [Definition(f"{kind}.{name}", "1", expression) for kind, table in
             (("flux", steady.fluxes), ("state", steady.occupancies), ("affinity", written.affinities),
              ("potential", written.potentials)) for name, expression in table.items()]
    surroundings = (*outer, Parameter("V", "mV", condition["membrane.V"]), Parameter("temperature", "K", temperature))
    return System("cell", parameters=(*written.parameters, *surroundings),
                  definitions=(*written.definitions, *extra))


def values_of(system: System) -> dict[str, float]:
    given = {parameter.name: parameter.value for parameter in system.parameters}
    found = evaluate(list(system.resolution.values()), given)
    return {**given, **{name: float(value) for name, value in zip(system.resolution, found, strict=True)}}


@pytest.mark.parametrize("name", ["pan-2018-15", "pan-2018-4"])
def test_the_lowered_scheme_computes_what_the_scheme_does(name: str) -> None:
    scheme = published(name)
    for voltage in (-120.0, -40.0, 60.0):
        condition = {**scheme.conditions["physiological"], "membrane.V": voltage}
        found = values_of(as_system(scheme, lowered(scheme), condition))
        expected = respond(scheme, condition)
        cycle = scheme.cycles[0].name
        # only sums of the same rates in another association differ
        assert 1e3 * found[f"flux.{cycle}"] == pytest.approx(float(expected.turnover), rel=1e-12)
        assert found[f"affinity.{cycle}"] == pytest.approx(float(expected.affinities[cycle]), rel=1e-12)
        for state in scheme.states:
            assert found[f"state.{state}"] == pytest.approx(float(expected.occupancies[state]), rel=1e-12)


def test_every_number_of_the_scheme_is_a_parameter() -> None:
    scheme = published("pan-2018-15")
    written = lowered(scheme)
    changed = {"k1": 2.5, "K_Na_in": 4.0}
    system = as_system(scheme, written, dict(scheme.conditions["physiological"]))
    moved = replace(system, parameters=tuple(replace(each, value=changed.get(each.name[5:], each.value))
                                             for each in system.parameters))
    expected = respond(scheme.with_values(changed), base="physiological")
    found = values_of(moved)
    assert 1e3 * found[f"flux.{scheme.cycles[0].name}"] == pytest.approx(float(expected.turnover), rel=1e-12)
    # the derived constant followed, so that the changed pump still obeys the second law
    assert found["pump.K_K_in"] == pytest.approx(expected.scheme.values["K_K_in"], rel=1e-13)
    assert found["pump.K_K_in"] != pytest.approx(scheme.values["K_K_in"], rel=0.01)


def test_a_model_may_bring_its_own_constants() -> None:
    scheme = published("pan-2018-15")
    found = values_of(as_system(scheme, lowered(scheme, Constants(T=305.0)), dict(scheme.conditions["physiological"])))
    # the scheme's own constants still hold at its 310 K
    expected = respond(replace(scheme, constants=Constants(T=310.0)), {"temperature": 305.0}, "physiological")
    assert 1e3 * found[f"flux.{scheme.cycles[0].name}"] == pytest.approx(float(expected.turnover), rel=1e-12)


def test_a_temperature_may_be_a_symbol() -> None:
    scheme = published("pan-2018-4")
    ligands = {name: symbol(f"cell.{name}") for name in scheme.ligands}
    written = lower(scheme, "pump", ligands, symbol("V"), temperature=symbol("temperature"))
    assert "temperature" in symbols([next(d.expression for d in written.definitions if d.name == "pump.x")])
    assert "temperature" in symbols(written.affinities.values())


def test_a_model_may_bring_its_own_dG0() -> None:
    scheme = published("pan-2018-4")
    ligands = {name: symbol(f"cell.{name}") for name in scheme.ligands}
    own = Hydrolysis(11_000.0, -20_000.0, 300.0)
    written = lower(scheme, "pump", ligands, symbol("V"), temperature=symbol("temperature"), hydrolysis=own)
    assert "pump.dG0" not in {parameter.name for parameter in written.parameters}
    condition = {**scheme.conditions["physiological"], "membrane.V": -50.0}
    found = values_of(as_system(scheme, written, condition, temperature=305.0))
    expected = respond(replace(scheme, constants=replace(scheme.constants, T=305.0), dG0=own.at(305.0)), condition)
    (cycle,) = scheme.cycles
    assert found[f"affinity.{cycle.name}"] == pytest.approx(float(expected.affinities[cycle.name]), rel=1e-12)
    assert 1e3 * found[f"flux.{cycle.name}"] == pytest.approx(float(expected.turnover), rel=1e-12)


def test_a_scheme_that_answers_to_temperature_keeps_doing_so() -> None:
    scheme = published("post-albers-23")
    written = lower(scheme, "pump", {name: symbol(f"cell.{name}") for name in scheme.ligands}, symbol("V"),
                    temperature=symbol("temperature"))
    assert {"pump.dG0", "pump.dH0"} <= {parameter.name for parameter in written.parameters}
    condition = {**scheme.conditions["physiological"], "membrane.V": -50.0}
    found = values_of(as_system(scheme, written, condition, temperature=295.0))
    expected = respond(scheme, {**condition, "temperature": 295.0})
    for cycle in scheme.cycles:
        assert 1e3 * found[f"flux.{cycle.name}"] == pytest.approx(float(expected.cycle_fluxes[cycle.name]), rel=1e-9, abs=1e-12)
        assert found[f"affinity.{cycle.name}"] == pytest.approx(float(expected.affinities[cycle.name]), rel=1e-12, abs=1e-8)


def test_standard_potentials_of_states_reproduce_the_rates() -> None:
    scheme = published("pan-2018-15")
    condition = dict(scheme.conditions["physiological"])
    condition["membrane.V"] = -60.0
    found = values_of(as_system(scheme, lowered(scheme), condition))
    constants = scheme.constants
    species = {"ATP": -scheme.dG0}
    for step in scheme.steps:
        # of every step, the one that closes the cycle too: RT ln(forward/backward) = loss of electrochemical potential
        change = found[f"potential.{step.target}"] - found[f"potential.{step.source}"]
        change += constants.F * 1e-3 * -60.0 * (scheme.charges[step.target] - scheme.charges[step.source])
        for name, count in step.change.items():
            place, _, kind = name.partition(".")
            charge = {"Na": 1, "K": 1, "ATP": -2, "ADP": -1, "Pi": -2, "H": 1}[kind] if place == "inside" else 0
            change += count * (species.get(kind, 0.0) + constants.RT * np.log(condition[name] * 1e-3)
                               + charge * constants.F * 1e-3 * -60.0)
        ratio = found[f"pump.{step.name}.forward"] / found[f"pump.{step.name}.backward"]
        # potentials of some 1e5 J/mol, summed along 15 steps
        assert constants.RT * np.log(ratio) == pytest.approx(-change, abs=1e-8)


def test_a_lumped_scheme_has_no_potentials_of_states() -> None:
    assert not lowered(published("pan-2018-4")).potentials


def test_a_ligand_that_is_not_given_is_named() -> None:
    scheme = published("pan-2018-4")
    ligands = {name: symbol(name) for name in scheme.ligands if name != "inside.Pi"}
    with pytest.raises(NameUnknown) as caught:
        lower(scheme, "pump", ligands, symbol("V"))
    assert str(caught.value).startswith(
        "pump: the scheme pan-2018-4 needs inside.Pi, which its surroundings do not give; did you mean ")
