"""The object cache: whatever happens to its files or its folder, results are right and nothing crashes."""

import errno
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pumpleak.compile import compiler, native
from pumpleak.compile.cache import Store, default_folder, default_store
from pumpleak.compile.compiler import compile_system
from pumpleak.system.expression import exp, symbol
from pumpleak.system.system import Parameter, State, System

X = symbol("x")
POSIX = pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners and modes are those of POSIX")


def decay() -> System:
    return System("decay", (State("x", "1", 1.0, 1.0),), {"x": -symbol("k") * X * exp(-X)}, (Parameter("k", "1", 0.5),))


def check(store: Store) -> None:
    """Compile with this store and see that the program is right."""
    program = compile_system(decay(), store=store)
    assert program.rhs(0.0, [2.0], [0.5])[0] == pytest.approx(-np.exp(-2.0), rel=1e-14)


def only_file(store: Store) -> Path:
    files = list(store.folder.glob("*.bin"))
    assert len(files) == 1
    return files[0]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def test_what_is_kept_comes_back(store: Store) -> None:
    assert store.get("object", "a") is None
    store.put("object", "a", b"body")
    store.put("labels", "a", b"other")
    assert store.get("object", "a") == b"body"
    assert store.get("labels", "a") == b"other"
    assert store.clear() == 2
    assert store.get("object", "a") is None


def test_a_second_compilation_is_read_from_the_cache(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    check(store)

    def refuse(parts: object) -> str:
        raise AssertionError(f"{parts} is compiled again")

    monkeypatch.setattr(compiler, "emit_text", refuse)
    check(store)


def test_numbers_do_not_recompile_but_equations_do() -> None:
    target = native.local_target()

    def key(system: System) -> str:
        return compiler.object_key(compiler.equations(system), target)

    other = System("else", (State("x", "mol", 7.0, 3.0),), decay().rates, (Parameter("k", "2", 9.0),))
    changed = System("decay", decay().states, {"x": -symbol("k") * X * exp(-1.0000000000000002 * X)}, decay().parameters)
    assert key(other) == key(decay())
    assert key(changed) != key(decay())


@pytest.mark.parametrize("keep", [0, 10, 60, 200])
def test_a_truncated_file_is_made_again(store: Store, keep: int) -> None:
    check(store)
    path = only_file(store)
    whole = path.read_bytes()
    path.write_bytes(whole[:keep])
    check(store)
    assert len(path.read_bytes()) == len(whole)


@pytest.mark.parametrize("place", [0, 9, 20, 45, 60, 90, 1000, -1])
def test_a_flipped_bit_is_seen(store: Store, place: int) -> None:
    check(store)
    path = only_file(store)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[place] ^= 0x10
    path.write_bytes(damaged)
    check(store)
    check(Store(store.folder))
    assert store.get("object", compiler.object_key(compiler.equations(decay()), native.local_target())) is not None


def test_a_file_under_another_name_is_not_believed(store: Store) -> None:
    store.put("object", "a", b"body")
    path = only_file(store)
    path.rename(store._path("object", "b"))
    assert store.get("object", "b") is None


def test_another_cpu_and_another_version_have_their_own_objects(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    check(store)
    monkeypatch.setenv(native.CPU_VARIABLE, native.KNOWN_CPUS[native.local_target().triple.split("-")[0]][0])
    check(store)
    assert len(list(store.folder.glob("*.bin"))) == 2
    monkeypatch.setattr(native, "versions", lambda: ("0.0", "1.2.3"))
    check(store)
    assert len(list(store.folder.glob("*.bin"))) == 3
    monkeypatch.setattr(compiler, "generator_digest", lambda: "changed")
    check(store)
    assert len(list(store.folder.glob("*.bin"))) == 4


def test_a_folder_that_cannot_be_made_costs_one_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    store = Store(tmp_path / "file" / "cache")
    with caplog.at_level(logging.INFO, "pumpleak"):
        check(store)
        check(store)
    assert len(caplog.records) == 1
    assert "cannot be written to" in caplog.text
    assert "compiling in memory" in caplog.text


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_disk_or_read_only_folder(store: Store, monkeypatch: pytest.MonkeyPatch, number: int,
                                         caplog: pytest.LogCaptureFixture) -> None:
    store.folder.mkdir(mode=0o700)

    def fail(*arguments: object) -> None:
        raise OSError(number, os.strerror(number), str(arguments[0]))

    monkeypatch.setattr(os, "replace", fail)
    with caplog.at_level(logging.INFO, "pumpleak"):
        check(store)
        check(store)
    assert list(store.folder.iterdir()) == []  # nothing is left behind
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert os.strerror(number) in caplog.text


@POSIX
def test_a_really_read_only_folder(store: Store) -> None:
    check(store)
    store.folder.chmod(0o500)
    try:
        check(Store(store.folder))
    finally:
        store.folder.chmod(0o700)


@POSIX
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_open_to_others_is_not_used(store: Store, mode: int, caplog: pytest.LogCaptureFixture) -> None:
    store.put("object", "a", b"body")
    store.folder.chmod(mode)
    with caplog.at_level(logging.INFO, "pumpleak"):
        assert Store(store.folder).get("object", "a") is None
        Store(store.folder).put("object", "b", b"body")
    assert "open to others" in caplog.text
    assert len(list(store.folder.iterdir())) == 1


@POSIX
def test_the_folder_is_the_users_alone_and_no_link(store: Store, tmp_path: Path) -> None:
    store.put("object", "a", b"body")
    assert store.folder.stat().st_mode & 0o777 == 0o700
    link = tmp_path / "link"
    link.symlink_to(store.folder, target_is_directory=True)
    assert Store(link).get("object", "a") is None


@POSIX
def test_a_folder_of_another_user_is_not_used(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("object", "a", b"body")
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert Store(store.folder).get("object", "a") is None


def test_the_oldest_go_when_it_is_full(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache", size_most=10_000)
    for number in range(12):
        store.put("object", str(number), bytes(1000))
        os.utime(store._path("object", str(number)), (number, number))
    kept = [number for number in range(12) if store.get("object", str(number)) is not None]
    assert kept == list(range(kept[0], 12))
    assert 6 <= len(kept) <= 9
    assert sum(path.stat().st_size for path in store.folder.iterdir()) <= 10_000


def test_eight_writers_at_once(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    script = ("import sys; sys.path.insert(0, sys.argv[1])\n"
              "from tests.unit.compile.test_cache import check, default_store\ncheck(default_store())")
    environment = {**os.environ, "PUMPLEAK_CACHE": str(tmp_path / "cache")}
    writers = [subprocess.Popen([sys.executable, "-c", script, str(root)], env=environment, stderr=subprocess.PIPE)
               for _ in range(8)]
    for writer in writers:
        _, errors = writer.communicate(timeout=100)
        assert writer.returncode == 0, errors.decode()[-2000:]
        assert errors == b""
    store = Store(tmp_path / "cache")
    assert only_file(store).stat().st_size > 1000
    assert [path.name for path in store.folder.iterdir()] == [only_file(store).name]
    check(store)


def test_where_the_folder_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert str(default_store().folder) == os.environ["PUMPLEAK_CACHE"]
    monkeypatch.delenv("PUMPLEAK_CACHE")
    for platform, parts in {"linux": ("xdg", "pumpleak"), "darwin": ("Library", "Caches", "pumpleak"),
                            "win32": ("local", "pumpleak", "cache")}.items():
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
        assert default_folder().parts[-len(parts):] == parts
