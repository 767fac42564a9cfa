"""The targets of the claims: honest by form."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from pumpleak.app.bench import answer, points, scheme
from pumpleak.app.claims import active
from pumpleak.app.commands import commands
from pumpleak.app.targets import Target, claims, covered, read_targets, targets
from pumpleak.app.tour import SHOWS
from pumpleak.base.errors import FormatError, NameUnknown, UnitError
from pumpleak.formats.fit_read import problem_in
from pumpleak.formats.measured import measured

ROWS = [row for claim in covered() for row in targets(claim).rows.values()]
HEAD = "pumpleak: 1\ntargets: M9.9\nsources:\n  a-2000: {name: A 2000, text: A. Title}\nrows:\n"


def test_all_sixteen_claims_are_named_in_order() -> None:
    assert [claim.id for claim in claims()] == [
        "M1.1", "M1.2", "M1.3", "M1.4", "M2.1", "M2.2", "M3.1", "M3.2", "M3.3", "M4.1", "M5.1", "M5.2", "M5.3", "M6.1",
        "M6.2", "M6.3"]


def test_every_claim_with_targets_is_shown_and_no_other() -> None:
    assert set(covered()) == set(SHOWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_says_what_it_needs(row: Target) -> None:
    assert row.quantity
    assert row.unit
    assert row.sources
    assert all(source.text for source in row.sources)
    assert row.low is None or row.high is None or row.low <= row.high


@pytest.mark.parametrize("row", [row for row in ROWS if row.kind in ("measured", "fitted")], ids=lambda row: row.id)
def test_what_is_measured_has_a_publication_and_is_not_from_memory(row: Target) -> None:
    assert [source.kind for source in row.sources] == ["literature"] * len(row.sources)
    assert all(source.where and source.condition for source in row.sources)
    assert None not in (row.low, row.high)


@pytest.mark.parametrize("row", [row for row in ROWS if row.data], ids=lambda row: row.id)
def test_the_data_of_a_row_are_there(row: Target) -> None:
    curve = points(row)
    assert len(curve.x) >= 5
    assert not row.column or curve.heading == row.column


@pytest.mark.parametrize("row", [row for row in ROWS if row.data], ids=lambda row: row.id)
def test_what_the_data_say_of_their_fits_is_what_the_row_says(row: Target) -> None:
    """Points are drawn open by the row's kind; the data file says which schemes were fitted to it."""
    assert (row.scheme in measured(row.data).fitted) == (row.kind == "fitted")


@pytest.mark.parametrize("row", [row for row in ROWS if row.beside], ids=lambda row: row.id)
def test_other_schemes_are_beside_it_only(row: Target) -> None:
    assert row.scheme not in row.beside
    assert all(scheme(pump).cycles for pump in row.beside)


def test_whatever_the_scheme_was_fitted_to_is_marked_as_fitted() -> None:
    """All points, but those of Hansen, which the fit of the default pump gave the weight 0."""
    assert {row.id for row in ROWS if row.data and row.kind != "fitted"} == {"M2.2.Na-curve"}
    assert [each.weight for each in problem_in("post-albers").data if each.name == "sodium"] == [0.0]


@pytest.mark.parametrize("claim", covered())
def test_the_words_of_a_claim_are_there(claim: str) -> None:
    words = targets(claim)
    assert words.done
    assert words.meaning
    assert words.captions
    assert words.commands


@pytest.mark.parametrize("command", [each for claim in covered() for each in targets(claim).commands])
def test_the_commands_are_ones_that_can_be_given(command: str) -> None:
    program, name, *arguments = shlex.split(command)
    assert program == "pumpleak"
    found = commands.commands[name]
    found.make_context(name, arguments)  # click refuses an option or an argument that is not there


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_words_of_a_row_stand_alone(row: Target) -> None:
    """tour.json has rows without their neighbours."""
    assert "same" not in row.quantity.lower()
    assert [other.id for other in ROWS if other.quantity == row.quantity] == [row.id]


def test_what_was_put_in_by_hand_does_not_count() -> None:
    """The slip of the default pump was set so that the uncoupled efflux is small; no constant bears on 3:2."""
    assert targets("M1.3")["uncoupled-share"].kind == "fitted"
    by_construction = [targets("M1.3")["K-per-reverse-charge"], *(
        targets("M2.1")[name] for name in ("ratio-vesicles-least", "ratio-vesicles-most", "ratio-barnacle"))]
    for row in by_construction:
        assert row.kind == "measured"
        assert "very pump of 3 Na to 2 K gives" in row.note
        assert "tests its stoichiometry" in row.note or "tests the stoichiometry" in row.note


def test_the_turnover_at_rest_says_what_its_fit_held() -> None:
    row = targets("M1.1")["turnover-at-rest"]
    assert (row.kind, row.low, row.high) == ("measured", 40.0, 70.0)
    assert "the fit held 12 +- 1.3 /s" in row.note
    assert "its fit held 12 /s" in row.miss
    assert "contradict" not in row.miss


def test_the_potassium_curve_is_asked_as_its_scheme_was_fitted() -> None:
    row, table = targets("M2.2")["K-curve"], measured("nakao-gadsby-1989-potassium")
    asked = answer(row).conditions
    assert {name: float(asked[name]) for name in table.conditions} == pytest.approx(dict(table.conditions))


def test_what_figures_show_as_measured_lies_in_the_range_or_the_row_misses() -> None:
    rows = [row for row in ROWS if row.measured]
    assert {row.id for row in rows} == {"M1.3.K-per-reverse-charge", "M1.3.uncoupled-share", "M1.4.rat-alpha1",
                                        "M1.4.rat-alpha2", "M1.4.rat-alpha3", "M2.2.Q10-sheep", "M2.2.Q10-sheep-warm"}
    assert all(row.low <= row.measured[0] <= row.measured[1] <= row.high for row in rows)  # type: ignore[operator]


def test_a_condition_may_be_a_temperature(tmp_path: Path) -> None:
    file = tmp_path / "M9.9.yaml"
    file.write_text(HEAD + "  r: {quantity: q, unit: mM, low: 1, kind: model, source: a-2000, measured: [1, 2], conditions: "
                    "{temperature: 298.15 K}}\n", encoding="utf-8")
    row = read_targets(file)["r"]
    assert (row.conditions, row.measured) == ({"temperature": 298.15}, (1.0, 2.0))


def test_no_calculated_number_counts_as_measured() -> None:
    """Stimers' abstract calculates its 6.5 mV and 29 /s; the step also hangs on a permeability of our own."""
    assert targets("M3.2")["step"].kind == "model"
    assert targets("M1.1")["turnover-at-rest"].low == 40.0
    assert not any("stimers" in source.key for row in ROWS if row.kind == "measured" for source in row.sources)


@pytest.mark.parametrize(("rows", "kind", "text"), [
    ("  r: {quantity: q, unit: mM, low: 1, kind: guessed, source: a-2000}", FormatError,
     "kind 'guessed' is not one of measured, fitted, model, identity"),
    ("  r: {quantity: q, unit: mM, kind: model, source: a-2000}", FormatError, "neither 'low' nor 'high'"),
    ("  r: {quantity: q, unit: mM, low: 1, kind: model, source: b-2000}", NameUnknown, "unknown source 'b-2000'"),
    ("  r: {quantity: q, unit: mM, lows: 1, kind: model, source: a-2000}", FormatError,
     "unknown key 'lows'; did you mean 'low'?"),
    ("  r: {quantity: q, unit: mM, low: 1, kind: model, source: a-2000, conditions: {inside.Na: 5 mV}}", UnitError,
     "inside.Na: '5 mV' is a voltage [mV]; expected a concentration [mM]"),
])
def test_a_wrong_row_is_refused_with_its_place(rows: str, kind: type[Exception], text: str, tmp_path: Path) -> None:
    file = tmp_path / "M9.9.yaml"
    file.write_text(HEAD + rows + "\n", encoding="utf-8")
    with pytest.raises(kind) as error:
        read_targets(file)
    assert text in str(error.value)
    assert f"{file}:6:" in str(error.value)


@pytest.mark.parametrize(("low", "high", "value", "holds"), [
    (1.0, 2.0, 1.0, True), (1.0, 2.0, 2.0, True), (1.0, 2.0, 2.1, False), (None, 0.0, -1.0, True), (None, 0.0, 1.0, False),
    (1.0, None, 5.0, True), (1.0, 2.0, None, False), (1.0, 2.0, float("nan"), False)])
def test_a_value_holds_within_its_range(low: float | None, high: float | None, value: float | None, holds: bool) -> None:
    row = Target("M9.9.r", "M9.9", "q", "mM", "model", (), low=low, high=high)
    assert row.holds(value) is holds


@pytest.mark.parametrize("row", [row for row in ROWS if row.case], ids=lambda row: row.id)
def test_the_case_of_a_row_is_there(row: Target) -> None:
    assert targets(row.claim).cases[row.case]


def test_what_a_full_supply_is_stands_in_the_file() -> None:
    """Half of the turnover needs 0.2 mM ATP: with 0.1 mM in the case the share of what is left without it more than doubles."""
    words = targets("M1.1")
    scarce = replace(words, cases={"full-supply": {**words.cases["full-supply"], "inside.ATP": 0.1}})
    assert active.share(scarce, words["no-ATP-4"]) > 2.0 * active.share(words, words["no-ATP-4"]) > 0.0
