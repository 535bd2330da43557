"""Each figure tells what it is named for."""

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from ecomgan.detail import figures
from ecomgan.detail.degrade import SCALE

Pixels = npt.NDArray[np.uint8]


def photos(count: int = 3) -> Pixels:
    """Noise with the spectrum of photos, 320x256: power falls with the square of the frequency."""
    draw = np.random.default_rng(0)
    radius = np.hypot(np.fft.fftfreq(320)[:, None], np.fft.fftfreq(256)[None]) + 1 / 320
    made = []
    for _ in range(count):
        spectrum = np.fft.fft2(draw.standard_normal((320, 256))) / radius
        grey = np.fft.ifft2(spectrum).real
        made.append(np.repeat((128 + 40 * grey / grey.std())[..., None], 3, axis=2))
    return np.clip(np.stack(made), 0, 255).astype(np.uint8)


def brought_to(images: Pixels, height: int) -> Pixels:
    """Down to `height` and back."""
    size = round(256 * height / 320), height
    kernel = Image.Resampling.LANCZOS
    return np.stack([np.asarray(Image.fromarray(i).resize(size, kernel).resize((256, 320), kernel)) for i in images])


def test_both_heights_find_what_photos_were_brought_down_to() -> None:
    real = photos()
    for height in (100, 160, 240):
        assert abs(figures.effective_height(brought_to(real, height), real) - height) <= 24
        assert abs(figures.agreeing_height(brought_to(real, height), real) - height) <= 24
    assert figures.effective_height(real, real) == 320
    assert figures.agreeing_height(real, real) == 320


def test_invented_texture_counts_as_energy_and_not_as_agreement() -> None:
    real = photos()
    soft = brought_to(real, 80)
    invented = photos(6)[3:] - brought_to(photos(6)[3:], 80).astype(int)
    textured = np.clip(soft + invented, 0, 255).astype(np.uint8)
    assert figures.effective_height(textured, real) > 250
    assert figures.agreeing_height(textured, real) < 110


def test_checkerboard_rises_with_a_pattern_of_four_pixels() -> None:
    real = photos()
    pattern = np.where((np.arange(320) % 4 == 0)[:, None] & (np.arange(256) % 4 == 0)[None], 3, 0)[..., None]
    assert 0.3 < figures.checkerboard(real) < 2
    assert figures.grid_energy(real, real) == 1
    assert figures.checkerboard(np.clip(real + pattern, 0, 255).astype(np.uint8)) > 4 * figures.checkerboard(real)


def test_ringing_is_what_leaves_the_photos_range_at_edges() -> None:
    edge = np.full((1, 64, 64, 3), 250, dtype=np.uint8)
    edge[:, :, 32:] = 20
    blurred = ndimage.gaussian_filter(edge, (0, 0, 1, 0))
    sharpened = np.clip(1.8 * edge.astype(float) - 0.8 * blurred, 0, 255).astype(np.uint8)
    assert figures.ringing(edge, edge) == 0
    assert figures.ringing(sharpened, edge) > 0.5


def test_colour_shift_is_zero_for_the_input_itself_and_grows_with_another_colour() -> None:
    small = photos(1)[:, ::SCALE, ::SCALE]
    enlarged = np.repeat(np.repeat(small, SCALE, axis=1), SCALE, axis=2)
    assert figures.colour_shift(enlarged, small) < 0.1
    assert figures.colour_shift(enlarged // 2, small) > 5


def test_psnr_of_a_shift_by_one_level() -> None:
    real = photos(1) // 2
    assert abs(figures.psnr(real + 1, real) - 48.13) < 0.01
