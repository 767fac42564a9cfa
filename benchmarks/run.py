"""`make bench`: pumpleak side by side with its peers, and what a user waits for.

It prints a table and writes it with the machine and the versions to benchmarks/results/. The numbers are of the machine at
hand; they are never part of a test.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable
from pathlib import Path

from bench import cells, compare, growth, molecule, silence, start, targets
from bench.engine import Engine
from bench.peers import agreeing, installed
from bench.report import RESULTS, Report, about, write


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer repeats and smaller sizes: under two minutes")
    parser.add_argument("--only", metavar="PART", action="append", help="a part, may be repeated: " + ", ".join(PARTS))
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the table and the figures")
    found = parser.parse_args()
    for name in found.only or ():
        if name not in PARTS:
            parser.error(f"--only {name}: there is no such part; the parts are {', '.join(PARTS)}")
    return found


Part = Callable[[Report, list[Engine], bool], None]
PARTS: dict[str, Part] = {
    "one-cell": lambda report, peers, quick: compare.one_cell(report, peers, 1 if quick else 5),
    "population": lambda report, peers, quick: compare.members(report, peers, 1 if quick else 5, quick),
    "switching": lambda report, peers, quick: compare.switching(report, 1 if quick else 5, quick),
    "skipping": lambda report, peers, quick: silence.skipping(report, quick),
    "ledger": lambda report, peers, quick: cells.ledger(report, 3 if quick else 9),
    "states": lambda report, peers, quick: growth.states(report, quick),
    "members": lambda report, peers, quick: growth.members(report, quick),
    "targets": lambda report, peers, quick: targets.targets(report, quick, 2 if quick else 7),
    "start": lambda report, peers, quick: start.starts(report, 2 if quick else 7),
    "enzyme": lambda report, peers, quick: start.enzyme(report, 2 if quick else 7),
    "molecule": lambda report, peers, quick: molecule.molecules(report, quick),
    "cells": lambda report, peers, quick: cells.hours(report, 2 if quick else 7)}
WITH_PEERS = ("one-cell", "population")


def main() -> None:
    """Run the parts asked for, print the table and write it."""
    asked = arguments()
    logging.getLogger("pumpleak").setLevel(logging.ERROR)  # breaches that a published model has of itself are not news here
    chosen = asked.only or list(PARTS)
    report, begun = Report(asked.quick), time.perf_counter()
    print("  ".join(f"{key}: {value}" for key, value in about().items()))
    peers: list[Engine] = []
    versions: dict[str, str] = {}
    if any(name in WITH_PEERS for name in chosen):
        found, missing = installed()
        peers, refused, off = agreeing(found)
        versions = {engine.name: f"{engine.version}, agrees to {off[engine.name]:.1e} over a spike" for engine in peers}
        versions |= {name: f"left out: {why}" for name, why in {**missing, **refused}.items()}
        print("\n".join(f"  {name}: {text}" for name, text in versions.items()))
    try:
        for name in chosen:
            PARTS[name](report, peers, asked.quick)
            print(f"  [{name}: done at {time.perf_counter() - begun:.0f} s]", flush=True)
    except KeyboardInterrupt:
        print("  [interrupted: what was measured is written]")
    write(report, versions, asked.out)
    print(f"\n{time.perf_counter() - begun:.0f} s; written to {asked.out}")


if __name__ == "__main__":
    main()
