"""What the second pass is worth beside plain enlargement of the first one's result, on photos at their own size."""

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from ecomgan.detail import figures as measure
from ecomgan.detail.config import HEIGHT, WIDTH
from ecomgan.detail.degrade import degrade
from ecomgan.detail.enlarge import enlarge_image
from ecomgan.detail.photos import DetailPhotos
from ecomgan.detail.second_pass import enlarge_again
from ecomgan.networks.detail import SCALE, DetailNetwork

Pixels = npt.NDArray[np.uint8]

JUDGED_HEIGHT, JUDGED_WIDTH = 400, 320
"""Where photos of 384x288 keep their own pixels: there is no detail to judge by beyond that."""

_PHOTOS = 48
_SEED = 7
_BEYOND = HEIGHT // 2


def second_pass_figures(network: DetailNetwork, photos: DetailPhotos) -> dict[str, Any]:
    """Photos brought down to 80x64 and damaged, through the first pass to 320x256, then to 1280x1024 by Lanczos and by
    the second pass; both brought down to 400x320 and held against the photos.
    """
    number = min(_PHOTOS, len(photos))
    real = np.stack([photos.pixels(index, JUDGED_HEIGHT, JUDGED_WIDTH) for index in range(number)])
    small, plain, again = [], [], []
    seconds = 0.0
    for index, photo in enumerate(real):
        small.append(degrade(_resized(photo, HEIGHT, WIDTH), np.random.default_rng([_SEED, index])))
        first = enlarge_image(network, small[-1])
        plain.append(_resized(first, SCALE * HEIGHT, SCALE * WIDTH))
        began = time.monotonic()
        again.append(enlarge_again(network, first))
        seconds += time.monotonic() - began
    return {
        "photos": number,
        "height": SCALE * HEIGHT,
        "width": SCALE * WIDTH,
        "judged_height": JUDGED_HEIGHT,
        "beyond_height": _BEYOND,
        "seconds": seconds / number,
        "threads": torch.get_num_threads(),
        "lanczos": _against(np.stack(plain), np.stack(small), real),
        "second_pass": _against(np.stack(again), np.stack(small), real),
    }


def _against(made: Pixels, small: Pixels, real: Pixels) -> dict[str, Any]:
    seen = np.stack([_resized(image, JUDGED_HEIGHT, JUDGED_WIDTH) for image in made])
    return {
        "psnr": measure.psnr(seen, real),
        "agreeing_height": measure.agreeing_height(seen, real),
        "fine_energy": measure.fine_energy(seen, real, _BEYOND),
        "ringing": measure.ringing(seen, real),
        "colour_shift": measure.colour_shift(made, small),
        "checkerboard": measure.checkerboard(made),
    }


def _resized(image: Pixels, height: int, width: int) -> Pixels:
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))
