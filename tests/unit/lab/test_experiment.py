"""Experiments: names and values are checked against the model when they are made."""

from dataclasses import replace

import pytest
from tests.unit.lab.toys import cell, integrator

from pumpleak.base.errors import ModelError, NameUnknown, PumpleakError, UnitError
from pumpleak.cell.cell import Cell
from pumpleak.formats.catalog import load
from pumpleak.formats.light import light
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import Protocol, hold, pulse, ramp, settle


def dry() -> Cell:
    """The neuron without a path for water: its volumes stay, and are parameters."""
    neuron = load("neuron")
    assert isinstance(neuron, Cell)
    return replace(neuron, transporters=tuple(each for each in neuron.transporters if each.name not in ("water", "water_bath")),
                   values={name: value for name, value in neuron.values.items() if not name.startswith("water")})


def test_values_are_in_force_during_their_segment_only() -> None:
    protocol = hold("1 s", {"outside.K": "8000 uM"}) + hold("2 s")
    first, second = Experiment(cell(), protocol).spans
    assert (first.start, first.end, first.values) == (0.0, 1000.0, {"outside.K": 8.0})
    assert (second.start, second.end, second.values) == (1000.0, 3000.0, {})


def test_a_ramp_begins_at_the_value_in_force() -> None:
    protocol = (ramp("1 s", {"u": "1 fmol/ms"}) + ramp("1 s", {"u": "3 fmol/ms"}) + hold("1 s", {"u": "7 fmol/ms"})
                + ramp("1 s", {"u": "5 fmol/ms"}) + hold("1 s") + ramp("1 s", {"u": ("2 fmol/ms", "1 fmol/ms")}))
    experiment = Experiment(integrator(), protocol)
    assert [span.ramps.get("u") for span in experiment.spans] == [(0.0, 1.0), (1.0, 3.0), None, (7.0, 5.0), None, (2.0, 1.0)]
    assert experiment.ramped == {"u"}


def test_output_times_are_even_or_every_so_often() -> None:
    assert Experiment(integrator(), hold("1 s"), samples=101).interval == 10.0
    assert Experiment(integrator(), hold("1 s"), every="5 ms").interval == 5.0


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: Experiment(cell(), hold("1 s", {"outside.Kk": "8 mM"})), NameUnknown,
     "protocol, segment 1: toy-cell has no parameter 'outside.Kk'; did you mean 'outside.K'"),
    (lambda: Experiment(cell(), hold("1 s") + hold("1 s", {"inside.Na": "8 mM"})), NameUnknown,
     "protocol, segment 2: toy-cell has no parameter 'inside.Na' ('inside.Na' follows from the model)"),
    (lambda: Experiment(cell(), hold("1 s", {"outside.K": "8 mV"})), UnitError,
     "protocol, segment 1: outside.K: '8 mV' is a voltage [mV]; expected a concentration [mM]"),
    (lambda: Experiment(cell(), hold("1 s", {"outside.K": 8.0})), UnitError,
     "protocol, segment 1: outside.K: '8' has no unit; expected a concentration, for example '8 mM'"),
    (lambda: Experiment(cell(), hold("1 s"), record=["membrane.v"]), NameUnknown,
     "experiment: record: toy-cell has no quantity 'membrane.v'; did you mean 'membrane.V'"),
    (lambda: Experiment(cell(), Protocol()), ModelError,
     "experiment: its protocol is 'Protocol(segments=())'; give segments such as hold('10 min')"),
    (lambda: Experiment(cell(), hold("1 s"), start="asleep"), ModelError,  # type: ignore[arg-type]
     "experiment: start 'asleep'; it is 'initial' or 'rest'"),
    (lambda: Experiment(cell(), hold("1 s"), rtol=0.5), ModelError,
     "experiment: rtol 0.5; it must lie between 1e-13 and 0.01"),
    (lambda: Experiment(cell(), hold("1 s"), samples=1), ModelError,
     "experiment: samples '1'; give a whole number from 2 to 10000000"),
    (lambda: Experiment(cell(), hold("1 s"), every="-1 s"), ModelError,
     "experiment: every '-1 s' is not positive; give the time between rows"),
    (lambda: Experiment(cell(), hold("1000 h"), every="0.1 ms"), ModelError,
     "experiment: every '0.1 ms' makes 3.6e+10 rows; at most 10000000 are kept"),
    (lambda: Experiment(cell(), hold("1 s") + hold("1 ms", {"inside.X.amount": "50 fmol"})), ModelError,
     "protocol, segment 2: inside.X.amount '50 fmol': matter would come from nowhere, or be gone; give an amount at the start"),
    (lambda: Experiment(cell(), ramp("1 s", {"inside.X.amount": "50 fmol"})), ModelError,
     "protocol, segment 1: inside.X.amount"),
    (lambda: Experiment(cell(), pulse("1 s", {"inside.X.amount": "50 fmol"})), ModelError,
     "protocol, segment 1: inside.X.amount"),
    (lambda: Experiment(cell(), settle({"inside.X.amount": "50 fmol"}) + hold("1 s")), ModelError,
     "protocol, segment 1: inside.X.amount"),
    (lambda: Experiment(dry(), hold("1 s") + hold("1 s", {"inside.volume": "600 um3"})), ModelError,
     "protocol, segment 2: inside.volume '600 um3': water would come from nowhere, or be gone; give a volume at the start "
     "(with_values, --set), or move it by a transporter of kind 'water'"),
    (lambda: Experiment(dry(), ramp("1 s", {"outside.volume": "100 um3"})), ModelError, "protocol, segment 1: outside.volume"),
    (lambda: Experiment(dry(), ramp("1 s", {"outside.volume": ("125 um3", "125 um3")})), ModelError,
     "protocol, segment 1: outside.volume"),
    (lambda: Experiment("kay-2017", hold("1 s")), ModelError,  # type: ignore[arg-type]
     "'kay-2017' is a name, not a model; load it first: pumpleak.load('kay-2017')"),
])
def test_what_does_not_fit_the_model_is_refused(make, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error) as caught:
        make()
    assert isinstance(caught.value, PumpleakError)
    assert str(caught.value).startswith(message)


def test_a_volume_without_water_is_what_it_is_given_at_the_start() -> None:
    wider = dry().with_values({"outside.volume": "200 um3"})
    assert Experiment(wider, hold("1 s")).labels.parameters["outside.volume"].value == pytest.approx(0.2)
    # a rest asked for alone has no past
    assert Experiment(dry(), settle({"outside.volume": "200 um3"})).spans[0].values == {"outside.volume": pytest.approx(0.2)}


def test_a_rest_asked_for_alone_may_begin_with_any_amounts() -> None:
    assert Experiment(cell(), settle({"inside.X.amount": "50 fmol"})).spans[0].values == {"inside.X.amount": 50.0}


def test_what_follows_is_told_with_what_can_be_set_instead() -> None:
    with pytest.raises(NameUnknown, match=r"\('outside\.K' follows from the model\); K can be set as bath\.K$"):
        Experiment(light("neuron"), hold("1 s", {"outside.K": "12 mM"}))
    with pytest.raises(NameUnknown, match=r"which cannot be held; a current moves it: stimulus\.injected$"):
        Experiment(light("neuron"), hold("1 s", {"membrane.V": "0 mV"}))
