"""The peers that are installed, each checked against pumpleak before it is timed."""

from __future__ import annotations

import platform
from collections.abc import Callable

import numpy as np

from bench import peer_copasi, peer_myokit, peer_roadrunner
from bench.cases import Case, Workload, spiking
from bench.engine import Engine, EngineError
from bench.reference import Reference

MAKERS: dict[str, Callable[[], Engine]] = {
    "Myokit": peer_myokit.engine, "libRoadRunner": peer_roadrunner.engine,
    "libRoadRunner, powers as products": lambda: peer_roadrunner.engine(products=True), "COPASI": peer_copasi.engine}
LEFT_OUT = {"NEURON": "needs its own model language and a build step; not set up in this bench",
            "diffrax": "not set up in this bench"}
SHORT, TOLERANCE = 30.0, 1e-9  # ms of a first spike
# in parts of each state's range over that run: a mistranslated term is far above, what the tolerance leaves far below
AGREE = 1e-4


def installed() -> tuple[list[Engine], dict[str, str]]:
    """The engines at hand, and why the others are not."""
    engines, missing = [], dict(LEFT_OUT)
    for name, make in MAKERS.items():
        try:
            engines.append(make())
        except ImportError as error:
            missing[name] = f"not installed here ({error.name} is missing) on Python {platform.python_version()}"
    return engines, missing


def deviation(engine: Engine, name: str) -> float:
    """Largest error of a state of model A or B over a first spike at a tight tolerance, in parts of its range."""
    full = spiking(name).cases[0]
    case = Case(full.system, np.linspace(0.0, SHORT, 61), full.values)
    workload = Workload("check", "check", (case,), AGREE)
    return Reference(workload).error(engine.prepare(case.system).run([case], TOLERANCE))


def agreeing(engines: list[Engine]) -> tuple[list[Engine], dict[str, str], dict[str, float]]:
    """The engines that solve the same equations, why the others are left out, and how far each is off."""
    kept, refused, found = [], {}, {}
    for engine in engines:
        try:
            off = max(deviation(engine, name) for name in "AB")
        except EngineError as error:
            refused[engine.name] = str(error)
            continue
        found[engine.name] = off
        if off < AGREE:
            kept.append(engine)
        else:
            refused[engine.name] = f"its solution of the same equations is off by {off:.1e}: the translation is wrong"
    return kept, refused, found
