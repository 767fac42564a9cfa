"""LLVM IR text -> object bytes -> functions, for the CPU at hand or any other.

Loading goes through ORC, which refuses a damaged object where the older linker would end the process. It needs
llvmlite's binding only: no IR is built and no pass is run. `PUMPLEAK_CPU` names another target ("x86-64-v3").
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import llvmlite
from llvmlite import binding as llvm

from pumpleak.base.errors import ModelError

CPU_VARIABLE = "PUMPLEAK_CPU"
# LLVM ends the process over a name it does not know, so only these are passed on, by the first part of the triple
_ARM = ("generic", "cortex-a72", "neoverse-n1", "apple-m1")
KNOWN_CPUS = {"x86_64": ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"), "aarch64": _ARM, "arm64": _ARM}


@dataclass(frozen=True)
class Target:
    """What an object is made for."""

    triple: str
    cpu: str
    features: str

    @property
    def is_local(self) -> bool:
        """Whether such an object is meant for this kind of process."""
        return self.triple == str(llvm.get_process_triple())


def versions() -> tuple[str, ...]:
    """Versions of everything that turns IR into an object."""
    return str(llvmlite.__version__), ".".join(str(part) for part in llvm.llvm_version_info)


def local_target(cpu: str | None = None) -> Target:
    """This machine, or the CPU that is named (by the argument or by PUMPLEAK_CPU), which brings its own features.

    The host's features are passed on beside its name: a virtual machine may mask some that the name implies.

    Raises ModelError for a name that is not known.
    """
    name = cpu or os.environ.get(CPU_VARIABLE, "")
    if name in ("", "host"):
        return _host()
    triple = str(llvm.get_process_triple())
    known = KNOWN_CPUS.get(triple.split("-")[0], ("generic",))
    if name not in known:
        raise ModelError(f"{CPU_VARIABLE}: '{name}' is not a CPU that can be chosen here; give 'host' or one of "
                         f"{', '.join(known)}")
    return Target(triple, name, "")


@cache
def _host() -> Target:
    triple = str(llvm.get_process_triple())
    return Target(triple, str(llvm.get_host_cpu_name()), str(llvm.get_host_cpu_features().flatten()))


def lanes_of(target: Target) -> int:
    """How many numbers one vector register of that CPU holds: 8 with AVX-512, 4 with AVX2, else 2."""
    features = set(target.features.split(","))
    if target.cpu == "x86-64-v4" or "+avx512f" in features:
        return 8
    return 4 if target.cpu == "x86-64-v3" or "+avx2" in features else 2


@cache
def _initialised(every: bool) -> None:
    if every:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    else:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()


def _machine(target: Target, jit: bool) -> Any:
    _initialised(not target.is_local)
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=3, jit=jit, reloc="default" if jit else "pic")


def compile_ir(text: str, target: Target) -> bytes:
    """Optimise target-neutral IR for one CPU and return the object file.

    The loop and superword vectorisers stay off: they made the one-lane kernel 1.5 times slower.
    """
    machine = _machine(target, jit=target.is_local)
    module = llvm.parse_assembly(text, context=llvm.create_context())
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = tuning.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


class Loaded:
    """An object linked into this process; it must outlive the functions it gives.

    Raises ModelError for an object that cannot be linked.
    """

    def __init__(self, code: bytes, names: Sequence[str]) -> None:
        self._jit = llvm.create_lljit_compiler(_machine(local_target(), jit=True))
        # the process's own symbols are needed for memcpy, into which long copying loops turn
        library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
        for name in names:
            library.export_symbol(name)
        try:
            self._library = library.link(self._jit, "solver")
        except RuntimeError as error:
            raise ModelError(f"an object of {len(code)} bytes could not be linked: {error}") from error

    def function(self, name: str, result: Any, arguments: Sequence[Any]) -> Callable[..., Any]:
        """The C function of that name; the interpreter's lock is released while it runs."""
        return ctypes.CFUNCTYPE(result, *arguments)(self._library[name])
