"""How the steady state of a scheme changes with its constants: exact derivatives at many conditions at once.

The rates are written in constants, ligands, voltage and temperature once; derived constants are expressions of the others, so
that their share of a derivative is in it. The derivative of every rate is symbolic. It is carried through the elimination,
which only adds, multiplies and divides, as the imaginary part of complex numbers: r + i h dr, with h so small that h^2 is no
number beside 1, gives the value as the real and the derivative as the imaginary part, both to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.base.names import did_you_mean, shown
from pumpleak.enzyme.rates import DG0, Numbers, Rates, resolved_rates
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import Steady, steady_numbers, steady_state
from pumpleak.enzyme.temperature import COLD
from pumpleak.system.expression import Expression, exp, gradients, multiply, postorder, substitute, symbol
from pumpleak.system.functions import FUNCTIONS

ACTIVATION, ENTHALPY = ".activation", ".enthalpy"
# Its square, 1e-40, is nothing beside 1, and products of rates of any size with it stay numbers.
STEP = 1e-20

Complex = NDArray[np.complex128]


class Tape:
    """Expressions as a list of operations that is made once and worked off at every evaluation."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        order = postorder(expressions)
        place = {id(node): index for index, node in enumerate(order)}
        self.numbers = [(index, np.float64(node.value)) for index, node in enumerate(order) if node.is_number]
        self.symbols = [(index, node.name) for index, node in enumerate(order) if node.function == "symbol"]
        self.calls: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = [
            (index, FUNCTIONS[node.function].array, tuple(place[id(each)] for each in node.arguments))
            for index, node in enumerate(order) if node.arguments]
        self.size = len(order)
        self.results = [place[id(each)] for each in expressions]

    def __call__(self, values: Mapping[str, Any]) -> list[Any]:
        """The value of each expression."""
        found: list[Any] = [None] * self.size
        for index, number in self.numbers:
            found[index] = number
        for index, name in self.symbols:
            found[index] = values[name]
        for index, function, arguments in self.calls:
            found[index] = function(*[found[each] for each in arguments])
        return [found[index] for index in self.results]


@dataclass(frozen=True)
class Sensed:
    """Rates [1/ms], occupancies and cycle fluxes [1/ms] at all conditions, as value + i STEP derivative.

    Their first axis counts the constants (it has length 1 for what depends on none), the second the conditions.
    """

    rates: Mapping[str, tuple[Complex, Complex]]
    occupancies: Mapping[str, Complex]
    fluxes: Mapping[str, Complex]


class Sensitivity:
    """A scheme prepared to be asked again and again with other values of some of its constants.

    names: of parameters, of activation enthalpies such as `change_to_E2P.activation` and of state enthalpies such as
    `E2P.enthalpy` [J/mol]. tied: other such constants, each by an expression of constants that have values.

    Raises NameUnknown for a name that is none of the scheme's constants, ModelError for an enthalpy without dH0.
    """

    def __init__(self, scheme: Scheme, names: Sequence[str], tied: Mapping[str, Expression] | None = None) -> None:
        self.scheme, self.names = scheme, tuple(names)
        self.steps = tuple(scheme.steps)
        for name in (*names, *(tied or {})):
            constant_of(scheme, name)
        expressions = [each for pair in _rates(scheme, {*names, *(tied or {})}).values() for each in pair]
        self.expressions = substitute(expressions, dict(tied or {}))
        self._values = Tape(self.expressions)
        slopes = gradients(self.expressions, self.names)
        self._where = [(rate, self.names.index(name)) for rate, each in enumerate(slopes) for name in each]
        self._slopes = Tape([slope for each in slopes for slope in each.values()])
        self.fixed: dict[str, float] = {**scheme.values, **enthalpies_of(scheme)}

    def at(self, conditions: Mapping[str, Numbers]) -> dict[str, Any]:
        """What the rates need beside constants: conditions as arrays of one shape, and dG0 where temperature sets it."""
        values: dict[str, Any] = {**self.fixed, **conditions}
        if self.scheme.dH0 is None:
            values[DG0] = self.scheme.thermal(conditions).dG0
        return values

    def rates(self, surroundings: Mapping[str, Any], constants: Sequence[float]) -> Rates:
        """Forward and backward rate of every step. [1/ms]

        Raises SolveError for a rate that is negative or not finite.
        """
        with np.errstate(all="ignore"):  # what overflows is refused below
            found = self._values({**surroundings, **self._named(constants)})
        shape = np.shape(surroundings["membrane.V"])
        arrays = [np.broadcast_to(np.asarray(each, dtype=np.float64), shape) for each in found]
        for index, array in enumerate(arrays):
            if not np.all((array >= 0.0) & (array < np.inf)):
                bad = array[~((array >= 0.0) & (array < np.inf))]
                raise SolveError(f"{self.scheme.name}: the rate {self.steps[index // 2].name}."
                                 f"{('forward', 'backward')[index % 2]} is {bad.flat[0]:g} 1/ms",
                                 hint="narrow the bounds of the constants that are fitted")
        return {step.name: (arrays[2 * index], arrays[2 * index + 1]) for index, step in enumerate(self.steps)}

    def steady(self, surroundings: Mapping[str, Any], constants: Sequence[float]) -> Steady[Numbers]:
        """The steady state at all conditions, without derivatives."""
        return steady_numbers(self.scheme, self.rates(surroundings, constants))

    def sensed(self, surroundings: Mapping[str, Any], constants: Sequence[float], scale: Sequence[float]) -> Sensed:
        """The steady state with its derivatives by coordinates in which constant k changes by scale[k] for each unit.

        Raises SolveError where absent ligands leave states for good, so that no derivative is found.
        """
        plain = self.rates(surroundings, constants)
        shape = np.shape(surroundings["membrane.V"])
        with np.errstate(all="ignore"):  # as for the rates, of which these are multiples
            slopes = self._slopes({**surroundings, **self._named(constants)})
        moves: dict[int, Complex] = {}
        for (rate, name), slope in zip(self._where, slopes, strict=True):
            if rate not in moves:
                moves[rate] = np.zeros((len(self.names), *shape), dtype=np.complex128)
            moves[rate][name] = 1j * STEP * scale[name] * slope
        flat = [array for pair in plain.values() for array in pair]
        carried = [array[np.newaxis] + moves.get(index, np.complex128(0.0)) for index, array in enumerate(flat)]
        rates = {step.name: (carried[2 * index], carried[2 * index + 1]) for index, step in enumerate(self.steps)}
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # what is lost is refused below
            # the elimination asks of its values what complex numbers have too
            steady = steady_state(self.scheme, cast(Rates, rates))
        occupancies, fluxes = (cast("Mapping[str, Complex]", part) for part in (steady.occupancies, steady.fluxes))
        lost = ~np.all([np.all(np.isfinite(share), axis=0) for share in occupancies.values()], axis=0)
        if np.any(lost):
            raise SolveError(f"{self.scheme.name}: at condition {int(np.argmax(lost)) + 1} of {lost.size} ligands are absent, "
                             "so that states are left for good",
                             hint="give every ligand a positive concentration, such as 1e-6 mM")
        return Sensed(rates, occupancies, fluxes)

    def _named(self, constants: Sequence[float]) -> dict[str, np.float64]:
        return {name: np.float64(value) for name, value in zip(self.names, constants, strict=True)}


def still(rates: Rates, steady: Steady[Numbers]) -> Sensed:
    """Rates and a steady state as what was sensed, without any derivative."""

    def lifted(values: Mapping[str, Numbers]) -> dict[str, Complex]:
        return {name: each[np.newaxis].astype(np.complex128) for name, each in values.items()}

    ahead, behind = (lifted({name: pair[way] for name, pair in rates.items()}) for way in (0, 1))
    return Sensed({name: (ahead[name], behind[name]) for name in rates}, lifted(steady.occupancies), lifted(steady.fluxes))


def constant_of(scheme: Scheme, name: str) -> tuple[float, str]:
    """Value of a constant of a scheme in its internal unit, and that unit; enthalpies of steps and states are constants too.

    Raises NameUnknown for another name, ModelError for an enthalpy of a scheme that does not answer to temperature.
    """
    for parameter in scheme.parameters:
        if parameter.name == name:
            return parameter.value, parameter.unit
    if name.endswith((ACTIVATION, ENTHALPY)) and name in enthalpies_of(scheme):
        if scheme.dH0 is None:
            raise ModelError(f"{scheme.name}: {name} has no meaning without dH0 of ATP hydrolysis; give the scheme dH0")
        return enthalpies_of(scheme)[name], "J/mol"
    why = " (it is derived from detailed balance)" if name in scheme.derived else ""
    known = [*(each.name for each in scheme.parameters), *(enthalpies_of(scheme) if scheme.dH0 is not None else ())]
    raise NameUnknown(f"{scheme.name}: it has no constant {shown(name)}{why}{did_you_mean(name, known)}")


def enthalpies_of(scheme: Scheme) -> dict[str, float]:
    """Activation enthalpy of each step that is not lumped, and enthalpy of each state, by dotted name. [J/mol]"""
    steps = {f"{step.name}{ACTIVATION}": step.activation for step in scheme.steps if not step.lumped}
    return {**steps, **{f"{state}{ENTHALPY}": scheme.enthalpies.get(state, 0.0) for state in scheme.states}}


def _rates(scheme: Scheme, names: set[str]) -> dict[str, tuple[Expression, Expression]]:
    """The resolved rates, with an Arrhenius factor for what each enthalpy that is asked for differs from the scheme's."""
    table = resolved_rates(scheme.system, scheme.steps)
    known = enthalpies_of(scheme)
    wanted = {name for name in names if name in known}
    if not wanted:
        return table
    cold = scheme.system.resolution[COLD]

    def moved(name: str) -> Expression | None:
        return symbol(name) - known[name] if name in wanted else None

    found = {}
    for step in scheme.steps:
        forward, backward = table[step.name]
        if not step.lumped:
            activation, source, target = (moved(f"{step.name}{ACTIVATION}"), moved(f"{step.source}{ENTHALPY}"),
                                          moved(f"{step.target}{ENTHALPY}"))
            if activation is not None:
                factor = exp(-activation * cold)
                forward, backward = multiply(forward, factor), multiply(backward, factor)
            if target is not None:
                backward = multiply(backward, exp(target * cold))
            if source is not None:
                backward = multiply(backward, exp(-source * cold))
        found[step.name] = forward, backward
    return found
