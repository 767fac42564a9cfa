"""Variants of a pump, isoforms and congeners of its ions, as factors on named constants of its scheme."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.base.sources import Source
from pumpleak.enzyme.inhibition import owned
from pumpleak.enzyme.scheme import Scheme


@dataclass(frozen=True)
class Change:
    """A constant is so many times that of the scheme; `source` is a key of the variant's own sources."""

    factor: float
    source: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.factor) and self.factor > 0.0):
            raise ModelError(f"a factor on a constant is {self.factor}; it must be positive and finite")


@dataclass(frozen=True)
class Variant:
    """What differs in a subunit, or when another ion takes the place of K+: factors by the name of a constant.

    drugs: factors on constants of an inhibitor, which count where the scheme has it. lacking: why there are no numbers; such a
    variant is known by name and cannot be made.
    """

    name: str
    changes: Mapping[str, Change] = field(default_factory=dict)
    drugs: Mapping[str, Change] = field(default_factory=dict)
    title: str = ""
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    lacking: str = ""


def vary(scheme: Scheme, *variants: Variant) -> Scheme:
    """The scheme with the factors of all these variants multiplied; derived constants follow.

    Raises ModelError for a variant of which no numbers are known; NameUnknown for a constant that the scheme lacks.
    """
    known = {parameter.name: parameter for parameter in scheme.parameters}
    for variant in variants:
        if variant.lacking:
            raise ModelError(f"{scheme.name}: {variant.name} cannot be made: {variant.lacking}")
        for name in variant.changes:
            if name not in known:
                raise NameUnknown(f"{scheme.name}: {variant.name} changes {name} by a factor of "
                                  f"{variant.changes[name].factor:g}, and the scheme has no such constant"
                                  f"{did_you_mean(name, known)}; variants are made for post-albers")
        for name, change in {**variant.changes, **variant.drugs}.items():
            if name in known:
                old = known[name]
                source = f"{variant.name}.{change.source}" if change.source else old.source
                known[name] = replace(old, value=old.value * change.factor, source=source)
    return replace(scheme, parameters=tuple(known.values()),
                   sources=(*scheme.sources, *(each for variant in variants for each in owned(variant.name, variant.sources))),
                   notes=(*scheme.notes, *(note for variant in variants for note in variant.notes)))
