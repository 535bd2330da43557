"""The detail network: taught on photos whose degraded copies look like generated images; enlarges any image x4.

It finishes generated images (80x64 -> 320x256), enlarges those again tile by tile, and serves uploaded photos.
Importing this package loads no torch.
"""

from ecomgan.detail.command import add_evaluate_arguments, add_train_arguments, run_evaluate, run_train

__all__ = ["add_evaluate_arguments", "add_train_arguments", "run_evaluate", "run_train"]
