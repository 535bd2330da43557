"""Photos at full detail, from the source that `ecomgan prepare` reads too."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecomgan.data.decode import decode_image, fit_on_white
from ecomgan.data.sources import read_photos
from ecomgan.data.splits import split_by_title
from ecomgan.detail.config import HEIGHT, WIDTH
from ecomgan.errors import DataError, ImageError

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class DetailPhotos:
    """One split of the photos that are large enough. They stay encoded: decoded they would fill the memory.

    name: of the folder that they came from. too_small: how many were left out.
    """

    encoded: list[bytes]
    name: str
    split: str
    too_small: int

    def __len__(self) -> int:
        return len(self.encoded)

    def pixels(self, index: int, height: int = HEIGHT, width: int = WIDTH) -> Pixels:
        """uint8 (height, width, 3), fitted whole on white as the generator's photos are at a quarter of the size."""
        return fit_on_white(decode_image(self.encoded[index]), height, width)

    @cached_property
    def sha256(self) -> str:
        """Over the bytes of all photos, in order."""
        digest = hashlib.sha256()
        for data in self.encoded:
            digest.update(hashlib.sha256(data).digest())
        return digest.hexdigest()


def open_photos(source: Path, split: str) -> DetailPhotos:
    """The photos of `split` ("train", "dev" or "validation"), split by title as all sets are.

    Left out are photos that do not fill 320 pixels of height or 256 of width: they hold no detail to learn.
    Raises DataError where the source cannot be read or nothing is left.
    """
    encoded, too_small = [], 0
    for photo in read_photos(source):
        if split_by_title(photo.title, photo.split) != split:
            continue
        try:
            image = decode_image(photo.data)
        except ImageError as error:
            raise DataError(f"{photo.origin}: {error}") from error
        if image.height < HEIGHT and image.width < WIDTH:
            too_small += 1
            continue
        encoded.append(photo.data)
    if not encoded:
        raise DataError(
            f"{source} holds no photo of split {split!r} with {HEIGHT} pixels of height or {WIDTH} of width; "
            f"{too_small} are smaller"
        )
    return DetailPhotos(encoded, source.resolve().name, split, too_small)
