"""The time loop for many members of a population at once: `advance_members(orders, count, budget, halt)`.

Each lane follows one member through the same text as `advance` (see there), with a step of its own; a lane whose member has
stopped takes the next. Lanes can use different methods, but then each step costs both: so a member that changes its method
waits until the lanes are at that method, as long as others can take its place. What a member does never depends on its
neighbours: its numbers are the same bit by bit however members are shared out.

An order names, in the words of ORDER, where the member's memory and its parameters are and the bits of t_end; its outcome is
written there, and the loop keeps there which order follows in its queue.
"""

from __future__ import annotations

from pumpleak.compile.advance import emit_attempt
from pumpleak.compile.builder import Code, Module
from pumpleak.compile.context import Run
from pumpleak.compile.kernel import Kernel
from pumpleak.compile.values import Apart, Array, Bool, Int, Words, select
from pumpleak.solve.layout import ORDER, Layout
from pumpleak.solve.method import Methods
from pumpleak.solve.status import Status

_MEMORY, _PARAMETERS, _END, _OUTCOME, _NEXT = range(len(ORDER))
_RUNNING, _IDLE = -1, 1000  # a lane's outcome is a Status once its member has stopped


def emit_members(module: Module, kernel: Kernel, layout: Layout, methods: Methods) -> None:
    """Write `advance_members` into the module that holds the model's functions."""
    code = Code(module, "advance_members", [Words, Int, Int, Words])
    orders, count, budget, halt = code.arguments
    queues = _Queues(code, orders, layout.places["explicit"])
    for number in code.range(count):
        queues.push(number)
    lanes = _Lanes(code, kernel, layout, queues)
    run = Run(code, kernel, layout, methods, lanes.memory, lanes.p, Apart(code, lanes.tails.whole().handle))
    with code.loop(alike=True):
        with code.if_(code.any(lanes.stopped() | lanes.at_odds(run))):
            lanes.refill()
            kernel.prepare(lanes.p)
            with code.if_(lanes.fresh.whole().equals(1)):
                lanes.stop_at.set_whole(run.s.accepts + run.s.rejects + budget)
                run.moved()
            lanes.fresh.set_whole(0)
            with code.if_(~code.any(lanes.outcome.whole() < 0)):
                code.return_()
        run.tail = Apart(code, lanes.tails.whole().handle)
        with code.while_below_zero(lanes.outcome):
            with code.if_(~halt.now().equals(0)):
                run.stop(Status.BUDGET)
            emit_attempt(run, lanes.ends[0], lanes.stop_at.whole())
    code.unreachable()


class _Queues:
    """Members that wait for a lane, one queue for each method (0 stiff, 1 explicit), first come first served."""

    def __init__(self, code: Code, orders: Words, explicit: int) -> None:
        self.code, self.orders, self.explicit = code, orders, explicit
        self.first, self.last, self.size = (code.array(2).words() for _ in range(3))
        for method in range(2):
            self.size[method] = 0

    def push(self, member: Int) -> None:
        """Let a member wait, by the method that its memory names."""
        code, method = self.code, self.method_of(member)
        with code.if_else(self.size[method] >= 1) as (longer, alone):
            with longer:
                self.order(self.last[method])[_NEXT] = member
            with alone:
                self.first[method] = member
        self.last[method], self.size[method] = member, self.size[method] + 1

    def pop(self, method: Int) -> Int:
        """The one that has waited longest."""
        member = self.first[method]
        self.first[method], self.size[method] = self.order(member)[_NEXT], self.size[method] - 1
        return member

    def order(self, member: Int) -> Words:
        """A member's order."""
        return self.orders.part(member * len(ORDER))

    def method_of(self, member: Int) -> Int:
        """Which method it uses."""
        return self.order(member).follow(_MEMORY)[self.explicit]


class _Lanes:
    """What each lane has: its member's memory and parameters side by side with the others', and where they came from."""

    def __init__(self, code: Code, kernel: Kernel, layout: Layout, queues: _Queues) -> None:
        self.code, self.queues = code, queues
        self.fixed, self.parameters = layout.places["tail"], len(kernel.equations.parameters)
        self.memory = self._zeros(self.fixed)
        self.p = self._zeros(self.parameters + kernel.fixed)
        self.tails, self.ends, self.stop_at, self.outcome, self.fresh = (self._zeros(1) for _ in range(5))
        self.member, self.method = code.variable().words(), code.variable().words()
        self.method[0] = 0
        for lane in range(code.lanes):
            self.member[lane] = -1

    def _zeros(self, length: int) -> Array:
        array = self.code.array(length)
        for i in self.code.range(length):
            array[i] = 0.0
        return array

    def stopped(self) -> Bool:
        """Lanes whose member has stopped and is not put away."""
        return (self.outcome.whole() >= 0) & (self.outcome.whole() < _IDLE)

    def at_odds(self, run: Run) -> Bool:
        """Lanes whose member uses another method than the lanes do, if others wait to take its place."""
        others = self.code.whole(self.queues.size[self.method[0]]) >= 1
        differs: Bool = ~run.s.explicit.equals(self.method[0])
        return (self.outcome.whole() < 0) & differs & others

    def refill(self) -> None:
        """Put away members that have stopped, and those at odds; take up the next ones."""
        code, outcome, queues = self.code, self.outcome.words(), self.queues
        self._choose_method()
        method, explicit = self.method[0], self.memory.part(queues.explicit).words()
        for lane in code.range(code.lanes):
            with code.if_((outcome[lane] >= 0) & (outcome[lane] < _IDLE)):
                with code.if_(self.member[lane] >= 0):
                    self._put_away(lane, outcome[lane])
                outcome[lane] = _IDLE
            with code.if_((outcome[lane] < 0) & ~explicit[lane].equals(method) & (queues.size[method] >= 1)):
                self._put_away(lane, code.integer(_RUNNING))
                queues.push(self.member[lane])
                outcome[lane] = _IDLE
            with code.if_(outcome[lane].equals(_IDLE)):
                self._take_next(lane, method)

    def _choose_method(self) -> None:
        """Change the method of the lanes when nobody waits for it and more members want the other."""
        code, queues, explicit = self.code, self.queues, self.memory.part(self.queues.explicit).words()
        for_it, balance = self.method[0], code.variable().words()
        balance[0] = queues.size[code.integer(1) - for_it]
        for lane in code.range(code.lanes):
            with code.if_(self.outcome.words()[lane] < 0):
                balance[0] = balance[0] + select(explicit[lane].equals(for_it), code.integer(-1), code.integer(1))
        with code.if_((queues.size[for_it] < 1) & (balance[0] >= 1)):
            self.method[0] = code.integer(1) - for_it

    def _take_next(self, lane: Int, method: Int) -> None:
        """Whoever waits for this method, else for the other: at odds is better than idle."""
        code, queues = self.code, self.queues
        other = code.integer(1) - method
        with code.if_else(queues.size[method] >= 1) as (waiting, empty):
            with waiting:
                self._take(lane, queues.pop(method))
            with empty, code.if_(queues.size[other] >= 1):
                self._take(lane, queues.pop(other))

    def _put_away(self, lane: Int, outcome: Int) -> None:
        order = self.queues.order(self.member[lane])
        self._copy(self.memory, lane, self.fixed, order.follow(_MEMORY), back=True)
        order[_OUTCOME] = outcome

    def _take(self, lane: Int, member: Int) -> None:
        order = self.queues.order(member)
        self._copy(self.memory, lane, self.fixed, order.follow(_MEMORY))
        self._copy(self.p, lane, self.parameters, order.follow(_PARAMETERS))
        self.tails.words()[lane] = order.follow(_MEMORY).part(self.fixed).address()
        self.ends.words()[lane] = order[_END]
        self.outcome.words()[lane], self.fresh.words()[lane] = _RUNNING, 1
        self.member[lane] = member

    def _copy(self, wide: Array, lane: Int, length: int, narrow: Words, back: bool = False) -> None:
        places = wide.words()
        for i in self.code.range(length):
            place = i * self.code.lanes + lane
            if back:
                narrow[i] = places[place]
            else:
                places[place] = narrow[i]
