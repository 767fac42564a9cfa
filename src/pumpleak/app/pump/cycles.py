"""The cycles of a scheme at one set of conditions: flux, affinity, dissipation, work on the ions, reversal potentials."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from pumpleak.app.pump.answer import Answer
from pumpleak.app.pump.question import unit_of
from pumpleak.app.pump.section import Section
from pumpleak.app.pump.table import aligned
from pumpleak.enzyme.cycles import Cycle
from pumpleak.enzyme.energy import reversals, transport_work
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response

KILO = 1e-3  # J/mol in kJ/mol


def cycles_section(answer: Answer) -> Section:
    """What each cycle does, what a turn costs and gives, and where the pump stands still."""
    response = answer.at_point()
    rows = [_cycle(answer, response, cycle) for cycle in answer.scheme.cycles]
    energy = energy_of(answer)
    found = asdict(reversals(answer.scheme, {name: value for name, value in answer.point.items() if name != VOLTAGE}))
    text = "\n".join([f"cycles of {answer.pump.name} at {point_text(answer)}:", _table(rows), *_energy_lines(energy),
                      "reversal: " + ", ".join(f"{name} {_voltage(value)}" for name, value in found.items())])
    return Section("cycles", text, {"point": answer.point, "cycles": rows, "energy": energy, "reversal": found})


def point_text(answer: Answer) -> str:
    """The one set of conditions, as far as the table does not fix it anyway."""
    varied = [each.name for each in answer.question.swept] or [VOLTAGE]
    return ", ".join(f"{name} {answer.point[name]:.6g} {unit_of(name)}" for name in varied)


def _cycle(answer: Answer, response: Response, cycle: Cycle) -> dict[str, Any]:
    work = {ion: float(value) * KILO for ion, value in transport_work(answer.scheme, cycle, answer.point).items()}
    return {"name": cycle.name, "reaction": cycle.reaction, "charge": cycle.charge, "ATP": cycle.hydrolysed,
            "flux": float(response.cycle_fluxes[cycle.name]), "affinity": float(response.affinities[cycle.name]) * KILO,
            "dissipation": float(response.cycle_dissipation[cycle.name]) * KILO, "work": work}


def _table(rows: list[dict[str, Any]]) -> str:
    """The cycles that move something; of the others, which only go round within the enzyme, their number."""
    moving = [row for row in rows if row["reaction"] != "nothing -> nothing"]
    heads = ("cycle", "flux [1/s]", "charge [e]", "affinity [kJ/mol]", "loss [kJ/mol/s]")
    cells = [[row["name"], *(f"{row[key]:.6g}" for key in ("flux", "charge", "affinity", "dissipation"))] for row in moving]
    lines = aligned([list(column) for column in zip(heads, *cells, strict=True)]).splitlines()
    lines += [f"  {row['name']}: {row['reaction']}" for row in moving]
    left = len(rows) - len(moving)
    if left:
        lines.append(f"  {left} more cycle{'s' * (left > 1)} between states of the enzyme move{'s' * (left == 1)} nothing")
    return "\n".join(lines)


def energy_of(answer: Answer) -> dict[str, Any]:
    """Where the free energy of ATP goes, for each ATP [kJ/mol]: work on each ion, chemical and electric, and what is lost.

    All None where the pump neither uses nor makes ATP.
    """
    response = answer.at_point()
    used = float(response.ATP)
    if not used:
        return {"ATP": None, "work": {}, "lost": None, "efficiency": None, "coupling": {}}
    work = {}
    for ion, total in response.work_per_ATP.items():
        electric = _electric(response, ion) / used
        work[ion] = {"chemical": (float(total) - electric) * KILO, "electric": electric * KILO + 0.0}
    efficiency = float(response.efficiency)
    return {"ATP": float(response.supplied) / used * KILO, "work": work,
            "lost": float(response.dissipation) / used * KILO,
            "efficiency": efficiency if np.isfinite(efficiency) else None,
            "coupling": {"Na": float(response.Na_per_ATP), "K": float(response.K_per_ATP)}}


def _electric(response: Response, ion: str) -> float:
    """Power spent on an ion against the voltage: what arrives inside climbs by z F V. [J/mol/s]"""
    arriving = float(np.asarray(response.added.get(f"inside.{ion}", 0.0)))
    # all ions that pumps of this kind carry have one charge
    return arriving * response.scheme.constants.F * 1e-3 * float(response.conditions[VOLTAGE])


def _energy_lines(energy: dict[str, Any]) -> list[str]:
    if energy["ATP"] is None:
        return ["no ATP is used or made here"]
    parts = [f"{ion} {chemical + electric:.4g} (chemical {chemical:.4g}, electric {electric:.4g})"
             for ion, (chemical, electric) in ((ion, part.values()) for ion, part in energy["work"].items())]
    lines = [f"for each ATP [kJ/mol]: supplied {energy['ATP']:.4g}; work on {', on '.join(parts)}; lost {energy['lost']:.4g}",
             "coupling: " + ", ".join(f"{value:.4g} {ion}" for ion, value in energy["coupling"].items()) + " for each ATP"]
    if energy["efficiency"] is not None:
        lines.append(f"efficiency: {100.0 * energy['efficiency']:.4g} % of the free energy of ATP is stored")
    return lines


def _voltage(value: float | None) -> str:
    return "nowhere within 1 V" if value is None else f"{value:.2f} mV"
