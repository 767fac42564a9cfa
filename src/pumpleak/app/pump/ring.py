"""The figure of occupancies: the states of a scheme on the ring of its main cycle, branches within, net fluxes as arrows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from numpy.typing import NDArray

from pumpleak.app.style import BLACK, GREY, WIDTH, styled
from pumpleak.enzyme.response import Response

Places = dict[str, NDArray[np.float64]]

INNER = 0.66  # of the ring's radius: how far out a state beside the ring may stand
APART = 0.26  # of the radius: closer, two labels would meet
ROUNDS = 300  # of pushing apart; fewer than a hundred settle the schemes of the catalogue
AREA = 2600.0  # points^2 of a state that holds the whole enzyme; smaller ones in proportion
LEAST_AREA = 14.0  # points^2: an empty state is still seen
SCALE = 165.0  # points in a radius of the ring, at the size in which it is drawn
INSIDE = 7.5  # points: type beside the ring
KEY = (0.01, 0.05, 0.2)  # shares of which the key shows the circles
BEND = 0.3  # of the distance: how far two steps between the same states bow apart
STILL = 1e-9  # of the largest net flux: less is rounding, and has no direction


def ring_figure(response: Response, where: str) -> Figure:
    """Occupancy of each state as area and colour, net flux of each step as width of its arrow."""
    fluxes = {name: float(np.ravel(flux)[0]) for name, flux in response.step_fluxes.items()}
    shares = {state: float(np.ravel(share)[0]) for state, share in response.occupancies.items()}
    ring = main_ring(response, fluxes)
    places = _places(response, ring)
    with styled():
        figure = Figure(figsize=(WIDTH, 0.88 * WIDTH), layout="constrained")
        axes = figure.subplots()
        axes.set(xlim=(-1.55, 1.55), ylim=(-1.22, 1.22), aspect="equal")
        axes.axis("off")
        _arrows(axes, response, fluxes, shares, places)
        _states(axes, shares, places, ring, _Labels(response, places, shares))
        title = f"{response.scheme.name}, {where}: {float(np.ravel(response.turnover)[0]):.4g} turns/s"
        figure.suptitle(title.replace(" -", " \u2212"), x=0.02, ha="left", fontsize=10.5, fontweight="bold", parse_math=False)
        most = max(map(abs, fluxes.values()), default=0.0)
        _key(figure, shares, most, any(abs(flux) <= STILL * most for flux in fluxes.values()))
    return figure


def main_ring(response: Response, fluxes: Mapping[str, float]) -> list[str]:
    """The states around which most of the flux runs: from each state on along the largest net flux."""
    scheme = response.scheme
    ways: dict[str, list[tuple[float, str]]] = {state: [] for state in scheme.states}
    most = max(map(abs, fluxes.values()), default=0.0)
    for step in scheme.steps:
        flux = fluxes.get(step.name, 0.0)
        if abs(flux) > STILL * most:
            start, end = (step.source, step.target) if flux > 0.0 else (step.target, step.source)
            ways[start].append((abs(flux), end))
    largest = max(scheme.steps, key=lambda step: abs(fluxes.get(step.name, 0.0)))
    walk = [largest.source]
    while ways[walk[-1]]:
        state = max(ways[walk[-1]])[1]
        if state in walk:
            return walk[walk.index(state):]
        walk.append(state)
    return _cycle_states(response)


def _cycle_states(response: Response) -> list[str]:
    """The states of the first cycle, where nothing flows that would show the way."""
    scheme = response.scheme
    steps = {step.name: step for step in scheme.steps}
    passed = [(steps[name].source, steps[name].target) if way > 0 else (steps[name].target, steps[name].source)
              for name, way in scheme.cycles[0].passages.items()]
    following = dict(passed)
    walk = [passed[0][0]]
    while following[walk[-1]] != walk[0]:
        walk.append(following[walk[-1]])
    return walk


def _places(response: Response, ring: Sequence[str]) -> Places:
    """The ring as a circle from the top on, clockwise; every other state amid its neighbours, then pushed apart."""
    scheme = response.scheme
    angles = np.pi / 2 - 2.0 * np.pi * np.arange(len(ring)) / len(ring)
    places: Places = {state: np.array([np.cos(angle), np.sin(angle)]) for state, angle in zip(ring, angles, strict=True)}
    rest = [state for state in scheme.states if state not in places]
    if not rest:
        return places
    index = {state: number for number, state in enumerate(rest)}
    # each inner state at the mean of its neighbours: the embedding of Tutte (1963), in which few lines cross
    matrix, right = np.zeros((len(rest), len(rest))), np.zeros((len(rest), 2))
    for step in scheme.steps:
        for one, other in ((step.source, step.target), (step.target, step.source)):
            if one in index:
                matrix[index[one], index[one]] += 1.0
                if other in index:
                    matrix[index[one], index[other]] -= 1.0
                else:
                    right[index[one]] += places[other]
    inner = np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    fixed = np.array([places[state] for state in ring], dtype=np.float64)
    return {**places, **dict(zip(rest, _pushed(inner, fixed), strict=True))}


def _pushed(inner: NDArray[np.float64], fixed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inner places that keep their distance from each other and stay within the ring."""
    # a spiral of small shifts, so that places that coincide part in different directions
    turn = 2.4 * np.arange(len(inner))
    inner = inner + 1e-3 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for _ in range(ROUNDS):
        every = np.concatenate([inner, fixed])
        away = inner[:, np.newaxis] - every
        distance = np.linalg.norm(away, axis=-1, keepdims=True)
        force = np.where((distance > 0.0) & (distance < APART), (APART - distance) / np.where(distance > 0, distance, 1.0), 0.0)
        inner = inner + 0.3 * (force * away).sum(axis=1)
        radius = np.linalg.norm(inner, axis=1, keepdims=True)
        inner = np.where(radius > INNER, inner * INNER / radius, inner)
    return inner


def _radius(share: float) -> float:
    """Of the circle of a state. [points]"""
    return float(np.sqrt(max(LEAST_AREA, AREA * share))) / 2.0


def _colour(share: float, most: float) -> str:
    return to_hex(colormaps["cividis_r"](0.15 + 0.85 * share / most))


def _thickness(share: float) -> float:
    """Of an arrow that carries this share of the largest flux. [points]"""
    return 0.6 + 1.6 * share


def _arrows(axes: Axes, response: Response, fluxes: Mapping[str, float], shares: Mapping[str, float], places: Places) -> None:
    most = max(map(abs, fluxes.values()), default=0.0)
    joined = Counter(frozenset((step.source, step.target)) for step in response.scheme.steps)
    for step in response.scheme.steps:
        flux = fluxes.get(step.name, 0.0)
        first, last = (step.source, step.target)[::1 if flux >= 0.0 else -1]
        start, end = places[first], places[last]
        if abs(flux) <= STILL * most:
            axes.plot(*zip(start, end, strict=True), color=GREY, lw=0.8, ls=":", zorder=1)
            continue
        share = abs(flux) / most
        axes.add_patch(FancyArrowPatch((start[0], start[1]), (end[0], end[1]), arrowstyle="-|>", color=GREY, zorder=2,
                                       shrinkA=_radius(shares[first]) + 2.0, shrinkB=_radius(shares[last]) + 2.0,
                                       mutation_scale=9.0 + 6.0 * share, lw=_thickness(share), joinstyle="miter",
                                       connectionstyle=f"arc3,rad={BEND * (joined[frozenset((first, last))] > 1)}"))


def _states(axes: Axes, shares: Mapping[str, float], places: Places, ring: Sequence[str], labels: _Labels) -> None:
    most = max(shares.values())
    for state, (x, y) in places.items():
        share = shares[state]
        axes.scatter([x], [y], s=max(LEAST_AREA, AREA * share), color=[_colour(share, most)], ec=BLACK, lw=0.6, zorder=3)
        label = f"{state}\n{_percent(share)}"
        if state in ring:
            side = "left" if x > 0.12 else "right" if x < -0.12 else "center"
            level = "bottom" if y > 0.85 else "top" if y < -0.85 else "center"
            out = 1.25 * _radius(share) + 5.0
            axes.annotate(label, (x, y), xytext=(out * x, out * y), textcoords="offset points", ha=side, va=level, fontsize=8.5,
                          parse_math=False, linespacing=1.05)
        else:
            away = labels.place(np.array([x, y]), _radius(share), label)
            axes.annotate(label, (x, y), xytext=(float(away[0]), float(away[1])), textcoords="offset points", ha="center",
                          va="center", fontsize=INSIDE, parse_math=False, linespacing=1.0, zorder=4)


class _Labels:
    """Where labels beside the ring go: of many places around a state, the one that the fewest steps cross. [points]"""

    def __init__(self, response: Response, places: Places, shares: Mapping[str, float]) -> None:
        self.lines = [(places[step.source] * SCALE, places[step.target] * SCALE) for step in response.scheme.steps]
        self.taken = [(place * SCALE, np.full(2, _radius(shares[state]) + 1.0)) for state, place in places.items()]

    def place(self, at: NDArray[np.float64], radius: float, label: str) -> NDArray[np.float64]:
        """How far from a state the middle of its label stands; what is there then is taken."""
        lines = label.split("\n")
        half = np.array([0.31 * INSIDE * max(map(len, lines)), 0.62 * INSIDE * len(lines)])  # of a letter and of a line
        tries: list[tuple[float, int, NDArray[np.float64]]] = []
        for farther in (2.0, 7.0, 13.0):
            for angle in 2.0 * np.pi * np.arange(16) / 16.0 - np.pi / 2.0:
                way = np.array([np.cos(angle), np.sin(angle)])
                reach = min(half[axis] / abs(way[axis]) if abs(way[axis]) > 1e-9 else np.inf for axis in (0, 1))
                away = way * (radius + farther + reach)
                tries.append((self._cost(at * SCALE + away, half) + 0.02 * farther, len(tries), away))
        best = min(tries, key=lambda each: each[:2])[2]
        self.taken.append((at * SCALE + best, half))
        return np.asarray(best, dtype=np.float64)

    def _cost(self, middle: NDArray[np.float64], half: NDArray[np.float64]) -> float:
        crossed = sum(_crosses(start, end, middle, half) for start, end in self.lines)
        covered = sum(bool(np.all(np.abs(middle - place) < half + size)) for place, size in self.taken)
        return crossed + 2.0 * covered


def _crosses(start: NDArray[np.float64], end: NDArray[np.float64], middle: NDArray[np.float64],
             half: NDArray[np.float64]) -> bool:
    """Whether a line from start to end passes through a box."""
    along = np.linspace(0.0, 1.0, 60)[:, np.newaxis]
    points = start + along * (end - start)
    return bool(np.any(np.all(np.abs(points - middle) < half + 1.0, axis=1)))


def _key(figure: Figure, shares: Mapping[str, float], most: float, still: bool) -> None:
    """What areas, colours and widths mean."""
    largest = max(shares.values())
    handles = [Line2D([], [], ls="", marker="o", ms=2.0 * _radius(share), color=_colour(min(share, largest), largest),
                      mec=BLACK, mew=0.6, label=_percent(share)) for share in KEY if share <= largest or share == KEY[0]]
    for share in (0.1, 1.0):
        handles.append(Line2D([], [], color=GREY, lw=_thickness(share), label=f"{share * most:.2g} /s"))
    if still:
        handles.append(Line2D([], [], color=GREY, lw=0.8, ls=":", label="no net flux"))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8.5, handletextpad=0.7,
                  title="share of the pumps in a state (area and colour); net flux of a step (width of its arrow)",
                  title_fontsize=8.5, handleheight=2.8, columnspacing=1.8)


def _percent(share: float) -> str:
    """A share as it is read, never as an exact nothing."""
    return f"{100.0 * share:.3g} %" if share >= 1e-5 else "< 0.001 %"
