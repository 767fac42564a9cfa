"""The page about fitting: its table, its study, its commands and its Python are what a stranger types."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pumpleak.formats.fit_read import fits, problem_in

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/fitting.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.csv").write_text(block("csv"), encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(block("yaml"), encoding="utf-8")
    return tmp_path


def called(arguments: list[str], folder: Path) -> str:
    done = subprocess.run([sys.executable, "-W", "error", *arguments], capture_output=True, text=True, encoding="utf-8",
                          cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_of_the_page_run(folder: Path) -> None:
    for line in block("sh").splitlines():
        program, *arguments = shlex.split(line)
        assert program == "pumpleak"
        called(["-m", "pumpleak", *arguments], folder)
    plain = json.loads((folder / "fitted/fit.json").read_text(encoding="utf-8"))
    assert plain["schema"] == 1
    # the table was made with 0.08 mM, 300 mM and noise of 0.01 pA/pF; one table of 90 % intervals misses one of them by 1.5 %
    for name, made in (("K_K_out", 0.08), ("K_Na_out", 300.0)):
        assert plain["constants"][name]["low"] / 1.05 < made < 1.05 * plain["constants"][name]["high"]
        assert plain["constants"][name]["kind"] == "identified"
    assert "only to_E1P/K_Na_out_first is identified" in plain["constants"]["to_E1P"]["verdict"]
    assert {each.name for each in (folder / "fitted").iterdir()} == {
        "fit.json", "fitted.yaml", "residuals.csv", "lines.csv", "data.png", "data.svg", "profiles.png", "profiles.svg"}


def test_the_python_of_the_page_runs(folder: Path) -> None:
    assert re.search(r"^identified 0\.09\d+ mM ", called(["-c", block("python")], folder), re.MULTILINE)


def test_the_page_is_linked_and_its_examples_are_real() -> None:
    assert "fitting.md" in (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"post-albers-23-[a-z]+", PAGE)) <= set(fits())
    assert problem_in("post-albers-23-start").unknowns
