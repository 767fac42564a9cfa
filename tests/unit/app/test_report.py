"""report.html: one file, well formed, nothing left unsaid and nothing unescaped."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pumpleak.app.report import report
from pumpleak.app.targets import Claim, Target, Targets
from pumpleak.app.tour import Row, Tour, Verdict
from pumpleak.base.sources import Source
from pumpleak.formats.catalog import light
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.run import run

VOID = {"meta", "img", "br", "link", "input"}


class Checker(HTMLParser):
    """Whether every tag is closed in its order; collects ids and links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.images: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "img":
            self.images.append(given.get("src") or "")
            assert given.get("alt")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(tour: Tour) -> str:
    return report(tour)


@pytest.fixture(scope="module")
def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    return checker


def test_it_is_well_formed(checked: Checker) -> None:
    assert (checked.faults, checked.open) == ([], [])
    assert len(set(checked.ids)) == len(checked.ids)


def test_it_needs_nothing_else(page: str, checked: Checker) -> None:
    assert all(link.startswith("#") for link in checked.links)
    assert {link[1:] for link in checked.links} <= set(checked.ids)
    assert all(image.startswith("data:image/svg+xml;base64,") for image in checked.images)
    assert not re.search(r"<(script|link|iframe)|@import|url\(", page)


def test_it_holds_every_figure(tour: Tour, checked: Checker) -> None:
    assert len(checked.images) == sum(len(claim.figures) for claim in tour.claims)
    assert b"<svg" in base64.b64decode(checked.images[0].partition(",")[2])


def test_it_names_every_claim_row_run_and_source(tour: Tour, checked: Checker) -> None:
    for claim in tour.claims:
        assert claim.id in checked.text
    for row in tour.rows:
        assert row.simulated in checked.text
        assert row.published in checked.text
    for name in tour.runs:
        assert name in checked.text
    assert f"{sum(not claim.rows for claim in tour.claims)} claims wait" in checked.text


def test_a_figure_keeps_its_size_on_a_phone_and_scrolls_alone(page: str) -> None:
    """At 420 px a figure of full width had letters of 6 px."""
    assert page.count('<div class="drawing" tabindex="0"><img ') == page.count("<img ")
    assert ".drawing { overflow-x: auto; }" in page
    assert re.search(r"@media screen and \(max-width: 40rem\) \{\s+\.drawing img \{ min-width: 36rem; \}", page)


def test_none_found_is_explained(checked: Checker) -> None:
    assert "None found: the simulated curve has no such value" in checked.text


def test_words_and_verdicts_do_not_clash(checked: Checker) -> None:
    """"shown" is a verdict; what is not covered was listed before."""
    assert "13 of 16 claims about the pump are covered here" in checked.text
    assert "listed above as not yet covered" in checked.text
    assert "listed below" not in checked.text


def test_a_finding_stands_in_the_table_of_ledgers(tour: Tour) -> None:
    result = run(Experiment(light("duesterwald-2018"), hold("1 h", {"pump.activity": 0.0}) + hold("1 h")))
    page = report(replace(tour, runs={"again": result}))
    assert "closes, but for a finding" in page
    assert "pump gained free energy (least dissipation \u2212" in page


def test_a_miss_is_shown_as_one_with_its_reason(checked: Checker) -> None:
    assert "\u2717 misses" in checked.text
    assert "Why: With 10 mM Na inside a third of the pumps wait in E1" in checked.text


def test_other_schemes_stand_below_the_value(checked: Checker) -> None:
    assert "10.1 /span-2018-15: 6.8chapman-1983: 16.2" in checked.text.replace("\n", "")
    assert "shown for comparison and have no verdict" in checked.text


def test_ions_and_signs_are_set_as_in_print(checked: Checker) -> None:
    assert "Na\u207a leaves and K\u207a enters" in checked.text
    assert "about \u221270 mV" in checked.text


def test_text_from_files_is_escaped() -> None:
    evil = '<script>alert("x")</script>'
    source = Source("evil-2000", evil, where=evil, condition=evil)
    target = Target("M1.1.evil", "M1.1", evil, evil, "measured", (source,), (evil,), low=0.0, high=1.0, note=evil, miss=evil)
    words = Targets("M1.1", {"evil": target}, {}, evil, evil, (evil,), {}, (evil,))
    claim = Verdict(Claim("M1.1", evil, evil), (Row(target, 5.0, ""),), words)
    page = report(Tour((claim, replace(claim, rows=())), {}))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 10
