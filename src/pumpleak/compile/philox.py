"""Philox 4x32-10, a counter-based generator: random numbers as a function of a counter and a key, without a state.

Salmon JK, Moraes MA, Dror RO, Shaw DE (2011) Parallel random numbers: as easy as 1, 2, 3. SC '11, doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

from collections.abc import Sequence

from pumpleak.compile.values import Real, Whole

ROUNDS = 10
FACTORS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
WORD, MASK = 32, 0xFFFFFFFF
# the 52 leading bits and a half between 0 and 1, so that neither end is ever met and the sum is exact
BITS, FIRST_BIT = 52, 12


def philox(counter: Sequence[Whole], key: Sequence[Whole]) -> tuple[Whole, ...]:
    """Four random words of 32 bits from a counter of four and a key of two."""
    first, second, third, fourth = counter
    low, high = key
    for _ in range(ROUNDS):
        one, two = first * FACTORS[0], third * FACTORS[1]
        first, third = two.from_bit(WORD) ^ second ^ low, one.from_bit(WORD) ^ fourth ^ high
        second, fourth = two & MASK, one & MASK
        low, high = (low + KEY_STEPS[0]) & MASK, (high + KEY_STEPS[1]) & MASK
    return first, second, third, fourth


def words(value: Whole) -> tuple[Whole, Whole]:
    """The lower and the upper half of a whole number."""
    return value & MASK, value.from_bit(WORD)


def uniform(upper: Whole, lower: Whole) -> Real:
    """A number between 0 and 1, neither of them, from two random words."""
    bits = (upper << (BITS - WORD)) + lower.from_bit(FIRST_BIT)
    return (bits.to_real() + 0.5) * 2.0**-BITS
