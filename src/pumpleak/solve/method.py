"""What a method of integration is: its coefficients and what follows from them. Each method is one file of numbers.

A program is generated for two of them: an explicit one for what is not stiff, and a stiff one. See `compile.stages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

Row = tuple[float, ...]
Rows = tuple[Row, ...]


@dataclass(frozen=True)
class Rosenbrock:
    """A stiff method in the transformed form for M y' = f(t, y)::

        (M/(h gamma) - df/dy) k_i = f(t + alpha_i h, y + sum_j a_ij k_j) + M sum_j c_ij k_j / h + h time_i df/dt
        y_new = y + sum_j a_sj k_j + k_s                                  (k_s, the last, is the estimate of the error)
        y(t + x h) = (1 - x) y + x (y_new + (1 - x) (d_0 + x (d_1 + x d_2))),     d_m = sum_j dense_mj k_j

    `alpha` and `time` follow from the others: with G = (1/gamma - c)^-1 they are the row sums of a G and of G. Only methods
    whose last stage is the error can be written so.
    """

    name: str
    order: int
    gamma: float
    a: Rows
    c: Rows
    alpha: Row
    time: Row
    dense: Rows

    def __post_init__(self) -> None:
        _check(self.name, self.stages, {"a": self.a, "c": self.c},
               {"alpha": self.alpha, "time": self.time, **{f"dense {place}": row for place, row in enumerate(self.dense)}})
        if len(self.dense) != 3:
            raise ValueError(f"{self.name}: {len(self.dense)} rows of dense; give three, of zeros where the degree is less")

    @property
    def stages(self) -> int:
        """Linear equations solved in a step."""
        return len(self.a)


@dataclass(frozen=True)
class RungeKutta:
    """An explicit method for M y' = f(t, y), M without zeros, whose last stage is the first of the next step::

        f_i = f(t + alpha_i h, y + h M^-1 sum_j a_ij f_j),     y_new is the point of the last stage
        error = h M^-1 sum_j error_j f_j
        y(t + x h) = y + h M^-1 sum_j f_j (r_j1 x + r_j2 x^2 + ...),     r the rows of `interpolant`, of degree 4

    The last two stages are both at the end of the step, so that their difference tells how stiff the equations are.
    `stable` is how far the region of stability reaches along the negative real axis: h times the fastest rate constant
    cannot be more.
    """

    name: str
    order: int
    a: Rows
    alpha: Row
    error: Row
    interpolant: Rows
    stable: float

    def __post_init__(self) -> None:
        _check(self.name, self.stages, {"a": self.a}, {"alpha": self.alpha, "error": self.error})
        if len(self.interpolant) != self.stages or any(len(row) != 4 for row in self.interpolant):
            raise ValueError(f"{self.name}: interpolant; give {self.stages} rows of four numbers, 0 where the degree is less")
        if not self.alpha[-2] == self.alpha[-1] == 1.0:
            raise ValueError(f"{self.name}: its last two stages are at {self.alpha[-2]:g} and {self.alpha[-1]:g} of the step; "
                             "both have to be at its end, where they tell how stiff it is")

    @property
    def stages(self) -> int:
        """Rates in a step, those at its beginning included."""
        return len(self.a)

    @cached_property
    def dense(self) -> Rows:
        """The interpolant in the form that Rosenbrock methods have, each d_m over h M^-1."""
        d2 = tuple(-row[3] for row in self.interpolant)
        d1 = tuple(last - row[2] for last, row in zip(d2, self.interpolant, strict=True))
        d0 = tuple(last - row[1] for last, row in zip(d1, self.interpolant, strict=True))
        return d0, d1, d2


def _check(name: str, stages: int, triangles: dict[str, Rows], rows: dict[str, Row]) -> None:
    """Refuse tables that do not fit each other: an error of whoever writes a method, not of a model."""
    for what, triangle in triangles.items():
        if [len(row) for row in triangle] != list(range(stages)):
            raise ValueError(f"{name}: rows of {what} have {', '.join(str(len(row)) for row in triangle)} numbers; "
                             f"those of {stages} stages have 0 to {stages - 1}")
    for what, row in rows.items():
        if len(row) != stages:
            raise ValueError(f"{name}: {len(row)} numbers in {what}; it has {stages} stages")


@dataclass(frozen=True)
class Methods:
    """The two that a program switches between."""

    explicit: RungeKutta
    stiff: Rosenbrock
