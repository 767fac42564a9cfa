"""What was changed in a run, over its figure: shaded stretches with labels above the axes, under the title."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from pumpleak.app.dissolved import PANEL
from pumpleak.app.style import PALE
from pumpleak.app.view import View
from pumpleak.lab.experiment import Span
from pumpleak.lab.result import Result

MILLISECONDS = {"h": 3.6e6, "min": 6e4, "s": 1e3, "ms": 1.0}
SHADES = (PALE, "#D3DBE3")  # of stretches that follow each other under different values
APART = 4.0      # points: pulses nearer to each other are stripes, and thousands of them take minutes to draw
FEW = 3          # short pulses: more of them, one after the other, are a train
LABELLED = 0.08  # of the whole time: a label needs some room, or few others beside it
COARSE = "rows too far apart to show spikes"
SIZE = 8.5         # points
LETTER = 0.6 * SIZE    # points: what a letter of that size takes, with some to spare
LINE = 1.3 * SIZE      # points from line to line
INK = "#444444"


@dataclass(frozen=True)
class Label:
    """A text that begins where its stretch does; places in shares of the width of the axes."""

    text: str
    left: float
    lines: int
    width: float
    colour: str

    @classmethod
    def over(cls, text: str, left: float, colour: str) -> Label:
        """Broken into lines where it is wider than the axes, and moved where it would stand out of them."""
        lines = textwrap.wrap(text, int(PANEL / LETTER), break_long_words=False) or [""]
        width = min(max(map(len, lines)) * LETTER / PANEL, 1.0)
        return cls("\n".join(lines), max(min(left, 1.0 - width), 0.0), len(lines), width, colour)

    def meets(self, other: Label) -> bool:
        """Whether both would overlap on one row."""
        gap = 2 * LETTER / PANEL
        return self.left < other.left + other.width + gap and other.left < self.left + self.width + gap


def time_unit(milliseconds: float) -> tuple[float, str]:
    """The unit, and its size [ms], in which a time and what came before it make readable numbers."""
    unit = next((unit for unit, size in MILLISECONDS.items() if milliseconds >= 3 * size), "ms")
    return MILLISECONDS[unit], unit


def label_segments(result: Result, view: View, axes: Sequence[Axes], title: str, changed: Sequence[str]) -> None:
    """Shade the stretches under other parameters, name these above the first panel, and set the title over all."""
    size, _ = time_unit(view.high)
    for span, colour in _bands(result, view):
        for each in axes:
            each.axvspan(span.start / size, span.end / size, color=colour, zorder=0, lw=0)
    height = 3.0
    for row in _rows(_labels(result, view)):
        for label in row:
            _write(axes[0], label.text, label.left, height, label.colour)
        height += LINE * max(label.lines for label in row) + 2.0
    above = ([COARSE] if result.features_untold else []) + ([", ".join(changed)] if changed else [])
    for words in above:
        text = "\n".join(textwrap.wrap(words, int(PANEL / LETTER), break_long_words=False))
        _write(axes[0], text, 0.0, height, "white")
        height += LINE * (text.count("\n") + 1)
    axes[0].set_title(title, pad=height + 3.0, parse_math=False)


def _write(axes: Axes, text: str, left: float, height: float, colour: str) -> None:
    """Above the axes, on the colour of the stretch that it speaks of."""
    axes.annotate(text, (left, 1.0), xycoords="axes fraction", xytext=(0, height), textcoords="offset points", ha="left",
                  va="bottom", fontsize=SIZE, color=INK, parse_math=False,
                  bbox={"facecolor": colour, "edgecolor": "none", "boxstyle": "square,pad=0.1"})


def _shaded(spans: Sequence[Span]) -> Iterator[tuple[Span, str]]:
    """The stretches under other parameters; the shade changes where one follows another with other values."""
    before, shade = None, 0
    for span in spans:
        if not (span.values or span.ramps) or span.end <= span.start:
            continue
        follows = before is not None and before.end == span.start and not span.settle
        if follows and before is not None and (before.values, before.ramps) != (span.values, span.ramps):
            shade = 1 - shade
        elif not follows:
            shade = 0
        yield span, SHADES[shade]
        before = span


def _bands(result: Result, view: View) -> list[tuple[Span, str]]:
    """The stretches that are shaded: all but trains of pulses that would be stripes."""
    nearest = APART * (view.high - view.low) / PANEL
    found: list[tuple[Span, str]] = []
    train: list[tuple[Span, str]] = []
    for span, colour in _shaded(view.spans(result.segments)):
        short = span.end - span.start < nearest
        if not short or (train and span.start - train[-1][0].start >= nearest):
            found += train if len(train) <= FEW else []
            train = []
        (train if short else found).append((span, colour))
    return found + (train if len(train) <= FEW else [])


def _labels(result: Result, view: View) -> Iterator[Label]:
    """Labels of the stretches that are long enough to be found, and of short ones where there are few."""
    whole, bands = view.high - view.low, _bands(result, view)
    short = {_changes(result, span): span for span, _ in reversed(bands) if span.end - span.start <= LABELLED * whole}
    few = [span for span in short.values() if len(short) <= FEW]
    for span, colour in bands:
        if span.end - span.start > LABELLED * whole or any(span is each for each in few):
            yield Label.over(_changes(result, span), (span.start - view.low) / whole, colour)


def _rows(labels: Iterator[Label]) -> list[list[Label]]:
    """Labels put into rows, each into the lowest where it meets no other."""
    rows: list[list[Label]] = []
    for label in labels:
        row = next((row for row in rows if not any(label.meets(other) for other in row)), None)
        if row is None:
            rows.append([label])
        else:
            row.append(label)
    return rows


def _changes(result: Result, span: Span) -> str:
    def with_unit(name: str, number: str) -> str:
        unit = result.unit(name)
        return f"{number} {unit}" if unit not in ("", "1") else number

    parts = [f"{name} = {with_unit(name, f'{value:g}')}" for name, value in span.values.items()]
    parts += [f"{name} {begin:g} \u2192 {with_unit(name, f'{end:g}')}" for name, (begin, end) in span.ramps.items()]
    return ", ".join(parts)
