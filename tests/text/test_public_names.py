"""Names that users rely on; whoever renames one changes this file and adds a line to CHANGELOG.md."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pumpleak
from pumpleak.app.commands import commands
from pumpleak.app.console import BAD_INPUT, BREACH, DONE, FAILED
from pumpleak.formats.catalog import entries

NAMES = {
    "Apparent", "BalanceGoal", "Bath", "Branch", "Cell", "Channel", "Comparison", "Compartment", "Cotransporter", "Dataset",
    "Demand",
    "Exchange", "Experiment", "Fit", "FormatError", "Gate", "Gating", "Impermeant", "Leak", "Ledger", "LedgerError",
    "Membrane", "Metabolism", "ModelError", "NameUnknown", "Population", "Protocol", "PumpleakError", "Q10", "Quantity",
    "RateLaw", "RatePump", "Reaction", "Reduction", "Relaxation", "Rest", "Result", "Scheme", "SchemePump",
    "SolveError", "Source", "Spikes", "Step", "Stimulus", "Supply", "System", "Trajectories", "UnitError", "Water",
    "__version__",
    "apparent", "balance", "branch", "charge_voltage", "compare", "exchange", "findings", "fit", "from_totals", "hold", "jump",
    "load", "modes", "molecule", "plot", "population", "pulse", "quantity", "ramp", "reduce", "rest", "reversals", "run",
    "save", "settle", "speciation", "steady", "tracer",
}


def test_the_public_names_are_these() -> None:
    assert set(pumpleak.__all__) == NAMES
    assert set(dir(pumpleak)) >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(pumpleak, name)
    assert isinstance(found, str) or found.__doc__


def test_another_name_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(AttributeError, match=r"pumpleak has no 'simulate'; it has Apparent, BalanceGoal, .* tracer"):
        _ = pumpleak.simulate  # type: ignore[attr-defined]


def test_no_public_verb_has_the_name_of_a_subpackage() -> None:
    assert NAMES.isdisjoint({"base", "system", "enzyme", "cell", "solve", "compile", "lab", "fitting", "formats", "app",
                             "units"})


def test_names_work_whatever_was_imported_before() -> None:
    """Importing a module of the same name, such as lab.run, must not put the module in the place of the verb."""
    code = ("import pumpleak.lab.run, pumpleak.lab.rest, pumpleak.app.plot, pumpleak.cell.balance, pumpleak as pl; "
            "assert all(callable(each) for each in (pl.run, pl.rest, pl.plot, pl.balance))")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_commands_are_these() -> None:
    assert set(commands.commands) == {"tour", "list", "rest", "run", "compare", "fit", "pump", "molecule", "doctor"}


def test_the_exit_codes_are_these() -> None:
    assert (DONE, FAILED, BAD_INPUT, BREACH) == (0, 1, 2, 3)


@pytest.mark.parametrize(("shelf", "names"), [
    ("pumps", {"chapman-1983", "clarke-2013", "clarke-2013-closed", "duesterwald-2018-pump", "huebel-dahlem-2014-pump",
               "luo-rudy-1994", "matsuoka-2003", "ohara-rudy-2011", "pan-2018-15", "pan-2018-4", "post-albers",
               "post-albers-23", "smith-crampin-2004", "terkildsen-2007"}),
    ("cells", {"duesterwald-2018", "generic-cell", "hodgkin-huxley-1952", "huebel-dahlem-2014", "huebel-ullah-2016", "kay-2017",
               "neuron", "neuron-supplied", "regulating-cell"}),
    ("experiments", {"duesterwald-pump-off", "hodgkin-huxley-spike", "hodgkin-huxley-threshold",
                     "huebel-dahlem-pump-stop", "huebel-ullah-no-chloride", "huebel-ullah-pump-off", "hypertonic-step",
                     "hypotonic-step", "hypotonic-step-blocked", "hypotonic-step-potassium", "hypotonic-step-pump-off",
                     "kay-pump-off", "neuron-high-potassium", "neuron-lack-of-supply", "neuron-no-anion-path",
                     "neuron-potassium", "neuron-pump-off", "neuron-pump-stop", "neuron-run-down", "neuron-spike",
                     "neuron-spike-pump-constant", "neuron-sudden-block", "neuron-threshold", "neuron-train",
                     "neuron-train-pump-constant", "neuron-train-spikes", "no-anion-path", "pump-block", "sudden-block"}),
])
def test_the_catalogue_keeps_its_names(shelf: str, names: set[str]) -> None:
    assert names <= {entry.name for entry in entries(shelf)}
