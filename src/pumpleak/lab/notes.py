"""Remarks: rate laws that do not know their free energy, charged baths, osmosis that is cut off, starts that do not last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pumpleak.lab.experiment import Span
from pumpleak.lab.protocol import time_text
from pumpleak.lab.record import Record
from pumpleak.solve.program import Labels
from pumpleak.system.books import Books, Process

NEUTRAL = 5e-3  # share of the solutes: published media are neutral to their three printed digits
DEPARTED = 0.1  # of the osmolarity of a bath: more than media that are meant to be alike differ by
FELT = 1e-3  # mM: charge that a segment leaves as it was is not its doing


def notes_of(record: Record) -> tuple[str, ...]:
    """One sentence for each phenomenological transporter of a run."""
    if record.labels.books is None:
        return ()
    books = Books.from_plain(record.labels.books)
    return tuple(_note(record, books, name) for name in books.phenomenological)


def _note(record: Record, books: Books, transporter: str) -> str:
    sentence = f"{transporter}: a phenomenological rate law, which ignores its own free energy"
    limits = [limit for process in books.processes if process.transporter == transporter
              for limit in [least_hydrolysis(record, process)] if limit is not None]
    if not limits:
        return sentence
    done = ", as it did in this run" if _gained(record, books, transporter) else ""
    return f"{sentence}; it breaks the second law where dG_ATP is above {min(limits) / 1000.0:.1f} kJ/mol{done}"


def _gained(record: Record, books: Books, transporter: str) -> bool:
    """Whether it took up free energy at some accepted step."""
    kept = [label.name for label in record.labels.quadratures if label.least]
    places = [kept.index(power.quadrature) for power in books.dissipations
              if power.transporter == transporter and power.quadrature in kept]
    return any(stretch.least[place] < 0.0 for stretch in record.stretches for place in places if len(stretch.rows) > 1)


def least_hydrolysis(record: Record, process: Process) -> float | None:
    """dG_ATP above which a process that runs on ATP would have run uphill somewhere in this run. [J/mol]

    The affinity is that of the ions minus n dG_ATP for n ATP, so it vanishes at dG_ATP + affinity/n; None where the
    process burns nothing or never ran forward.
    """
    if not process.hydrolysis:
        return None
    limit = record.column(process.hydrolysis) + record.column(process.affinity) / process.fuel
    forward: NDArray[np.float64] = limit[record.column(process.flux) > 0.0]
    return float(np.min(forward)) if forward.size else None


def charged_baths(labels: Labels, spans: Sequence[Span]) -> tuple[str, ...]:
    """One sentence for each bath that some segment leaves with net charge beyond what it was given with."""
    if labels.books is None:
        return ()
    books = Books.from_plain(labels.books)
    charges = {species.name: species.charge for species in books.species}
    # a parameter that a segment ramps is kept as its start
    given = {label.name.removesuffix(".start"): label.value for label in labels.parameters}
    said = []
    for place in (each.name for each in books.places if each.kind == "reservoir"):
        contents = {name: value for name, value in given.items() if name.removeprefix(f"{place}.") in charges}
        valences = {name: charges[name.removeprefix(f"{place}.")] for name in contents}
        found = [(abs(charge), span, charge, solutes) for span in spans if contents.keys() & (span.values.keys() | span.ramps)
                 for charge, solutes in [_bath_during(span, contents, valences)]
                 if abs(charge) > NEUTRAL * solutes and abs(charge - _charge(contents, valences)) > FELT]
        if found:
            _, span, charge, solutes = max(found, key=lambda each: each[0])
            said.append(f"From {time_text(span.start)} to {time_text(span.end)} the bath '{place}' carries {charge:+.4g} mM of "
                        f"net charge and {solutes:.4g} mM of solutes; exchanging one ion for another would leave both as they "
                        "were.")
    return tuple(said)


def departed(books: Books, values: Mapping[str, float]) -> tuple[str, ...]:
    """One sentence where what osmosis fills rests at another osmolarity than any bath: its water cannot follow."""
    osmolarities = {place: values[f"{place.name}.osmolarity"] for place in books.places if f"{place.name}.osmolarity" in values}
    wet = {end for path in books.water for end in (path.source, path.target)}
    baths = {place.name: each for place, each in osmolarities.items() if place.kind == "reservoir"}
    off = {place.name: each for place, each in osmolarities.items() if place.kind == "dynamic" and place.name in wet
           and baths and all(abs(each - bath) > DEPARTED * bath for bath in baths.values())}
    if not off:
        return ()
    closed = [path.name for path in books.water if {path.source, path.target} & baths.keys()]
    why = f"{', '.join(closed)} lets none pass" if closed else f"no water path leads to {' or '.join(baths)}"
    here, there = (", ".join(f"{name} {each:.4g} mM" for name, each in those.items()) for those in (off, baths))
    return (f"Osmolarity at this rest: {here}, but {there}: {why}, so that the water stays that of the start.",)


def fleeting(labels: Labels, names: Iterable[str], resting: bool) -> tuple[str, ...]:
    """One sentence for each start value among the names that does not last.

    resting: a rest keeps none; over time it is what a place behind a finite space refills that does not stay.
    """
    if labels.books is None:
        return ()
    books = Books.from_plain(labels.books)
    moving = {state.name for state in labels.states} | {each.dependent for each in books.capacitors}
    baths = [place.name for place in books.places if place.kind == "reservoir"]
    spaces = {each.outside for each in books.capacitors[:1]} - {*baths}
    given = {parameter.name for parameter in labels.parameters}
    said = []
    for name in names:
        place, _, what = name.partition(".")
        if not {name, f"{name}.amount"} & moving:
            continue
        refilled = [f"{bath}.{what}" for bath in baths if place in spaces and f"{bath}.{what}" in given]
        if refilled:
            then = "its rest follows" if resting else "in time it follows"
            said.append(f"{name} is a start value of the finite space; {then} {' and '.join(refilled)}: set that.")
        elif resting:
            said.append(f"{name} is a start value: the rest depends on it only through totals that nothing brings in or takes "
                        "out.")
    return tuple(said)


def _bath_during(span: Span, contents: Mapping[str, float], valences: Mapping[str, float]) -> tuple[float, float]:
    """Net charge and solutes of a bath at the end of a segment. [mM]"""
    there = {name: span.ramps[name][1] if name in span.ramps else span.values.get(name, value)
             for name, value in contents.items()}
    return _charge(there, valences), sum(there.values())


def _charge(contents: Mapping[str, float], valences: Mapping[str, float]) -> float:
    return sum(valences[name] * value for name, value in contents.items())
