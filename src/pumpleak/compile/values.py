"""What generated code calculates with: values that know the code they belong to.

Python values are constants of the generated code; `Real`, `Whole`, `Int` and `Bool` are values it computes when it runs.
With several lanes every Real, Whole and Bool is a vector, one entry a lane, and one place of an Array holds them all; `Int` (a
loop's index) stays one number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Protocol, TypeVar

from llvmlite import ir

DOUBLE, INT, BIT, POINTER = ir.DoubleType(), ir.IntType(64), ir.IntType(1), ir.PointerType()
WORD_BYTES = 8

Chosen = TypeVar("Chosen", bound="Value")


class Body(Protocol):
    """What values need of the code they belong to (`builder.Code`)."""

    ir: ir.IRBuilder
    lanes: int
    flags: tuple[str, ...]

    def wide(self, scalar: ir.Type) -> ir.Type:
        """The type of one such number a lane."""

    def real(self, value: Real | float) -> Real:
        """A Real of the generated code."""

    def integer(self, value: Int | int) -> Int:
        """An Int of the generated code."""

    def whole(self, value: Whole | Int | int) -> Whole:
        """A whole number of the generated code."""

    def array(self, length: int, scratch: bool = False) -> Array:
        """Memory on the stack."""

    def here(self) -> Bool | None:
        """The lanes for which the text at this place runs; None: all."""

    def intrinsic(self, name: str, argument: Real) -> Real:
        """An LLVM intrinsic of one Real."""

    def masked(self, action: str, result: ir.Type, values: Sequence[ir.Value], otherwise: Sequence[ir.Value]) -> ir.Value:
        """LLVM's gather or scatter in the lanes that are here."""


class Value:
    """A value of the generated code, and the function body it lives in."""

    def __init__(self, code: Body, handle: ir.Value) -> None:
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

    def __and__(self: Chosen, other: Chosen | Int | int) -> Chosen:
        return _Integer._do(self, "and_", other)

    def __xor__(self: Chosen, other: Chosen | Int | int) -> Chosen:
        return _Integer._do(self, "xor", other)

    def from_bit(self: Chosen, bit: int) -> Chosen:
        """The bits from this one on as a number: a shift that fills with zeros."""
        return _Integer._do(self, "lshr", bit)


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
        return Real(self.code, self.code.ir.sitofp(self.handle, self.code.wide(DOUBLE)))

    def as_real(self) -> Real:
        """The Real that has these bits."""
        return Real(self.code, self.code.ir.bitcast(self.handle, self.code.wide(DOUBLE)))


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
        return Whole(self.code, self.code.ir.bitcast(self.handle, self.code.wide(INT)))


class Array(Value):
    """Reals in memory; an index is a Python int or an `Int`.

    scratch: nothing of it outlives the branch that wrote it, so that lanes that did not take the branch are written, too.
    """

    def __init__(self, code: Body, handle: ir.Value, scratch: bool = False) -> None:
        super().__init__(code, handle)
        self.scratch = scratch

    def _at(self, index: Int | int) -> ir.Value:
        place = [self.code.integer(index).handle]
        return self.code.ir.gep(self.handle, place, inbounds=True, source_etype=self.code.wide(DOUBLE))

    def __getitem__(self, index: Int | int) -> Real:
        kind = self.code.wide(DOUBLE)
        return Real(self.code, self.code.ir.load(self._at(index), align=WORD_BYTES, typ=kind))

    def __setitem__(self, index: Int | int, value: Real | float) -> None:
        real, here = self.code.real(value), self.code.here()
        if here is not None and not self.scratch:
            real = select(here, real, self[index])
        self.code.ir.store(real.handle, self._at(index), align=WORD_BYTES)

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
        return self.code.ir.gep(self.handle, [self.code.integer(index).handle], inbounds=True, source_etype=INT)

    def __getitem__(self, index: Int | int) -> Int:
        return Int(self.code, self.code.ir.load(self._at(index), align=WORD_BYTES, typ=INT))

    def __setitem__(self, index: Int | int, value: Int | int) -> None:
        self.code.ir.store(self.code.integer(value).handle, self._at(index), align=WORD_BYTES)

    def part(self, start: Int | int) -> Words:
        """The words from `start` on."""
        return Words(self.code, self._at(start))

    def follow(self, index: Int | int) -> Words:
        """The words at the address that stands at `index`."""
        return Words(self.code, self.code.ir.inttoptr(self[index].handle, POINTER))

    def now(self) -> Int:
        """The first word as it is now, though another thread may have changed it."""
        return Int(self.code, self.code.ir.load_atomic(self.handle, "monotonic", WORD_BYTES, typ=INT))

    def reals(self) -> Array:
        """The same memory read as Reals."""
        return Array(self.code, self.handle)

    def address(self) -> Int:
        """Where they are."""
        return Int(self.code, self.code.ir.ptrtoint(self.handle, INT))


class Apart(Value):
    """Reals at an address of its own in every lane (`handle`: the addresses, one a lane)."""

    def _pointers(self, index: Whole | Int | int) -> ir.Value:
        places = Whole(self.code, self.handle) + self.code.whole(index) * WORD_BYTES
        return self.code.ir.inttoptr(places.handle, self.code.wide(POINTER))

    def __getitem__(self, index: Whole | Int | int) -> Real:
        pointers, kind = self._pointers(index), self.code.wide(DOUBLE)
        if self.code.lanes == 1:
            return Real(self.code, self.code.ir.load(self._safe(pointers), align=WORD_BYTES, typ=kind))
        return Real(self.code, self.code.masked("gather", kind, [pointers], [self.code.real(0.0).handle]))

    def __setitem__(self, index: Whole | Int | int, value: Real | float) -> None:
        real, pointers = self.code.real(value).handle, self._pointers(index)
        if self.code.lanes == 1:
            self.code.ir.store(real, self._safe(pointers), align=WORD_BYTES)
        else:
            self.code.masked("scatter", ir.VoidType(), [real, pointers], [])

    def _safe(self, pointer: ir.Value) -> ir.Value:
        """The address, or for a lane that is not here one that harms nobody."""
        here = self.code.here()
        return pointer if here is None else self.code.ir.select(here.handle, pointer, self.code.array(1).handle)

    def part(self, start: Whole | Int | int) -> Apart:
        """The reals from `start` on."""
        return Apart(self.code, (Whole(self.code, self.handle) + self.code.whole(start) * WORD_BYTES).handle)


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
