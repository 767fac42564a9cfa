"""A pump given by a published rate law that does not know its own free energy (constant, cubic, Hill, sigmoid)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pumpleak.base.errors import ModelError, NameUnknown, UnitError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import SPECIES
from pumpleak.cell.compartment import LARGEST, check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.standard import WATER
from pumpleak.cell.transport.passage import Contribution, Passage, Start
from pumpleak.enzyme.cycles import HYDROLYSIS
from pumpleak.system.dimensions import Dimensions, described
from pumpleak.system.expression import Expression, number, substitute, symbol, symbols
from pumpleak.system.system import Parameter

RATE = "fmol/(ms um2)"
LEAST_FUEL = 1.0  # a rate law asks no free energy before it moves ions uphill: with less ATP it would do so for nothing
CONSTANTS = {"F": "C/mol", "R": "J/mol/K", "T": "K", "temperature": "K"}


@dataclass(frozen=True)
class RatePump:
    """A pump whose cycles per area and time are an expression of concentrations and V: phenomenological.

    `moves` counts what one cycle adds to the inside (Na -3, K 2) for `atp` ATP; `rate` [fmol/ms/um2] may use its own
    parameters, dotted concentrations, `membrane.V`, and F, R, T. `activity` (1: all pumps work) scales it.

    Raises ModelError for a stoichiometry of nothing and for less than one ATP, NameUnknown for a symbol of the rate that
    nothing defines, UnitError for a rate in another unit; one that uses more of a cell than concentrations and voltage is
    not checked for that.
    """

    name: str
    moves: Mapping[str, int]
    rate: Expression
    parameters: tuple[Parameter, ...] = ()
    atp: float = 1.0
    activity: float = 1.0
    source: str = ""
    _own: frozenset[str] = field(init=False, repr=False, default=frozenset())

    def __post_init__(self) -> None:
        if not any(self.moves.values()):
            raise ModelError(f"{self.name}: its stoichiometry {dict(self.moves)} moves nothing; give for example "
                             "{Na: -3, K: 2}")
        if WATER in self.moves:
            raise ModelError(f"{self.name} moves {self.moves[WATER]:g} {WATER}; water has a transporter of its own, of kind "
                             "'water'")
        check_range(self.name, "activity", self.activity, "")
        if not LEAST_FUEL <= self.atp <= LARGEST:
            raise ModelError(f"{self.name}.atp is {self.atp:g}; a cycle of a pump uses at least 1 ATP (where one serves "
                             "several cycles, count them as one), and what runs on gradients alone is a transporter of "
                             "kind 'cotransport'")
        object.__setattr__(self, "_own", frozenset(parameter.name for parameter in self.parameters))
        self._check_dimensions()

    @property
    def strength(self) -> str:
        """Name of the factor on its rate."""
        return f"{self.name}.activity"

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage, whose direction is that of ATP hydrolysis."""
        flux = symbol(self.strength) * sides.area * self._rate(sides)
        stoichiometry: dict[tuple[str, str], float] = {}
        for ion, count in self.moves.items():
            stoichiometry[sides.inside, ion] = float(count)
            stoichiometry[sides.outside, ion] = -float(count)
        for species, count in HYDROLYSIS.items():
            stoichiometry[sides.supply, species] = self.atp * count
        own = tuple(Parameter(f"{self.name}.{p.name}", p.unit, p.value, p.source) for p in self.parameters)
        return Contribution(passages=(Passage(self.name, stoichiometry, flux),),
                            parameters=(*own, Parameter(self.strength, "1", self.activity, self.source, "not negative")),
                            phenomenological=True)

    def _check_dimensions(self) -> None:
        units = {**CONSTANTS, **{each.name: each.unit for each in self.parameters}}
        for name in symbols([self.rate]) - units.keys():
            last = name.rpartition(".")[2]
            if "." not in name or (last not in SPECIES and last != "V"):
                return
            units[name] = "mV" if last == "V" else "mM"
        try:
            found = Dimensions(units, {each.name: each.value for each in self.parameters}).check(self.rate, RATE)
        except UnitError as error:
            raise UnitError(f"{self.name}: its rate: {error}") from None
        if found is not None and not self.rate.is_number:
            raise UnitError(f"{self.name}: its rate is {described(self.rate, found)}; it must be in {RATE}, cycles per area "
                            "and time: a current per area is divided by F")

    def _rate(self, sides: Sides) -> Expression:
        constants = sides.constants
        known = {"F": number(constants.F), "R": number(constants.R), "T": symbol("temperature"),
                 **{name: symbol(f"{self.name}.{name}") for name in self._own}}
        for name in sorted(symbols([self.rate]) - known.keys()):
            if "." not in name:
                raise NameUnknown(f"{self.name}: its rate uses '{name}', which is neither a parameter of it nor a dotted "
                                  f"name such as {sides.inside}.Na{did_you_mean(name, known)}")
        return substitute([self.rate], known)[0]
