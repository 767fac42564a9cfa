"""The ledger: an honest cell passes every row, and each kind of dishonesty is caught by the row that is meant for it."""

import re
import struct
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.lab.toys import RT, cell, decay

from pumpleak.base.errors import LedgerError
from pumpleak.compile.compiler import assemble, emit_text
from pumpleak.compile.equations import equations
from pumpleak.lab import run as running
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.ledger import Ledger, ledger_of
from pumpleak.lab.protocol import hold, pulse, ramp, settle
from pumpleak.lab.record import Record
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.system.expression import Expression, number
from pumpleak.system.system import System
from pumpleak.system.transform import tamper

BLOCK = hold("10 min") + hold("4 h", {"pump.activity": 0}) + hold("10 h")


def caught(system: System, law: str, protocol: object = BLOCK) -> Ledger:
    """The ledger of a dishonest run, which must end in an error for breach of this law."""
    with pytest.raises(LedgerError, match="its books do not balance") as error:
        run(Experiment(system, protocol, samples=201))  # type: ignore[arg-type]
    result = error.value.result
    assert isinstance(result, Result)
    assert law in {row.law for row in result.ledger.breaches}
    return result.ledger


def test_an_honest_cell_passes_every_row() -> None:
    result = run(Experiment(cell(), BLOCK + hold("1 min", {"stimulus.injected": "20 pA"}) + hold("1 h")))
    rows = {(row.law, row.name): row for row in result.ledger.rows}
    laws = [("charge", "membrane.charge"), *(("element", name) for name in ("Cl", "K", "Na", "X")),
            ("water", "inside.volume"), ("free energy", "energy.free"),
            *(("least dissipation", name) for name in ("leak_Na", "leak_K", "leak_Cl", "pump", "water"))]
    assert list(rows) == laws
    assert all(row.verdict == "ok" for row in rows.values())
    # with three digits to spare, so that a change for the worse is seen before it is a breach
    assert all(row.residual <= 1e-3 * row.tolerance for row in rows.values())
    assert {row.name for row in result.ledger.species} == {f"inside.{name}.amount" for name in ("Na", "K", "Cl", "X")}
    assert all(row.denominator > 0.0 and row.route for row in rows.values())


@pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-8])
def test_the_free_energy_row_follows_the_tolerance(rtol: float) -> None:
    train = 50 * pulse("1 ms", {"stimulus.injected": "200 pA"}, after="20 ms")
    result = run(Experiment(cell(), train, rtol=rtol, samples=101))
    row = next(row for row in result.ledger.rows if row.law == "free energy")
    assert row.residual <= rtol


def test_matter_and_charge_are_exact_at_any_tolerance() -> None:
    result = run(Experiment(cell(), BLOCK, rtol=1e-3, samples=51))
    exact = [row.residual for row in result.ledger.rows if row.law in ("charge", "element", "water")]
    assert max(exact) < 1e-12


def test_a_jump_to_a_rest_is_not_a_breach() -> None:
    protocol = settle({"pump.activity": 0.7}) + hold("1 h") + settle() + hold("1 h", {"outside.K": "6 mM"})
    assert run(Experiment(cell(), protocol)).ledger.ok


def test_a_state_that_jumps_at_an_edge_is_caught() -> None:
    """The balance runs on over edges: energy lost between two stretches is not forgiven."""
    result = run(Experiment(cell(), hold("1 min") + hold("1 min", {"outside.K": "6 mM"}), samples=11))
    record = result._record
    first, second = record.stretches
    rows = second.rows.copy()
    charge = 1 + [state.name for state in second.program.labels.states].index("membrane.charge")
    rows[:, charge] *= 1.1
    laws = {row.law for row in ledger_of(Record([first, replace(second, rows=rows)])).breaches}
    assert "free energy" in laws


def test_a_ramp_of_what_free_energy_depends_on_is_left_out_and_said() -> None:
    result = run(Experiment(cell(), hold("1 h") + ramp("1 h", {"outside.K": "15 mM"}), samples=21))
    row = next(row for row in result.ledger.rows if row.law == "free energy")
    assert "left out" not in row.route  # the bath's potentials are no part of G
    assert row.verdict == "ok"


def _scaled(factor: float) -> Callable[[Expression], Expression]:
    return lambda expression: expression * factor


@pytest.mark.parametrize(("law", "name", "change"), [
    # books the current of 3:2 (one charge) while it moves 3:3 (none), or anything else but what it carries
    ("charge", "pump.current", _scaled(0.0)),
    ("charge", "leak_K.current", _scaled(1.0 + 1e-6)),
    # energy that is not accounted for
    ("free energy", "leak_K.dissipated_power", _scaled(0.99)),
    ("free energy", "energy.free", _scaled(1.0 + 1e-4)),
])
def test_a_changed_definition_is_caught(law: str, name: str, change: Callable[[Expression], Expression]) -> None:
    caught(tamper(cell(), definitions={name: change}), law)


@pytest.mark.parametrize(("law", "name", "change"), [
    ("charge", "membrane.charge", lambda rate: rate + 1e-3),       # a current without ions
    ("element", "inside.Na.amount", _scaled(1.0 + 1e-7)),           # a carrier that leaks a little
    ("element", "inside.Cl.amount", lambda rate: rate + 1e-12),
    ("water", "inside.volume", _scaled(1.001)),
])
def test_a_changed_rate_is_caught(law: str, name: str, change: Callable[[Expression], Expression]) -> None:
    caught(tamper(cell(), rates={name: change}), law)


def test_a_pump_that_runs_past_its_free_energy_is_caught() -> None:
    tireless = tamper(cell(), definitions={"pump.flux": lambda flux: number(3e-6)})
    ledger = caught(tireless, "least dissipation", hold("10 min", {"fuel.dG_ATP": "-20 kJ/mol"}))
    assert [row.name for row in ledger.breaches] == ["pump"]


def test_a_leak_with_a_wrong_sign_is_caught() -> None:
    caught(tamper(cell(), definitions={"leak_Na.flux": _scaled(-1.0)}), "least dissipation", hold("1 min"))


def test_a_dishonest_ion_that_closes_the_charge_is_caught_by_its_own_extents() -> None:
    # K follows from charge and the others: stealing Na shows in K as well
    ledger = caught(tamper(cell(), rates={"inside.Na.amount": _scaled(0.999)}), "element")
    assert {row.name for row in ledger.breaches} >= {"Na", "K"}


def test_a_reported_breach_is_a_finding() -> None:
    system = tamper(cell(), definitions={"pump.current": _scaled(0.5)})
    result = run(Experiment(replace(system, conservation="reported"), hold("1 h")))
    assert not result.ledger.ok
    assert result.ledger.breaches[0].law == "charge"
    assert "breach" in str(result.ledger)


def _written(value: float) -> str:
    """A number as LLVM IR writes it."""
    return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016x}"


def test_one_coefficient_altered_in_the_emitted_kernel_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    system = cell()
    text = emit_text(equations(system))
    begin = re.search(r'@"?rates"?\(', text)
    assert begin is not None
    end = text.index("define", begin.end())
    # the three sodium ions of a turn: in the rate of sodium, the current, the affinity and the power into reservoirs
    places = [(match.start(), value) for value in (3.0, -3.0)
              for match in re.finditer(_written(value), text) if begin.end() < match.start() < end]
    assert len(places) >= 3
    for place, value in places:
        altered = text[:place] + _written(value * 1.001) + text[place + len(_written(value)):]
        monkeypatch.setattr(running, "program_for", lambda *_, code=altered: assemble(system, code))
        with pytest.raises(LedgerError, match="its books do not balance"):
            run(Experiment(system, hold("1 h"), samples=11))


def test_the_denominators_are_those_of_the_design() -> None:
    result = run(Experiment(cell(), hold("1 h"), samples=11))
    rows = {(row.law, row.name): row for row in result.ledger.rows}
    charged = np.max(sum(result.column(f"inside.{name}.amount") for name in ("Na", "K", "Cl", "X")))
    carried = sum(np.ptp(result.column(f"{name}.extent")) for name in ("leak_Na", "leak_K", "leak_Cl", "pump"))
    assert rows["charge", "membrane.charge"].denominator == pytest.approx(96485.0 * (charged + carried))
    spent = sum(np.ptp(result.column(f"{name}.dissipation")) for name in ("leak_Na", "leak_K", "leak_Cl", "pump", "water"))
    assert rows["free energy", "energy.free"].denominator == pytest.approx(spent)


def test_where_nothing_happens_rounding_is_no_breach() -> None:
    idle = {f"leak_{ion}.permeability": "0 pL/ms" for ion in ("Na", "K", "Cl")} | {"pump.activity": 0.0}
    result = run(Experiment(cell(), hold("1 h", {**idle, "water.permeability": "0 pL/(ms mM)"})))
    assert result.ledger.ok
    row = next(row for row in result.ledger.rows if row.law == "free energy")
    content = sum(np.max(result.column(f"inside.{name}.amount")) for name in ("Na", "K", "Cl", "X"))
    assert row.denominator >= 1e-9 * RT * content
    assert "so little happened" in row.route


def test_a_model_without_books_has_no_ledger() -> None:
    result = run(decay(), "1 s")
    assert result.ledger.ok
    assert str(result.ledger) == "no ledger: the model keeps no books"
