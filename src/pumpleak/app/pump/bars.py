"""Bars: where the free energy of ATP goes, and what the transport modes carry; `pumpleak pump` and the tour draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.claims.drawing import MINUS, signed
from pumpleak.app.style import BLACK, GREY, IONS, PURPLE, WRITTEN, beside, sheet, styled

TALL = 0.62  # of the distance between two bars
KINDS = (("chemical", ""), ("electric", "////"))  # hatched where it depends on the voltage
MODES = {"forward": "forward", "reversed": "reversed", "Na/Na": "Na\u207a/Na\u207a,\nwith ADP",
         "K/K": "K\u207a/K\u207a,\nwith Pi", "uncoupled": "uncoupled, no K\u207a,\nno Na\u207a outside"}
FORWARD = {"Na": "out", "K": "in"}  # the way of each ion that counts as positive, as in all outputs of a pump


def energy_figure(entries: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Figure:
    """The free energy of an ATP step by step, of several pumps or points. Entries: name, where, energy."""
    with styled():
        figure, panels = sheet(len(entries), height=2.5)
        limits = []
        for axes, (name, where, energy) in zip(panels, entries, strict=True):
            limits.append(waterfall(axes, energy))
            share = energy["efficiency"]
            words = f"{100.0 * share:.1f} % stored" if share is not None else "ATP is made"
            axes.set_title(f"{name}, {where}: {words}".replace(" -", f" {MINUS}"), parse_math=False)
        for axes in panels:
            axes.set_xlim(min(low for low, _ in limits), max(high for _, high in limits))
        panels[-1].set_xlabel("free energy for each ATP [kJ/mol]")
    return figure


def waterfall(axes: Axes, energy: Mapping[str, Any], words: Mapping[str, str] | None = None) -> tuple[float, float]:
    """One bar for each part of `energy_of`, each beginning where the last one ended, then ATP; returns the limits of its axis.

    words: what stands beside a bar instead of `Na chemical`, `Na electric`, ..., `lost`.
    """
    parts = _parts(energy)
    at, edges = 0.0, [0.0]
    for row, (name, size) in enumerate(parts.items()):
        ion, _, kind = name.partition(" ")
        axes.barh(row, size, left=at, height=TALL, color=IONS.get(ion, GREY), hatch=dict(KINDS).get(kind, ""), ec="white",
                  lw=0.0)
        _number_beside(axes, max(at, at + size), row, size)
        at += size
        edges.append(at)
        axes.plot([at, at], [row - TALL / 2.0, row + 1.0 + TALL / 2.0], color=GREY, lw=0.8, zorder=0)
    axes.barh(len(parts), energy["ATP"], height=TALL, color=PURPLE)
    _number_beside(axes, energy["ATP"], len(parts), energy["ATP"])
    names = [(words or {}).get(name) or _written(name) for name in parts]
    axes.set_yticks(range(len(parts) + 1), [*names, "ATP"])
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    limits = 1.08 * min(*edges, energy["ATP"]), 1.12 * max(*edges, energy["ATP"])  # room for the numbers
    axes.set_xlim(*limits)
    return limits


def _parts(energy: Mapping[str, Any]) -> dict[str, float]:
    """The parts of the energy of an ATP in the order in which they are drawn. [kJ/mol]"""
    ions = sorted(energy["work"], key=lambda each: list(IONS).index(each) if each in IONS else len(IONS))
    return {**{f"{ion} {kind}": energy["work"][ion][kind] for ion in ions for kind, _ in KINDS}, "lost": energy["lost"]}


def _written(name: str) -> str:
    ion, _, kind = name.partition(" ")
    return f"{WRITTEN.get(ion, ion)} {kind}" if kind else name


def _number_beside(axes: Axes, at: float, row: int, size: float) -> None:
    axes.annotate(signed(round(size, 1) + 0.0, 1), (at, row), xytext=(4, 0), textcoords="offset points", va="center",
                  fontsize=9)


def modes_figure(title: str, rows: Sequence[Mapping[str, Any]]) -> Figure:
    """What each mode carries: each ion one way and net, and the ATP and charge that go with it; title: pump and where."""
    with styled():
        figure, panels = sheet(len(FORWARD) + 1, height=2.1, sharex=True)
        for axes, ion in zip(panels, FORWARD, strict=False):
            one_way_bars(axes, ion, rows)
        _turns(panels[-1], rows)
        name_modes(panels[-1], rows)
        for axes in panels:
            beside(axes)
        panels[0].set_title(f"{title}: transport modes".replace(" -", f" {MINUS}"), parse_math=False)
        figure.align_ylabels(panels)
    return figure


def one_way_bars(axes: Axes, ion: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The flux of an ion one way upwards, the other way downwards, the net one as a mark; forward is upwards for both ions."""
    up = FORWARD[ion]
    down = "in" if up == "out" else "out"
    for place, row in enumerate(rows):
        size, first = row["one-way"][ion], place == 0
        if size[up] is None:
            continue
        axes.bar(place - 0.2, size[up], width=0.36, color=IONS[ion], label=f"{up}, one way" if first else None)
        axes.bar(place + 0.2, -size[down], width=0.36, color=IONS[ion], alpha=0.5, label=f"{down}, one way" if first else None)
        axes.plot([place - 0.42, place + 0.42], [row[ion], row[ion]], color=BLACK, lw=2.2, label="net" if first else None,
                  zorder=4)
    _upright(axes, f"{WRITTEN[ion]} {up} [1/s]")


def _turns(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """ATP used and charge carried out in each mode."""
    for side, key, words, colour in ((-0.2, "ATP", "ATP used", PURPLE), (0.2, "current", "charge out [e]", BLACK)):
        drawn = {place + side: row[key] for place, row in enumerate(rows) if row["exists"]}
        axes.bar(list(drawn), list(drawn.values()), width=0.36, color=colour, label=words)
    if any(row["assumed"] for row in rows):
        axes.plot([], [], " ", label="* charge assumed")
    _upright(axes, "one pump [1/s]")


def name_modes(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Below its bars the name of each mode and the charge that it carries out."""
    labels = []
    for row in rows:
        turn = f"{row['current']:+.2g} e/s".replace("-", MINUS) if row["exists"] else "not in this scheme"
        labels.append(f"{MODES.get(row['mode'], row['mode'])}\n{turn}{' *' if row['assumed'] else ''}")
    axes.set_xticks(range(len(rows)), labels, fontsize=8.5)


def _upright(axes: Axes, label: str) -> None:
    axes.axhline(0.0, color=GREY, lw=0.8)
    axes.set_ylabel(label)
    axes.grid(axis="x", visible=False)
    axes.margins(y=0.18)
