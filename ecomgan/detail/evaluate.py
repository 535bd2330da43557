"""Measuring a detail network on held-out photos, beside plain enlargement of the same inputs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from ecomgan.checksums import sha256_of
from ecomgan.detail import figures as measure
from ecomgan.detail.degrade import SCALE
from ecomgan.detail.enlarge import enlarge_batch
from ecomgan.detail.measure_second_pass import second_pass_figures
from ecomgan.detail.opening import WEIGHTS, open_detail
from ecomgan.detail.photos import open_photos
from ecomgan.detail.pictures import sheet
from ecomgan.errors import RequestError
from ecomgan.networks.backbone import Backbone, BackboneName
from ecomgan.networks.detail import DetailNetwork

Pixels = npt.NDArray[np.uint8]

_SHOWN = 8
_SOME = 100
"""Photos for what takes long: features, spectra, undamaged copies."""
_GENERATED = 80
_SPEED_BATCH, _SPEED_SECONDS = 8, 4.0
_FEATURE_BATCH = 16


@dataclass(frozen=True)
class Evaluation:
    """figures: what `evaluation.json` holds. pictures: name -> uint8 (H, W, 3)."""

    figures: dict[str, Any]
    pictures: dict[str, Pixels]

    def write_pictures(self, folder: Path) -> None:
        """Write each picture as a PNG."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, picture in self.pictures.items():
            Image.fromarray(picture).save(folder / f"{name}.png")


def evaluate(model: Path, data: Path, split: str, most: int, generator: Path | None) -> Evaluation:
    """Figures and pictures of the network in `model`; most: photos at most, 0 for all.

    Raises RequestError for a negative number of them, CheckpointError and DataError.
    Features are Lite2's on the validation split and Lite0's on dev: what chooses never sees what judges.
    """
    if most < 0:
        raise RequestError(f"photos is {most}; at most so many are measured, 0 for all")
    network = open_detail(model)
    photos = open_photos(data, split)
    space: BackboneName = "lite2" if split == "validation" else "lite0"
    large, small = measure.degraded(photos, most)
    made, plain = enlarge_batch(network, small), bicubic(small)
    features = _features(space)
    wanted = features(large[:_SOME])
    distance = f"feature_distance_{space}"
    both = {
        name: _against(images, small, large) | {distance: _distance(features(images[:_SOME]), wanted)}
        for name, images in (("finished", made), ("bicubic", plain))
    }
    found: dict[str, Any] = {
        "weights_sha256": sha256_of(model / WEIGHTS),
        "data": {"name": photos.name, "sha256": photos.sha256, "split": split, "photos": len(large)},
        "degraded": both
        | {"input_height": small.shape[1], "photos": {"checkerboard": measure.checkerboard(large[:_SOME])}},
        "undamaged": _undamaged(network, large[:_SOME]),
        "second_pass": second_pass_figures(network, photos),
        "images_per_second": _speeds(network),
    }
    pictures = {"photos": sheet({"input": small, "bicubic": plain, "finished": made, "photo": large}, _SHOWN)}
    if generator is not None:
        found["generated"], pictures["generated"] = _generated(network, generator, large)
    return Evaluation(measure.rounded(found), pictures)


def bicubic(images: Pixels) -> Pixels:
    """uint8 (N, H, W, 3) -> (N, 4H, 4W, 3) by Pillow's bicubic interpolation."""
    height, width = images.shape[1] * SCALE, images.shape[2] * SCALE
    enlarged = [Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC) for image in images]
    return np.stack([np.asarray(image) for image in enlarged])


def _against(made: Pixels, small: Pixels, large: Pixels) -> dict[str, Any]:
    some, wanted = made[:_SOME], large[:_SOME]
    return {
        "colour_shift": measure.colour_shift(made, small),
        "psnr": measure.psnr(made, large),
        "checkerboard": measure.checkerboard(some),
        "grid_energy": measure.grid_energy(some, wanted),
        "ringing": measure.ringing(made, large),
        "effective_height": measure.effective_height(some, wanted),
        "agreeing_height": measure.agreeing_height(some, wanted),
    }


def _undamaged(network: DetailNetwork, large: Pixels) -> dict[str, Any]:
    """Of photos that were brought down and not damaged: what the network costs a good input."""
    height, width = large.shape[1] // SCALE, large.shape[2] // SCALE
    kernel = Image.Resampling.LANCZOS
    small = np.stack([np.asarray(Image.fromarray(photo).resize((width, height), kernel)) for photo in large])
    return {
        "photos": len(large),
        "finished": _against(enlarge_batch(network, small), small, large),
        "bicubic": _against(bicubic(small), small, large),
    }


def _generated(network: DetailNetwork, folder: Path, large: Pixels) -> tuple[dict[str, Any], Pixels]:
    """Of images of a generator, as they come: the most frequent article types, ten seeds and more each."""
    from ecomgan import EcomGANPipeline
    from ecomgan.evaluation.samples import grid_conditions

    pipe = EcomGANPipeline.from_pretrained(folder, discriminator=False)
    asked = grid_conditions(pipe)
    made = np.asarray(
        pipe(
            [""] * len(asked),
            attributes=asked,
            num_images_per_prompt=_GENERATED // len(asked),
            generator=torch.Generator().manual_seed(0),
            output_type="np",
        ).images
    )
    finished, plain = enlarge_batch(network, made), bicubic(made)
    found = {"images": len(made), "generator_sha256": sha256_of(folder / "generator" / WEIGHTS)}
    for name, images in (("finished", finished), ("bicubic", plain)):
        found[name] = {
            "colour_shift": measure.colour_shift(images, made),
            "checkerboard": measure.checkerboard(images),
            "grid_energy": measure.grid_energy(images, large[:_SOME]),
            "effective_height": measure.effective_height(images, large),
        }
    rows = np.arange(0, len(made), len(made) // _SHOWN)
    return found, sheet({"input": made[rows], "bicubic": plain[rows], "finished": finished[rows]}, _SHOWN)


def _speeds(network: DetailNetwork) -> dict[str, Any]:
    """80x64 -> 320x256, all threads of this process; what else the machine does counts against it."""
    images = np.full((_SPEED_BATCH, 80, 64, 3), 200, dtype=np.uint8)
    speeds: dict[str, Any] = {"threads": torch.get_num_threads()}
    for name, dtype in (("bf16", torch.bfloat16), ("fp32", torch.float32)):
        enlarge_batch(network, images, dtype)
        wall, cpu, done = time.monotonic(), time.process_time(), 0
        while time.monotonic() - wall < _SPEED_SECONDS:
            enlarge_batch(network, images, dtype)
            done += len(images)
        speeds[name] = done / (time.monotonic() - wall)
        speeds[f"{name}_per_cpu_second"] = done / (time.process_time() - cpu)
    return speeds


def _features(space: BackboneName) -> Callable[[Pixels], npt.NDArray[np.float32]]:
    """Pooled features of images at their own size, (N, 1280)."""
    network = Backbone(space).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def extract(images: Pixels) -> npt.NDArray[np.float32]:
        done = []
        for start in range(0, len(images), _FEATURE_BATCH):
            batch = torch.from_numpy(images[start : start + _FEATURE_BATCH]).permute(0, 3, 1, 2).float() / 127.5 - 1
            done.append(network.embed(batch.contiguous(memory_format=torch.channels_last)).numpy())
        return np.concatenate(done)

    return extract


def _distance(made: npt.NDArray[np.float32], wanted: npt.NDArray[np.float32]) -> float:
    """Mean Euclidean distance of each image's features to its photo's."""
    return float(np.linalg.norm(made - wanted, axis=1).mean())
