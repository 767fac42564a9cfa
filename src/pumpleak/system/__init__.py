"""The one symbolic model that cells, schemes and foreign files lower to, and that is compiled, exported or printed."""
