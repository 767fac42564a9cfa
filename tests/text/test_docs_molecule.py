"""The page about single pumps: its commands and its Python are what a stranger types."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/molecule.md").read_text(encoding="utf-8")
FILES = {"summary.json", "events.csv", "windows.csv", "dwells.csv", "molecule.png", "molecule.svg"}


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def called(arguments: list[str], folder: Path) -> str:
    done = subprocess.run([sys.executable, "-W", "error", *arguments], capture_output=True, text=True, encoding="utf-8",
                          cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    for line in block("sh").splitlines():
        program, *arguments = shlex.split(line)
        assert program == "pumpleak"
        called(["-m", "pumpleak", *arguments], tmp_path)
    assert {each.name for each in (tmp_path / "pumps").iterdir()} == FILES
    assert all(f"`{name}`" in PAGE for name in FILES)


def test_the_python_of_the_page_runs(tmp_path: Path) -> None:
    told = called(["-c", block("python")], tmp_path)
    assert "51.23 /s, Fano factor 0.481" in told
    affinity, ratio = re.findall(r"-?\d+\.\d+", told.splitlines()[-1])
    assert abs(float(affinity) - float(ratio)) < 1e-6


def test_the_page_is_linked() -> None:
    assert "molecule.md" in (ROOT / "docs/README.md").read_text(encoding="utf-8")
