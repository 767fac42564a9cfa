"""A part of what `pumpleak pump` shows beneath its table, and the file it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Section:
    """One part: its text for people, its plain data under `key` for JSON, and what a folder of results gets of it.

    figures: by name, each made only when it is written. tables: texts of CSV files by name, without their ending.
    """

    key: str
    text: str
    plain: Any = None
    figures: Mapping[str, Callable[[], Figure]] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
