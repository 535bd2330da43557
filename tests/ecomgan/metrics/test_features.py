import numpy as np
import pytest

from ecomgan.metrics.features import FeatureExtractor


@pytest.fixture(scope="module")
def extractor() -> FeatureExtractor:
    return FeatureExtractor()


def test_an_image_has_the_same_features_alone_and_in_a_batch(extractor: FeatureExtractor) -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 80, 64, 3), dtype=np.uint8)
    together = extractor(images)
    assert together.shape == (5, 1280)
    assert np.allclose(together[3], extractor(images[3:4])[0], atol=1e-4)


def test_features_tell_pictures_apart_and_stand_enlarging(extractor: FeatureExtractor) -> None:
    gradient = np.linspace(0, 255, 80, dtype=np.uint8)[:, None, None]
    upright = np.broadcast_to(gradient, (80, 64, 3))
    turned = np.ascontiguousarray(upright[::-1])
    enlarged = np.repeat(np.repeat(upright, 2, axis=0), 2, axis=1)
    first, second, third = (extractor(picture[None])[0] for picture in (upright, turned, enlarged))
    assert np.linalg.norm(first - third) < 0.5 * np.linalg.norm(first - second)


def test_floats_are_refused(extractor: FeatureExtractor) -> None:
    with pytest.raises(ValueError, match="uint8"):
        extractor(np.zeros((1, 80, 64, 3)))
