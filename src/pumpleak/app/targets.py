"""Targets: what each claim is measured against, read from the catalogue; none of it stands in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from pumpleak.base.errors import FormatError
from pumpleak.base.names import did_you_mean, lookup, shown
from pumpleak.base.sources import Source
from pumpleak.base.units import internal, quantity
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.temperature import TEMPERATURE
from pumpleak.formats.document import Document, read_file
from pumpleak.formats.shelves import CATALOG

Kind = Literal["measured", "fitted", "model", "identity"]
"""measured: an experiment; fitted: one that the model was fitted to, or that set one of its constants; model: another
simulation; identity: a law."""

FOLDER = CATALOG / "targets"
_KEYS = {"quantity", "unit", "low", "high", "kind", "source", "scheme", "base", "model", "conditions", "case", "at", "beyond",
         "vary", "points", "data", "column", "beside", "figure", "measured", "note", "miss"}
_CONVERTED = {"source", "conditions", "at", "beyond", "points", "beside", "measured"}
_UNITS = {VOLTAGE: "mV", TEMPERATURE: "K"}  # of conditions; all others are concentrations


@dataclass(frozen=True)
class Target:
    """One row: a quantity, the range in which its value is expected, and how it is to be simulated.

    names: of its sources, as a table shows them. low, high: None where the range is open. conditions [mM, mV, K]: over the
    scheme's condition `base`. at [ms], beyond [mV]. beside: other schemes whose values stand beside, without a verdict.
    measured: from and to what was measured, as figures show it; the range allows for more. figure: the one that shows the
    row, the claim's first unless named. note: what a reader must know; miss: why the value is
    out of range, where that is known.
    """

    id: str
    claim: str
    quantity: str
    unit: str
    kind: Kind
    sources: tuple[Source, ...]
    names: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    scheme: str = ""
    base: str = ""
    model: str = ""
    conditions: Mapping[str, float] = field(default_factory=dict)
    case: str = ""
    at: float = 0.0
    beyond: float = 0.0
    vary: str = ""
    points: tuple[float, ...] = ()
    data: str = ""
    column: str = ""
    beside: tuple[str, ...] = ()
    measured: tuple[float, ...] = ()
    figure: str = ""
    note: str = ""
    miss: str = ""

    def holds(self, value: float | None) -> bool:
        """Whether a value lies in the range; one that could not be found does not."""
        if value is None or value != value:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class Targets:
    """The rows of a claim by their names, its named conditions, and the words around them.

    done: what was simulated; meaning: what it says; evidence: measured findings that judge no row.
    captions: of its figures, by name. commands: what makes the same numbers on the command line.
    """

    claim: str
    rows: Mapping[str, Target]
    cases: Mapping[str, Mapping[str, float]]
    done: str
    meaning: str
    evidence: tuple[str, ...]
    captions: Mapping[str, str]
    commands: tuple[str, ...]

    def __getitem__(self, row: str) -> Target:
        return lookup(row, self.rows, f"row of {self.claim}")


@dataclass(frozen=True)
class Claim:
    """A sentence about the pump, by its number."""

    id: str
    group: str
    text: str


@cache
def claims() -> tuple[Claim, ...]:
    """All claims in their order, also those that nothing shows yet."""
    table = _mapping(read_file(FOLDER / "claims.yaml"), "claims")
    return tuple(Claim(name, entry["group"], entry["text"]) for name, entry in table.items())


def covered() -> tuple[str, ...]:
    """Numbers of the claims that have targets."""
    return tuple(claim.id for claim in claims() if (FOLDER / f"{claim.id}.yaml").is_file())


@cache
def targets(claim: str) -> Targets:
    """The targets of a claim.

    Raises FormatError with the place of what is wrong in its file.
    """
    return read_targets(FOLDER / f"{claim}.yaml")


def read_targets(path: Path) -> Targets:
    """Read a file of targets; raises FormatError, UnitError and NameUnknown with file, line and column."""
    document = read_file(path)
    whole = _mapping(document)
    sources = {key: (entry.pop("name"), Source(key, **entry)) for key, entry in _mapping(document, "sources").items()}
    cases = {name: _conditions(document, ("cases", name), entry) for name, entry in whole.get("cases", {}).items()}
    claim = str(whole.get("targets", ""))
    rows = {name: _target(document, claim, name, entry, sources) for name, entry in _mapping(document, "rows").items()}
    return Targets(claim, rows, cases, str(whole.get("done", "")), str(whole.get("meaning", "")),
                   tuple(whole.get("evidence", ())), dict(whole.get("captions", {})), tuple(whole.get("commands", ())))


def _mapping(document: Document, key: str = "") -> dict[str, Any]:
    plain: Any = document.plain
    part = plain.get(key) if key and isinstance(plain, dict) else plain
    if not isinstance(part, dict):
        where = f" under {shown(key)}" if key else ""
        raise document.error(f"expected a mapping{where}, not {shown(part)}", (key,) if key else ())
    return part


def _target(document: Document, claim: str, name: str, entry: dict[str, Any],
            sources: Mapping[str, tuple[str, Source]]) -> Target:
    with document.at("rows", name):
        for key in entry:
            if key not in _KEYS:
                raise FormatError(f"unknown key {shown(key)}{did_you_mean(key, _KEYS)}")
        if entry.get("kind") not in get_args(Kind):
            raise FormatError(f"kind {shown(entry.get('kind'))} is not one of {', '.join(get_args(Kind))}")
        if entry.get("low") is None and entry.get("high") is None:
            raise FormatError(f"row {shown(name)} has neither 'low' nor 'high', so nothing can be judged")
        keys = entry["source"] if isinstance(entry["source"], list) else [entry["source"]]
        cited = [lookup(key, sources, "source") for key in keys]
        given = {key: value for key, value in entry.items() if key not in _CONVERTED}
        return Target(
            id=f"{claim}.{name}", claim=claim, sources=tuple(source for _, source in cited),
            names=tuple(name for name, _ in cited),
            conditions=_conditions(document, ("rows", name, "conditions"), entry.get("conditions", {})),
            at=internal(entry["at"], "ms", "at") if "at" in entry else 0.0,
            beyond=internal(entry["beyond"], "mV", "beyond") if "beyond" in entry else 0.0,
            points=tuple(float(point) for point in entry.get("points", ())), beside=tuple(entry.get("beside", ())),
            measured=tuple(float(end) for end in entry.get("measured", ())),
            **{**given, "unit": str(entry["unit"]), "low": _number(entry.get("low")), "high": _number(entry.get("high"))})


def _number(given: float | None) -> float | None:
    return None if given is None else float(given)


def _conditions(document: Document, path: tuple[str, ...], entry: Mapping[str, str]) -> dict[str, float]:
    found = {}
    for name, text in entry.items():
        with document.at(*path, name):
            found[name] = internal(quantity(text), _UNITS.get(name, "mM"), name)
    return found
