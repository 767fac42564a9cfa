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

    draw: the figure, made only when it is written. tables: texts of CSV files by file name.
    """

    key: str
    text: str
    plain: Any = None
    draw: Callable[[], Figure] | None = None
    tables: Mapping[str, str] = field(default_factory=dict)
