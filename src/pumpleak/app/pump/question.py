"""What `pumpleak pump` is asked: the named conditions, the values that are set and the quantities that are swept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import isfinite, nan, prod

import numpy as np
from numpy.typing import NDArray

from pumpleak.app.ranges import MOST, Listed, Range, read_range, read_values
from pumpleak.base.errors import FormatError
from pumpleak.base.units import internal
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.temperature import TEMPERATURE

Array = NDArray[np.float64]

PROTON = "inside.H"
ZERO_CELSIUS = 273.15  # K
MOST_DISSOLVED = 1e6   # mM; water itself is 5.5e4 mM
MOST_VOLTS = 1e4       # mV; no membrane holds a tenth of it
MOST_CURVES = 24       # more curves than a figure or a line of a table can tell apart
pH_RANGE = (0.0, 14.0)


def unit_of(name: str) -> str:
    """The unit in which a condition is given where none is written, and shown."""
    return {VOLTAGE: "mV", TEMPERATURE: "K"}.get(name, "mM")


@dataclass(frozen=True)
class Swept:
    """A condition that takes several values. [mM, mV or K]"""

    name: str
    values: tuple[float, ...]
    words: str
    step: float | None = None

    @property
    def heading(self) -> str:
        """The heading of its column; the voltage is V."""
        return f"{'V' if self.name == VOLTAGE else self.name} [{unit_of(self.name)}]"


@dataclass(frozen=True)
class Question:
    """The conditions of one table: some fixed, one swept along the axis, the others making a family of curves.

    base: named conditions; the scheme's usual ones if empty. beneath: conditions between the named and the fixed ones,
    those of an experiment whose data are shown; a scheme that does not know one of them is asked without it. after: the
    name of that experiment.
    totals: total concentrations of what splits into several species, by its name. [mM]
    """

    base: str = ""
    beneath: Mapping[str, float] = field(default_factory=dict)
    after: str = ""
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
          pH: float | None = None, totals: Mapping[str, str] | None = None) -> Question:
    """The question that the options of the command line make.

    Raises FormatError for values that cannot be, for a quantity given twice and for more points than can be shown;
    UnitError for a wrong unit.
    """
    given: dict[str, float | Range | Listed] = {}
    for name, text in settings.items():
        given[name] = read_values(text, "--set", unit_of(name), name)
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
        low, high = pH_RANGE
        if not low <= pH <= high:
            raise FormatError(f"--pH {pH:g}: it must be from {low:g} to {high:g}")
        _refuse_twice(given, settings, PROTON, f"--pH {pH:g}", "the protons inside")
        given[PROTON] = 1e3 * 10.0 ** -pH
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
    sweeps = {name: Swept(name, tuple(values.values), str(values), _step(values)) for name, values in swept.items()}
    family = tuple(each for name, each in sweeps.items() if name != first)
    curves = prod(len(each.values) for each in family)
    if curves > MOST_CURVES:
        parts = " x ".join(f"{len(each.values)} ({each.name})" for each in family)
        raise FormatError(f"{parts} make {curves} curves over {first}, more than {MOST_CURVES}; give a list of fewer values")
    return Question(base=base, fixed={name: value for name, value in given.items() if isinstance(value, float)},
                    axis=sweeps.get(first or ""), family=family)


def _step(values: Range | Listed) -> float | None:
    return values.step if isinstance(values, Range) else None


def _check_size(name: str, text: str, given: float | Range | Listed) -> None:
    most = MOST_VOLTS if name == VOLTAGE else MOST_DISSOLVED
    values = [given] if isinstance(given, float) else given.values
    if max(map(abs, values)) > most:
        raise FormatError(f"--set {name}={text!r}: more than {most:g} {unit_of(name)}; check its number and unit")


def _refuse_twice(given: Mapping[str, object], settings: Mapping[str, str], name: str, option: str, what: str) -> None:
    if name in given:
        raise FormatError(f"--set {name}={settings[name]!r} and {option} both give {what}; leave one out")


def _temperature(text: str) -> float | Range:
    """A temperature or a range of them, read in degC. [K]"""
    if ":" in text:
        found = read_range(text, "--temperature", "degC")
        return Range(found.start + ZERO_CELSIUS, found.stop + ZERO_CELSIUS, found.count, "K")
    try:
        number = float(text)
    except ValueError:
        number = nan
    if not isfinite(number):
        raise FormatError(f"--temperature {text!r}: not a number; expected degC, for example --temperature 24")
    return number + ZERO_CELSIUS


def _total(name: str, text: str) -> float:
    value = internal(text, "mM", f"--total {name}")
    if not 0.0 <= value <= MOST_DISSOLVED:
        raise FormatError(f"--total {name}={text!r}: a total lies between 0 and {MOST_DISSOLVED:g} mM")
    return value
