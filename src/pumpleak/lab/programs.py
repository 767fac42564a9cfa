"""From a model to its program: the ion that closes each charge and the ramped parameters chosen, compiled once.

A model is whatever has `.system`. One that also has a `fingerprint` (a text that changes with everything it was read
from) is not even asked for its system when its program is in the cache: a warm start reads no file of the model.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean, shown
from pumpleak.compile.cache import default_store
from pumpleak.compile.native import local_target, versions
from pumpleak.compile.program import CompiledMembers, CompiledProgram, load_program
from pumpleak.solve.program import Labels, ParameterLabel, Program

if TYPE_CHECKING:
    from pumpleak.system.system import System

KIND = "program"
REMEMBERED = 256  # programs kept in the process: a sweep over models of its own must not fill the memory

log = logging.getLogger("pumpleak.lab")


class Model(Protocol):
    """Whatever can be run: it has a system."""

    @property
    def system(self) -> System:
        """The model as equations and books."""
        ...


@dataclass(frozen=True)
class Labelled:
    """What an experiment must know of a model before it is compiled: parameters, and the unit of every quantity."""

    name: str
    parameters: Mapping[str, ParameterLabel]
    units: Mapping[str, str]


class _Memo:
    """Programs and labels of the models used last; a model is known by its fingerprint, or as the object it is.

    Threads may ask at once: the worst is that two of them make the same.
    """

    def __init__(self) -> None:
        self.kept: OrderedDict[tuple[object, ...], tuple[object, object]] = OrderedDict()
        self.lock = Lock()

    def get(self, key: tuple[object, ...]) -> object | None:
        with self.lock:
            if key not in self.kept:
                return None
            self.kept.move_to_end(key)
            return self.kept[key][1]

    def put(self, key: tuple[object, ...], owner: object, value: object) -> None:
        """Keep a value; its owner is kept with it, so that no other object takes over its identity."""
        with self.lock:
            self.kept[key] = (owner, value)
            while len(self.kept) > REMEMBERED:
                self.kept.popitem(last=False)


_memo, _making = _Memo(), Lock()
Choice = tuple[tuple[tuple[str, str], ...], tuple[str, ...]]
_origins: WeakKeyDictionary[Program, tuple[Model, Choice]] = WeakKeyDictionary()


def program_for(model: Model, dependents: Mapping[str, str] | None = None,
                ramped: frozenset[str] = frozenset()) -> Program:
    """The compiled program of a model.

    dependents: which amount follows from which charge, where not the model's own choice. ramped: parameters that follow
    time in it.
    """
    choice = (tuple(sorted((dependents or {}).items())), tuple(sorted(ramped)))
    fingerprint: str = getattr(model, "fingerprint", "")
    owner: object = model if fingerprint else system_of(model)
    key = (fingerprint or id(owner), *choice, local_target())
    found = _memo.get(key)
    if isinstance(found, CompiledProgram):
        return found
    program = _stored(model, fingerprint, choice) if fingerprint else _compiled(model, choice)
    _memo.put(key, owner, program)
    _origins[program] = (model, choice)
    return program


def members_of(program: Program) -> CompiledMembers:
    """The code that goes through many runs of a program at once; the program is one that `program_for` gave."""
    key = ("members", id(program))
    with _making:  # compiling takes a second: one thread does it, the others wait
        found = _memo.get(key)
        if isinstance(found, CompiledMembers):
            return found
        from pumpleak.compile.compiler import compile_members

        model, choice = _origins[program]
        crowd = compile_members(_chosen(model, choice))
        _memo.put(key, program, crowd)
        return crowd


def labelled(model: Model) -> Labelled:
    """Names and units of a model, without compiling it where its system is at hand."""
    if getattr(model, "fingerprint", ""):
        return _labelled(program_for(model).labels)
    system = system_of(model)
    key = ("labels", id(system))
    found = _memo.get(key)
    if isinstance(found, Labelled):
        return found
    from pumpleak.compile.compiler import labels_of
    from pumpleak.system.transform import flatten

    result = _labelled(labels_of(flatten(system)))
    _memo.put(key, system, result)
    return result


def system_of(model: Model) -> System:
    """The system of a model.

    Raises ModelError for what has none.
    """
    if isinstance(model, str):
        raise ModelError(f"{shown(model)} is a name, not a model; load it first: pumpleak.load({shown(model)})")
    if not hasattr(model, "system"):
        raise ModelError(f"{shown(model)} is not a model: it has no `.system`; give a Cell or a System")
    return model.system


def _labelled(labels: Labels) -> Labelled:
    return Labelled(labels.name, {parameter.name: parameter for parameter in labels.parameters}, labels.units)


def _compiled(model: Model, choice: Choice) -> CompiledProgram:
    # imported here: a warm start finds its program in the cache and needs none of it
    from pumpleak.compile.compiler import compile_system

    return compile_system(_chosen(model, choice))


def _chosen(model: Model, choice: Choice) -> System:
    """The system of a model with these amounts following from their charges, and these parameters from time."""
    from pumpleak.system.transform import flatten, ramped, with_dependent

    system = flatten(system_of(model))
    for charge, amount in choice[0]:
        capacitors = {capacitor.charge: capacitor for capacitor in system.books.capacitors} if system.books else {}
        if charge not in capacitors:
            raise ModelError(f"{system.name}: '{charge}' is not a charge of its books{did_you_mean(charge, capacitors)}")
        system = with_dependent(system, capacitors[charge], amount)
    return ramped(system, choice[1]) if choice[1] else system


def _stored(model: Model, fingerprint: str, choice: Choice) -> CompiledProgram:
    """The program from the second level of the cache; made and put there if it is not."""
    store, target = default_store(), local_target()
    texts = json.dumps([fingerprint, choice, package_digest(), versions(), target.triple, target.cpu, target.features])
    key = sha256(texts.encode()).hexdigest()
    kept = store.get(KIND, key)
    if kept is not None:
        labels, _, code = kept.partition(b"\0")
        return load_program(json.loads(labels), code)
    program = _compiled(model, choice)
    store.put(KIND, key, json.dumps(program.labels.to_plain()).encode() + b"\0" + program.code)
    log.debug("%s: compiled", program.labels.name)
    return program


@cache
def package_digest() -> str:
    """A digest of the package's sources: a program of an older version is never taken for one of this."""
    root = Path(__file__).parents[1]
    digest = sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
