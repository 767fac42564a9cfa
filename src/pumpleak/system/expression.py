"""The expression tree of every rate and definition: interned nodes, so that equal parts are one object.

A node is a number, a symbol or a call of a function of the table in `functions`. Nodes keep the structure in which they
were written (no reordering, no expansion), which keeps differences of nearly equal terms where their author put them
and lets an export read like its source. Only exact identities are applied when a node is made: x + 0, 1 x, x - x, ...
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = float | NDArray[np.float64]

Folded = TypeVar("Folded")
Rows = tuple[tuple[str, tuple[int, ...], float, str], ...]  # function, rows of the arguments, value, name of each node


class Expression:
    """One node of the tree; equal nodes are the same object, so `is` compares and `id` is a key."""

    __slots__ = ("__weakref__", "arguments", "function", "name", "value")

    function: str                           # "number", "symbol" or a name of the function table
    arguments: tuple[Expression, ...]
    value: float                            # of a number
    name: str                               # of a symbol

    def __add__(self, other: Expression | float) -> Expression:
        return add(self, other)

    def __radd__(self, other: float) -> Expression:
        return add(other, self)

    def __sub__(self, other: Expression | float) -> Expression:
        return subtract(self, other)

    def __rsub__(self, other: float) -> Expression:
        return subtract(other, self)

    def __mul__(self, other: Expression | float) -> Expression:
        return multiply(self, other)

    def __rmul__(self, other: float) -> Expression:
        return multiply(other, self)

    def __truediv__(self, other: Expression | float) -> Expression:
        return divide(self, other)

    def __rtruediv__(self, other: float) -> Expression:
        return divide(other, self)

    def __pow__(self, exponent: Expression | float) -> Expression:
        return power(self, exponent)

    def __neg__(self) -> Expression:
        return negate(self)

    def __bool__(self) -> bool:
        raise ModelError(f"the expression '{self}' has no truth value while a model is built; use select(condition, a, b)")

    def __repr__(self) -> str:
        return write(self)

    def __copy__(self) -> Expression:
        return self

    def __deepcopy__(self, memo: object) -> Expression:
        return self  # a node never changes, and an equal one is the same object

    def __reduce__(self) -> tuple[Callable[[Rows], Expression], tuple[Rows]]:
        """Rows that make the same node again in another process; in one list, so that depth has no limit."""
        order = postorder([self])
        place = {id(node): row for row, node in enumerate(order)}
        return _remade, (tuple((node.function, tuple(place[id(each)] for each in node.arguments), node.value, node.name)
                               for node in order),)

    @property
    def is_number(self) -> bool:
        """Whether this node is a constant."""
        return self.function == "number"


_nodes: WeakValueDictionary[tuple[object, ...], Expression] = WeakValueDictionary()
_making = Lock()  # two threads that build the same part must get the same object


def _make(key: tuple[object, ...], function: str, arguments: tuple[Expression, ...], value: float, name: str) -> Expression:
    with _making:
        node = _nodes.get(key)
        if node is None:
            node = Expression.__new__(Expression)
            node.function, node.arguments, node.value, node.name = function, arguments, value, name
            _nodes[key] = node
    return node


def _remade(rows: Rows) -> Expression:
    """The node that `Expression.__reduce__` wrote as rows, nothing simplified anew."""
    nodes: list[Expression] = []
    for function, arguments, value, name in rows:
        if function == "number":
            nodes.append(number(value))
        elif function == "symbol":
            nodes.append(symbol(name))
        else:
            inner = tuple(nodes[row] for row in arguments)
            nodes.append(_make((function, *map(id, inner)), function, inner, math.nan, ""))
    return nodes[-1]


def number(value: float) -> Expression:
    """A constant.

    Raises ModelError for NaN, which no model may hold.
    """
    value = float(value)
    if math.isnan(value):
        raise ModelError(f"an expression was given the number {value}; every constant of a model must be a number")
    return _make(("number", value.hex()), "number", (), value, "")


def symbol(name: str) -> Expression:
    """The quantity of that dotted name."""
    return _make(("symbol", name), "symbol", (), math.nan, name)


def as_expression(value: Expression | float) -> Expression:
    """The value itself, or the constant it stands for."""
    return value if isinstance(value, Expression) else number(value)


def call(function: str, *arguments: Expression | float) -> Expression:
    """A function of the table applied to arguments, as it stands (constants are folded)."""
    nodes = tuple(as_expression(argument) for argument in arguments)
    if nodes and all(node.is_number for node in nodes):
        folded = _fold(function, [node.value for node in nodes])
        if folded is not None:
            return number(folded)
    return _make((function, *map(id, nodes)), function, nodes, math.nan, "")


def _fold(function: str, values: list[float]) -> float | None:
    """The value of a function of constants; None where it has none (it is then left to be found at run time)."""
    from pumpleak.system.functions import FUNCTIONS

    try:
        value = float(FUNCTIONS[function].scalar(*values))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _is(node: Expression, value: float) -> bool:
    return node.is_number and node.value == value


def add(left: Expression | float, right: Expression | float) -> Expression:
    """left + right."""
    a, b = as_expression(left), as_expression(right)
    if _is(a, 0.0):
        return b
    if _is(b, 0.0):
        return a
    if b.function == "neg":
        return subtract(a, b.arguments[0])
    if a.function == "neg":
        return subtract(b, a.arguments[0])
    return call("add", a, b)


def subtract(left: Expression | float, right: Expression | float) -> Expression:
    """left - right."""
    a, b = as_expression(left), as_expression(right)
    if _is(b, 0.0):
        return a
    if a is b:
        return number(0.0)
    if _is(a, 0.0):
        return negate(b)
    if b.function == "neg":
        return add(a, b.arguments[0])
    return call("sub", a, b)


def multiply(left: Expression | float, right: Expression | float) -> Expression:
    """left x right."""
    a, b = as_expression(left), as_expression(right)
    if _is(a, 0.0) or _is(b, 0.0):
        return number(0.0)
    for one, other in ((a, b), (b, a)):
        if _is(one, 1.0):
            return other
        if _is(one, -1.0):
            return negate(other)
        if one.function == "neg":
            return negate(multiply(one.arguments[0], other) if one is a else multiply(other, one.arguments[0]))
    return call("mul", a, b)


def divide(left: Expression | float, right: Expression | float) -> Expression:
    """left / right.

    Raises ModelError for a division by the constant zero.
    """
    a, b = as_expression(left), as_expression(right)
    if _is(b, 0.0):
        raise ModelError(f"'{a}' is divided by the constant 0; a denominator must be able to differ from zero")
    if _is(a, 0.0):
        return number(0.0)
    if _is(b, 1.0):
        return a
    if _is(b, -1.0):
        return negate(a)
    if a.function == "neg":
        return negate(divide(a.arguments[0], b))
    if b.function == "neg":
        return negate(divide(a, b.arguments[0]))
    return call("div", a, b)


def negate(value: Expression | float) -> Expression:
    """-value."""
    a = as_expression(value)
    if a.function == "neg":
        return a.arguments[0]
    if a.function == "sub":
        return subtract(a.arguments[1], a.arguments[0])
    return call("neg", a)


def power(base: Expression | float, exponent: Expression | float) -> Expression:
    """base ** exponent; a whole constant exponent is emitted as products."""
    a, b = as_expression(base), as_expression(exponent)
    if _is(b, 0.0):
        return number(1.0)
    if _is(b, 1.0):
        return a
    return call("pow", a, b)


def exp(x: Expression | float) -> Expression:
    """e to the x."""
    return call("exp", x)


def log(x: Expression | float) -> Expression:
    """Natural logarithm."""
    return call("log", x)


def exprel(x: Expression | float) -> Expression:
    """(exp(x) - 1)/x, which is 1 at x = 0: the factor of every constant-field flux."""
    return call("exprel", x)


def less(left: Expression | float, right: Expression | float) -> Expression:
    """1 where left < right, else 0."""
    return call("less", left, right)


def select(condition: Expression, yes: Expression | float, no: Expression | float) -> Expression:
    """`yes` where the condition holds, else `no`; both arms are always computed and must be safe."""
    a, b = as_expression(yes), as_expression(no)
    return a if a is b else call("select", condition, a, b)


def total(terms: Iterable[Expression | float]) -> Expression:
    """The sum of the terms, in their order; 0 for none."""
    result = number(0.0)
    for term in terms:
        result = add(result, term)
    return result


def product(factors: Iterable[Expression | float]) -> Expression:
    """The product of the factors, in their order; 1 for none."""
    result = number(1.0)
    for factor in factors:
        result = multiply(result, factor)
    return result


def postorder(expressions: Iterable[Expression], leaves: Collection[int] = ()) -> list[Expression]:
    """Every node once, arguments before the calls that use them; without recursion, so depth has no limit.

    leaves: `id` of nodes whose arguments are not visited for their sake.
    """
    seen: set[int] = set()
    order: list[Expression] = []
    for root in expressions:
        stack: list[tuple[Expression, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                arguments = () if id(node) in leaves else node.arguments
                stack.extend((argument, False) for argument in reversed(arguments) if id(argument) not in seen)
    return order


def fold(expressions: Sequence[Expression], visit: Callable[[Expression, list[Folded]], Folded]) -> list[Folded]:
    """What `visit(node, results of its arguments)` gives for each expression, every shared node visited once."""
    results: dict[int, Folded] = {}
    for node in postorder(expressions):
        results[id(node)] = visit(node, [results[id(argument)] for argument in node.arguments])
    return [results[id(expression)] for expression in expressions]


def rebuild(node: Expression, arguments: list[Expression]) -> Expression:
    """The node with other arguments, simplified again."""
    if not node.arguments:
        return node
    makers: dict[str, Callable[..., Expression]] = {
        "add": add, "sub": subtract, "mul": multiply, "div": divide, "neg": negate, "pow": power, "select": select}
    maker = makers.get(node.function)
    return maker(*arguments) if maker else call(node.function, *arguments)


def substitute(expressions: Sequence[Expression], values: Mapping[str, Expression]) -> list[Expression]:
    """The expressions with symbols replaced; replaced text is not searched again."""

    def visit(node: Expression, arguments: list[Expression]) -> Expression:
        if node.function == "symbol":
            return values.get(node.name, node)
        return rebuild(node, arguments)

    return fold(expressions, visit)


def symbols(expressions: Iterable[Expression]) -> set[str]:
    """The names that the expressions use."""
    return {node.name for node in postorder(expressions) if node.function == "symbol"}


def gradients(expressions: Sequence[Expression], names: Iterable[str]) -> list[dict[str, Expression]]:
    """The non-zero partial derivatives of each expression by each of the names: sparse, exact, parts shared."""
    from pumpleak.system.functions import FUNCTIONS

    wanted = set(names)

    def visit(node: Expression, inner: list[dict[str, Expression]]) -> dict[str, Expression]:
        if node.function == "symbol":
            return {node.name: number(1.0)} if node.name in wanted else {}
        result: dict[str, Expression] = {}
        if any(inner):
            partials = FUNCTIONS[node.function].partials(node)
            for partial, slopes in zip(partials, inner, strict=True):
                for name, slope in slopes.items():
                    term = multiply(partial, slope)
                    if not _is(term, 0.0):
                        result[name] = add(result[name], term) if name in result else term
        return {name: slope for name, slope in result.items() if not _is(slope, 0.0)}

    return fold(expressions, visit)


def gradient(expression: Expression, names: Iterable[str]) -> dict[str, Expression]:
    """The non-zero partial derivatives of one expression."""
    return gradients([expression], names)[0]


def evaluate(expressions: Sequence[Expression], values: Mapping[str, Values]) -> list[Values]:
    """The numbers the expressions stand for, over numpy arrays that broadcast together.

    Raises NameUnknown for a symbol without a value.
    """
    from pumpleak.system.functions import FUNCTIONS

    def visit(node: Expression, arguments: list[Values]) -> Values:
        if node.function == "number":
            return node.value
        if node.function == "symbol":
            if node.name not in values:
                raise NameUnknown(f"no value for '{node.name}'{did_you_mean(node.name, values)}")
            return values[node.name]
        result: Values = FUNCTIONS[node.function].array(*arguments)
        return result

    return fold(expressions, visit)


def serialise(expressions: Sequence[Expression]) -> str:
    """A canonical text of a whole set of expressions, independent of hashing and of how they were built up."""
    numbering: dict[int, int] = {}
    lines: list[str] = []
    for node in postorder(expressions):
        numbering[id(node)] = len(lines)
        if node.is_number:
            lines.append(node.value.hex())
        elif node.function == "symbol":
            lines.append(f"'{node.name}'")
        else:
            lines.append(" ".join([node.function, *(str(numbering[id(argument)]) for argument in node.arguments)]))
    lines.append(" ".join(str(numbering[id(expression)]) for expression in expressions))
    return "\n".join(lines)


_INFIX = {"add": ("+", 1), "sub": ("-", 1), "mul": ("*", 2), "div": ("/", 2), "pow": ("^", 4)}


def write(expression: Expression, limit: int = 4000) -> str:
    """The expression in the grammar that `grammar.parse` reads; cut with '...' beyond `limit` characters."""

    def visit(node: Expression, parts: list[tuple[str, int]]) -> tuple[str, int]:
        if node.is_number:
            text = repr(node.value)
            return (text[:-2] if text.endswith(".0") else text), (5 if node.value >= 0 else 3)
        if node.function == "symbol":
            return node.name, 5
        if node.function == "neg":
            return "-" + _wrapped(parts[0], 3), 3
        if node.function in _INFIX:
            sign, rank = _INFIX[node.function]
            left, right = _wrapped(parts[0], rank + (sign == "^")), _wrapped(parts[1], rank + (sign != "^"))
            text = f"{left}^{right}" if sign == "^" else f"{left} {sign} {right}"
            return _cut(text, limit), rank
        return _cut(f"{node.function}({', '.join(text for text, _ in parts)})", limit), 5

    return fold([expression], visit)[0][0]


def _wrapped(part: tuple[str, int], rank: int) -> str:
    text, own = part
    return text if own >= rank else f"({text})"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit - 3] + "..."
