"""Growth: with the number of states, in a row of model-A cells, and with the number of members."""

from __future__ import annotations

import time

import numpy as np

from bench.cases import population
from bench.members import HOW, run_members
from bench.models import chain, model
from bench.report import Report
from pumpleak.compile import native
from pumpleak.compile.compiler import compile_system, emit_text, labels_of
from pumpleak.compile.equations import equations
from pumpleak.compile.program import CompiledProgram
from pumpleak.solve.program import Method
from pumpleak.system.transform import flatten

PART = "growth"
TILES, TILES_QUICK = (1, 2, 4, 8, 16, 28), (1, 2, 4)
STEPS = {"stiff": 1000, "explicit": 2000}
MEMBERS, MEMBERS_QUICK = (1, 10, 100, 1000, 10_000, 100_000), (1, 10, 100)
LONGEST = 300.0  # CPU s: a population that would take longer is not run


def states(report: Report, quick: bool) -> None:
    """Seconds to derive and to compile, size of the code, cost of a step, as the row gets longer."""
    report.section("Growth with states: a row of model-A cells")
    for tiles in TILES_QUICK if quick else TILES:
        flat = flatten(chain(tiles))
        what = f"{len(flat.states)} states"
        times = [time.process_time()]
        parts = equations(flat)
        entries = len(parts.jacobian)
        times.append(time.process_time())
        text = emit_text(parts)
        times.append(time.process_time())
        code = native.compile_ir(text, native.local_target())
        times.append(time.process_time())
        derive, emit, compiled = np.diff(times)
        report.add(PART, what, "derive", float(derive), "s", f"{entries} entries of the Jacobian")
        report.add(PART, what, "generate", float(emit), "s", f"{len(text) / 1e3:.0f} kB of IR")
        report.add(PART, what, "compile", float(compiled), "s", f"{len(code) / 1e3:.0f} kB of code")
        program = CompiledProgram(labels_of(flat), code)
        for method in ("stiff", "explicit"):
            report.add(PART, what, f"a step, {method}", 1e6 * _step(program, method), "us")


def _step(program: CompiledProgram, method: Method) -> float:
    """CPU seconds of one step, while the row spikes."""
    labels = program.labels
    p = labels.values()
    p[[parameter.name for parameter in labels.parameters].index("Iinj")] = 2.0
    memory = program.start(0.0, labels.initial(), np.zeros(0), p, rtol=1e-6, h_max=labels.guard, method=method)
    program.advance(memory, p, STEPS[method] // 10, 1e5)
    before, begun = memory.steps, time.process_time()
    program.advance(memory, p, STEPS[method], 1e5)
    return (time.process_time() - begun) / (memory.steps - before)


def members(report: Report, quick: bool) -> None:
    """CPU time per member, as the population gets larger."""
    report.section(f"Growth with members: model A, 1 s each; {HOW}")
    program, each = compile_system(model("A")), 0.0
    for count in MEMBERS_QUICK if quick else MEMBERS:
        what = f"{count} members"
        if each * count > LONGEST:
            report.add(PART, what, "pumpleak", None, "ms", f"not run: it would take {each * count:.0f} s")
            continue
        cases = population("A", count).cases
        begun = time.process_time()
        run_members(program, cases, 1e-5, "automatic", model("A").guard)
        each = (time.process_time() - begun) / count
        report.add(PART, what, "pumpleak", 1e3 * each, "ms", "CPU per member, rtol 1e-05")
