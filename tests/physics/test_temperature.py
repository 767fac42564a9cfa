"""Temperature: what closes at one closes at all, equilibria follow the enthalpy, and the books of a cell follow the pump."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq

from pumpleak.base.constants import STANDARD_HYDROLYSIS, STANDARD_HYDROLYSIS_ENTHALPY
from pumpleak.base.errors import ModelError
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.closure import CLOSURE_TOLERANCE, log_ratio, reduced_affinity
from pumpleak.enzyme.energy import hydrolysis_energy, reversal_predicted
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import entries, load
from pumpleak.formats.speciation import speciation
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.run import run
from pumpleak.system.expression import evaluate
from pumpleak.system.system import Parameter
from pumpleak.system.transform import initial_values

FREEZING = 273.15
ROOM_TO_FEVER = np.array([23.0, 30.0, 37.0, 42.0]) + FREEZING
VOLTAGES = np.array([-80.0, 0.0, 40.0])
BALANCED = 1e-12  # net over gross flux: some tens of roundings of 1e-16


def scheme_named(name: str) -> Scheme:
    scheme = load(name)
    assert isinstance(scheme, Scheme)
    return scheme


def answering() -> list[str]:
    schemes = [load(entry.name) for entry in entries("pumps")]
    return [scheme.name for scheme in schemes if isinstance(scheme, Scheme) and scheme.dH0 is not None]


def double_equilibrium(scheme: Scheme, temperature: NDArray[np.float64],
                       voltage: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """dG_ATP + 3 dmu_Na = 0 by the ADP, dmu_K = 0 by the K inside, at each temperature and voltage."""
    kelvin, V = (each.ravel() for each in np.meshgrid(temperature, voltage))
    given = {name: np.full(kelvin.shape, value) for name, value in scheme.conditions["physiological"].items()}
    given.update({"temperature": kelvin, "membrane.V": V})
    x = V / scheme.thermal(given).voltage
    given["inside.K"] = given["outside.K"] * np.exp(-x)
    RT = scheme.thermal(given).RT
    sodium = 3.0 * RT * (np.log(given["outside.Na"] / given["inside.Na"]) - x)
    excess = hydrolysis_energy(scheme, given) + sodium
    given["inside.ADP"] = given["inside.ADP"] * np.exp(-excess / RT)
    return given


def test_pumps_of_ours_answer_to_temperature() -> None:
    assert sorted(answering()) == ["post-albers", "post-albers-23"], "published schemes keep to the temperature of their fit"


def test_the_enthalpy_of_hydrolysis_is_that_of_the_binding_constants_at_the_ionic_strength_of_its_free_energy() -> None:
    """d(dG0/T)/d(1/T) at 0.10 M, where dG0 is 11.9 kJ/mol at 310 K; it runs by 0.1 kJ/mol from 24 to 37 degC."""
    solution = replace(speciation(), ionic_strength=100.0)
    assert float(solution.standard_energy(310.0)) == pytest.approx(STANDARD_HYDROLYSIS, abs=5.0)
    for kelvin in (297.15, 310.15):
        T = np.array([kelvin - 1.0, kelvin + 1.0])
        enthalpy = np.diff(solution.standard_energy(T) / T)[0] / np.diff(1.0 / T)[0]
        assert enthalpy == pytest.approx(STANDARD_HYDROLYSIS_ENTHALPY, abs=100.0)


def test_all_pumps_see_one_dG_ATP_in_one_solution() -> None:
    """At 24 degC, whether a scheme states dH0 or not; published ones at their own 310 K or 297.15 K."""
    room = 24.0 + FREEZING
    for name in ("post-albers-23", "pan-2018-4", "pan-2018-15", "chapman-1983", "clarke-2013", "clarke-2013-closed"):
        scheme = scheme_named(name)
        given = {**scheme_named("post-albers-23").conditions["physiological"], "temperature": room}
        # 10.42432 kJ/mol is written to 0.01 J/mol
        assert float(hydrolysis_energy(scheme, given)) == pytest.approx(-62_355.06, abs=0.02), name


@pytest.mark.parametrize("name", answering())
@pytest.mark.parametrize("celsius", [5.0, 15.0, 25.0, 35.0, 45.0])
def test_every_cycle_closes_at_every_temperature(name: str, celsius: float) -> None:
    scheme = scheme_named(name)
    random = np.random.default_rng(5)
    values = {each: 10.0 ** random.uniform(-2.0, 2.0, 20) for each in scheme.ligands}
    values.update({"membrane.V": random.uniform(-150.0, 150.0, 20), "temperature": np.full(20, celsius + FREEZING)})
    rates = scheme.rates(values)
    for cycle in scheme.cycles:
        error = log_ratio(cycle, rates) - reduced_affinity(cycle, values, scheme.thermal(values))
        assert np.max(np.abs(error)) <= CLOSURE_TOLERANCE, cycle.name


@pytest.mark.parametrize("name", [name for name in answering() if "physiological" in scheme_named(name).conditions])
def test_every_step_balances_at_the_double_equilibrium(name: str) -> None:
    scheme = scheme_named(name)
    found = respond(scheme, double_equilibrium(scheme, ROOM_TO_FEVER, VOLTAGES))
    for step, share in found.balance.items():
        assert np.all(share <= BALANCED), step


@pytest.mark.parametrize("name", answering())
def test_equilibria_follow_the_enthalpy_of_hydrolysis(name: str) -> None:
    """Van 't Hoff: the logarithm of a cycle's constant falls with 1/T by its enthalpy, -n dH0/R."""
    scheme = scheme_named(name)
    kelvin = np.array([280.0, 300.0, 320.0])
    molar = {**dict.fromkeys(scheme.ligands, 1000.0), "membrane.V": 0.0, "temperature": kelvin}
    rates = scheme.rates(molar)
    for cycle in scheme.cycles:
        slope = np.diff(log_ratio(cycle, rates)) / np.diff(1.0 / kelvin)
        # sums of thirty logarithms, over a difference of 2e-4 in 1/T
        np.testing.assert_allclose(slope, -cycle.hydrolysed * (scheme.dH0 or 0.0) / scheme.constants.R, rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize("name", answering())
def test_the_free_energy_of_hydrolysis_obeys_gibbs_and_helmholtz(name: str) -> None:
    scheme = scheme_named(name)
    T = np.array([290.0, 300.0])
    dG0 = scheme.thermal({"temperature": T}).dG0
    assert scheme.thermal({"temperature": scheme.constants.T}).dG0 == scheme.dG0
    assert np.diff(dG0 / T)[0] / np.diff(1.0 / T)[0] == pytest.approx(scheme.dH0, rel=1e-9)


@pytest.mark.parametrize("name", answering())
def test_constants_hold_where_they_are_said_to(name: str) -> None:
    scheme = scheme_named(name)
    asked = {"temperature": scheme.constants.T, "membrane.V": VOLTAGES}
    still = replace(scheme, dH0=None, enthalpies={}, steps=tuple(replace(step, activation=0.0) for step in scheme.steps))
    here, without = respond(scheme, asked, "physiological"), respond(still, asked, "physiological")
    np.testing.assert_allclose(here.turnover, without.turnover, rtol=1e-13)


def test_turnover_rises_with_temperature_as_measured() -> None:
    """Q10 is 1.8 to 2.8 in sinoatrial cells (25 to 37 degC) and 2.7 in mouse myocytes (23 to 37 degC, a factor of four)."""
    given = {"temperature": np.array([25.0, 37.0]) + FREEZING}
    found = respond(scheme_named("post-albers-23"), given, "nakao-gadsby-1989").turnover
    assert 1.8 <= (found[1] / found[0]) ** (10.0 / 12.0) <= 2.8


def test_a_scheme_without_enthalpies_changes_with_RT_and_dG0_alone() -> None:
    scheme = scheme_named("pan-2018-4")
    given = {**scheme.conditions["physiological"], "membrane.V": VOLTAGES}
    colder = replace(scheme, constants=replace(scheme.constants, T=295.0),
                     dG0=11_900.0 * 295.0 / 310.0 - 23_700.0 * (1.0 - 295.0 / 310.0))
    expected = respond(colder, given)
    found = respond(scheme, {**given, "temperature": 295.0})
    np.testing.assert_allclose(found.turnover, expected.turnover, rtol=1e-13)
    (cycle,) = scheme.cycles
    np.testing.assert_allclose(found.affinities[cycle.name], expected.affinities[cycle.name], rtol=1e-13)


def test_the_reversal_follows_temperature() -> None:
    scheme = scheme_named("pan-2018-15")
    (cycle,) = scheme.cycles
    for kelvin in (288.15, 315.15):
        given = {**scheme.conditions["physiological"], "temperature": kelvin}
        predicted = reversal_predicted(scheme, cycle, given)
        found = respond(scheme, {**given, "membrane.V": predicted})
        assert all(np.all(share <= BALANCED) for share in found.balance.values())


@pytest.fixture(params=["reduced", "full"])
def cold_cell(request: pytest.FixtureRequest) -> Cell:
    """The generic cell at 25 degC with an explicit pump that answers to temperature."""
    cell, scheme = load("generic-cell", {"temperature": "298.15 K"}), scheme_named("post-albers-23")
    assert isinstance(cell, Cell)
    return replace(cell, transporters=tuple(replace(each, scheme=scheme, depth=request.param)
                                            if isinstance(each, SchemePump) else each for each in cell.transporters))


def test_a_cold_cell_keeps_its_books(cold_cell: Cell) -> None:
    ledger = run(Experiment(cold_cell, hold("5 min") + hold("10 min", {"pump.activity": 0.5}))).ledger
    assert ledger.ok, str(ledger)


def test_books_of_a_cold_cell_have_the_free_energy_of_its_temperature(cold_cell: Cell) -> None:
    values = initial_values(cold_cell.system)
    dG, RT = (float(each) for each in evaluate([cold_cell.system.resolution[name]
                                                for name in ("inside.dG_ATP", "thermal.energy")], values))
    ADP, Pi, H, ATP = (values[f"inside.{name}.amount"] / values["inside.volume"] * 1e-3 for name in ("ADP", "Pi", "H", "ATP"))
    standard = 11_900.0 * 298.15 / 310.15 - 23_700.0 * (1.0 - 298.15 / 310.15)
    assert dG == pytest.approx(standard + RT * np.log(ADP * Pi * H / ATP), rel=1e-12)


def test_steps_of_a_cold_pump_run_down_the_books_affinity(cold_cell: Cell) -> None:
    """Wherever the state: the potentials in the books and the rates of the pump are one thermodynamics."""
    system = cold_cell.system
    start, random = initial_values(system), np.random.default_rng(4)
    values = {**start, **{state.name: start[state.name] * np.exp(random.uniform(-1.0, 1.0, 200)) for state in system.states}}
    books = system.books
    assert books is not None
    pumping = [process for process in books.processes if process.transporter == "pump"]
    assert pumping
    (depth,) = (each.depth for each in cold_cell.transporters if isinstance(each, SchemePump))
    lost, size = np.zeros(200), np.zeros(200)
    for process in pumping:
        flux, affinity = (np.asarray(each) for each in
                          evaluate([system.resolution[process.flux], system.resolution[process.affinity]], values))
        lost, size = lost + flux * affinity, size + np.abs(flux * affinity)
        if depth == "full":  # at depth reduced, slip may drive the coupled cycle
            clear = np.abs(affinity) > 1e-6  # of 2500 J/mol: rounding of potentials of 1e5 J/mol is below
            assert np.all((flux * affinity > 0.0)[clear]), process.name
    assert np.all(lost > 1e-9 * size)


def test_a_cold_reduced_pump_stands_still_where_the_books_say_so() -> None:
    cell, scheme = load("generic-cell", {"temperature": "298.15 K"}), scheme_named("pan-2018-15")
    assert isinstance(cell, Cell)
    system = replace(cell, transporters=tuple(replace(each, scheme=scheme) if isinstance(each, SchemePump) else each
                                              for each in cell.transporters)).system
    values = initial_values(system)

    def with_less_ATP(logarithm: float) -> tuple[float, float]:
        less = {**values, "inside.ATP.amount": values["inside.ATP.amount"] * np.exp(-logarithm)}
        flux, affinity = evaluate([system.resolution["pump.flux"], system.resolution["pump.affinity"]], less)
        return float(flux), float(affinity)

    # the other ions shift with the charge of the ATP taken out, so the point is looked for
    zero = float(brentq(lambda each: with_less_ATP(each)[1], 0.0, 20.0, xtol=1e-13))
    # near it the flux falls with the affinity, which is found to some 1e-13 of 10 RT
    assert abs(with_less_ATP(zero)[0]) <= 1e-10 * with_less_ATP(0.0)[0]


def test_a_cell_refuses_a_pump_that_closes_with_another_free_energy_alone() -> None:
    cell, scheme = load("generic-cell"), scheme_named("pan-2018-4")
    assert isinstance(cell, Cell)
    fixed = replace(scheme, derived={}, parameters=(*scheme.parameters, *(
        Parameter(name, unit, scheme.values[name]) for name, unit in scheme.derived.items())))
    assert not fixed.follows
    with pytest.raises(ModelError) as caught:
        replace(cell, transporters=tuple(replace(each, scheme=fixed) if isinstance(each, SchemePump) else each
                                         for each in cell.transporters))
    assert str(caught.value) == (
        "pump: the constants of pan-2018-4 close with dG0 = 11.9 kJ/mol at 310 K with R = 8.314 J/mol/K "
        "alone, but ATP has 11.9 kJ/mol at 310.15 K with R = 8.3144626 J/mol/K here; leave one constant of "
        "each cycle that uses ATP to be derived, or give both the same")
