"""The ledger of a run in words: whether it closes, and what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pumpleak.lab.ledger import Ledger, Row


def findings_in(ledger: Ledger) -> str:
    """Which transporters gained free energy although their books close; "" where none did."""
    return ", ".join(f"{row.name} gained free energy (least dissipation {-row.absolute:.2g} {row.unit})"
                     for row in ledger.rows if row.verdict == "finding")


def ledger_line(ledger: Ledger) -> str:
    """The ledger in a line: the worst residual of each law, and what was found."""
    worst: dict[str, Row] = {}
    for row in ledger.rows:
        if row.verdict in ("ok", "breach") and (row.law not in worst or row.residual > worst[row.law].residual):
            worst[row.law] = row
    found = findings_in(ledger)
    if not (worst or found):
        return "ledger: the model keeps no books"
    laws = ", ".join(f"{law} {row.residual:.0e}" for law, row in worst.items())
    closes = "DOES NOT CLOSE" if not ledger.ok else "closes, but for a finding" if found else "closes"
    return f"ledger: {closes} ({laws})" if not found else f"ledger: {closes}: {found}; {laws}"
