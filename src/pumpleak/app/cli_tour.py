"""`pumpleak tour`: every claim with its number, the published value, and a figure."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.console import BREACH, Console, options

if TYPE_CHECKING:
    from pumpleak.app.tour import Tour

GAP, DOTS = "  ", "..."


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
    lines = screen(taken, shutil.get_terminal_size().columns)
    console.result("\n".join([*lines, "", taken.in_words, f"report: {page}"]), plain)
    failed = [row.id for row in taken.rows if not row.ok]
    if strict and failed:
        click.echo(f"pumpleak: {len(failed)} verdicts failed: {', '.join(failed)}", err=True)
        raise SystemExit(BREACH)


def screen(taken: Tour, width: int) -> list[str]:
    """A line for each row and each claim, cut to the width of the screen; tour.json and the report have the whole text."""
    from pumpleak.app.tour import typed

    lefts = [("quantity", ""), *((row.id, typed(row.target.quantity)) for row in taken.rows)]
    rights = [("simulated", "expected", "kind", ""), *(
        (typed(row.number), typed(row.published), row.target.kind, "ok" if row.ok else "MISS") for row in taken.rows)]
    widths = [max(map(len, column)) for column in zip(*rights, strict=True)]
    # a name is never cut: it is what tour.json and --strict call the row
    room = max(width - sum(widths) - len(GAP) * len(widths), *(len(row.id) for row in taken.rows))
    lines = []
    for (name, quantity), (number, *words) in zip(lefts, rights, strict=True):
        left = f"{name}{GAP}{cut(quantity, room - len(name) - len(GAP))}"[:room]
        cells = [left.ljust(room), number.rjust(widths[0]), *map(str.ljust, words, widths[1:])]
        lines.append(GAP.join(cells).rstrip())
    return [*lines, "", *(cut(f"{claim.id}{GAP}{claim.status:<15}{GAP}{typed(claim.text)}", width) for claim in taken.claims)]


def cut(text: str, width: int) -> str:
    """A text in so many characters, its end replaced by dots where it is too long; nothing where dots are all that fits."""
    if len(text) <= width:
        return text
    return f"{text[:width - len(DOTS)].rstrip()}{DOTS}" if width > len(DOTS) else ""
