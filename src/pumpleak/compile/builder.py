"""A small structured builder over llvmlite: the text reads like the algorithm, the result is target-neutral LLVM IR.

With several lanes, a module computes so many systems side by side. Lanes may take different branches: a branch is then entered
if any lane takes it, and what is stored in it reaches only the lanes that did (not in callees: these compute all lanes).

This, `values` and `native` are the only modules that see llvmlite, which has no types.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from llvmlite import ir

from pumpleak.compile.values import (
    BIT,
    DOUBLE,
    INT,
    POINTER,
    WORD_BYTES,
    Array,
    Bool,
    Int,
    Real,
    Value,
    Whole,
    Words,
    select,
)

# no nnan and no ninf: comparisons must still see NaN and infinity
FAST = ("reassoc", "contract", "nsz", "arcp", "afn")
# the same without regrouping: a model's differences of nearly equal terms stay where their author put them (measured:
# 1 % slower)
ORDERED = ("contract", "nsz", "arcp")
# where even the rounding carries the meaning: sums that are split on purpose, rounding by adding 2**52
EXACT = ("contract",)

Result = TypeVar("Result", bound="Value")


class Module:
    """One generated module; its functions compute `lanes` systems side by side where they do not say otherwise."""

    def __init__(self, name: str, lanes: int = 1) -> None:
        self.ir = ir.Module(name, context=ir.Context())
        self.lanes = lanes
        self.stack = 0  # bytes that all its functions take together

    def table(self, code: Code, name: str, values: Sequence[float]) -> Array:
        """A constant array, made once per name."""
        return Array(code, self._constant(name, code.wide(DOUBLE), [code.constant(DOUBLE, value) for value in values]))

    def index_table(self, code: Code, name: str, values: Sequence[int]) -> Words:
        """A constant array of whole numbers, the same for all lanes, made once per name."""
        return Words(code, self._constant(name, INT, [INT(value) for value in values]))

    def _constant(self, name: str, kind: ir.Type, values: list[ir.Constant]) -> ir.GlobalVariable:
        known = self.ir.globals.get(name)
        if known is None:
            whole = ir.ArrayType(kind, len(values))
            known = ir.GlobalVariable(self.ir, whole, name)
            known.global_constant, known.linkage, known.unnamed_addr = True, "internal", True
            known.initializer = ir.Constant(whole, values)
        return known

    def __str__(self) -> str:
        return str(self.ir)


class Function(Generic[Result]):
    """A generated function; calling it emits the call."""

    def __init__(self, handle: ir.Function, result: type[Result]) -> None:
        self.handle, self.result = handle, result

    def __call__(self, *arguments: Value) -> Result:
        code = arguments[0].code
        return self.result(code, code.ir.call(self.handle, [argument.handle for argument in arguments]))


def code_of(value: Value) -> Code:
    """The code that a value belongs to."""
    if not isinstance(value.code, Code):
        raise TypeError(f"{value!r} belongs to no function body")
    return value.code


class Code:
    """The body of one function, written from top to bottom."""

    def __init__(self, module: Module, name: str, parameters: Sequence[type[Value]], result: type[Value] | None = None,
                 inline: bool = False, private: bool = False, apart: bool = False, flags: tuple[str, ...] = FAST,
                 lanes: int | None = None) -> None:
        self.module, self.flags, self.lanes = module, flags, lanes or module.lanes
        returns = self.type_of(result) if result else ir.VoidType()
        kinds = [self.type_of(kind) for kind in parameters]
        self.function = ir.Function(module.ir, ir.FunctionType(returns, kinds), name)
        self.ir = ir.IRBuilder(self.function.append_basic_block("start"))
        self._exits: list[ir.Block | None] = []
        self._taken: Bool | None = None  # lanes in the branch that is being written; None: all
        self._looping: list[Array] = []  # of each loop around: lanes that have not left it
        self._outcome: Array | None = None
        self.arguments: list[Any] = [kind(self, handle)
                                     for kind, handle in zip(parameters, self.function.args, strict=True)]
        for argument in self.function.args:
            if argument.type == POINTER:
                argument.add_attribute("noalias")
        if inline or private:
            self.function.linkage = "internal"
        if inline:
            self.function.attributes.add("alwaysinline")
        if apart:
            self.function.attributes.add("noinline")

    def wide(self, scalar: ir.Type) -> ir.Type:
        """The type of one such number a lane."""
        return scalar if self.lanes == 1 else ir.VectorType(scalar, self.lanes)

    def type_of(self, kind: type[Value]) -> ir.Type:
        """The type in which values of a kind are passed."""
        fixed = {Int: INT, Array: POINTER, Words: POINTER}
        lane = {Real: DOUBLE, Whole: INT, Bool: BIT}
        return fixed[kind] if kind in fixed else self.wide(lane[kind])

    def constant(self, scalar: ir.Type, value: float) -> ir.Constant:
        """The same constant in every lane."""
        one = ir.Constant(scalar, value)
        return one if self.lanes == 1 else ir.Constant(self.wide(scalar), [one] * self.lanes)

    def finished(self, result: type[Result]) -> Function[Result]:
        """The function, to be called from other code of the module."""
        return Function(self.function, result)

    def real(self, value: Real | float) -> Real:
        """A Real of the generated code."""
        return value if isinstance(value, Real) else Real(self, self.constant(DOUBLE, float(value)))

    def integer(self, value: Int | int) -> Int:
        """An Int of the generated code."""
        return value if isinstance(value, Int) else Int(self, INT(int(value)))

    def whole(self, value: Whole | Int | int) -> Whole:
        """A whole number of the generated code, the same in every lane unless it is one already."""
        if isinstance(value, Whole):
            return value
        if isinstance(value, Int):
            return Whole(self, self._spread(value.handle))
        return Whole(self, self.constant(INT, value))

    def _spread(self, one: ir.Value) -> ir.Value:
        if self.lanes == 1:
            return one
        vector = self.ir.insert_element(ir.Constant(self.wide(INT), ir.Undefined), one, ir.IntType(32)(0))
        return self.ir.shuffle_vector(vector, vector, ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes))

    def array(self, length: int, scratch: bool = False) -> Array:
        """Memory on the stack, taken once when the function is entered; `scratch`: see Array."""
        with self.ir.goto_entry_block():
            place = self.ir.alloca(self.wide(DOUBLE), size=INT(max(length, 1)))
        self.module.stack += 8 * self.lanes * max(length, 1)
        place.type = POINTER  # like any other address; llvmlite would still check what kind of number it holds
        return Array(self, place, scratch)

    def variable(self) -> Array:
        """A single place that changes while loops run; LLVM keeps it in a register."""
        return self.array(1)

    def intrinsic(self, name: str, argument: Real) -> Real:
        """An LLVM intrinsic of one Real, lane by lane."""
        kind = self.wide(DOUBLE)
        full = f"{name}.f64" if self.lanes == 1 else f"{name}.v{self.lanes}f64"
        known = self.module.ir.globals.get(full)
        declared = known or ir.Function(self.module.ir, ir.FunctionType(kind, [kind]), full)
        return Real(self, self.ir.call(declared, [argument.handle]))

    def masked(self, action: str, result: ir.Type, values: Sequence[ir.Value], otherwise: Sequence[ir.Value]) -> ir.Value:
        """LLVM's gather or scatter of one Real a lane, in the lanes that are here."""
        here, name = self.here(), f"llvm.masked.{action}.v{self.lanes}f64.v{self.lanes}p0"
        if here is None:
            here = Bool(self, self.constant(BIT, 1))
        arguments = [*values, ir.IntType(32)(WORD_BYTES), here.handle, *otherwise]
        known = self.module.ir.globals.get(name)
        declared = known or ir.Function(self.module.ir, ir.FunctionType(result, [each.type for each in arguments]), name)
        return self.ir.call(declared, arguments)

    def here(self) -> Bool | None:
        """The lanes for which the text at this place runs; None: all."""
        masks = [self._taken] if self._taken is not None else []
        if self._looping:
            masks.append(self._looping[-1].whole().equals(1))
        if self._outcome is not None:
            masks.append(self._outcome.whole() < 0)
        result = masks[0] if masks else None
        for mask in masks[1:]:
            result = result & mask if result is not None else mask
        return result

    def any(self, condition: Bool) -> Bool:
        """Whether it holds in any lane, as one answer."""
        if condition.handle.type == BIT:
            return condition
        flags = self.ir.bitcast(condition.handle, ir.IntType(self.lanes))
        return Bool(self, self.ir.icmp_unsigned("!=", flags, ir.IntType(self.lanes)(0)))

    def packed(self, function: Function[Real], columns: Sequence[Sequence[Real]]) -> list[Real]:
        """The values of a function of as many lanes as each column is long, called once: one lane's numbers side by side."""
        width = len(columns[0])
        vectors = []
        for column in columns:
            vector: ir.Value = ir.Constant(ir.VectorType(DOUBLE, width), ir.Undefined)
            for place, value in enumerate(column):
                vector = self.ir.insert_element(vector, value.handle, ir.IntType(32)(place))
            vectors.append(vector)
        found = self.ir.call(function.handle, vectors)
        return [Real(self, self.ir.extract_element(found, ir.IntType(32)(place))) for place in range(width)]

    @contextmanager
    def _within(self, condition: Bool) -> Iterator[None]:
        """Write what only the lanes of a condition do, of those that are here."""
        before, here = self._taken, self.here()
        taken = condition if here is None else condition & here
        with self.ir.if_then(self.any(taken).handle):
            self._taken = taken
            yield
        self._taken = before

    @contextmanager
    def if_(self, condition: Bool) -> Iterator[None]:
        """Run the body where the condition holds."""
        if self._is_one(condition):
            with self.ir.if_then(condition.handle):
                yield
        else:
            with self._within(condition):
                yield

    def _is_one(self, condition: Bool) -> bool:
        """Whether it is one answer for all lanes, so that nothing has to be masked."""
        return condition.handle.type == BIT and (self.lanes > 1 or self._outcome is None)

    @contextmanager
    def if_else(self, condition: Bool) -> Iterator[tuple[Any, Any]]:
        """Two bodies, entered by `with yes:` and `with no:`; where lanes differ, they run in the order they are written."""
        if self._is_one(condition):
            with self.ir.if_else(condition.handle) as branches:
                yield branches
        else:
            yield self._within(condition), self._within(~condition)

    @contextmanager
    def loop(self, alike: bool = False) -> Iterator[None]:
        """Repeat until `leave` or `return_`; lanes that have left wait for the others, unless all are `alike`."""
        body, after = self.ir.append_basic_block("loop"), self.ir.append_basic_block("after")
        alike = alike or (self.lanes == 1 and self._outcome is None)
        if not alike:
            self._looping.append(self._flags(self.here()))
        self.ir.branch(body)
        self.ir.position_at_end(body)
        self._exits.append(None if not alike else after)
        yield
        if not self.ir.block.is_terminated:
            going = None if alike else self.here()
            if going is None:
                self.ir.branch(body)
            else:
                self.ir.cbranch(self.any(going).handle, body, after)
        self._exits.pop()
        if not alike:
            self._looping.pop()
        self.ir.position_at_end(after)

    def _flags(self, lanes: Bool | None) -> Array:
        """A place that holds 1 in these lanes, else 0."""
        flags = self.array(1, scratch=True)
        flags.set_whole(self.whole(1) if lanes is None else select(lanes, self.whole(1), self.whole(0)))
        return Array(self, flags.handle)

    def times(self, count: Whole) -> Iterator[None]:
        """`for _ in code.times(count)`: as often as each lane asks."""
        left = self.variable()
        left.set_whole(count)
        with self.loop():
            with self.if_(left.whole() < 1):
                self.leave()
            yield
            left.set_whole(left.whole() - 1)

    def unreachable(self) -> None:
        """Close a function whose last loop is left only by `return_`."""
        self.ir.unreachable()

    def leave(self) -> None:
        """Go on after the innermost loop."""
        after = self._exits[-1]
        if after is None:
            self._looping[-1].set_whole(0)
        else:
            self.ir.branch(after)

    @contextmanager
    def while_below_zero(self, outcome: Array) -> Iterator[None]:
        """Only lanes whose place of `outcome` is below zero run in the body; `stop` ends them."""
        self._outcome = outcome
        yield
        self._outcome = None

    def stop(self, outcome: int) -> None:
        """Return this; where each lane has its own outcome, those that are here run no further."""
        if self._outcome is None:
            self.return_(outcome)
        else:
            self._outcome.set_whole(outcome)

    def range(self, count: Int | int, unroll: bool = False) -> Iterator[Any]:
        """`for i in code.range(n)`: one generated loop (n > 0), or n copies of its body."""
        if isinstance(count, int) and (unroll or count == 0):
            yield from range(count)
            return
        before, body = self.ir.block, self.ir.append_basic_block("each")
        self.ir.branch(body)
        self.ir.position_at_end(body)
        index = self.ir.phi(INT)
        yield Int(self, index)
        following = self.ir.add(index, INT(1))
        index.add_incoming(INT(0), before)
        index.add_incoming(following, self.ir.block)
        after = self.ir.append_basic_block("done")
        self.ir.cbranch(self.ir.icmp_signed("<", following, self.integer(count).handle), body, after)
        self.ir.position_at_end(after)

    def return_(self, value: Value | int | None = None) -> None:
        """Leave the function."""
        if value is None:
            self.ir.ret_void()
        else:
            self.ir.ret(value.handle if isinstance(value, Value) else INT(value))
