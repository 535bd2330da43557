"""Texts and category paths as conditions: what they add starts at nothing, and is learned, kept and exported."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from ecomgan import EcomGANPipeline
from ecomgan.checksums import write_checksums
from ecomgan.data.prepared import category_paths, open_prepared
from ecomgan.errors import CheckpointError, ConditionError, ConfigError, DataError
from ecomgan.networks.conditions import ConditionEmbedding, category_nodes
from ecomgan.networks.generator import Generator
from ecomgan.training.config import TrainConfig
from ecomgan.training.export import export_run
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.state import read_checkpoint
from ecomgan.training.texts import TextBank

WORDS = {"article_type": ["Bags", "Caps", "Hats"], "colour": ["Red", "Blue"]}
PATHS = {"Bags": ["Accessories", "Accessories"], "Caps": ["Apparel", "Accessories"], "Hats": ["Apparel", "Accessories"]}


def test_categories_of_one_name_under_different_ones_are_two_and_keep_their_numbers() -> None:
    nodes = category_nodes(WORDS, PATHS)
    assert nodes.tolist() == [[0, 0], [1, 2], [3, 4], [3, 4]]
    longer = category_nodes({"article_type": [*WORDS["article_type"], "Belts"]}, PATHS | {"Belts": ["Bands"]})
    assert longer[:4].tolist() == nodes.tolist()


def test_what_a_category_learns_is_added_to_all_its_articles() -> None:
    embedding = ConditionEmbedding(WORDS, 4, PATHS)
    plain = ConditionEmbedding(WORDS, 4)
    plain.load_state_dict(embedding.state_dict(), strict=False)
    asked = torch.tensor([[0, 1], [1, 1], [2, 1], [3, 1]])
    assert torch.equal(embedding(asked), plain(asked))  # nothing before anything is learned
    assert embedding.path is not None
    with torch.no_grad():
        embedding.path.weight[4] = 1.0
    changed = (embedding(asked) != plain(asked)).any(dim=1)
    assert changed.tolist() == [False, False, True, True]


def test_a_text_adds_nothing_before_it_is_learned_and_no_text_never_does() -> None:
    embedding = ConditionEmbedding(WORDS, 4, text_dim=8)
    asked, text = torch.tensor([[1, 1], [2, 0]]), torch.nn.functional.normalize(torch.randn(2, 8), dim=1)
    assert torch.equal(embedding(asked, text), embedding(asked))
    with torch.no_grad():
        embedding.text.weight.normal_()
    assert (embedding(asked, text) != embedding(asked)).any()
    assert torch.equal(embedding(asked, torch.zeros(2, 8)), embedding(asked))
    with pytest.raises(ValueError, match="have no text"):
        ConditionEmbedding(WORDS, 4)(asked, text)


def test_texts_and_paths_are_of_the_third_schema_and_of_the_vocabulary() -> None:
    with pytest.raises(ConditionError, match="schema 2 has no category paths and no texts"):
        Generator(WORDS, 2, channels=(16, 8), text_dim=8)
    with pytest.raises(ConditionError, match="paths name 'Gloves'"):
        Generator(WORDS, 3, channels=(16, 8), paths={"Gloves": ["Accessories"]})


# -- texts of photos


def test_texts_are_drawn_noisily_from_their_wordings_and_dropped_by_groups() -> None:
    vectors = np.eye(8, dtype=np.float16)[None, :6].repeat(2, axis=0)  # 2 wordings, 6 photos
    vectors[:, 5] = 0
    config = TrainConfig(group=2, text_dropout=0.5, text_noise=0.1)
    rows = np.tile(np.arange(6), 200)
    drawn = TextBank(vectors, config).draw(rows, np.random.default_rng(0))
    assert drawn.dtype == np.float32
    assert not drawn[rows == 5].any()
    said = drawn.any(axis=1).reshape(-1, 2)
    whole = said[:, 0] & said[:, 1]
    assert ((said.sum(axis=1) == 0) | whole | (rows.reshape(-1, 2) == 5).any(axis=1)).all()
    assert 0.4 < (said[:, 0]).mean() < 0.6
    noise = drawn[drawn.any(axis=1)] - vectors[0, rows[drawn.any(axis=1)]]
    assert np.linalg.norm(noise, axis=1).mean() == pytest.approx(0.1, abs=0.02)


@pytest.fixture(scope="module")
def shelf(tiny_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny set with a category above each article type."""
    folder = shutil.copytree(tiny_set, tmp_path_factory.mktemp("sets") / "shelf")
    table = pq.read_table(folder / "table.parquet")
    above = [{"Bags": "Accessories", "Caps": "Headwear"}[value] for value in table.column("article_type").to_pylist()]
    pq.write_table(table.append_column("master_category", [above]), folder / "table.parquet")
    return folder


def options(tiny_config: TrainConfig, encoder: Path | None) -> TrainConfig:
    more = {"category_levels": ("master_category",), "text_encoder": str(encoder)} if encoder else {}
    return replace(tiny_config, **more)


def test_paths_are_those_of_most_photos_and_a_missing_column_is_named(shelf: Path) -> None:
    photos = open_prepared(shelf, "train")
    found = category_paths(photos, {"article_type": ["Caps", "Bags"], "colour": [], "usage": []}, ["master_category"])
    assert found == {"Caps": ["Headwear"], "Bags": ["Accessories"]}
    with pytest.raises(DataError, match="no column 'shelf_mark'"):
        category_paths(photos, {}, ["shelf_mark"])


@pytest.fixture(scope="module")
def told(shelf: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on texts and paths that started from a checkpoint without either; `old` and `model` are the two."""
    folder = tmp_path_factory.mktemp("told")
    plain = TrainConfig(
        images=32, batch=8, precision="fp32", device="cpu", channels=(16, 8, 8), latent_dim=8, embedding_dim=4,
        style_dim=16, backbone="none", smallest_count=2, evaluate_images=0, lr_generator=5e-3, lr_discriminator=5e-3,
        init_lr_factor=1.0, group=2,
    )  # fmt: skip
    start_training(folder / "plain", shelf, plain)
    export_run(folder / "plain", folder / "old")
    start_training(folder / "run", shelf, options(plain, tiny_encoder), folder / "old")
    export_run(folder / "run", folder / "model")
    return folder


def images(pipe: EcomGANPipeline, *texts: str, **more: object) -> np.ndarray:
    seed = torch.Generator().manual_seed(5)
    made: np.ndarray = pipe(list(texts), generator=seed, output_type="np", **more).images
    return made


def test_a_run_from_a_checkpoint_without_texts_starts_with_its_very_images(
    told: Path, shelf: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    old = EcomGANPipeline.from_pretrained(told / "old")
    assert old.generator.config["condition_schema"] == 2
    saved = json.loads((told / "run" / "run.json").read_text())["config"]
    config = replace(TrainConfig().with_changes(saved), images=8, lr_generator=1e-30, lr_discriminator=1e-30)
    start_training(tmp_path / "run", shelf, config, told / "old")
    export_run(tmp_path / "run", tmp_path / "model")
    new = EcomGANPipeline.from_pretrained(tmp_path / "model")
    assert new.generator.config["condition_schema"] == 3
    assert (images(new, "red bag", "blue cap") == images(old, "red bag", "blue cap")).all()


def test_the_text_is_learned_and_says_more_than_its_attributes(told: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(told / "model")
    assert pipe.generator.config["paths"] == {"Bags": ["Accessories"], "Caps": ["Headwear"]}
    assert pipe.generator.mapping.embedding.text.weight.abs().max() > 0
    assert pipe.generator.mapping.embedding.path.weight[1:].abs().max() > 0
    one, other = images(pipe, "red bag", "red bag of the shop")
    assert (one != other).any()


def test_without_a_text_attributes_alone_are_enough(told: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(told / "model")
    asked = {"article_type": "Bags", "colour": "Red"}
    told_so, silent = images(pipe, "red bag"), images(pipe, "", attributes=asked)
    assert silent.shape == told_so.shape
    assert (silent != told_so).any()
    averages = images(pipe, "red bag", "blue cap", "red bag", truncation=0.0, guidance_scale=1.5)
    assert (averages[0] != averages[1]).any()
    assert (averages[0] == averages[2]).all()


def test_what_attributes_beat_is_reworded_in_the_text(told: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(told / "model")
    beaten = images(pipe, "red bag", attributes={"colour": "Blue"})
    assert (beaten == images(pipe, "Blue bag")).all()


def test_saved_and_opened_again_a_told_checkpoint_makes_the_same(told: Path, tmp_path: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(told / "model")
    pipe.save_pretrained(tmp_path / "copy")
    copy = EcomGANPipeline.from_pretrained(tmp_path / "copy", discriminator=False)
    assert (images(copy, "red bag", "blue cap") == images(pipe, "red bag", "blue cap")).all()


def test_a_told_checkpoint_without_its_text_encoder_does_not_open(told: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(told / "model", tmp_path / "model")
    shutil.rmtree(folder / "text_encoder")
    write_checksums(folder)
    with pytest.raises(CheckpointError, match=r"text encoder of .* cannot be opened"):
        EcomGANPipeline.from_pretrained(folder)
    index = json.loads((folder / "model_index.json").read_text())
    index |= {"text_encoder": [None, None], "tokenizer": [None, None]}
    (folder / "model_index.json").write_text(json.dumps(index))
    write_checksums(folder)
    with pytest.raises(CheckpointError, match="takes texts, but text encoder and tokenizer are NoneType"):
        EcomGANPipeline.from_pretrained(folder)


def test_a_told_run_resumes_bit_by_bit_even_without_the_encoders_folder(
    told: Path, shelf: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    encoder = shutil.copytree(tiny_encoder, tmp_path / "encoder")
    config = replace(
        TrainConfig().with_changes(json.loads((told / "run" / "run.json").read_text())["config"]), images=32
    )
    config = replace(config, text_encoder=str(encoder))
    whole = start_training(tmp_path / "whole", shelf, config)
    start_training(tmp_path / "parted", shelf, replace(config, images=16))
    shutil.rmtree(encoder)
    parted = resume_training(tmp_path / "parted", {"images": 32})
    for one, other in zip(whole.generator.parameters(), parted.generator.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_told_checkpoint_is_taught_on_with_the_encoder_it_brings(
    told: Path, shelf: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    config = TrainConfig().with_changes(json.loads((told / "plain" / "run.json").read_text())["config"])
    state = start_training(tmp_path / "run", shelf, replace(config, images=8, replay=0.5), told / "model")
    assert state.generator.config["text_dim"] == 16
    assert state.generator.config["paths"] == {"Bags": ["Accessories"], "Caps": ["Headwear"]}
    assert read_checkpoint(tmp_path / "run" / "checkpoint.pt")["counters"]["images"] == 8
    with pytest.raises(ConfigError, match="brings its own"):
        start_training(tmp_path / "other", shelf, replace(config, text_encoder=str(tiny_encoder)), told / "model")
