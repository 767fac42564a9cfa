"""What totals of ATP, ADP, phosphate and magnesium inside became: free magnesium, and the species that the pump binds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak.app.pump.answer import Answer
from pumpleak.app.pump.question import PROTON, Array
from pumpleak.app.pump.section import Section

if TYPE_CHECKING:
    from pumpleak.enzyme.speciation import Composition

SPLIT = ("ATP", "ADP", "Pi")


def totals_section(answer: Answer, composition: Composition) -> Section:
    """The solution inside that the totals make, and what stays as it was given."""
    from pumpleak.enzyme.speciation import pH_of

    pH, free = (np.ravel(each) for each in (pH_of(answer.given[PROTON]), composition.forms["Mg"]))
    totals = answer.question.totals
    lines = [f"totals inside, of {answer.pump.name}: {', '.join(f'{name} {value:g} mM' for name, value in totals.items())}; "
             f"pH {_span(pH)}, free Mg2+ {_span(free)} mM"]
    pumped = {each.name: each.pumped for each in composition.speciation.reactants}
    plain: dict[str, Any] = {"given": dict(totals), "pH": pH.tolist(), "free": {"Mg": free.tolist()}, "pumped": {}}
    for name in totals:
        if name != "Mg":
            form, share = composition.forms[pumped[name]], composition.share(pumped[name])
            bound = "" if f"inside.{name}" in answer.pump.ligands else f", which {answer.pump.name} does not ask for"
            lines.append(f"  inside.{name} {_span(form)} mM is {_written(pumped[name])}, {_span(100.0 * share)} % of the total "
                         f"{totals[name]:g} mM{bound}")
            plain["pumped"][name] = {"form": pumped[name], "concentration": np.ravel(form).tolist(),
                                     "share": np.ravel(share).tolist()}
    left = [name for name in SPLIT if name not in totals and f"inside.{name}" in answer.pump.ligands]
    if left:
        stay = " and ".join(f"inside.{name} {_span(answer.given[f'inside.{name}'])} mM ({_written(pumped[name])})"
                            for name in left)
        lines.append(f"  {stay} stay{'s' * (len(left) == 1)} as given, without a total: what Mg the other forms of "
                     f"{'it' if len(left) == 1 else 'them'} bind is not counted")
    return Section("totals", "\n".join(lines), plain)


def _span(values: Array) -> str:
    """One number, or the least and the greatest of many."""
    low, high = f"{float(np.min(values)):.4g}", f"{float(np.max(values)):.4g}"
    return low if low == high else f"{low} to {high}"


def _written(form: str) -> str:
    """A form as chemists write it on one line: MgATP2- for MgATP(2-)."""
    bare, _, charge = form.removesuffix(")").partition("(")
    return form if bare[-1].isdigit() else bare + charge  # HPO4(2-) would read as HPO42-
