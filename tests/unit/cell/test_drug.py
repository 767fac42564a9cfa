"""Drugs on the pumps of a cell: binding in time at both depths, the ledger meanwhile, and what is not counted."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
import pytest

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.binding import apparent
from pumpleak.enzyme.inhibition import inhibit
from pumpleak.formats.catalog import load
from pumpleak.formats.pump_parts import inhibitor
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import Protocol, hold, ramp
from pumpleak.lab.rest import rest
from pumpleak.lab.result import Result
from pumpleak.lab.run import run

Depth = Literal["reduced", "full"]
DEPTHS: tuple[Depth, ...] = ("reduced", "full")


@cache
def cell(depth: Depth, *drugs: str) -> Cell:
    """The regulating cell, whose pump binds these drugs."""
    found = load("regulating-cell")
    assert isinstance(found, Cell)
    pump = next(each for each in found.transporters if isinstance(each, SchemePump))
    scheme = inhibit(pump.scheme, *(inhibitor(drug) for drug in drugs))
    drugged = replace(pump, scheme=scheme, depth=depth)
    return replace(found, transporters=tuple(drugged if each is pump else each for each in found.transporters))


@cache
def washed(depth: Depth, drug: str = "ouabain") -> Result:
    """Half an hour with 1 uM, an hour without."""
    protocol = hold("1 min") + hold("30 min", {f"pump.{drug}": "1 uM"}) + hold("1 h")
    return run(Experiment(cell(depth, drug), protocol, start="rest", samples=182))


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("drug", ["ouabain", "strophanthidin"])
def test_a_drug_is_washed_in_and_out_and_the_ledger_closes(depth: Depth, drug: str) -> None:
    result = washed(depth, drug)
    assert result.ledger.ok
    bound, minutes = result.column(f"pump.{drug}_bound"), np.asarray(result.time.to("min"))
    at = {when: float(np.interp(when, minutes, bound)) for when in (0.5, 31.0, 91.0)}
    assert abs(at[0.5]) < 1e-6
    assert at[31.0] > (0.8 if drug == "ouabain" else 0.03)
    # ouabain leaves with 1.4e-4 /s: after an hour exp(-0.5) is left; strophanthidin with 0.03 /s
    assert at[91.0] / at[31.0] == pytest.approx(np.exp(-0.506) if drug == "ouabain" else 0.0, abs=0.02)


def test_both_depths_bind_alike() -> None:
    reduced, full = washed("reduced"), washed("full")
    # the cells differ by bound ions and displaced charge at first, 1e-3; the reduction itself by 6e-4
    np.testing.assert_allclose(full.column("pump.ouabain_bound"), reduced.column("pump.ouabain_bound"), atol=3e-3)
    np.testing.assert_allclose(full.column("inside.Na"), reduced.column("inside.Na"), rtol=0.02)


def test_binding_begins_as_fast_as_free_pumps_in_their_steady_state_bind() -> None:
    made = cell("reduced", "ouabain")
    point = rest(made)
    pump = next(each for each in made.transporters if isinstance(each, SchemePump))
    given = {name: point.values[name] for name in pump.scheme.ligands if name in point.values}
    expected = float(apparent(pump.scheme, {**given, "outside.Ouabain": 0.0, "membrane.V": point.values["membrane.V"],
                                            "temperature": point.values["temperature"]}).on)
    result = run(Experiment(made, hold("1 s", {"pump.ouabain": "1 uM"}), start="rest", samples=3))
    # 5e-3: the reduction; the cell hardly changes within a second
    assert result.column("pump.ouabain_bound")[-1] == pytest.approx(expected * 1e-3, rel=5e-3)


def test_without_drug_the_cell_rests_where_it_did() -> None:
    plain, drugged = rest(cell("reduced")), rest(cell("reduced", "ouabain", "vanadate"))
    for name in ("membrane.V", "inside.Na", "inside.volume", "pump.turnover"):
        assert drugged.values[name] == pytest.approx(plain.values[name], rel=1e-9)
    assert drugged.kind == "stable"


def test_a_rest_with_drug_has_it_bound_in_equilibrium() -> None:
    """Pumps adapt: with a third of them blocked the others turn faster, at more sodium."""
    point = rest(cell("reduced", "ouabain"), {"pump.ouabain": "50 nM"})
    free = rest(cell("reduced", "ouabain"))
    assert point.kind == "stable"
    assert 0.1 < point.values["pump.ouabain_bound"] < 0.9
    assert point.values["inside.Na"] > free.values["inside.Na"]


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_drug_adds_no_osmoles_charge_or_element(depth: Depth) -> None:
    books = cell(depth, "ouabain", "vanadate").system.books
    assert books is not None
    assert not any({"Ouabain", "Vanadate"} & {*species.composition} for species in books.species)
    drugged, plain = (cell(depth, *drugs).system.resolution["outside.osmolarity"] for drugs in (("ouabain",), ()))
    assert drugged is plain


def test_several_drugs_at_once_leave_the_ledger_closed() -> None:
    made = cell("full", "ouabain", "vanadate", "oligomycin")
    dose = {"pump.ouabain": "0.2 uM", "pump.vanadate": "1 uM", "pump.oligomycin": "5 uM"}
    result = run(Experiment(made, hold("10 s") + hold("10 min", dose) + hold("10 min"), start="rest", samples=61))
    assert result.ledger.ok
    held = sum(result.column(f"pump.{drug}_bound") for drug in ("ouabain", "vanadate", "oligomycin"))
    assert 0.3 < float(np.max(held)) <= 1.0


def test_a_ramp_of_the_dose_is_booked() -> None:
    protocol: Protocol = hold("10 s", {"pump.ouabain": "1 nM"}) + ramp("10 min", {"pump.ouabain": "2 uM"})
    result = run(Experiment(cell("full", "ouabain"), protocol, start="rest", samples=31))
    assert result.ledger.ok
    assert result.column("pump.ouabain_bound")[-1] > 0.3


def test_constants_of_a_drug_are_parameters_of_its_pump() -> None:
    """Ten times the release, and thirty: once binding has settled, free pumps over those that hold it are as the release."""
    def free_over_bound(release: str) -> float:
        changed = cell("reduced", "ouabain").with_values({"pump.ouabain_off": release})
        result = run(Experiment(changed, hold("30 min", {"pump.ouabain": "1 uM"}), start="rest", samples=3))
        bound = float(result.column("pump.ouabain_bound")[-1])
        return 1.0 / bound - 1.0

    # 0.1: the cell that keeps more pumps has less sodium inside, which lets ouabain in
    assert free_over_bound("4.2e-3 1/s") / free_over_bound("1.4e-3 1/s") == pytest.approx(3.0, rel=0.1)
    with pytest.raises(NameUnknown, match=r"pump\.digoxin"):
        cell("reduced", "ouabain").with_values({"pump.digoxin": "1 uM"})


def test_the_remarks_say_what_is_neglected() -> None:
    remarks = " ".join(cell("reduced", "ouabain").system.remarks)
    assert "pump: pumps that hold ouabain do nothing; ouabain binds to free pumps in their steady state" in remarks


def test_a_drug_is_no_content_of_a_place() -> None:
    with pytest.raises(ModelError) as caught:
        Bath("outside", {"Na": 145.0, "Ouabain": 1e-3})
    assert str(caught.value) == ("outside holds 0.001 mM of Ouabain, a drug, which no place of a cell counts; give it to the "
                                 "pump, such as pump.ouabain")
