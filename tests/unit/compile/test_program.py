"""A program refuses what does not fit it, passes its labels through JSON, and shows a coefficient that was altered."""

import json
import re
import struct
import subprocess
import sys

import numpy as np
import pytest
from tests.unit.compile.toy import toy

from pumpleak.base.errors import ModelError
from pumpleak.compile import native
from pumpleak.compile.compiler import assemble, compile_system, emit_text, labels_of
from pumpleak.compile.equations import equations
from pumpleak.compile.program import load_program
from pumpleak.solve.program import Labels, Program
from pumpleak.solve.status import Status
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter, Quadrature, State, System
from pumpleak.system.transform import flatten

X, K = symbol("x"), symbol("k")


def exchange() -> System:
    """1.25 of what leaves x arrives in y; the amount moved is counted."""
    moved = K * X / (1.0 + 0.37 * X)
    return System("exchange", (State("x", "fmol", 1.0, 1.0), State("y", "fmol", 0.0, 1.0)), {"x": -moved, "y": 1.25 * moved},
                  (Parameter("k", "1/ms", 0.5),), quadratures=(Quadrature("moved", "fmol", moved),))


def test_it_is_what_the_protocol_says() -> None:
    program: Program = compile_system(exchange())
    assert program.labels.name == "exchange"


@pytest.mark.parametrize(("call", "message"), [
    (lambda p: p.rhs(0.0, [1.0], [0.5]), "exchange: 1 states were given; expected 2"),
    (lambda p: p.rhs(0.0, [1.0, 2.0], []), "exchange: 0 parameters were given; expected 1"),
    (lambda p: p.observe([0.0, 1.0], [[1.0, 2.0]], [0.5]), "exchange: 2 states of 2 points were given; expected 4"),
    (lambda p: p.start(0.0, [1.0, 2.0], [], [0.5], rtol=1e-6), "exchange: 0 quadratures were given; expected 1"),
    (lambda p: p.start(0.0, [1.0, 2.0], [0.0], [0.5], rtol=0.0), "a relative tolerance of 0 cannot be met"),
    (lambda p: p.start(np.nan, [1.0, 2.0], [0.0], [0.5], rtol=1e-6), "cannot begin at nan ms"),
    (lambda p: p.start(0.0, [1.0, 2.0], [0.0], [0.5], rtol=1e-6, h_max=-1.0), "the longest step is -1 ms"),
    (lambda p: p.start(0.0, [1.0, 2.0], [0.0], [0.5], rtol=1e-6, capacity=0), "room for 0 output rows"),
    (lambda p: p.start(0.0, [1.0, 2.0], [0.0], [0.5], rtol=1e-6, grid=[1.0, 0.5]), "output times from 1 to 0.5 ms"),
    (lambda p: p.start(1.0, [1.0, 2.0], [0.0], [0.5], rtol=1e-6, grid=[0.5]), "ascending times from 1 ms on"),
    (lambda p: p.advance(p.start(0.0, [1.0, 2.0], [0.0], [0.5], rtol=1e-6), [0.5], 10, np.inf),
     "cannot advance to inf ms in 10 steps"),
    (lambda p: p.advance(compile_system(toy()).start(0.0, np.ones(6), np.zeros(2), np.ones(3), rtol=1e-6), [0.5], 1, 1.0),
     "the memory is that of another program"),
])
def test_what_does_not_fit_is_refused(call: object, message: str) -> None:
    with pytest.raises(ModelError, match=re.escape(message)):
        call(compile_system(exchange()))  # type: ignore[operator]


def test_labels_pass_through_json() -> None:
    labels = labels_of(flatten(toy()))
    plain = json.loads(json.dumps(labels.to_plain()))
    assert Labels.from_plain(plain) == labels


def test_a_program_is_loaded_without_generator_or_system() -> None:
    flat = flatten(toy())
    code = native.compile_ir(emit_text(equations(flat)), native.local_target())
    labels = labels_of(flat).to_plain()
    program = load_program(labels, code)
    assert np.array_equal(program.rhs(0.0, np.ones(6), np.ones(3)), compile_system(toy()).rhs(0.0, np.ones(6), np.ones(3)))
    script = ("import sys; import pumpleak.compile.program\n"
              "print(sorted(name for name in sys.modules if name.startswith('pumpleak.system')\n"
              "             or name in ('pumpleak.compile.builder', 'scipy', 'pint', 'sympy', 'numba')))")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_one_altered_coefficient_breaks_an_invariant_that_can_be_seen() -> None:
    text = emit_text(equations(exchange()))
    right, wrong = (f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}" for value in (1.25, 1.2501))
    assert right in text
    residuals = []
    for program in (assemble(exchange(), text), assemble(exchange(), text.replace(right, wrong))):
        memory = program.start(0.0, [1.0, 0.0], [0.0], [0.5], rtol=1e-8)
        assert program.advance(memory, [0.5], 1000, 5.0) == Status.END
        residuals.append(abs(memory.y[1] - 1.25 * memory.q[0]))
    assert residuals[0] < 1e-14
    assert residuals[1] > 1e-5
