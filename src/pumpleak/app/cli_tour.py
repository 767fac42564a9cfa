"""`pumpleak tour`: every claim with its number, the published value, and a figure."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpleak.app.console import BREACH, Console, options

if TYPE_CHECKING:
    from pumpleak.app.tour import Tour

GAP, DOTS = "  ", "..."
# Characters that a quantity needs to be understood; where a line has less room, it stands on a line of its own.
READABLE = 40
CLAIMS = 0.4  # share of the time that the claims take; the rest are figures


@click.command()
@click.option("--out", "out", type=click.Path(path_type=Path), default=Path("tour"), show_default=True, metavar="DIR",
              help="Folder for tour.json, report.html and the figures.")
@click.option("--strict", is_flag=True, help="Exit with 3 if a verdict failed.")
@options
def tour(console: Console, out: Path, strict: bool) -> None:
    """Show every claim about the pump with its number, the published value and a figure."""
    with console.progress("tour") as progress:
        from pumpleak.app.report import report
        from pumpleak.app.tour import take_tour
        from pumpleak.formats.outputs import Folder

        folder = Folder(out)
        progress(0.0)
        taken = take_tour(lambda done: progress(CLAIMS * done))
        for name, content in taken.drawing(lambda done: progress(CLAIMS + (1.0 - CLAIMS) * done)):
            folder.bytes(name, content)
    plain = taken.to_plain(console.seed)
    folder.json("tour.json", plain)
    page = folder.text("report.html", report(taken))
    lines = screen(taken, shutil.get_terminal_size().columns)
    console.result("\n".join([*lines, "", taken.in_words, f"report: {page}"]), plain)
    failed = [row.id for row in taken.rows if not row.ok]
    if strict and failed:
        click.echo(f"pumpleak: {len(failed)} verdicts failed: {', '.join(failed)}", err=True)
        raise SystemExit(BREACH)


def screen(taken: Tour, width: int) -> list[str]:
    """The rows and the claims, as wide as the screen; what is cut stands in tour.json and the report.

    A row takes one line; on a narrow screen what the number is stands below it.
    """
    from pumpleak.app.tour import NONE_FOUND, typed

    lefts = [("quantity", ""), *((row.id, typed(row.target.quantity)) for row in taken.rows)]
    rights = [("simulated", "expected", "kind", ""), *(
        (typed(row.number), typed(row.published), row.target.kind, "ok" if row.ok else "MISS") for row in taken.rows)]
    widths = [max(map(len, column)) for column in zip(*rights, strict=True)]
    # a name is never cut: it is what tour.json and --strict call the row
    longest = max(len(row.id) for row in taken.rows)
    room = max(width - sum(widths) - len(GAP) * len(widths), longest)
    narrow = room < longest + len(GAP) + READABLE
    spare = max(longest + sum(widths) + len(GAP) * len(widths) - width, 0) if narrow else 0
    lines = []
    for (name, quantity), (number, *words) in zip(lefts, rights, strict=True):
        left = name if narrow else f"{name}{GAP}{cut(quantity, room - len(name) - len(GAP))}"
        # on a narrow screen long names stand nearer to short numbers
        first = f"{left}{GAP}{number.rjust((longest if narrow else room) + widths[0] - spare - len(left))}"
        lines.append(GAP.join([first, *map(str.ljust, words, widths[1:])]).rstrip())
        if narrow and quantity:
            lines += textwrap.wrap(quantity, max(width, READABLE), initial_indent=GAP, subsequent_indent=GAP,
                                   break_on_hyphens=False)
    if any(row.value is None for row in taken.rows):
        lines += ["", *textwrap.wrap(f"none found: {NONE_FOUND}", max(width, READABLE))]
    return [*lines, "", *(cut(f"{claim.id}{GAP}{claim.status:<15}{GAP}{typed(claim.text)}", width) for claim in taken.claims)]


def cut(text: str, width: int) -> str:
    """A text in so many characters, its end replaced by dots where it is too long; nothing where dots are all that fits."""
    if len(text) <= width:
        return text
    return f"{text[:width - len(DOTS)].rstrip()}{DOTS}" if width > len(DOTS) else ""
