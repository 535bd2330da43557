"""The projected heads: what they see, what they learn, what is saved with them."""

import pytest
import torch

from ecomgan.networks.discriminator import ProjectedDiscriminator, group_deviation

VOCABULARY = {"article_type": ["Bags", "Caps"], "colour": ["Red", "Blue"], "usage": ["Casual"]}
CHANNELS = (4, 6, 8, 10)


@pytest.fixture
def heads() -> ProjectedDiscriminator:
    torch.manual_seed(0)
    return ProjectedDiscriminator(
        VOCABULARY, "lite0", feature_channels=CHANNELS, mixed_channels=(8, 8, 8, 8), width=8, embedding_dim=4
    )


def features(count: int) -> list[torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    sizes = [(40, 32), (20, 16), (10, 8), (5, 4)]
    return [torch.randn(count, c, *size, generator=source) for c, size in zip(CHANNELS, sizes, strict=True)]


def test_every_head_gives_one_map_of_logits_at_the_coarsest_size(heads: ProjectedDiscriminator) -> None:
    logits = heads(features(4), torch.ones(4, 3, dtype=torch.int64), group=2)
    assert [tuple(head.shape) for head in logits] == [(4, 1, 5, 4)] * 4


def test_the_condition_changes_the_judgement(heads: ProjectedDiscriminator) -> None:
    trunks = heads.trunks(features(2))
    fits = heads.judge(trunks, torch.tensor([[1, 1, 1], [1, 1, 1]]))
    other = heads.judge(trunks, torch.tensor([[1, 2, 1], [1, 1, 1]]))
    assert all(not torch.allclose(a[0], b[0]) and torch.allclose(a[1], b[1]) for a, b in zip(fits, other, strict=True))


def test_mixing_is_fixed_and_the_rest_learns(heads: ProjectedDiscriminator) -> None:
    sum(head.sum() for head in heads(features(2), torch.ones(2, 3, dtype=torch.int64))).backward()
    assert all(parameter.grad is None for parameter in heads.mixing.parameters())
    assert all(p.grad is not None for name, p in heads.named_parameters() if not name.startswith("mixing"))


def test_images_of_a_group_that_are_alike_show() -> None:
    alike = torch.randn(1, 8, 2, 2).expand(2, -1, -1, -1)
    different = torch.randn(2, 8, 2, 2, generator=torch.Generator().manual_seed(0))
    deviation = group_deviation(torch.cat([alike, different]), group=2)
    assert deviation.shape == (4, 4, 2, 2)
    assert deviation[:2].max() < 1e-3 < deviation[2:].min()
    torch.testing.assert_close(deviation[2], deviation[3])
    expected = different.std(dim=0, unbiased=False).reshape(4, 2, 2, 2).mean(dim=1)
    torch.testing.assert_close(deviation[2], expected, atol=1e-4, rtol=1e-4)


def test_a_frozen_backbone_is_not_saved_with_the_heads_and_a_learned_one_is() -> None:
    sizes = {"feature_channels": (32, 64, 128, 128), "mixed_channels": (8, 8, 8, 8), "width": 8}
    frozen = ProjectedDiscriminator(VOCABULARY, "lite0", **sizes)
    learned = ProjectedDiscriminator(VOCABULARY, "none", **sizes)
    assert not any(name.startswith("pyramid") for name in frozen.state_dict())
    assert any(name.startswith("pyramid") for name in learned.state_dict())
