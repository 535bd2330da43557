"""Search by what words mean and by what images show: one encoder turns both into vectors of one space."""
