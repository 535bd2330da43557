"""Teaching the two classifiers that look at images: the sealed judge and the ranker.

The judge is sealed: it measures finished checkpoints and nothing else. No generator is trained, stopped, chosen or
ranked by it. The ranker, of another architecture, gives single images their category confidence.
Importing this package loads no torch.
"""

from ecomgan.classifiers.command import add_arguments, run

__all__ = ["add_arguments", "run"]
