"""Samples of the posterior by emcee, the one module that imports it: constants as they agree with data, bounds and priors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pumpleak.base.errors import ModelError
from pumpleak.fitting.data import Array
from pumpleak.fitting.identify import covariance
from pumpleak.fitting.objective import Objective

INSTALL = "pip install 'pumpleak[fit]'"
BURNT = 0.3  # share of the steps that is left out, in which walkers still come from where they began
SPREAD = 0.5  # of a standard deviation: how far from the best point walkers begin
WIDEST = 0.1  # of the range of a constant, where the data hardly hold it


@dataclass(frozen=True)
class Sample:
    """Coordinates drawn from the posterior (draws, constants). acceptance: share of steps taken, best between 0.2 and 0.5.

    correlation: steps after which draws forget each other; estimates are sound from 50 times as many steps on.
    """

    names: tuple[str, ...]
    coordinates: Array
    values: Array
    acceptance: float
    correlation: float
    steps: int

    def quantiles(self, *shares: float) -> Array:
        """Values (shares, constants) below which these shares of the draws lie. [internal units]"""
        return np.asarray(np.quantile(self.values, shares, axis=0), dtype=np.float64)


def sampled(objective: Objective, x: Array, jacobian: Array, steps: int, walkers: int | None, seed: int) -> Sample:
    """Draw from the posterior around the best coordinates.

    Raises ModelError where emcee is not installed, and for fewer walkers than it needs.
    """
    try:
        import emcee
    except ImportError as error:
        raise ModelError(f"sampling needs emcee, which is not installed ({error}); install it with: {INSTALL}") from None
    size = len(x)
    count = walkers if walkers is not None else max(2 * size + 2, 16)
    if count < 2 * size or steps < 10:
        raise ModelError(f"{count} walkers and {steps} steps for {size} constants; give at least {2 * size} walkers "
                         "and 10 steps")
    lower, upper = objective.bounds
    random = np.random.default_rng(seed)
    spread = np.minimum(SPREAD * np.sqrt(np.diag(covariance(jacobian))), WIDEST * (upper - lower))
    inside = 1e-6 * (upper - lower)
    begin = np.clip(x + spread * random.standard_normal((count, size)), lower + inside * random.random((count, size)),
                    upper - inside * random.random((count, size)))

    def logarithm(at: Array) -> float:
        if np.any((at < lower) | (at > upper)):
            return -np.inf
        residuals = objective.residuals(np.asarray(at, dtype=np.float64))
        return -0.5 * float(residuals @ residuals)

    sampler = emcee.EnsembleSampler(count, size, logarithm)
    state = np.random.RandomState(seed).get_state()  # what emcee takes as its own source of random numbers
    sampler.run_mcmc(emcee.State(begin, random_state=state), steps)
    chain = np.asarray(sampler.get_chain(discard=int(BURNT * steps), flat=True), dtype=np.float64)
    values = np.array([objective.values(each) for each in chain])
    correlation = float(np.nanmax(sampler.get_autocorr_time(quiet=True, tol=0)))
    return Sample(tuple(objective.names), chain, values, float(np.mean(sampler.acceptance_fraction)), correlation, steps)
