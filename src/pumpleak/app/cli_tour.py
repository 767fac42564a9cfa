"""`pumpleak tour`: every claim with its number, the published value, and a figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.console import BREACH, Console, options

if TYPE_CHECKING:
    from pumpleak.app.tour import Tour


@click.command()
@click.option("--out", "out", type=click.Path(path_type=Path), default=Path("tour"), show_default=True, metavar="DIR",
              help="Folder for tour.json, report.html and the figures.")
@click.option("--strict", is_flag=True, help="Exit with 3 if a verdict failed.")
@options
def tour(console: Console, out: Path, strict: bool) -> None:
    """Show every claim about the pump with its number, the published value and a figure."""
    from pumpleak.app.report import report
    from pumpleak.app.tour import take_tour
    from pumpleak.formats.outputs import Folder

    folder = Folder(out)
    with console.progress("tour") as progress:
        taken = take_tour(progress)
    plain = taken.to_plain(console.seed)
    for name, content in taken.pictures.items():
        folder.bytes(name, content)
    folder.json("tour.json", plain)
    page = folder.text("report.html", report(taken))
    if not console.json:
        _print(taken)
    console.result(f"\n{taken.in_words}\nreport: {page}", plain)
    failed = [row.id for row in taken.rows if not row.ok]
    if strict and failed:
        click.echo(f"pumpleak: {len(failed)} verdicts failed: {', '.join(failed)}", err=True)
        raise SystemExit(BREACH)


def _print(taken: Tour) -> None:
    # here and not above: rich takes a while to start, and only this command draws a table
    from rich.console import Console as Screen
    from rich.table import Table
    from rich.text import Text

    screen = Screen(soft_wrap=False, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("claim", "quantity", "simulated", "published", "kind", "verdict"):
        table.add_column(heading, no_wrap=heading != "quantity", justify="right" if heading == "simulated" else "left")
    for row in taken.rows:
        table.add_row(row.claim, Text(row.target.quantity), Text(row.simulated), Text(row.published), row.target.kind,
                      Text(row.verdict, style="" if row.ok else "bold"))
    screen.print(table)
    screen.print()
    for claim in taken.claims:
        screen.print(Text(f"{claim.id}  {claim.status:<15}  {claim.text}"))
