"""A branch of rests as a table: the parameter, kind and mark of each rest, its leading eigenvalue, and every quantity."""

from __future__ import annotations

import csv
import io

import numpy as np

from pumpleak.formats.outputs import SHOWN
from pumpleak.formats.tables import header
from pumpleak.lab.branch import Branch


def branch_table(branch: Branch) -> str:
    """Return a branch as the text of a CSV file, row by row in the order of its points; `kind` and `mark` are words."""
    measured = {name: branch.units[name] or "1" for name in (branch.along, *branch.names)}
    shown_in = {name: SHOWN.get(each, each) for name, each in measured.items()}
    numbers = {header(name, shown_in[name]): [repr(value) for value in np.asarray(branch[name].to(shown_in[name])).tolist()]
               for name in measured}
    first, *others = numbers
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([first, "kind", "mark", "leading eigenvalue, real [1/s]", "leading eigenvalue, imaginary [1/s]",
                     "residual [1]", *others])
    for row, point in enumerate(branch.points):
        writer.writerow([numbers[first][row], point.kind, point.mark, repr(point.leading.real), repr(point.leading.imag),
                         repr(point.residual), *(numbers[head][row] for head in others)])
    return stream.getvalue()
