"""The loop of a jump process: `advance_copies(order, from, to, budget, t_end)`, one text for all schemes.

Gillespie's direct method (1977, J. Phys. Chem. 81:2340): a dwell that is exponential with the sum of all rates out of a state,
then one of the transitions by its share. Jump n of copy c draws both from Philox of the counter (n, c) and the key `seed`, so
that nothing random has to be kept. Copies follow one after the other, each to t_end; it returns the first that is not there
when the budget of jumps is used up. A jump beyond t_end is not made but drawn again, the same, by whoever goes on.
"""

from __future__ import annotations

from pumpleak.compile.builder import EXACT, Code, Module
from pumpleak.compile.elementary import Elementary
from pumpleak.compile.philox import philox, uniform, words
from pumpleak.compile.values import Array, Int, Real, Words
from pumpleak.solve.jumps import ENTRY, EVENT, HEAD, ORDER


def generate_jumps() -> str:
    """Target-neutral LLVM IR of the loop."""
    module = Module("pumpleak-jumps")
    code = Code(module, ENTRY, [Words, Int, Int, Int, Real], Int, flags=EXACT)
    order, start, end, budget, t_end = code.arguments
    copy, left = code.variable().words(), code.variable().words()
    copy[0], left[0] = start, budget
    run = _Run(code, Elementary(module), order)
    with code.loop():
        with code.if_(copy[0] >= end):
            code.return_(copy[0])
        one = _Copy(run, copy[0])
        with code.loop():
            lasts, arrival = one.draw()
            one.sample(arrival, t_end)
            with code.if_(~(arrival <= t_end)):
                code.leave()
            with code.if_(left[0] < 1):
                code.return_(copy[0])
            one.jump(lasts, arrival)
            left[0] = left[0] - 1
        copy[0] = copy[0] + 1
    code.unreachable()
    return str(module)


class _Run:
    """An order, read once."""

    def __init__(self, code: Code, elementary: Elementary, order: Words) -> None:
        self.code, self.elementary, self.order = code, elementary, order
        number = {name: order[place] for place, name in enumerate(ORDER) if not name.isupper()}
        self.width, self.transitions, self.states = number["width"], number["transitions"], number["states"]
        self.quantities, self.samples, self.rows = number["quantities"], number["samples"], number["rows"]
        self.key = words(code.whole(number["seed"]))
        at = {name: order.follow(place) for place, name in enumerate(ORDER) if name.isupper()}
        self.copies, self.events = at["COPIES"], at["EVENTS"]
        self.arrivals, self.taken = at["ARRIVALS"], at["TAKEN"]
        self.dwells, self.cumulated, self.moved = (at[name].reals() for name in ("DWELLS", "CUMULATED", "MOVED"))
        self.times, self.sampled = at["TIMES"].reals(), at["SAMPLED"].reals()
        self.filled = order.part(ORDER.index("filled"))


class _Copy:
    """The copy that the loop is at."""

    def __init__(self, run: _Run, place: Int) -> None:
        self.run, self.code, self.place = run, run.code, place
        length = len(HEAD)
        self.words = run.copies.part(place * (run.transitions + run.states + length))
        self.counts = self.words.part(length)
        self.dwelt = self.counts.part(run.transitions).reals()
        self.number = words(run.code.whole(self.words[HEAD.index("number")]))
        self.choice = run.code.variable()

    def _word(self, name: str) -> Words:
        return self.words.part(HEAD.index(name))

    @property
    def _t(self) -> Array:
        return self._word("t").reals()

    def draw(self) -> tuple[Real, Real]:
        """How long the copy stays where it is, and when it leaves; what decides where to is kept."""
        jump = words(self.code.whole(self._word("jumps")[0]))
        random = philox((*jump, *self.number), self.run.key)
        self.choice[0] = uniform(random[2], random[3])
        lasts = -self.run.elementary("log", uniform(random[0], random[1])) * self.run.dwells[self._word("state")[0]]
        return lasts, self._t[0] + lasts

    def sample(self, arrival: Real, t_end: Real) -> None:
        """Write what was moved until now at the times that come before the next jump."""
        run, code, following = self.run, self.code, self._word("sample")
        with code.loop():
            with code.if_(following[0] >= run.samples):
                code.leave()
            time = run.times[following[0]]
            with code.if_(~((time < arrival) & (time <= t_end))):
                code.leave()
            row = run.sampled.part((self.place * run.samples + following[0]) * run.quantities)
            for quantity in code.range(run.quantities):
                moved, total = run.moved.part(quantity * run.transitions), code.variable()
                total[0] = 0.0
                for transition in code.range(run.transitions):
                    total[0] = total[0] + moved[transition] * code.whole(self.counts[transition]).to_real()
                row[quantity] = total[0]
            following[0] = following[0] + 1

    def jump(self, lasts: Real, arrival: Real) -> None:
        """Leave the state by one of its transitions."""
        run, code = self.run, self.code
        state, way = self._word("state"), code.variable().words()
        way[0] = state[0] * run.width
        with code.loop():
            with code.if_(self.choice[0] < run.cumulated[way[0]]):
                code.leave()
            way[0] = way[0] + 1
        self.dwelt[state[0]] = self.dwelt[state[0]] + lasts
        taken = run.taken[way[0]]
        self.counts[taken] = self.counts[taken] + 1
        state[0] = run.arrivals[way[0]]
        self._t[0] = arrival
        self._word("jumps")[0] = self._word("jumps")[0] + 1
        with code.if_(run.filled[0] < run.rows):
            event = run.events.part(run.filled[0] * EVENT)
            event[0], event[1] = self._word("number")[0], taken
            event.part(2).reals()[0] = arrival
            run.filled[0] = run.filled[0] + 1
