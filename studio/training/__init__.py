"""Teaching a model the catalogue: planned, run in a process of its own, watched, kept."""
