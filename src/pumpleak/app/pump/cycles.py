"""The cycles of a scheme: flux, affinity, dissipation, work on the ions, reversal potentials, at points and along a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak.app.pump.answer import Answer
from pumpleak.app.pump.question import Array
from pumpleak.app.pump.section import Section
from pumpleak.app.pump.table import aligned, grid, in_file, leading, place_text
from pumpleak.enzyme.cycles import Cycle
from pumpleak.enzyme.energy import reversals, transport_work
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response
from pumpleak.formats.tables import table_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KILO = 1e-3  # J/mol in kJ/mol
NO_ENERGY: Mapping[str, Any] = {"ATP": None, "work": {}, "lost": None, "efficiency": None}


def cycles_section(answer: Answer) -> Section:
    """What each cycle does, what a turn costs and gives, and where the pump stands still.

    Along a sweep a table of what the cycles do, and the rest at its first and its last point.
    """
    name, along = answer.pump.name, _along(answer)
    points = [_point(answer, row) for row in answer.ends]
    text = [f"cycles of {name} at {place_text(answer, row)}:\n{_point_text(point)}"
            for row, point in zip(answer.ends, points, strict=True)]
    tables = {"cycles": table_text({**in_file(answer), **along})}
    if len(points) == 1:
        return Section("cycles", "\n".join(text), points[0], tables=tables)

    def draw() -> Figure:
        from pumpleak.app.pump.figures import cycles_figure

        return cycles_figure(answer)

    return Section("cycles", "\n".join([f"cycles of {name} along the sweep:\n{_along_text(answer, along)}", *text]),
                   {"along": {heading: values.tolist() for heading, values in {**in_file(answer), **along}.items()},
                    "ends": points}, {"cycles": draw}, tables)


def _along(answer: Answer) -> dict[str, Array]:
    """Columns over all rows: each cycle's flux, affinity and loss, and what the whole pump makes of the energy."""
    response = answer.response
    columns: dict[str, Array] = {}
    for cycle in answer.scheme.cycles:
        columns[f"{cycle.name} flux [1/s]"] = response.cycle_fluxes[cycle.name]
        if cycle.stoichiometry:
            columns[f"{cycle.name} affinity [kJ/mol]"] = response.affinities[cycle.name] * KILO
            columns[f"{cycle.name} loss [kJ/mol/s]"] = response.cycle_dissipation[cycle.name] * KILO
    columns |= {"Na per ATP [1]": response.Na_per_ATP, "K per ATP [1]": response.K_per_ATP}
    columns |= {f"work on {ion} [kJ/mol/s]": power * KILO for ion, power in response.work.items()}
    bounded = np.isfinite(response.supplied) & np.isfinite(response.dissipation)
    columns |= {"supplied [kJ/mol/s]": response.supplied * KILO, "lost [kJ/mol/s]": response.dissipation * KILO,
                "efficiency [1]": np.where(bounded, response.efficiency, np.nan)}
    # energies are without limit where something that is moved is absent: there is no number then
    return {heading: np.broadcast_to(np.where(np.isfinite(values), values, np.nan), (answer.rows,))
            for heading, values in columns.items()}


def _along_text(answer: Answer, along: Mapping[str, Array]) -> str:
    kept = [*(f"{cycle.name} flux [1/s]" for cycle in answer.moving), "Na per ATP [1]", "K per ATP [1]", "efficiency [1]",
            "lost [kJ/mol/s]"]
    return grid({**leading(answer), **{heading: along[heading] for heading in kept}})


def _point(answer: Answer, row: int) -> dict[str, Any]:
    """Everything about one row, as plain data."""
    point, response = answer.at(row), answer.response_at(row)
    found = asdict(reversals(answer.scheme, {name: value for name, value in point.items() if name != VOLTAGE}))
    return {"point": point, "cycles": [_cycle(answer, response, cycle, point) for cycle in answer.scheme.cycles],
            "energy": energy_of(response), "reversal": found}


def _point_text(plain: Mapping[str, Any]) -> str:
    return "\n".join([_table(plain["cycles"]), *_energy_lines(plain["energy"]),
                      "reversal: " + ", ".join(f"{name} {_voltage(value)}" for name, value in plain["reversal"].items())])


def _cycle(answer: Answer, response: Response, cycle: Cycle, point: Mapping[str, float]) -> dict[str, Any]:
    work = {ion: float(value) * KILO for ion, value in transport_work(answer.scheme, cycle, point).items()}
    return {"name": cycle.name, "reaction": cycle.reaction, "charge": cycle.charge, "ATP": cycle.hydrolysed,
            "flux": float(response.cycle_fluxes[cycle.name]), "affinity": float(response.affinities[cycle.name]) * KILO,
            "dissipation": float(response.cycle_dissipation[cycle.name]) * KILO, "work": work}


def _table(rows: list[dict[str, Any]]) -> str:
    """The cycles that move something; of the others, which only go round within the enzyme, their number."""
    moved = [row for row in rows if row["reaction"] != "nothing -> nothing"]
    heads = ("cycle", "flux [1/s]", "charge [e]", "affinity [kJ/mol]", "loss [kJ/mol/s]")
    cells = [[row["name"], *(f"{row[key]:.6g}" for key in ("flux", "charge", "affinity", "dissipation"))] for row in moved]
    lines = aligned([list(column) for column in zip(heads, *cells, strict=True)]).splitlines()
    lines += [f"  {row['name']}: {row['reaction']}" for row in moved]
    left = len(rows) - len(moved)
    if left:
        lines.append(f"  {left} more cycle{'s' * (left > 1)} between states of the enzyme move{'s' * (left == 1)} nothing")
    return "\n".join(lines)


def energy_of(response: Response) -> dict[str, Any]:
    """Where the free energy of ATP goes, for each ATP [kJ/mol]: work on each ion, chemical and electric, and what is lost.

    All None where the pump neither uses nor makes ATP, and where what it moves has no free energy, being `absent`.
    """
    used = float(response.ATP)
    if not used:
        return {**NO_ENERGY, "absent": [], "coupling": {}}
    coupling = {"Na": float(response.Na_per_ATP), "K": float(response.K_per_ATP)}
    energies = {ion: float(total) for ion, total in response.work_per_ATP.items()}
    supplied, lost = float(response.supplied) / used, float(response.dissipation) / used
    if not np.all(np.isfinite([supplied, lost, *energies.values()])):
        return {**NO_ENERGY, "absent": [name for name in response.added if np.all(response.conditions.get(name, 1.0) == 0.0)],
                "coupling": coupling}
    work = {}
    for ion, total in energies.items():
        electric = _electric(response, ion) / used
        work[ion] = {"chemical": (total - electric) * KILO, "electric": electric * KILO + 0.0}
    efficiency = float(response.efficiency)
    return {"ATP": supplied * KILO, "work": work, "lost": lost * KILO,
            "efficiency": efficiency if np.isfinite(efficiency) else None, "absent": [], "coupling": coupling}


def _electric(response: Response, ion: str) -> float:
    """Power spent on an ion against the voltage: what arrives inside climbs by z F V. [J/mol/s]"""
    arriving = float(np.asarray(response.added.get(f"inside.{ion}", 0.0)))
    # all ions that pumps of this kind carry have one charge
    return arriving * response.scheme.constants.F * 1e-3 * float(response.conditions[VOLTAGE])


def _energy_lines(energy: dict[str, Any]) -> list[str]:
    coupling = "coupling: " + ", ".join(f"{value:.4g} {ion}" for ion, value in energy["coupling"].items()) + " for each ATP"
    if energy["ATP"] is None:
        if not energy["coupling"]:
            return ["no ATP is used or made here"]
        absent = energy["absent"]
        return [f"no free energy: {' and '.join(absent)} {'are' if len(absent) > 1 else 'is'} absent", coupling]
    parts = [f"{ion} {chemical + electric:.4g} (chemical {chemical:.4g}, electric {electric:.4g})"
             for ion, (chemical, electric) in ((ion, part.values()) for ion, part in energy["work"].items())]
    if energy["efficiency"] is None:  # ATP is made: what the ions give, and what of that is lost
        first = f"for each ATP made [kJ/mol]: it takes up {energy['ATP']:.4g}; given by {', by '.join(parts)}; lost " \
                f"{-energy['lost']:.4g}"
    else:
        first = f"for each ATP [kJ/mol]: supplied {energy['ATP']:.4g}; work on {', on '.join(parts)}; lost {energy['lost']:.4g}"
    lines = [first, coupling]
    if energy["efficiency"] is not None:
        lines.append(f"efficiency: {100.0 * energy['efficiency']:.4g} % of the free energy of ATP is stored")
    return lines


def _voltage(value: float | None) -> str:
    return "nowhere within 1 V" if value is None or not np.isfinite(value) else f"{value:.2f} mV"
