"""`pumpleak tour`: every claim with its number, the published value, and a figure."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.console import BREACH, Console, options

if TYPE_CHECKING:
    from pumpleak.app.tour import Tour

GAP = "  "


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
    console.result("\n".join([*_lines(taken, shutil.get_terminal_size().columns), "", taken.in_words, f"report: {page}"]), plain)
    failed = [row.id for row in taken.rows if not row.ok]
    if strict and failed:
        click.echo(f"pumpleak: {len(failed)} verdicts failed: {', '.join(failed)}", err=True)
        raise SystemExit(BREACH)


def _lines(taken: Tour, width: int) -> list[str]:
    """A line for each row and each claim, cut to the width of the screen; tour.json and the report have the whole text."""
    from pumpleak.app.tour import typed

    heads = ("simulated", "expected", "kind", "")
    cells = [(typed(row.number), typed(row.published), row.target.kind, "ok" if row.ok else "MISS") for row in taken.rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    room = max(width - sum(widths) - len(GAP) * len(widths), *(len(row.id) for row in taken.rows))
    lefts = [f"{row.id}{GAP}{typed(row.target.quantity)}" for row in taken.rows]
    lines = [_line(left, right, room, widths) for left, right in zip(("quantity", *lefts), (heads, *cells), strict=True)]
    claims = [cut(f"{claim.id}  {claim.status:<15}  {typed(claim.text)}", width) for claim in taken.claims]
    return [*lines, "", *claims]


def _line(left: str, right: tuple[str, ...], room: int, widths: list[int]) -> str:
    number, *others = (f"{cell:<{width}}" for cell, width in zip(right, widths, strict=True))
    return GAP.join([f"{cut(left, room):<{room}}", number.strip().rjust(widths[0]), *others]).rstrip()


def cut(text: str, width: int) -> str:
    """A text on a line of so many characters, its end replaced by dots where it is too long."""
    return text if len(text) <= width else f"{text[:max(width - 3, 0)].rstrip()}..."
