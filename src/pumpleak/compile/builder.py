"""A small structured builder over llvmlite: the text reads like the algorithm, the result is target-neutral LLVM IR.

Python values are constants of the generated code; `Real`, `Int`, `Bits` and `Bool` are values it computes when it runs.
With `lanes` above 1 every Real, Bits and Bool is a vector, one entry a lane, and one place of an Array holds them all;
`Int` (counters, indices) stays one number. A branch is one for all lanes: where they may differ, use `select`.

This and `native` are the only modules that see llvmlite, which has no types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any, Generic, TypeVar

from llvmlite import ir

from pumpleak.base.errors import ModelError

_DOUBLE, _INT, _BIT, _POINTER = ir.DoubleType(), ir.IntType(64), ir.IntType(1), ir.PointerType()
_WORD_BYTES = 8

# no nnan and no ninf: comparisons must still see NaN and infinity
FAST = ("reassoc", "contract", "nsz", "arcp", "afn")
# the same without regrouping: a model's differences of nearly equal terms stay where their author put them (measured:
# 1 % slower)
ORDERED = ("contract", "nsz", "arcp")
# where even the rounding carries the meaning: sums that are split on purpose, rounding by adding 2**52
EXACT = ("contract",)

Chosen = TypeVar("Chosen", bound="Value")
Result = TypeVar("Result", bound="Value")


class Module:
    """One generated module; `lanes` systems are computed side by side."""

    def __init__(self, name: str, lanes: int = 1) -> None:
        self.ir = ir.Module(name, context=ir.Context())
        self.lanes = lanes

    def wide(self, scalar: ir.Type) -> ir.Type:
        """The type of one such number a lane."""
        return scalar if self.lanes == 1 else ir.VectorType(scalar, self.lanes)

    def type_of(self, kind: type[Value]) -> ir.Type:
        """The type in which values of a kind are passed."""
        fixed = {Int: _INT, Array: _POINTER}
        lane = {Real: _DOUBLE, Bits: _INT, Bool: _BIT}
        return fixed[kind] if kind in fixed else self.wide(lane[kind])

    def table(self, code: Code, name: str, values: Sequence[float]) -> Array:
        """A constant array, made once per name."""
        known = self.ir.globals.get(name)
        if known is None:
            whole = ir.ArrayType(self.wide(_DOUBLE), len(values))
            known = ir.GlobalVariable(self.ir, whole, name)
            known.global_constant, known.linkage, known.unnamed_addr = True, "internal", True
            known.initializer = ir.Constant(whole, [self.constant(_DOUBLE, value) for value in values])
        return Array(code, known)

    def constant(self, scalar: ir.Type, value: float) -> ir.Constant:
        """The same constant in every lane."""
        one = ir.Constant(scalar, value)
        return one if self.lanes == 1 else ir.Constant(self.wide(scalar), [one] * self.lanes)

    def __str__(self) -> str:
        return str(self.ir)


class Value:
    """A value of the generated code, and the function body it lives in."""

    def __init__(self, code: Code, handle: ir.Value) -> None:
        self.code, self.handle = code, handle

    def __bool__(self) -> bool:
        raise TypeError(f"{type(self).__name__} has no truth while code is built: use code.if_ or select")


class Bool(Value):
    """True or false in every lane."""

    def __and__(self, other: Bool) -> Bool:
        return Bool(self.code, self.code.ir.and_(self.handle, other.handle))

    def __or__(self, other: Bool) -> Bool:
        return Bool(self.code, self.code.ir.or_(self.handle, other.handle))

    def __invert__(self) -> Bool:
        return Bool(self.code, self.code.ir.not_(self.handle))


class _Whole(Value):
    """Arithmetic of 64-bit whole numbers; shifts keep the sign."""

    def _number(self, value: Any) -> ir.Value:
        raise NotImplementedError(f"{type(self).__name__} does not say how the constant {value} is written")

    def _do(self: Chosen, name: str, other: Chosen | int) -> Chosen:
        right = other.handle if isinstance(other, Value) else self._number(other)  # type: ignore[attr-defined]
        return type(self)(self.code, getattr(self.code.ir, name)(self.handle, right))

    def _is(self: Chosen, sign: str, other: Chosen | int) -> Bool:
        right = other.handle if isinstance(other, Value) else self._number(other)  # type: ignore[attr-defined]
        return Bool(self.code, self.code.ir.icmp_signed(sign, self.handle, right))


class Int(_Whole):
    """A counter or an index: one number for all lanes."""

    def _number(self, value: int) -> ir.Value:
        return _INT(value)

    def __add__(self, other: Int | int) -> Int:
        return self._do("add", other)

    def __sub__(self, other: Int | int) -> Int:
        return self._do("sub", other)

    def __mul__(self, other: Int | int) -> Int:
        return self._do("mul", other)

    def __lt__(self, other: Int | int) -> Bool:
        return self._is("<", other)

    def __ge__(self, other: Int | int) -> Bool:
        return self._is(">=", other)

    def equals(self, other: Int | int) -> Bool:
        """Whether both are the same number."""
        return self._is("==", other)


class Bits(_Whole):
    """The 64 bits of a Real, or a whole number, in every lane."""

    def _number(self, value: int) -> ir.Value:
        return self.code.module.constant(_INT, value)

    def __add__(self, other: Bits | int) -> Bits:
        return self._do("add", other)

    def __sub__(self, other: Bits | int) -> Bits:
        return self._do("sub", other)

    def __lshift__(self, other: int) -> Bits:
        return self._do("shl", other)

    def __rshift__(self, other: int) -> Bits:
        return self._do("ashr", other)

    def __lt__(self, other: Bits | int) -> Bool:
        return self._is("<", other)

    def __neg__(self) -> Bits:
        return self.code.bits(0) - self

    def to_real(self) -> Real:
        """The same whole number as a Real."""
        return Real(self.code, self.code.ir.sitofp(self.handle, self.code.module.wide(_DOUBLE)))

    def as_real(self) -> Real:
        """The Real that has these bits."""
        return Real(self.code, self.code.ir.bitcast(self.handle, self.code.module.wide(_DOUBLE)))


class Real(Value):
    """A floating-point number in every lane; comparisons are false where either side is NaN."""

    def _do(self, name: str, left: Real | float, right: Real | float) -> Real:
        operands = [self.code.real(value).handle for value in (left, right)]
        return Real(self.code, getattr(self.code.ir, name)(*operands, flags=self.code.flags))

    def _is(self, sign: str, other: Real | float) -> Bool:
        return Bool(self.code, self.code.ir.fcmp_ordered(sign, self.handle, self.code.real(other).handle))

    def __add__(self, other: Real | float) -> Real:
        return self._do("fadd", self, other)

    def __radd__(self, other: float) -> Real:
        return self._do("fadd", other, self)

    def __sub__(self, other: Real | float) -> Real:
        return self._do("fsub", self, other)

    def __rsub__(self, other: float) -> Real:
        return self._do("fsub", other, self)

    def __mul__(self, other: Real | float) -> Real:
        return self._do("fmul", self, other)

    def __rmul__(self, other: float) -> Real:
        return self._do("fmul", other, self)

    def __truediv__(self, other: Real | float) -> Real:
        return self._do("fdiv", self, other)

    def __rtruediv__(self, other: float) -> Real:
        return self._do("fdiv", other, self)

    def __neg__(self) -> Real:
        return Real(self.code, self.code.ir.fneg(self.handle, flags=self.code.flags))

    def __abs__(self) -> Real:
        return self.code.intrinsic("llvm.fabs", self)

    def __lt__(self, other: Real | float) -> Bool:
        return self._is("<", other)

    def __le__(self, other: Real | float) -> Bool:
        return self._is("<=", other)

    def __gt__(self, other: Real | float) -> Bool:
        return self._is(">", other)

    def __ge__(self, other: Real | float) -> Bool:
        return self._is(">=", other)

    def equals(self, other: Real | float) -> Bool:
        """Whether both are the same number."""
        return self._is("==", other)

    def is_finite(self) -> Bool:
        """Neither infinite nor NaN."""
        return abs(self) < float("inf")

    def bits(self) -> Bits:
        """The 64 bits that represent it."""
        return Bits(self.code, self.code.ir.bitcast(self.handle, self.code.module.wide(_INT)))


class Array(Value):
    """Reals in memory; an index is a Python int or an `Int`."""

    def _at(self, index: Int | int) -> ir.Value:
        place = [self.code.integer(index).handle]
        return self.code.ir.gep(self.handle, place, inbounds=True, source_etype=self.code.module.wide(_DOUBLE))

    def __getitem__(self, index: Int | int) -> Real:
        kind = self.code.module.wide(_DOUBLE)
        return Real(self.code, self.code.ir.load(self._at(index), align=_WORD_BYTES, typ=kind))

    def __setitem__(self, index: Int | int, value: Real | float) -> None:
        self.code.ir.store(self.code.real(value).handle, self._at(index), align=_WORD_BYTES)

    def part(self, start: Int | int) -> Array:
        """The array from `start` on."""
        return Array(self.code, self._at(start))

    def whole(self) -> Int:
        """The first place read as a whole number."""
        return Int(self.code, self.code.ir.load(self.handle, typ=_INT))

    def set_whole(self, value: Int | int) -> None:
        """Write a whole number in the first place."""
        whole = self.code.integer(value).handle  # llvmlite still checks what kind of number a stack place holds
        self.code.ir.store(self.code.ir.bitcast(whole, _DOUBLE), self.handle)


class Record:
    """A flat struct of 8-byte places that the caller owns; attributes load and store.

    `fields`: name -> (kind, "f8" or "i8"; length, None for a single number, which is then loaded as Real or Int).
    """

    def __init__(self, fields: Mapping[str, tuple[str, int | None]], base: Array) -> None:
        sizes = [1 if length is None else length for _, length in fields.values()]
        places = dict(zip(fields, accumulate(sizes, initial=0), strict=False))
        self.__dict__.update(_fields=fields, _places=places, _base=base)

    def __getattr__(self, name: str) -> Any:
        kind, length = self.__dict__["_fields"][name]
        place = self.place(name)
        if length is not None:
            return place
        return place[0] if kind == "f8" else place.whole()

    def __setattr__(self, name: str, value: Real | Int | float) -> None:
        kind, _ = self.__dict__["_fields"][name]
        place = self.place(name)
        if kind == "i8":
            if not isinstance(value, Int | int):
                raise TypeError(f"{name} holds a whole number and was given {value!r}")
            place.set_whole(value)
        elif isinstance(value, Int):
            raise TypeError(f"{name} holds a real number and was given the whole number {value!r}")
        else:
            place[0] = value

    def place(self, name: str) -> Array:
        """The address of a field."""
        start: int = self.__dict__["_places"][name]
        base: Array = self.__dict__["_base"]
        return base.part(start)


class Function(Generic[Result]):
    """A generated function; calling it emits the call."""

    def __init__(self, handle: ir.Function, result: type[Result]) -> None:
        self.handle, self.result = handle, result

    def __call__(self, *arguments: Value) -> Result:
        code = arguments[0].code
        return self.result(code, code.ir.call(self.handle, [argument.handle for argument in arguments]))


class Code:
    """The body of one function, written from top to bottom."""

    def __init__(self, module: Module, name: str, parameters: Sequence[type[Value]], result: type[Value] | None = None,
                 inline: bool = False, private: bool = False, apart: bool = False,
                 flags: tuple[str, ...] = FAST) -> None:
        returns = module.type_of(result) if result else ir.VoidType()
        kinds = [module.type_of(kind) for kind in parameters]
        self.module, self.flags = module, flags
        self.function = ir.Function(module.ir, ir.FunctionType(returns, kinds), name)
        self.ir = ir.IRBuilder(self.function.append_basic_block("start"))
        self._exits: list[ir.Block] = []
        self.arguments: list[Any] = [kind(self, handle)
                                     for kind, handle in zip(parameters, self.function.args, strict=True)]
        for argument in self.function.args:
            if argument.type == _POINTER:
                argument.add_attribute("noalias")
        if inline or private:
            self.function.linkage = "internal"
        if inline:
            self.function.attributes.add("alwaysinline")
        if apart:
            self.function.attributes.add("noinline")

    def finished(self, result: type[Result]) -> Function[Result]:
        """The function, to be called from other code of the module."""
        return Function(self.function, result)

    def real(self, value: Real | float) -> Real:
        """A Real of the generated code."""
        return value if isinstance(value, Real) else Real(self, self.module.constant(_DOUBLE, float(value)))

    def integer(self, value: Int | int) -> Int:
        """An Int of the generated code."""
        return value if isinstance(value, Int) else Int(self, _INT(int(value)))

    def bits(self, value: int) -> Bits:
        """A constant whole number in every lane."""
        return Bits(self, self.module.constant(_INT, value))

    def array(self, length: int) -> Array:
        """Scratch memory on the stack, taken once when the function is entered."""
        with self.ir.goto_entry_block():
            return Array(self, self.ir.alloca(self.module.wide(_DOUBLE), size=_INT(max(length, 1))))

    def variable(self) -> Array:
        """A single place that changes while loops run; LLVM keeps it in a register."""
        return self.array(1)

    def count(self, value: Int) -> Real:
        """A counter as a Real (of a module with one lane)."""
        return Real(self, self.ir.sitofp(value.handle, _DOUBLE))

    def intrinsic(self, name: str, argument: Real) -> Real:
        """An LLVM intrinsic of one Real, lane by lane."""
        kind = self.module.wide(_DOUBLE)
        full = f"{name}.f64" if self.module.lanes == 1 else f"{name}.v{self.module.lanes}f64"
        known = self.module.ir.globals.get(full)
        declared = known or ir.Function(self.module.ir, ir.FunctionType(kind, [kind]), full)
        return Real(self, self.ir.call(declared, [argument.handle]))

    def _scalar(self, condition: Bool) -> None:
        if condition.handle.type != _BIT:
            raise ModelError(f"a branch cannot differ between the {self.module.lanes} lanes of this module; use select")

    @contextmanager
    def if_(self, condition: Bool) -> Iterator[None]:
        """Run the body where the condition holds."""
        self._scalar(condition)
        with self.ir.if_then(condition.handle):
            yield

    @contextmanager
    def if_else(self, condition: Bool) -> Iterator[tuple[Any, Any]]:
        """Two bodies, entered by `with yes:` and `with no:`."""
        self._scalar(condition)
        with self.ir.if_else(condition.handle) as branches:
            yield branches

    @contextmanager
    def loop(self) -> Iterator[None]:
        """Repeat until `leave` or `return_`."""
        body, after = self.ir.append_basic_block("loop"), self.ir.append_basic_block("after")
        self.ir.branch(body)
        self.ir.position_at_end(body)
        self._exits.append(after)
        yield
        if not self.ir.block.is_terminated:
            self.ir.branch(body)
        self.ir.position_at_end(self._exits.pop())

    def unreachable(self) -> None:
        """Close a function whose last loop is left only by `return_`."""
        self.ir.unreachable()

    def leave(self) -> None:
        """Go on after the innermost loop."""
        self.ir.branch(self._exits[-1])

    def range(self, count: Int | int, unroll: bool = False) -> Iterator[Any]:
        """`for i in code.range(n)`: one generated loop (n > 0), or n copies of its body."""
        if isinstance(count, int) and (unroll or count == 0):
            yield from range(count)
            return
        before, body = self.ir.block, self.ir.append_basic_block("each")
        self.ir.branch(body)
        self.ir.position_at_end(body)
        index = self.ir.phi(_INT)
        yield Int(self, index)
        following = self.ir.add(index, _INT(1))
        index.add_incoming(_INT(0), before)
        index.add_incoming(following, self.ir.block)
        after = self.ir.append_basic_block("done")
        self.ir.cbranch(self.ir.icmp_signed("<", following, self.integer(count).handle), body, after)
        self.ir.position_at_end(after)

    def return_(self, value: Value | int | None = None) -> None:
        """Leave the function."""
        if value is None:
            self.ir.ret_void()
        else:
            self.ir.ret(value.handle if isinstance(value, Value) else _INT(value))


def select(condition: Bool, yes: Chosen, no: Chosen) -> Chosen:
    """`yes` in the lanes where the condition holds, `no` in the others."""
    return type(yes)(yes.code, yes.code.ir.select(condition.handle, yes.handle, no.handle))


def maximum(left: Real, right: Real | float) -> Real:
    """The larger; a NaN on the left stays (an ordered comparison with it is false)."""
    other = left.code.real(right)
    return select(other > left, other, left)


def minimum(left: Real, right: Real | float) -> Real:
    """The smaller; a NaN on the left stays."""
    other = left.code.real(right)
    return select(other < left, other, left)
