"""Expressions in generated code: shared parts once, any depth, any number of lanes, the same text for any hashing."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.unit.compile.toy import toy

from pumpleak.base.errors import ModelError
from pumpleak.compile import native
from pumpleak.compile.builder import Code, Module
from pumpleak.compile.compiler import compile_system, emit_text
from pumpleak.compile.equations import equations
from pumpleak.compile.kernel import emit_kernel
from pumpleak.compile.values import Array
from pumpleak.system.expression import exp, exprel, less, log, select, symbol
from pumpleak.system.system import Event, Parameter, Quadrature, State, System

X, Y, K = symbol("x"), symbol("y"), symbol("k")


def test_shared_parts_are_emitted_once() -> None:
    shared = exp(X) * log(1.0 + exp(X))
    text = emit_text(equations(System("s", (State("x", "1", 0.0, 1.0),), {"x": shared + shared * shared})))
    rates = text[text.index('@"rates"'):]
    rates = rates[:rates.index("\n}")]
    assert rates.count('@"exp_"') == 1
    assert rates.count('@"log_"') == 1


def test_what_parameters_decide_is_computed_once_a_stretch() -> None:
    rate = -exp(K) * X / (1.0 + K) + select(less(X, log(K)), X, log(K))
    system = System("s", (State("x", "1", 1.0, 1.0),), {"x": rate}, (Parameter("k", "1", 2.0),))
    text = emit_text(equations(system))
    bodies = {name: text[text.index(f'@"{name}"('):] for name in ("rates", "prepare")}
    counts = {name: [body[:body.index("\n}")].count(f'@"{function}_"') for function in ("exp", "log")]
              for name, body in bodies.items()}
    assert counts == {"rates": [0, 0], "prepare": [1, 1]}
    program = compile_system(system)
    for k in (0.5, 2.0, 3.0):  # another value is not taken for the one before
        assert program.rhs(0.0, [0.7], [k])[0] == pytest.approx(-np.exp(k) * 0.7 / (1.0 + k) + min(0.7, np.log(k)), rel=1e-14)
        assert program.jacobian(0.0, [0.7], [k])[0, 0] == pytest.approx(-np.exp(k) / (1.0 + k) + (np.log(k) > 0.7), rel=1e-14)


def test_depth_has_no_limit() -> None:
    expression = X
    for _ in range(1500):
        expression = expression * 0.999 + 1e-3
    # the interpreter's own limit is 1000 calls
    program = compile_system(System("deep", (State("x", "1", 0.0, 1.0),), {"x": expression}))
    assert program.rhs(0.0, [1.0], [])[0] == pytest.approx(1.0, rel=1e-9)


def test_blocks_edges_and_algebraic_states_are_all_there() -> None:
    program = compile_system(toy())
    labels = program.labels
    assert [state.name for state in labels.states] == [f"cell[{i}].{name}" for i in range(2) for name in "xyz"]
    y, p = np.array([1.0, 0.5, 0.2, 2.0, 0.25, 0.7]), labels.values()
    at = dict(zip([parameter.name for parameter in labels.parameters], p, strict=True))
    found = program.rhs(0.0, y, p)
    gap = at["g"] * (y[3] - y[0])
    for member, sign in ((0, 1.0), (1, -1.0)):
        x, other, z = y[3 * member:3 * member + 3]
        flux = np.expm1(x) / x * np.exp(-other)
        expected = [-flux + sign * gap, flux - 0.1 * other, z - x / (1.0 + other)]
        assert found[3 * member:3 * member + 3] == pytest.approx(expected, rel=1e-14)
        assert program.quadrature_rates(0.0, y, p)[member] == pytest.approx(flux, rel=1e-14)
    assert program.jacobian(0.0, y, p)[0, 3] == at["g"]
    assert [event.name for event in labels.events] == ["cell[0].low", "cell[1].low"]


@pytest.mark.parametrize("lanes", [2, 4, 8])
def test_lanes_compute_what_one_lane_computes(lanes: int) -> None:
    system = System("pair", (State("x", "1", 1.0, 1.0), State("y", "1", 1.0, 1.0)),
                    {"x": -K * exprel(X) + Y / (1.0 + X**2), "y": exp(-Y) * log(1.0 + X) - 0.5 * Y ** K},
                    (Parameter("k", "1", 1.7),), quadratures=(Quadrature("q", "1", X * Y),))
    parts, single = equations(system), compile_system(system)
    module = Module("lanes", lanes)
    kernel = emit_kernel(module, parts)
    code = Code(module, "run", [Array] * 4)
    t, y, given, out = code.arguments
    p = kernel.prepared(code, given)
    kernel.rates(t[0], y, p, out)
    slopes = code.array(kernel.entries)
    kernel.slopes(t[0], y, p, code.array(3), code.array(3), slopes)
    for slot, place in enumerate(parts.jacobian):
        out.part(3)[slot] = kernel.linear.entry(slopes, place)
    code.return_()
    loaded = native.Loaded(native.compile_ir(str(module), native.local_target()), ["run"])
    random = np.random.default_rng(4)
    states, parameters = random.uniform(0.1, 2.0, (2, lanes)), random.uniform(0.5, 2.0, (1, lanes))
    found, times = np.zeros((3 + len(parts.jacobian), lanes)), np.zeros(lanes)
    run = loaded.function("run", None, [ctypes.c_void_p] * 4)
    run(*(array.ctypes.data for array in (times, states, parameters, found)))
    for lane in range(lanes):
        at = (0.0, states[:, lane], parameters[:, lane])
        assert found[:2, lane] == pytest.approx(single.rhs(*at), rel=1e-14)
        assert found[2, lane] == pytest.approx(single.quadrature_rates(*at)[0], rel=1e-14)
        jacobian = single.jacobian(*at)
        assert found[3:, lane] == pytest.approx([jacobian[place] for place in parts.jacobian], rel=1e-14)


def test_the_text_does_not_depend_on_hashing() -> None:
    root = Path(__file__).parents[3]
    script = ("import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
              "from pumpleak.compile.compiler import emit_text\nfrom pumpleak.compile.equations import equations\n"
              "from pumpleak.system.transform import flatten\nfrom tests.unit.compile.toy import toy\n"
              "parts = equations(flatten(toy()))\n"
              "print(hashlib.sha256((emit_text(parts) + parts.serialise()).encode()).hexdigest())")
    digests = set()
    for seed in range(5):
        done = subprocess.run([sys.executable, "-c", script, str(root)], capture_output=True, text=True, check=True,
                              env={**os.environ, "PYTHONHASHSEED": str(seed)})
        digests.add(done.stdout)
    assert len(digests) == 1


def test_what_cannot_be_compiled_is_refused() -> None:
    state = State("x", "mM", 1.0, 1.0)
    with pytest.raises(ModelError, match="a system of 0 states cannot be solved"):
        compile_system(System("none"))
    with pytest.raises(ModelError, match="x: mass -1; the factor of its rate must be 0"):
        compile_system(System("light", (State("x", "mM", 1.0, 1.0, mass=-1.0),), {"x": -X}))
    with pytest.raises(ModelError, match="x: scale 0; its error is judged by it, so give a positive size in mM"):
        compile_system(System("flat", (State("x", "mM", 1.0, 0.0),), {"x": -X}))
    with pytest.raises(ModelError, match="jump: sets 'k', which is not a state"):
        compile_system(System("sets", (state,), {"x": -K * X}, (Parameter("k", "1", 1.0),),
                              events=(Event("jump", X, {"k": X}),)))
