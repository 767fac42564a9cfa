"""From model to program: once in the process, and from the second level of the cache without asking for the system."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.lab.toys import cell, decay

from pumpleak.base.errors import ModelError
from pumpleak.lab import programs
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.programs import labelled, program_for
from pumpleak.lab.protocol import hold
from pumpleak.lab.run import run
from pumpleak.system.system import System


class Light:
    """A model with a fingerprint that counts how often its system is asked for."""

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.asked = 0

    @property
    def system(self) -> System:
        self.asked += 1
        return decay()


def test_a_program_is_made_once() -> None:
    system = decay()
    assert program_for(system) is program_for(system)
    assert program_for(system, ramped=frozenset(["k"])) is not program_for(system)


def test_a_choice_of_dependent_moves_an_amount_from_definition_to_state() -> None:
    program = program_for(cell(), {"membrane.charge": "inside.Cl.amount"})
    assert "inside.K.amount" in [state.name for state in program.labels.states]
    assert "inside.Cl.amount" in [definition.name for definition in program.labels.definitions]
    with pytest.raises(ModelError, match=r"'membrane.Q' is not a charge of its books; did you mean 'membrane.charge'"):
        program_for(cell(), {"membrane.Q": "inside.Cl.amount"})


def test_labels_need_no_program() -> None:
    known = labelled(cell())
    assert known.parameters["outside.K"].value == 5.0
    assert known.units["membrane.V"] == "mV"


def test_a_fingerprinted_model_in_the_cache_is_not_asked_for_its_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_memo", programs._Memo())
    first = Light("test of the second level, 1")
    there = run(Experiment(first, hold("1 s"), samples=5)).column("a")
    assert first.asked > 0
    monkeypatch.setattr(programs, "_memo", programs._Memo())  # as in a new process
    again = Light("test of the second level, 1")
    here = run(Experiment(again, hold("1 s"), samples=5)).column("a")
    assert again.asked == 0
    assert np.array_equal(here, there)
    other = Light("test of the second level, 2")
    program_for(other)
    assert other.asked > 0


def test_the_cache_is_not_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("PUMPLEAK_CACHE", str(blocked))
    monkeypatch.setattr(programs, "_memo", programs._Memo())
    light = Light("test without a cache")
    assert run(Experiment(light, hold("1 s"), samples=5)).complete


def test_programs_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    memo = programs._Memo()
    for number in range(programs.REMEMBERED + 10):
        memo.put((number,), object(), number)
    assert memo.get((0,)) is None
    assert memo.get((programs.REMEMBERED,)) == programs.REMEMBERED


def test_two_systems_of_one_name_are_two_programs() -> None:
    other = replace(decay(), parameters=(replace(decay().parameters[0], value=5.0),))
    assert program_for(other).labels.values()[0] == 5.0
    assert program_for(decay()).labels.values()[0] == 1e-3


def test_a_warm_run_loads_nothing_heavy() -> None:
    # in a process of its own, with a model that cannot give its system at all
    lines = (
        "import sys",
        "from pumpleak.lab.experiment import Experiment",
        "from pumpleak.lab.protocol import hold",
        "from pumpleak.lab.rest import rest",
        "from pumpleak.lab.run import run",
        "class Light: fingerprint = 'test of a warm start'",
        "if sys.argv[1] == 'cold':",
        "    from tests.unit.lab.toys import cell",
        "    Light.system = cell()",
        "result = run(Experiment(Light(), hold('1 s', {'outside.K': '8 mM'}), samples=11))",
        "assert result.ledger.ok and rest(Light()).kind == 'stable'",
        "heavy = {'pydantic', 'ruamel', 'pint', 'scipy', 'matplotlib', 'xarray', 'zarr', 'sympy', 'symengine'}",
        "loaded = heavy & {name.partition('.')[0] for name in sys.modules}",
        "assert not loaded, loaded",
        "assert sys.argv[1] == 'cold' or 'pumpleak.compile.generate' not in sys.modules",
    )
    for state in ("cold", "warm"):
        ended = subprocess.run([sys.executable, "-c", "\n".join(lines), state], capture_output=True, text=True, check=False,
                               cwd=Path(__file__).parents[3], encoding="utf-8")
        assert ended.returncode == 0, ended.stderr
