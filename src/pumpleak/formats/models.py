"""What the kinds of files hold: schemes, rate laws, cells and studies, as pydantic models with their JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, GetJsonSchemaHandler, Tag
from pydantic import model_validator as check
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from pumpleak.base.names import lookup, nearest
from pumpleak.formats.based import whole_or_based
from pumpleak.formats.gates import ChannelEntry, CotransportEntry
from pumpleak.formats.metabolism import MetabolismEntry, ReactionEntry
from pumpleak.formats.parts import File, Formula, Given, Name, Part, Title, Value, either_alone, wrong
from pumpleak.formats.system_file import SystemFile
from pumpleak.lab.experiment import LOOSEST, MOST_ROWS, RTOL, TIGHTEST

# Far above any scheme or cell; the time to check a scheme grows with the square of its steps (1000 take 5 s).
MOST_STEPS = 500
MOST_TRANSPORTERS = 500


class SchemeParameter(Part):
    """A constant of a scheme: a quantity with its source, or one to derive so that its cycle closes."""

    value: Given | None = None
    derive: bool = False
    unit: str = ""
    source: str = ""
    note: str = ""

    @check(mode="before")
    @classmethod
    def _alone(cls, data: Any) -> Any:
        return data if isinstance(data, dict) else {"value": data}

    @check(mode="after")
    def _given_or_derived(self) -> SchemeParameter:
        if self.derive and (self.value is not None or not self.unit):
            raise wrong("a parameter to derive has a unit and no value: {derive: true, unit: 1/s}")
        if not self.derive and (self.value is None or self.unit):
            raise wrong("a parameter has a value with its unit in one text: {value: 5 1/s, source: ...}")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return either_alone(handler.resolve_ref_schema(handler(core)))


class SchemeConstants(Part):
    """The constants that a scheme computes with, in its own rounding; with dH0 it answers to temperature."""

    R: Value | None = None
    F: Value | None = None
    T: Value
    dG0: Value
    dH0: Value | None = None


class Formulas(Part):
    """Rates of both directions."""

    forward: Formula
    backward: Formula


class StepCharge(Part):
    """Dielectric coefficients of both directions; they add up to the charge moved outward. [e]"""

    forward: float
    backward: float


class SchemeStep(Part):
    """One step: either constants `forward` and `backward`, or complete apparent `rates`."""

    reaction: str
    forward: Formula | None = None
    backward: Formula | None = None
    rates: Formulas | None = None
    charge: Annotated[
        Annotated[float, Tag("(one)")] | Annotated[StepCharge, Tag("(two)")],
        Discriminator(lambda given: "(two)" if isinstance(given, dict | StepCharge) else "(one)"),
    ] = 0.0
    activation: Value | None = None
    source: str = ""
    note: str = ""

    @check(mode="after")
    def _one_way_of_giving_rates(self) -> SchemeStep:
        missing = [name for name in ("forward", "backward") if getattr(self, name) is None]
        if self.rates is None and missing:
            raise wrong(f"{' and '.join(map(repr, missing))} {'is' if len(missing) == 1 else 'are'} missing; a step has either "
                        "'forward' and 'backward' constants or complete 'rates'; one that runs one way has no equilibrium")
        if self.rates is not None and len(missing) < 2:
            raise wrong("a step has either 'forward' and 'backward' constants or complete 'rates', not both")
        return self


class DefinitionEntry(Part):
    """A named expression that rates may use, in the unit stated."""

    expression: Formula
    unit: str = "1"
    note: str = ""


class SchemeFile(File):
    """An enzyme scheme: states joined by reversible steps, and the constants of their rates."""

    scheme: Title
    constants: SchemeConstants
    parameters: dict[Name, SchemeParameter]
    definitions: dict[Name, DefinitionEntry] = Field(default_factory=dict)
    steps: Annotated[dict[Name, SchemeStep], Field(max_length=MOST_STEPS)]
    enthalpies: dict[str, Value] = Field(default_factory=dict)
    density: Value | None = None
    presumed: dict[str, Value] = Field(default_factory=dict)
    conditions: dict[Title, dict[str, Value]] = Field(default_factory=dict)
    defects: list[str] = Field(default_factory=list)
    made: bool = False


class RateEntry(Part):
    """The formula of a rate law and the unit of what it gives."""

    expression: Formula
    unit: str


class RateLawFile(File):
    """A pump's current or rate of turning as a published formula, with what one turn moves."""

    rate_law: Title
    constants: SchemeConstants
    reaction: str
    parameters: dict[Name, Value]
    definitions: dict[Name, DefinitionEntry] = Field(default_factory=dict)
    value: RateEntry
    conditions: dict[Title, dict[str, Value]] = Field(default_factory=dict)
    defects: list[str] = Field(default_factory=list)


class ImpermeantEntry(Part):
    """A substance that stays where it is, by concentration or amount; its mean valence [e]; what it is made of, if of more."""

    concentration: Value | None = None
    amount: Value | None = None
    charge: Value
    made_of: dict[Name, int] = Field(default_factory=dict)

    @check(mode="after")
    def _one_measure(self) -> ImpermeantEntry:
        if (self.concentration is None) == (self.amount is None):
            raise wrong("an impermeant has either a 'concentration' or an 'amount'")
        return self


class PlaceEntry(Part):
    """A compartment with a volume, or a bath without."""

    bath: bool = False
    volume: Value | None = None
    contents: dict[Name, Value]
    impermeants: dict[Name, ImpermeantEntry] = Field(default_factory=dict)
    held: dict[Name, Value] = Field(default_factory=dict)

    @check(mode="after")
    def _a_volume_or_a_bath(self) -> PlaceEntry:
        if self.bath and (self.volume is not None or self.held):
            raise wrong("a bath has no volume and holds nothing; leave out 'volume' and 'held', or 'bath: true'")
        if not self.bath and self.volume is None:
            raise wrong("a compartment has a volume, such as 'volume: 2 pL'; a space without is a bath: 'bath: true'")
        if self.bath and any(each.concentration is None for each in self.impermeants.values()):
            raise wrong("a bath has no amounts; give the 'concentration' of its impermeants")
        return self


class MembraneEntry(Part):
    """The membrane between two places."""

    inside: Name
    outside: Name
    area: Value
    area_exponent: Value | None = None
    capacitance: Value


class LeakEntry(Part):
    """A passive path for one ion."""

    kind: Literal["leak"]
    ion: Name
    law: Literal["ohmic", "constant-field"]
    conductance: Value | None = None
    permeability: Value | None = None

    @check(mode="after")
    def _strength_of_its_law(self) -> LeakEntry:
        wanted, other = ("conductance", "permeability") if self.law == "ohmic" else ("permeability", "conductance")
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            raise wrong(f"a leak with law {self.law!r} has a {wanted!r} and no {other!r}")
        return self


class PumpEntry(Part):
    """A pump by an enzyme scheme, or by a published rate law that does not know its free energy."""

    kind: Literal["pump"]
    scheme: str | None = None
    isoform: str = ""
    congener: str = ""
    inhibitors: list[Name] = Field(default_factory=list)
    depth: Literal["reduced", "full"] = "reduced"
    density: Value | None = None
    moves: dict[Name, int] | None = None
    rate: Formula | None = None
    parameters: dict[Name, Value] = Field(default_factory=dict)
    atp: Value | None = None
    activity: Value = Value(value=1.0)
    source: str = ""

    @check(mode="after")
    def _a_scheme_or_a_rate(self) -> PumpEntry:
        by_rate = {"moves": self.moves, "rate": self.rate, "parameters": self.parameters or None, "atp": self.atp}
        if self.scheme is None:
            if self.rate is None or self.moves is None:
                raise wrong("a pump has either a 'scheme' or a 'rate' with what one cycle 'moves'")
            if self.density is not None:
                raise wrong("a pump by a rate law has no 'density': its rate is per area already")
            if self.isoform or self.congener or self.inhibitors:
                raise wrong("a pump by a rate law has no states, so no 'isoform', 'congener' or 'inhibitors'; give a 'scheme'")
            return self
        for key, given in by_rate.items():
            if given is not None:
                raise wrong(f"a pump with a scheme ({self.scheme}) has no {key!r}: the scheme says it")
        return self


def _two_places(given: list[str]) -> list[str]:
    if len(given) != 2:
        raise wrong(f"a path goes between two places: [outside, bath]; {len(given)} are given")
    return given


def _two_ions(given: list[str]) -> list[str]:
    if len(given) != 2:
        raise wrong(f"a pair is of two ions: [K, Cl]; {len(given)} are given")
    return given


class WaterEntry(Part):
    """Osmotic water flow: through the membrane, instant or through a permeability, or `between` two other places."""

    kind: Literal["water"]
    law: Literal["instant", "permeability", "conductance"]
    permeability: Value | None = None
    between: Annotated[list[Name], AfterValidator(_two_places)] | None = None
    conductance: Value | None = None

    @check(mode="after")
    def _strength_of_its_law(self) -> WaterEntry:
        for key in ("permeability", "conductance"):
            if (self.law == key) != (getattr(self, key) is not None):
                raise wrong(f"water with law {self.law!r} has {'a' if self.law == key else 'no'} {key!r}")
        if (self.law == "conductance") != (self.between is not None):
            has = "says" if self.law == "conductance" else "goes through the membrane and has no"
            raise wrong(f"water with law {self.law!r} {has} 'between'" + (" which places" if has == "says" else ""))
        return self


class ExchangeEntry(Part):
    """Neutral exchange between a finite outside and a reservoir: pairs of ions, or diffusion of several ions together."""

    kind: Literal["exchange"]
    between: Annotated[list[Name], AfterValidator(_two_places)]
    law: Literal["pairs", "electrodiffusion"]
    clearance: Value
    pairs: list[Annotated[list[Name], AfterValidator(_two_ions)]] | None = None
    half: Value | None = None
    mobilities: dict[Name, Value] | None = None

    @check(mode="after")
    def _ions_of_its_law(self) -> ExchangeEntry:
        wanted, other = ("pairs", "mobilities") if self.law == "pairs" else ("mobilities", "pairs")
        if not getattr(self, wanted) or getattr(self, other) is not None:
            out = "" if getattr(self, other) is None else f"; `{other}: ~` takes out one that comes from based_on"
            raise wrong(f"an exchange with law {self.law!r} has {wanted!r} and no {other!r}{out}")
        if self.half is not None and self.law != "pairs":
            raise wrong(f"an exchange with law {self.law!r} has no 'half': diffusion has no limit")
        return self


class StimulusEntry(Part):
    """A current injected by the experiment, the ion that carries it, and the bath it comes from, if not from the outside."""

    kind: Literal["stimulus"]
    ion: Name = "K"
    from_: Name | Literal[""] = Field(default="", alias="from")
    return_: Name | Literal[""] = Field(default="", alias="return")


TransporterEntry = Annotated[
    LeakEntry | ChannelEntry | CotransportEntry | PumpEntry | WaterEntry | ExchangeEntry | StimulusEntry
    | ReactionEntry,
    Field(discriminator="kind"),
]


class CellConstants(Part):
    """Constants in a model's own rounding; the standard free energy of ATP hydrolysis."""

    R: Given | None = None
    F: Given | None = None
    dG0: Given | None = None


class BalanceEntry(Part):
    """What to solve for when the file is loaded, so that the cell rests as its contents say."""

    potential: Value | None = None
    solve: list[str]
    passive: list[Name] = Field(default_factory=list)
    impermeant: Name | None = None


class CellFile(File):
    """A cell: places, the membrane between them, and its transporters."""

    cell: Title
    animal: str = ""
    temperature: Value
    constants: CellConstants = CellConstants()
    conservation: Literal["enforced", "reported"] = "enforced"
    places: dict[Name, PlaceEntry]
    membrane: MembraneEntry
    transporters: Annotated[dict[Name, TransporterEntry], Field(max_length=MOST_TRANSPORTERS)]
    metabolism: MetabolismEntry | None = None
    potential: Value | None = None
    guard: Value | None = None
    set_: dict[str, Value] = Field(default_factory=dict, alias="set")
    balance: BalanceEntry | None = None


class HoldEntry(Part):
    """Time passes with some parameters at other values."""

    hold: Given
    with_: dict[str, Given] = Field(default_factory=dict, alias="with")


def _pair(given: list[str | float]) -> list[str | float]:
    if len(given) != 2:
        raise wrong(f"a ramp goes to one value or between two: [from, to]; {len(given)} are given")
    return given


class RampEntry(Part):
    """Parameters move evenly to a target, from where they are or from another value: [from, to]."""

    ramp: Given
    to: dict[str, Annotated[
        Annotated[Given, Tag("(one)")] | Annotated[list[Given], AfterValidator(_pair), Tag("(two)")],
        Discriminator(lambda given: "(two)" if isinstance(given, list) else "(one)"),
    ]]


class PulseEntry(Part):
    """A short hold, after a wait at the model's own values."""

    pulse: Given
    with_: dict[str, Given] = Field(alias="with")
    after: Given | None = None


class SettleEntry(Part):
    """The steady state under these values."""

    settle: dict[str, Given]


class RepeatEntry(Part):
    """Steps run through several times."""

    repeat: Annotated[int, Field(ge=1)]
    steps: list[StepEntry]


def _step_kind(given: Any) -> str | None:
    """Return the word of a step in brackets, since a tag must not be a key; the nearest one for a misspelt word."""
    if not isinstance(given, dict):
        return f"({next((key for key in STEP_KINDS if hasattr(given, key)), STEP_KINDS[0])})"
    exact = [key for key in STEP_KINDS if key in given]
    found = next(iter(exact or [near for key in given for near in nearest(key, STEP_KINDS)]), None)
    return f"({found})" if found else None


STEP_KINDS = ("hold", "ramp", "pulse", "settle", "repeat")
StepEntry = Annotated[
    Annotated[HoldEntry, Tag("(hold)")]
    | Annotated[RampEntry, Tag("(ramp)")]
    | Annotated[PulseEntry, Tag("(pulse)")]
    | Annotated[SettleEntry, Tag("(settle)")]
    | Annotated[RepeatEntry, Tag("(repeat)")],
    Discriminator(
        _step_kind,
        custom_error_type="pumpleak",
        custom_error_message="{message}",
        custom_error_context={"message": f"a step of a protocol has one of the keys {', '.join(STEP_KINDS)}"},
    ),
]
RepeatEntry.model_rebuild()


class StudyFile(File):
    """An experiment on a model of the catalogue or of another file, and what to record."""

    study: Title
    model: str
    set_: dict[str, Given] = Field(default_factory=dict, alias="set")
    protocol: list[StepEntry]
    start: Literal["rest", "initial"] = "initial"
    record: list[str] | None = None
    samples: Annotated[int, Field(ge=2, le=MOST_ROWS)] = 1001
    every: Given | None = None
    rtol: Annotated[float, Field(ge=TIGHTEST, le=LOOSEST, allow_inf_nan=False)] = RTOL

    @check(mode="after")
    def _one_way_of_giving_rows(self) -> StudyFile:
        if self.every is not None and "samples" in self.model_fields_set:
            raise wrong(f"rows are given by 'samples' ({self.samples}) or by 'every' ({self.every}), not by both")
        return self


FILES: dict[str, type[File]] = {"scheme": SchemeFile, "rate_law": RateLawFile, "cell": CellFile, "system": SystemFile,
                                "study": StudyFile}
"""The model of each kind of file."""


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file: scheme, rate_law, cell, system or study; raises NameUnknown for another."""
    found = lookup(kind, FILES, "kind of file").model_json_schema()
    return whole_or_based(found) if kind == "cell" else found
