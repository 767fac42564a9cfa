"""The frozen table of the field's units: for each symbol its exact size in SI and its dimension. Data only.

Exact fractions make 5 mM and 5000 uM the same number whichever way one converts.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

Dimension = tuple[Fraction, ...]
"""Exponents over the SI base dimensions, in the order of `BASES`."""

BASES = ("amount", "length", "mass", "time", "current", "temperature")
SI = ("mol", "m", "kg", "s", "A", "K")

PREFIXES = {
    "": Fraction(1),
    "a": Fraction(1, 10**18),
    "f": Fraction(1, 10**15),
    "p": Fraction(1, 10**12),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 10**3),
    "c": Fraction(1, 10**2),
    "d": Fraction(1, 10),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
}

# Symbol, size in SI, exponents (amount, length, mass, time, current, temperature), the prefixes the field uses.
# e is exact and Da is measured (CODATA 2018); mmHg and cmH2O are the conventional columns at standard gravity.
ROWS: tuple[tuple[str, str, tuple[int, int, int, int, int, int], str], ...] = (
    ("s", "1", (0, 0, 0, 1, 0, 0), "m u n"),
    ("min", "60", (0, 0, 0, 1, 0, 0), ""),
    ("minute", "60", (0, 0, 0, 1, 0, 0), ""),
    ("h", "3600", (0, 0, 0, 1, 0, 0), ""),
    ("hour", "3600", (0, 0, 0, 1, 0, 0), ""),
    ("day", "86400", (0, 0, 0, 1, 0, 0), ""),
    ("Hz", "1", (0, 0, 0, -1, 0, 0), "k M"),
    ("mol", "1", (1, 0, 0, 0, 0, 0), "m u n p f a"),
    ("M", "1000", (1, -3, 0, 0, 0, 0), "m u n p f"),
    ("Osm", "1000", (1, -3, 0, 0, 0, 0), "m u"),
    ("m", "1", (0, 1, 0, 0, 0, 0), "d c m u n"),
    ("L", "1e-3", (0, 3, 0, 0, 0, 0), "d m u n p f"),
    ("g", "1e-3", (0, 0, 1, 0, 0, 0), "k m u n p f"),
    ("Da", "1.66053906660e-27", (0, 0, 1, 0, 0, 0), "k"),
    ("A", "1", (0, 0, 0, 0, 1, 0), "m u n p f"),
    ("C", "1", (0, 0, 0, 1, 1, 0), "m u n p f"),
    ("e", "1.602176634e-19", (0, 0, 0, 1, 1, 0), ""),
    ("V", "1", (0, 2, 1, -3, -1, 0), "m u"),
    ("Ohm", "1", (0, 2, 1, -3, -2, 0), "k M G"),
    ("S", "1", (0, -2, -1, 3, 2, 0), "m u n p f"),
    ("F", "1", (0, -2, -1, 4, 2, 0), "m u n p f"),
    ("K", "1", (0, 0, 0, 0, 0, 1), "m"),
    ("N", "1", (0, 1, 1, -2, 0, 0), "m u n p"),
    ("Pa", "1", (0, -1, 1, -2, 0, 0), "k m"),
    ("mmHg", "133.322387415", (0, -1, 1, -2, 0, 0), ""),
    ("cmH2O", "98.0665", (0, -1, 1, -2, 0, 0), ""),
    ("J", "1", (0, 2, 1, -2, 0, 0), "k m u n p f a"),
    ("W", "1", (0, 2, 1, -3, 0, 0), "m u n p f"),
    ("%", "1e-2", (0, 0, 0, 0, 0, 0), ""),
)


def _table() -> Mapping[str, tuple[Fraction, Dimension]]:
    table: dict[str, tuple[Fraction, Dimension]] = {}
    for symbol, size, exponents, prefixes in ROWS:
        for prefix in ("", *prefixes.split()):
            dimension = tuple(Fraction(each) for each in exponents)
            table[prefix + symbol] = (PREFIXES[prefix] * Fraction(size), dimension)
    return MappingProxyType(table)


TABLE = _table()
"""Symbol -> (size in SI, dimension)."""

KINDS: tuple[tuple[str, str], ...] = (
    ("pure number", "1"),
    ("amount", "fmol"),
    ("volume", "pL"),
    ("concentration", "mM"),
    ("time", "ms"),
    ("voltage", "mV"),
    ("current", "pA"),
    ("capacitance", "pF"),
    ("conductance", "nS"),
    ("charge", "fC"),
    ("temperature", "K"),
    ("length", "um"),
    ("area", "um2"),
    ("energy", "fJ"),
    ("molar energy", "J/mol"),
    ("molar entropy", "J/(mol K)"),
    ("power", "fJ/ms"),
    ("pressure", "Pa"),
    ("rate", "1/ms"),
    ("flux", "fmol/ms"),
    ("volume flow", "pL/ms"),
    ("concentration rate", "mM/ms"),
    ("voltage rate", "mV/ms"),
    ("second-order rate", "1/(ms mM)"),
    ("third-order rate", "1/(ms mM2)"),
    ("reciprocal concentration", "1/mM"),
    ("number per area", "1/um2"),
    ("amount per area", "fmol/um2"),
    ("flux per area", "fmol/(ms um2)"),
    ("charge per area", "fC/um2"),
    ("current per area", "pA/um2"),
    ("conductance per area", "nS/um2"),
    ("capacitance per area", "pF/um2"),
    ("permeability", "pL/(ms um2)"),
    ("hydraulic conductance", "pL/(ms Pa)"),
    ("resistance", "1/nS"),
)
"""What a dimension is called, and the unit of it that pumpleak computes in."""
