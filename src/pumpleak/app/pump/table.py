"""The answers of pumps as `pumpleak pump` shows them: as text, as a CSV table and as plain data."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pumpleak.app.pump.answer import COLUMNS, Answer, Pump
from pumpleak.app.pump.question import Array, Swept, in_words, shown_value, unit_of
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.formats.tables import table_text

V = COLUMNS[0]
LONGEST = 30  # rows of a table for people: what fits a screen; a file has them all
SIGNS = "of one pump; ATP: used, Na: out, K: in, current: charge out"


def csv_text(answers: Sequence[Answer]) -> str:
    """All columns of an answer as the text of a CSV file; of several the shared ones, each row beginning with its scheme."""
    if len(answers) == 1:
        return table_text(answers[0].columns)
    shared = [name for name in answers[0].columns
              if not name.startswith("p.") and all(name in each.columns for each in answers)]
    mains = list(dict.fromkeys(each.main for each in answers if each.main not in shared))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["scheme", *shared, *mains])
    for each in answers:
        columns = [np.asarray(each.columns[name]).tolist() for name in shared]
        own = [np.asarray(each.columns[name]).tolist() if name in each.columns else [""] * len(columns[0]) for name in mains]
        writer.writerows([each.pump.name, *(repr(value) if value != "" else "" for value in row)]
                         for row in zip(*columns, *own, strict=True))
    return stream.getvalue()


def text_of(answers: Sequence[Answer], occupancy: bool) -> str:
    """Answers for people: what was asked and a table; with `occupancy` a second one."""
    first = answers[0]
    lines = [f"{each.pump.name}: {each.pump.title}" if each.pump.title else each.pump.name for each in answers]
    lines += conditions_text(answers)
    lines += [f"{'V' if each.name == VOLTAGE else each.name}: {each.words}" for each in first.question.swept[::-1]]
    lines += ["", _main_table(answers)]
    if occupancy:
        shares = {name: values for name, values in first.columns.items() if name.startswith("p.")}
        lines += ["", grid({**leading(first), **shares})]
    return "\n".join(lines)


def conditions_text(answers: Sequence[Answer]) -> list[str]:
    """The conditions that do not vary: once if all pumps have the same, else for each pump."""
    every = [_conditions(each) for each in answers]
    if all(each == every[0] for each in every):
        return [f"conditions{every[0]}"]
    return [f"conditions of {each.pump.name}{words}" for each, words in zip(answers, every, strict=True)]


def _conditions(answer: Answer) -> str:
    named = ", ".join([*([answer.base] if answer.base else []),
                       *([f"changed as for {answer.question.after}"] if answer.question.after else [])])
    values = ", ".join(in_words(name, value) for name, value in answer.fixed.items())
    return f" ({named}): {values}" if named else f": {values}"


def _main_table(answers: Sequence[Answer]) -> str:
    """All columns of a single curve; of a family or of several pumps the main quantity, a column for each curve."""
    first = answers[0]
    if len(answers) == 1 and len(first.curves) == 1:
        columns = {name: each for name, each in first.columns.items() if not name.startswith("p.")}
        signs = [f"({SIGNS})"] if first.found is not None else []
        return "\n".join([*signs, grid({**leading(first), **{name: columns[name] for name in columns
                                                             if name not in _axes(first)}})])
    axis = first.question.axis
    columns = {axis.label: np.asarray(shown_value(axis.name, first.curves[0].x))} if axis else {V: first.curves[0].x}
    for each in answers:
        for curve in each.curves:
            columns[curve_label(curve.pump, curve.special, len(answers) > 1)] = curve.y
    mains = list(dict.fromkeys(each.main for each in answers))
    of = f" by {', '.join(each.label for each in first.question.family)}" if first.question.family else ""
    return f"{' and '.join(mains)}{of}:\n{grid(columns)}"


def curve_label(pump: str, special: Mapping[str, float], several: bool) -> str:
    """What distinguishes a curve: its values in the order of the family, after the pump where there are several."""
    return " ".join([*([pump] if several or not special else []),
                     *(f"{shown_value(name, value):g}" for name, value in special.items())])


def _axes(answer: Answer) -> list[str]:
    return [V, *(each.heading for each in answer.question.swept)]


def leading(answer: Answer) -> dict[str, Array]:
    """The columns that say where a row stands, for people."""
    swept: tuple[Swept, ...] = answer.question.swept
    return {each.label: shown_value(each.name, np.asarray(answer.columns[each.heading])) for each in swept} or {
        V: np.asarray(answer.columns[V])}


def in_file(answer: Answer) -> dict[str, Array]:
    """The columns that say where a row stands, as a file has them."""
    return {name: np.asarray(answer.columns[name]) for name in [each.heading for each in answer.question.swept] or [V]}


def place_text(answer: Answer, row: int) -> str:
    """Where a row stands: the conditions that the table does not fix anyway, else the voltage."""
    point = answer.at(row)
    return ", ".join(in_words(name, point[name]) for name in [each.name for each in answer.question.swept] or [VOLTAGE])


def named_text(pumps: Sequence[Pump]) -> str:
    """The named conditions of each pump with all their values, and its constants."""
    from pumpleak.fitting.result import in_shown_unit  # for this alone

    lines = []
    for pump in pumps:
        lines.append(f"named conditions of {pump.name}:" if pump.conditions else f"{pump.name} has no named conditions")
        lines += [f"  {name}: {', '.join(in_words(each, value) for each, value in values.items())}"
                  for name, values in pump.conditions.items()]
        lines.append(f"constants of {pump.name}, as --set and a study of a fit take them:")
        lines += [f"  {each.name} = {in_shown_unit(each.value, each.unit)}" for each in pump.parameters]
    return "\n".join(lines)


def grid(columns: Mapping[str, Sequence[float] | Array]) -> str:
    """Columns with their headings, aligned to the right; of a long table every second, third ... row, and the last."""
    count = len(np.asarray(next(iter(columns.values()))))
    every = -(-count // LONGEST)
    rows = sorted({*range(0, count, every), count - 1}) if count else []
    cells = [[name, *(f"{value:.6g}" for value in np.asarray(values)[rows].tolist())] for name, values in columns.items()]
    more = f"\n({len(rows)} of {count} rows; --csv or --out writes them all)" if every > 1 else ""
    return aligned(cells) + more


def aligned(columns: Sequence[Sequence[str]]) -> str:
    """Columns of texts as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in columns]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
                     for row in zip(*columns, strict=True))


def plain_of(answer: Answer, occupancy: bool) -> dict[str, Any]:
    """An answer as plain data for JSON."""
    question = answer.question
    columns = {name: np.asarray(values).tolist() for name, values in answer.columns.items()}
    conditions = {name: {"value": value, "unit": unit_of(name)} for name, value in answer.fixed.items() if name != VOLTAGE}
    axis = question.axis
    plain: dict[str, Any] = {
        "schema": 1, "scheme": answer.pump.name, "base": answer.base, "conditions": conditions,
        "step": {"value": axis.step, "unit": unit_of(axis.name)} if axis is not None and axis.step is not None else None,
        "columns": {name: values for name, values in columns.items() if not name.startswith("p.")},
        "swept": [{"name": each.name, "unit": unit_of(each.name), "values": list(each.values)} for each in question.swept],
    }
    if occupancy:
        plain["occupancies"] = {name.removeprefix("p."): values for name, values in columns.items() if name.startswith("p.")}
    return plain
