"""report.html: the tour as a page for physiologists, in one file that needs nothing else."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator, Mapping

from pumpleak.app.ledger_words import findings_in
from pumpleak.app.page_style import STYLE
from pumpleak.app.targets import Kind, Target
from pumpleak.app.tour import NONE_FOUND, Row, Status, Tour, Verdict, picture_path, written
from pumpleak.lab.result import Result

# A mark, its class and the words beside it: shape and word carry the verdict, colour only repeats it.
MARKS: Mapping[Status, tuple[str, str]] = {
    "met": ("\u2713", "good"), "shown": ("\u25cb", "plain"), "failed": ("\u2717", "bad"), "not yet covered": ("\u2026", "wait"),
}
KINDS: Mapping[Kind, str] = {
    "measured": "an experiment that no model here was fitted to. Only such rows can make a claim <em>met</em>.",
    "fitted": "an experiment that the model was fitted to, or that set one of its constants by hand. Shown for the eye; it "
              "decides nothing.",
    "model": "another simulation, or a range within which a choice of the model decides the number; no measurement.",
    "identity": "a law of physics or arithmetic that must hold to rounding, or to the stated accuracy.",
}
_PRINTED = (
    (re.compile(r"\b(Na|K|H)\+(?![-\w])"), "\\1\u207a"),
    (re.compile(r"\b(Cl)-(?![-\w])"), "\\1\u207b"),
    (re.compile(r"\+-"), "\u00b1"),
    (re.compile(r"(?<![\w.])-(?=\d)"), "\u2212"),
)
LIMITS = (
    "One cell, in a large bath or in a small space around it. Calcium, pH and tissues are not there yet; the "
    "claims that need them are listed above as not yet covered.",
    "The default pump was fitted to hearts, kidneys and squid axons, the others to heart cells of the guinea pig. "
    "generic-cell uses one of these as an approximation; its concentrations, pump density and permeabilities are ours.",
    "Both published cells give the pump by an empirical rate law, which does not know the free energy it works against. "
    "Wherever one was used, its result says so.",
    "Concentrations are uniform in a compartment and temperature is constant. ATP, ADP, Pi, H are held in amount and dilute "
    "when the cell swells.",
    "Where an abstract is cited, the number was read there and not in the paper; conditions it does not give were "
    "chosen and are stated.",
)


def report(tour: Tour) -> str:
    """The whole page. All text that comes from files is escaped."""
    sources = _Sources(tour)
    covered = [claim for claim in tour.claims if claim.rows]
    parts = [*_opening(tour), *_reading(), *_overview(tour)]
    for claim in covered:
        parts += _claim(claim, sources, tour.pictures)
    parts += [*_ledgers(tour.runs), *_waiting(tour), *_limits(), *sources.listed()]
    body = "\n".join(parts)
    return (f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>What the sodium-potassium pump does</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n"
            f"</main>\n</body>\n</html>\n")


class _Sources:
    """The sources of all rows, numbered in the order in which they are met."""

    def __init__(self, tour: Tour) -> None:
        self.numbers: dict[tuple[str, str], int] = {}
        for row in tour.rows:
            for source in row.target.sources:
                self.numbers.setdefault((source.key, source.text), len(self.numbers) + 1)
        self.found = {(source.key, source.text): source for row in tour.rows for source in row.target.sources}

    def cited(self, target: Target) -> str:
        """Links to the list, by name."""
        return ", ".join(f'<a href="#source-{self.numbers[source.key, source.text]}">{_e(name)}</a>'
                         for name, source in zip(target.names, target.sources, strict=True))

    def listed(self) -> Iterator[str]:
        """The list itself."""
        yield '<section id="sources"><h2>Sources</h2>\n<ol class="sources">'
        for key, number in self.numbers.items():
            source = self.found[key]
            details = "; ".join(each for each in (source.where, source.condition) if each)
            small = f'<span class="small">{_e(details)}</span>' if details else ""
            yield f'<li id="source-{number}">{_e(source.text)}{small}</li>'
        yield "</ol></section>"


def _opening(tour: Tour) -> Iterator[str]:
    measured = [row for row in tour.rows if row.target.kind == "measured"]
    held = sum(row.ok for row in measured)
    covered = sum(bool(claim.rows) for claim in tour.claims)
    yield ('<header><p class="kicker">pumpleak \u00b7 tour</p><h1>What the sodium-potassium pump does</h1>\n'
           '<p class="answer">It spends one ATP to carry three Na\u207a out of the cell and two K\u207a in, and on the '
           "gradients that it builds stand the resting potential and the volume of the cell; the simulations on this page "
           "show how, and the ledgers of charge, matter and energy behind them close.</p>\n"
           f"<p>{covered} of {len(tour.claims)} claims about the pump are covered here, with {len(tour.rows)} numbers beside "
           f"what was expected of them. Of {len(measured)} values that experimenters measured and that nothing here was fitted "
           f"to, {_how_many(held)} met; each miss is shown as one, with what is known of its reason.</p>"
           "</header>")


def _how_many(count: int) -> str:
    return "none is" if count == 0 else "one is" if count == 1 else f"{count} are"


def _reading() -> Iterator[str]:
    yield '<section id="reading"><h2>How to read it</h2>\n<dl class="legend">'
    words: Mapping[Status, str] = {
        "met": "all its numbers hold, and at least one of them was measured",
        "shown": "all its numbers hold, but none could be held against a measurement",
        "failed": "a number misses its range; the table says which, and why if that is known",
        "not yet covered": "nothing here shows it yet",
    }
    for status, meaning in words.items():
        yield f"<div><dt>{_mark(status)}</dt><dd>{meaning}</dd></div>"
    yield '</dl>\n<p>Each number has a range that was chosen before it was computed, and a kind:</p>\n<dl class="kinds">'
    for kind, meaning in KINDS.items():
        yield f'<div><dt><span class="kind {kind}">{kind}</span></dt><dd>{meaning}</dd></div>'
    yield ("</dl>\n<p>Below some values stand, in small print, those of other schemes of the enzyme at the same "
           "concentrations; they are shown for comparison and have no verdict. <em>None found</em>: "
           f"{NONE_FOUND}. On figures, points that a scheme drawn with "
           "them was fitted to are open, and what was measured elsewhere and not fitted is filled.</p>\n"
           "<p>The membrane potential is inside minus outside; pump current is positive outward; one turnover is one "
           "ATP.</p></section>")


def _overview(tour: Tour) -> Iterator[str]:
    yield '<section id="claims"><h2>The claims</h2>\n<table class="claims"><tbody>'
    group = ""
    for claim in tour.claims:
        if claim.claim.group != group:
            group = claim.claim.group
            yield f'<tr class="group"><th colspan="3" scope="rowgroup">{_e(group)}</th></tr>'
        extent = f'<span class="small">{_extent(claim.rows)}</span>' if claim.rows else ""
        name = f'<a href="#{_e(claim.id)}">{_e(claim.id)}</a>' if claim.rows else _e(claim.id)
        yield (f'<tr><td class="id">{name}</td><td>{_e(claim.text)}{extent}</td>'
               f'<td class="mark">{_mark(claim.status)}</td></tr>')
    yield "</tbody></table></section>"


def _extent(rows: Iterable[Row]) -> str:
    """How many rows of each kind hold."""
    parts = []
    for kind in KINDS:
        of_kind = [row for row in rows if row.target.kind == kind]
        if of_kind:
            parts.append(f"{kind} {sum(row.ok for row in of_kind)} of {len(of_kind)}")
    return "holds: " + ", ".join(parts)


def _claim(claim: Verdict, sources: _Sources, pictures: Mapping[str, bytes]) -> Iterator[str]:
    words = claim.targets
    assert words is not None
    yield f'<section class="claim" id="{_e(claim.id)}"><p class="kicker">{_e(claim.id)} \u00b7 {_mark(claim.status)}</p>'
    yield f"<h2>{_e(claim.text)}</h2>\n<p>{_e(words.done)}</p>"
    for name in claim.figures:
        caption = _e(words.captions.get(name, ""))
        drawn = base64.b64encode(pictures[picture_path(claim.id, name, "svg")]).decode("ascii")
        yield (f'<figure><div class="drawing" tabindex="0"><img src="data:image/svg+xml;base64,{drawn}" alt="{caption}">'
               f"</div>\n<figcaption>{caption}</figcaption></figure>")
    yield from _rows(claim.rows, sources)
    yield f'<h3>What it means</h3>\n<p>{_e(words.meaning)}</p>'
    if words.evidence:
        yield "<h3>Also measured</h3>\n<ul>"
        yield from (f"<li>{_e(each)}</li>" for each in words.evidence)
        yield "</ul>"
    commands = "\n".join(words.commands)
    yield f"<h3>To do it yourself</h3>\n<pre>{html.escape(commands)}</pre></section>"


def _rows(rows: Iterable[Row], sources: _Sources) -> Iterator[str]:
    yield ('<table class="rows"><thead><tr><th>quantity</th><th class="number">simulated</th><th class="number">expected</th>'
           "<th>source</th><th>verdict</th></tr></thead><tbody>")
    for row in rows:
        target = row.target
        note = f'<span class="small">{_e(target.note)}</span>' if target.note else ""
        reason = f'<span class="reason">Why: {_e(target.miss)}</span>' if not row.ok and target.miss else ""
        colour = "wait" if target.kind == "fitted" else _colour(row.ok)
        verdict = f'<span class="mark {colour}">{_sign(row.ok)}</span> {row.verdict}'
        yield (f'<tr class="{target.kind}"><td data-label="quantity">{_e(target.quantity)}{note}{reason}</td>'
               f'<td data-label="simulated" class="number"><span>{_e(row.simulated)}{_others(row)}</span></td>'
               f'<td data-label="expected" class="number">{_e(row.published)}</td>'
               f'<td data-label="source"><span><span class="kind {target.kind}">{target.kind}</span> '
               f'{sources.cited(target)}</span></td>'
               f'<td data-label="verdict" class="verdict"><span>{verdict}</span></td></tr>')
    yield "</tbody></table>"


def _others(row: Row) -> str:
    """What other schemes give, each on a line of its own below the value."""
    return "".join(f'<span class="small">{_e(scheme)}: {_e(number)}</span>' for scheme, number in row.others.items())


def _ledgers(runs: Mapping[str, Result]) -> Iterator[str]:
    laws = ("charge", "element", "water", "free energy", "least dissipation")
    yield ('<section id="ledgers"><h2>The ledgers</h2>\n<p>Every run keeps books. The table gives how far each law is from '
           "closing, relative to what was there and what was moved, the worst row of each law; the last column is the least "
           "power that any transporter lost at any step, which may not be negative.</p>\n"
           '<table class="ledger"><thead><tr><th>run</th>')
    yield "".join(f'<th class="number">{law}</th>' for law in laws) + "<th>verdict</th></tr></thead><tbody>"
    for name, result in runs.items():
        cells = []
        for law in laws:
            rows = [row for row in result.ledger.rows if row.law == law]
            checked = [row.residual for row in rows if row.verdict != "by constraint"]
            cells.append(written(float(f"{max(checked):.0e}")) if checked else "by constraint" if rows else "\u2013")
        closes = result.ledger.ok
        verdict = f'<span class="mark {_colour(closes)}">{_sign(closes)}</span> {_ledger_verdict(result)}'
        yield (f'<tr><td data-label="run">{_e(name)}</td>'
               + "".join(f'<td data-label="{law}" class="number">{cell}</td>' for law, cell in zip(laws, cells, strict=True))
               + f'<td data-label="verdict" class="verdict"><span>{verdict}</span></td></tr>')
    yield ('</tbody></table>\n<p class="small">Allowed: 10\u207b\u00b9\u2070 for charge, elements and water, '
           "10\u207b\u2076 for free energy.</p>")
    notes = {f"{result.model}: {note}" for result in runs.values() for note in result.notes if "phenomenological" in note}
    if notes:
        yield "<ul>"
        yield from (f"<li>{_e(note)}</li>" for note in sorted(notes))
        yield "</ul>"
    yield "</section>"


def _ledger_verdict(result: Result) -> str:
    if not result.ledger.ok:
        return "does not close"
    findings = findings_in(result.ledger)
    return f'closes, but for a finding<span class="small">{_e(findings)}</span>' if findings else "closes"


def _waiting(tour: Tour) -> Iterator[str]:
    waiting = [claim for claim in tour.claims if not claim.rows]
    yield f'<section id="waiting"><h2>Not yet covered</h2>\n<p>{len(waiting)} claims wait for models to come:</p>\n<ul>'
    yield from (f"<li><b>{_e(claim.id)}</b> {_e(claim.text)}</li>" for claim in waiting)
    yield "</ul></section>"


def _limits() -> Iterator[str]:
    yield '<section id="limits"><h2>Limits</h2>\n<ul>'
    yield from (f"<li>{_e(limit)}</li>" for limit in LIMITS)
    yield "</ul></section>"


def _mark(status: Status) -> str:
    mark, kind = MARKS[status]
    return f'<span class="status {kind}"><span class="mark {kind}">{mark}</span>\u00a0{status}</span>'


def _sign(good: bool) -> str:
    return "\u2713" if good else "\u2717"


def _colour(good: bool) -> str:
    return "good" if good else "bad"


def _e(text: str) -> str:
    """Text as HTML, with ions and signs as they are printed."""
    for pattern, printed in _PRINTED:
        text = pattern.sub(printed, text)
    return html.escape(text, quote=True)
