"""Expressions written as generated code, every shared part once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pumpleak.base.errors import ModelError
from pumpleak.compile.builder import Code
from pumpleak.compile.elementary import Elementary
from pumpleak.compile.functions import CONDITIONS, FORMS, Emitted, constant_power, real
from pumpleak.compile.values import Array, Real
from pumpleak.system.expression import Expression, postorder
from pumpleak.system.system import TIME

PACKED = frozenset({"exp", "exprel", "exprel_slope", "log", "tanh"})


class Symbols:
    """Where the names of a model are found: time, and places in the arrays of states and parameters.

    `fixed`: expressions that were computed before, and follow the parameters in their array.
    """

    def __init__(self, states: Sequence[str], parameters: Sequence[str], fixed: Sequence[Expression] = ()) -> None:
        self.states = {name: place for place, name in enumerate(states)}
        self.parameters = {name: place for place, name in enumerate(parameters)}
        self.fixed = {id(node): len(parameters) + place for place, node in enumerate(fixed)}

    def load(self, name: str, t: Real, y: Array, p: Array) -> Real:
        """The value of a name."""
        if name == TIME:
            return t
        if name in self.states:
            return y[self.states[name]]
        if name in self.parameters:
            return p[self.parameters[name]]
        raise ModelError(f"'{name}' is neither a state nor a parameter of the flattened system")


def emit(code: Code, elementary: Elementary, expressions: Sequence[Expression], symbols: Symbols,
         t: Real, y: Array, p: Array) -> list[Real]:
    """Write the expressions in straight lines, arguments first; nodes are interned, so `id` is a key."""
    values: dict[int, Emitted] = {}
    for packed, plain in _layers(postorder(expressions, symbols.fixed), symbols):
        for function, nodes in packed.items():
            calls = [[real(values[id(argument)]) for argument in node.arguments] for node in nodes]
            for node, value in zip(nodes, elementary.together(code, function, calls), strict=True):
                values[id(node)] = value
        for node in plain:
            values[id(node)] = _emit_node(code, elementary, node, values, symbols, (t, y, p))
    return [real(values[id(expression)]) for expression in expressions]


def _layers(nodes: Sequence[Expression], symbols: Symbols) -> list[tuple[dict[str, list[Expression]], list[Expression]]]:
    """Nodes in an order that keeps elementary functions which do not wait for each other together.

    A layer holds those whose arguments come from the layers before, by function, and then what can be computed with them.
    """
    depths: dict[int, int] = {}
    layers: list[tuple[dict[str, list[Expression]], list[Expression]]] = [({}, [])]
    for node in nodes:
        known = id(node) in symbols.fixed
        depth = 0 if known else max((depths[id(argument)] for argument in node.arguments), default=0)
        packs = node.function in PACKED and not known
        depths[id(node)] = depth = depth + packs
        if depth == len(layers):
            layers.append(({}, []))
        if packs:
            layers[depth][0].setdefault(node.function, []).append(node)
        else:
            layers[depth][1].append(node)
    return layers


def _emit_node(code: Code, elementary: Elementary, node: Expression, values: Mapping[int, Emitted],
               symbols: Symbols, point: tuple[Real, Array, Array]) -> Emitted:
    if id(node) in symbols.fixed:
        return point[2][symbols.fixed[id(node)]]
    if node.is_number:
        return code.real(node.value)
    if node.function == "symbol":
        return symbols.load(node.name, *point)
    arguments = [values[id(argument)] for argument in node.arguments]
    if node.function == "pow" and node.arguments[1].is_number:
        return constant_power(elementary, real(arguments[0]), node.arguments[1].value)
    return FORMS[node.function](elementary, arguments)


def fixed_parts(expressions: Sequence[Expression], parameters: Sequence[str]) -> list[Expression]:
    """The largest parts that parameters alone decide, each once; a condition is none, only what it compares."""
    names = set(parameters)
    settled: set[int] = set()
    for node in postorder(expressions):
        if node.function == "symbol":
            depends = node.name not in names
        else:
            depends = not all(id(argument) in settled for argument in node.arguments)
        if not depends:
            settled.add(id(node))
    whole = {id(node) for node in postorder(expressions)
             if id(node) in settled and node.arguments and node.function not in CONDITIONS}
    reached = postorder(expressions, whole)
    return [node for node in reached if id(node) in whole]
