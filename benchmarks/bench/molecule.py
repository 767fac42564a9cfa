"""Single pumps: jumps a second on one core, of the smallest scheme and of the largest."""

from __future__ import annotations

import time

from bench.report import Report
from pumpleak.app.molecule import jumps_of
from pumpleak.enzyme.molecule import molecule_at
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.lab.molecule import follow

PART = "molecule"
JUMPS, JUMPS_QUICK = 100e6, 5e6
PUMPS = 10


def molecules(report: Report, quick: bool) -> None:
    """Jumps a second, all of them counted and none kept, and with those of the first million kept."""
    report.section("Single pumps: jumps a second on one core (needed: 5 million)")
    for name in ("pan-2018-4", "post-albers-23"):
        scheme = load(name)
        if not isinstance(scheme, Scheme):
            raise TypeError(f"{name} is no scheme but {scheme!r}")
        one = molecule_at(scheme, {"membrane.V": -80.0}, "physiological")
        jumps, duration = jumps_of(one), 1e3 * (JUMPS_QUICK if quick else JUMPS) / (PUMPS * one.jumps)
        follow(jumps, duration / 100.0, PUMPS)  # the code is loaded
        for rows, how in ((0, "counted"), (1_000_000, "and a million kept")):
            begun = time.process_time()
            found = follow(jumps, duration, PUMPS, windows=10, rows=rows)
            rate = found.events / (time.process_time() - begun)
            report.add(PART, f"{name}, {len(jumps.states)} states", how, rate / 1e6, "million/s", f"{found.events:.3g} jumps")
