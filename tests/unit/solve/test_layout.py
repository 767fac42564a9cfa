"""The solver's memory: places do not overlap, rows come out, runs are saved and restored."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from pumpleak.base.errors import FormatError
from pumpleak.solve.layout import Layout, Memory
from pumpleak.solve.program import Labels, QuadratureLabel, StateLabel

LAYOUT = Layout(states=2, quadratures=1, least=1, events=3)


def test_every_place_belongs_to_one_field() -> None:
    places, end = LAYOUT.places, 0
    for name, (_, length) in LAYOUT.fields.items():
        assert places[name] == end
        end += 1 if length is None else length
    assert end == places["tail"]
    assert LAYOUT.width == 4


def test_fields_are_written_and_read() -> None:
    memory = Memory(LAYOUT, capacity=2, grid=[1.0, 2.0, 3.0])
    memory.set_real("rtol", 1e-6)
    memory.set_count("filled", 1)
    memory.y[:] = 1.0, 2.0
    memory.q[:] = 3.0
    assert memory.real("rtol") == 1e-6
    assert memory.array("z").tolist() == [1.0, 2.0, 3.0]
    assert memory.count("grid_count") == 3
    assert memory.rows.shape == (1, 4)
    memory.rows[:] = 7.0
    assert memory.block[LAYOUT.places["tail"]:].tolist() == [1.0, 2.0, 3.0, *[7.0] * 4, *[0.0] * 4]
    assert memory.take().tolist() == [[7.0] * 4]
    assert memory.rows.shape == (0, 4)


def test_a_saved_run_comes_back_whole() -> None:
    memory = Memory(LAYOUT, capacity=2, grid=[1.0], key="program")
    memory.block[LAYOUT.places["tail"]:] = np.arange(9.0)
    memory.set_count("accepts", 12)
    again = Memory.restored(memory.save(), LAYOUT, "program")
    assert again.block.tobytes() == memory.block.tobytes()
    assert again.steps == 12
    again.set_count("accepts", 13)
    assert memory.steps == 12
    with pytest.raises(FormatError, match="another model or machine"):
        Memory.restored(memory.save(), LAYOUT, "other")
    with pytest.raises(FormatError, match="another model or machine"):
        Memory.restored(memory.save(), Layout(2, 1, 1, 2), "program")


def test_labels_say_which_memory_they_need() -> None:
    labels = Labels("x", states=(StateLabel("a", "mM", 1.5, 1.0),),
                    quadratures=(QuadratureLabel("q", "fmol", least=True), QuadratureLabel("r", "fmol")))
    assert labels.layout == Layout(1, 2, 1, 0)
    assert labels.initial().tolist() == [1.5]
    assert labels.values().tolist() == []


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda memory: pickle.loads(pickle.dumps(memory))])
def test_a_copy_has_a_block_of_its_own(copied: Callable[[Memory], Memory]) -> None:
    memory = Memory(LAYOUT, capacity=2, grid=[1.0], key="program")
    memory.set_real("t", 3.0)
    twin = copied(memory)
    assert twin.address == int(twin.block.ctypes.data) != memory.address
    twin.set_real("t", 4.0)
    twin.set_count("filled", 1)
    assert (memory.t, twin.t, memory.count("filled"), twin.count("filled")) == (3.0, 4.0, 0, 1)
