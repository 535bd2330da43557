"""Images ranked by a text in three lines, as the README says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ecomgan import EcomGANPipeline

README = Path(__file__).resolve().parents[3] / "README.md"


def test_the_lines_of_the_readme_rank_images_by_a_text() -> None:
    pipe = EcomGANPipeline.from_pretrained(README.parent / "models" / "starter", discriminator=False)
    kinds = [{"article_type": kind} for kind in ("Tshirts", "Watches", "Handbags")]
    seed = torch.Generator().manual_seed(0)
    images = np.asarray(pipe([""] * 3, attributes=kinds, generator=seed, output_type="np").images)
    (lines,) = re.findall(r"```python\n(from ecomgan\.encoder .*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(list(filter(None, lines.splitlines()))) == 3
    for text, first in (("a wrist watch", 1), ("leather handbag", 2), ("cotton t-shirt", 0)):
        names: dict[str, Any] = {"images": images, "np": np}
        exec(lines.replace("red running shoes", text), names)
        assert names["best"][0] == first
