"""What `pumpleak pump` is asked: the named conditions, the values that are set and the quantities that are swept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import isfinite, nan, prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pumpleak.app.ranges import MOST, Listed, Range, read_range, read_values
from pumpleak.base.constants import ZERO_CELSIUS
from pumpleak.base.errors import FormatError
from pumpleak.base.units import internal
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.temperature import TEMPERATURE

Array = NDArray[np.float64]
Number = TypeVar("Number", float, Array)

PROTON = "inside.H"
MOST_DISSOLVED = 1e6   # mM; water itself is 5.5e4 mM
MOST_VOLTS = 1e4       # mV; no membrane holds a tenth of it
MOST_CURVES = 24       # more curves than a figure or a line of a table can tell apart
pH_RANGE = (0.0, 14.0)
CELSIUS = "degC"
CELSIUS_WORDS = (CELSIUS, "\u00b0C")
# Sea water freezes at -2 degC and no enzyme of an animal survives 70; what lies outside is mostly a number in K.
ALIVE = (-10.0, 70.0)  # degC


def unit_of(name: str) -> str:
    """The unit in which a condition is computed with, and given where none is written."""
    return {VOLTAGE: "mV", TEMPERATURE: "K"}.get(name, "mM")


def shown_unit(name: str) -> str:
    """The unit in which people read a condition."""
    return CELSIUS if name == TEMPERATURE else unit_of(name)


def shown_value(name: str, value: Number) -> Number:
    """Values of a condition, number or array, in the unit in which people read it."""
    return value - ZERO_CELSIUS if name == TEMPERATURE else value


def in_words(name: str, value: float) -> str:
    """A condition as people read it: `membrane.V -80 mV`, `temperature 24 degC`."""
    return f"{name} {shown_value(name, value):.6g} {shown_unit(name)}"


@dataclass(frozen=True)
class Swept:
    """A condition that takes several values. [mM, mV or K]"""

    name: str
    values: tuple[float, ...]
    words: str
    step: float | None = None
    logarithmic: bool = False

    @property
    def heading(self) -> str:
        """The heading of its column in a file; the voltage is V."""
        return f"{'V' if self.name == VOLTAGE else self.name} [{unit_of(self.name)}]"

    @property
    def label(self) -> str:
        """The heading of its column for people."""
        return f"{'V' if self.name == VOLTAGE else self.name} [{shown_unit(self.name)}]"


@dataclass(frozen=True)
class Question:
    """The conditions of one table: some fixed, one swept along the axis, the others making a family of curves.

    base: named conditions; the scheme's usual ones if empty. beneath: conditions between the named and the fixed ones,
    those of an experiment whose data are shown; a scheme that does not know one of them is asked without it. after: the
    name of that experiment. own: pumps that were fitted to it at their own temperature, and so keep that. as_measured:
    whether all schemes are computed at the temperature of the experiment nevertheless.
    totals: total concentrations of what splits into several species, by its name. [mM]
    """

    base: str = ""
    beneath: Mapping[str, float] = field(default_factory=dict)
    after: str = ""
    own: tuple[str, ...] = ()
    as_measured: bool = False
    fixed: Mapping[str, float] = field(default_factory=dict)
    axis: Swept | None = None
    family: tuple[Swept, ...] = ()
    totals: Mapping[str, float] = field(default_factory=dict)

    @property
    def swept(self) -> tuple[Swept, ...]:
        """All that varies, the axis last: so the rows run along the axis, one curve after the other."""
        return (*self.family, *((self.axis,) if self.axis else ()))

    @property
    def curves(self) -> tuple[dict[str, float], ...]:
        """What is special about each curve."""
        names = [each.name for each in self.family]
        return tuple(dict(zip(names, values, strict=True)) for values in product(*(each.values for each in self.family)))

    def grid(self) -> dict[str, Array]:
        """The swept conditions, row by row."""
        meshes = np.meshgrid(*(np.array(each.values) for each in self.swept), indexing="ij")
        return {each.name: mesh.ravel() for each, mesh in zip(self.swept, meshes, strict=True)}


def asked(base: str, settings: Mapping[str, str], voltages: str | None, temperature: str | None = None,
          pH: str | None = None, totals: Mapping[str, str] | None = None) -> Question:
    """The question that the options of the command line make.

    Raises FormatError for values that cannot be, for a quantity given twice and for more points than can be shown;
    UnitError for a wrong unit.
    """
    given: dict[str, float | Range | Listed] = {}
    for name, text in settings.items():
        given[name] = _set_temperature(text) if name == TEMPERATURE else read_values(text, "--set", unit_of(name), name)
        _check_size(name, text, given[name])
    if voltages is not None:
        wanted = read_range(voltages, "--V")
        if max(abs(wanted.start), abs(wanted.stop)) > MOST_VOLTS:
            raise FormatError(f"--V {wanted.text!r}: more than {MOST_VOLTS:g} mV; the range is in mV")
        _refuse_twice(given, settings, VOLTAGE, f"--V {wanted.text!r}", "the voltage")
        given = {VOLTAGE: wanted, **given}
    if temperature is not None:
        _refuse_twice(given, settings, TEMPERATURE, f"--temperature {temperature!r}", "the temperature")
        given[TEMPERATURE] = _temperature(temperature)
    if pH is not None:
        _refuse_twice(given, settings, PROTON, f"--pH {pH}", "the protons inside")
        given[PROTON] = _protons(pH)
    found = _question(base, given, voltages is not None)
    return replace(found, totals={name: _total(name, text) for name, text in (totals or {}).items()})


def _question(base: str, given: Mapping[str, float | Range | Listed], has_voltages: bool) -> Question:
    swept = {name: values for name, values in given.items() if not isinstance(values, float)}
    points = prod(len(values.values) for values in swept.values())
    if points > MOST:
        parts = " x ".join(f"{len(values.values)} ({name})" for name, values in swept.items())
        raise FormatError(f"the ranges make {parts} = {points} points, more than {MOST}; give fewer points or fewer ranges")
    ranges = [name for name, values in swept.items() if isinstance(values, Range)]
    first = VOLTAGE if has_voltages else next(iter([*ranges, *swept]), None)
    sweeps = {name: _swept(name, values) for name, values in swept.items()}
    family = tuple(each for name, each in sweeps.items() if name != first)
    curves = prod(len(each.values) for each in family)
    if curves > MOST_CURVES:
        parts = " x ".join(f"{len(each.values)} ({each.name})" for each in family)
        raise FormatError(f"{parts} make {curves} curves over {first}, more than {MOST_CURVES}; give a list of fewer values")
    return Question(base=base, fixed={name: value for name, value in given.items() if isinstance(value, float)},
                    axis=sweeps.get(first or ""), family=family)


def _swept(name: str, values: Range | Listed) -> Swept:
    """A condition that takes these values, its words in the unit in which people read it."""
    words = values
    if name == TEMPERATURE:
        words = (replace(values, start=values.start - ZERO_CELSIUS, stop=values.stop - ZERO_CELSIUS, unit=CELSIUS)
                 if isinstance(values, Range) else Listed([value - ZERO_CELSIUS for value in values.values], CELSIUS))
    if isinstance(values, Listed):
        return Swept(name, tuple(values.values), str(words))
    return Swept(name, tuple(values.values), str(words), values.step, values.logarithmic)


def _check_size(name: str, text: str, given: float | Range | Listed) -> None:
    most = MOST_VOLTS if name == VOLTAGE else MOST_DISSOLVED
    values = [given] if isinstance(given, float) else given.values
    if name == TEMPERATURE:
        _refuse_dead(f"--set {name}={text!r}", [value - ZERO_CELSIUS for value in values], "check its numbers and unit")
        if isinstance(given, Range) and given.logarithmic:
            raise FormatError(f"--set {name}={text!r}: temperatures are spaced evenly; leave ':log' out")
        return
    if max(map(abs, values)) > most:
        raise FormatError(f"--set {name}={text!r}: more than {most:g} {unit_of(name)}; check its number and unit")


def _refuse_twice(given: Mapping[str, object], settings: Mapping[str, str], name: str, option: str, what: str) -> None:
    if name in given:
        raise FormatError(f"--set {name}={settings[name]!r} and {option} both give {what}; leave one out")


def _set_temperature(text: str) -> float | Range | Listed:
    """A temperature, a range or a list of them, each with its unit: kelvin and degC differ by too much to guess. [K]"""
    numbers, _, word = text.strip().partition(" ")
    several = ":" in numbers or "," in numbers
    if several and not word.strip():
        raise FormatError(f"--set {TEMPERATURE}={text!r}: a range or a list of temperatures needs a unit; write "
                          f"'{numbers} {CELSIUS}' or '{numbers} K', or --temperature {numbers} for {CELSIUS}")
    if several and word.strip() in CELSIUS_WORDS:
        return _temperature(numbers, f"--set {TEMPERATURE}")
    return read_values(text, "--set", unit_of(TEMPERATURE), TEMPERATURE)


def _temperature(text: str, given_by: str = "--temperature") -> float | Range | Listed:
    """A temperature, a range or a list of them, read in degC. [K]"""
    option, hint = f"{given_by} {text!r}", "the option is in degC"
    if ":" in text:
        found = read_range(text, given_by, CELSIUS)
        _refuse_dead(option, found.values, hint)
        if found.logarithmic:
            raise FormatError(f"{option}: temperatures are spaced evenly; leave ':log' out")
        return Range(found.start + ZERO_CELSIUS, found.stop + ZERO_CELSIUS, found.count, "K")
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = [nan]
    if not all(map(isfinite, values)):
        raise FormatError(f"{option}: not a number; expected degC, for example --temperature 24")
    _refuse_dead(option, values, hint)
    if len(set(values)) < len(values):
        raise FormatError(f"{option}: a value stands there twice; give each once")
    kelvin = [value + ZERO_CELSIUS for value in values]
    return kelvin[0] if len(kelvin) == 1 else Listed(kelvin, "K")


def _refuse_dead(option: str, celsius: Sequence[float], hint: str) -> None:
    """Refuse temperatures at which there is no enzyme: most often they were meant in another unit."""
    low, high = ALIVE
    wrong = next((value for value in celsius if not low <= value <= high), None)
    if wrong is None:
        return
    if low <= wrong - ZERO_CELSIUS <= high:
        hint += f", and {wrong:g} K are {wrong - ZERO_CELSIUS:g} degC"
    raise FormatError(f"{option}: no pump works at {wrong:g} degC, only from {low:g} to {high:g}; {hint}")


def _protons(text: str) -> float:
    """The protons at a pH. [mM]"""
    low, high = pH_RANGE
    try:
        pH = float(text)
    except ValueError:
        raise FormatError(f"--pH {text!r}: not a number; expected one pH, for example --pH 7.1; several are given as protons, "
                          "--set inside.H=3.98e-5,6.31e-5 in mM") from None
    if not low <= pH <= high:
        raise FormatError(f"--pH {pH:g}: it must be from {low:g} to {high:g}")
    return float(1e3 * 10.0**-pH)


def _total(name: str, text: str) -> float:
    value = internal(text, "mM", f"--total {name}")
    if not 0.0 <= value <= MOST_DISSOLVED:
        raise FormatError(f"--total {name}={text!r}: a total lies between 0 and {MOST_DISSOLVED:g} mM")
    return value
