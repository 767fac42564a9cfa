"""A scheme with drugs as a cell at depth `reduced` uses it: free pumps in a steady state, those that hold a drug as pools.

What is fast among free pumps is taken as at equilibrium, as without drugs, and so is all that goes on in a complex. Left
are free pools and one pool for each way of holding a drug, which drugs fill and empty within minutes or hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pumpleak.base.errors import ModelError
from pumpleak.enzyme.inhibition import held_drugs, without_drugs
from pumpleak.enzyme.pools import Pools
from pumpleak.enzyme.reduction import reduce, write_pools
from pumpleak.enzyme.scheme import Scheme, SchemeKey

KEPT = 16  # in memory; a session has a few schemes


@dataclass(frozen=True)
class Occupation:
    """scheme: free and bound pools with the slow steps between them; free: the part that turns over; bound: pool -> drug."""

    scheme: Scheme
    free: Scheme
    bound: Mapping[str, str]


def occupation(scheme: Scheme) -> Occupation:
    """The pools of a scheme that binds drugs.

    Raises ModelError where pumps that hold a drug would transport or hydrolyse: they are not followed then.
    """
    return _occupation(SchemeKey(scheme))


@lru_cache(maxsize=KEPT)
def _occupation(key: SchemeKey) -> Occupation:
    scheme, held = key.scheme, held_drugs(key.scheme)
    fast = set(reduce(without_drugs(scheme)).fast)
    within = [step for step in scheme.steps if step.source in held and step.target in held]
    pools = Pools(scheme, [step for step in scheme.steps if step.name in fast] + within)
    if not pools.balanced:
        raise ModelError(f"{scheme.name}: pumps that hold {', '.join(sorted({*held.values()}))} go round by "
                         f"{', '.join(step.name for step in within)} and move or use something; take depth 'full'")
    made = write_pools(pools)
    bound = {pool: held[pool] for pool in pools.members if pool in held}
    return Occupation(made, without_drugs(made), bound)
