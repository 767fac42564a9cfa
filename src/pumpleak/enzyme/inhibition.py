"""Inhibitors of a scheme: drugs that bind some of its states, and what a scheme that knows drugs consists of.

Each binding is a reversible step to a state of its own, E2P.Ouabain. A step of the scheme between two states that both bind
goes on in the complex, forward as it was; its backward constant follows from detailed balance, so that every new cycle
closes. Whatever competes with a drug does so by the states that it leaves for the drug.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown
from pumpleak.base.sources import Source
from pumpleak.base.species import DRUGS
from pumpleak.enzyme.scheme import Scheme, SchemeKey
from pumpleak.enzyme.step import Step, ligand
from pumpleak.system.expression import Expression, number, symbols
from pumpleak.system.system import Parameter

KEPT = 32  # schemes without their drugs that are kept: a cell asks for its own at every turn


@dataclass(frozen=True)
class Binding:
    """How one state binds a drug: on [1/(ms mM)] and off [1/ms], in names of the inhibitor's parameters.

    Their activation enthalpies [J/mol] count in schemes that answer to temperature.
    """

    on: Expression
    off: Expression
    on_activation: float = 0.0
    off_activation: float = 0.0


@dataclass(frozen=True)
class Inhibitor:
    """A drug: where it is met (`outside.Ouabain`), the states that bind it, and its constants with their sources.

    bindings: by the names that states have in the Post-Albers schemes; `schemes` says what another scheme calls them.
    Raises ModelError for a ligand that is no drug.
    """

    name: str
    ligand: str
    bindings: Mapping[str, Binding]
    parameters: tuple[Parameter, ...] = ()
    schemes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    title: str = ""
    summary: str = ""
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.species not in DRUGS:
            raise ModelError(f"{self.name}: {shown(self.ligand)} is no drug; the drugs are {', '.join(DRUGS)}")
        if not self.bindings:
            raise ModelError(f"{self.name}: it binds {len(self.bindings)} states; name at least one, such as E2P")

    @property
    def species(self) -> str:
        """What it is, without its place."""
        return ligand(self.ligand).species


def inhibit(scheme: Scheme, *inhibitors: Inhibitor) -> Scheme:
    """The scheme with states that hold these drugs, one at a time; without drug it is what it was.

    Raises ModelError for a scheme that lacks a state that binds, or whose rates already contain what it binds, and for an
    inhibitor that it has already.
    """
    for each in inhibitors:
        scheme = _with_drug(scheme, each)
    return scheme


def drugs_of(scheme: Scheme) -> dict[str, str]:
    """The drugs that a scheme binds, each by the name of its ligand: `{"outside.Ouabain": "ouabain"}`."""
    return {name: species.lower() for name in scheme.ligands if (species := ligand(name).species) in DRUGS}


def held_drugs(scheme: Scheme) -> dict[str, str]:
    """The states that hold a drug, each with its drug's name."""
    return {state: element.lower() for state, held in scheme.contents.items() for element in held if element in DRUGS}


def without_drugs(scheme: Scheme) -> Scheme:
    """The scheme of pumps that hold no drug and meet none."""
    return _freed(SchemeKey(scheme)) if held_drugs(scheme) else scheme


@lru_cache(maxsize=KEPT)
def _freed(key: SchemeKey) -> Scheme:
    scheme, bound, drugs = key.scheme, held_drugs(key.scheme), drugs_of(key.scheme)
    steps = tuple(step for step in scheme.steps if not {step.source, step.target} & bound.keys())
    used = symbols([*(each.expression for each in scheme.definitions), *(rate for step in steps
                                                                         for rate in (step.forward, step.backward))])
    return replace(
        scheme, states=tuple(state for state in scheme.states if state not in bound), steps=steps,
        parameters=tuple(each for each in scheme.parameters if each.name in used),
        enthalpies={state: value for state, value in scheme.enthalpies.items() if state not in bound},
        presumed={name: value for name, value in scheme.presumed.items() if name not in drugs},
        conditions={name: {each: value for each, value in condition.items() if each not in drugs}
                    for name, condition in scheme.conditions.items()})


def _with_drug(scheme: Scheme, drug: Inhibitor) -> Scheme:
    if drug.ligand in scheme.ligands:
        raise ModelError(f"{scheme.name}: it binds {drug.ligand} already; {drug.name} is given twice")
    bindings = _bindings(scheme, drug)
    thermal = scheme.dH0 is not None
    steps = [Step(f"bind_{drug.species}_{_plain(state)}", state, f"{state}.{drug.species}", each.on, each.off,
                  {drug.ligand: 1}, activation=each.on_activation if thermal else 0.0) for state, each in bindings.items()]
    steps += [_going_on(step, drug.species, bindings) for step in scheme.steps
              if step.source in bindings and step.target in bindings]
    heats = {f"{state}.{drug.species}": scheme.enthalpies.get(state, 0.0) + each.on_activation - each.off_activation
             for state, each in bindings.items()} if thermal else {}
    return replace(
        scheme, name=f"{scheme.name}.{drug.name}", steps=(*scheme.steps, *steps),
        states=(*scheme.states, *(f"{state}.{drug.species}" for state in bindings)),
        parameters=(*scheme.parameters, *attributed(drug.name, drug.parameters)),
        enthalpies={**scheme.enthalpies, **heats}, presumed={**scheme.presumed, drug.ligand: 0.0},
        sources=(*scheme.sources, *owned(drug.name, drug.sources)), notes=(*scheme.notes, *drug.notes))


def _bindings(scheme: Scheme, drug: Inhibitor) -> dict[str, Binding]:
    """How the scheme's own states bind a drug."""
    called = drug.schemes.get(scheme.name.partition(".")[0], {})
    found = {called.get(state, state): each for state, each in drug.bindings.items()}
    missing = [state for state in found if state not in scheme.states]
    if missing:
        raise ModelError(f"{scheme.name}: {drug.name} binds {', '.join(drug.bindings)}, but the scheme has no "
                         f"{', '.join(missing)}; its states are {', '.join(scheme.states)}. Say in a file of the inhibitor, "
                         f"under 'schemes', which of them these are: {{{scheme.name}: {{{missing[0]}: ...}}}}")
    for step in scheme.steps:
        if step.lumped and {step.source, step.target} & found.keys():
            raise ModelError(f"{scheme.name}: {drug.name} binds {', '.join(found)}, but '{step.name}' has binding at "
                             "equilibrium in its rates, so that its states are many in one; take a scheme with explicit steps")
    return found


def _going_on(step: Step, species: str, bindings: Mapping[str, Binding]) -> Step:
    """A step of the scheme in the complex: backward slower or faster as far as its ends bind the drug differently."""
    source, target = bindings[step.source], bindings[step.target]
    backward = step.backward * _over(target.off, source.off) / _over(target.on, source.on)
    return replace(step, name=f"{step.name}_{species}", source=f"{step.source}.{species}", target=f"{step.target}.{species}",
                   backward=backward)


def _over(top: Expression, bottom: Expression) -> Expression:
    """A quotient; 1 for equal terms, which are one object."""
    return number(1.0) if top is bottom else top / bottom


def _plain(state: str) -> str:
    """A state as it can stand within a name."""
    return "".join(each if each.isascii() and each.isalnum() else "_" for each in state).strip("_")


def owned(owner: str, sources: Iterable[Source]) -> list[Source]:
    """Sources of a part under keys that are its own."""
    return [replace(each, key=f"{owner}.{each.key}") for each in sources]


def attributed(owner: str, parameters: Iterable[Parameter]) -> list[Parameter]:
    """Parameters of a part, which cite the sources that it owns."""
    return [replace(each, source=f"{owner}.{each.source}" if each.source else "") for each in parameters]
