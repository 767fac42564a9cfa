"""The ledger of every cell over hours of pump block and return, and dishonest models that it must catch."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from pumpleak.base.errors import LedgerError
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold, ramp
from pumpleak.lab.run import run
from pumpleak.system.expression import Expression, number
from pumpleak.system.system import System
from pumpleak.system.transform import tamper

BLOCK = hold("10 min") + hold("4 h", {"pump.activity": 0.0})


def breaches(system: System, protocol: object = BLOCK) -> set[str]:
    """Laws that the ledger of a run finds broken."""
    with pytest.raises(LedgerError) as caught:
        run(Experiment(system, protocol))  # type: ignore[arg-type]
    return {row.law for row in caught.value.result.ledger.breaches}  # type: ignore[attr-defined]


def test_the_books_of_every_cell_close(cell: Cell) -> None:
    ledger = run(Experiment(cell, BLOCK)).ledger
    assert ledger.ok, str(ledger)
    for row in ledger.rows:
        if row.law in ("charge", "element"):
            assert row.residual <= 1e-10, str(row)
        if row.law == "free energy":
            assert row.residual <= 1e-6, str(row)


def test_the_generic_cell_over_block_and_return(generic: Cell) -> None:
    ledger = run(Experiment(generic, BLOCK + hold("4 h"))).ledger
    assert ledger.ok, str(ledger)
    laws = {row.law for row in ledger.rows}
    assert laws == {"charge", "element", "water", "free energy", "hydrolysis", "least dissipation"}


def scaled(factor: float) -> object:
    def change(expression: Expression) -> Expression:
        return expression * factor

    return change


def test_a_pump_that_books_3_to_2_but_moves_3_to_3_is_caught(generic: Cell) -> None:
    """An honest 3:3 pump carries no current; this one writes the current of 3:2 into the charge all the same."""
    pump = next(each for each in generic.transporters if each.name == "pump")
    assert isinstance(pump, SchemePump)
    system = generic.system
    books = system.books
    assert books is not None
    process = next(each for each in books.processes if each.name == "pump")
    moved = tuple(replace(entry, count=3.0 * entry.count / abs(entry.count)) if entry.species == "K" else entry
                  for entry in process.stoichiometry)
    three = replace(process, stoichiometry=moved)
    crooked = replace(system, books=replace(books, processes=tuple(three if each is process else each
                                                                   for each in books.processes)))
    assert "charge" in breaches(crooked)


def test_a_current_without_ions_is_caught(generic: Cell) -> None:
    crooked = tamper(generic.system, rates={"membrane.charge": lambda rate: rate + 0.01})
    assert "charge" in breaches(crooked)


def test_a_pump_that_runs_past_its_free_energy_is_caught(generic: Cell) -> None:
    """A constant flux at outside K+ of 0.001 mM and little inner Na+ costs more than ATP gives."""
    crooked = tamper(generic.system, definitions={"pump.flux": lambda flux: number(6e-6)})
    poor = replace(crooked, parameters=tuple(replace(p, value=1e-3) if p.name == "outside.K" else p
                                             for p in crooked.parameters))
    assert breaches(poor, hold("1 min")) == {"least dissipation"}


def test_a_leak_with_a_wrong_sign_is_caught(generic: Cell) -> None:
    crooked = tamper(generic.system, definitions={"leak_Na.flux": lambda flux: -flux})
    assert "least dissipation" in breaches(crooked, hold("1 s"))


@pytest.mark.parametrize("state", ["inside.Na.amount", "inside.Cl.amount", "inside.volume"])
def test_one_altered_coefficient_is_caught(generic: Cell, state: str) -> None:
    """The equation of one state in the kernel is off by a part in 10^5; the books are not."""
    crooked = tamper(generic.system, rates={state: scaled(1.00001)})  # type: ignore[dict-item]
    assert breaches(crooked) & {"charge", "element", "water", "free energy"}


@pytest.mark.parametrize("current", ["pump.current", "leak_K.current"])
def test_one_altered_current_is_caught(generic: Cell, current: str) -> None:
    """A current that is off by a part in 10^5 of what its ions carry."""
    assert "charge" in breaches(tamper(generic.system, definitions={current: scaled(1.00001)}))  # type: ignore[dict-item]


def test_a_free_energy_of_hydrolysis_that_is_not_its_own_is_caught(generic: Cell) -> None:
    """It is shown, not integrated: only the potentials of ATP, ADP, Pi and H tell that it is off by a percent."""
    crooked = tamper(generic.system, definitions={"inside.dG_ATP": scaled(1.01)})  # type: ignore[dict-item]
    assert breaches(crooked, hold("1 s")) == {"hydrolysis"}


def test_a_carrier_that_leaks_charge_between_its_ions_is_caught(generic: Cell) -> None:
    crooked = tamper(generic.system, rates={"inside.Cl.amount": lambda rate: rate - 1e-7})
    assert "element" in breaches(crooked)


def test_an_honest_3_to_3_pump_is_legal(generic: Cell) -> None:
    """Another stoichiometry is another machine, not a breach: without charge to move it cannot make V."""
    from pumpleak.cell.transport.rate_pump import RatePump
    from pumpleak.system.grammar import parse
    from pumpleak.system.system import Parameter

    pump = RatePump("pump", {"Na": -3, "K": 3}, parse("p*inside.Na/(inside.Na + half)"),
                    (Parameter("p", "fmol/(ms um2)", 5e-8), Parameter("half", "mM", 20.0)))
    honest = replace(generic, values={name: value for name, value in generic.values.items() if not name.startswith("pump.")},
                     transporters=tuple(pump if each.name == "pump" else each for each in generic.transporters))
    assert run(Experiment(honest, hold("10 min"))).ledger.ok


def test_a_labelled_rate_law_that_runs_past_its_free_energy_is_a_finding() -> None:
    """The published cubic pump, switched on again after an hour, drives V beyond what ATP can pay: shown, not hidden."""
    from pumpleak.formats.catalog import load

    cell = load("duesterwald-2018")
    assert isinstance(cell, Cell)
    result = run(Experiment(cell, hold("1 h", {"pump.activity": 0.0}) + hold("1 h")))
    row = next(row for row in result.ledger.rows if row.law == "least dissipation" and row.name == "pump")
    assert row.verdict == "finding"
    assert result.ledger.ok
    assert any("phenomenological" in note for note in result.notes)


def test_instant_osmosis_with_a_growing_area_keeps_its_energy() -> None:
    """The work of new membrane follows the water also where water is a constraint, not a flow."""
    from pumpleak.formats.catalog import load

    cell = load("kay-2017")
    assert isinstance(cell, Cell)
    growing = replace(cell, membrane=replace(cell.membrane, area_exponent=0.5))
    result = run(Experiment(growing, hold("1 min") + hold("2000 s", {"pump.activity": 0.0})))
    assert result.ledger.ok, str(result.ledger)


def test_what_a_ramp_does_is_booked(generic: Cell) -> None:
    """A ramp of the bath or of temperature moves G itself; the books close over it, and no breach hides behind it."""
    from pumpleak.lab.protocol import ramp

    for protocol in (ramp("1 h", {"outside.K": "10 mM"}), ramp("1 h", {"temperature": "300 K"}),
                     ramp("1 h", {"membrane.area": "400 um2"})):
        result = run(Experiment(generic, protocol + hold("10 min")))
        energy = next(row for row in result.ledger.rows if row.law == "free energy")
        assert energy.residual <= 1e-6
        crooked = tamper(generic.system, definitions={"leak_Na.affinity": scaled(1.5)})  # type: ignore[dict-item]
        assert "free energy" in breaches(crooked, protocol)


def test_work_at_edges_is_booked(generic: Cell) -> None:
    """Two capacitances in turn: G, reservoirs, dissipation and work close only with Q^2/2C of the edges."""
    train = 20 * (hold("1 s", {"membrane.specific_capacitance": "0.02 pF/um2"}) + hold("1 s"))
    result = run(Experiment(generic, train, samples=41))
    row = next(row for row in result.ledger.rows if row.law == "free energy")
    charge, capacitance = result.column("membrane.charge"), result.column("membrane.capacitance")
    edges = np.flatnonzero(np.diff(capacitance))
    # Q^2/2C in fJ, Q in fC and C in pF: 1e-3; a charge is the same on both sides of an edge
    work = float(np.sum(0.5e-3 * charge[edges] ** 2 * (1.0 / capacitance[edges + 1] - 1.0 / capacitance[edges])))
    assert abs(work) > 100.0  # of 10.8e3 fJ that are turned over
    found = re.search(r"([+-][0-9.e+-]+) fJ of the work was done at edges", row.route)
    assert found is not None
    assert float(found[1]) == pytest.approx(work, rel=1e-5)  # six digits are written
    assert row.verdict == "ok"
    plain = run(generic, "1 s").ledger.rows
    assert not any("at edges" in each.route for each in plain)


@pytest.mark.parametrize("exponent", [None, 0.5, 1.0])
def test_instant_osmosis_under_a_ramp_keeps_its_energy(exponent: float | None) -> None:
    """A bath that is diluted takes the volume along at once, and with it the membrane that follows the volume."""
    from pumpleak.formats.catalog import load

    cell = load("kay-2017")
    assert isinstance(cell, Cell)
    growing = replace(cell, membrane=replace(cell.membrane, area_exponent=exponent))
    protocol = hold("1 min") + ramp("200 s", {"outside.Na": "120 mM"}) + ramp("200 s", {"outside.Na": "170 mM"})
    row = next(row for row in run(Experiment(growing, protocol)).ledger.rows if row.law == "free energy")
    assert row.residual <= 1e-8, str(row)  # 4e-10 without a membrane that grows; 1e-5 without its work
