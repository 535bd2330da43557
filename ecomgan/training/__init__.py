"""Training: configuration, losses, loop and checkpoints."""
