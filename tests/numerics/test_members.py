"""Many members at once: each as if it were alone, whoever its neighbours are, however often it changes its method."""

from __future__ import annotations

import threading
from functools import cache

import numpy as np
import pytest
from tests.numerics.problems import PROBLEMS, program

from pumpleak.base.errors import ModelError
from pumpleak.compile.compiler import compile_members, compile_system
from pumpleak.compile.program import CompiledMembers, Halt
from pumpleak.formats.catalog import light
from pumpleak.solve.layout import Memory
from pumpleak.solve.program import Array, Method
from pumpleak.solve.status import Status

COUNT = 21  # more than two fillings of eight lanes, and no multiple of any number of lanes
ENDS = {"spiking_cell": 300.0, "relaxation": 20.0, "ball": 3.0, "enzyme": 50.0, "robertson": 1e4, "constrained": 2.0}
GROWS = 1000000  # steps: more than any of these needs


@cache
def members(name: str, lanes: int) -> CompiledMembers:
    return compile_members(PROBLEMS[name](), lanes=lanes)


def varied(name: str) -> Array:
    """Parameters that differ by up to a factor of two from one member to the next."""
    values = program(name).labels.values()
    return values * np.random.default_rng(3).uniform(0.7, 1.4, (COUNT, values.size))


def begun(name: str, p: Array, method: Method = "automatic", capacity: int = 30) -> Memory:
    labels, grid = program(name).labels, np.linspace(0.0, ENDS[name], 14)
    return program(name).start(0.0, labels.initial(), np.zeros(len(labels.quadratures)), p, rtol=1e-6, h_max=labels.guard,
                               capacity=capacity, grid=grid, method=method)


def together(name: str, lanes: int, chosen: list[int], method: Method = "automatic", budget: int = GROWS,
             capacity: int = 30) -> list[Memory]:
    """Members of these numbers, run to the end at once; events and full rows are answered as often as they come."""
    p = varied(name)
    memories = {number: begun(name, p[number], method, capacity) for number in chosen}
    taken: dict[int, list[Array]] = {number: [] for number in chosen}
    going = list(chosen)
    while going:
        outcome = members(name, lanes).advance([memories[number] for number in going], p[going], ENDS[name], budget)
        for number, status in zip(going, outcome, strict=True):
            assert not status.failed
            if status is Status.FULL:
                taken[number].append(memories[number].take())
        going = [number for number, status in zip(going, outcome, strict=True) if status is not Status.END]
    for number in chosen:
        memories[number].found = np.vstack([*taken[number], memories[number].rows])  # type: ignore[attr-defined]
    return [memories[number] for number in chosen]


def alone(name: str, number: int, method: Method = "automatic") -> Memory:
    p = varied(name)[number]
    memory = begun(name, p, method)
    while program(name).advance(memory, p, GROWS, ENDS[name]) is not Status.END:
        pass
    return memory


def bits(memory: Memory) -> list[int]:
    return memory.block.view(np.int64).tolist()


@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
@pytest.mark.parametrize("name", ENDS)
def test_many_at_once_are_what_each_is_alone(name: str, lanes: int) -> None:
    """To 1e-10 of the sizes: vector code may contract a product and a sum where the code of one lane does not."""
    labels = program(name).labels
    scale = np.array([1.0, *(state.scale for state in labels.states)])
    for number, memory in enumerate(together(name, lanes, list(range(COUNT)))):
        single = alone(name, number)
        rows, expected = (each.rows[:, :scale.size] for each in (memory, single))
        assert rows.shape == expected.shape
        assert np.max(np.abs(rows - expected) / (np.abs(expected) + scale)) < 1e-10
        assert memory.steps == single.steps


def test_the_code_of_one_lane_is_that_of_a_run() -> None:
    for number, memory in enumerate(together("spiking_cell", 1, list(range(COUNT)))):
        assert bits(memory) == bits(alone("spiking_cell", number))


@pytest.mark.parametrize("name", ENDS)
def test_neighbours_order_and_slices_do_not_matter(name: str) -> None:
    """Bit by bit, for lanes that change their method, restart at events, and stop for room or for their budget."""
    everybody = dict(enumerate(together(name, 8, list(range(COUNT)))))
    for chosen in ([*range(COUNT)][::-1], [4], [7, 3, 12]):
        for number, memory in zip(chosen, together(name, 8, chosen), strict=True):
            assert bits(memory) == bits(everybody[number])
    for number, memory in enumerate(together(name, 8, list(range(COUNT)), budget=17)):
        assert bits(memory) == bits(everybody[number])
    for number, memory in enumerate(together(name, 8, list(range(COUNT)), capacity=3)):
        assert memory.found.tolist() == everybody[number].rows.tolist()  # type: ignore[attr-defined]


def test_members_of_both_methods_run_side_by_side() -> None:
    """Half of the members are held to the stiff method from the start; the others choose."""
    name, p = "spiking_cell", varied("spiking_cell")
    methods: list[Method] = ["stiff" if number % 2 else "automatic" for number in range(COUNT)]
    memories = [begun(name, p[number], method) for number, method in enumerate(methods)]
    assert set(members(name, 8).advance(memories, p, ENDS[name], GROWS)) == {Status.END}
    assert all((memory.count("explicit_steps") > 0) == (method == "automatic")
               for memory, method in zip(memories, methods, strict=True))
    for number, method in enumerate(methods):
        assert bits(memories[number]) == bits(together(name, 8, [number], method)[0])


def test_a_member_that_fails_does_not_touch_the_others() -> None:
    name, p = "robertson", varied("robertson")
    memories = [begun(name, p[number]) for number in range(COUNT)]
    memories[5].y[0] = np.nan
    outcome = members(name, 8).advance(memories, p, ENDS[name], GROWS)
    assert outcome[5] is Status.NOT_FINITE
    assert [status for number, status in enumerate(outcome) if number != 5] == [Status.END] * (COUNT - 1)
    for number in (4, 6):
        assert bits(memories[number]) == bits(together(name, 8, [number])[0])


def test_each_member_has_its_own_end() -> None:
    name, p = "relaxation", varied("relaxation")
    ends = np.linspace(1.0, ENDS[name], COUNT)
    memories = [begun(name, p[number]) for number in range(COUNT)]
    assert set(members(name, 4).advance(memories, p, ends, GROWS)) == {Status.END}
    assert [memory.t for memory in memories] == ends.tolist()


def test_a_sign_from_another_thread_stops_all() -> None:
    name, p = "relaxation", varied("relaxation")
    memories, halt, found = [begun(name, p[number]) for number in range(COUNT)], Halt(), []
    thread = threading.Thread(target=lambda: found.extend(members(name, 8).advance(memories, p, 1e9, 10**15, halt)))
    thread.start()
    halt.set()
    thread.join(timeout=30.0)
    assert not thread.is_alive()
    assert set(found) == {Status.BUDGET}


def test_two_threads_do_not_disturb_each_other() -> None:
    name, p = "spiking_cell", varied("spiking_cell")
    expected = [bits(memory) for memory in together(name, 8, list(range(COUNT)))]
    results: dict[int, list[list[int]]] = {}

    def work(number: int) -> None:
        memories = [begun(name, each) for each in p]
        assert set(members(name, 8).advance(memories, p, ENDS[name], GROWS)) == {Status.END}
        results[number] = [bits(memory) for memory in memories]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [results[number] for number in range(4)] == [expected] * 4


def test_wrong_members_are_refused() -> None:
    crowd, p = members("relaxation", 4), varied("relaxation")[:2]
    memories = [begun("relaxation", p[0]), begun("relaxation", p[1])]
    with pytest.raises(ModelError, match="relaxation: one of the 2 memories was given twice"):
        crowd.advance([memories[0], memories[0]], p, 1.0, 10)
    with pytest.raises(ModelError, match="is that of another program"):
        crowd.advance([memories[0], begun("ball", varied("ball")[0])], p, 1.0, 10)
    with pytest.raises(ModelError, match=r"2 were given; expected 4|parameters of 2 members were given"):
        crowd.advance(memories, p[:1], 1.0, 10)
    with pytest.raises(ModelError, match="relaxation: 3 lanes; choose one of 1, 2, 4, 8"):
        compile_members(PROBLEMS["relaxation"](), lanes=3)
    assert crowd.advance([], p[:0], 1.0, 10) == []


@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
def test_a_neighbour_of_the_other_method_changes_no_bit_of_an_excitable_cell(lanes: int) -> None:
    """A long stiff step looks at its end before it is accepted; what it found there must outlive the neighbour's stages."""
    cell = light("neuron").system
    code, one = compile_members(cell, lanes=lanes), compile_system(cell)
    labels = one.labels
    p = labels.values()

    def begin(method: Method) -> Memory:
        return one.start(0.0, labels.initial(), np.zeros(len(labels.quadratures)), p, rtol=1e-8, h_max=labels.guard,
                         method=method)

    def ran(*methods: Method) -> Memory:
        memories = [begin(method) for method in methods]
        code.advance(memories, np.array([p] * len(memories)), 2e4, GROWS)
        return memories[0]

    single = ran("stiff")
    assert single.count("accepts") < 2e4  # longer steps than the guard's: it did look ahead
    for beside in (ran("stiff", "explicit"), ran("stiff", "stiff")):
        assert np.array_equal(beside.array("z").view(np.int64), single.array("z").view(np.int64))
