"""What a scheme predicts for data sets, with derivatives: all their points in one elimination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.enzyme.conditions import surroundings
from pumpleak.enzyme.jump_sensitivity import Jumps, Window
from pumpleak.enzyme.rates import VOLTAGE, Numbers
from pumpleak.enzyme.relaxation import require_states
from pumpleak.enzyme.response import PER_SECOND
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.sensitivity import STEP, Sensed, Sensitivity, still
from pumpleak.enzyme.steady import steady_numbers
from pumpleak.fitting.data import CHARGE, HALF, RELAXATION, STEADY, TURNOVER, Array, Dataset
from pumpleak.fitting.halves import Halves
from pumpleak.system.expression import Expression

Predicted = tuple[Array, Array | None]


class Prediction(Protocol):
    """What a model predicts for all data sets at values of its constants."""

    def __call__(self, values: Sequence[float], scale: Sequence[float] | None) -> list[Predicted]:
        """Values of each data set, and with `scale` derivatives (points, constants) by coordinates so scaled."""


@dataclass(frozen=True)
class _Block:
    """Where the points of a data set stand among all conditions: once, or before and after a jump, or below and above."""

    data: Dataset
    parts: tuple[slice, ...]


class SchemePrediction:
    """A scheme prepared for data sets.

    Raises NameUnknown, UnitError and ModelError for conditions that do not fit the scheme and for what it has not to observe.
    """

    def __init__(self, scheme: Scheme, data: Sequence[Dataset], names: Sequence[str],
                 tied: Mapping[str, Expression] | None = None) -> None:
        self.scheme = scheme
        self.sensitivity = Sensitivity(scheme, names, tied)
        self.blocks: list[_Block] = []
        pieces: list[dict[str, Numbers]] = []
        at = 0
        for each in data:
            check_observed(scheme, each)
            copies = conditions_of(scheme, each)
            parts = tuple(slice(at + number * len(each), at + (number + 1) * len(each)) for number in range(len(copies)))
            at += len(copies) * len(each)
            pieces += copies
            self.blocks.append(_Block(each, parts))
        joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]} if pieces else {}
        self.surroundings = self.sensitivity.at(joined)
        self.jumps = Jumps(scheme)
        self.halves = self._halves()

    def __call__(self, values: Sequence[float], scale: Sequence[float] | None) -> list[Predicted]:
        """Values of each data set, and with `scale` derivatives (points, constants) by coordinates so scaled."""
        around = self._with_halves(values)
        if scale is None:
            rates = self.sensitivity.rates(around, values)
            steady = steady_numbers(self.scheme, rates)
            lifted = still(rates, steady)
            return [(self._jumped(block, lifted)[0] if block.data.observe in (CHARGE, RELAXATION)
                     else self._value(block, steady.occupancies, steady.fluxes, around), None) for block in self.blocks]
        sensed = self.sensitivity.sensed(around, values, scale)
        halves = self.halves
        steepness = {} if halves is None else dict(zip(halves.places.tolist(), halves.steepness(around, values), strict=True))
        return [self._sensed(block, sensed, around, steepness) for block in self.blocks]

    def _sensed(self, block: _Block, sensed: Sensed, around: Mapping[str, Any], steepness: Mapping[int, float]) -> Predicted:
        data, count = block.data, len(self.sensitivity.names)
        if data.observe in (CHARGE, RELAXATION):
            value, slopes = self._jumped(block, sensed)
            return value, slopes.T
        carried = [self._functional(data, part, sensed.occupancies, sensed.fluxes) for part in block.parts]
        if data.observe != HALF:
            return carried[0][0].real, np.broadcast_to(carried[0].imag / STEP, (count, len(data))).T
        low, middle, high = (each.imag / STEP for each in carried)
        off = middle - 0.5 * (low + high)
        place = np.asarray(around[data.of][block.parts[1]], dtype=np.float64)
        slope = np.array([steepness[at] for at in range(block.parts[1].start, block.parts[1].stop)])
        return place, np.broadcast_to(-off * place / slope, (count, len(data))).T

    def _value(self, block: _Block, occupancies: Mapping[str, Any], fluxes: Mapping[str, Any],
               around: Mapping[str, Any]) -> Array:
        if block.data.observe == HALF:
            return np.array(around[block.data.of][block.parts[1]], dtype=np.float64)
        return np.asarray(self._functional(block.data, block.parts[0], occupancies, fluxes), dtype=np.float64)

    def _jumped(self, block: _Block, sensed: Sensed) -> tuple[Array, Array]:
        before, after = block.parts
        found = self.jumps(sensed, before, after, Window(*block.data.between))
        return ((found.charge, found.charge_slopes) if block.data.observe == CHARGE else (found.rate, found.rate_slopes))

    def _functional(self, data: Dataset, part: slice, occupancies: Mapping[str, Any], fluxes: Mapping[str, Any]) -> Any:
        """The sum of occupancies or of cycle fluxes [1/s] that is observed, plain or with derivatives."""
        if data.observe.startswith("p."):
            return sum(occupancies[state][..., part] for state in _states(data.observe))
        weights = weights_of(self.scheme, TURNOVER if data.observe == HALF else data.observe)
        return sum(PER_SECOND * weight * fluxes[name][..., part] for name, weight in weights.items())

    def _with_halves(self, values: Sequence[float]) -> Mapping[str, Any]:
        """The conditions, with the concentrations of half-activation in their places."""
        if self.halves is None:
            return self.surroundings
        changed = {ligand: np.array(self.surroundings[ligand], dtype=np.float64) for ligand in set(self.halves.ligands)}
        for ligand, at, found in zip(self.halves.ligands, self.halves.places, self.halves.found(self.surroundings, values),
                                     strict=True):
            changed[ligand][at] = found
        return {**self.surroundings, **changed}

    def _halves(self) -> Halves | None:
        """All points whose half-activation is observed, none where there are none."""
        blocks = [block for block in self.blocks if block.data.observe == HALF]
        if not blocks:
            return None
        places = np.concatenate([np.arange(block.parts[1].start, block.parts[1].stop) for block in blocks])
        ligands = tuple(block.data.of for block in blocks for _ in range(len(block.data)))
        spans = np.array([block.data.span for block in blocks for _ in range(len(block.data))]).T
        weights = {name: PER_SECOND * weight for name, weight in weights_of(self.scheme, TURNOVER).items() if weight}
        return Halves(self.sensitivity, places, ligands, spans, weights)


def weights_of(scheme: Scheme, observe: str) -> dict[str, float]:
    """What each turn of each cycle adds to an observed flux."""
    if observe in (TURNOVER, "ATP"):
        weights = {cycle.name: float(cycle.hydrolysed) for cycle in scheme.cycles}
        return weights if any(weights.values()) or observe == "ATP" else {scheme.cycles[0].name: 1.0}
    if observe == "current":
        return {cycle.name: float(cycle.charge) for cycle in scheme.cycles}
    place = {"Na": "outside.Na", "K": "inside.K"}[observe]
    return {cycle.name: float(cycle.stoichiometry.get(place, 0)) for cycle in scheme.cycles}


def check_observed(scheme: Scheme, data: Dataset) -> None:
    """Raise NameUnknown or ModelError for what a scheme has not to observe."""
    if data.observe.startswith("p."):
        for state in _states(data.observe):
            if state not in scheme.states:
                raise NameUnknown(f"{data.name}: {scheme.name} has no state {shown(state)}{did_you_mean(state, scheme.states)}")
        return
    known = (*STEADY, CHARGE, RELAXATION, HALF)
    if data.observe not in known:
        raise NameUnknown(f"{data.name}: of a scheme {shown(data.observe)} cannot be observed"
                          f"{did_you_mean(data.observe, known) or '; known: ' + ', '.join(known)}, and p.STATE")
    if data.observe in (CHARGE, RELAXATION):
        require_states(scheme)
        if not 0.0 <= data.between[0] < data.between[1]:
            raise ModelError(f"{data.name}: between {data.between[0]:g} and {data.between[1]:g} 1/s; give the slower "
                             "rate first")
    if data.observe == HALF:
        if data.of not in scheme.ligands:
            raise NameUnknown(f"{data.name}: half-activation of {shown(data.of)}, which is none of the ligands of {scheme.name}"
                              f"{did_you_mean(data.of, scheme.ligands)}")
        if not 0.0 < data.span[0] < data.span[1] < np.inf:
            raise ModelError(f"{data.name}: span from {data.span[0]:g} to {data.span[1]:g} mM; give a lower and a higher "
                             "positive concentration")


def conditions_of(scheme: Scheme, data: Dataset) -> list[dict[str, Numbers]]:
    """The conditions of the points: once, or before and after a jump, or at the low end, in between and at the high end."""
    given = dict(data.conditions)
    if data.observe == HALF:
        copies = [{**given, data.of: end} for end in (data.span[0], float(np.sqrt(data.span[0] * data.span[1])), data.span[1])]
    elif data.observe in (CHARGE, RELAXATION):
        copies = [{**given, VOLTAGE: data.holding}, given]
    else:
        copies = [given]
    found = []
    for copy in copies:
        try:
            read = surroundings(scheme, copy, data.base)
        except (ModelError, NameUnknown) as error:
            raise type(error)(f"{data.name}: {error}") from None
        found.append({name: np.array(np.broadcast_to(array, (len(data),))) for name, array in read.items()})
    return found


def _states(observe: str) -> list[str]:
    return [each.strip().removeprefix("p.") for each in observe.split("+")]


def positions(data: Dataset) -> NDArray[np.float64]:
    """Where the points stand along what was swept; their numbers where nothing was."""
    if data.swept in data.conditions:
        return np.asarray(data.conditions[data.swept], dtype=np.float64) * np.ones(len(data))
    return np.arange(1.0, len(data) + 1.0)
