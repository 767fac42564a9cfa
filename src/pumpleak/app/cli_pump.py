"""`pumpleak pump`: the steady state of an enzyme scheme against voltage."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpleak.app.console import Console, options, pairs
from pumpleak.app.ranges import Range, read_range
from pumpleak.base.errors import FormatError, ModelError

if TYPE_CHECKING:
    from pumpleak.enzyme.response import Response
    from pumpleak.enzyme.scheme import Scheme

COLUMNS = ("V [mV]", "turnover [1/s]", "current [e/s]", "ATP [1/s]", "Na [1/s]", "K [1/s]")
VOLTAGE = "membrane.V"
USUAL = "physiological"  # the condition that a scheme is shown at unless another is named


@click.command()
@click.argument("scheme")
@click.option("--V", "voltages", metavar="START:STOP:COUNT", help="Voltages in mV, for example -120:60:19.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help='For example inside.Na="10 mM".')
@click.option("--conditions", metavar="NAME", help="A named set of conditions of the scheme.")
@click.option("--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write all columns to this file.")
@click.option("--occupancy", is_flag=True, help="Show the share of pumps in each state.")
@options
def pump(console: Console, scheme: str, voltages: str | None, settings: tuple[str, ...], conditions: str | None,
         file: Path | None, occupancy: bool) -> None:
    """Show turnover and current of the pump SCHEME against voltage.

    SCHEME is a pump of the catalogue (see `pumpleak list`) or a YAML file.
    """
    from pumpleak.formats.catalog import load

    wanted = read_range(voltages, "--V") if voltages else None
    enzyme = _a_scheme(load(scheme), scheme)
    base = conditions or _usual(enzyme)
    response = _response(enzyme, base, pairs(settings), wanted)
    if file is not None:
        _write(file, csv_text(response))
        console.say(f"written to {file}")
    console.result(_text(response, base, wanted, occupancy), _plain(response, base, wanted, occupancy))


def _a_scheme(model: object, name: str) -> Scheme:
    from pumpleak.enzyme.scheme import Scheme

    if not isinstance(model, Scheme):
        kind = type(model).__name__.lower()
        raise ModelError(f"{name!r} is a {kind}, not a pump; use `pumpleak rest` or `pumpleak run` for it")
    return model


def _usual(scheme: Scheme) -> str:
    """The usual condition, else the scheme's first one, else none."""
    return USUAL if USUAL in scheme.conditions else next(iter(scheme.conditions), "")


def _response(scheme: Scheme, base: str, settings: dict[str, str], voltages: Range | None) -> Response:
    import numpy as np

    from pumpleak.base.units import internal
    from pumpleak.enzyme.response import respond

    given: dict[str, Any] = {name: internal(value, "mV" if name == VOLTAGE else "mM", name)
                             for name, value in settings.items()}
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


def table(response: Response) -> dict[str, list[float]]:
    """The columns of a response by their headers, occupancies as `p.<state>`."""
    import numpy as np

    arrays = (response.conditions[VOLTAGE], response.turnover, response.current, response.ATP, response.Na, response.K)
    columns = dict(zip(COLUMNS, arrays, strict=True))
    columns.update({f"p.{state}": share for state, share in response.occupancies.items()})
    return {name: np.atleast_1d(array).tolist() for name, array in columns.items()}


def csv_text(response: Response) -> str:
    """The table of a response as the text of a CSV file, numbers with all their digits."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    columns = table(response)
    writer.writerow(columns)
    writer.writerows([repr(value) for value in row] for row in zip(*columns.values(), strict=True))
    return stream.getvalue()


def _write(file: Path, text: str) -> None:
    from pumpleak.formats.outputs import Folder

    Folder(file.parent).text(file.name, text)


def _text(response: Response, base: str, voltages: Range | None, occupancy: bool) -> str:
    scheme = response.scheme
    lines = [f"{scheme.name}: {scheme.title}" if scheme.title else scheme.name]
    fixed = {name: float(values.flat[0]) for name, values in response.conditions.items() if name != VOLTAGE}
    lines.append(f"conditions{f' ({base})' if base else ''}: "
                 + ", ".join(f"{name} {value:.6g} mM" for name, value in fixed.items()))
    if voltages is not None:
        lines.append(f"V: {voltages}")
    columns = table(response)
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


def _plain(response: Response, base: str, voltages: Range | None, occupancy: bool) -> dict[str, Any]:
    columns = table(response)
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
