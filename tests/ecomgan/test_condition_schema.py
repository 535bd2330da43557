"""Checkpoints of every schema of conditions open, and say what their values grew from."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ecomgan import EcomGANPipeline
from ecomgan.checksums import write_checksums
from ecomgan.errors import ConditionError
from ecomgan.networks.conditions import ConditionEmbedding, widen_tables
from ecomgan.networks.generator import Generator

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


def test_a_checkpoint_of_the_first_schema_opens_and_gives_the_same_pixels() -> None:
    pipe = EcomGANPipeline.from_pretrained(FIXTURES / "checkpoint_v1")
    assert pipe.generator.config["condition_schema"] == 1
    assert pipe.discriminator is not None
    seed = torch.Generator().manual_seed(7)
    made = pipe(["red bag", "navy cap"], num_images_per_prompt=2, generator=seed, output_type="np").images
    expected = np.asarray(Image.open(FIXTURES / "checkpoint_v1.png"))
    assert np.abs(np.concatenate(list(made), axis=1).astype(int) - expected.astype(int)).max() <= 1


def test_a_folder_that_names_no_schema_is_of_the_first(tmp_path: Path) -> None:
    folder = shutil.copytree(FIXTURES / "checkpoint_v1", tmp_path / "old")
    file = folder / "generator" / "config.json"
    config = json.loads(file.read_text())
    del config["condition_schema"]
    file.write_text(json.dumps(config))
    write_checksums(folder)
    assert EcomGANPipeline.from_pretrained(folder).generator.config["condition_schema"] == 1


def test_grown_values_are_of_the_second_schema_and_of_the_vocabulary() -> None:
    words = {"colour": ["Red", "Rust"]}
    assert Generator(words, 2, channels=(16, 8), grown={"colour": {"Rust": "Red"}}).config["grown"]
    with pytest.raises(ConditionError, match="condition schema 1 has no grown values"):
        Generator(words, 1, channels=(16, 8), grown={"colour": {"Rust": "Red"}})
    with pytest.raises(ConditionError, match="grown values name 'Wine'"):
        Generator(words, 2, channels=(16, 8), grown={"colour": {"Wine": None}})


def test_widened_tables_keep_old_rows_and_start_new_ones_as_copies() -> None:
    taught = ConditionEmbedding({"colour": ["Red", "Blue"], "usage": ["Casual"]}, 3)
    holder = torch.nn.ModuleDict({"embedding": taught})
    wide = widen_tables(holder.state_dict(), [[2, 0], []])
    table = wide["embedding.tables.0.weight"]
    assert table.shape == (5, 3)
    assert torch.equal(table[:3], taught.tables[0].weight)
    assert torch.equal(table[3], taught.tables[0].weight[2])
    assert torch.equal(table[4], taught.tables[0].weight[0])
    assert wide["embedding.tables.1.weight"].shape == (2, 3)
