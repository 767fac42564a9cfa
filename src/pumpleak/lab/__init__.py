"""What is done with a model: protocols, runs, rests, and the ledger that every result carries."""
