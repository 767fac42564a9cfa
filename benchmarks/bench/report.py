"""What was measured: rows, printed as a table and written with the machine and the versions they belong to."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from bench.cases import Workload
from bench.timing import Ran
from pumpleak import __version__
from pumpleak.compile.native import local_target

RESULTS = Path(__file__).parents[1] / "results"
WIDTHS = (("avx512f", "8 lanes (AVX-512)"), ("avx2", "4 lanes (AVX2)"), ("sse2", "2 lanes (SSE2)"))


@dataclass(frozen=True)
class Row:
    """One number, or none with the reason in the note."""

    part: str
    what: str
    engine: str
    value: float | None
    unit: str
    note: str = ""


@dataclass
class Report:
    """The rows so far, and the work-precision points that figures are drawn from."""

    quick: bool
    rows: list[Row] = field(default_factory=list)
    curves: dict[str, dict[str, list[tuple[float, float, float]]]] = field(default_factory=dict)

    def add(self, part: str, what: str, engine: str, value: float | None, unit: str, note: str = "") -> None:
        """Keep a row and show it."""
        row = Row(part, what, engine, value, unit, note)
        self.rows.append(row)
        print(line(row), flush=True)

    def section(self, title: str) -> None:
        """Show a heading."""
        print(f"\n{title}", flush=True)

    def curve(self, workload: Workload, ran: list[Ran]) -> None:
        """Keep the rungs of every engine: tolerance, error, CPU seconds."""
        self.curves[workload.title] = {
            each.engine.name: [(rung.tolerance, rung.error, rung.seconds) for rung in each.rungs] for each in ran if each.rungs}


def line(row: Row) -> str:
    """A row as it is printed."""
    value = f"{row.value:12.4g} {row.unit}" if row.value is not None else f"{'-':>12}"
    return f"  {row.what:<46} {row.engine:<32} {value:<22} {row.note}".rstrip()


def about() -> dict[str, str]:
    """The machine and the versions."""
    target = local_target()
    have = {name for name, present in llvm.get_host_cpu_features().items() if present}
    width = next((text for feature, text in WIDTHS if feature in have), "1 lane")
    return {"date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "commit": _commit(), "cpu": _cpu(),
            "target": target.cpu, "vector width": width, "cores": str(os.cpu_count()), "system": platform.system(),
            "python": platform.python_version(), "pumpleak": __version__, "llvmlite": str(llvmlite.__version__),
            "numpy": np.__version__}


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(each.partition(":")[2].strip() for each in lines if each.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _commit() -> str:
    try:
        found = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=RESULTS.parent, capture_output=True, text=True,
                               check=True)
    except (OSError, subprocess.CalledProcessError):
        return "not a checkout"
    return found.stdout.strip()


def write(report: Report, peers: dict[str, str], folder: Path = RESULTS) -> None:
    """The table as bench.md and bench.json in the folder, and a figure for each workload."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {**about(), **peers, "sizes": "quick" if report.quick else "full"}
    plain = {**head, "rows": [asdict(row) for row in report.rows], "curves": report.curves}
    (folder / "bench.json").write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    with (folder / "bench.md").open("w", encoding="utf-8") as file:
        _write_table(report, head, file)
    if report.curves:
        from bench.figures import draw

        draw(report.curves, folder)


def _write_table(report: Report, head: dict[str, str], file: TextIO) -> None:
    file.write("# Benchmarks\n\nMade by `make bench`; CPU times, the least of several runs.\n\n")
    file.writelines(f"- {key}: {value}\n" for key, value in head.items())
    part = ""
    for row in report.rows:
        if row.part != part:
            part = row.part
            file.write(f"\n## {part}\n\n| what | engine | value | unit | note |\n|---|---|---|---|---|\n")
        value = f"{row.value:.4g}" if row.value is not None else "-"
        file.write(f"| {row.what} | {row.engine} | {value} | {row.unit} | {row.note} |\n")
