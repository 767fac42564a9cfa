"""Transporters: each declares the stoichiometry of its passages and returns only their rates."""
