"""pumpleak: the sodium-potassium pump and what it does, from enzyme to cell, in one conserved model.

Public names are loaded from their modules when they are first used, so that `import pumpleak` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from pumpleak.app.compare import Comparison as Comparison
    from pumpleak.app.compare import compare as compare
    from pumpleak.app.fit import fit as fit
    from pumpleak.app.molecule import Trajectories as Trajectories
    from pumpleak.app.molecule import molecule as molecule
    from pumpleak.app.plot import plot as plot
    from pumpleak.base.errors import FormatError as FormatError
    from pumpleak.base.errors import LedgerError as LedgerError
    from pumpleak.base.errors import ModelError as ModelError
    from pumpleak.base.errors import NameUnknown as NameUnknown
    from pumpleak.base.errors import PumpleakError as PumpleakError
    from pumpleak.base.errors import SolveError as SolveError
    from pumpleak.base.errors import UnitError as UnitError
    from pumpleak.base.sources import Source as Source
    from pumpleak.base.units import Quantity as Quantity
    from pumpleak.base.units import quantity as quantity
    from pumpleak.cell.balance import BalanceGoal as BalanceGoal
    from pumpleak.cell.balance import balance as balance
    from pumpleak.cell.cell import Cell as Cell
    from pumpleak.cell.compartment import Bath as Bath
    from pumpleak.cell.compartment import Compartment as Compartment
    from pumpleak.cell.compartment import Impermeant as Impermeant
    from pumpleak.cell.compartment import Metabolism as Metabolism
    from pumpleak.cell.membrane import Membrane as Membrane
    from pumpleak.cell.metabolism import Demand as Demand
    from pumpleak.cell.metabolism import Supply as Supply
    from pumpleak.cell.transport.channel import Channel as Channel
    from pumpleak.cell.transport.cotransport import Cotransporter as Cotransporter
    from pumpleak.cell.transport.exchange import Exchange as Exchange
    from pumpleak.cell.transport.gate import Q10 as Q10
    from pumpleak.cell.transport.gate import Gate as Gate
    from pumpleak.cell.transport.gate import Gating as Gating
    from pumpleak.cell.transport.leak import Leak as Leak
    from pumpleak.cell.transport.rate_pump import RatePump as RatePump
    from pumpleak.cell.transport.reaction import Reaction as Reaction
    from pumpleak.cell.transport.scheme_pump import SchemePump as SchemePump
    from pumpleak.cell.transport.stimulus import Stimulus as Stimulus
    from pumpleak.cell.transport.water import Water as Water
    from pumpleak.enzyme.audit import findings as findings
    from pumpleak.enzyme.binding import Apparent as Apparent
    from pumpleak.enzyme.binding import apparent as apparent
    from pumpleak.enzyme.charge import charge_voltage as charge_voltage
    from pumpleak.enzyme.energy import reversals as reversals
    from pumpleak.enzyme.modes import modes as modes
    from pumpleak.enzyme.rate_law import RateLaw as RateLaw
    from pumpleak.enzyme.reduction import Reduction as Reduction
    from pumpleak.enzyme.reduction import reduce as reduce
    from pumpleak.enzyme.relaxation import Relaxation as Relaxation
    from pumpleak.enzyme.relaxation import jump as jump
    from pumpleak.enzyme.response import respond as steady  # noqa: F401  the name it has here
    from pumpleak.enzyme.scheme import Scheme as Scheme
    from pumpleak.enzyme.speciation import from_totals as from_totals
    from pumpleak.enzyme.step import Step as Step
    from pumpleak.enzyme.tracer import exchange as exchange
    from pumpleak.enzyme.tracer import tracer as tracer
    from pumpleak.fitting.data import Dataset as Dataset
    from pumpleak.fitting.result import Fit as Fit
    from pumpleak.formats.catalog import load as load
    from pumpleak.formats.saving import save as save
    from pumpleak.formats.speciation import speciation as speciation
    from pumpleak.lab.branch import Branch as Branch
    from pumpleak.lab.branch import branch as branch
    from pumpleak.lab.experiment import Experiment as Experiment
    from pumpleak.lab.features import Spikes as Spikes
    from pumpleak.lab.ledger import Ledger as Ledger
    from pumpleak.lab.population import Population as Population
    from pumpleak.lab.population import population as population
    from pumpleak.lab.protocol import Protocol as Protocol
    from pumpleak.lab.protocol import hold as hold
    from pumpleak.lab.protocol import pulse as pulse
    from pumpleak.lab.protocol import ramp as ramp
    from pumpleak.lab.protocol import settle as settle
    from pumpleak.lab.rest import Rest as Rest
    from pumpleak.lab.rest import rest as rest
    from pumpleak.lab.result import Result as Result
    from pumpleak.lab.run import run as run
    from pumpleak.system.system import System as System

_ERRORS = ("FormatError", "LedgerError", "ModelError", "NameUnknown", "PumpleakError", "SolveError", "UnitError")
_NAMES = {
    **{name: ("base.errors", name) for name in _ERRORS},
    "Apparent": ("enzyme.binding", "Apparent"),
    "BalanceGoal": ("cell.balance", "BalanceGoal"),
    "Bath": ("cell.compartment", "Bath"),
    "Branch": ("lab.branch", "Branch"),
    "Cell": ("cell.cell", "Cell"),
    "Channel": ("cell.transport.channel", "Channel"),
    "Comparison": ("app.compare", "Comparison"),
    "Compartment": ("cell.compartment", "Compartment"),
    "Cotransporter": ("cell.transport.cotransport", "Cotransporter"),
    "Dataset": ("fitting.data", "Dataset"),
    "Demand": ("cell.metabolism", "Demand"),
    "Exchange": ("cell.transport.exchange", "Exchange"),
    "Experiment": ("lab.experiment", "Experiment"),
    "Fit": ("fitting.result", "Fit"),
    "Gate": ("cell.transport.gate", "Gate"),
    "Gating": ("cell.transport.gate", "Gating"),
    "Impermeant": ("cell.compartment", "Impermeant"),
    "Leak": ("cell.transport.leak", "Leak"),
    "Ledger": ("lab.ledger", "Ledger"),
    "Membrane": ("cell.membrane", "Membrane"),
    "Metabolism": ("cell.compartment", "Metabolism"),
    "Population": ("lab.population", "Population"),
    "Protocol": ("lab.protocol", "Protocol"),
    "Q10": ("cell.transport.gate", "Q10"),
    "Quantity": ("base.units", "Quantity"),
    "RateLaw": ("enzyme.rate_law", "RateLaw"),
    "RatePump": ("cell.transport.rate_pump", "RatePump"),
    "Reaction": ("cell.transport.reaction", "Reaction"),
    "Reduction": ("enzyme.reduction", "Reduction"),
    "Relaxation": ("enzyme.relaxation", "Relaxation"),
    "Rest": ("lab.rest", "Rest"),
    "Result": ("lab.result", "Result"),
    "Scheme": ("enzyme.scheme", "Scheme"),
    "SchemePump": ("cell.transport.scheme_pump", "SchemePump"),
    "Source": ("base.sources", "Source"),
    "Spikes": ("lab.features", "Spikes"),
    "Step": ("enzyme.step", "Step"),
    "Stimulus": ("cell.transport.stimulus", "Stimulus"),
    "Supply": ("cell.metabolism", "Supply"),
    "System": ("system.system", "System"),
    "Trajectories": ("app.molecule", "Trajectories"),
    "Water": ("cell.transport.water", "Water"),
    "apparent": ("enzyme.binding", "apparent"),
    "balance": ("cell.balance", "balance"),
    "branch": ("lab.branch", "branch"),
    "charge_voltage": ("enzyme.charge", "charge_voltage"),
    "compare": ("app.compare", "compare"),
    "exchange": ("enzyme.tracer", "exchange"),
    "findings": ("enzyme.audit", "findings"),
    "fit": ("app.fit", "fit"),
    "from_totals": ("enzyme.speciation", "from_totals"),
    "hold": ("lab.protocol", "hold"),
    "jump": ("enzyme.relaxation", "jump"),
    "load": ("formats.catalog", "load"),
    "modes": ("enzyme.modes", "modes"),
    "molecule": ("app.molecule", "molecule"),
    "plot": ("app.plot", "plot"),
    "population": ("lab.population", "population"),
    "pulse": ("lab.protocol", "pulse"),
    "quantity": ("base.units", "quantity"),
    "ramp": ("lab.protocol", "ramp"),
    "reduce": ("enzyme.reduction", "reduce"),
    "rest": ("lab.rest", "rest"),
    "reversals": ("enzyme.energy", "reversals"),
    "run": ("lab.run", "run"),
    "save": ("formats.saving", "save"),
    "settle": ("lab.protocol", "settle"),
    "speciation": ("formats.speciation", "speciation"),
    "steady": ("enzyme.response", "respond"),
    "tracer": ("enzyme.tracer", "tracer"),
}
__all__ = ["__version__", *sorted(_NAMES)]


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"pumpleak has no {name!r}; it has {', '.join(sorted(_NAMES))}")
    module, attribute = _NAMES[name]
    found: object = getattr(import_module(f"pumpleak.{module}"), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})
