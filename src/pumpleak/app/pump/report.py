"""The whole answer of `pumpleak pump`: table and sections as text, as plain data, and as files of a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pumpleak.app.pump.answer import Answer, Pump, answer
from pumpleak.app.pump.data import Comparison, compare, data_section, with_charge, with_data
from pumpleak.app.pump.notes import notes_section
from pumpleak.app.pump.question import Question
from pumpleak.app.pump.section import Section
from pumpleak.app.pump.table import csv_text, place_text, plain_of, text_of
from pumpleak.app.ranges import Range
from pumpleak.base.errors import FormatError
from pumpleak.base.names import shown
from pumpleak.enzyme.rate_law import RateLaw
from pumpleak.enzyme.scheme import Scheme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pumpleak.formats.measured import Measured


@dataclass(frozen=True)
class Wanted:
    """What is shown besides the table."""

    occupancy: bool = False
    cycles: bool = False
    modes: bool = False
    jump: Mapping[str, str] = field(default_factory=dict)
    charge: Range | None = None
    data: str = ""


@dataclass(frozen=True)
class Report:
    """What a command line asked for: text for people, plain data, texts of CSV files and figures, each by its name.

    remark: what must be known of the figures.
    """

    text: str
    plain: dict[str, Any]
    tables: Mapping[str, str]
    figures: Mapping[str, Callable[[], Figure]]
    remark: str = ""


def report(pumps: Sequence[Pump], question: Question, wanted: Wanted) -> Report:
    """Ask the pumps and put together what is wanted.

    Raises FormatError for what cannot be shown of several pumps at once, and whatever asking raises.
    """
    names = [pump.name for pump in pumps]
    _refuse_laws(pumps, wanted)
    for name in names:
        if names.count(name) > 1:
            raise FormatError(f"the pump {shown(name)} is given {names.count(name)} times; give it once")
    _refuse_several(names, wanted)
    data, charge = _data(wanted)
    if data is not None:
        question = with_data(question, data)
    if charge is not None:
        question = with_charge(question, charge)
    answers = [answer(pump, question) for pump in pumps]
    comparisons = [compare(each, data) for each in answers] if data is not None else []
    sections = {each.pump.name: _sections(each, wanted, charge) for each in answers}
    shared = [*([data_section(answers, data, comparisons)] if data is not None else []), notes_section(answers)]
    every = [section for each in sections.values() for section in each] + shared
    named = [(f"-{name}" if len(answers) > 1 else "", part) for name, parts in sections.items() for part in parts]
    figures = {**_figures(answers, data, comparisons),
               **{f"{name}{of}": draw for of, part in named for name, draw in part.figures.items()}}
    return Report(
        text="\n\n".join([text_of(answers, wanted.occupancy), *(section.text for section in every)]),
        plain=_plain(answers, sections, shared, wanted),
        tables={"pump.csv": csv_text(answers), **{f"{name}{of}.csv": text for of, part in named
                                                  for name, text in part.tables.items()}},
        figures=figures, remark=_remark(answers[0], figures))


def _remark(first: Answer, figures: Mapping[str, object]) -> str:
    """Where on a sweep the figures stand that show one point."""
    if len(first.ends) == 1 or not isinstance(first.pump, Scheme):
        return ""
    shown_there = [kind for kind in ("energy", "occupancy", "modes") if any(name.startswith(kind) for name in figures)]
    if not shown_there:
        return ""
    places = " and ".join(place_text(first, row) for row in first.ends)
    return f"figures of single points ({', '.join(shown_there)}) show the first and the last of the sweep: {places}"


def _data(wanted: Wanted) -> tuple[Measured | None, Measured | None]:
    """Measured turnovers or currents, and measured charge: one of them, or none."""
    from pumpleak.formats.measured import measured

    found = measured(wanted.data) if wanted.data else None
    if found is None or not found.is_charge:
        return found, None
    if wanted.charge is None:
        raise FormatError(f"--data {found.name}: its points are {found.quantity!r}, which no turnover can be compared with; "
                          "give --charge -160:120:29 too")
    return None, found


def _refuse_laws(pumps: Sequence[Pump], wanted: Wanted) -> None:
    options = {"--occupancy": wanted.occupancy, "--cycles": wanted.cycles, "--modes": wanted.modes,
               "--jump": bool(wanted.jump), "--charge": wanted.charge is not None}
    given = [option for option, wish in options.items() if wish]
    for pump in pumps:
        if given and isinstance(pump, RateLaw):
            raise FormatError(f"{given[0]}: {pump.name} is a rate law, a formula without states and cycles; leave "
                              f"{given[0]} out, or take a scheme such as post-albers")


def _refuse_several(names: Sequence[str], wanted: Wanted) -> None:
    if len(names) > 1:
        for option, given in (("--occupancy", wanted.occupancy), ("--jump", bool(wanted.jump)),
                              ("--charge", wanted.charge is not None)):
            if given:
                raise FormatError(f"{option} shows one pump, but {len(names)} are given ({', '.join(names)}); give one")


def _sections(each: Answer, wanted: Wanted, charge: Measured | None) -> list[Section]:
    """The parts that are about one pump; each brings what it needs only when it is asked for."""
    sections = []
    if each.composition is not None:
        from pumpleak.app.pump.totals import totals_section

        sections.append(totals_section(each, each.composition))
    if wanted.cycles:
        from pumpleak.app.pump.cycles import cycles_section

        sections.append(cycles_section(each))
    if wanted.modes:
        from pumpleak.app.pump.modes import modes_section

        sections.append(modes_section(each))
    if wanted.jump:
        from pumpleak.app.pump.jumps import jump_section

        sections.append(jump_section(each, wanted.jump))
    if wanted.charge is not None:
        from pumpleak.app.pump.jumps import charge_section

        sections.append(charge_section(each, wanted.charge, charge))
    return sections


def _plain(answers: Sequence[Answer], sections: Mapping[str, Sequence[Section]], shared: Sequence[Section],
           wanted: Wanted) -> dict[str, Any]:
    """One pump as it always was, several by their names; what is shared beneath."""
    each = {one.pump.name: {**plain_of(one, wanted.occupancy), **{part.key: part.plain for part in sections[one.pump.name]}}
            for one in answers}
    common = {part.key: part.plain for part in shared}
    if len(answers) == 1:
        return {**each[answers[0].pump.name], **common}
    return {"schema": 1, "schemes": each, **common}


def _figures(answers: Sequence[Answer], data: Measured | None,
             comparisons: Sequence[Comparison]) -> dict[str, Callable[[], Figure]]:
    """What every folder of results gets: the curves if something is swept, the energy, of one pump its occupancies."""
    found: dict[str, Callable[[], Figure]] = {}
    if answers[0].question.axis is not None:
        found["curves"] = lambda: _drawn_curves(answers, data, comparisons)
    schemes = [each for each in answers if isinstance(each.pump, Scheme)]
    if len(answers) == len(schemes) == 1:
        first, *rest = answers[0].ends
        found["occupancy-first" if rest else "occupancy"] = lambda: _drawn_ring(answers[0], first)
        if rest:
            found["occupancy-last"] = lambda: _drawn_ring(answers[0], rest[0])
    # data stand at conditions with stand-ins for what was absent, and those make no sense as free energies
    entries = _energies(schemes) if not answers[0].question.after else []
    if entries:
        found["energy"] = lambda: _drawn_energy(entries)
    return found


def _energies(answers: Sequence[Answer]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Where the free energy of ATP goes at the ends of each sweep, where it has one."""
    from pumpleak.app.pump.cycles import energy_of

    entries = [(each.pump.name, place_text(each, row), energy_of(each.response_at(row)))
               for each in answers for row in each.ends]
    return [entry for entry in entries if entry[2]["ATP"] is not None]


def _drawn_curves(answers: Sequence[Answer], data: Measured | None, comparisons: Sequence[Comparison]) -> Figure:
    from pumpleak.app.pump.figures import curves_figure

    return curves_figure(answers, data, comparisons)


def _drawn_ring(one: Answer, row: int) -> Figure:
    from pumpleak.app.pump.ring import ring_figure

    return ring_figure(one.response_at(row), place_text(one, row))


def _drawn_energy(entries: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Figure:
    from pumpleak.app.pump.bars import energy_figure

    return energy_figure(entries)
