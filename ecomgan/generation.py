"""Images as PNG files, named by what they show and the seed that makes them again."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ecomgan.errors import RequestError
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.state import choose_device

_LONGEST_NAME = 60
_LARGEST_SEED = 2**63 - 1


def generate_files(
    model: Path,
    texts: Sequence[str],
    out: Path,
    *,
    attributes: Mapping[str, str],
    number: int = 4,
    seed: int = 0,
    truncation: float = 1.0,
    guidance: float = 1.0,
    grid: bool = False,
    device: str = "auto",
) -> Iterator[Path]:
    """Write `number` images a text into `out` and give their paths: TEXT-sSEED-K.png, or one grid, a row a text.

    Raises as `EcomGANPipeline` does, and RequestError for an impossible seed or folder, before any file is written.
    """
    if not 0 <= seed <= _LARGEST_SEED:
        raise RequestError(f"seed is {seed}; 0 to {_LARGEST_SEED} was expected")
    if out.exists() and not out.is_dir():
        raise RequestError(f"{out} is a file; a folder for the images was expected")
    pipe = EcomGANPipeline.from_pretrained(model, discriminator=False, device=choose_device(device))
    made = pipe(
        list(texts),
        attributes=attributes,
        num_images_per_prompt=number,
        generator=torch.Generator().manual_seed(seed),
        truncation=truncation,
        guidance_scale=guidance,
        output_type="np",
    ).images
    images = np.asarray(made)
    out.mkdir(parents=True, exist_ok=True)
    if grid:
        yield _save(_as_grid(images, number), out / f"grid-{file_stem(texts[0])}-s{seed}.png")
        return
    for index, image in enumerate(images):
        text, k = divmod(index, number)
        yield _save(image, out / f"{file_stem(texts[text])}-s{seed}-{k}.png")


def file_stem(text: str) -> str:
    """A text as the start of a file name: letters and digits of any script, joined by single dashes."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold().replace("_", " "))
    return "-".join(words)[:_LONGEST_NAME].rstrip("-") or "image"


def _as_grid(images: np.ndarray, columns: int) -> np.ndarray:
    """(rows * columns, H, W, 3) -> (rows * H, columns * W, 3)."""
    count, height, width, _ = images.shape
    rows = images.reshape(count // columns, columns, height, width, 3).swapaxes(1, 2)
    return rows.reshape(count // columns * height, columns * width, 3)


def _save(pixels: np.ndarray, file: Path) -> Path:
    Image.fromarray(pixels).save(file)
    return file
