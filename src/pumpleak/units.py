"""The units to multiply numbers by: `5 * mM`, `-70 * mV`, `10 * minute`, `0.3 * mS / cm2`.

Others are read from text, for example `pumpleak.base.units.unit("kJ/mol")`.
"""

from __future__ import annotations

from pumpleak.base.units import unit

s = unit("s")
ms = unit("ms")
us = unit("us")
second = unit("s")
minute = unit("min")
hour = unit("h")
day = unit("day")

mol = unit("mol")
mmol = unit("mmol")
umol = unit("umol")
nmol = unit("nmol")
pmol = unit("pmol")
fmol = unit("fmol")
amol = unit("amol")

M = unit("M")
mM = unit("mM")
uM = unit("uM")
nM = unit("nM")
pM = unit("pM")
Osm = unit("Osm")
mOsm = unit("mOsm")

m = unit("m")
dm = unit("dm")
cm = unit("cm")
mm = unit("mm")
um = unit("um")
nm = unit("nm")

m2 = unit("m2")
dm2 = unit("dm2")
cm2 = unit("cm2")
mm2 = unit("mm2")
um2 = unit("um2")
um3 = unit("um3")
cm3 = unit("cm3")

L = unit("L")
mL = unit("mL")
uL = unit("uL")
nL = unit("nL")
pL = unit("pL")
fL = unit("fL")

V = unit("V")
mV = unit("mV")
uV = unit("uV")

A = unit("A")
mA = unit("mA")
uA = unit("uA")
nA = unit("nA")
pA = unit("pA")
fA = unit("fA")

S = unit("S")
mS = unit("mS")
uS = unit("uS")
nS = unit("nS")
pS = unit("pS")

Ohm = unit("Ohm")
kOhm = unit("kOhm")
MOhm = unit("MOhm")
GOhm = unit("GOhm")

F = unit("F")
mF = unit("mF")
uF = unit("uF")
nF = unit("nF")
pF = unit("pF")

C = unit("C")
mC = unit("mC")
uC = unit("uC")
nC = unit("nC")
pC = unit("pC")
fC = unit("fC")

K = unit("K")

J = unit("J")
kJ = unit("kJ")
fJ = unit("fJ")
aJ = unit("aJ")

Pa = unit("Pa")
kPa = unit("kPa")
mmHg = unit("mmHg")

N = unit("N")

Hz = unit("Hz")
kHz = unit("kHz")

kg = unit("kg")
g = unit("g")
mg = unit("mg")

Da = unit("Da")
kDa = unit("kDa")

percent = unit("%")
elementary_charge = unit("e")
