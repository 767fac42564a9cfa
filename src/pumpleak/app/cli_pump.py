"""`pumpleak pump`: the steady state of an enzyme scheme against voltage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.console import Console, options, pairs
from pumpleak.app.ranges import read_range
from pumpleak.base.errors import FormatError, ModelError

if TYPE_CHECKING:
    from pumpleak.enzyme.scheme import Scheme
    from pumpleak.formats.outputs import Folder

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
    # imported here: --help and a wrong range need no numbers
    from pumpleak.app.pump_table import csv_text, plain_of, response_to, text_of
    from pumpleak.formats.catalog import load

    wanted = read_range(voltages, "--V") if voltages else None
    folder = _folder_of(file) if file is not None else None
    enzyme = _a_scheme(load(scheme), scheme)
    base = conditions or _usual(enzyme)
    response = response_to(enzyme, base, pairs(settings), wanted)
    if file is not None and folder is not None:
        folder.text(file.name, csv_text(response))
        console.say(f"written to {file}")
    console.result(text_of(response, base, wanted, occupancy), plain_of(response, base, wanted, occupancy))


def _folder_of(file: Path) -> Folder:
    from pumpleak.formats.outputs import Folder

    if not file.parent.is_dir():
        raise FormatError(f"--csv {str(file)!r}: there is no folder {str(file.parent)!r}; make it first, or name another")
    return Folder(file.parent, "--csv")


def _a_scheme(model: object, name: str) -> Scheme:
    from pumpleak.enzyme.scheme import Scheme

    if not isinstance(model, Scheme):
        kind = type(model).__name__.lower()
        raise ModelError(f"{name!r} is a {kind}, not a pump; use `pumpleak rest` or `pumpleak run` for it")
    return model


def _usual(scheme: Scheme) -> str:
    """The usual condition, else the scheme's first one, else none."""
    return USUAL if USUAL in scheme.conditions else next(iter(scheme.conditions), "")
