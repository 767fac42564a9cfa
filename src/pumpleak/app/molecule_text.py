"""Trajectories of single pumps as text, as tables and as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np

from pumpleak.app.molecule import Trajectories
from pumpleak.app.pump.question import in_words, unit_of
from pumpleak.app.pump.table import aligned
from pumpleak.enzyme.molecule import QUANTITIES
from pumpleak.formats.tables import table_text
from pumpleak.lab.molecule import Estimate, average

SCHEMA = 1
EVENT_HEAD = ("pump", "time [s]", "transition", "state", "ATP used [1]", "Na out [1]", "K in [1]", "charge out [e]")
TOO_SHORT = "no mean, as long ones would not have ended in the time that is kept of a pump"
BEGINNING = "beginning"
LISTED = 30  # states of a table for people; a file has them all


def text(found: Trajectories) -> str:
    """What was followed, and two tables: turnover with its Fano factor, and dwell times."""
    courses, scheme, plural = found.courses, found.molecule.scheme, "s" * (found.pumps != 1)
    lines = [f"{scheme.name}: {scheme.title}" if scheme.title else scheme.name,
             "conditions: " + ", ".join(in_words(name, float(value))
                                        for name, value in found.molecule.steady.conditions.items()),
             f"{found.pumps} pump{plural}, {found.time:.6g} s each, seed {found.seed}: {courses.events} jumps"]
    lines += [f"reduced: {found.reduced}"] if found.reduced else []
    lines += ["", _turnover(found), "", _dwells(found)]
    if found.waiting is not None:
        waits = found.waits()
        told = f"{average(1e3 * waits)} ms ({len(waits)} waits)" if len(waits) else TOO_SHORT
        lines += ["", f"from one phosphate set free to the next, those taken up again included: {told}; exactly "
                      f"{1e3 * found.waiting.mean:.5g} ms"]
    if remark := unrecorded(found):
        lines += ["", remark]
    return "\n".join(lines)


def unrecorded(found: Trajectories) -> str:
    """Which pumps' events there was no room for; nothing where there was room for all."""
    courses, kept = found.courses, len(found.courses.at)
    if courses.whole == found.pumps:
        return ""
    whole = f"pumps 1 to {courses.whole} to their end" if courses.whole > 1 else f"{courses.whole} pumps to their end"
    return (f"the table of events holds {kept} of {courses.events + found.pumps} rows, {whole}; means and Fano factors count "
            "all (more with --rows or rows=; far fewer jumps with --reduced or reduced=True)")


def _turnover(found: Trajectories) -> str:
    columns = [["", *found.moving], ["mean [1/s]"], ["exact"], [f"Fano in {1e3 * found.window:.4g} ms"], ["exact"],
               ["in long times"]]
    for name in found.moving:
        exact = found.exact(name)
        cells = (_shown(found.mean(name)), f"{exact.mean:.5g}", _shown(found.fano(name)), _number(exact.fano_in(found.window)),
                 _number(exact.fano))
        for column, cell in zip(columns[1:], cells, strict=True):
            column.append(cell)
    return aligned(columns)


def _dwells(found: Trajectories) -> str:
    states = found.molecule.scheme.states[:LISTED]
    shares = [found.courses.share(found.molecule.state(state)) for state in states]
    visits = found.courses.visits
    table = aligned([
        ["state", *states], ["visits", *(str(visits[found.molecule.state(state)]) for state in states)],
        ["mean stay [ms]", *(_shown(found.dwell(state), 1e3) for state in states)],
        ["exact", *(f"{1e3 * found.molecule.dwells[found.molecule.state(state)]:.5g}" for state in states)],
        ["share", *(_shown(share) for share in shares)],
        ["exact", *(f"{found.molecule.shares[found.molecule.state(state)]:.4g}" for state in states)]])
    more = len(found.molecule.scheme.states) - len(states)
    return f"{table}\nand {more} more states in dwells.csv" if more else table


def _shown(estimate: Estimate, factor: float = 1.0) -> str:
    if np.isnan(estimate.value):
        return "-"
    if not estimate.error > 0.0:
        return f"{factor * estimate.value:.4g}"
    return str(Estimate(factor * estimate.value, factor * estimate.error))


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.4g}"


def events_csv(found: Trajectories) -> str:
    """All kept events as a table: pump (from 1), time, what happened, the state after it, and what was moved until then."""
    table, states = found.events, found.molecule.scheme.states
    names = [*(each.name for each in found.molecule.transitions), BEGINNING]  # place -1 is the last
    rows = zip((table["pump"] + 1.0).astype(int).tolist(), table["time"].tolist(),
               table["transition"].astype(int).tolist(), table["state"].astype(int).tolist(),
               *(table[name].tolist() for name in QUANTITIES), strict=True)
    lines = [",".join(EVENT_HEAD)]
    lines += [f"{pump},{time:.9g},{_quoted(names[transition])},{_quoted(states[state])},{ATP:.0f},{Na:.0f},{K:.0f},{charge:.9g}"
              for pump, time, transition, state, ATP, Na, K, charge in rows]
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\n') else name


def windows_csv(found: Trajectories) -> str:
    """What each pump moved in each window."""
    count = found.courses.windows.shape[1]
    pump, window = np.divmod(np.arange(found.pumps * count), count)
    return table_text({"pump": pump + 1.0, "from [s]": window * found.window,
                       **{head: found.counts(name).ravel() for head, name in zip(EVENT_HEAD[4:], QUANTITIES, strict=True)}})


def dwells_csv(found: Trajectories) -> str:
    """Dwell times of all states, found and exact."""
    states = found.molecule.scheme.states
    head = ("state", "visits", "mean stay [s]", "standard error [s]", "exact [s]", "share [1]", "exact share [1]")
    rows = [(_quoted(state), str(found.courses.visits[place]), *(_cell(value) for value in (
        found.dwell(state).value, found.dwell(state).error, found.molecule.dwells[place], found.courses.share(place).value,
        found.molecule.shares[place]))) for place, state in enumerate(states)]
    return "\n".join(",".join(row) for row in (head, *rows)) + "\n"


def _cell(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))


def plain(found: Trajectories) -> dict[str, Any]:
    """The same as plain data, for scripts."""
    molecule, courses = found.molecule, found.courses
    conditions = {name: {"value": float(value), "unit": unit_of(name)} for name, value in molecule.steady.conditions.items()}
    turnover = {}
    for name in found.moving:
        exact, mean, fano = found.exact(name), found.mean(name), found.fano(name)
        unit = "e/s" if name == "charge" else "1/s"
        turnover[name] = {
            "mean": {"value": mean.value, "error": mean.error, "exact": exact.mean, "unit": unit},
            "fano": {"value": fano.value, "error": fano.error, "exact": exact.fano_in(found.window), "limit": exact.fano}}
    dwells = {state: {"visits": int(courses.visits[place]), "mean": found.dwell(state).value, "error": found.dwell(state).error,
                      "exact": float(molecule.dwells[place]), "unit": "s"}
              for place, state in enumerate(molecule.scheme.states)}
    waits = found.waits() if found.waiting is not None else np.zeros(0)
    wait = average(waits) if len(waits) else Estimate(np.nan, np.nan)
    waiting = ({"count": len(waits), "mean": wait.value, "error": wait.error, "exact": found.waiting.mean, "unit": "s"}
               if found.waiting is not None else None)
    return {"schema": SCHEMA, "scheme": molecule.scheme.name, "reduced": found.reduced or None, "conditions": conditions,
            "pumps": found.pumps, "time": {"value": found.time, "unit": "s"}, "seed": found.seed, "jumps": courses.events,
            "window": {"value": found.window, "unit": "s"}, "turnover": turnover, "dwells": dwells, "waiting": waiting,
            "events": {"rows": len(courses.at), "pumps": courses.whole}}
