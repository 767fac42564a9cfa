"""Where a number comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean, shown

Kind = Literal["literature", "ours", "memory"]
"""Read in a publication, chosen or derived by us, or remembered and still to be read."""


@dataclass(frozen=True)
class Source:
    """Where a number comes from: the work, the place in it and the conditions under which it holds.

    key: short and unique, author-year, for example `pan-2018`.
    text: the full reference, or for `ours` the reason.
    where: page, table, figure or equation.
    condition: temperature, preparation, solutions.
    Raises ModelError for an empty key or text and for an unknown kind.
    """

    key: str
    text: str
    where: str = ""
    condition: str = ""
    kind: Kind = "literature"

    def __post_init__(self) -> None:
        if not self.key or not self.text:
            raise ModelError(f"source key {shown(self.key)}, text {shown(self.text)}: both are needed")
        if self.kind not in get_args(Kind):
            raise ModelError(
                f"source {shown(self.key)}: unknown kind {shown(self.kind)}{did_you_mean(self.kind, get_args(Kind))}"
            )

    def cite(self) -> str:
        """Return the short form: `pan-2018, Table 2 (310 K)`; what is ours or from memory says so."""
        place = f"{self.key}, {self.where}" if self.where else self.key
        origin = {"literature": "", "ours": "ours", "memory": "from memory"}[self.kind]
        notes = "; ".join(note for note in (self.condition, origin) if note)
        return f"{place} ({notes})" if notes else place
