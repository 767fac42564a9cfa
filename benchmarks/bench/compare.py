"""The parts that compare engines at matched error: one cell, a population, and the choice of method."""

from __future__ import annotations

from collections.abc import Sequence

from bench.cases import Workload, alternating, hour, population, spiking
from bench.engine import Engine
from bench.members import HOW
from bench.ours import ours
from bench.reference import CHECK, TIGHT, Reference
from bench.report import Report
from bench.timing import Matched, Ran, climb, matched
from pumpleak.solve.program import Method

METHODS: tuple[Method, ...] = ("automatic", "stiff", "explicit")


def one_cell(report: Report, peers: Sequence[Engine], rounds: int) -> None:
    """(a) and (b) on both models; (b) without the guard, too: what the watch for firing costs."""
    report.section("One cell: CPU seconds at matched error")
    for name in "AB":
        _side_by_side(report, "one cell", spiking(name), (ours(), *peers), rounds)
        _side_by_side(report, "one cell", hour(name), (ours(), ours(guard=False), *peers), rounds)


def members(report: Report, peers: Sequence[Engine], rounds: int, quick: bool) -> None:
    """(c) on both models, per member."""
    report.section(f"A population: CPU seconds per member at matched error; pumpleak: {HOW}")
    for name in "AB":
        workload = population(name, 16 if quick else 64)
        report.add("population", workload.title, "", float(workload.few), "members",
                   "for each peer, and for every error; times are per member")
        _side_by_side(report, "population", workload, (ours(), *peers), rounds)


def _side_by_side(report: Report, part: str, workload: Workload, engines: Sequence[Engine], rounds: int) -> None:
    reference = Reference(workload)
    report.add(part, workload.title, "reference", reference.doubt, "",
               f"error of rtol {CHECK:g} against rtol {TIGHT:g}; target {workload.target:g}")
    ran = climb(engines, workload, reference, rounds)
    report.curve(workload, ran)
    found = [matched(each.rungs, workload.target) for each in ran]
    for each, at in zip(ran, found, strict=True):
        report.add(part, workload.title, each.engine.name, at.seconds if at else None, "s", _note(each, at))
    pairs = [(each.engine, at) for each, at in zip(ran, found, strict=True) if at]
    for mine, base in pairs:
        for peer, at in pairs:
            if mine.many and not peer.many:
                marked = "" if at.bracketed and base.bracketed else "* not at the same error"
                report.add(part, workload.title, f"{peer.name} / {mine.name}", at.seconds / base.seconds, "x", marked)


def _note(each: Ran, at: Matched | None) -> str:
    if at is None:
        return each.trouble or "no valid run"
    return "" if at.bracketed else f"* at error {at.error:.1e}, the nearest rung"


def switching(report: Report, rounds: int, quick: bool) -> None:
    """The automatic choice against either method alone, under the same guard, and on a run that alternates."""
    report.section("Choice of method: CPU seconds at matched error")
    for name in "AB":
        # on B the explicit method needs millions of steps, to show what is known
        methods = METHODS[:2] if quick and name == "B" else METHODS
        for workload in (spiking(name), population(name, 4)):
            _choice(report, workload, [ours(method) for method in methods], rounds)
        # with the guard, which a silence lifts for the stiff method alone, and without
        for workload in (alternating(name, 1),) if quick else (hour(name), alternating(name)):
            for guard in (False,) if quick else (False, True):
                _choice(report, workload, [ours(method, guard) for method in methods], rounds)


def _choice(report: Report, workload: Workload, engines: Sequence[Engine], rounds: int) -> None:
    ran = climb(engines, workload, Reference(workload), rounds)
    found = [matched(each.rungs, workload.target) for each in ran]
    for each, at in zip(ran, found, strict=True):
        report.add("switching", workload.title, each.engine.name, at.seconds if at else None, "s", _note(each, at))
    fixed = [at.seconds for at in found[1:] if at]
    if found[0] and fixed:
        report.add("switching", workload.title, "automatic / better fixed method", found[0].seconds / min(fixed), "x",
                   "" if found[0].bracketed else "* not at matched error: look at the errors above")
