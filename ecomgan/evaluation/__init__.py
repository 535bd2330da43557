"""Judging a checkpoint on held-out photos: figures, a sample grid, and the model card.

`python -m ecomgan evaluate models/starter --data FOLDER` prints the figures and writes them as JSON; with
`--write-card` they also become the card of the checkpoint folder. All figures of a card come from that one run.
Importing this package loads no torch: `run` does.
"""

from ecomgan.evaluation.command import add_arguments, run

__all__ = ["add_arguments", "run"]
