"""`pumpleak molecule`: single pumps, every jump of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.cli_models import positive_time
from pumpleak.app.console import Console, options, pairs
from pumpleak.app.interrupts import held_interrupts
from pumpleak.base.errors import FormatError, ModelError, NameUnknown, SolveError
from pumpleak.base.names import did_you_mean, shown

if TYPE_CHECKING:
    from pumpleak.app.molecule import Trajectories
    from pumpleak.enzyme.scheme import Scheme
    from pumpleak.formats.outputs import Folder

TIME, PUMPS, SEED, ROWS = "2 s", 100, 1, 200_000
VOLTAGE = "membrane.V"
MOST_PUMPS = 1_000_000


@click.command()
@click.argument("scheme", metavar="SCHEME")
@click.option("--V", "voltage", metavar="MV", help="Membrane potential in mV, for example -80.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
              help='For example inside.Na="10 mM"; or a constant of the scheme.')
@click.option("--conditions", "--condition", metavar="NAME", default="", help="A named set of conditions of the scheme.")
@click.option("--time", "duration", metavar="TIME", default=TIME, show_default=True, help="How long each pump is followed.")
@click.option("--pumps", type=int, default=PUMPS, show_default=True, metavar="COUNT", help="How many are followed.")
@click.option("--window", metavar="TIME", help="In which turns are counted for the Fano factor; else some twenty turns.")
@click.option("--reduced", is_flag=True, help="Take fast binding as at equilibrium, so that there are far fewer jumps.")
@click.option("--rows", type=int, default=ROWS, show_default=True, metavar="COUNT",
              help="How many events are kept, those of the first pumps.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for tables, summary and figure.")
@click.option("--figure/--no-figure", default=True, help="Draw the figure, as PNG and SVG (default), or not.")
@options
def molecule(console: Console, scheme: str, voltage: str | None, settings: tuple[str, ...], conditions: str, duration: str,
             pumps: int, window: str | None, reduced: bool, rows: int, out: Path | None, figure: bool) -> None:
    """Follow single pumps of SCHEME, jump by jump.

    SCHEME is a pump of the catalogue (see `pumpleak list`) or a YAML file. Shows turnover, Fano factors and dwell times beside
    their exact values; --out writes summary.json, events.csv (states, ions and ATP in time), windows.csv, dwells.csv and
    molecule.png. A pump's trajectory depends on --seed and its number alone.
    """
    count = _windows(duration, window)
    if not 1 <= pumps <= MOST_PUMPS:
        raise FormatError(f"--pumps {pumps}: give 1 to {MOST_PUMPS}")
    if rows < 0:
        raise FormatError(f"--rows {rows}: give 0 or more")
    from pumpleak.app.molecule import Trajectories
    from pumpleak.app.molecule import molecule as follow
    from pumpleak.app.molecule_text import plain, text
    from pumpleak.formats.outputs import Folder

    given = pairs(settings)
    if voltage is not None:
        if VOLTAGE in given:
            raise FormatError(f"--set {VOLTAGE}={given[VOLTAGE]!r} and --V {voltage!r} both give the voltage; leave one out")
        given[VOLTAGE] = _millivolt(voltage)
    for name, value in given.items():
        if set(value) & set(":,"):
            option = f"--V {value!r}" if voltage is not None and name == VOLTAGE else f"--set {name}={value!r}"
            raise FormatError(f"{option}: a single pump meets one condition; give one value (`pumpleak pump` shows ranges)")
    model, given = _scheme(scheme, given)
    folder = Folder(out) if out is not None else None  # before any work: it may be refused
    seed = console.seed if console.seed is not None else SEED
    try:
        with console.progress(model.name) as at:
            found = follow(model, given, conditions, time=duration, pumps=pumps, seed=seed, reduced=reduced, windows=count,
                           rows=rows, progress=at)
    except SolveError as error:
        if folder is not None and isinstance(error.partial, Trajectories):
            _write(console, folder, error.partial, figure=False)
            console.say(f"the {error.partial.pumps} pumps that were done are in {folder.path}")
        raise
    if folder is not None:
        _write(console, folder, found, figure)
    console.result(text(found) + (f"\n\nwritten to {folder.path}" if folder is not None else ""), plain(found))


def _write(console: Console, folder: Folder, found: Trajectories, figure: bool) -> None:
    """Write the tables whole whatever is pressed meanwhile, then the figure."""
    from pumpleak.app.molecule_text import dwells_csv, events_csv, plain, windows_csv

    with held_interrupts(lambda: console.say("interrupted; the tables are still written")), console.doing("writing"):
        folder.json("summary.json", plain(found))
        for name, content in (("events", events_csv), ("windows", windows_csv), ("dwells", dwells_csv)):
            folder.text(f"{name}.csv", content(found))
    if not figure:
        return
    from pumpleak.app.molecule_figure import molecule_figure
    from pumpleak.app.style import picture

    with console.doing("drawing"):
        drawn = molecule_figure(found)
        for form in ("png", "svg"):
            folder.bytes(f"molecule.{form}", picture(drawn, form))


def _windows(duration: str, window: str | None) -> int | None:
    """How many windows of this length there are; None where none was asked for."""
    from pumpleak.base.units import internal

    positive_time(duration, "--time")
    if window is None:
        return None
    positive_time(window, "--window")
    whole, part = internal(duration, "ms", "--time"), internal(window, "ms", "--window")
    if part > whole:
        raise FormatError(f"--window {window!r} is longer than --time {duration!r}; give a part of it")
    return round(whole / part)


def _millivolt(text: str) -> str:
    try:
        return f"{float(text)!r} mV"
    except ValueError:
        return text  # with its unit, or refused as any other condition is


def _scheme(name: str, given: dict[str, str]) -> tuple[Scheme, dict[str, str]]:
    """The scheme, with those of the settings that are constants of it, and the others."""
    from pumpleak.base.units import internal
    from pumpleak.enzyme.scheme import Scheme
    from pumpleak.formats.catalog import load
    from pumpleak.formats.shelves import is_path

    try:
        model = load(name)
    except NameUnknown as error:
        raise NameUnknown(str(error) if is_path(name) else f"{error} (`pumpleak list` shows all pumps)") from None
    if not isinstance(model, Scheme):
        raise ModelError(f"{shown(name)} is a {type(model).__name__}, not a scheme of states and steps; `pumpleak list` shows "
                         "schemes")
    units = {parameter.name: parameter.unit for parameter in model.parameters}
    constants = {each: text for each, text in given.items() if "." not in each and each != "temperature"}
    for each, text in constants.items():
        if each not in units:
            raise FormatError(f"--set {each}={text!r}: {model.name} has no condition and no constant {each!r}"
                              f"{did_you_mean(each, [*model.ligands, VOLTAGE, 'temperature', *units])}")
    values = {each: internal(text, units[each], each) for each, text in constants.items()}
    others = {each: text for each, text in given.items() if each not in constants}
    return model.with_values(values) if values else model, others
