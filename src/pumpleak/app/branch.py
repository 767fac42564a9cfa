"""`pumpleak rest MODEL --along NAME=FROM:TO`: a branch of rests as text, JSON, table and figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pumpleak.app.console import Console
from pumpleak.base.errors import FormatError, UnitError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity, Unit, quantity

if TYPE_CHECKING:
    from pumpleak.formats.outputs import Folder
    from pumpleak.lab.branch import Branch
    from pumpleak.lab.programs import Labelled, Model

Ends = tuple[Quantity | None, Quantity]
EXAMPLE = 'for example --along pump.activity=1:0 or --along outside.K="3:40 mM"'


def answer(console: Console, model: Model, along: tuple[str, ...], logarithmic: bool, table: Path | None,
           out: Path | None) -> Branch:
    """Follow the branch, and write the files asked for; the first of `along` is the parameter, others move with it."""
    from pumpleak.formats.branches import branch_table
    from pumpleak.formats.outputs import Folder
    from pumpleak.lab.branch import branch
    from pumpleak.lab.programs import labelled

    lines = _lines(along, labelled(model))
    # before any work: a folder that cannot be written to is known now
    folder = Folder(out) if out is not None else None
    beside = Folder(table.parent, "--csv") if table is not None else None
    (name, (_, end)), *others = lines.items()
    begin = {each: start for each, (start, _) in lines.items() if start is not None}
    with console.doing(f"following {name}"):
        found = branch(model, name, end, values=begin, meanwhile={each: last for each, (_, last) in others},
                       scale="log" if logarithmic else "linear")
    if table is not None and beside is not None:
        beside.text(table.name, branch_table(found))
    if folder is not None:
        _write(console, folder, found)
    return found


def told(found: Branch, notes: tuple[str, ...], remarks: tuple[str, ...]) -> str:
    """The branch as text, with these notes and remarks."""
    return str(replace(found, notes=notes, remarks=remarks))


def _write(console: Console, folder: Folder, found: Branch) -> None:
    from pumpleak.app.branch_figure import branch_figure
    from pumpleak.app.style import picture
    from pumpleak.formats.branches import branch_table

    folder.json("branch.json", found.to_json())
    folder.text("branch.csv", branch_table(found))
    with console.doing("drawing"):
        drawn = branch_figure(found)
        for form in ("png", "svg"):
            folder.bytes(f"branch.{form}", picture(drawn, form))


def _lines(given: tuple[str, ...], labels: Labelled) -> dict[str, Ends]:
    """First and last value of each parameter, in the order given."""
    lines: dict[str, Ends] = {}
    for text in given:
        name, equals, values = (part.strip() for part in text.partition("="))
        first, colon, last = (part.strip() for part in values.partition(":"))
        if not (name and equals and colon and last) or ":" in last:
            raise FormatError(f"--along {shown(text)}: expected NAME=FROM:TO, {EXAMPLE}")
        if name in lines:
            raise FormatError(f"--along {shown(text)}: {name} already goes somewhere; give it once")
        lines[name] = _ends(f"--along {shown(text)}", name, first, last, labels)
    return lines


def _ends(option: str, name: str, first: str, last: str, labels: Labelled) -> Ends:
    """Both ends with a unit: each its own, that of the other, or that in which the parameter is kept."""
    try:
        begin, end = quantity(first) if first else None, quantity(last)
    except UnitError as error:
        raise UnitError(f"{option}: {error}; {EXAMPLE}") from None
    units = [each.unit for each in (begin, end) if each is not None and each.unit.parts]
    if units:
        return (_with(begin, units[0]) if begin is not None else None), _with(end, units[0])
    return (_kept(begin, name, labels.units) if begin is not None else None), _kept(end, name, labels.units)


def _kept(value: Quantity, name: str, units: Mapping[str, str]) -> Quantity:
    from pumpleak.lab.experiment import unit_of

    return _with(value, unit_of(units.get(name, "")))


def _with(value: Quantity, measured: Unit) -> Quantity:
    return value if value.unit.parts else value * measured
