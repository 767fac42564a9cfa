"""All commands together. They import what they need when they run, so that --help starts at once."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

from pumpleak.app.cli_compare import compare
from pumpleak.app.cli_fit import fit
from pumpleak.app.cli_info import doctor, list_entries
from pumpleak.app.cli_models import rest, run
from pumpleak.app.cli_molecule import molecule
from pumpleak.app.cli_pump import pump
from pumpleak.app.cli_tour import tour
from pumpleak.app.console import answers


class Forgiving(click.Group):
    """Commands that no letter stops: what the encoding of a stream has not is written as "?", not as an error."""

    def main(self, *arguments: Any, **settings: Any) -> Any:
        """Run a command line."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*arguments, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named; an interruption before it has begun is answered as one within it."""
        with answers():
            return super().invoke(ctx)


@click.group(name="pumpleak", cls=Forgiving, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pumpleak", message="%(prog)s %(version)s")
def commands() -> None:
    """The sodium-potassium pump and what it does, from enzyme to cell.

    Exit codes: 0 done, 1 the solve failed (what was computed is written), 2 bad input, 3 the ledger does not close or,
    with --strict, a verdict failed.
    """


for command in (tour, list_entries, rest, run, pump, molecule, compare, fit, doctor):
    commands.add_command(command)
