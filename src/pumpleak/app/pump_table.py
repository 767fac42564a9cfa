"""The steady state of a pump as `pumpleak pump` shows it: as text, as a CSV table and as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np

from pumpleak.app.ranges import Range
from pumpleak.base.errors import FormatError
from pumpleak.base.units import internal
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.tables import table_text

MOST_DISSOLVED = 1e6  # mM; water itself is 5.5e4 mM
MOST_VOLTS = 1e4      # mV; no membrane holds a tenth of it

COLUMNS = ("V [mV]", "turnover [1/s]", "current [e/s]", "ATP [1/s]", "Na [1/s]", "K [1/s]")


def response_to(scheme: Scheme, base: str, settings: dict[str, str], voltages: Range | None) -> Response:
    """The steady state under a named condition with some values set, at one voltage or over a range."""
    given: dict[str, Any] = {name: internal(value, "mV" if name == VOLTAGE else "mM", name)
                             for name, value in settings.items()}
    for name, value in given.items():
        most, unit = (MOST_VOLTS, "mV") if name == VOLTAGE else (MOST_DISSOLVED, "mM")
        if abs(value) > most:
            raise FormatError(f"--set {name}={settings[name]!r}: more than {most:g} {unit}; check its number and unit")
    if voltages is not None and max(abs(voltages.start), abs(voltages.stop)) > MOST_VOLTS:
        raise FormatError(f"--V {voltages.text!r}: more than {MOST_VOLTS:g} mV; the range is in mV")
    if voltages is not None and VOLTAGE in given:
        raise FormatError(f"--set {VOLTAGE}={settings[VOLTAGE]!r} and --V {voltages.text!r} both give the voltage; "
                          "leave one out")
    if voltages is not None:
        given[VOLTAGE] = np.array(voltages.values)
    elif VOLTAGE not in given and not base:
        raise FormatError(f"{scheme.name}: {VOLTAGE} is not given; give --V -120:60:19 or --set {VOLTAGE}='-80 mV'")
    else:
        given[VOLTAGE] = np.atleast_1d(np.float64(given.get(VOLTAGE, scheme.conditions.get(base, {}).get(VOLTAGE, 0.0))))
    return respond(scheme, given, base)


def columns_of(response: Response) -> dict[str, list[float]]:
    """The columns of a response by their headings, occupancies as `p.<state>`."""
    arrays = (response.conditions[VOLTAGE], response.turnover, response.current, response.ATP, response.Na, response.K)
    columns = dict(zip(COLUMNS, arrays, strict=True))
    columns.update({f"p.{state}": share for state, share in response.occupancies.items()})
    return {name: np.atleast_1d(array).tolist() for name, array in columns.items()}


def csv_text(response: Response) -> str:
    """All columns of a response as the text of a CSV file."""
    return table_text(columns_of(response))


def text_of(response: Response, base: str, voltages: Range | None, occupancy: bool) -> str:
    """A response for people: the conditions and a table, with `occupancy` a second one."""
    scheme = response.scheme
    lines = [f"{scheme.name}: {scheme.title}" if scheme.title else scheme.name]
    fixed = {name: float(values.flat[0]) for name, values in response.conditions.items() if name != VOLTAGE}
    lines.append(f"conditions{f' ({base})' if base else ''}: "
                 + ", ".join(f"{name} {value:.6g} mM" for name, value in fixed.items()))
    if voltages is not None:
        lines.append(f"V: {voltages}")
    columns = columns_of(response)
    lines += ["", _grid({name: columns[name] for name in COLUMNS})]
    if occupancy:
        shares = {name: values for name, values in columns.items() if name.startswith("p.")}
        lines += ["", _grid({COLUMNS[0]: columns[COLUMNS[0]], **shares})]
    return "\n".join(lines)


def _grid(columns: dict[str, list[float]]) -> str:
    cells = [[name, *(f"{value:.6g}" for value in values)] for name, values in columns.items()]
    widths = [max(map(len, column)) for column in cells]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
                     for row in zip(*cells, strict=True))


def plain_of(response: Response, base: str, voltages: Range | None, occupancy: bool) -> dict[str, Any]:
    """A response as plain data for JSON."""
    columns = columns_of(response)
    conditions = {name: {"value": float(values.flat[0]), "unit": "mM"}
                  for name, values in response.conditions.items() if name != VOLTAGE}
    plain: dict[str, Any] = {
        "schema": 1, "scheme": response.scheme.name, "base": base, "conditions": conditions,
        "step": {"value": voltages.step, "unit": "mV"} if voltages is not None else None,
        "columns": {name: columns[name] for name in COLUMNS},
    }
    if occupancy:
        plain["occupancies"] = {name.removeprefix("p."): values for name, values in columns.items() if name.startswith("p.")}
    return plain
