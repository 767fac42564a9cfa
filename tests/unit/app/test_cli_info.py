"""pumpleak list and pumpleak doctor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from pumpleak.app import cli_info
from pumpleak.compile import cache
from pumpleak.formats.measured import measured, tables

Call = Callable[..., Result]


def test_list_names_the_catalogue(call: Call) -> None:
    text = call("list").stdout
    for name in ("pumps", "pan-2018-15", "cells", "kay-2017", "experiments", "pump-block", "data", "hansen-sodium"):
        assert name in text
    assert "Neuron in a closed space of Huebel & Dahlem (2014) (system)" in text


def test_list_json_has_the_promised_shape(call: Call) -> None:
    plain = json.loads(call("list", "--json").stdout)
    assert set(plain) == {"schema", "pumps", "cells", "experiments", "isoforms", "congeners", "inhibitors", "fits", "data"}
    assert {each["name"]: each["title"] for each in plain["data"]} == {name: measured(name).title for name in tables()}
    for shelf in ("pumps", "cells", "experiments"):
        assert plain[shelf]
        assert all({"name", "kind", "title", "summary"} == set(each) and all(each.values()) for each in plain[shelf])
    kinds = {each["name"]: each["kind"] for each in plain["cells"]}
    assert (kinds["kay-2017"], kinds["hodgkin-huxley-1952"]) == ("cell", "system")


def test_doctor_says_what_there_is(call: Call) -> None:
    plain = json.loads(call("doctor", "--json").stdout)
    assert plain["versions"]["numpy"]
    assert plain["probe"]["kind"] == "stable"
    assert plain["cache"]["bytes"] > 0
    text = call("doctor").stdout
    assert "rest of generic-cell: stable" in text
    assert "advice" in text


def test_doctor_clears_the_cache(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = cache.Store(tmp_path / "cache")
    store.put("object", "key", b"content")
    monkeypatch.setattr(cache, "default_store", lambda: store)
    plain = json.loads(call("doctor", "--clear-cache", "--json").stdout)
    assert plain["cleared"] == 1
    assert plain["cache"]["files"] == 0


def test_help_names_all_commands(call: Call) -> None:
    text = call("--help").stdout
    assert all(name in text for name in ("tour", "list", "rest", "run", "pump", "doctor"))
    for name in ("tour", "list", "rest", "run", "pump", "doctor"):
        shown = call(name, "--help").stdout
        assert all(option in shown for option in ("--json", "--quiet", "--verbose", "--seed")), name


def test_a_file_of_the_cache_may_vanish_while_it_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stays").write_bytes(b"1234")
    (tmp_path / "goes").write_bytes(b"12")
    (tmp_path / "folder").mkdir()
    stat = Path.stat

    def vanishing(self: Path, **settings: bool) -> object:
        if self.name == "goes":
            raise FileNotFoundError(2, "No such file or directory", str(self))
        return stat(self, **settings)

    monkeypatch.setattr(Path, "stat", vanishing)
    assert cli_info._cache(tmp_path) == {"folder": str(tmp_path), "files": 1, "bytes": 4}
    assert cli_info._cache(tmp_path / "none")["files"] == 0
