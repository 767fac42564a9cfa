"""`pumpleak compare`: two runs or models in one table and one figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.cli_models import EVERY, FINER, INTERRUPTED, SETTING, kind_of, positive_time
from pumpleak.app.console import Console, options, pairs
from pumpleak.base.errors import FormatError, LedgerError, ModelError, PumpleakError, SolveError

if TYPE_CHECKING:
    from pumpleak.app.compare import Comparison
    from pumpleak.app.compared import Side
    from pumpleak.formats.outputs import Folder
    from pumpleak.lab.experiment import Experiment


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--until", metavar="TIME", help="How long to run cells, for example 10min.")
@EVERY
@click.option("--study", "study_name", metavar="STUDY", help="What to do to cells: the experiment of this study.")
@SETTING
@click.option("--set-b", "settings_b", multiple=True, metavar="NAME=VALUE", help="As --set, but for B alone.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the table and the figure.")
@click.option("--figure/--no-figure", default=True, help="Draw both, as PNG and SVG (default), or not.")
@options
def compare(console: Console, first: str, second: str, until: str | None, every: str | None, study_name: str | None,
            settings: tuple[str, ...], settings_b: tuple[str, ...], out: Path | None, figure: bool) -> None:
    """Compare A and B: each a cell or a study, of the catalogue or a file, or the folder of a finished run.

    The table has the values at rest and at the end, the extremes, the events (spikes and what they cost), and how B differs
    from A. With --out, compare.csv and compare.json hold every quantity that both have, and compare.png draws both.
    """
    from pumpleak.app.compare import Comparison
    from pumpleak.formats.outputs import Folder

    both, second_only = pairs(settings), pairs(settings_b, "--set-b")
    _check_options(first, second, until, every, study_name, both, second_only)
    given = [_experiment(name, until, every, study_name, values)
             for name, values in ((first, both), (second, {**both, **second_only}))]
    folder = Folder(out) if out is not None else None  # before any work: a folder that cannot be written to is known now
    labels = [", ".join([name, *(f"{key}={value}" for key, value in values.items())])
              for name, values in ((first, both), (second, {**both, **second_only}))]
    sides, errors = [], []
    for each, name, label in zip(given, (first, second), labels, strict=True):
        side, error = _side(console, each, name, label)
        sides.append(side)
        errors += [error] if error is not None else []
    found = Comparison(*sides)
    if folder is not None:
        _write(console, folder, found, figure)
    if errors:
        console.say(f"what was computed is in {folder.path}" if folder else "with --out what was computed is written")
        raise errors[0]
    console.result("\n".join([str(found), *([f"written to {folder.path}"] if folder else [])]), found.to_json())


def _side(console: Console, experiment: Experiment | None, name: str, label: str) -> tuple[Side, PumpleakError | None]:
    """One side: read from its folder, or run; of a run that fails, what there is and the error."""
    from pumpleak.app.compared import UNTOLD, Side
    from pumpleak.lab.rest import rest
    from pumpleak.lab.result import Result
    from pumpleak.lab.run import run

    if experiment is None:
        return Side.of_folder(Path(name)), None
    with console.progress(f"running {label}") as progress:
        try:
            side = Side.of_result(run(experiment, progress=progress), label, rest(experiment.model))
            finer = "" if kind_of(name) == "study" else FINER
            remarks = tuple(f"{each}{finer if each.startswith(UNTOLD) else ''}" for each in side.remarks)
            return replace(side, remarks=remarks), None
        except (SolveError, LedgerError) as error:
            partial = error.partial if isinstance(error, SolveError) else error.result
            if not isinstance(partial, Result) or partial.status == INTERRUPTED:
                raise
            return Side.of_result(partial, label), error


def _experiment(name: str, until: str | None, every: str | None, study_name: str | None,
                values: dict[str, str]) -> Experiment | None:
    """What is to be run; None for a folder, where all is done."""
    from pumpleak.app.compare import placed
    from pumpleak.formats.catalog import find, light, study
    from pumpleak.formats.shelves import MODELS
    from pumpleak.lab.experiment import Experiment
    from pumpleak.lab.protocol import hold

    kind = _kind(name)
    if kind == "folder":
        return None
    if kind in ("scheme", "rate_law"):
        raise ModelError(f"{name!r} is an enzyme, not a cell; `pumpleak pump A B` shows enzymes side by side")
    if kind == "study":
        return study(name, values).experiment
    find(name, *MODELS, "study")
    cell = light(name, values)
    if study_name is not None:
        return placed(study(study_name).experiment, cell)
    if until is None:
        raise FormatError(f"{name} is a cell, which does not say how long to run; give --until 10min, or --study NAME")
    positive_time(until, "--until")
    if every is not None:
        positive_time(every, "--every")
    return Experiment(cell, hold(until), every=every)


def _check_options(first: str, second: str, until: str | None, every: str | None, study_name: str | None,
                   both: dict[str, str], second_only: dict[str, str]) -> None:
    """Refuse options that would be left out silently."""
    kinds = [_kind(name) for name in (first, second)]
    if until is not None and study_name is not None:
        raise FormatError(f"--until {until!r} and --study {study_name!r} both say what to run; leave one out")
    if every is not None and until is None:
        raise FormatError(f"--every {every!r}: studies and finished runs say so themselves; with cells give --until too")
    timed = f"--until {until!r}" if until is not None else f"--study {study_name!r}" if study_name is not None else ""
    if timed and not {"cell", "system", ""} & set(kinds):
        raise FormatError(f"{timed}: neither {first} nor {second} is a cell; studies and finished runs say so themselves")
    if both and kinds == ["folder", "folder"]:
        raise FormatError(f"--set {'='.join(next(iter(both.items())))!r}: {first} and {second} are finished runs, whose "
                          "numbers are what they are; leave it out")
    if second_only and kinds[1] == "folder":
        raise FormatError(f"--set-b {'='.join(next(iter(second_only.items())))!r}: {second} is a finished run, whose numbers "
                          "are what they are; leave it out")


def _kind(name: str) -> str:
    """folder, cell, study, scheme or rate_law; "" for what cannot be read, which is reported by whoever opens it."""
    try:
        if Path(name).is_dir():
            return "folder"
    except (OSError, ValueError):
        return ""
    return kind_of(name)


def _write(console: Console, folder: Folder, found: Comparison, figure: bool) -> None:
    folder.json("compare.json", {**found.to_json(), "seed": console.seed})
    folder.text("compare.csv", found.csv())
    if figure:
        from pumpleak.app.style import picture

        with console.doing("drawing"):
            drawn = found.figure()
            for form in ("png", "svg"):
                folder.bytes(f"compare.{form}", picture(drawn, form))
