"""The loop of jump processes: its random numbers, its trajectories against plain Python, and that slices change nothing."""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from math import log
from pathlib import Path

import numpy as np
import pytest

from pumpleak.base.errors import ModelError
from pumpleak.compile import native
from pumpleak.compile.builder import EXACT, Code, Module
from pumpleak.compile.cache import Store
from pumpleak.compile.jump_program import JumpProgram, compile_jumps, jump_program
from pumpleak.compile.jumps import generate_jumps
from pumpleak.compile.philox import philox, uniform
from pumpleak.compile.values import Array, Words
from pumpleak.solve.jumps import Copies, Jumps

MASK = 0xFFFFFFFF
RING = Jumps("ring", ("a", "b", "c", "d"), np.array([0, 1, 2, 3, 1, 2, 3, 0]), np.array([1, 2, 3, 0, 0, 1, 2, 3]),
             np.array([1.0, 2.0, 3.0, 4.0, 0.5, 0.6, 0.0, 0.8]),
             np.array([[1.0, 0, 0, 0, -1.0, 0, 0, 0], [0.25] * 4 + [-0.25] * 4]), np.array([0.1, 0.2, 0.3, 0.4]))
SEED = (3 << 32) + 5


def philox_plain(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Philox 4x32-10 as its paper writes it, in whole numbers of Python."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        left, right = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = right >> 32 ^ c1 ^ k0, right & MASK, left >> 32 ^ c3 ^ k1, left & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c0, c1, c2, c3


# tests/kat_vectors of Random123 1.14.0: counter, key, result
KNOWN = [
    ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((MASK,) * 4, (MASK,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
     (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1))]


@pytest.mark.parametrize("lanes", [1, 4])
def test_philox_gives_its_published_vectors(lanes: int) -> None:
    module = Module("m", lanes)
    code = Code(module, "run", [Array, Array], flags=EXACT)
    given, found = code.arguments
    words = [given.part(place).whole() for place in range(6)]
    for place, value in enumerate(philox(words[:4], words[4:])):
        found.part(place).set_whole(value)
    code.return_()
    keep = native.Loaded(native.compile_ir(str(module), native.local_target()), ["run"])
    run = keep.function("run", None, [ctypes.c_void_p] * 2)
    for counter, key, result in KNOWN:
        assert philox_plain(counter, key) == result
        numbers = np.repeat(np.array([*counter, *key], dtype=np.int64), lanes)
        out = np.zeros(4 * lanes, dtype=np.int64)
        run(numbers.ctypes.data, out.ctypes.data)
        assert out.tolist() == np.repeat(result, lanes).tolist()


def test_bits_of_whole_numbers_and_uniform_numbers_never_meet_their_ends() -> None:
    module = Module("m")
    code = Code(module, "run", [Words, Array], flags=EXACT)
    words, reals = code.arguments
    words[2], words[3], words[4] = words[0] & words[1], words[0] ^ words[1], words[0].from_bit(60)
    reals[0] = uniform(code.whole(0), code.whole(0))
    reals[1] = uniform(code.whole(MASK), code.whole(MASK))
    code.return_()
    keep = native.Loaded(native.compile_ir(str(module), native.local_target()), ["run"])
    whole, real = np.array([-6, 0b1100, 0, 0, 0], dtype=np.int64), np.zeros(2)
    keep.function("run", None, [ctypes.c_void_p] * 2)(whole.ctypes.data, real.ctypes.data)
    assert whole[2:].tolist() == [-6 & 0b1100, -6 ^ 0b1100, 15]
    assert real.tolist() == [2.0**-53, 1.0 - 2.0**-53]


def plainly(jumps: Jumps, number: int, seed: int, t_end: float) -> list[tuple[int, float]]:
    """Transitions of one copy and their times, by the direct method in plain Python."""
    sources, targets = [*jumps.sources.tolist()], [*jumps.targets.tolist()]
    rates, begun, t, state, found = jumps.rates.tolist(), False, 0.0, 0, []
    for jump in range(10**6):
        random = philox_plain((jump & MASK, jump >> 32, number & MASK, number >> 32), (seed & MASK, seed >> 32))
        first, second = (((high << 20) + (low >> 12) + 0.5) * 2.0**-52 for high, low in (random[:2], random[2:]))
        if not begun:
            state, begun = bisect_right(np.cumsum(jumps.start)[:-1].tolist(), second), True
            found.append((len(rates), 0.0))
            continue
        out = [place for place, source in enumerate(sources) if source == state]
        total = sum(rates[place] for place in out)
        t -= log(first) / total
        if t > t_end:
            break
        taken = out[bisect_right((np.cumsum([rates[place] for place in out])[:-1] / total).tolist(), second)]
        state = targets[taken]
        found.append((taken, t))
    return found


def followed(copies: Copies, t_end: float, budget: int = 10**9) -> Copies:
    at = 0
    while at < len(copies):
        at = jump_program().advance(copies, at, budget, t_end)
    return copies


def begun(count: int, rows: int = 100_000, first: int = 0, jumps: Jumps = RING) -> Copies:
    return Copies(jumps, count, np.linspace(0.0, 200.0, 9), rows, SEED, first)


def test_a_trajectory_is_that_of_plain_python() -> None:
    copies = followed(begun(3, first=(7 << 32) + 1), 200.0)
    number, taken, at = copies.events
    for copy in range(3):
        expected = plainly(RING, copies.first + copy, SEED, 200.0)
        mine = number == copies.first + copy
        assert taken[mine].tolist() == [transition for transition, _ in expected]
        # log of ours is good to 3 ulp, and times are sums of it
        np.testing.assert_allclose(at[mine], [t for _, t in expected], rtol=1e-13)
        assert copies.counts[copy].tolist() == np.bincount(taken[mine], minlength=9)[:8].tolist()
        assert copies.dwelt[copy].sum() == pytest.approx(at[mine][-1], rel=1e-12)
        assert copies.last[copy] == at[mine][-1]
        for place, time in enumerate(np.linspace(0.0, 200.0, 9)):
            done = taken[mine][(at[mine] <= time) & (taken[mine] < 8)]
            np.testing.assert_allclose(copies.sampled[copy, place], RING.moved[:, done].sum(axis=1), atol=1e-12)


@pytest.mark.parametrize("budget", [1, 7, 1000])
def test_slices_by_budget_and_by_time_change_nothing(budget: int) -> None:
    whole, sliced = followed(begun(2), 200.0), begun(2)
    for t_end in (0.0, 0.3, 50.0, 117.25, 200.0):
        followed(sliced, t_end, budget)
    assert np.array_equal(whole.memory, sliced.memory)
    assert np.array_equal(whole.sampled, sliced.sampled)


def test_a_copy_does_not_depend_on_its_neighbours_and_each_is_another() -> None:
    five, two = followed(begun(5), 200.0), followed(begun(2, first=3), 200.0)
    assert np.array_equal(five.memory[3:], two.memory)
    assert len({tuple(row) for row in five.counts.tolist()}) == 5


def test_events_beyond_the_room_are_not_kept_but_counted() -> None:
    short, long = followed(begun(3, rows=50), 200.0), followed(begun(3), 200.0)
    assert np.array_equal(short.memory, long.memory)
    for kept, every in zip(short.events, long.events, strict=True):
        assert np.array_equal(kept, every[:50])


def test_a_state_that_nothing_leaves_is_not_left() -> None:
    trap = Jumps("trap", ("a", "b"), np.array([0, 1]), np.array([1, 0]), np.array([1.0, 0.0]), np.ones((1, 2)),
                 np.array([1.0, 0.0]))
    copies = followed(begun(4, jumps=trap), 200.0)
    assert copies.counts.tolist() == [[1, 0]] * 4
    assert copies.state.tolist() == [1] * 4


def test_the_object_is_kept_and_the_text_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "cache")
    compile_jumps(store=store)
    monkeypatch.setattr("pumpleak.compile.jumps.generate_jumps", lambda: pytest.fail("it was generated again"))
    assert isinstance(compile_jumps(store=store), JumpProgram)


@pytest.mark.parametrize("triple", ["aarch64-unknown-linux-gnu", "arm64-apple-macosx", "x86_64-pc-windows-msvc"])
def test_the_loop_can_be_made_for_other_machines(triple: str) -> None:
    assert native.compile_ir(generate_jumps(), native.Target(triple, "generic" if triple[0] == "a" else "x86-64", ""))


def test_an_end_without_limit_is_refused() -> None:
    with pytest.raises(ModelError, match=r"ring: copies cannot go on to inf ms in 5 jumps"):
        jump_program().advance(begun(1), 0, 5, np.inf)
