"""Finishing: what is done to a generated image before people see it. numpy and Pillow, no torch but where the step
`detail` is done; deterministic.

A brief carries its steps as JSON, done in their order:

    [{"step": "white_background"}, {"step": "sharpen", "amount": 0.6}, {"step": "resize", "factor": 4},
     {"step": "pad", "width": 1000, "height": 1000, "fill": 0.85}]

| step | parameters |
|---|---|
| white_background | none |
| sharpen | amount (0..2, default 0.6), radius (0.3..5 px, default 1), overshoot (0..64 grey levels, default 8) |
| detail | factor (1 deblurs, 2, 4; default 4): the shipped network adds what is likely; 8, 16: in two passes |
| resize | factor (2 or 4) |
| pad | width, height (16..10000 px), fill (0.1..1, default 0.85) |
| reframe | baseline (0.1..1), width or height (0.1..0.98), centre (0..1, default 0.5): shares of the frame |
"""

from ecomgan.finishing.effective import effective_height
from ecomgan.finishing.reframe import CannotReframe
from ecomgan.finishing.steps import STEPS, Step, apply, parse_steps

__all__ = ["STEPS", "CannotReframe", "Step", "apply", "effective_height", "parse_steps"]
