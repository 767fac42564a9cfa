"""The files around the package: locks, versions, README, Makefile, licence."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import pumpleak

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def locked(name: str) -> dict[str, frozenset[str]]:
    """Each pinned requirement of a lock file, marker included, with its hashes."""
    entries = read(f"requirements/{name}").replace("\\\n", " ").splitlines()
    split = [entry.split("--hash=") for entry in entries if entry.strip()]
    return {head.strip(): frozenset(hash_.strip() for hash_ in hashes) for head, *hashes in split}


def make_targets() -> set[str]:
    phony = re.search(r"^\.PHONY:(.*)$", read("Makefile"), re.MULTILINE)
    assert phony is not None
    return set(phony.group(1).split())


def code_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", read("README.md"), re.MULTILINE | re.DOTALL)


def test_the_lock_files_are_those_that_make_installs() -> None:
    assert [path.name for path in LOCKS] == ["bootstrap.txt", "peers.txt", "runtime.txt", "test.txt"]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_server_and_no_folder(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r".*(?:://|--(?:extra-)?index|--find-links|--trusted-host| @ |file:|[a-z]/[a-z]).*", text)
    assert found == []


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_line_of_a_lock_is_pinned_and_hashed(path: Path) -> None:
    for head, hashes in locked(path.name).items():
        assert [part.operator for part in Requirement(head).specifier] == ["=="], head
        assert hashes, head
        assert [hash_ for hash_ in hashes if not re.fullmatch(r"sha256:[0-9a-f]{64}", hash_)] == []


def test_the_test_lock_only_adds_to_the_runtime_lock() -> None:
    assert locked("runtime.txt").items() <= locked("test.txt").items()


@pytest.mark.parametrize(
    ("lock", "groups"), [("bootstrap.txt", ["bootstrap"]), ("peers.txt", ["build", "peers"]), ("runtime.txt", ["build"]),
                         ("test.txt", ["build", "test"])]
)
def test_a_lock_satisfies_what_pyproject_asks(lock: str, groups: list[str]) -> None:
    wanted = [text for group in groups for text in project()["dependency-groups"][group]]
    if lock != "bootstrap.txt":
        wanted += project()["project"]["dependencies"]
    pins = [Requirement(head) for head in locked(lock)]
    for requirement in map(Requirement, wanted):
        versions = [
            Version(next(iter(pin.specifier)).version)
            for pin in pins
            if canonicalize_name(pin.name) == canonicalize_name(requirement.name)
        ]
        assert versions, f"{lock} lacks {requirement}; run `make lock`"
        assert [version for version in versions if version not in requirement.specifier] == [], f"{lock}: {requirement}"


def test_the_build_backend_is_locked() -> None:
    assert set(project()["build-system"]["requires"]) <= set(project()["dependency-groups"]["build"])


def test_the_version_is_the_same_everywhere() -> None:
    version = project()["project"]["version"]
    assert re.findall(r"^version: (\S+)$", read("CITATION.cff"), re.MULTILINE) == [version]
    assert re.findall(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)[0] == version
    assert pumpleak.__version__ == version


def test_the_licence_is_the_same_everywhere() -> None:
    assert project()["project"]["license"] == "BSD-3-Clause"
    assert re.search(r"^license: BSD-3-Clause$", read("CITATION.cff"), re.MULTILINE)
    assert read("LICENSE").startswith("BSD 3-Clause License\n")


def test_the_commands_of_the_readme_are_targets_of_the_makefile() -> None:
    shell = [line for block in code_blocks("sh") for line in block.splitlines()]
    inline = re.findall(r"`(make [a-z]+)`", read("README.md"))
    commands = {line.split()[1] for line in [*shell, *inline] if line.startswith("make ")}
    assert {"tour", "test"} <= commands <= make_targets()


def test_ci_runs_the_commands_of_the_readme() -> None:
    assert set(re.findall(r"^make ([a-z]+)", read(".ci/run"), re.MULTILINE)) == {"lint", "test"}


def test_the_readme_is_short_and_links_to_files_that_exist() -> None:
    text = read("README.md")
    assert len(text.splitlines()) <= 120
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_verbs_of_the_readme_are_commands() -> None:
    verbs = set(re.findall(r"`pumpleak ([a-z]+)", read("README.md")))
    call = [sys.executable, "-c", "from pumpleak.app.cli import main; main()", "--help"]
    shown = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    assert verbs == {"tour", "list", "rest", "run", "compare", "fit", "molecule", "pump", "doctor"}
    assert [verb for verb in sorted(verbs) if not re.search(rf"^\W*{verb}\b", shown, re.MULTILINE)] == []


@pytest.mark.parametrize(("number", "shown"), [(0, "mV"), (1, "uncoupled")])
def test_the_python_of_the_readme_runs(tmp_path: Path, number: int, shown: str) -> None:
    code = code_blocks("python")[number]
    call = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


def test_the_marker_of_typed_packages_is_there() -> None:
    assert (ROOT / "src/pumpleak/py.typed").read_bytes() == b""


def test_the_console_script_names_a_function_that_exists() -> None:
    from pumpleak.app import cli

    assert project()["project"]["scripts"] == {"pumpleak": "pumpleak.app.cli:main"}
    assert callable(cli.main)
