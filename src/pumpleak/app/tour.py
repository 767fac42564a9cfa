"""The tour: every claim is shown by simulated experiments, and every row judged by a range that was chosen before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from matplotlib.figure import Figure

from pumpleak.app.bench import Bench, Shown
from pumpleak.app.claims import (
    active,
    counts,
    current,
    energy,
    excitability,
    impulse,
    inhibition,
    potential,
    recovery,
    resting,
    reversal,
    supply,
    volume,
)
from pumpleak.app.style import picture
from pumpleak.app.targets import Claim, Target, Targets, claims, targets
from pumpleak.lab.result import Result, versions

Status = Literal["met", "shown", "failed", "not yet covered"]
"""met: every row holds and some are measured; shown: every row holds, none is measured; failed: a row that is no fit misses."""

SCHEMA = 1
MOST_DECIMALS = 6
NONE_FOUND = ("the simulated curve has no such value, for example no midpoint where it is no Boltzmann curve, or its half lies "
              "far outside of the points asked for")
UNITS = {"1/s": "/s"}
_RAISED = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
_TYPED = {raised: chr(plain) for plain, raised in _RAISED.items()} | {ord("\u2212"): "-"}
SHOWS: dict[str, Callable[[Bench, Targets], Shown]] = {
    "M1.1": active.show,
    "M1.2": energy.show,
    "M1.3": reversal.show,
    "M1.4": inhibition.show,
    "M2.1": counts.show,
    "M2.2": current.show,
    "M3.1": resting.show,
    "M3.2": potential.show,
    "M3.3": excitability.show,
    "M4.1": volume.show,
    "M5.1": impulse.show,
    "M5.2": recovery.show,
    "M5.3": supply.show,
}


@dataclass(frozen=True)
class Row:
    """A target and the simulated value, None where there was none to be found; beside it those of other schemes."""

    target: Target
    value: float | None
    figure: str
    beside: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its name, such as `M2.2.K-half-node`."""
        return self.target.id

    @property
    def claim(self) -> str:
        """The claim it belongs to."""
        return self.target.claim

    @property
    def ok(self) -> bool:
        """Whether the value lies in the range."""
        return self.target.holds(self.value)

    @property
    def verdict(self) -> str:
        """In a word."""
        return "holds" if self.ok else "misses"

    @property
    def number(self) -> str:
        """The value, one digit more than the range has."""
        return self._number(self.value)

    @property
    def simulated(self) -> str:
        """The value with its unit."""
        return self.number if self.value is None else _with_unit(self.number, self.target.unit)

    @property
    def others(self) -> dict[str, str]:
        """The values of the schemes beside, written alike."""
        return {scheme: self._number(value) for scheme, value in self.beside.items()}

    @property
    def published(self) -> str:
        """The range with its unit."""
        low, high = self.target.low, self.target.high
        if low is None or high is None:
            return _with_unit(f"below {written(high or 0.0)}" if low is None else f"above {written(low)}", self.target.unit)
        if low == high:
            return _with_unit(written(low), self.target.unit)
        if low == -high:
            return _with_unit(f"0 \u00b1 {written(high)}", self.target.unit)
        if low == 0.0:
            return _with_unit(f"0 to {written(high)}", self.target.unit)
        return _with_unit(f"{_fixed(low, _decimals(low, high))} to {_fixed(high, _decimals(low, high))}", self.target.unit)

    def to_plain(self) -> dict[str, Any]:
        """The row as `tour.json` has it."""
        target = self.target
        return {
            "id": self.id, "claim": self.claim, "quantity": target.quantity,
            "value": _plain(self.value), "unit": target.unit,
            "low": target.low, "high": target.high, "source": "; ".join(source.cite() for source in target.sources),
            "kind": target.kind, "ok": self.ok, "figure": self.figure, "note": target.note,
            "reason": "" if self.ok else target.miss, "scheme": target.scheme,
            "beside": {scheme: _plain(value) for scheme, value in self.beside.items()},
        }

    def _number(self, value: float | None) -> str:
        if value is None:
            return "none found"
        low, high = self.target.low, self.target.high
        if low is None or high is None or low == high:
            return written(value)
        decimals = _decimals(low, high)
        return _fixed(value, None if decimals is None else decimals + 1)


@dataclass(frozen=True)
class Verdict:
    """A claim, what it came to, its rows and pictures; without targets it is not yet covered."""

    claim: Claim
    rows: tuple[Row, ...] = ()
    targets: Targets | None = None
    figures: dict[str, Figure] = field(default_factory=dict)
    runs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its number."""
        return self.claim.id

    @property
    def text(self) -> str:
        """Its sentence."""
        return self.claim.text

    @property
    def status(self) -> Status:
        """What it came to; a fitted row is no result, so it decides nothing."""
        if not self.rows:
            return "not yet covered"
        judged = [row for row in self.rows if row.target.kind != "fitted"]
        if not all(row.ok for row in judged):
            return "failed"
        return "met" if any(row.target.kind == "measured" for row in judged) else "shown"

    def to_plain(self) -> dict[str, Any]:
        """The claim as `tour.json` has it."""
        counts = Counter((row.target.kind, row.ok) for row in self.rows)
        return {
            "id": self.id, "text": self.text, "status": self.status,
            "rows": {kind: {"holds": counts[kind, True], "misses": counts[kind, False]}
                     for kind in ("measured", "fitted", "model", "identity")},
        }


@dataclass(frozen=True)
class Tour:
    """All claims with their verdicts, and the runs they stand on.

    drawn: files of those figures that were drawn already, by their path.
    """

    claims: tuple[Verdict, ...]
    runs: dict[str, Result]
    drawn: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all claims."""
        return tuple(row for claim in self.claims for row in claim.rows)

    @cached_property
    def counts(self) -> Counter[str]:
        """How many claims have each status."""
        return Counter(claim.status for claim in self.claims)

    @property
    def in_words(self) -> str:
        """The outcome in one sentence."""
        judged = [row for row in self.rows if row.target.kind == "measured"]
        held = sum(row.ok for row in judged)
        counts = ", ".join(f"{self.counts[status]} {status}" for status in ("met", "shown", "failed", "not yet covered"))
        return (f"{len(self.claims)} claims: {counts}. {held} of {len(judged)} measured values are met; "
                f"{sum(row.ok for row in self.rows)} of all {len(self.rows)} rows hold.")

    def drawing(self, progress: Callable[[float], None] | None = None) -> Iterator[tuple[str, bytes]]:
        """Path of each figure in the folder of the tour, and its file, each drawn once."""
        wanted = {picture_path(claim.id, name, form): (figure, form)
                  for claim in self.claims for name, figure in claim.figures.items() for form in ("png", "svg")}
        for count, (path, (figure, form)) in enumerate(wanted.items(), start=1):
            if path not in self.drawn:
                self.drawn[path] = picture(figure, form)
            yield path, self.drawn[path]
            if progress is not None:
                progress(count / len(wanted))

    @property
    def pictures(self) -> dict[str, bytes]:
        """Files of all figures, by their path in the folder of the tour."""
        return dict(self.drawing())

    def to_plain(self, seed: int | None = None) -> dict[str, Any]:
        """The tour as `tour.json` has it."""
        return {
            "schema": SCHEMA, "rows": [row.to_plain() for row in self.rows],
            "claims": [claim.to_plain() for claim in self.claims], "counts": dict(self.counts),
            "ledgers": {name: {"ok": result.ledger.ok, "rows": result.ledger.to_plain()} for name, result in self.runs.items()},
            "seed": seed, "versions": versions(),
        }


def picture_path(claim: str, name: str, form: str = "png") -> str:
    """Where the file of a figure stands in the folder of the tour."""
    return f"figures/{claim}-{name}.{form}"


def take_tour(progress: Callable[[float], None] | None = None) -> Tour:
    """Show every claim that has targets; list the others."""
    bench, verdicts, done = Bench(), [], 0
    for claim in claims():
        if claim.id in SHOWS:
            verdicts.append(_shown(claim, bench))
            done += 1
            if progress is not None:
                progress(done / len(SHOWS))
        else:
            verdicts.append(Verdict(claim))
    return Tour(tuple(verdicts), bench.runs)


def _shown(claim: Claim, bench: Bench) -> Verdict:
    wanted = targets(claim.id)
    found = SHOWS[claim.id](bench, wanted)
    first = next(iter(found.figures))
    rows = tuple(Row(target, found.values[name], picture_path(claim.id, target.figure or first), found.beside.get(name, {}))
                 for name, target in wanted.rows.items())
    return Verdict(claim, rows, wanted, dict(found.figures), found.runs)


def _plain(value: float | None) -> float | None:
    """A value as JSON has it, null for one that was not found."""
    return value if value is not None and math.isfinite(value) else None


def written(value: float) -> str:
    """A number for people: four digits, very small and very large ones with a power of ten."""
    if value and not 1e-4 <= abs(value) < 1e6:
        mantissa, _, exponent = f"{value:.2g}".partition("e")
        return f"{mantissa}\u00b710{str(int(exponent)).translate(_RAISED)}".replace("-", "\u2212")
    return f"{value:.4g}".replace("-", "\u2212")


def typed(text: str) -> str:
    """A text whose numbers are in characters that every terminal has: 1.2e-11 for a power of ten."""
    return text.replace("\u00b710", "e").replace("\u00b1", "+-").translate(_TYPED)


def _decimals(*ends: float) -> int | None:
    """Digits after the point that the ends of a range are written with; None if that would be too many."""
    return next((digits for digits in range(MOST_DECIMALS + 1) if all(_is_near(round(end, digits), end) for end in ends)), None)


def _is_near(rounded: float, value: float) -> bool:
    return abs(rounded - value) <= 1e-9 * max(abs(value), 1.0)


def _fixed(value: float, decimals: int | None) -> str:
    """A number with so many digits after the point, or with a power of ten where they would not show it."""
    if decimals is None or (value and abs(value) < 0.5 * 10.0**-decimals):
        return written(value)
    return f"{value:.{decimals}f}".replace("-", "\u2212")


def _with_unit(number: str, unit: str) -> str:
    return number if unit in ("", "1") else f"{number} {UNITS.get(unit, unit)}"
