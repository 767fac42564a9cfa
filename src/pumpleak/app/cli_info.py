"""`pumpleak list` and `pumpleak doctor`: what there is to run, and what it runs on."""

from __future__ import annotations

import platform
import stat
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from pumpleak.app.console import Console, options

if TYPE_CHECKING:
    from pumpleak.formats.shelves import Entry

NEEDED = ("numpy", "scipy", "llvmlite", "click", "pydantic", "ruamel.yaml", "pint", "matplotlib")
OTHERS = {"isoforms": ", as in `pumpleak pump post-albers.alpha2beta1`", "congeners": ", as in post-albers.Rb",
          "inhibitors": ", as in post-albers.alpha2beta1.ouabain", "fits": ", for `pumpleak fit NAME`",
          "data": ", for `pumpleak pump SCHEME --data NAME`"}  # folders beside the shelves of models, and what names are for
PROBE = "generic-cell"  # the cell that the doctor brings to rest


@click.command("list")
@options
def list_entries(console: Console) -> None:
    """List the pumps, cells and experiments of the catalogue, the parts of pumps, the fits and the measured data."""
    from pumpleak.formats.catalog import SHELVES, entries

    found = {shelf: entries(shelf) for shelf in SHELVES}
    others = {folder: _titles(folder) for folder in OTHERS}
    width = max(map(len, [*(name for titles in others.values() for name in titles),
                          *(entry.name for shelf in found.values() for entry in shelf)]), default=0)
    lines = []
    for shelf, each in found.items():
        lines += [shelf, *(f"  {entry.name:<{width}}  {_described(entry)}" for entry in each), ""]
    for folder, titles in others.items():
        lines += [f"{folder}{OTHERS[folder]}", *(f"  {name:<{width}}  {title}" for name, title in titles.items()), ""]
    plain = {shelf: [{"name": entry.name, "kind": entry.kind, "title": entry.title, "summary": entry.summary} for entry in each]
             for shelf, each in found.items()}
    plain |= {folder: [{"name": name, "title": title} for name, title in titles.items()] for folder, titles in others.items()}
    console.result("\n".join(lines).rstrip(), {"schema": 1, **plain})


def _described(entry: Entry) -> str:
    """The title, and that a model of the cells' shelf is a system of equations: as published, whatever it breaks."""
    return f"{entry.title} (system)" if entry.kind == "system" else entry.title


def _titles(folder: str) -> dict[str, str]:
    """What stands in a folder of the catalogue, by the title lines of its files: what reads them in full needs numpy."""
    from pumpleak.formats.shelves import CATALOG

    found = {}
    for path in sorted((CATALOG / folder).glob("*.yaml")):
        lines = path.read_text(encoding="utf-8").splitlines()
        if folder != "data" or path.with_suffix(".csv").is_file():
            found[path.stem] = next((line.removeprefix("title: ") for line in lines if line.startswith("title: ")), "")
    return found


@click.command()
@click.option("--clear-cache", is_flag=True, help="Remove all compiled models.")
@options
def doctor(console: Console, clear_cache: bool) -> None:
    """Show versions, processor and cache, and try a cell."""
    from pumpleak.compile.cache import default_store

    store = default_store()
    cleared = store.clear() if clear_cache else None
    plain: dict[str, Any] = {"schema": 1, "versions": _versions(), "machine": _machine(), "cache": _cache(store.folder)}
    if cleared is not None:
        plain["cleared"] = cleared
    else:
        plain["probe"] = _probe()
        plain["cache"] = _cache(store.folder)
    console.result(_text(plain), plain)


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in ("pumpleak", *NEEDED):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _machine() -> dict[str, str]:
    from pumpleak.compile.native import local_target

    target = local_target()
    return {"system": platform.platform(terse=True), "target": target.triple, "cpu": target.cpu}


def _cache(folder: Path) -> dict[str, Any]:
    sizes = []
    for each in folder.glob("*"):
        with suppress(OSError):  # another process may remove it meanwhile
            status = each.stat()
            if stat.S_ISREG(status.st_mode):
                sizes.append(status.st_size)
    return {"folder": str(folder), "files": len(sizes), "bytes": sum(sizes)}


def _probe() -> dict[str, Any]:
    """Bring a cell to rest: the whole path from file to answer."""
    from pumpleak.formats.catalog import light
    from pumpleak.lab.rest import rest

    began = perf_counter()
    found = rest(light(PROBE))
    return {"model": PROBE, "kind": found.kind, "seconds": perf_counter() - began}


def _text(plain: dict[str, Any]) -> str:
    machine, cache = plain["machine"], plain["cache"]
    lines = [f"{name:<12} {version or _absent(name)}" for name, version in plain["versions"].items()]
    lines += [f"{'system':<12} {machine['system']}", f"{'target':<12} {machine['target']}, {machine['cpu']}"]
    size = cache["bytes"] / 1e6
    lines.append(f"{'cache':<12} {cache['folder']}: {cache['files']} files, {size:.1f} MB")
    if "cleared" in plain:
        lines.append(f"{'':<12} {plain['cleared']} files removed")
    else:
        probe = plain["probe"]
        lines.append(f"{'try':<12} rest of {probe['model']}: {probe['kind']}, in {probe['seconds']:.2f} s")
        lines.append(f"{'advice':<12} {_advice(plain)}")
    return "\n".join(lines)


def _absent(name: str) -> str:
    return "not installed, run from its source" if name == "pumpleak" else f"missing: pip install {name}"


def _advice(plain: dict[str, Any]) -> str:
    missing = [name for name in NEEDED if plain["versions"][name] is None]
    if missing:
        return f"install what is missing: pip install {' '.join(missing)}"
    if plain["cache"]["files"] == 0:
        return "nothing is kept in the cache: is its folder writable? PUMPLEAK_CACHE names another"
    return "all is well; the next start finds its models compiled"
