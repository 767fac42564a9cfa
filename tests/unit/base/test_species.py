"""Species and what they are made of."""

from collections import Counter
from collections.abc import Mapping

import pytest

from pumpleak.base.errors import ModelError
from pumpleak.base.species import SPECIES, Species, impermeant, osmolyte

# Standard atomic weights, abridged (IUPAC 2021). [g/mol]
WEIGHTS = {"H": 1.008, "C": 12.011, "N": 14.007, "O": 15.999, "Na": 22.990, "Mg": 24.305, "P": 30.974}
WEIGHTS |= {"Cl": 35.45, "K": 39.098, "Ca": 40.078}


def total(side: Mapping[str, int]) -> tuple[float, Counter[str]]:
    charge, elements = 0.0, Counter[str]()
    for name, count in side.items():
        charge += count * SPECIES[name].charge
        for element, number in SPECIES[name].composition.items():
            elements[element] += count * number
    return charge, elements


def test_hydrolysis_balances_in_every_element_and_charge() -> None:
    assert total({"ATP": 1, "H2O": 1}) == total({"ADP": 1, "Pi": 1, "H": 1})


def test_creatine_kinase_balances_in_every_element_and_charge() -> None:
    assert total({"ADP": 1, "PCr": 1, "H": 1}) == total({"ATP": 1, "Cr": 1})


@pytest.mark.parametrize(
    ("name", "charge", "weight"),
    # Molar masses of the ions from chemical tables. [g/mol]
    [("Na", 1, 22.990), ("K", 1, 39.098), ("Cl", -1, 35.45), ("HCO3", -1, 61.016), ("Ca", 2, 40.078), ("Mg", 2, 24.305),
     ("H", 1, 1.008), ("H2O", 0, 18.015), ("Pi", -2, 95.979), ("glucose", 0, 180.156), ("ATP", -2, 527.45),
     ("ADP", -1, 448.47), ("Cr", 0, 131.13), ("PCr", -2, 209.10)],
)  # fmt: skip
def test_charge_and_weight(name: str, charge: float, weight: float) -> None:
    species = SPECIES[name]
    assert species.name == name
    assert species.charge == charge
    # Half of the last digit that the tables give.
    assert sum(WEIGHTS[each] * count for each, count in species.composition.items()) == pytest.approx(weight, abs=0.02)


def test_particles_made_of_themselves() -> None:
    assert impermeant("X", -1.3) == Species("X", -1.3, {"X": 1})
    assert osmolyte("sucrose").charge == 0
    assert hash(impermeant("X", -1.3)) == hash(impermeant("X", -1.3))


def test_a_species_keeps_its_own_composition() -> None:
    given = {"X": 1}
    species = Species("X", 0, given)
    given["X"] = 2
    assert species.composition == {"X": 1}


@pytest.mark.parametrize(
    ("name", "charge", "composition", "said"),
    [
        ("", 1.0, {"X": 1}, "species with charge 1.0: its name is empty; give it one, for example 'Na'"),
        ("X", float("nan"), {"X": 1}, "species 'X': charge nan is not finite; give elementary charges"),
        ("X", 1.0, {}, "species 'X': its composition is empty; an osmolyte is made of itself"),
        ("X", 1.0, {"C": 0}, "species 'X': '0' of 'C'; the count must be 1, 2, 3, ..."),
        ("X", 1.0, {"C": 1.5}, "species 'X': '1.5' of 'C'; the count must be 1, 2, 3, ..."),
    ],
)
def test_what_cannot_be_is_refused(name: str, charge: float, composition: dict[str, int], said: str) -> None:
    with pytest.raises(ModelError) as caught:
        Species(name, charge, composition)
    assert str(caught.value) == said
