import numpy as np
import numpy.typing as npt
import pytest
import torch
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from ecomgan.metrics.frechet_distance import frechet_distance
from ecomgan.metrics.kernel_distance import kernel_distance
from ecomgan.metrics.precision_recall import precision_recall
from ecomgan.metrics.variety import feature_variety, pixel_variety

Features = npt.NDArray[np.float64]


def gaussian(seed: int, rows: int = 120, mean: float = 0.0, spread: float = 1.0, dimensions: int = 12) -> Features:
    return mean + spread * np.random.default_rng(seed).standard_normal((rows, dimensions))


class AsFeatures(torch.nn.Module):
    """Lets torchmetrics take features for images."""

    num_features = 12

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.flatten(1)


def as_images(features: Features) -> torch.Tensor:
    return torch.from_numpy(features)[:, :, None, None].float()


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance` will save:UserWarning")
def test_kernel_distance_agrees_with_torchmetrics() -> None:
    generated, real = gaussian(0, mean=0.3), gaussian(1)
    reference = KernelInceptionDistance(feature=AsFeatures(), subsets=1, subset_size=len(real), normalize=False)
    reference.update(as_images(real), real=True)
    reference.update(as_images(generated), real=False)
    assert kernel_distance(generated, real).value == pytest.approx(float(reference.compute()[0]), rel=1e-4)


def test_kernel_distance_agrees_with_its_definition() -> None:
    x, y = gaussian(2, rows=45, mean=0.5), gaussian(3, rows=50)

    def kernel(a: Features, b: Features) -> float:
        return float((a @ b / len(a) + 1) ** 3)

    within_x = np.mean([kernel(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j])
    within_y = np.mean([kernel(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j])
    between = np.mean([kernel(a, b) for a in x for b in y])
    assert kernel_distance(x, y).value == pytest.approx(within_x + within_y - 2 * between)


def test_kernel_distance_interval_holds_zero_for_equal_sources_and_not_for_others() -> None:
    same, other = kernel_distance(gaussian(4), gaussian(5)), kernel_distance(gaussian(6, mean=1.0), gaussian(7))
    assert same.low < 0 < same.high
    assert 0 < other.low < other.value < other.high


def test_kernel_distance_interval_holds_the_true_value_as_often_as_it_says() -> None:
    truth = kernel_distance(gaussian(8, rows=6000, mean=0.5), gaussian(9, rows=6000)).value
    tries = [kernel_distance(gaussian(100 + 2 * i, mean=0.5), gaussian(101 + 2 * i)) for i in range(60)]
    assert sum(found.low <= truth <= found.high for found in tries) >= 53


def test_kernel_distance_of_paired_sets_is_not_pushed_below_zero() -> None:
    """Sets of the same conditions: far apart from each other, near to their counterparts."""
    values, naive = [], []
    for i in range(20):
        conditions = 2 * gaussian(200 + i, rows=60)
        x, y = conditions + gaussian(300 + i, rows=60), conditions + gaussian(400 + i, rows=60)
        values.append(kernel_distance(x, y, paired=True).value)
        naive.append(kernel_distance(x, y).value)
    standard_error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * standard_error
    assert np.mean(naive) < -3 * standard_error


def test_kernel_distance_of_paired_sets_agrees_with_its_definition() -> None:
    x, y = gaussian(2, rows=45, mean=0.5), gaussian(3, rows=45)
    total = 0.0
    for i in range(45):
        for j in range(45):
            if i != j:
                kernels = [(a @ b / 12 + 1) ** 3 for a, b in ((x[i], x[j]), (y[i], y[j]), (x[i], y[j]), (x[j], y[i]))]
                total += kernels[0] + kernels[1] - kernels[2] - kernels[3]
    assert kernel_distance(x, y, paired=True).value == pytest.approx(total / (45 * 44))
    with pytest.raises(ValueError, match="paired sets have one length; got 45 and 44 rows"):
        kernel_distance(x, y[:44], paired=True)


def test_kernel_distance_refuses_sets_too_small_for_an_interval() -> None:
    with pytest.raises(ValueError, match="at least 40 rows"):
        kernel_distance(gaussian(0, rows=39), gaussian(1))


def test_frechet_distance_agrees_with_torchmetrics() -> None:
    generated, real = gaussian(0, mean=0.4, spread=1.5), gaussian(1)
    reference = FrechetInceptionDistance(feature=AsFeatures(), input_img_size=(12, 1, 1), normalize=False)
    reference.set_dtype(torch.float64)
    reference.update(as_images(real), real=True)
    reference.update(as_images(generated), real=False)
    assert frechet_distance(generated, real) == pytest.approx(float(reference.compute()), rel=1e-4)


def test_frechet_distance_of_known_gaussians() -> None:
    """Isotropic Gaussians: d ((m1 - m2)^2 + (s1 - s2)^2)."""
    found = frechet_distance(gaussian(0, rows=200_000, mean=1, spread=2), gaussian(1, rows=200_000, mean=0, spread=1))
    assert found == pytest.approx(12 * (1 + 1), rel=0.02)


def test_frechet_distance_stands_fewer_images_than_dimensions() -> None:
    x = gaussian(0, rows=20, dimensions=64)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(x, x + 1) == pytest.approx(64, rel=1e-6)


def test_precision_recall_agrees_with_its_definition() -> None:
    x, y, k = gaussian(0, rows=40, mean=0.4, dimensions=3), gaussian(1, rows=50, dimensions=3), 5

    def radius(point: Features, points: Features) -> float:
        return float(sorted(np.linalg.norm(points - point, axis=1))[k])

    in_real = [[np.linalg.norm(a - b) <= radius(b, y) for b in y] for a in x]
    in_generated = [[np.linalg.norm(a - b) <= radius(a, x) for a in x] for b in y]
    found = precision_recall(x, y)
    assert found.precision == pytest.approx(np.mean([any(row) for row in in_real]))
    assert found.recall == pytest.approx(np.mean([any(row) for row in in_generated]))
    assert found.density == pytest.approx(np.sum(in_real) / (k * len(x)))
    assert found.coverage == pytest.approx(np.mean(np.any(in_real, axis=0)))


def test_one_good_image_over_and_over_has_precision_without_recall() -> None:
    real = gaussian(0, rows=200, dimensions=4)
    found = precision_recall(real[:1] + 1e-3 * gaussian(1, rows=200, dimensions=4), real)
    assert found.precision > 0.95
    assert found.recall < 0.05
    assert found.coverage < 0.1


def test_precision_recall_refuses_sets_without_enough_neighbours() -> None:
    with pytest.raises(ValueError, match="more than 5 rows"):
        precision_recall(gaussian(0, rows=5), gaussian(1))


def test_variety_is_the_mean_distance_of_all_pairs() -> None:
    points = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    assert feature_variety(points) == pytest.approx((5 + 0 + 5) / 3)
    black_and_white = np.stack([np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)])
    assert pixel_variety(black_and_white) == pytest.approx(2 * np.sqrt(12))


def test_variety_of_one_image_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        feature_variety(gaussian(0, rows=1))
