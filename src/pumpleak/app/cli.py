"""The command line: `pumpleak COMMAND`. Commands import what they need when they run, so that --help starts at once."""

from __future__ import annotations

import click

from pumpleak.app.cli_info import doctor, list_entries
from pumpleak.app.cli_models import rest, run
from pumpleak.app.cli_pump import pump
from pumpleak.app.cli_tour import tour


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pumpleak", message="%(prog)s %(version)s")
def main() -> None:
    """The sodium-potassium pump and what it does, from enzyme to cell.

    Exit codes: 0 done, 1 the solve failed (what was computed is written), 2 bad input, 3 the ledger does not close or,
    with --strict, a verdict failed.
    """


for command in (tour, list_entries, rest, run, pump, doctor):
    main.add_command(command)
