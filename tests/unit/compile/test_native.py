"""Objects: damaged ones are refused instead of ending the process, and targets are named properly."""

import pytest

from pumpleak.base.errors import ModelError
from pumpleak.compile import native

TEXT = 'define double @twice(double %x) {\n  %y = fadd double %x, %x\n  ret double %y\n}\n'


@pytest.mark.parametrize("keep", [0, 20, 100, 300])
def test_a_damaged_object_is_refused(keep: int) -> None:
    code = native.compile_ir(TEXT, native.local_target())
    with pytest.raises(ModelError, match=f"an object of {keep} bytes could not be linked"):
        native.Loaded(code[:keep], ["twice"])
    with pytest.raises(ModelError, match="could not be linked"):
        native.Loaded(b"this is no object", ["twice"])


def test_a_cpu_is_named_by_argument_or_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(native.CPU_VARIABLE, raising=False)
    host = native.local_target()
    monkeypatch.setenv(native.CPU_VARIABLE, "x86-64-v3")
    assert native.local_target().cpu == "x86-64-v3"
    assert native.local_target().features == ""
    assert native.local_target("x86-64").cpu == "x86-64"
    monkeypatch.setenv(native.CPU_VARIABLE, "host")
    assert native.local_target() == host


def test_a_cpu_that_llvm_does_not_know_is_refused() -> None:
    for name in ("x86 64", "x86-65", "+avx2"):
        with pytest.raises(ModelError, match="PUMPLEAK_CPU: '.*' is not the name of a CPU"):
            native.compile_ir(TEXT, native.local_target(name))


def test_text_that_is_no_code_is_refused() -> None:
    with pytest.raises(RuntimeError):
        native.compile_ir("define nothing", native.local_target())
