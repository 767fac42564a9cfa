"""The default scheme with every inhibitor, isoform and congener: all laws are asked of them as of any scheme."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from pumpleak.enzyme.inhibition import drugs_of
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.formats.shelves import part_files

BASE = "post-albers"
ISOFORMS = ("alpha2beta1", "alpha2beta2", "alpha3beta3", "alpha1beta1-fxyd1", "alpha1beta1-fxyd1-phosphorylated")
RATS = ("rat-alpha1beta1", "rat-alpha2beta1", "rat-alpha3beta1")
COMPOSED = (*(f"{BASE}.{drug}" for drug in part_files("inhibitors")), f"{BASE}.ouabain.vanadate.oligomycin",
            *(f"{BASE}.{isoform}" for isoform in ISOFORMS), *(f"{BASE}.{isoform}.ouabain" for isoform in RATS),
            f"{BASE}.alpha2beta2.digoxin.oligomycin", *(f"{BASE}.{ion}" for ion in part_files("congeners")))
DOSE = 1e-3  # mM of every drug in named conditions, so that none is absent


@cache
def pump(name: str) -> Scheme:
    """A pump of the catalogue or one put together, its drugs present in all its conditions."""
    made = load(name)
    assert isinstance(made, Scheme)
    present = dict.fromkeys(drugs_of(made), DOSE)
    return replace(made, conditions={key: {**each, **present} for key, each in made.conditions.items()})
