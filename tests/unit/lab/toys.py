"""Hand-made Systems for the tests of lab: a decay, and a pump-leak cell whose books are written out by hand.

The cell has Na, K and Cl through constant-field leaks, a fixed anion inside, a 3:2 pump that knows its own free energy,
water through the membrane, and an injected current carried by K.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pumpleak.base.sources import Source
from pumpleak.system.books import (
    Amount,
    BookedSpecies,
    Books,
    Capacitor,
    Entry,
    Place,
    Power,
    Process,
    WaterPath,
)
from pumpleak.system.expression import Expression, call, exprel, log, symbol, total
from pumpleak.system.system import Definition, Parameter, Quadrature, State, System
from pumpleak.system.transform import booked_rate, closing_amount, low_event

S = symbol
F, RT = 96485.0, 2578.0  # C/mol, J/mol
IONS: Mapping[str, float] = {"Na": 1.0, "K": 1.0, "Cl": -1.0}
INSIDE: Mapping[str, float] = {"Na": 15.0, "K": 125.0, "Cl": 10.0, "X": 130.0}
OUTSIDE: Mapping[str, float] = {"Na": 140.0, "K": 5.0, "Cl": 145.0}
PUMPED: Mapping[str, float] = {"Na": -3.0, "K": 2.0}
PERMEABILITY: Mapping[str, float] = {"Na": 2e-8, "K": 1e-6, "Cl": 5e-7}  # pL/ms
VOLUME, CAPACITANCE = 1.0, 10.0  # pL, pF


def decay(k: float = 1e-3) -> System:
    """a decays to b at k [1/ms]; `a.lost` counts it."""
    lost = S("k") * S("a")
    return System(
        "decay", (State("a", "fmol", 1.0, 1.0), State("b", "fmol", 0.0, 1.0)), {"a": -lost, "b": lost},
        (Parameter("k", "1/ms", k),), (Definition("sum", "fmol", S("a") + S("b")),
                                       Definition("doubled", "fmol", 2.0 * S("a"))),
        (Quadrature("a.lost", "fmol", lost),))


def integrator() -> System:
    """x' = u: what a protocol puts in is what comes out."""
    return System("integrator", (State("x", "fmol", 0.0, 1.0),), {"x": S("u")}, (Parameter("u", "fmol/ms", 0.0),),
                  (Definition("speed", "fmol/ms", S("u")),))


def cell(outside_osmolyte: float = 0.0, volume: float = VOLUME) -> System:
    """The pump-leak cell; `outside_osmolyte` [mM] of what cannot enter holds water back."""
    books = _books()
    capacitor = books.capacitors[0]
    definitions = {**_surroundings(), **_fluxes(books), **_energy(books)}
    definitions["inside.K.amount"] = ("fmol", closing_amount(books, capacitor, "inside.K.amount"))
    states = [State(f"inside.{ion}.amount", "fmol", INSIDE[ion] * volume, INSIDE[ion] * volume) for ion in ("Na", "Cl")]
    states += [State("inside.volume", "pL", volume, volume), State("membrane.charge", "fC", 0.0, 100.0 * CAPACITANCE)]
    rates = {f"inside.{ion}.amount": booked_rate(books, f"inside.{ion}.amount") for ion in ("Na", "Cl")}
    rates["inside.volume"] = S("water.flux")
    rates["membrane.charge"] = -total(S(f"{name}.current") for name in (*(f"leak_{ion}" for ion in IONS), "pump", "stimulus"))
    return System(
        "toy-cell", tuple(states), rates, _parameters(volume, outside_osmolyte),
        tuple(Definition(name, unit, expression) for name, (unit, expression) in definitions.items()),
        _quadratures(books), (low_event(books, capacitor),), books=books, title="A toy",
        sources=(Source("ours", "made up for the tests", kind="ours"),), notes=("a toy",))


def phenomenological(system: System) -> System:
    """The same cell with its pump labelled as one that ignores its own free energy."""
    assert system.books is not None
    return replace(system, books=replace(system.books, phenomenological=("pump",)))


def _books() -> Books:
    species = (*(BookedSpecies(ion, charge, {ion: 1}) for ion, charge in IONS.items()),
               BookedSpecies("X", -1.0, {"X": 1}), BookedSpecies("ATP", 0.0, {"P": 1}), BookedSpecies("ADP", 0.0, {"P": 1}))
    leaks = tuple(_process(f"leak_{ion}", {ion: -1.0}) for ion in IONS)
    pump = replace(_process("pump", PUMPED, extra=(Entry("fuel", "ATP", -1.0), Entry("fuel", "ADP", 1.0))),
                   hydrolysis="fuel.dG_ATP", fuel=1.0)
    stimulus = replace(_process("stimulus", {"K": 1.0}), role="work")
    amounts = tuple(Amount("inside", name, f"inside.{name}.amount") for name in (*IONS, "X"))
    closing = Capacitor("membrane.charge", "inside", "outside", F, "inside.K.amount",
                        ("inside.K.amount", "inside.Cl.amount", "inside.Na.amount"))
    return Books(
        species, (Place("inside", "dynamic", "inside.volume"), Place("outside", "reservoir"), Place("fuel", "reservoir")),
        amounts, (*leaks, pump, stimulus), (WaterPath("water", "outside", "inside", "water.flux", "water.extent"),),
        (closing,), "energy.free",
        tuple(Power(name, f"{name}.dissipation") for name in (*(f"leak_{ion}" for ion in IONS), "pump", "water")),
        (Power("stimulus", "stimulus.work"),), "reservoirs.energy")


def _process(name: str, moves: Mapping[str, float], extra: tuple[Entry, ...] = ()) -> Process:
    """Adds `moves` to the inside and takes them from the outside."""
    entries = tuple(Entry(place, ion, sign * count) for ion, count in moves.items()
                    for place, sign in (("inside", 1.0), ("outside", -1.0)))
    return Process(name, name, (*entries, *extra), f"{name}.flux", f"{name}.extent", f"{name}.affinity")


def _parameters(volume: float, osmolyte: float) -> tuple[Parameter, ...]:
    return (*(Parameter(f"outside.{ion}", "mM", value) for ion, value in OUTSIDE.items()),
            Parameter("outside.S", "mM", osmolyte), Parameter("inside.X.amount", "fmol", INSIDE["X"] * volume),
            *(Parameter(f"leak_{ion}.permeability", "pL/ms", value) for ion, value in PERMEABILITY.items()),
            Parameter("pump.activity", "1", 1.0), Parameter("pump.speed", "fmol/ms", 3e-6),
            Parameter("fuel.dG_ATP", "J/mol", -55e3), Parameter("water.permeability", "pL/(ms mM)", 1e-5),
            Parameter("stimulus.injected", "pA", 0.0))


def _surroundings() -> dict[str, tuple[str, Expression]]:
    found: dict[str, tuple[str, Expression]] = {
        f"inside.{name}": ("mM", S(f"inside.{name}.amount") / S("inside.volume")) for name in (*IONS, "X")}
    found["inside.osmolarity"] = ("mM", total(S(f"inside.{name}") for name in (*IONS, "X")))
    found["outside.osmolarity"] = ("mM", total(S(f"outside.{name}") for name in (*OUTSIDE, "S")))
    found["membrane.V"] = ("mV", S("membrane.charge") / CAPACITANCE)
    return found


def _fluxes(books: Books) -> dict[str, tuple[str, Expression]]:
    x = S("membrane.V") * (F / RT * 1e-3)
    found: dict[str, tuple[str, Expression]] = {}
    for ion, charge in IONS.items():
        flow = S(f"inside.{ion}") / exprel(-charge * x) - S(f"outside.{ion}") / exprel(charge * x)
        found[f"leak_{ion}.flux"] = ("fmol/ms", S(f"leak_{ion}.permeability") * flow)
    found["pump.flux"] = ("fmol/ms", S("pump.activity") * S("pump.speed") * call("tanh", S("pump.affinity") / (2.0 * RT)))
    found["stimulus.flux"] = ("fmol/ms", S("stimulus.injected") / F)
    found["water.flux"] = ("pL/ms", S("water.permeability") * (S("inside.osmolarity") - S("outside.osmolarity")))
    for process in books.processes:
        outward = -sum(entry.count * IONS.get(entry.species, 0.0) for entry in process.stoichiometry if entry.place == "inside")
        found[f"{process.name}.current"] = ("pA", outward * F * S(process.flux))
    return found


def _energy(books: Books) -> dict[str, tuple[str, Expression]]:
    found: dict[str, tuple[str, Expression]] = {}
    for process in books.processes:
        affinity = -total(entry.count * _potential(entry) for entry in process.stoichiometry)
        found[process.affinity] = ("J/mol", affinity)
        if process.role == "transport":
            found[f"{process.name}.dissipated_power"] = ("fJ/ms", S(process.flux) * affinity)
    found["water.dissipated_power"] = ("fJ/ms", RT * S("water.flux") * (S("inside.osmolarity") - S("outside.osmolarity")))
    amounts = total(S(amount.name) * RT * (log(S(f"inside.{amount.species}")) - 1.0) for amount in books.amounts)
    found["energy.free"] = ("fJ", amounts + 0.5e-3 * S("membrane.charge") * S("membrane.V"))
    return found


def _potential(entry: Entry) -> Expression:
    if entry.place == "fuel":
        return -S("fuel.dG_ATP") if entry.species == "ATP" else 0.0 * S("fuel.dG_ATP")
    chemical = RT * log(S(f"{entry.place}.{entry.species}"))
    return chemical + IONS[entry.species] * F * 1e-3 * S("membrane.V") if entry.place == "inside" else chemical


def _quadratures(books: Books) -> tuple[Quadrature, ...]:
    found = [Quadrature(process.extent, "fmol", S(process.flux)) for process in books.processes]
    found.append(Quadrature("water.extent", "pL", S("water.flux")))
    found += [Quadrature(power.quadrature, "fJ", S(f"{power.transporter}.dissipated_power"), least=True)
              for power in books.dissipations]
    found.append(Quadrature("stimulus.work", "fJ", -(S("stimulus.flux") * S("stimulus.affinity"))))
    reservoirs = total(entry.count * S(process.flux) * _potential(entry) for process in books.processes
                       for entry in process.stoichiometry if entry.place != "inside")
    found.append(Quadrature("reservoirs.energy", "fJ", reservoirs + RT * S("water.flux") * S("outside.osmolarity")))
    return tuple(found)
