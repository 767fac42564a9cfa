"""What a start loads, by the list of modules: speed is guarded by counts, never by time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Too heavy for a start from the cache: each costs some 50 ms to 500 ms.
HEAVY = {"symengine", "sympy", "pint", "pydantic", "ruamel", "scipy", "matplotlib", "xarray", "zarr", "rich", "hypothesis"}
OURS = {"pumpleak.cell.cell", "pumpleak.enzyme.scheme", "pumpleak.compile.compiler"}


def loaded(code: str, cache: Path) -> set[str]:
    """The modules that are loaded after some code, in a process of its own."""
    program = f"import sys, json\n{code}\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PUMPLEAK_CACHE": str(cache)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", env=environment,
                          check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def command(*arguments: str) -> str:
    return ("from pumpleak.app.commands import commands\n"
            f"try:\n    commands({list(arguments)!r}, standalone_mode=False)\n"
            "except SystemExit as end:\n    assert not end.code\n")


def test_importing_the_package_loads_no_numpy(tmp_path: Path) -> None:
    found = loaded("import pumpleak", tmp_path)
    assert {name for name in found if name.startswith("pumpleak")} == {"pumpleak"}
    assert "numpy" not in found


def test_help_and_list_load_no_numpy(tmp_path: Path) -> None:
    for arguments in (("--help",), ("run", "--help"), ("tour", "--help"), ("list",)):
        assert ({"numpy", "llvmlite"} | HEAVY).isdisjoint(loaded(command(*arguments), tmp_path)), arguments


@pytest.mark.parametrize("arguments", [
    ("rest", "generic-cell"),
    ("rest", "generic-cell", "--set", "outside.K=8 mM", "--json"),
    ("run", "generic-cell", "--until", "10min", "--no-figure", "--out"),
    ("run", "sudden-block", "--no-figure", "--out"),
])
def test_a_warm_start_loads_nothing_heavy(arguments: tuple[str, ...], tmp_path: Path) -> None:
    if arguments[-1] == "--out":
        arguments = (*arguments, str(tmp_path / "out"))
    cold = loaded(command(*arguments), tmp_path / "cache")
    assert "pydantic" in cold, "the first start reads the file; if not, this test tests nothing"
    warm = loaded(command(*arguments), tmp_path / "cache")
    assert HEAVY.isdisjoint(warm)
    assert OURS.isdisjoint(warm)


def test_units_in_texts_need_neither_numpy_nor_pint(tmp_path: Path) -> None:
    found = loaded("import pumpleak as pl; assert pl.quantity('5 mM').to('uM') == 5000.0; pl.hold('10 min')", tmp_path)
    assert {"numpy", "pint"}.isdisjoint(found)
