"""How fast the library is: images generated and photos trained on, per second."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image

from ecomgan import EcomGANPipeline
from ecomgan.data.prepare import prepare
from ecomgan.training.config import TrainConfig
from ecomgan.training.fine_tune import start_fine_tuning
from ecomgan.training.loop import start_training
from ecomgan.training.presets import PRESETS
from tests.bench.table import Row

STARTER = Path(__file__).resolve().parents[2] / "models" / "starter"
_IMAGES = 256
_PHOTOS = 320
_TRAINED = 1_920
_WARM = 640


def generator_speed() -> Row:
    """Native images a second of the starter, the fastest dtype of this device, median of five."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    speeds = {}
    for dtype in (torch.float32, torch.bfloat16):
        pipe = EcomGANPipeline.from_pretrained(STARTER, discriminator=False, device=device, dtype=dtype)
        order = {"num_images_per_prompt": _IMAGES, "output_type": "np"}
        pipe("black leather handbag", **order, generator=torch.Generator().manual_seed(0))
        seconds = []
        for seed in range(5):
            started = time.perf_counter()
            pipe("black leather handbag", **order, generator=torch.Generator().manual_seed(seed))
            seconds.append(time.perf_counter() - started)
        speeds[str(dtype).removeprefix("torch.")] = _IMAGES / median(seconds)
    best = max(speeds, key=lambda name: speeds[name])
    both = ", ".join(f"{name} {speed:.0f}" for name, speed in speeds.items())
    return Row("generator, native images", speeds[best], "images/s", ">= 300", f"{best} on {device}; {both}")


def training_speed() -> Row:
    """Photos a second of a training as the starter's, at 80x64, after a warm-up, without grids and evaluations."""
    with tempfile.TemporaryDirectory() as folder:
        source, data, run = (Path(folder) / name for name in ("photos", "prepared", "run"))
        _make_photos(source)
        prepare(source, data, 80, 64)
        config = TrainConfig(images=_TRAINED, smallest_count=2, evaluate_images=0, grid_every=10**9)
        start_training(run, data, config)
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    timed = [(line["images"], line["seconds"]) for line in lines if "images_per_second" in line]
    (first, start), (last, end) = next(t for t in timed if t[0] >= _WARM), timed[-1]
    return Row("training at 80x64", (last - first) / (end - start), "photos/s", ">= 40", f"batch {config.batch}")


def fine_tuning_overhead() -> Row:
    """What replay, figures, grids and checkpoints cost a fine-tuning of the starter, over bare steps of the same size.

    The start is left out of it: making the replayed images and looking at the base take some seconds once.
    """
    preset = PRESETS["quick"]
    bare = TrainConfig(
        images=preset.evaluate_every + _WARM, batch=preset.batch, smallest_count=1, evaluate_images=0, grid_every=10**9
    )
    with tempfile.TemporaryDirectory() as folder:
        source, data, plain, taught = (Path(folder) / name for name in ("photos", "prepared", "plain", "taught"))
        _make_photos(source)
        prepare(source, data, 80, 64, split="catalogue")
        start_training(plain, data, bare, init=STARTER)
        start_fine_tuning(taught, data, STARTER, preset, changes={"images": 2 * preset.evaluate_every + _WARM})
        seconds = [_seconds_an_image(plain, bare.images), _seconds_an_image(taught, 2 * preset.evaluate_every + _WARM)]
    note = f"batch {preset.batch}, {1 / seconds[1]:.0f} against {1 / seconds[0]:.0f} photos/s, start left out"
    return Row("fine-tuning over plain training", 100 * (seconds[1] / seconds[0] - 1), "%", "<= 10", note)


def _seconds_an_image(run: Path, last: int) -> float:
    """Between the end of the warm-up and `last` images."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    clock = {line["images"]: line["seconds"] for line in lines if "seconds" in line}
    return (clock[last] - clock[_WARM]) / (last - _WARM)


def _make_photos(folder: Path) -> None:
    """Coloured rectangles on white with a title each: their content does not matter for speed."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    lines = ["file,title,article_type,colour,usage"]
    colours = {"Red": (200, 30, 30), "Blue": (30, 30, 200), "Black": (20, 20, 20)}
    for number in range(_PHOTOS):
        name, colour = list(colours.items())[number % len(colours)]
        image = np.full((80, 60, 3), 255, np.uint8)
        top, left = draw.integers(2, 30, 2)
        image[top : top + 40, left : left + 25] = colour
        image[top : top + 40, left : left + 25] += draw.integers(0, 40, (40, 25, 1), dtype=np.uint8)
        Image.fromarray(image).save(folder / f"{number}.png")
        lines.append(f"{number}.png,Photo {number},Shirts,{name},Casual")
    (folder / "photos.csv").write_text("\n".join(lines) + "\n")
