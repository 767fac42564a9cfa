"""Figures of bars: where the free energy of ATP goes, and what the transport modes carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pumpleak.app.style import BLACK, BLUE, GREY, IONS, PURPLE, VERMILLION, WRITTEN, sheet, styled

LINEAR = 0.1  # 1/s; below it a flux is drawn on a linear scale, above it on a logarithmic one
KINDS = (("ATP", "ATP used", PURPLE), ("Na", "Na\u207a out", VERMILLION), ("K", "K\u207a in", BLUE),
         ("current", "charge out [e]", BLACK))
WITH_NET = {"Na": "out", "K": "in"}
MARKERS = {"out": "^", "in": "v"}


def energy_figure(entries: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Figure:
    """The free energy of an ATP step by step: each bar begins where the last one ended. Entries: name, where, energy."""
    with styled():
        figure, panels = sheet(len(entries), height=2.5)
        edges = [0.0]
        for axes, (name, where, energy) in zip(panels, entries, strict=True):
            bars = _steps(energy)
            at = 0.0
            for row, (_, size, colour, hatch) in enumerate(bars):
                axes.barh(row, size, left=at, height=0.62, color=colour, hatch=hatch, ec="white", lw=0.0)
                axes.annotate(f"{round(size, 1) + 0.0:.1f}".replace("-", "\u2212"), (max(at, at + size), row), xytext=(4, 0),
                              textcoords="offset points", va="center", fontsize=9)
                at += size
                edges.append(at)
            axes.barh(len(bars), energy["ATP"], height=0.62, color=PURPLE)
            axes.annotate(f"{energy['ATP']:.1f}", (energy["ATP"], len(bars)), xytext=(4, 0), textcoords="offset points",
                          va="center", fontsize=9)
            axes.set_yticks(range(len(bars) + 1), [*(label for label, *_ in bars), "ATP"])
            axes.invert_yaxis()
            edges.append(energy["ATP"])
            axes.grid(axis="y", visible=False)
            share = energy["efficiency"]
            words = f"{100.0 * share:.1f} % stored" if share is not None else "ATP is made"
            axes.set_title(f"{name}, {where}: {words}".replace(" -", " \u2212"), parse_math=False)
        for axes in panels:
            axes.set_xlim(1.08 * min(edges), 1.12 * max(edges))  # room for the numbers
        panels[-1].set_xlabel("free energy for each ATP [kJ/mol]")
    return figure


def _steps(energy: Mapping[str, Any]) -> list[tuple[str, float, str, str]]:
    """Label, size, colour and hatching of each bar."""
    bars = []
    for ion in sorted(energy["work"], key=lambda each: list(IONS).index(each) if each in IONS else len(IONS)):
        for kind, hatch in (("chemical", ""), ("electric", "////")):
            bars.append((f"{WRITTEN.get(ion, ion)} {kind}", energy["work"][ion][kind], IONS.get(ion, GREY), hatch))
    return [*bars, ("lost", energy["lost"], GREY, "")]


def modes_figure(title: str, rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Net fluxes of each mode as bars, one-way fluxes of the ions as arrows beside them; title: pump and where."""
    with styled():
        figure, (axes,) = sheet(1, height=0.95 * len(rows) + 1.1)
        width = 0.8 / len(KINDS)
        for group, row in enumerate(rows):
            if not row["exists"]:
                axes.annotate("not in this scheme", (0.0, group), xytext=(6, 0), textcoords="offset points", va="center",
                              color=GREY)
                continue
            for number, (key, _, colour) in enumerate(KINDS):
                place = group + (number - (len(KINDS) - 1) / 2) * width
                axes.barh(place, row[key], height=0.85 * width, color=colour)
                for way, value in row["one-way"].get(key, {}).items():
                    if value is not None:  # each ion has its net flux to the right: Na out, K in
                        sign = 1.0 if way == WITH_NET[key] else -1.0
                        axes.plot([sign * value], [place], MARKERS[way], color="white", mec=colour, mew=1.4, ms=7)
        axes.set_xscale("symlog", linthresh=LINEAR, linscale=0.5)
        reach = max([LINEAR, *(abs(value) for row in rows if row["exists"] for value in _numbers(row))])
        axes.set_xlim(-2.5 * reach, 2.5 * reach)
        ticks = [10.0**power for power in range(-1, int(np.ceil(np.log10(reach))) + 1)]
        axes.set_xticks([*(-tick for tick in reversed(ticks)), 0.0, *ticks],
                        [*(f"\u2212{tick:g}" for tick in reversed(ticks)), "0", *(f"{tick:g}" for tick in ticks)])
        axes.set_yticks(range(len(rows)), [f"{row['mode']}{' *' if row['assumed'] else ''}" for row in rows])
        axes.invert_yaxis()
        axes.axvline(0.0, color=BLACK, lw=0.8)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("flux [1/s], logarithmic beyond \u00b10.1")
        axes.set_title(f"{title}: transport modes".replace(" -", " \u2212"), parse_math=False)
        handles: list[Artist] = [Patch(color=colour, label=f"{words}, net") for _, words, colour in KINDS]
        handles += [Line2D([], [], ls="", marker=marker, color="white", mec=GREY, mew=1.4, label=f"one way {way}")
                    for way, marker in MARKERS.items()]
        if any(row["assumed"] for row in rows):
            handles.append(Line2D([], [], ls="", label="* charge assumed"))
        axes.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=1.2)
    return figure


def _numbers(row: Mapping[str, Any]) -> list[float]:
    ways = [value for ion in row["one-way"].values() for value in ion.values() if value is not None]
    return [*(row[key] for key, _, _ in KINDS), *ways]
