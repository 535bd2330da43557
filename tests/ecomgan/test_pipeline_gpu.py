"""On a CUDA device: the same images as on the CPU, and training that runs and resumes. Skipped where there is none."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from ecomgan import EcomGANPipeline
from ecomgan.cli import main
from ecomgan.networks.backbone import Backbone
from ecomgan.training.config import TrainConfig
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.state import choose_device

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")]


def images(folder: Path, device: str, dtype: torch.dtype) -> np.ndarray:
    pipe = EcomGANPipeline.from_pretrained(folder, device=device, dtype=dtype)
    assert pipe.device.type == device
    made = pipe(
        ["red bag", "blue cap"],
        num_images_per_prompt=8,
        generator=torch.Generator().manual_seed(0),
        truncation=0.8,
        guidance_scale=1.2,
        output_type="np",
    ).images
    return np.asarray(made).astype(int)


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float32, 2), (torch.bfloat16, 6)])
def test_gpu_and_cpu_make_the_same_images(tiny_checkpoint: Path, dtype: torch.dtype, apart: int) -> None:
    """Seeds are drawn on the CPU, so both see the same numbers; kernels (TF32, bf16) round differently."""
    difference = np.abs(images(tiny_checkpoint, "cuda", dtype) - images(tiny_checkpoint, "cpu", dtype))
    assert difference.max() <= apart
    assert difference.mean() < 0.5


def test_weights_stay_in_fp32_on_the_device(tiny_checkpoint: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(tiny_checkpoint, device="cuda", dtype=torch.bfloat16)
    assert {(p.device.type, p.dtype) for p in pipe.generator.parameters()} == {("cuda", torch.float32)}


def test_auto_takes_the_gpu() -> None:
    assert choose_device("auto").type == "cuda"


def test_backbone_features_agree_with_the_cpu() -> None:
    photos = torch.rand(4, 3, 80, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    backbone = Backbone("lite0")
    expected = backbone.embed(photos)
    found = backbone.to("cuda").embed(photos.to("cuda")).cpu()
    assert torch.nn.functional.cosine_similarity(expected, found).min() > 0.999


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("backbone", ["none", "lite0"])
def test_training_runs_and_resumes(tiny_set: Path, tmp_path: Path, precision: str, backbone: str) -> None:
    config = TrainConfig(
        images=16, batch=8, device="cuda", precision=precision, backbone=backbone, channels=(16, 8, 8), latent_dim=8,
        style_dim=16, embedding_dim=4, smallest_count=2, evaluate_images=0,
    )  # fmt: skip
    start_training(tmp_path / "run", tiny_set, config)
    state = resume_training(tmp_path / "run", {"images": 32})
    assert state.device.type == "cuda"
    assert state.counters.images == 32
    assert state.counters.bad_steps == 0
    assert all(torch.isfinite(p).all() for p in state.generator.parameters())


def test_first_step_has_the_losses_of_the_cpu(tiny_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ecomgan.training import loop
    from ecomgan.training.step import StepResult, train_step

    taken: list[StepResult] = []

    def recorded(*arguments: object) -> StepResult:
        taken.append(train_step(*arguments))  # type: ignore[arg-type]
        return taken[-1]

    monkeypatch.setattr(loop, "train_step", recorded)
    config = TrainConfig(
        images=8, batch=8, precision="fp32", backbone="none", channels=(16, 8, 8), latent_dim=8, style_dim=16,
        embedding_dim=4, smallest_count=2, evaluate_images=0,
    )  # fmt: skip
    for device in ("cpu", "cuda"):
        start_training(tmp_path / device, tiny_set, dataclasses.replace(config, device=device))
    assert taken[0].discriminator_loss == pytest.approx(taken[1].discriminator_loss, rel=0.02)


def test_the_same_commands_use_the_gpu(tiny_checkpoint: Path, tmp_path: Path) -> None:
    assert main(["generate", str(tiny_checkpoint), "red bag", "-n", "1", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.iterdir())) == 1
