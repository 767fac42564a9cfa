"""System -> Program: flatten, look in the cache, generate on a miss."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from hashlib import sha256
from importlib import resources

from pumpleak.base.errors import ModelError
from pumpleak.compile import native
from pumpleak.compile.cache import Store, default_store
from pumpleak.compile.equations import Equations, equations
from pumpleak.compile.program import CompiledMembers, CompiledProgram
from pumpleak.solve.method import Methods
from pumpleak.solve.program import (
    DefinitionLabel,
    EventLabel,
    Labels,
    ParameterLabel,
    QuadratureLabel,
    StateLabel,
)
from pumpleak.solve.rodas5p import RODAS5P
from pumpleak.solve.tsit5 import TSIT5
from pumpleak.system.system import System
from pumpleak.system.transform import flatten

KIND = "object"
LANES = (1, 2, 4, 8)
METHODS = Methods(TSIT5, RODAS5P)
# what the generated code is made of: a change in any of these makes every cached object stale
_GENERATORS = ("pumpleak.compile", "pumpleak.solve", "pumpleak.system")


def compile_system(system: System, cpu: str | None = None, store: Store | None = None,
                   methods: Methods = METHODS) -> CompiledProgram:
    """The program of a system, from the cache or generated now, for this CPU or the one named."""
    flat = flatten(system)
    parts, target = equations(flat), native.local_target(cpu)
    return CompiledProgram(labels_of(flat), _object(parts, target, store, None, methods))


def compile_members(system: System, cpu: str | None = None, store: Store | None = None, methods: Methods = METHODS,
                    lanes: int | None = None) -> CompiledMembers:
    """The code that follows many members of a population at once, as many side by side as the CPU's registers hold.

    Raises ModelError for a number of lanes that is not 1, 2, 4 or 8.
    """
    flat = flatten(system)
    parts, target = equations(flat), native.local_target(cpu)
    width = native.lanes_of(target) if lanes is None else lanes
    if width not in LANES:
        raise ModelError(f"{system.name}: {width} lanes; choose one of {', '.join(map(str, LANES))}")
    from pumpleak.compile.generate import TooWide

    while True:
        try:
            return CompiledMembers(labels_of(flat), _object(parts, target, store, width, methods), width)
        except TooWide:
            if width == 1:
                raise
            width //= 2  # fewer side by side need less room


def _object(parts: Equations, target: native.Target, store: Store | None, lanes: int | None, methods: Methods) -> bytes:
    shelf, key = store or default_store(), object_key(parts, target, lanes, methods)
    code = shelf.get(KIND, key)
    if code is None:
        code = native.compile_ir(emit_text(parts, methods, lanes), target)
        shelf.put(KIND, key, code)
    return code


def assemble(system: System, text: str, cpu: str | None = None) -> CompiledProgram:
    """The program of a system whose generated code is given: for tests that damage it, never cached."""
    return CompiledProgram(labels_of(flatten(system)), native.compile_ir(text, native.local_target(cpu)))


def emit_text(parts: Equations, methods: Methods = METHODS, lanes: int | None = None) -> str:
    """The generated code as target-neutral LLVM IR, of one run or of a population with so many lanes."""
    from pumpleak.compile.generate import generate

    return generate(parts, methods, lanes)


def object_key(parts: Equations, target: native.Target, lanes: int | None = None, methods: Methods = METHODS) -> str:
    """A digest of everything the object depends on: equations, methods, generator, LLVM, target, lanes."""
    texts = (parts.serialise(), generator_digest(), *native.versions(), target.triple, target.cpu, target.features,
             str(lanes), repr(methods))
    return sha256("\0".join(texts).encode()).hexdigest()


@cache
def generator_digest() -> str:
    """A digest of the sources that generate code."""
    digest = sha256()
    for package in _GENERATORS:
        for file in sorted(resources.files(package).iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".py"):
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def labels_of(flat: System) -> Labels:
    """Names, units, start values and books of a system without blocks.

    Raises ModelError for a state whose scale is not positive.
    """
    for state in flat.states:
        if not 0.0 < state.scale < float("inf"):
            raise ModelError(f"{state.name}: scale {state.scale:g}; its error is judged by it, so give a positive size "
                             f"in {state.unit}")
    return Labels(
        name=flat.name,
        states=tuple(StateLabel(s.name, s.unit, s.initial, s.scale, s.mass) for s in flat.states),
        parameters=tuple(ParameterLabel(p.name, p.unit, p.value, p.source, p.domain) for p in flat.parameters),
        definitions=tuple(DefinitionLabel(d.name, d.unit) for d in flat.definitions),
        quadratures=tuple(QuadratureLabel(q.name, q.unit, q.least) for q in flat.quadratures),
        events=tuple(EventLabel(e.name, e.action) for e in flat.events),
        guard=flat.guard, conservation=flat.conservation, title=flat.title,
        books=flat.books.to_plain() if flat.books else None,
        sources=tuple(asdict(source) for source in flat.sources), notes=flat.notes, remarks=flat.remarks)
