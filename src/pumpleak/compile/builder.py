"""A small structured builder over llvmlite: the text reads like the algorithm, the result is target-neutral LLVM IR.

Python values are constants of the generated code; `Real`, `Whole`, `Int` and `Bool` are values it computes when it runs.
With `lanes` above 1 every Real, Whole and Bool is a vector, one entry a lane, and one place of an Array holds them all;
`Int` (a loop's index) stays one number. Lanes may take different branches: a branch is then entered if any lane takes it,
and what is stored in it reaches only the lanes that did (not in callees: these compute all lanes).

This and `native` are the only modules that see llvmlite, which has no types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any, Generic, TypeVar

from llvmlite import ir

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
        fixed = {Int: _INT, Array: _POINTER, Words: _POINTER}
        lane = {Real: _DOUBLE, Whole: _INT, Bool: _BIT}
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


class _Integer(Value):
    """Arithmetic of 64-bit whole numbers; shifts keep the sign."""

    def _like(self: Chosen, value: Chosen | Int | int) -> Chosen:
        raise NotImplementedError(f"{type(self).__name__} does not say how {value!r} becomes one")

    def _do(self: Chosen, name: str, other: Chosen | Int | int) -> Chosen:
        right = self._like(other).handle  # type: ignore[attr-defined]
        return type(self)(self.code, getattr(self.code.ir, name)(self.handle, right))

    def _is(self: Chosen, sign: str, other: Chosen | Int | int) -> Bool:
        right = self._like(other).handle  # type: ignore[attr-defined]
        return Bool(self.code, self.code.ir.icmp_signed(sign, self.handle, right))


class Int(_Integer):
    """An index or a length: one number for all lanes."""

    def _like(self, value: Int | int) -> Int:
        return self.code.integer(value)

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


class Whole(_Integer):
    """A whole number in every lane: a counter, or the 64 bits of a Real."""

    def _like(self, value: Whole | Int | int) -> Whole:
        return self.code.whole(value)

    def __add__(self, other: Whole | Int | int) -> Whole:
        return self._do("add", other)

    def __sub__(self, other: Whole | Int | int) -> Whole:
        return self._do("sub", other)

    def __mul__(self, other: Whole | Int | int) -> Whole:
        return self._do("mul", other)

    def __lshift__(self, other: int) -> Whole:
        return self._do("shl", other)

    def __rshift__(self, other: int) -> Whole:
        return self._do("ashr", other)

    def __lt__(self, other: Whole | Int | int) -> Bool:
        return self._is("<", other)

    def __ge__(self, other: Whole | Int | int) -> Bool:
        return self._is(">=", other)

    def __neg__(self) -> Whole:
        return self.code.whole(0) - self

    def equals(self, other: Whole | Int | int) -> Bool:
        """Whether both are the same number."""
        return self._is("==", other)

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

    def bits(self) -> Whole:
        """The 64 bits that represent it."""
        return Whole(self.code, self.code.ir.bitcast(self.handle, self.code.module.wide(_INT)))


class Array(Value):
    """Reals in memory; an index is a Python int or an `Int`.

    scratch: nothing of it outlives the branch that wrote it, so that lanes that did not take the branch are written, too.
    """

    def __init__(self, code: Code, handle: ir.Value, scratch: bool = False) -> None:
        super().__init__(code, handle)
        self.scratch = scratch

    def _at(self, index: Int | int) -> ir.Value:
        place = [self.code.integer(index).handle]
        return self.code.ir.gep(self.handle, place, inbounds=True, source_etype=self.code.module.wide(_DOUBLE))

    def __getitem__(self, index: Int | int) -> Real:
        kind = self.code.module.wide(_DOUBLE)
        return Real(self.code, self.code.ir.load(self._at(index), align=_WORD_BYTES, typ=kind))

    def __setitem__(self, index: Int | int, value: Real | float) -> None:
        real, here = self.code.real(value), self.code.here()
        if here is not None and not self.scratch:
            real = select(here, real, self[index])
        self.code.ir.store(real.handle, self._at(index), align=_WORD_BYTES)

    def part(self, start: Int | int) -> Array:
        """The array from `start` on."""
        return Array(self.code, self._at(start), self.scratch)

    def whole(self) -> Whole:
        """The first place read as a whole number."""
        return self[0].bits()

    def set_whole(self, value: Whole | Int | int) -> None:
        """Write a whole number in the first place."""
        self[0] = self.code.whole(value).as_real()

    def words(self) -> Words:
        """The same memory word by word: those of one place are one a lane."""
        return Words(self.code, self.handle)


class Words(Value):
    """Memory in words of 8 bytes, the same for all lanes: whole numbers, or addresses."""

    def _at(self, index: Int | int) -> ir.Value:
        return self.code.ir.gep(self.handle, [self.code.integer(index).handle], inbounds=True, source_etype=_INT)

    def __getitem__(self, index: Int | int) -> Int:
        return Int(self.code, self.code.ir.load(self._at(index), align=_WORD_BYTES, typ=_INT))

    def __setitem__(self, index: Int | int, value: Int | int) -> None:
        self.code.ir.store(self.code.integer(value).handle, self._at(index), align=_WORD_BYTES)

    def part(self, start: Int | int) -> Words:
        """The words from `start` on."""
        return Words(self.code, self._at(start))

    def follow(self, index: Int | int) -> Words:
        """The words at the address that stands at `index`."""
        return Words(self.code, self.code.ir.inttoptr(self[index].handle, _POINTER))

    def now(self) -> Int:
        """The first word as it is now, though another thread may have changed it."""
        return Int(self.code, self.code.ir.load_atomic(self.handle, "monotonic", _WORD_BYTES, typ=_INT))

    def address(self) -> Int:
        """Where they are."""
        return Int(self.code, self.code.ir.ptrtoint(self.handle, _INT))


class Apart(Value):
    """Reals at an address of its own in every lane (`handle`: the addresses, one a lane)."""

    def _pointers(self, index: Whole | Int | int) -> ir.Value:
        places = Whole(self.code, self.handle) + self.code.whole(index) * _WORD_BYTES
        return self.code.ir.inttoptr(places.handle, self.code.module.wide(_POINTER))

    def __getitem__(self, index: Whole | Int | int) -> Real:
        pointers, kind = self._pointers(index), self.code.module.wide(_DOUBLE)
        if self.code.lanes == 1:
            return Real(self.code, self.code.ir.load(self._safe(pointers), align=_WORD_BYTES, typ=kind))
        return Real(self.code, self.code.masked("gather", kind, [pointers], [self.code.real(0.0).handle]))

    def __setitem__(self, index: Whole | Int | int, value: Real | float) -> None:
        real, pointers = self.code.real(value).handle, self._pointers(index)
        if self.code.lanes == 1:
            self.code.ir.store(real, self._safe(pointers), align=_WORD_BYTES)
        else:
            self.code.masked("scatter", ir.VoidType(), [real, pointers], [])

    def _safe(self, pointer: ir.Value) -> ir.Value:
        """The address, or for a lane that is not here one that harms nobody."""
        here = self.code.here()
        return pointer if here is None else self.code.ir.select(here.handle, pointer, self.code.array(1).handle)

    def part(self, start: Whole | Int | int) -> Apart:
        """The reals from `start` on."""
        return Apart(self.code, (Whole(self.code, self.handle) + self.code.whole(start) * _WORD_BYTES).handle)


class Record:
    """A flat struct of 8-byte places that the caller owns; attributes load and store.

    `fields`: name -> (kind, "f8" or "i8"; length, None for a single number, which is then loaded as Real or Whole).
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

    def __setattr__(self, name: str, value: Real | Whole | Int | float) -> None:
        kind, _ = self.__dict__["_fields"][name]
        place = self.place(name)
        if kind == "i8":
            if not isinstance(value, Whole | Int | int):
                raise TypeError(f"{name} holds a whole number and was given {value!r}")
            place.set_whole(value)
        elif isinstance(value, Whole | Int):
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
        self._exits: list[ir.Block | None] = []
        self._taken: Bool | None = None  # lanes in the branch that is being written; None: all
        self._looping: list[Array] = []  # of each loop around: lanes that have not left it
        self._outcome: Array | None = None
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

    def whole(self, value: Whole | Int | int) -> Whole:
        """A whole number of the generated code, the same in every lane unless it is one already."""
        if isinstance(value, Whole):
            return value
        if isinstance(value, Int):
            return Whole(self, self._spread(value.handle))
        return Whole(self, self.module.constant(_INT, value))

    def _spread(self, one: ir.Value) -> ir.Value:
        if self.lanes == 1:
            return one
        vector = self.ir.insert_element(ir.Constant(self.module.wide(_INT), ir.Undefined), one, ir.IntType(32)(0))
        return self.ir.shuffle_vector(vector, vector, ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes))

    @property
    def lanes(self) -> int:
        """Systems computed side by side."""
        return self.module.lanes

    def array(self, length: int, scratch: bool = False) -> Array:
        """Memory on the stack, taken once when the function is entered; `scratch`: see Array."""
        with self.ir.goto_entry_block():
            place = self.ir.alloca(self.module.wide(_DOUBLE), size=_INT(max(length, 1)))
        place.type = _POINTER  # like any other address; llvmlite would still check what kind of number it holds
        return Array(self, place, scratch)

    def variable(self) -> Array:
        """A single place that changes while loops run; LLVM keeps it in a register."""
        return self.array(1)

    def intrinsic(self, name: str, argument: Real) -> Real:
        """An LLVM intrinsic of one Real, lane by lane."""
        kind = self.module.wide(_DOUBLE)
        full = f"{name}.f64" if self.module.lanes == 1 else f"{name}.v{self.module.lanes}f64"
        known = self.module.ir.globals.get(full)
        declared = known or ir.Function(self.module.ir, ir.FunctionType(kind, [kind]), full)
        return Real(self, self.ir.call(declared, [argument.handle]))

    def masked(self, action: str, result: ir.Type, values: Sequence[ir.Value], otherwise: Sequence[ir.Value]) -> ir.Value:
        """LLVM's gather or scatter of one Real a lane, in the lanes that are here."""
        here, name = self.here(), f"llvm.masked.{action}.v{self.lanes}f64.v{self.lanes}p0"
        if here is None:
            here = Bool(self, self.module.constant(_BIT, 1))
        arguments = [*values, ir.IntType(32)(_WORD_BYTES), here.handle, *otherwise]
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
        if condition.handle.type == _BIT:
            return condition
        flags = self.ir.bitcast(condition.handle, ir.IntType(self.lanes))
        return Bool(self, self.ir.icmp_unsigned("!=", flags, ir.IntType(self.lanes)(0)))

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
        return condition.handle.type == _BIT and (self.lanes > 1 or self._outcome is None)

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
