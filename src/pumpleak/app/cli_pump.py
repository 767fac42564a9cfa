"""`pumpleak pump`: the steady state of enzyme schemes against voltage, concentrations and temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.console import Console, options, pairs
from pumpleak.app.ranges import read_range
from pumpleak.base.errors import FormatError, ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, shown

if TYPE_CHECKING:
    from pumpleak.app.pump.answer import Pump
    from pumpleak.app.pump.report import Report
    from pumpleak.formats.outputs import Folder


@click.command()
@click.argument("schemes", nargs=-1, required=True, metavar="SCHEME...")
@click.option("--V", "voltages", metavar="START:STOP:COUNT", help="Voltages in mV, for example -120:60:19.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
              help='For example inside.Na="10 mM", a range inside.Na=2:60:30 (outside.K=0.1:20:30:log) or a list '
                   "outside.Na=1.5,50,150; or a constant of the scheme, such as on_ion.")
@click.option("--conditions", metavar="NAME", default="",
              help="A named set of conditions of the scheme; all of them are named beneath the table, with -v in full.")
@click.option("--isoform", default="", metavar="NAME",
              help="Other subunits: alpha2beta1, rat-alpha3, alpha1beta1-fxyd1.")
@click.option("--congener", default="", metavar="ION", help="Another ion in the place of K: Rb, Tl, NH4 or Cs.")
@click.option("--inhibitor", "inhibitors", multiple=True, metavar="NAME",
              help='A drug that the pump binds, for example ouabain with --set outside.Ouabain="1 uM".')
@click.option("--temperature", metavar="DEGC", help="Temperature in degC, or a range or list of them.")
@click.option("--pH", "pH", metavar="PH", help="pH inside.")
@click.option("--total", "totals", multiple=True, metavar="NAME=VALUE",
              help='Total ATP, ADP, Pi and Mg inside, bound and free, for example ATP="8 mM" with Mg="8.8 mM".')
@click.option("--occupancy", is_flag=True, help="Show the share of pumps in each state.")
@click.option("--cycles", is_flag=True, help="Show flux and energy of each cycle, efficiency and reversal potentials.")
@click.option("--modes", is_flag=True, help="Show all transport modes with their one-way fluxes.")
@click.option("--jump", "jumps", multiple=True, metavar="NAME=VALUE",
              help='Show how the scheme relaxes when conditions jump, for example membrane.V="-80 mV".')
@click.option("--charge", metavar="START:STOP:COUNT", help="Show the charge moved by jumps to these voltages in mV.")
@click.option("--data", metavar="NAME|FILE.csv", default="", help="Measured points to compare with (`pumpleak list`).")
@click.option("--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write all columns to this file.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for tables, summary and figures.")
@click.option("--figure/--no-figure", default=True, help="Draw figures, as PNG and SVG (default), or not.")
@options
def pump(console: Console, schemes: tuple[str, ...], voltages: str | None, settings: tuple[str, ...], conditions: str,
         isoform: str, congener: str, inhibitors: tuple[str, ...],
         temperature: str | None, pH: str | None, totals: tuple[str, ...], occupancy: bool, cycles: bool, modes: bool,
         jumps: tuple[str, ...], charge: str | None, data: str, file: Path | None, out: Path | None, figure: bool) -> None:
    """Show turnover and current of the pump SCHEME against voltage or whatever else is swept.

    SCHEME is a pump of the catalogue (see `pumpleak list`) or a YAML file; several are compared side by side. The first
    range is the axis (--V if it is given), other ranges and lists make a family of curves. Na counts outward, K inward,
    current outward, all for one pump.
    """
    # imported here: --help and a wrong range need no numbers
    from pumpleak.app.pump.question import asked
    from pumpleak.app.pump.report import Wanted, report
    from pumpleak.app.pump.table import named_text

    given = pairs(settings)
    constants = {name: given.pop(name) for name in list(given) if _names_constant(name)}
    parts = (isoform, congener, inhibitors)
    pumps = [_pump(name, constants, parts) for name in schemes]
    _refuse_unknown(pumps, {**{name: f"--set {name}" for name in given}, **({"inside.H": "--pH"} if pH is not None else {}),
                            **({"temperature": "--temperature"} if temperature is not None else {})})
    question = asked(conditions, given, voltages, temperature, pH, pairs(totals, "--total"))
    wanted = Wanted(occupancy, cycles, modes, pairs(jumps, "--jump"), read_range(charge, "--charge") if charge else None, data)
    _check_folder(file)
    found = report(pumps, question, wanted)
    _write(console, found, file, out, figure)
    console.result("\n\n".join([found.text, named_text(pumps)] if console.verbose else [found.text]), found.plain)


def _write(console: Console, found: Report, file: Path | None, out: Path | None, figure: bool) -> None:
    """Write what was computed: the table of --csv, then the folder of --out, its figures last."""
    from pumpleak.formats.outputs import Folder

    folder = Folder(out) if out is not None else None  # before anything is written: it may be refused
    if file is not None:
        Folder(file.parent, "--csv").text(file.name, found.tables["pump.csv"])
        console.say(f"written to {file}")
    if folder is None:
        return
    folder.json("summary.json", {**found.plain, "seed": console.seed})
    for name, text in found.tables.items():
        folder.text(name, text)
    if figure:
        with console.doing("drawing"):
            _draw(folder, found)
        if found.remark:
            console.say(found.remark)
    console.say(f"written to {folder.path}")


def _draw(folder: Folder, found: Report) -> None:
    from pumpleak.app.style import picture

    for name, draw in found.figures.items():
        drawn = draw()
        for form in ("png", "svg"):
            folder.bytes(f"{name}.{form}", picture(drawn, form))


def _check_folder(file: Path | None) -> None:
    """Refuse a file in a folder that is not there before anything is computed."""
    if file is not None and not file.parent.is_dir():
        raise FormatError(f"--csv {str(file)!r}: there is no folder {str(file.parent)!r}; make it first, or name another")


def _names_constant(name: str) -> bool:
    """Whether a setting can be meant for a constant of the scheme: conditions are dotted, but for the temperature."""
    return "." not in name and name != "temperature"


def _refuse_unknown(pumps: Sequence[Pump], given: Mapping[str, str]) -> None:
    """Refuse a condition that a pump lacks before its value is read, saying which pumps lack it. Given: option by name."""
    from pumpleak.app.pump.answer import knows

    for name, option in given.items():
        lacking = [pump for pump in pumps if name not in knows(pump)]
        having = [pump.name for pump in pumps if pump not in lacking]
        if lacking and having:
            raise FormatError(f"{option}: {' and '.join(pump.name for pump in lacking)} "
                              f"know{'s' * (len(lacking) == 1)} no {name}, only {' and '.join(having)} "
                              f"do{'es' * (len(having) == 1)}; leave {option} out, or show them apart")
        if lacking:
            known = list(dict.fromkeys(each for pump in pumps for each in knows(pump)))
            raise NameUnknown(f"{' and '.join(pump.name for pump in pumps)}: no condition is called {shown(name)} ({option})"
                              f"{_met_by_inhibition(name) or did_you_mean(name, known)}")


def _met_by_inhibition(name: str) -> str:
    """How a pump comes to know a drug, for the name of one."""
    from pumpleak.base.species import DRUGS

    drug = next((each for each in DRUGS if name.lower().endswith(f".{each.lower()}")), "")
    return f"; a pump that binds it does: --inhibitor {drug.lower()}" if drug else ""


def _pump(name: str, constants: Mapping[str, str], parts: tuple[str, str, tuple[str, ...]]) -> Pump:
    """A pump, with other parts (isoform, congener, inhibitors) and constants."""
    from pumpleak.base.units import internal
    from pumpleak.enzyme.rate_law import RateLaw
    from pumpleak.enzyme.scheme import Scheme
    from pumpleak.formats.catalog import load
    from pumpleak.formats.shelves import is_path

    try:
        model = load(name)
    except NameUnknown as error:
        if is_path(name):
            raise
        raise NameUnknown(f"{error} (`pumpleak list` shows all pumps)") from None
    if not isinstance(model, Scheme | RateLaw):
        kind = type(model).__name__.lower()
        raise ModelError(f"{name!r} is a {kind}, not a pump; use `pumpleak rest` or `pumpleak run` for it")
    if any(parts):
        if not isinstance(model, Scheme):
            raise ModelError(f"{name!r} is a rate law, a formula without states; "
                             f"{', '.join([*filter(None, parts[:2]), *parts[2]])} needs a scheme")
        from pumpleak.formats.pump_parts import composed

        model = composed(model, *parts)
    units = {parameter.name: parameter.unit for parameter in model.parameters}
    for each, text in constants.items():
        if each not in units:
            raise FormatError(f"--set {each}={text!r}: {model.name} has no condition and no constant {each!r}"
                              f"{did_you_mean(each, [*model.ligands, 'membrane.V', 'temperature', *units])}")
        if ":" in text or "," in text:
            raise FormatError(f"--set {each}={text!r}: {each} is a constant of {model.name}, which takes one value; ranges "
                              "and lists are for concentrations, membrane.V and temperature")
    values = {each: internal(text, units[each], each) for each, text in constants.items()}
    return model.with_values(values) if values else model
