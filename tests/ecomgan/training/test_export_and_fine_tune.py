"""From a run to a checkpoint folder, and from a checkpoint folder to a run on another catalogue."""

import dataclasses
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from ecomgan import EcomGANPipeline
from ecomgan.checksums import write_checksums
from ecomgan.data.prepare import prepare
from ecomgan.errors import CheckpointError
from ecomgan.training.adopting import joint_vocabulary
from ecomgan.training.config import TrainConfig
from ecomgan.training.export import export_run, images_seen_by
from ecomgan.training.loop import resume_training, start_training


@pytest.fixture(scope="module")
def exported(tiny_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run, exported."""
    folder = tmp_path_factory.mktemp("exported")
    config = TrainConfig(
        images=16, batch=8, precision="fp32", device="cpu", channels=(16, 8, 8), latent_dim=8, embedding_dim=4,
        style_dim=16, backbone="none", smallest_count=2, evaluate_images=0,
    )  # fmt: skip
    start_training(folder / "run", tiny_set, config)
    export_run(folder / "run", folder / "model")
    return folder


def test_exported_folder_opens_and_is_fp16_with_its_discriminator(exported: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(exported / "model")
    assert pipe.discriminator is not None
    assert pipe("red bag", output_type="np").images.shape == (1, 32, 32, 3)
    weights = exported / "model" / "generator" / "diffusion_pytorch_model.safetensors"
    parameters = sum(tensor.numel() for tensor in pipe.generator.state_dict().values())
    assert weights.stat().st_size < 2.2 * parameters + 20_000


def test_exported_generator_is_the_averaged_one_of_the_last_checkpoint(exported: Path) -> None:
    saved = torch.load(exported / "run" / "checkpoint.pt", weights_only=True)["average"]
    loaded = EcomGANPipeline.from_pretrained(exported / "model").generator.state_dict()
    assert all(torch.equal(loaded[name], tensor.half().float()) for name, tensor in saved.items())


def test_training_record_says_what_was_taught_how_and_on_what(exported: Path) -> None:
    record = json.loads((exported / "model" / "training.json").read_text())
    assert record["images_seen"] == 16
    assert record["config"]["batch"] == 8
    assert record["data"]["photos"] > 20
    assert {"hardware", "wall_seconds", "backbone", "init"} <= record.keys()
    assert not any(str(Path.home()) in str(value) for value in record.values())


def test_what_a_checkpoint_was_taught_from_is_counted_along(exported: Path, tiny_set: Path, tmp_path: Path) -> None:
    config = TrainConfig(images=8, batch=8, precision="fp32", device="cpu", smallest_count=2, evaluate_images=0)
    start_training(tmp_path / "run", tiny_set, config, exported / "model")
    export_run(tmp_path / "run", tmp_path / "model")
    record = json.loads((tmp_path / "model" / "training.json").read_text())
    assert (record["images_seen"], record["images_before"]) == (8, 16)
    assert images_seen_by(tmp_path / "model") == 24
    assert images_seen_by(tmp_path) == 0


def test_exporting_again_replaces_the_checkpoint_and_keeps_its_card(exported: Path) -> None:
    card = exported / "model" / "README.md"
    card.write_text("the card")
    (exported / "model" / "evaluation.json").write_text("{}")
    resume_training(exported / "run", {"images": 24})
    assert export_run(exported / "run", exported / "model")["images_seen"] == 24
    assert card.read_text() == "the card"
    EcomGANPipeline.from_pretrained(exported / "model")
    assert {path.name for path in exported.iterdir()} == {"run", "model"}


def test_other_folders_are_never_written_over(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CheckpointError, match="holds other files"):
        export_run(exported / "run", tmp_path)


@pytest.fixture(scope="module")
def other_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Green bags and scarves: a new colour, a new article."""
    folder = tmp_path_factory.mktemp("other")
    rows = []
    for number in range(24):
        out = io.BytesIO()
        Image.new("RGB", (32, 32), (0, 200 - number, 9)).save(out, "PNG")
        article = ("Bags", "Scarves")[number % 2]
        rows.append({"title": f"{number}", "article_type": article, "colour": "Green", "image": out.getvalue()})
    (folder / "source").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), folder / "source" / "train.parquet")
    prepare(folder / "source", folder / "set", 32, 32)
    return folder / "set"


def test_fine_tuning_starts_from_the_taught_weights_with_lower_rates(
    exported: Path, other_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    config = dataclasses.replace(tiny_config, images=8, channels=(4, 4), init_lr_factor=1e-6)
    state = start_training(tmp_path / "run", other_set, config, init=exported / "model")
    taught = EcomGANPipeline.from_pretrained(exported / "model").generator.state_dict()
    now = state.generator.state_dict()
    assert now["base.weight"].shape == taught["base.weight"].shape
    torch.testing.assert_close(now["base.weight"], taught["base.weight"], atol=1e-6, rtol=0)
    assert state.generator_optimiser.param_groups[0]["lr"] == pytest.approx(config.lr_generator * 1e-6)
    resumed = resume_training(tmp_path / "run", {"images": 16})
    assert resumed.counters.images == 16
    assert resumed.generator_optimiser.param_groups[0]["lr"] == pytest.approx(config.lr_generator * 1e-6)
    assert export_run(tmp_path / "run", tmp_path / "model")["init"] == "model"


def test_new_values_are_added_after_the_taught_ones_and_start_as_unknown(
    exported: Path, other_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    config = dataclasses.replace(tiny_config, images=8, init_lr_factor=1e-6)
    state = start_training(tmp_path / "run", other_set, config, init=exported / "model")
    vocabulary = state.generator.config["vocabulary"]
    assert vocabulary["article_type"][-1] == "Scarves"
    assert vocabulary["colour"][-1] == "Green"
    table = state.generator.state_dict()["mapping.embedding.tables.1.weight"]
    torch.testing.assert_close(table[-1], table[0], atol=1e-5, rtol=0)


def test_vocabularies_are_joined_without_repetition() -> None:
    joint = joint_vocabulary({"colour": ["Red", "Blue"]}, {"colour": ["Blue", "Green"], "size": ["9"]})
    assert joint == {"colour": ["Red", "Blue", "Green"]}


def test_checkpoint_without_discriminator_cannot_be_taught_further(
    exported: Path, other_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    EcomGANPipeline(EcomGANPipeline.from_pretrained(exported / "model").generator).save_pretrained(tmp_path / "light")
    write_checksums(tmp_path / "light")
    with pytest.raises(CheckpointError, match="no discriminator"):
        start_training(tmp_path / "run", other_set, tiny_config, init=tmp_path / "light")
    assert not (tmp_path / "run").exists()


def test_images_of_another_size_than_taught_are_refused(
    exported: Path, tiny_config: TrainConfig, catalogue: Path, tmp_path: Path
) -> None:
    prepare(catalogue, tmp_path / "large", 64, 64)
    with pytest.raises(CheckpointError, match="does not fit images of this set's size"):
        start_training(tmp_path / "run", tmp_path / "large", tiny_config, init=exported / "model")
