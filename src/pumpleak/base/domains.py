"""Which values a quantity can have at all, checked wherever a number comes in."""

from __future__ import annotations

import math
from typing import Literal

from pumpleak.base.errors import ModelError
from pumpleak.base.species import SPECIES

Domain = Literal["any", "not negative", "positive", "share"]


def check_domain(owner: str, name: str, value: float, unit: str, domain: Domain) -> None:
    """Refuse a value that the quantity cannot have.

    Raises ModelError with its name, the value and what would be right.
    """
    if not math.isfinite(value):
        need = "finite"
    elif domain == "positive" and not value > 0:
        need = "positive"
    elif domain == "not negative" and value < 0:
        need = "zero or positive"
    elif domain == "share" and not 0.0 <= value <= 1.0:
        need = "from 0 to 1"
    else:
        return
    shown = "" if unit in ("", "1") else f" {unit}"
    trace = f" (zero makes its chemical potential infinite: give a trace, for example 1e-6 {unit})" \
        if value == 0 and name.rpartition(".")[2] in SPECIES else ""
    raise ModelError(f"{owner}: {name} is {value:g}{shown}; it must be {need}{trace}")
