"""Which forms ATP, ADP and phosphate take, free or bound to H, Mg, K, Na and Ca: from totals to forms and back.

`inside.ATP`, `inside.ADP`, `inside.Pi` and `inside.H` of a pump are MgATP(2-), MgADP(-), HPO4(2-) and H(+); an
experimenter knows totals and a pH. Each form splits into a simpler one and an ion; the constants are taken from where they
were measured to another temperature by van 't Hoff with a constant enthalpy, and to another ionic strength by the extended
Debye-Hueckel law ln K(I) = ln K(0) + alpha(T) sum(nu z2) sqrt(I)/(1 + 1.6 sqrt(I)), good to about 0.35 M (Alberty 2003).
All of them are in concentrations, H too: pH is -log10 of the concentration of H in M, about 0.1 below what a meter shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.base.constants import BODY_TEMPERATURE, R
from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.base.names import did_you_mean, lookup, shown
from pumpleak.base.sources import Source
from pumpleak.base.species import SPECIES
from pumpleak.enzyme.asked import spanned
from pumpleak.enzyme.rates import Numbers

IONS = ("H", "Mg", "K", "Na", "Ca")
MOLAR = 1e3  # mM
SIZE = 1.6  # M^-1/2; one ion size for all, as Alberty's tables take it
MOST_STEPS = 200  # each at least halves the bracket of free Mg, so this would reach the smallest double
CONSERVED = 1e-12  # of the total Mg; rounding of the 20 terms of its balance is some 1e-15


@dataclass(frozen=True)
class Equilibrium:
    """A constant as it was measured: -log10 of it in M, the ionic strength there [mM], the enthalpy at none [J/mol]."""

    pK: float
    ionic_strength: float = 0.0
    enthalpy: float = 0.0
    source: str = ""


@dataclass(frozen=True)
class Complex:
    """A form that splits into a simpler one, `leaves`, and an ion: MgATP(2-) = ATP(4-) + Mg."""

    name: str
    leaves: str
    ion: str
    splitting: Equilibrium


@dataclass(frozen=True)
class Reactant:
    """What is counted as ATP, ADP or Pi: its form with nothing bound, that form's charge [e], and the one a pump names."""

    name: str
    bare: str
    charge: int
    pumped: str


@dataclass(frozen=True)
class Form:
    """One form of a reactant, with the ions bound to it and the splittings that lead to its bare form."""

    reactant: str
    charge: float
    ions: Mapping[str, int]
    splittings: tuple[tuple[Equilibrium, float], ...] = ()


@dataclass(frozen=True)
class Speciation:
    """The binding constants of one solution.

    temperature [K]: at which they were measured. ionic_strength [mM]: for which they are used. hydrolysis: of the bare
    forms, ATP(4-) + H2O = ADP(3-) + HPO4(2-) + H. Raises ModelError for constants that cannot be, NameUnknown for a form or
    an ion that is not there.
    """

    name: str
    reactants: tuple[Reactant, ...]
    complexes: tuple[Complex, ...]
    hydrolysis: Equilibrium | None = None
    temperature: float = 298.15
    ionic_strength: float = 250.0
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise ModelError(f"{self.name}: temperature is {self.temperature:g} K; it must be positive and finite")
        for each in (*(each.splitting for each in self.complexes), *([self.hydrolysis] if self.hydrolysis else [])):
            if not (math.isfinite(each.pK) and math.isfinite(each.enthalpy)):
                raise ModelError(f"{self.name}: pK {each.pK:g} with enthalpy {each.enthalpy:g} J/mol; both must be finite")
            _strength(self.name, each.ionic_strength)
        _strength(self.name, self.ionic_strength)
        for reactant in self.reactants:
            lookup(reactant.pumped, self.forms, f"form of {self.name}")

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """All forms of all reactants by name."""
        forms = {each.bare: Form(each.name, each.charge, {}) for each in self.reactants}
        for each in self.complexes:
            simpler = lookup(each.leaves, forms, f"form of {self.name}, above {each.name},")
            if each.ion not in IONS:
                raise NameUnknown(f"{self.name}: {each.name} binds {shown(each.ion)}{did_you_mean(each.ion, IONS)}")
            if each.name in forms:
                raise ModelError(f"{self.name}: {each.name} is there twice; a form splits in one way")
            ion = SPECIES[each.ion].charge
            charge = simpler.charge + ion
            ions = {**simpler.ions, each.ion: simpler.ions.get(each.ion, 0) + 1}
            step = (each.splitting, simpler.charge**2 + ion**2 - charge**2)
            forms[each.name] = Form(simpler.reactant, charge, ions, (*simpler.splittings, step))
        return forms

    def binding(self, form: str, temperature: ArrayLike) -> Numbers:
        """Logarithm of a form's association constant from its bare form and n ions. [ln(1/M^n)]"""
        steps = lookup(form, self.forms, f"form of {self.name}").splittings
        result = np.zeros(np.shape(temperature))
        for each, squares in steps:
            result = result - self._logarithm(each, squares, temperature)
        return result

    def standard_energy(self, temperature: ArrayLike = BODY_TEMPERATURE) -> Numbers:
        """Standard free energy of the hydrolysis of ATP between the forms that a pump names, at 1 M of each. [J/mol]

        MgATP(2-) + H2O = MgADP(-) + HPO4(2-) + H; raises ModelError where no hydrolysis is given or ions do not balance.
        """
        kelvin = _temperature(self.name, temperature)
        binding, ions = np.zeros(kelvin.shape), dict.fromkeys(IONS, 0)
        for name, sign in (("ATP", -1), ("ADP", 1), ("Pi", 1)):
            pumped = lookup(name, {each.name: each.pumped for each in self.reactants}, f"reactant of {self.name}")
            binding = binding + sign * self.binding(pumped, kelvin)
            for ion, count in self.forms[pumped].ions.items():
                ions[ion] += sign * count
        if any(ions.values()):
            unbalanced = ", ".join(f"{count:+d} {ion}" for ion, count in ions.items() if count)
            raise ModelError(f"{self.name}: hydrolysis between the forms that a pump names leaves {unbalanced} over")
        return -R * kelvin * (self._hydrolysed(kelvin) + binding)

    def apparent_energy(self, *, pH: ArrayLike, Mg: ArrayLike, K: ArrayLike = 0.0, Na: ArrayLike = 0.0, Ca: ArrayLike = 0.0,
                        temperature: ArrayLike = BODY_TEMPERATURE) -> Numbers:
        """Transformed standard free energy, of total ATP, ADP and Pi at 1 M in a solution of free Mg, K, Na and Ca. [J/mol]

        dG = this + RT ln([ADP][Pi]/[ATP]) with the totals in M.
        """
        solution = _Solution(self, {"H": hydrogen(pH), "Mg": Mg, "K": K, "Na": Na, "Ca": Ca}, temperature)
        polynomials = {name: np.log(solution.polynomial(name, solution.ions["Mg"])) for name in ("ATP", "ADP", "Pi")}
        logarithm = self._hydrolysed(solution.temperature) - np.log(solution.ions["H"] / MOLAR)
        return -R * solution.temperature * (logarithm + polynomials["ADP"] + polynomials["Pi"] - polynomials["ATP"])

    def _hydrolysed(self, temperature: ArrayLike) -> Numbers:
        if self.hydrolysis is None:
            raise ModelError(f"{self.name}: hydrolysis is {self.hydrolysis}; give its constant of the bare forms")
        charges = {each.name: each.charge for each in self.reactants}
        squares = charges["ADP"]**2 + charges["Pi"]**2 + SPECIES["H"].charge**2 - charges["ATP"]**2
        return self._logarithm(self.hydrolysis, squares, temperature)

    def _logarithm(self, given: Equilibrium, squares: float, temperature: ArrayLike) -> Numbers:
        kelvin = np.asarray(temperature, dtype=np.float64)
        ideal = -given.pK * math.log(10) - squares * _screening(self.temperature, given.ionic_strength)
        ideal = ideal - given.enthalpy / R * (1.0 / kelvin - 1.0 / self.temperature)
        return np.asarray(ideal + squares * _screening(kelvin, self.ionic_strength), dtype=np.float64)


@dataclass(frozen=True)
class Composition:
    """What a solution holds: totals [mM], and every form and free ion by name [mM]."""

    speciation: Speciation
    totals: Mapping[str, Numbers]
    forms: Mapping[str, Numbers]

    @property
    def conditions(self) -> dict[str, float | Numbers]:
        """Concentrations as a pump takes them, ready for `respond`: inside.H and those of the reactants given. [mM]"""
        pumped = {f"inside.{each.name}": self.forms[each.pumped] for each in self.speciation.reactants
                  if each.name in self.totals}
        return {name: value if value.shape else float(value) for name, value in
                {**pumped, "inside.H": self.forms["H"]}.items()}

    @property
    def free_Mg(self) -> Numbers:
        """Free Mg(2+). [mM]"""
        return self.forms["Mg"]

    @property
    def pumped(self) -> dict[str, tuple[str, Numbers, Numbers]]:
        """Of each reactant given: the form that a pump names, how much of it there is [mM], its share of the total. []

        A share is not a number where the total is 0. {"ATP": ("MgATP(2-)", 6.5, 0.81)}
        """
        found = {}
        for each in self.speciation.reactants:
            if each.name in self.totals:
                total = self.totals[each.name]
                part = np.where(total > 0.0, self.forms[each.pumped] / np.where(total > 0.0, total, 1.0), np.nan)
                found[each.name] = (each.pumped, self.forms[each.pumped], np.asarray(part, dtype=np.float64))
        return found

    def __str__(self) -> str:
        parts = [f"free Mg {spanned(self.free_Mg)} of {spanned(self.totals['Mg'])} mM"]
        parts += [f"{form} {spanned(amount)} mM, {spanned(100.0 * share)} % of the total {name} {spanned(self.totals[name])} mM"
                  for name, (form, amount, share) in self.pumped.items()]
        return "; ".join([*parts, f"pH {spanned(pH_of(self.forms['H']))}"])

    __repr__ = __str__

    def share(self, form: str) -> Numbers:
        """Part of a reactant that is in one form. []"""
        reactant = lookup(form, self.speciation.forms, "form").reactant
        return self.forms[form] / lookup(reactant, self.totals, "total")


def hydrogen(pH: ArrayLike) -> Numbers:
    """Concentration of H at a pH, 1e-4 mM at pH 7. [mM]

    Raises ModelError for a pH outside 0 to 14.
    """
    values = np.asarray(pH, dtype=np.float64)
    bad = values[~((values >= 0.0) & (values <= 14.0))]
    if bad.size:
        raise ModelError(f"pH is {bad.flat[0]:g}; it must be between 0 and 14")
    return np.asarray(MOLAR * 10.0**-values, dtype=np.float64)


def pH_of(H: ArrayLike) -> Numbers:
    """The pH of a concentration of H [mM]. []"""
    return np.asarray(-np.log10(_amounts("H", H) / MOLAR), dtype=np.float64)


def speciate(speciation: Speciation, totals: Mapping[str, ArrayLike], *, pH: ArrayLike, K: ArrayLike, Na: ArrayLike,
             Ca: ArrayLike = 0.0, Mg: ArrayLike | None = None, temperature: ArrayLike = BODY_TEMPERATURE) -> Composition:
    """Every form of ATP, ADP and Pi in a solution with these totals and free ions [mM], numbers or arrays that broadcast.

    totals: of ATP, ADP and Pi, as many as there are, and of Mg unless the free `Mg` is given; the others are free and
    abundant. One scalar equation, monotone in free Mg, gives it. Raises NameUnknown for another total, ModelError for
    values that cannot be and for Mg given twice or not at all.
    """
    names = [each.name for each in speciation.reactants]
    for name in totals:
        if name not in (*names, "Mg"):
            raise NameUnknown(f"unknown total {shown(name)}{did_you_mean(name, (*names, 'Mg'))}")
    if (Mg is None) == ("Mg" not in totals):
        given = "is not given" if Mg is None else f"is given twice, total {shown(totals['Mg'])} and free {shown(Mg)} mM"
        raise ModelError(f"Mg {given}; give the total of Mg or free Mg, one of them")
    ions = {"H": hydrogen(pH), "Mg": 0.0 if Mg is None else Mg, "K": K, "Na": Na, "Ca": Ca}
    given_totals = {name: _amounts(f"total of {name}", value) for name, value in totals.items()}
    solution = _Solution(speciation, ions, temperature, given_totals)
    found = solution.totals
    reactants = {name: total for name, total in found.items() if name != "Mg"}
    free = solution.free_magnesium(reactants, found["Mg"]) if Mg is None else solution.ions["Mg"]
    forms = {**solution.ions, "Mg": free}
    for name, form in speciation.forms.items():
        if form.reactant in reactants:
            forms[name] = reactants[form.reactant] * solution.weight(name, free) / solution.polynomial(form.reactant, free)
    return Composition(speciation, {**reactants, "Mg": solution.held(reactants, free)[0]}, forms)


def from_totals(speciation: Speciation, totals: Mapping[str, ArrayLike], pH: ArrayLike, K: ArrayLike, Na: ArrayLike,
                Ca: ArrayLike = 0.0, Mg: ArrayLike | None = None,
                temperature: ArrayLike = BODY_TEMPERATURE) -> dict[str, float | Numbers]:
    """Conditions of a pump from totals: inside.H, and inside.ATP, inside.ADP, inside.Pi as far as a total is given. [mM]

    `steady(scheme, from_totals(speciation(), {"ATP": 8.0, "Mg": 9.0}, pH=7.2, K=140.0, Na=10.0), "physiological")`, all three
    from pumpleak: `speciation()` gives the binding constants of the catalogue. totals [mM]: of ATP, ADP and Pi, as many as
    there are, and of Mg unless free `Mg` [mM] is given; those left out bind none of it. K, Na [mM]: free inside; both bind
    ATP, so that they have no default. Ca [mM]: free inside, 0 unless given. temperature [K]: 310.15 unless given. Numbers or
    arrays that broadcast. ATP is then MgATP(2-), ADP MgADP(-), Pi HPO4(2-). `speciate` gives all forms and free Mg beside.

    Raises NameUnknown for another total; ModelError for values that cannot be and for Mg given twice or not at all.
    """
    return speciate(speciation, totals, pH=pH, K=K, Na=Na, Ca=Ca, Mg=Mg, temperature=temperature).conditions


class _Solution:
    """Free ions and a temperature of one shape, and how strongly each form is favoured in them."""

    def __init__(self, speciation: Speciation, ions: Mapping[str, ArrayLike], temperature: ArrayLike,
                 totals: Mapping[str, Numbers] | None = None) -> None:
        given = {**{f"free {name}": _amounts(f"free {name}", value) for name, value in ions.items()}, **(totals or {}),
                 "temperature": _temperature(speciation.name, temperature)}
        try:
            shape = np.broadcast_shapes(*(each.shape for each in given.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {each.shape}" for name, each in given.items() if each.shape)
            raise ModelError(f"{speciation.name}: these shapes do not fit together: {shapes}") from None
        spread = {name: np.broadcast_to(each, shape) for name, each in given.items()}
        self.speciation = speciation
        self.temperature = spread["temperature"]
        self.ions = {name: spread[f"free {name}"] for name in ions}
        self.totals = {name: spread[name] for name in totals or {}}
        # weights are of mM, the constants of M; all but Mg is known
        self.coefficients = {name: self._coefficient(name, form) for name, form in speciation.forms.items()}

    def _coefficient(self, name: str, form: Form) -> Numbers:
        result = np.exp(self.speciation.binding(name, self.temperature) - sum(form.ions.values()) * math.log(MOLAR))
        for ion, count in form.ions.items():
            if ion != "Mg":
                result = result * self.ions[ion]**count
        return np.asarray(result, dtype=np.float64)

    def _of(self, reactant: str) -> Iterator[tuple[Numbers, int]]:
        for name, form in self.speciation.forms.items():
            if form.reactant == reactant:
                yield self.coefficients[name], form.ions.get("Mg", 0)

    def weight(self, form: str, free: Numbers) -> Numbers:
        """How much there is of a form for each of the bare one."""
        return np.asarray(self.coefficients[form] * free**self.speciation.forms[form].ions.get("Mg", 0), dtype=np.float64)

    def polynomial(self, reactant: str, free: Numbers) -> Numbers:
        """How much there is of a reactant for each of its bare form."""
        return np.asarray(sum(factor * free**count for factor, count in self._of(reactant)), dtype=np.float64)

    def held(self, totals: Mapping[str, Numbers], free: Numbers) -> tuple[Numbers, Numbers]:
        """Free and bound Mg at a free Mg [mM], and how it grows with that."""
        amount, slope = np.array(free, dtype=np.float64), np.ones_like(free)
        for name, total in totals.items():
            polynomial = self.polynomial(name, free)
            # divided by one power of free Mg, so that both are finite where there is none
            first = sum(count * factor * free**(count - 1) for factor, count in self._of(name) if count) / polynomial
            second = sum(count**2 * factor * free**(count - 1) for factor, count in self._of(name) if count) / polynomial
            amount = amount + total * free * first
            slope = slope + total * (second - free * first**2)
        return amount, slope

    def free_magnesium(self, totals: Mapping[str, Numbers], total: Numbers) -> Numbers:
        """Free Mg at which free and bound together are the total: Newton from below inside a bracket. [mM]"""
        low, high = np.zeros_like(total), np.array(total)
        free = low
        for _ in range(MOST_STEPS):
            amount, slope = self.held(totals, free)
            excess = amount - total
            low, high = np.where(excess < 0.0, free, low), np.where(excess > 0.0, free, high)
            step = free - excess / slope
            # a step out of the bracket is replaced by its middle; rounding at its edges is not
            following = np.where((step < low) | (step > high), 0.5 * (low + high), step)
            done = np.abs(following - free) <= 1e-15 * following
            free = following
            if np.all(done | (np.abs(excess) <= 1e-15 * total)):
                break
        left = np.abs(self.held(totals, free)[0] - total)
        if np.any(left > CONSERVED * total):
            raise SolveError(f"free Mg: {np.max(left):.3g} mM of its total is not accounted for after {MOST_STEPS} steps")
        return free


def _screening(temperature: ArrayLike, ionic_strength: float) -> Numbers:
    """alpha(T) sqrt(I)/(1 + 1.6 sqrt(I)): what ln(gamma) loses for each unit of charge squared. []"""
    kelvin = np.asarray(temperature, dtype=np.float64)
    alpha = 1.10708 - 1.54508e-3 * kelvin + 5.95584e-6 * kelvin**2  # M^-1/2; Alberty 2003, good from 0 to 40 degC
    root = math.sqrt(ionic_strength / MOLAR)
    return np.asarray(alpha * root / (1.0 + SIZE * root), dtype=np.float64)


def _strength(owner: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0.0):
        raise ModelError(f"{owner}: ionic strength is {value:g} mM; it must be finite and not negative")


def _temperature(owner: str, value: ArrayLike) -> Numbers:
    kelvin = np.asarray(value, dtype=np.float64)
    bad = kelvin[~(np.isfinite(kelvin) & (kelvin > 0.0))]
    if bad.size:
        raise ModelError(f"{owner}: temperature is {bad.flat[0]:g} K; it must be positive and finite")
    return kelvin


def _amounts(name: str, value: ArrayLike) -> Numbers:
    values = np.asarray(value, dtype=np.float64)
    bad = values[~(np.isfinite(values) & (values >= 0.0))]
    if bad.size:
        raise ModelError(f"{name} is {bad.flat[0]:g} mM; a concentration must be finite and not negative")
    return values
