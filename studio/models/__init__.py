"""Which model versions there are, which is in production, and who put it there."""
