"""Enzyme schemes: states and steps with detailed balance, their steady state and their energy."""
