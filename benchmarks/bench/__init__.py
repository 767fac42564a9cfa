"""Measurements of pumpleak side by side with the programs that users would otherwise take."""
