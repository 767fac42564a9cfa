"""Cell -> the content of a file that describes it: numbers in internal units, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pumpleak.base.errors import FormatError, NameUnknown
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant
from pumpleak.cell.metabolism import CAPACITY, Demand, Supply
from pumpleak.cell.transport.channel import Channel
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.exchange import Exchange
from pumpleak.cell.transport.gate import Gate, Gating
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.passage import Transporter
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.cell.transport.reaction import Reaction
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.cell.transport.stimulus import Stimulus
from pumpleak.cell.transport.water import Water
from pumpleak.formats.cell import scheme_in
from pumpleak.formats.parts import LONGEST_FORMULA, sources_written
from pumpleak.formats.pump_parts import composed, parts_of
from pumpleak.formats.scalars import Plain
from pumpleak.formats.shelves import find, names
from pumpleak.formats.writing import FORMAT
from pumpleak.system.expression import write
from pumpleak.system.system import Parameter


def cell_written(cell: Cell) -> dict[str, Plain]:
    """Return the content of a file that describes the cell.

    A balanced cell is written as it was found, without its `balance`. Raises FormatError for what a file cannot say: a
    pump whose scheme is neither in the catalogue nor as its file has it, parts with names of their own.
    """
    for part, usual in ((cell.membrane.name, "membrane"), (cell.metabolism.name if cell.metabolism else "", "metabolism"),
                        (cell.supply.name if cell.supply else "", "supply"),
                        (cell.demand.name if cell.demand else "", "demand")):
        if part not in (usual, ""):
            raise FormatError(f"{cell.name}: a part called '{part}' cannot be written; files call it '{usual}'")
    constants = cell.constants
    plain: dict[str, Plain] = {
        "pumpleak": FORMAT,
        "cell": cell.name,
        "title": cell.title,
        "summary": cell.summary,
        "animal": cell.animal,
        "temperature": _value(cell, constants.T, "K", "temperature"),
        "constants": {
            "R": f"{constants.R!r} J/(mol K)",
            "F": f"{constants.F!r} C/mol",
            "dG0": f"{cell.standard_hydrolysis!r} J/mol",
        },
        "sources": sources_written(cell.sources),
        "conservation": cell.conservation,
        "places": {**{place.name: _compartment(cell, place) for place in cell.compartments},
                   **{place.name: _bath(cell, place) for place in cell.baths}},
        "membrane": _membrane(cell),
        "transporters": {each.name: _transporter(cell, each) for each in cell.transporters},
    }
    if cell.metabolism is not None:
        plain["metabolism"] = {"dG_ATP": _value(cell, cell.metabolism.dG_ATP, "J/mol", "metabolism.dG_ATP")}
    if cell.supply is not None:
        plain["metabolism"] = _made(cell, cell.supply, cell.demand)
    if cell.potential is not None:
        plain["potential"] = _value(cell, cell.potential, "mV", "membrane.V")
    if cell.guard:
        plain["guard"] = _value(cell, cell.guard, "ms", "guard")
    plain["set"] = _set(cell)
    plain["notes"] = list(cell.notes)
    return {key: value for key, value in plain.items() if value not in ("", {}, [])}


def _value(cell: Cell, number: float, unit: str, name: str, source: str = "") -> Plain:
    written: Plain = float(number) if unit in ("", "1") else f"{float(number)!r} {unit}"
    key = source or cell.value_sources.get(name, "")
    return {"value": written, "source": key} if key else written


def _compartment(cell: Cell, place: Compartment) -> Plain:
    written: dict[str, Plain] = {"volume": _value(cell, place.volume, "pL", f"{place.name}.volume")}
    for key, contents in (("contents", place.contents), ("held", place.held)):
        if contents or key == "contents":
            written[key] = {
                name: _value(cell, value, "mM", f"{place.name}.{name}.amount") for name, value in contents.items()
            }
    return written | _impermeants(cell, place.name, place.impermeants, ".amount")


def _bath(cell: Cell, place: Bath) -> Plain:
    contents: Plain = {name: _value(cell, value, "mM", f"{place.name}.{name}") for name, value in place.contents.items()}
    return {"bath": True, "contents": contents, **_impermeants(cell, place.name, place.impermeants, "")}


def _impermeants(cell: Cell, place: str, impermeants: tuple[Impermeant, ...], suffix: str) -> dict[str, Plain]:
    written: dict[str, Plain] = {
        each.name: {
            "concentration": _value(cell, each.concentration, "mM", f"{place}.{each.name}{suffix}"),
            "charge": _value(cell, each.charge, "1", f"{place}.{each.name}.charge"),
            **({"made_of": {**each.made_of}} if each.made_of else {}),
        }
        for each in impermeants
    }
    return {"impermeants": written} if written else {}


def _membrane(cell: Cell) -> Plain:
    membrane = cell.membrane
    written: dict[str, Plain] = {
        "inside": membrane.inside,
        "outside": membrane.outside,
        "area": _value(cell, membrane.area, "um2", "membrane.area"),
        "capacitance": _value(cell, membrane.capacitance, "pF/um2", "membrane.specific_capacitance"),
    }
    if membrane.area_exponent is not None:
        written["area_exponent"] = _value(cell, membrane.area_exponent, "1", "membrane.area_exponent")
    return written


def _transporter(cell: Cell, each: Transporter) -> Plain:
    if isinstance(each, Leak):
        strength = _value(cell, each.value, each.unit, each.strength, each.source)
        return {"kind": "leak", "ion": each.ion, "law": each.law, each.strength.rpartition(".")[2]: strength}
    if isinstance(each, Channel):
        strength = _value(cell, each.value, each.unit, each.strength, each.source)
        ions: dict[str, Plain] = {"ions": dict(each.ions)}
        if list(each.ions.values()) == [1.0]:
            ions = {"ion": next(iter(each.ions))}
        return {"kind": "channel", **ions, "law": each.law, each.strength.rpartition(".")[2]: strength,
                **_gating(cell, each.name, each.gating)}
    if isinstance(each, Cotransporter):
        strength = _value(cell, each.value, each.unit, each.strength, each.source)
        return {"kind": "cotransport", "moves": dict(each.moves), "law": each.law,
                each.strength.rpartition(".")[2]: strength, **_gating(cell, each.name, each.gating)}
    if isinstance(each, Water):
        return _water(cell, each)
    if isinstance(each, Exchange):
        return _exchange(cell, each)
    if isinstance(each, Reaction):
        return _reaction(cell, each)
    if isinstance(each, Stimulus):
        back: dict[str, Plain] = {"from": each.source, "return": each.returns} if each.source else {}
        return {"kind": "stimulus", "ion": each.ion, **back}
    if isinstance(each, SchemePump):
        return _scheme_pump(cell, each)
    if isinstance(each, RatePump):
        return _rate_pump(cell, each)
    raise FormatError(f"{cell.name}: '{each.name}' is a {type(each).__name__}, which files have no word for")


def _gating(cell: Cell, owner: str, gating: Gating) -> dict[str, Plain]:
    written: dict[str, Plain] = {}
    if gating.gates:
        written["gates"] = {gate.name: _gate(gate) for gate in gating.gates}
    if gating.parameters:
        written["parameters"] = _parameters(cell, owner, gating.parameters)
    if gating.q10:
        written["q10"] = {"factor": _value(cell, gating.q10.factor, "1", f"{owner}.q10"),
                          "at": _value(cell, gating.q10.at, "K", f"{owner}.q10.at")}
    return written


def _gate(gate: Gate) -> Plain:
    written: dict[str, Plain] = {"power": gate.power}
    written |= {name: write(each, LONGEST_FORMULA) for name, each in gate.expressions.items()}
    return written if gate.start is None else {**written, "start": gate.start}


def _parameters(cell: Cell, owner: str, parameters: tuple[Parameter, ...]) -> Plain:
    return {each.name: _value(cell, each.value, each.unit, f"{owner}.{each.name}", each.source) for each in parameters}


def _water(cell: Cell, path: Water) -> Plain:
    if path.between is not None and path.conductance is not None:
        conductance = _value(cell, path.conductance, "pL/(ms mM)", f"{path.name}.conductance", path.source)
        return {"kind": "water", "law": "conductance", "between": list(path.between), "conductance": conductance}
    if path.permeability is None:
        return {"kind": "water", "law": "instant"}
    permeability = _value(cell, path.permeability, "um/ms", f"{path.name}.permeability", path.source)
    return {"kind": "water", "law": "permeability", "permeability": permeability}


def _exchange(cell: Cell, each: Exchange) -> Plain:
    written: dict[str, Plain] = {
        "kind": "exchange",
        "between": list(each.between),
        "law": "pairs" if each.pairs else "electrodiffusion",
        "clearance": _value(cell, each.clearance, "pL/ms", each.strength, each.source),
    }
    if each.pairs:
        written["pairs"] = [list(pair) for pair in each.pairs]
    else:
        written["mobilities"] = {ion: _value(cell, value, "1", f"{each.name}.mobility_{ion}", each.source)
                                 for ion, value in each.mobilities.items()}
    if each.half is not None:
        written["half"] = _value(cell, each.half, "mM", f"{each.name}.half", each.source)
    return written


def _reaction(cell: Cell, each: Reaction) -> Plain:
    place: dict[str, Plain] = {"place": each.place} if each.place else {}
    return {
        "kind": "reaction",
        "equation": each.equation,
        **place,
        "K": _value(cell, each.K, each.unit_of_K, each.constant, each.source),
        "rate": _value(cell, each.rate, each.unit, each.strength, each.source),
    }


def _made(cell: Cell, supply: Supply, demand: Demand | None) -> Plain:
    """Return the supply of ATP and the demand for it."""
    written: dict[str, Plain] = {"supply": {
        "capacity": _value(cell, supply.capacity, CAPACITY, supply.strength, supply.source),
        "half_ADP": _value(cell, supply.half_ADP, "mM", f"{supply.name}.half_ADP", supply.source),
        "half_Pi": _value(cell, supply.half_Pi, "mM", f"{supply.name}.half_Pi", supply.source),
        "activity": _value(cell, supply.activity, "1", f"{supply.name}.activity", supply.source),
    }}
    if demand is not None:
        written["demand"] = {
            "capacity": _value(cell, demand.capacity, CAPACITY, demand.strength, demand.source),
            "half_ATP": _value(cell, demand.half_ATP, "mM", f"{demand.name}.half_ATP", demand.source),
        }
    return written


def _scheme_pump(cell: Cell, pump: SchemePump) -> Plain:
    _, isoform, congener, inhibitors = _parts(pump)
    parts: dict[str, Plain] = {"isoform": isoform, "congener": congener, "inhibitors": list(inhibitors)}
    return {
        "kind": "pump",
        "scheme": _scheme(cell, pump),
        **{key: value for key, value in parts.items() if value},
        "depth": pump.depth,
        "density": _value(cell, pump.count, "1/um2", pump.strength, pump.source),
        "activity": _value(cell, pump.activity, "1", f"{pump.name}.activity"),
    }


def _parts(pump: SchemePump) -> tuple[str, str, str, tuple[str, ...]]:
    """Return what a pump is made of by its scheme's name; a file's own name may hold dots that mean nothing."""
    try:
        return parts_of(pump.scheme.name)
    except NameUnknown:
        return pump.scheme.name, "", "", ()


def _scheme(cell: Cell, pump: SchemePump) -> str:
    """Return the name of a pump's scheme in the catalogue, or the whole path of the file that it was read from."""
    scheme = pump.scheme
    base, isoform, congener, inhibitors = _parts(pump)
    if base in names("scheme") and composed(scheme_in(find(base, "scheme")), isoform, congener, inhibitors) == scheme:
        return base
    where = f"as {pump.file} has it" if pump.file else "the catalogue's"
    if pump.file and Path(pump.file).is_file() and composed(
            scheme_in(Path(pump.file)), isoform, congener, inhibitors) == scheme:
        return str(Path(pump.file).resolve())
    raise FormatError(f"{cell.name}: the scheme '{scheme.name}' of '{pump.name}' is not {where}; save(scheme, 'mine.yaml') "
                      "keeps it, and SchemePump(..., file='mine.yaml') or a cell file with 'scheme: mine.yaml' names it")


def _rate_pump(cell: Cell, pump: RatePump) -> Plain:
    return {
        "kind": "pump",
        "moves": dict(pump.moves),
        "rate": write(pump.rate, LONGEST_FORMULA),
        **({"parameters": _parameters(cell, pump.name, pump.parameters)} if pump.parameters else {}),
        "atp": _value(cell, pump.atp, "1", f"{pump.name}.atp"),
        "activity": _value(cell, pump.activity, "1", f"{pump.name}.activity", pump.source),
    }


def _set(cell: Cell) -> dict[str, Plain]:
    """Return the values that were set by name, a stimulus' current among them."""
    units = {parameter.name: parameter.unit for parameter in cell.system.parameters}
    injected = {f"{each.name}.injected": each.current for each in cell.transporters
                if isinstance(each, Stimulus) and each.current}
    values: Mapping[str, float] = {**injected, **cell.values}
    return {name: _value(cell, value, units[name], "") for name, value in values.items()}
