"""The page about inhibitors: its cell loads, its Python and its commands run, what it names is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.formats.pump_parts import composed
from pumpleak.formats.shelves import part_files

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/inhibitors.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_python_of_the_page_runs_on_its_cell(tmp_path: Path) -> None:
    (yaml,), (example,) = blocks("yaml"), blocks("python")
    (tmp_path / "with-drugs.yaml").write_text(yaml, encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", "-c", example], capture_output=True, text=True, encoding="utf-8",
                          cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    held, left = (float(number) for number in re.findall(r"(0\.\d+)", done.stdout))
    assert held > 0.2
    assert left < 1e-4
    assert done.stdout.endswith("True\n")


@pytest.mark.parametrize("command", [line for line in blocks("sh")[0].splitlines() if " pump " in line])
def test_the_commands_of_the_page_run(command: str, tmp_path: Path) -> None:
    call = [sys.executable, "-W", "error", "-m", *shlex.split(command)]
    done = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr


def test_what_the_page_names_is_there() -> None:
    for drug in part_files("inhibitors"):
        assert f"`{drug}`" in PAGE
    for ion in part_files("congeners"):
        assert f"`{ion}`" in PAGE
    scheme = load("post-albers-23")
    assert isinstance(scheme, Scheme)
    for isoform in re.findall(r"`((?:rat-)?alpha[0-9]beta[^`]*)`", PAGE):
        composed(scheme, isoform)
    assert "inhibitors.md" in (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert len(PAGE.splitlines()) <= 100
