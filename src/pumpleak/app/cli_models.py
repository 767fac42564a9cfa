"""`pumpleak rest` and `pumpleak run`: what a cell settles to, and what it does over time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpleak.app.console import Console, options, pairs
from pumpleak.app.interrupts import held_interrupts
from pumpleak.app.ledger_words import ledger_line
from pumpleak.base.errors import FormatError, LedgerError, ModelError, PumpleakError, SolveError

if TYPE_CHECKING:
    from pumpleak.formats.outputs import Folder
    from pumpleak.lab.experiment import Experiment
    from pumpleak.lab.rest import Rest
    from pumpleak.lab.result import Result

INTERRUPTED = "interrupted"  # the status of a result that Ctrl-C ended
PHENOMENOLOGICAL = "phenomenological"  # the word by which a result marks a rate law that does not know its free energy
REDUCED = " fast steps of "  # in the remark on a pump whose fast binding is taken as at equilibrium
WHERE = " sampled conditions "  # follows the number of points at which that was tried, and begins where they lie
BALANCED = "balanced by "  # begins the note of the strengths that a balance found
SETTING = click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help='For example outside.K="8 mM".')
EVERY = click.option("--every", metavar="TIME", help="Time between the rows of a cell, for example 0.1ms (1001 rows if not "
                     "given); a study says so itself.")
FINER = "; on the command line --every TIME"  # after the reason why spikes are untold


@dataclass(frozen=True)
class Drawing:
    """What a figure shows: names, None for what one looks at first, and from when to when."""

    names: list[str] | None
    span: tuple[str | None, str | None]


@click.command()
@click.argument("model")
@SETTING
@click.option("--along", multiple=True, metavar="NAME=FROM:TO",
              help="Follow the rest while a parameter moves, for example pump.activity=1:0. Given again, others move with the "
                   'first: --along outside.K="4:40 mM" --along outside.Na="145:109 mM".')
@click.option("--log", "logarithmic", is_flag=True, help="With --along: equal steps of the parameter's logarithm.")
@click.option("--csv", "table", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="With --along: write the branch as CSV.")
@click.option("--out", "out", type=click.Path(file_okay=True, path_type=Path), metavar="DIR",
              help="With --along: folder for the branch as CSV, JSON and figure.")
@options
def rest(console: Console, model: str, settings: tuple[str, ...], along: tuple[str, ...], logarithmic: bool,
         table: Path | None, out: Path | None) -> None:
    """Find where the cell MODEL comes to rest, and whether it is stable.

    MODEL is a cell of the catalogue (see `pumpleak list`) or a YAML file. That there is no rest is an answer, not an
    error. With --along the rest is followed while a parameter moves; folds and Hopf points are found on the way.
    """
    from pumpleak.app import branch
    from pumpleak.formats.catalog import light
    from pumpleak.lab.notes import fleeting
    from pumpleak.lab.programs import program_for
    from pumpleak.lab.rest import rest as find_rest

    _refuse_scheme(model, "rest")
    if kind_of(model) == "study":
        raise ModelError(f"{model!r} is a study, not a cell; `pumpleak run {model} --out DIR` runs it")
    values = pairs(settings)
    cell = light(model, values)
    starts = fleeting(program_for(cell).labels, values, resting=True)
    if along:
        followed = branch.answer(console, cell, along, logarithmic, table, out)
        followed = replace(followed, remarks=(*followed.remarks, *starts))
        notes = () if console.quiet else worth_saying(followed.notes, console.verbose)
        remarks = tuple(each if console.verbose else _shorter(each) for each in followed.remarks)
        console.result(branch.told(followed, notes, () if console.quiet else remarks), followed.to_json())
        return
    _need_along(logarithmic, table, out)
    found = find_rest(cell)
    found = replace(found, remarks=(*found.remarks, *starts))
    told = replace(found, notes=(), remarks=()) if console.quiet else _in_short(found, console.verbose)
    console.result(str(told), found.to_json())


@click.command()
@click.argument("model")
@click.option("--until", metavar="TIME", help="How long to run a cell, for example 10min; a study says so itself.")
@SETTING
@EVERY
@click.option("--record", "names", multiple=True, metavar="NAME", help="A quantity to keep; all if none is given.")
@click.option("--out", "out", required=True, type=click.Path(file_okay=True, path_type=Path), metavar="DIR",
              help="Folder for the results.")
@click.option("--csv", "as_csv", is_flag=True, help="Write the table as CSV (what is done anyway).")
@click.option("--figure/--no-figure", default=True, help="Draw the result, as PNG and SVG (default), or not.")
@click.option("--plot", "shown", metavar="NAMES", help="What the figure shows, a panel each, for example inside.Na,membrane.V.")
@click.option("--from", "begin", metavar="TIME", help="Where the figure begins.")
@click.option("--to", "end", metavar="TIME", help="Where the figure ends.")
@options
def run(console: Console, model: str, until: str | None, settings: tuple[str, ...], every: str | None,
        names: tuple[str, ...], out: Path, as_csv: bool, figure: bool, shown: str | None, begin: str | None,
        end: str | None) -> None:
    """Run the cell or the study MODEL over time.

    Writes result.csv, summary.json, study.yaml (what would run the same again) and figures to the folder of --out, also
    for a run that fails or is interrupted, as far as it came.
    """
    from pumpleak.formats.outputs import Folder
    from pumpleak.lab.notes import fleeting
    from pumpleak.lab.programs import program_for
    from pumpleak.lab.run import run as run_experiment

    values = pairs(settings)
    experiment, resolved = _experiment(model, until, every, values, names)
    drawing = _drawing(experiment, figure, shown, begin, end)
    folder = Folder(out)  # before any work: a folder that cannot be written to is known now
    try:
        with console.progress(f"running {model}") as progress:
            result = run_experiment(experiment, progress=progress)
    except (SolveError, LedgerError) as error:
        partial = error.partial if isinstance(error, SolveError) else error.result
        _write_what_there_is(console, folder, partial, resolved, drawing)
        raise
    _write(console, folder, result, resolved)
    starts = fleeting(program_for(experiment.model).labels, values, resting=False)
    # the answer first: to load the library that draws takes three times as long as all before
    console.result(_report(result, folder.path, console, kind_of(model) == "study", starts), result.summary())
    _draw(console, folder, result, resolved, drawing)


def _experiment(model: str, until: str | None, every: str | None, settings: dict[str, str],
                names: tuple[str, ...]) -> tuple[Experiment, dict[str, Any]]:
    """The experiment, and the content of a study file that would run it again."""
    from pumpleak.formats.catalog import find, light

    record = list(names) or None
    if kind_of(model) == "study":
        from pumpleak.formats.catalog import study

        if until is not None:
            raise FormatError(f"--until {until!r}: {model} is a study, whose protocol says how long it lasts; leave it out")
        if every is not None:
            raise FormatError(f"--every {every!r}: {model} is a study, which says so itself; leave it out, or change its "
                              "`every:`")
        found = study(model, settings)
        resolved: dict[str, Any] = {**found.resolved, **({"record": record} if record else {})}
        resolved["model"] = _lasting(str(resolved["model"]), find(model).parent)
        return (replace(found.experiment, record=record) if record else found.experiment), resolved
    _refuse_scheme(model, "run")
    find(model, "cell", "system", "study")
    cell = light(model, settings)
    if until is None:
        raise FormatError(f"{model} is a cell, which does not say how long to run; give for example --until 10min")
    from pumpleak.formats.study_written import study_written
    from pumpleak.lab.experiment import Experiment
    from pumpleak.lab.protocol import hold

    positive_time(until, "--until")
    if every is not None:
        positive_time(every, "--every")
    experiment = Experiment(cell, hold(until), record=record, every=every)
    resolved = study_written(f"{Path(model).stem}-run", _lasting(model, Path()), experiment, settings)
    return experiment, resolved


def positive_time(given: str, option: str) -> None:
    """Refuse what is no time, or not a positive one, by the name of the option."""
    from pumpleak.base.units import internal

    if not internal(given, "ms", option) > 0:
        raise FormatError(f"{option} {given!r} is not positive; give a time such as 10min")


def _lasting(model: str, folder: Path) -> str:
    """The name of a model as it holds in another folder."""
    from pumpleak.formats.shelves import is_path

    return str((folder / model).resolve()) if is_path(model) else model


def kind_of(model: str) -> str:
    """What the model is, where that can be told; what cannot be read is reported by whoever opens it."""
    from pumpleak.formats.catalog import kind_named

    try:
        return kind_named(model)
    except PumpleakError:
        return ""


def _need_along(logarithmic: bool, table: Path | None, out: Path | None) -> None:
    """Refuse what only a branch can be asked for."""
    given = "--log" if logarithmic else f"--csv {table}" if table is not None else f"--out {out}" if out is not None else ""
    if given:
        raise FormatError(f"{given}: one rest has no such thing; follow it with --along, for example "
                          "--along pump.activity=1:0, or ask for --json")


def _refuse_scheme(model: str, command: str) -> None:
    if kind_of(model) == "scheme":
        raise ModelError(f"{model!r} is an enzyme scheme, not a cell; `pumpleak {command}` needs a cell around it, "
                         f"`pumpleak pump {model}` shows the scheme alone")


def _in_short(found: Rest, verbose: int) -> Rest:
    """The rest with the notes to print: what a balance found is one; how a pump was reduced matters to a change, with -v."""
    technical = () if verbose else tuple(each for each in found.remarks if REDUCED in each)
    balanced = tuple(each for each in found.notes if each.startswith(BALANCED))
    return replace(found, notes=worth_saying((*found.notes, *technical), verbose, balanced),
                   remarks=tuple(each for each in found.remarks if each not in technical))


def _drawing(experiment: Experiment, figure: bool, shown: str | None, begin: str | None, end: str | None) -> Drawing | None:
    """What the figure is to show, checked before the run; None for no figure."""
    given = next((f"{option} {value!r}" for option, value in (("--plot", shown), ("--from", begin), ("--to", end))
                  if value is not None), "")
    if not figure:
        if given:
            raise FormatError(f"{given}: --no-figure asks for none; leave one of them out")
        return None
    names = [name.strip() for name in shown.split(",")] if shown is not None else None
    if given:
        from pumpleak.app.plot import check_quantities
        from pumpleak.app.view import view_of

        view_of(experiment.spans[-1].end, (begin, end), ("--from", "--to"))
        if names is not None:
            check_quantities(names, experiment.labels.units, experiment.labels.name, "--plot")
    return Drawing(names, (begin, end))


def _write_what_there_is(console: Console, folder: Folder, partial: object, resolved: dict[str, Any],
                         drawing: Drawing | None) -> None:
    from pumpleak.lab.result import Result

    if not isinstance(partial, Result):
        return
    with suppress(KeyboardInterrupt):  # a second one; what ended the run is what is reported
        _write(console, folder, partial, resolved)
        _draw(console, folder, partial, resolved, drawing)
    console.say(f"what was computed is in {folder.path}")


def _moment(result: Result) -> str:
    """How far a run came."""
    import numpy as np

    from pumpleak.lab.protocol import time_text

    return time_text(float(np.ravel(result.time.to("ms"))[-1]))


def _write(console: Console, folder: Folder, result: Result, resolved: dict[str, Any]) -> None:
    """Write table, summary and study, whole whatever is pressed meanwhile."""

    def answer() -> None:
        console.say(f"interrupted; the table is still written to {folder.path}, a figure is not")

    with held_interrupts(answer), console.doing("writing"):
        if result.status == INTERRUPTED:
            console.say(f"interrupted at {_moment(result)}; writing what there is")
        from pumpleak.formats.outputs import write_result

        write_result(folder, result, resolved, {"seed": console.seed})


def _draw(console: Console, folder: Folder, result: Result, resolved: dict[str, Any], drawing: Drawing | None) -> None:
    """Draw the figure, if one is wanted."""
    if drawing is None:
        return
    try:
        with console.doing("drawing"):
            from pumpleak.app.plot import plot
            from pumpleak.app.style import picture

            span = drawing.span if result.complete else None  # what ended early may not have come so far
            drawn = plot(result, quantities=drawing.names, span=span, title=str(resolved.get("title") or ""),
                         changed=resolved.get("set") or {})
            for form in ("png", "svg"):
                folder.bytes(f"result.{form}", picture(drawn, form))
    except KeyboardInterrupt:
        console.say(f"the drawing was cut short; the table is in {folder.path}")
        raise


def _report(result: Result, path: Path, console: Console, study: bool, starts: tuple[str, ...]) -> str:
    lines = [f"{result.model}: {result.status}, {result.statistics.steps} steps in {result.statistics.seconds:.2f} s"]
    shown = [name for name in ("membrane.V", "inside.Na", "inside.K", "inside.Cl", "inside.volume")
             if name in result.available]
    if shown:
        lines.append("at the end: " + ", ".join(f"{name} {result.final(name):.6g}" for name in shown))
    lines += _spikes(result, study)
    lines.append(ledger_line(result.ledger))
    if not console.quiet:
        lines += [f"note: {note}" for note in (*starts, *worth_saying(result.notes, console.verbose, result.remarks))]
    return "\n".join([*lines, f"written to {path}"])


def _spikes(result: Result, study: bool) -> list[str]:
    """A line on spikes where there are any, or on why they cannot be told."""
    if result.features_untold:
        return [f"spikes: {result.features_untold}{'' if study else FINER}"]
    counted = result.features.get("spikes")
    return [f"spikes: {result.spikes()}"] if counted is not None and counted.value else []


def worth_saying(notes: tuple[str, ...], verbose: int, always: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The notes to print: rate laws that ignore free energy and what must always be said; with -v the model's own as well."""
    chosen = tuple(note if verbose else _shorter(note) for note in notes
                   if verbose or PHENOMENOLOGICAL in note or note in always)
    left = len(notes) - len(chosen)
    return (*chosen, f"-v shows {left} more about the model") if left else chosen


def _shorter(note: str) -> str:
    """The remark on a reduced pump without the conditions at which it was tried."""
    before, found, _ = note.partition(WHERE)
    return f"{before.rpartition(' at ')[0]}." if found and REDUCED in note else note
