"""The same seed in another colour, and how well images fit their titles."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tqdm import tqdm

from ecomgan import EcomGANPipeline
from ecomgan.data.prepared import open_prepared
from ecomgan.encoder import open_encoder
from ecomgan.evaluation.counterfactual import counterfactual_figures, counterfactual_images
from ecomgan.evaluation.held_out import HeldOut, choose_held_out
from ecomgan.evaluation.matching import match_figures
from ecomgan.evaluation.report import tables
from ecomgan.networks.generator import Generator


@pytest.fixture
def held_out(checkpoint: Path, prepared: Path) -> HeldOut:
    pipe = EcomGANPipeline.from_pretrained(checkpoint)
    return choose_held_out(open_prepared(prepared, "validation"), pipe.vocabulary, 40)


def test_a_generator_that_ignores_the_colour_keeps_the_whole_shape(checkpoint: Path, held_out: HeldOut) -> None:
    pipe = EcomGANPipeline.from_pretrained(checkpoint)
    with torch.no_grad():
        colours = pipe.generator.mapping.embedding.tables[1].weight
        colours.copy_(colours[:1].expand_as(colours))
    with tqdm(disable=True) as bar:
        found = counterfactual_figures(pipe, held_out, (1, 2), bar)
    assert found["same_seed"]["value"] == pytest.approx(1.0)
    assert found["other_seed"]["low"] <= found["other_seed"]["value"] <= found["other_seed"]["high"]
    assert 0 < found["pairs"] <= 40
    assert counterfactual_images(held_out, (1, 2)) == 6 * found["pairs"]


def test_figures_are_the_same_again_and_have_a_table(checkpoint: Path, held_out: HeldOut) -> None:
    pipe = EcomGANPipeline.from_pretrained(checkpoint)
    with tqdm(disable=True) as bar:
        first, again = (counterfactual_figures(pipe, held_out, (1,), bar) for _ in range(2))
    assert first == again
    empty = {"distances": {}, "accuracy": {}, "variety": [], "variety_share": {}, "categories": [], "birth_scores": {}}
    copying = {space: {key: {"value": 1.0} for key in ("generated", "held_out", "ratio", "very_near")} for space in
               ("catalog", "lite2")}  # fmt: skip
    shown = tables(empty | {"copying": copying, "counterfactual": first})
    assert "Same seed, another colour" in [table.title for table in shown]
    assert "Same seed, another colour" not in [table.title for table in tables(empty | {"copying": copying})]


def test_a_checkpoint_of_one_colour_has_no_such_figure(prepared: Path) -> None:
    torch.manual_seed(0)
    words = {"article_type": ["Bags", "Belts"], "colour": ["Red"], "usage": ["Casual"]}
    one = Generator(
        words, base_height=4, base_width=4, channels=(16, 8, 8), latent_dim=8, embedding_dim=4, style_dim=16
    )
    pipe = EcomGANPipeline(one)
    held_out = choose_held_out(open_prepared(prepared, "validation"), pipe.vocabulary, 40)
    with tqdm(disable=True) as bar:
        assert counterfactual_figures(pipe, held_out, (1,), bar) == {}


def test_photos_match_their_own_titles_better_than_others(tiny_encoder: Path, tiny_set: Path) -> None:
    encoder, photos = open_encoder(tiny_encoder), open_prepared(tiny_set, "train")
    rows = np.arange(len(photos))
    vectors, order = encoder.images(photos.pixels(rows)), np.random.default_rng(0).permutation(len(photos))
    found = match_figures(encoder, photos.columns["title"], vectors, [vectors, vectors[order]], order)
    assert found["shuffled"]["value"] < found["generated"]["value"] < found["real"]["value"] <= 100
    assert found["encoder_sha256"] == encoder.weights_sha256
