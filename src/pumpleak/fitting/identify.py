"""What data say of each constant: its interval, and in words whether it is identified; which combinations are where it is not.

In coordinates u (logarithms, or ranges of two decades' worth) the curvature H = J'J has flat directions: those along which the
cost stays below the threshold over a decade. Constants along them can change together; combinations across them are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pumpleak.fitting.data import Array

# Half a decade on either side: a constant known no better is known to an order of magnitude at most.
DECADE = 0.5 * np.log(10.0)
# Parts of a flat direction below this share of its largest are what other constants do to follow where it bends; of true
# combinations the least exponent is 1/3, that of one among three equal sites.
PART = 0.3
# Below this share of the largest curvature rounding decides.
ROUNDING = 1e-13
SIMPLE = 4  # largest denominator of an exponent that is written as a fraction
CLOSE = 0.06  # by how much an exponent may differ from such a fraction: curvature bends combinations a little


@dataclass(frozen=True)
class Interval:
    """Ends of what agrees with the data; an end is open where the data set none within the bounds."""

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    @property
    def kind(self) -> str:
        """identified, bounded above, bounded below, or not identifiable."""
        if self.open_low and self.open_high:
            return "not identifiable"
        return "bounded above" if self.open_low else "bounded below" if self.open_high else "identified"


def covariance(jacobian: Array) -> Array:
    """Inverse of the curvature; along directions that the data do not see at all, as large as rounding lets it be."""
    values, vectors = np.linalg.eigh(jacobian.T @ jacobian)
    floored = np.maximum(values, ROUNDING * max(float(values[-1]), np.finfo(np.float64).tiny))
    return np.asarray((vectors / floored) @ vectors.T)


def flat_directions(jacobian: Array, scale: Array, threshold: float) -> Array:
    """An orthogonal basis (rows) of the directions along which the cost rises by less than `threshold` over a decade."""
    scaled = jacobian * scale
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    return np.asarray(vectors[:, values * DECADE**2 < threshold].T)


def combinations(flat: Array, names: Sequence[str], logarithmic: Sequence[bool], open_: Sequence[bool]) -> dict[str, list[str]]:
    """For each constant along a flat direction the combinations with it that are known. open_: which are not identified."""
    found: dict[str, list[str]] = {}
    flat = flat * np.array(open_, dtype=np.float64)  # those that are identified only follow a little
    flat = flat[np.linalg.norm(flat, axis=1) > PART]
    if not len(flat):
        return found
    rows, pivots = _reduced(flat)
    for other in range(len(names)):
        parts = {other: 1.0, **{pivot: -float(row[other]) for row, pivot in zip(rows, pivots, strict=True)
                                if abs(row[other]) > PART}}
        if other in pivots or len(parts) == 1:
            continue
        if all(logarithmic[index] for index in parts):
            text = _product([(names[index], parts[index]) for index in sorted(parts)])
            for index in parts:
                found.setdefault(names[index], []).append(text)
    return found


def _reduced(flat: Array) -> tuple[Array, list[int]]:
    """Rows of the same space, each with one constant (its pivot) that no other row has, at 1."""
    rows = flat.copy()
    pivots: list[int] = []
    for index in range(len(rows)):
        order = np.abs(rows[index:]).max(axis=0)
        order[pivots] = 0.0
        pivot = int(np.argmax(order))
        if order[pivot] <= PART:  # without what is identified, the rest of the rows say nothing more
            return rows[:index], pivots
        best = index + int(np.argmax(np.abs(rows[index:, pivot])))
        rows[[index, best]] = rows[[best, index]]
        rows[index] /= rows[index, pivot]
        for other in range(len(rows)):
            if other != index:
                rows[other] -= rows[other, pivot] * rows[index]
        pivots.append(pivot)
    return rows, pivots


def _product(parts: Sequence[tuple[str, float]]) -> str:
    """A product of powers as it is written; "a*b/c"."""
    size = min(abs(power) for _, power in parts)
    simple = [(name, _simple(power / size)) for name, power in parts]
    sign = 1.0 if simple[0][1] > 0.0 else -1.0
    above = [_power(name, sign * power) for name, power in simple if sign * power > 0.0]
    below = [_power(name, -sign * power) for name, power in simple if sign * power < 0.0]
    return "*".join(above) + "".join(f"/{each}" for each in below)


def _simple(power: float) -> float:
    fraction = Fraction(power).limit_denominator(SIMPLE)
    return float(fraction) if abs(float(fraction) - power) < CLOSE else round(power, 2)


def _power(name: str, power: float) -> str:
    return name if power == 1.0 else f"{name}^{power:.3g}"


def verdict(interval: Interval, shown: tuple[str, str], at_bound: bool, known: Sequence[str]) -> str:
    """The verdict on a constant in words. shown: both ends with their unit. known: combinations with it that are identified."""
    edge = ", at its bound" if at_bound else ""
    only = f"; only {' and '.join(known)} {'is' if len(known) == 1 else 'are'} identified" if known else ""
    if interval.kind == "identified":
        return f"identified{edge}"
    if interval.kind == "bounded above":
        return f"bounded: at most {shown[1]}{edge}{only}"
    if interval.kind == "bounded below":
        return f"bounded: at least {shown[0]}{edge}{only}"
    return f"not identifiable{edge}{only}"
