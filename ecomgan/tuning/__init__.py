"""Search for good options of a training: many short ones, each told by its held-out figure."""

from ecomgan.tuning.command import add_arguments, run

__all__ = ["add_arguments", "run"]
