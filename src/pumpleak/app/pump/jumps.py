"""What a scheme does when its conditions jump: the components of its relaxation, its current, the charge that it moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pumpleak.app.pump.answer import Answer
from pumpleak.app.pump.charge import charge_curves, fit_plain, fits_text
from pumpleak.app.pump.data import temperature_remarks
from pumpleak.app.pump.question import Array, in_words, shown_unit, shown_value, unit_of
from pumpleak.app.pump.section import Section
from pumpleak.app.pump.table import grid
from pumpleak.app.ranges import Range
from pumpleak.base.errors import FormatError
from pumpleak.base.units import internal
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.relaxation import Relaxation, jump
from pumpleak.formats.measured import Measured
from pumpleak.formats.tables import table_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Places = NDArray[np.intp]

SAMPLES = 300  # of a trace, evenly spaced in the logarithm of time
BEGIN, END = 0.05, 8.0  # of the fastest and of the slowest time constant: before the first change, and exp(-8) from the end


def jump_section(answer: Answer, wanted: Mapping[str, str]) -> Section:
    """How the pump relaxes after the conditions have jumped, all together, from the one set of conditions."""
    after = {name: internal(text, unit_of(name), f"--jump {name}") for name, text in wanted.items()}
    before = answer.point
    if answer.question.swept:
        raise FormatError(f"--jump starts from one set of conditions, but {answer.question.swept[-1].name} is swept; give it "
                          "one value with --set, or leave --jump out")
    if after and all(before.get(name) == value for name, value in after.items()):
        raise FormatError(f"--jump {', '.join(f'{name}={wanted[name]!r}' for name in after)}: it starts at "
                          f"{', '.join(in_words(name, before[name]) for name in after)}, so nothing jumps; give another value")
    found = jump(answer.scheme, before, after)
    steps = ", ".join(f"{in_words(name, before[name]).rpartition(' ')[0]} to {shown_value(name, value):.6g} {shown_unit(name)}"
                      for name, value in after.items())
    seen = np.flatnonzero(found.seen)
    plain = {"from": before, "to": after, "charge": found.charge, "steady_current": found.steady_current,
             "current_at_once": float(found.current(0.0)),
             "components": [{"rate": float(found.rates[i]), "frequency": float(found.frequencies[i]),
                             "charge": float(found.charges[i]), "current": float(found.currents[i])} for i in seen]}
    times = _times(found, seen)

    def draw() -> Figure:
        from pumpleak.app.pump.traces import jump_figure

        return jump_figure(found, times, steps)

    return Section("jump", _text(answer.pump.name, steps, found, seen), plain, {"jump": draw}, {"jump": _trace(found, times)})


def _times(found: Relaxation, seen: Places) -> Array:
    """Times since the jump, from before its first effect to the new steady state. [s]"""
    rates = found.rates[seen] if len(seen) else found.rates
    return np.geomspace(BEGIN / float(np.max(rates)), END / float(np.min(rates)), SAMPLES)


def _trace(found: Relaxation, times: Array) -> str:
    shares = {f"p.{state}": share for state, share in found.occupancies(times).items()}
    return table_text({"time [s]": times, "current [e/s]": found.current(times), "charge [e]": found.moved(times), **shares})


def _text(name: str, steps: str, found: Relaxation, seen: Places) -> str:
    columns = {"rate [1/s]": found.rates[seen], "time constant [ms]": 1e3 / found.rates[seen],
               "charge [e]": found.charges[seen], "current at once [e/s]": found.currents[seen]}
    lines = [f"jump of {name}: {steps}",
             f"charge moved {found.charge:.4g} e beyond the steady current; "
             f"current {float(found.current(0.0)):.4g} e/s at once, {found.steady_current:.4g} e/s in the end",
             grid(columns) if len(seen) else "no component moves charge"]
    left = len(found.rates) - len(seen)
    if left:
        lines.append(f"({left} more components move less than a millionth of the charge)")
    if found.oscillates:
        lines.append("some components come in pairs that oscillate: the enzyme is driven")
    return "\n".join(lines)


def charge_section(answer: Answer, voltages: Range, data: Measured | None = None) -> Section:
    """Charge moved by jumps from the holding voltage, for each set of the swept conditions."""
    if VOLTAGE in [each.name for each in answer.question.swept]:
        raise FormatError(f"--charge {voltages.text!r}: it jumps from one holding voltage, but {VOLTAGE} is swept; leave --V "
                          f"out, or give --set {VOLTAGE}='-40 mV'")
    holding = answer.point[VOLTAGE]
    at = np.array(voltages.values)
    curves = charge_curves(answer, at, data)
    table = {"V [mV]": at, **{f"charge at {each.label} [e]" if each.special else "charge [e]": each.charges for each in curves}}
    lines = [f"charge of {answer.pump.name} after jumps from {holding:g} mV [e]; {voltages}", grid(table), fits_text(curves)]
    if data is not None:
        fitted = "fitted to these points" if answer.pump.name in data.fitted else "not fitted to them"
        lines.append(f"data: {data.name}, on a scale from 0 to 1 ({fitted}): rms difference "
                     + ", ".join(f"{each.rms:.3g} ({each.label})" for each in curves if each.rms is not None))
        if data.slowest is not None:
            lines.append(f"  as in the data, only what moves faster than {data.slowest:g} /s is counted: slower components are "
                         "not in the charge above")
        lines += [f"  {remark}" for remark in temperature_remarks([answer], data)]
    plain = {"holding": holding, "V": at.tolist(), "slowest": data.slowest if data is not None else None,
             "data": data.name if data is not None else None,
             "curves": [{"conditions": dict(each.special), "charge": each.charges.tolist(), "rms": each.rms,
                         **fit_plain(each.fit)} for each in curves]}

    def draw() -> Figure:
        from pumpleak.app.pump.traces import charge_figure

        return charge_figure(answer.pump.name, holding, at, curves, data)

    return Section("charge", "\n".join(lines), plain, {"charge": draw}, {"charge": table_text(table)})
