"""`pumpleak fit`: a model fitted to measured data, what came of it written to a folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.console import Console, options
from pumpleak.app.interrupts import held_interrupts
from pumpleak.base.errors import FormatError, NameUnknown, SolveError

if TYPE_CHECKING:
    from pumpleak.fitting.result import Fit
    from pumpleak.formats.outputs import Folder

STARTS, SEED, STEPS = 8, 1, 2000


@click.command()
@click.argument("study")
@click.option("--out", required=True, type=click.Path(file_okay=True, path_type=Path), metavar="DIR",
              help="Folder for the results.")
@click.option("--starts", type=int, default=STARTS, show_default=True, metavar="COUNT",
              help="Searches: the first from the values of the model, others spread over the bounds.")
@click.option("--profile", "profiles", is_flag=True, help="Intervals by profile likelihood, with a figure of each.")
@click.option("--sample", "draws", is_flag=True, help=f"Sample what agrees with the data, {STEPS} steps of emcee.")
@click.option("--figure/--no-figure", default=True, help="Draw figures, as PNG and SVG (default), or not.")
@options
def fit(console: Console, study: str, out: Path, starts: int, profiles: bool, draws: bool, figure: bool) -> None:
    """Fit a scheme or a cell to measured data, as the file STUDY says.

    STUDY is a file that begins with `fit:` (docs/fitting.md), or one of the catalogue: post-albers (the default pump) or
    post-albers-23-start (smaller). Writes fit.json, fitted.yaml (the model with what was found), residuals.csv, lines.csv and
    figures to the folder of --out, also after Ctrl-C, as far as it came.
    """
    if starts < 1:
        raise FormatError(f"--starts {starts}: give 1 or more")
    from pumpleak.fitting.solution import solve
    from pumpleak.formats.fit_read import fits, problem_in
    from pumpleak.formats.outputs import Folder
    from pumpleak.formats.shelves import is_path

    if not is_path(study) and study not in fits():
        raise NameUnknown(f"unknown fit {study!r}; the catalogue has {', '.join(fits())}; a file of yours ends in .yaml")
    problem = problem_in(study)
    if draws:
        _need_emcee()
    folder = Folder(out)  # before any work: a folder that cannot be written to is known now
    seed = console.seed if console.seed is not None else SEED
    try:
        found = solve(problem, starts, seed, profiles, console.say)
    except SolveError as error:
        _write_what_there_is(console, folder, error.partial, seed)
        raise
    if draws:
        with console.doing("sampling"):
            try:
                found = found.sample(STEPS, seed=seed)
            except KeyboardInterrupt:
                _write_what_there_is(console, folder, found, seed)
                raise
    _write(console, folder, found, seed, figure)
    from pumpleak.formats.fit_written import fit_plain

    console.result(f"{found}\nwritten to {folder.path}", {**fit_plain(found), "seed": seed})


def _need_emcee() -> None:
    """Refuse --sample before the fit where it could not be done after it."""
    from importlib.util import find_spec

    from pumpleak.fitting.sample import INSTALL

    if find_spec("emcee") is None:
        raise FormatError(f"--sample needs emcee, which is not installed; install it with: {INSTALL}")


def _write_what_there_is(console: Console, folder: Folder, partial: object, seed: int) -> None:
    from pumpleak.fitting.result import Fit

    if not isinstance(partial, Fit):
        return
    with suppress(KeyboardInterrupt):  # a second one; what ended the fit is what is reported
        _write(console, folder, partial, seed, figure=False)
    console.say(f"the best so far is in {folder.path}")


def _write(console: Console, folder: Folder, found: Fit, seed: int, figure: bool) -> None:
    """Write the tables whole whatever is pressed meanwhile, then the figures, unless Ctrl-C was pressed."""
    from pumpleak.fitting.lines import lines
    from pumpleak.formats.fit_written import write_fit

    def answer() -> None:
        console.say("interrupted; the tables are still written, figures are not")

    with held_interrupts(answer), console.doing("writing"):
        through = lines(found)
        write_fit(folder, found, through, {"seed": seed})
    if not figure:
        return
    from pumpleak.app.fit_figures import data_figure, profile_figure
    from pumpleak.app.style import picture

    with console.doing("drawing"):
        drawn = {"data": data_figure(found, through), **({"profiles": profile_figure(found)} if found.profiles else {})}
        for name, each in drawn.items():
            for form in ("png", "svg"):
                folder.bytes(f"{name}.{form}", picture(each, form))
