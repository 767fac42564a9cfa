"""What every other package stands on: errors, names, units, constants, species and sources."""
