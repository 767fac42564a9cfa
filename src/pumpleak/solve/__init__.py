"""Numerical methods as data, the solver's memory and the Program protocol: numbers only, no cells and no compiler."""
