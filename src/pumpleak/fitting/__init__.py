"""Models fitted to measurements: problem, optimisation, profiles, sampling."""
