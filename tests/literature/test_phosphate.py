"""The default pump and phosphate, which none of its data has: what was put in, by another route."""

import numpy as np

from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load


def test_phosphate_of_a_cell_hardly_slows_it_and_fifteen_millimolar_halve_it() -> None:
    """An earlier fit was free to lower its turnover in cells by phosphate, and was slowed threefold by 1.5 mM."""
    scheme = load("post-albers")
    assert isinstance(scheme, Scheme)
    turnover = respond(scheme, {"inside.Na": 50.0, "membrane.V": -80.0, "inside.Pi": np.array([1e-3, 1.5, 15.0])},
                       "physiological").turnover
    assert turnover[1] > 0.88 * turnover[0]
    assert 0.4 < turnover[2] / turnover[0] < 0.6
