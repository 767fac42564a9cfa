"""The pages about files and populations: every block of YAML loads or runs, every block of Python runs."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import pumpleak as pl
from pumpleak.cell.cell import Cell
from pumpleak.lab.experiment import Experiment
from pumpleak.system.functions import FUNCTIONS
from pumpleak.system.system import System

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cells.md").read_text(encoding="utf-8")
KINDS = {"cell": Cell, "system": System, "study": Experiment}
SIGNS = {"add", "sub", "mul", "div", "neg", "exprel_slope"}  # written with signs, or not at all


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def named(block: str) -> tuple[str, str]:
    """The kind and the name of a file."""
    found = re.search(r"^(cell|system|study): (\S+)$", block, re.MULTILINE)
    assert found is not None, block
    return found[1], found[2]


FILES: Mapping[str, str] = {named(block)[1]: block for block in blocks("yaml")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all files of the page."""
    for name, text in FILES.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_block_is_a_file_of_its_own_name() -> None:
    assert len(FILES) == len(blocks("yaml"))
    assert {named(text)[0] for text in FILES.values()} == set(KINDS)
    assert set(re.findall(r"^```([a-z]+)$", PAGE, re.MULTILINE)) == {"yaml", "python"}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_page_loads_and_runs(folder: Path, name: str) -> None:
    kind = named(FILES[name])[0]
    model = pl.load(folder / f"{name}.yaml")
    assert isinstance(model, KINDS[kind])
    experiment = model if isinstance(model, Experiment) else pl.Experiment(model, pl.hold("1 s"), samples=11)
    result = pl.run(experiment)
    assert result.complete
    assert kind == "system" or result.ledger.ok


@pytest.mark.parametrize("name", [name for name, text in FILES.items() if named(text)[0] == "cell"])
def test_a_cell_of_the_page_rests_where_it_starts(folder: Path, name: str) -> None:
    cell = pl.load(folder / f"{name}.yaml")
    assert isinstance(cell, Cell)
    result = pl.run(pl.Experiment(cell, pl.hold("1 s"), samples=11))
    # balance solves to the last digits; a pump that is not balanced would move V by 1e-3 mV in a second
    assert abs(result.final("membrane.V").to("mV") + 70.0) < 1e-6


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_python_of_the_page_runs(folder: Path, number: int) -> None:
    call = [sys.executable, "-W", "error", "-c", blocks("python")[number]]
    done = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", cwd=folder, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_population_of_its_page_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs/populations.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-W", "error", "-c", example], capture_output=True, text=True, encoding="utf-8",
                          cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"40 0\.5\d+ pL\n", done.stdout)


def test_the_functions_of_formulas_are_all_named() -> None:
    formulas = PAGE.partition("## Formulas")[2].partition("\n## ")[0]
    named_here = set(re.findall(r"`([a-z_]+)(?:\([^`]*\))?`", formulas))
    assert FUNCTIONS.keys() - SIGNS <= named_here


def test_the_page_is_short_and_names_what_is_in_the_catalogue() -> None:
    assert len(PAGE.splitlines()) <= 220
    catalogue = {path.stem for path in (ROOT / "src/pumpleak/catalog").glob("*/*.yaml")}
    mentioned = re.findall(r"`([a-z]+(?:-[a-z0-9]+)+|neuron)`", PAGE.partition("\n## ")[0])
    assert mentioned
    assert set(mentioned) <= catalogue
    assert "cells.md" in (ROOT / "docs/README.md").read_text(encoding="utf-8")
