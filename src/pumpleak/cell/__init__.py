"""A cell: compartments, a membrane and its transporters, checked when built and lowered to one System."""
