"""The same numerics on other CPUs: run for older ones of this kind, emitted only for other machines."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
from llvmlite import binding
from tests.numerics.problems import PROBLEMS

from pumpleak.compile import native
from pumpleak.compile.compiler import emit_text
from pumpleak.compile.equations import equations

HERE = Path(__file__).parent
# not the invariants of cells: a minute of compiling, and what they rest on is in the other files
SUITE = sorted(path.name for path in HERE.glob("test_*.py") if path.name not in ("test_targets.py", "test_invariants.py"))
NEEDS = {"x86-64": (), "x86-64-v3": ("avx2", "fma", "bmi2")}


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="names of x86-64 CPUs")
@pytest.mark.parametrize("cpu", NEEDS)
def test_numerics_hold_on_older_cpus(cpu: str, tmp_path: Path) -> None:
    features = binding.get_host_cpu_features()
    if not all(features.get(name, False) for name in NEEDS[cpu]):
        pytest.skip(f"this CPU is older than {cpu}")
    environment = {**os.environ, "PUMPLEAK_CPU": cpu, "PUMPLEAK_CACHE": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
               *(str(HERE / file) for file in SUITE)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=HERE.parents[1], check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\d+ passed", done.stdout)


@pytest.mark.parametrize(("triple", "cpu", "magic"), [
    ("aarch64-unknown-linux-gnu", "generic", b"\x7fELF"),
    ("arm64-apple-macosx11.0.0", "apple-m1", b"\xcf\xfa\xed\xfe"),
    ("x86_64-pc-windows-msvc", "x86-64", b"\x64\x86"),
])
def test_kernels_are_emitted_for_other_machines(triple: str, cpu: str, magic: bytes) -> None:
    text = emit_text(equations(PROBLEMS["spiking_cell"]()))
    code = native.compile_ir(text, native.Target(triple, cpu, ""))
    assert code.startswith(magic)
    # nothing of a C library but copying and clearing memory, and the stack check of Windows
    names = {name.decode().lstrip("_") for name in re.findall(rb"[\0]([A-Za-z_][A-Za-z0-9_]{2,})(?=\0)", code)}
    assert not names & {"exp", "log", "pow", "fma", "sqrt", "floor", "tanh", "expm1", "fmax", "fmin"}
    assert "advance" in names
