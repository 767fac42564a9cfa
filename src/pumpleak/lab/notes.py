"""What a result says about rate laws that do not know their own free energy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pumpleak.lab.record import Record
from pumpleak.system.books import Books, Process


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
