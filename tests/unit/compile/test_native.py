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
    first, second = native.KNOWN_CPUS[host.triple.split("-")[0]][:2]
    monkeypatch.setenv(native.CPU_VARIABLE, second)
    assert native.local_target() == native.Target(host.triple, second, "")
    assert native.local_target(first).cpu == first
    monkeypatch.setenv(native.CPU_VARIABLE, "host")
    assert native.local_target() == host


@pytest.mark.parametrize("name", ["x86 64", "x86-65", "+avx2", "pentium"])
def test_a_cpu_that_would_end_the_process_is_refused(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        native.local_target(name)
    assert str(caught.value).startswith(f"PUMPLEAK_CPU: '{name}' is not a CPU that can be chosen here; give 'host' or one")


def test_text_that_is_no_code_is_refused() -> None:
    with pytest.raises(RuntimeError):
        native.compile_ir("define nothing", native.local_target())
