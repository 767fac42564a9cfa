"""The neuron's volume for an hour without its pump: an identity where no anion can cross, swelling where one can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pumpleak.app.claims.volume import NEURON_SHUT
from pumpleak.formats.catalog import light, study
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.run import run

SHUT = study(NEURON_SHUT).experiment
KEPT = 1e-3  # what the identity is asked to hold, in the hour as at its end


def growth(experiment: Experiment) -> NDArray[np.float64]:
    """Volume over that at rest, less 1, in each row from the stop of the pump to the end of its hour."""
    result = run(experiment)
    volume, span = result.column("inside.volume"), result.segments[1]
    assert result.complete
    assert result.ledger.ok
    assert span.values == {"pump.activity": 0.0}
    assert span.end - span.start == 3.6e6
    time = np.asarray(result.time.to("ms"))
    within = (time >= span.start) & (time <= span.end)
    assert np.max(np.diff(time[within])) <= 1000.0 + 1e-6  # a row a second, so that no minute is passed over
    relative: NDArray[np.float64] = volume[within] / volume[0] - 1.0
    return relative


def test_the_neuron_without_anion_paths_keeps_its_volume_all_the_hour() -> None:
    """Sodium takes the place of potassium; the space, too, must not grow dilute while its potassium goes to the bath."""
    found = growth(SHUT)
    assert np.max(np.abs(found)) < KEPT
    assert np.max(found) < 1e-4  # as the experiment's summary says; 4.4e-5
    assert np.min(found) > -1e-6  # nothing draws water out


def test_one_path_for_chloride_alone_lets_it_swell() -> None:
    """The leak left open and both cotransporters off: by 18.6 % in the hour, by 9.5 % in its first quarter."""
    cell = light("neuron", {"kcc2.conductance": "0 mS/cm2", "nkcc1.conductance": "0 mS/cm2"})
    found = growth(replace(SHUT, model=cell))
    assert 0.15 < found[-1] < 0.22
    assert found[len(found) // 4] > 0.05
    assert np.all(np.diff(found) > -1e-9)
