"""plot: the time course of a result as stacked panels that share the time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pumpleak.app.dissolved import VISIBLE, logarithmic, seen, small_changes, strokes
from pumpleak.app.segments import label_segments, time_unit
from pumpleak.app.style import BLACK, CYCLE, DASHES, GREY, IONS, ORANGE, SKY, WRITTEN, beside, sheet, styled
from pumpleak.app.view import Moment, View, fit, view_of
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.base.species import DRUGS, SPECIES
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.formats.outputs import SHOWN
from pumpleak.lab.result import Result
from pumpleak.system.books import Books, Process

Array = NDArray[np.float64]

FUEL = "ATP"
MOST_CHOSEN = 12  # panels: more fit neither a page nor a screen
MOST_FREE = 6  # panels for a model that is no cell: more do not fit a page
PER_MINUTE = 6e4  # fmol/ms in fmol/min
DECADES = 1e-3  # of the largest concentration outside, on a logarithmic axis: potassium is some hundredths of sodium there
OTHERS = (GREY, "#B08D57", SKY, ORANGE, BLACK, "#8C6BB1")  # what has no colour of its own, as far as none that is shown has it


def plot(result: Result, *, quantities: Sequence[str] | None = None, span: tuple[Moment, Moment] | None = None, title: str = "",
         changed: Mapping[str, object] | None = None) -> Figure:
    """Draw a result: potentials, concentrations, volume and pump against time; for a model that is no cell, by unit.

    quantities: names to draw instead, a panel each. span: from when to when, such as ("12 s", "3 min"). title: in the place
    of the model's. changed: values that the model was given, by name, to stand under the title.

    Returns a matplotlib Figure; `figure.savefig("name.svg")` writes it. Raises ModelError for what is no result and for a span
    that is empty, NameUnknown for a name that the model has not.
    """
    if not isinstance(result, Result):
        raise ModelError(f"plot: {shown(getattr(result, 'name', result))} is a {type(result).__name__}; what is drawn is the "
                         "Result of run(...), for example plot(run(model, '10 min'))")
    milliseconds = np.atleast_1d(np.asarray(result.time.to("ms"), dtype=np.float64))
    view = view_of(float(milliseconds[-1]), span)
    if quantities is not None:
        check_quantities(quantities, result.available, result.model)
    with styled():
        time = milliseconds / time_unit(view.high)[0]
        figure, axes = _panels(result, time) if quantities is None else _chosen(result, time, quantities)
        _time_axis(view, axes)
        label_segments(result, view, axes, title or result.title or result.model,
                       [f"{name} = {value}" for name, value in (changed or {}).items()])
        figure.align_ylabels(axes)
    return figure


def check_quantities(names: Sequence[str], known: Mapping[str, str], model: str, word: str = "plot: quantities") -> None:
    """Refuse names that cannot be drawn. Raises NameUnknown and ModelError."""
    if isinstance(names, str) or not 1 <= len(names) <= MOST_CHOSEN:
        raise ModelError(f"{word} {shown(names)}; give 1 to {MOST_CHOSEN} names, one for each panel")
    for name in names:
        if name not in known:
            raise NameUnknown(f"{word}: {model} has no quantity {shown(name)}{did_you_mean(name, known)}")


def _chosen(result: Result, time: Array, names: Sequence[str]) -> tuple[Figure, list[Axes]]:
    """A panel for each name."""
    figure, axes = sheet(len(names), sharex=True)
    for each, name in zip(axes, names, strict=True):
        measured = SHOWN.get(result.unit(name), result.unit(name))
        values = np.broadcast_to(result[name].to(measured) if measured else result.column(name), time.shape)
        each.plot(time, values, color=IONS.get(_last(name), BLACK), lw=1.4)
        each.set_ylabel(f"{name}\n[{measured or '1'}]", parse_math=False)
    return figure, axes


def _panels(result: Result, time: Array) -> tuple[Figure, list[Axes]]:
    panels = [panel for panel in (_potentials, _inside_it, _enlarged, _outside_it, _volume, _pump, _blocked)
              if panel(result, None, time)]
    if not panels:
        return _by_unit(result, time)
    figure, axes = sheet(len(panels), sharex=True)
    for each, panel in zip(axes, panels, strict=True):
        panel(result, each, time)
        beside(each, mathematics=panel is _potentials)
    return figure, axes


def _potentials(result: Result, axes: Axes | None, time: Array) -> bool:
    """V with the potentials at which the passive paths stand still."""
    if VOLTAGE not in result.available:
        return False
    if axes is not None:
        axes.plot(time, result[VOLTAGE].to("mV"), color=BLACK, lw=2.2, zorder=3, label="$V$")
        shown = set()
        for name in sorted(each for each in result.available if each.endswith(".reversal")):
            ion = name.removesuffix(".reversal").removeprefix("leak_")
            if ion not in shown and ion in IONS:
                shown.add(ion)
                reversal = np.asarray(result[name].to("mV"))
                axes.plot(time, reversal, color=IONS[ion], dashes=strokes(time, reversal, DASHES.get(ion, ())), lw=1.3,
                          label=rf"$E_{{\mathrm{{{ion}}}}}$")
        axes.set_ylabel("potential [mV]")
    return True


def _inside_it(result: Result, axes: Axes | None, time: Array) -> bool:
    """What is dissolved inside."""
    names = _concentrations(result, _inside(result), VISIBLE)
    if axes is not None:
        _draw_concentrations(result, axes, time, names)
        axes.set_ylim(bottom=0.0)
    return bool(names)


def _enlarged(result: Result, axes: Axes | None, time: Array) -> bool:
    """Those of what is dissolved inside that change well, but little beside the others."""
    place = _inside(result)
    courses = {name: np.asarray(result[name].to("mM")) for name in _concentrations(result, place, VISIBLE)}
    names = small_changes(courses)
    if axes is not None:
        _draw_concentrations(result, axes, time, names)
        axes.set_ylabel(f"{place}, enlarged [mM]", parse_math=False)
    return bool(names)


def _outside_it(result: Result, axes: Axes | None, time: Array) -> bool:
    """What is dissolved in an outside so small that the cell changes it."""
    capacitors, places = (result.books.capacitors, result.books.places) if result.books else ((), ())
    finite = [place.name for place in places if capacitors and place.name == capacitors[0].outside and place.kind == "dynamic"]
    names = _concentrations(result, finite[0], DECADES) if finite else []
    if axes is not None:
        _draw_concentrations(result, axes, time, names)
        logarithmic(axes)
    return bool(names)


def _concentrations(result: Result, place: str, visible: float) -> list[str]:
    """The concentrations of a place that can be seen beside its largest."""
    names = [name for name in _of_unit(result, "mM") if name.startswith(f"{place}.") and name.count(".") == 1
             and name != f"{place}.osmolarity"]
    return seen({name: float(np.max(result[name].to("mM"))) for name in names}, visible)


def _draw_concentrations(result: Result, axes: Axes, time: Array, names: Sequence[str]) -> None:
    """One curve for each; no two share a colour and dashes."""
    own = {IONS[_last(name)] for name in names if _last(name) in IONS}
    others = cycle([(colour, dashes) for dashes in ((), (4, 1.5)) for colour in OTHERS if colour not in own])
    for name in sorted(names, key=lambda each: _rank(_last(each))):
        ion = _last(name)
        colour, dashes = (IONS[ion], DASHES.get(ion, ())) if ion in IONS else next(others)
        words = _ion(ion) if ion in SPECIES else f"{ion} (impermeant)"
        values = np.asarray(result[name].to("mM"))
        axes.plot(time, values, color=colour, dashes=strokes(time, values, dashes), label=words)
    axes.set_ylabel(f"{names[0].rpartition('.')[0]} [mM]", parse_math=False)


def _volume(result: Result, axes: Axes | None, time: Array) -> bool:
    """Volume relative to the start, on an axis that does not magnify noise."""
    name = f"{_inside(result)}.volume"
    if name not in result.available:
        return False
    if axes is not None:
        volume = np.asarray(result[name].to("pL"))
        relative = volume / volume[0]
        axes.plot(time, relative, color=BLACK, label="volume")
        axes.set_ylabel("volume / start")
        low, high = float(np.min(relative)), float(np.max(relative))
        if high - low < 0.05:  # a change of a few per cent should look like one
            axes.set_ylim((low + high) / 2 - 0.05, (low + high) / 2 + 0.05)
    return True


def _pump(result: Result, axes: Axes | None, time: Array) -> bool:
    """What all that runs on ATP carries across the membrane, and what it uses, by the stoichiometry of the books."""
    books = result.books
    processes = _driven_by_ATP(books)
    if books is None or not processes:
        return False
    if axes is not None:
        colours = cycle(CYCLE)
        inside, outside = books.capacitors[0].inside, books.capacitors[0].outside
        used = -_arriving(result, processes, {place.name for place in books.places}, FUEL)
        for species in sorted(_met(processes, inside) & _met(processes, outside), key=_rank):
            leaving, entering = (_arriving(result, processes, {place}, species) for place in (outside, inside))
            # each is counted where it arrives, which is outside if that goes with the use of ATP
            # (by most of the time: at a jump ions rush to or from the sites of a pump, which says nothing)
            turns = float(np.sum(np.sign(leaving) * np.sign(used)))
            out = turns > 0.0 or (not used.any() and _net(processes, outside, species) > 0.0)
            values = leaving if out else entering
            axes.plot(time, values, color=IONS.get(species) or next(colours),
                      dashes=strokes(time, values, DASHES.get(species, ())), label=f"{_ion(species)} {'out' if out else 'in'}")
        axes.plot(time, used, color=IONS[FUEL], dashes=strokes(time, used, DASHES[FUEL]), label="ATP used")
        if any(species.startswith(f"{each.transporter}.") for each in processes for species in _met([each], inside)):
            _fit_to_what_lasts(result, axes)
        axes.set_ylabel("pump [fmol/min]")
    return True


def _blocked(result: Result, axes: Axes | None, time: Array) -> bool:
    """The share of pumps that hold a drug."""
    held = tuple(f".{drug.lower()}_bound" for drug in DRUGS)
    names = [name for name in sorted(result.available) if name.endswith(held) and float(np.max(result.column(name))) > 1e-3]
    if axes is not None:
        for name, colour in zip(names, cycle(CYCLE)):
            axes.plot(time, result.column(name), color=colour, label=f"hold {_last(name).removesuffix('_bound')}")
        axes.set_ylabel("share of pumps")
        axes.set_ylim(0.0, 1.0)
    return bool(names)


def _fit_to_what_lasts(result: Result, axes: Axes) -> None:
    """Leave the first row of each segment out of the scale: there ions rush to the sites of a pump, for milliseconds."""
    first = np.searchsorted(np.asarray(result.time.to("ms")), [span.start for span in result.segments], side="right")
    lasting = np.delete(np.array([line.get_ydata() for line in axes.get_lines()]), first - 1, axis=1)
    if lasting.size and np.ptp(lasting) > 0.0:
        low, high = min(0.0, float(np.min(lasting))), float(np.max(lasting))
        axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))


def _driven_by_ATP(books: Books | None) -> list[Process]:
    """The processes of every transporter that uses ATP somewhere in its cycle and moves something across the membrane."""
    if books is None or not books.capacitors:
        return []
    found = []
    for transporter in dict.fromkeys(each.transporter for each in books.processes if each.role == "transport"):
        own = [each for each in books.processes if each.transporter == transporter and each.role == "transport"]
        across = all(_met(own, place) for place in (books.capacitors[0].inside, books.capacitors[0].outside))
        if across and any(entry.species == FUEL for each in own for entry in each.stoichiometry):
            found += own
    return found


def _met(processes: Sequence[Process], place: str) -> set[str]:
    """Species that the processes take from a place or bring to it."""
    return {entry.species for each in processes for entry in each.stoichiometry if entry.place == place}


def _net(processes: Sequence[Process], place: str, species: str) -> float:
    """What one turn of each process adds to a place."""
    return sum(entry.count for each in processes for entry in each.stoichiometry
               if (entry.place, entry.species) == (place, species))


def _arriving(result: Result, processes: Sequence[Process], places: set[str], species: str) -> Array:
    """What the processes add to some places. [fmol/min]"""
    total = np.zeros_like(result.column(processes[0].flux))
    for process in processes:
        count = sum(_net([process], place, species) for place in sorted(places))
        total += count * result.column(process.flux) * PER_MINUTE
    return total


def _by_unit(result: Result, time: Array) -> tuple[Figure, list[Axes]]:
    """Panels of the quantities that share a unit, the recorded ones first to last."""
    groups: dict[str, list[str]] = {}
    for name in result:
        groups.setdefault(result.unit(name) or "1", []).append(name)
    figure, axes = sheet(min(len(groups), MOST_FREE), sharex=True)
    for each, (unit, names) in zip(axes, groups.items(), strict=False):
        for name, colour in zip(names[:len(CYCLE)], CYCLE, strict=False):
            each.plot(time, result.column(name), color=colour, label=name)
        each.set_ylabel(f"[{unit}]", parse_math=False)
        beside(each)
    return figure, axes


def _time_axis(view: View, axes: Sequence[Axes]) -> None:
    """Label the shared time axis, and fit all axes to the part of the run that is drawn."""
    size, unit = time_unit(view.high)
    low, high = view.low / size, view.high / size
    axes[-1].set_xlabel(f"time [{unit}]")
    axes[-1].set_xlim(low, high if high > low else low + 1.0)
    if view.part:
        for each in axes:
            fit(each, low, high)


def _inside(result: Result) -> str:
    """The place whose volume the model knows."""
    volumes = (name for name in result.available if name.endswith(".volume") and name.count(".") == 1)
    return next(volumes, "inside.volume").removesuffix(".volume")


def _of_unit(result: Result, unit: str) -> list[str]:
    return [name for name, measured in result.available.items() if measured == unit]


def _rank(ion: str) -> tuple[int, str]:
    """Order of the curves: the ions that have a colour of their own first."""
    return (list(IONS).index(ion) if ion in IONS else len(IONS)), ion


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _ion(name: str) -> str:
    return WRITTEN.get(name, name)
