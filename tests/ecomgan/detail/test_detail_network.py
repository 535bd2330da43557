"""The network and what enlarges images with it."""

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ecomgan.detail import losses
from ecomgan.detail.enlarge import enlarge_batch, enlarge_image
from ecomgan.errors import RequestError
from ecomgan.networks.detail import DetailNetwork, PatchDiscriminator, enlarge


def taught_a_little(depth: int = 2) -> DetailNetwork:
    """A network whose weights are all random, as after a training: a fresh one adds nothing."""
    torch.manual_seed(0)
    network = DetailNetwork(channels=8, depth=depth)
    torch.nn.init.normal_(network.last.weight, std=0.05)
    return network.requires_grad_(False).eval()


def noise(height: int, width: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_fresh_network_is_the_plain_enlargement() -> None:
    images = torch.rand(2, 3, 7, 5)
    assert torch.allclose(DetailNetwork(8, 2)(images), enlarge(images))


def test_no_pixel_depends_on_more_than_the_reach() -> None:
    network = taught_a_little()
    images = torch.rand(1, 3, 24, 24)
    changed = images.clone()
    changed[0, :, 12, 12] += 1.0
    differs = (network(images) != network(changed)).any(dim=1)[0]
    rows = differs.any(dim=1).nonzero()
    assert rows.min() >= 4 * (12 - network.reach)
    assert rows.max() < 4 * (12 + network.reach + 1)


@pytest.mark.parametrize("factor", [1, 2, 4])
@pytest.mark.parametrize("size", [(40, 33), (9, 64)])
def test_tiles_join_to_the_whole_within_rounding(factor: int, size: tuple[int, int]) -> None:
    network, image = taught_a_little(), noise(*size)
    whole = enlarge_image(network, image, factor, tile=256)
    tiled = enlarge_image(network, image, factor, tile=8)
    assert whole.shape == (size[0] * factor, size[1] * factor, 3)
    assert np.abs(whole.astype(int) - tiled).max() <= 1


def test_a_batch_gives_each_image_what_it_gets_alone() -> None:
    network = taught_a_little()
    images = np.stack([noise(16, 12), noise(16, 12)[::-1]])
    together = enlarge_batch(network, images)
    alone = np.stack([enlarge_image(network, image) for image in images])
    assert np.abs(together.astype(int) - alone).max() <= 1


def test_deblurring_leaves_a_smooth_image_as_it_is() -> None:
    rows = np.linspace(0, 255, 32).astype(np.uint8)
    smooth = np.repeat(np.repeat(rows[:, None, None], 20, axis=1), 3, axis=2)
    made = enlarge_image(DetailNetwork(8, 2).eval(), smooth, 1)
    assert np.abs(made.astype(int) - smooth)[2:-2].max() <= 2


@pytest.mark.parametrize(
    ("image", "factor", "tile", "message"),
    [
        (np.zeros((4, 4, 3), dtype=np.float32), 4, 256, "float32"),
        (np.zeros((4, 0, 3), dtype=np.uint8), 4, 256, r"\(4, 0, 3\)"),
        (np.zeros((4, 4, 3), dtype=np.uint8), 3, 256, "factor is 3"),
        (np.zeros((4, 4, 3), dtype=np.uint8), 4, 7, "tile is 7"),
        (np.broadcast_to(np.uint8(0), (4000, 4000, 3)), 4, 256, "at most 50000000"),
    ],
)
def test_what_cannot_be_enlarged_is_refused(image: npt.NDArray[np.uint8], factor: int, tile: int, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        enlarge_image(DetailNetwork(8, 2), image, factor, tile)  # type: ignore[arg-type]


def test_the_discriminator_judges_each_place() -> None:
    assert PatchDiscriminator(8)(torch.rand(2, 3, 32, 48)).shape == (2, 1, 4, 6)


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="depth 0"):
        DetailNetwork(8, 0)


def test_the_grid_loss_sees_a_checkerboard_and_nothing_else() -> None:
    photo = torch.rand(2, 3, 64, 64)
    lighter = photo + 0.1
    pattern = torch.zeros(64, 64)
    pattern[::4, ::4] = 0.1
    assert losses.grid_loss(lighter, photo) < 1e-6
    assert losses.grid_loss(photo + pattern, photo) > 0.005


def test_losses_are_zero_for_the_photo_itself() -> None:
    photo = torch.rand(2, 3, 32, 32)
    for loss in (losses.pixel_loss, losses.colour_loss, losses.grid_loss):
        assert loss(photo, photo) == 0
    assert losses.feature_loss([photo, photo], [photo, photo]) == 0
