"""The transport modes of a scheme as a table: what each changes, what then is carried, net and one way."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak.app.pump.answer import Answer
from pumpleak.app.pump.question import Array
from pumpleak.app.pump.section import Section
from pumpleak.app.pump.table import aligned, in_file, place_text
from pumpleak.enzyme.modes import ModeResponse, modes
from pumpleak.enzyme.tracer import OneWay

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
# keys of a row, and the headings of their columns; K counts inward, as everywhere
NET = {"ATP": "ATP", "Na": "net Na out", "K": "net K in", "current": "current"}
WAYS = {(kind, ion, way): f"{ion}{' loads' * (kind == 'loads')} {way}"
        for kind in ("ions", "loads") for ion in ("Na", "K") for way in ("out", "in")}


def modes_section(answer: Answer) -> Section:
    """Each mode as an experiment that starts from the conditions; along a sweep at its first and its last point."""
    # only what was asked for: a mode gives way to that, but not to what a named condition happens to have
    found = modes(answer.scheme, answer.asked, answer.base)
    at_ends = [[mode_row(mode, row) for mode in found] for row in answer.ends]
    lines = [f"modes of {answer.pump.name} [1/s]; ATP: used; Na out, K in: net, then one way, of single ions and "
             "of whole loads; current: charge out [e/s]"]
    for row, rows in zip(answer.ends, at_ends, strict=True):
        lines += [f"from {place_text(answer, row)}:", _table(rows)]
    lines += _remarks(at_ends[0])
    figures: dict[str, Callable[[], Figure]] = {}
    for word, row, rows in zip(("-first", "-last") if len(at_ends) > 1 else ("",), answer.ends, at_ends, strict=True):
        figures[f"modes{word}"] = _drawn(f"{answer.pump.name}, {place_text(answer, row)}", rows)
    plain: Any = at_ends[0] if len(at_ends) == 1 else {
        "ends": [{"point": answer.at(row), "modes": rows} for row, rows in zip(answer.ends, at_ends, strict=True)]}
    return Section("modes", "\n".join(lines), plain, figures, {"modes": _csv(answer, found)})


def _drawn(title: str, rows: Rows) -> Callable[[], Figure]:
    def draw() -> Figure:
        from pumpleak.app.pump.bars import modes_figure

        return modes_figure(title, rows)

    return draw


def _table(rows: Rows) -> str:
    heads = ("mode", *NET.values(), *WAYS.values())
    cells = [[row["mode"], *(_number(row[key]) for key in NET), *map(_number, _ways(row))] if row["exists"]
             else [row["mode"], *["-"] * (len(heads) - 1)] for row in rows]
    return aligned([list(column) for column in zip(heads, *cells, strict=True)])


def _remarks(rows: Rows) -> list[str]:
    lines = []
    for row in rows:
        changed = ", ".join(f"{name} {value:g} mM" for name, value in row["changed"].items())
        lines.append(f"  {row['mode']}: {row['title']}" + (f"; {changed}" if changed else ""))
        lines += [f"    {row['remark']}"] if row["remark"] else []
    return lines


def mode_row(found: ModeResponse, row: int) -> dict[str, Any]:
    """One mode at one row of the question, as plain data."""
    return {"mode": found.mode.name, "title": found.mode.title,
            "changed": {name: _at(value, row) for name, value in found.changed.items()}, "exists": found.exists,
            "assumed": found.exists and found.mode.charge_assumed, "remark": found.remark,
            **{key: _at(getattr(found, key), row) for key in NET},
            "one-way": {"Na": _one_way(found.sodium, row), "K": _one_way(found.potassium, row)},
            "loads": {"Na": _one_way(found.sodium_loads, row), "K": _one_way(found.potassium_loads, row)}}


def _ways(row: Mapping[str, Any]) -> list[float | None]:
    """One-way fluxes of a row in the order of WAYS."""
    return [row["one-way" if kind == "ions" else "loads"][ion][way] for kind, ion, way in WAYS]


def _at(values: Array | float, row: int) -> float:
    """One number of an array; of a number itself."""
    flat = np.ravel(np.asarray(values))
    return float(flat[row if flat.size > 1 else 0])


def _one_way(flux: OneWay | None, row: int) -> dict[str, float | None]:
    if flux is None:
        return {"out": None, "in": None}
    return {"out": _at(flux.out, row), "in": _at(flux.into, row)}


def _csv(answer: Answer, found: Sequence[ModeResponse]) -> str:
    """All modes at all rows; empty cells where a scheme has no such mode."""
    places = in_file(answer)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*places, "mode", *(f"{word} [{'e/s' if key == 'current' else '1/s'}]" for key, word in NET.items()),
                     *(f"{word}, one way [1/s]" for word in WAYS.values())])
    for row in range(answer.rows):
        for mode in found:
            plain = mode_row(mode, row)
            values = [*(plain[key] for key in NET), *_ways(plain)]
            writer.writerow([*(repr(float(place[row])) for place in places.values()), plain["mode"],
                             *("" if value is None or not plain["exists"] else repr(value) for value in values)])
    return stream.getvalue()


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
