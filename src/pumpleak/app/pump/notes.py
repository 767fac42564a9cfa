"""What stands beneath every table of a pump: where its numbers come from, its density, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pumpleak.app.pump.answer import Answer
from pumpleak.app.pump.section import Section
from pumpleak.base.constants import ZERO_CELSIUS
from pumpleak.enzyme.audit import findings
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import TEMPERATURE


def notes_section(answers: Sequence[Answer]) -> Section:
    """Sources, density, flaws and remarks of each pump."""
    rows = {each.pump.name: _notes(each) for each in answers}
    return Section("pumps", "\n".join(line for each in answers for line in _lines(each.pump.name, rows[each.pump.name])), rows)


def _notes(answer: Answer) -> dict[str, Any]:
    pump = answer.pump
    return {"title": pump.title, "sources": [source.cite() for source in pump.sources],
            "conditions": list(pump.conditions),
            "density": pump.density if isinstance(pump, Scheme) else None, "temperature": pump.constants.T,
            "defects": list(pump.defects), "findings": [found.text for found in findings(pump)], "remarks": remarks(answer)}


def remarks(answer: Answer) -> list[str]:
    """What must be known to read the numbers as they were asked for."""
    asked = {*answer.question.fixed, *(each.name for each in answer.question.swept)}
    if (TEMPERATURE in asked or answer.question.as_measured) and isinstance(answer.pump, Scheme) and answer.pump.dH0 is None:
        return [f"it states no enthalpies: with temperature RT and the free energy of ATP change, its constants stay those of "
                f"{answer.pump.constants.T - ZERO_CELSIUS:.6g} degC but for derived ones, which follow"]
    return []


def _lines(name: str, notes: dict[str, Any]) -> list[str]:
    density = f"; density {notes['density']:.4g} pumps/um2" if notes["density"] else ""
    known = f"; named conditions (values with -v): {', '.join(notes['conditions'])}" if notes["conditions"] else ""
    return [f"{name}: constants at {notes['temperature'] - ZERO_CELSIUS:.6g} degC{density}{known}",
            *(f"  source: {source}" for source in notes["sources"]),
            *(f"  flaw, from its file: {defect}" for defect in notes["defects"]),
            *(f"  found by its checks: {finding}" for finding in notes["findings"]),
            *(f"  note: {remark}" for remark in notes["remarks"])]
