"""A checkpoint folder that is damaged, or asks for anything but our own weights, does not open."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from ecomgan import EcomGANPipeline
from ecomgan.checksums import write_checksums
from ecomgan.errors import CheckpointError

WEIGHTS = "generator/diffusion_pytorch_model.safetensors"


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "model"))


def edit(file: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change a JSON file in place; the checksums are made to fit, as an attacker would."""
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


@pytest.mark.parametrize("name", [WEIGHTS, "discriminator/config.json", "model_index.json"])
def test_one_changed_byte_is_found_and_its_file_named(folder: Path, name: str) -> None:
    file = folder / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(CheckpointError, match=f"{name} is damaged.*SHA-256"):
        EcomGANPipeline.from_pretrained(folder)


def test_a_cut_off_a_missing_and_a_smuggled_file_are_found(folder: Path) -> None:
    (folder / "generator" / "extra.safetensors").write_bytes(b"x")
    with pytest.raises(CheckpointError, match=r"holds generator/extra.safetensors, which .* does not list"):
        EcomGANPipeline.from_pretrained(folder)
    (folder / "generator" / "extra.safetensors").unlink()
    (folder / WEIGHTS).unlink()
    with pytest.raises(CheckpointError, match=f"lacks {WEIGHTS}"):
        EcomGANPipeline.from_pretrained(folder)


def test_without_checksums_nothing_opens(folder: Path, tmp_path: Path) -> None:
    (folder / "checksums.json").unlink()
    with pytest.raises(CheckpointError, match=r"no readable checksums\.json"):
        EcomGANPipeline.from_pretrained(folder)
    with pytest.raises(CheckpointError, match="no folder"):
        EcomGANPipeline.from_pretrained(tmp_path / "nowhere")


def test_classes_of_other_libraries_are_refused(folder: Path) -> None:
    edit(folder / "model_index.json", lambda index: index.update(generator=["os", "system"]))
    write_checksums(folder)
    with pytest.raises(CheckpointError, match=r"generator is of class \['os', 'system'\]"):
        EcomGANPipeline.from_pretrained(folder)


def test_other_pipelines_and_unknown_components_are_refused(folder: Path) -> None:
    edit(folder / "model_index.json", lambda index: index.update(scheduler=["diffusers", "DDIMScheduler"]))
    write_checksums(folder)
    with pytest.raises(CheckpointError, match="unknown components"):
        EcomGANPipeline.from_pretrained(folder)
    edit(folder / "model_index.json", lambda index: index.update(_class_name="StableDiffusionPipeline"))
    write_checksums(folder)
    with pytest.raises(CheckpointError, match="'StableDiffusionPipeline'; an 'EcomGANPipeline'"):
        EcomGANPipeline.from_pretrained(folder)


def test_pickled_weights_are_never_read(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / "generator" / "diffusion_pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    write_checksums(folder)
    with pytest.raises(CheckpointError, match="generator cannot be opened"):
        EcomGANPipeline.from_pretrained(folder)


def test_missing_tensors_are_an_error_not_a_random_start(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    tensors.pop("to_rgb.weight")
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    write_checksums(folder)
    with pytest.raises(CheckpointError, match=r"does not hold the weights.*to_rgb.weight"):
        EcomGANPipeline.from_pretrained(folder)


def test_a_newer_schema_of_conditions_says_to_update(folder: Path) -> None:
    edit(folder / "generator" / "config.json", lambda config: config.update(condition_schema=99))
    write_checksums(folder)
    with pytest.raises(CheckpointError, match="condition schema 99"):
        EcomGANPipeline.from_pretrained(folder)
