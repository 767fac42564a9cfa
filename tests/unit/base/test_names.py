"""Proposals for a name that is not there."""

import time

import pytest

from pumpleak.base.errors import NameUnknown
from pumpleak.base.names import LISTED, did_you_mean, lookup, nearest, shown

CELLS = {"kay-2017": 1, "duesterwald-2018": 2, "generic-cell": 3}


def test_nearest_comes_best_first_and_ignores_case() -> None:
    assert nearest("INSIDE.na", ["inside.Na", "outside.Na", "inside.K"])[0] == "inside.Na"
    assert nearest("mm", ["mM", "mm", "nm"], count=2) == ["mM", "mm"]
    assert nearest("zzz", ["inside.Na", "membrane.V"]) == []


def test_the_end_of_a_dotted_name_is_near() -> None:
    assert nearest("V", ["membrane.V", "pump.flux"]) == ["membrane.V"]
    assert nearest("", ["membrane.", "pump.flux"]) == []


def test_lookup() -> None:
    assert lookup("kay-2017", CELLS, "cell") == 1
    with pytest.raises(NameUnknown) as caught:
        lookup("kay-2071", CELLS, "cell")
    assert str(caught.value) == "unknown cell 'kay-2071'; did you mean 'kay-2017'?"


def test_several_proposals_few_names_and_none() -> None:
    assert did_you_mean("pump.curent", ["pump.current", "pump.currents"]) == (
        "; did you mean 'pump.current' or 'pump.currents'?"
    )
    assert did_you_mean("zzz", CELLS) == "; known: kay-2017, duesterwald-2018, generic-cell"
    assert did_you_mean("zzz", [f"cell{i}" for i in range(LISTED + 1)]) == ""
    assert did_you_mean("zzz", []) == ""


def test_long_and_strange_input_stays_short_and_quick() -> None:
    started = time.perf_counter()
    with pytest.raises(NameUnknown) as caught:
        lookup("a\n\x1b[31m" * 100_000, {f"cell{i}.inside.Na": i for i in range(100_000)}, "name")
    # The cap on names and lengths holds it near 0.1 s; without it, minutes.
    assert time.perf_counter() - started < 5
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


def test_shown_quotes_and_shortens() -> None:
    assert shown(5) == "'5'"
    assert shown("x" * 100, limit=10) == "'xxxxxxx...'"
