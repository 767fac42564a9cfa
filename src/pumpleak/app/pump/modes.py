"""The transport modes of a scheme as a table: what each changes, what then is carried, net and one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak.app.pump.answer import Answer
from pumpleak.app.pump.cycles import point_text
from pumpleak.app.pump.section import Section
from pumpleak.app.pump.table import aligned
from pumpleak.enzyme.modes import ModeResponse, modes
from pumpleak.enzyme.tracer import OneWay

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEADS = ("mode", "ATP [1/s]", "Na [1/s]", "K [1/s]", "current [e/s]", "Na out", "Na in", "K out", "K in")


def modes_section(answer: Answer) -> Section:
    """Each mode as an experiment that starts from the one set of conditions."""
    rows = [_row(mode) for mode in modes(answer.scheme, answer.point)]
    cells = [[row["mode"], *(_number(row[key]) for key in ("ATP", "Na", "K", "current")),
              *(_number(row["one-way"][ion][way]) for ion in ("Na", "K") for way in ("out", "in"))] if row["exists"]
             else [row["mode"], *["-"] * (len(HEADS) - 1)] for row in rows]
    lines = [f"modes of {answer.pump.name}, from {point_text(answer)} (out, in: one way, of single ions) [1/s]:",
             aligned([list(column) for column in zip(HEADS, *cells, strict=True)])]
    for row in rows:
        changed = ", ".join(f"{name} {value:g} mM" for name, value in row["changed"].items())
        lines.append(f"  {row['mode']}: {row['title']}" + (f"; {changed}" if changed else ""))
        lines += [f"    {row['remark']}"] if row["remark"] else []

    def draw() -> Figure:
        from pumpleak.app.pump.bars import modes_figure

        return modes_figure(answer.pump.name, rows)

    return Section("modes", "\n".join(lines), rows, draw)


def _row(found: ModeResponse) -> dict[str, Any]:
    return {"mode": found.mode.name, "title": found.mode.title, "changed": dict(found.changed), "exists": found.exists,
            "remark": found.remark, "ATP": float(found.ATP), "Na": float(found.Na), "K": float(found.K),
            "current": float(found.current), "one-way": {"Na": _one_way(found.sodium), "K": _one_way(found.potassium)}}


def _one_way(flux: OneWay | None) -> dict[str, float | None]:
    if flux is None:
        return {"out": None, "in": None}
    return {"out": float(np.asarray(flux.out)), "in": float(np.asarray(flux.into))}


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
