"""Pipelines of diffusers as engines: opened safely, asked like every other engine, and made to fit."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING

from studio.engines.folder import read_engine_folder
from studio.engines.live import DiffusionEngine, Interrupted, Recipe, Wanted, placement
from studio.engines.settings import PIPELINES, EngineSettings
from studio.errors import EngineError, InputError
from tests.studio import tiny_pipelines

FEW = Recipe(steps=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_pipelines.stable_diffusion(tmp_path_factory.mktemp("engines") / "tiny")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder that a test may spoil."""
    return tiny_pipelines.stable_diffusion(tmp_path / "tiny")


def opened(folder: Path) -> DiffusionEngine:
    return DiffusionEngine(1, "tiny", folder, read_engine_folder(folder).settings, torch.device("cpu"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> DiffusionEngine:
    return opened(folder)


def red(*seeds: int) -> list[Wanted]:
    return [Wanted({}, seed, "red dress") for seed in seeds]


def change(file: Path, **values: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_the_defaults_of_pipelines_are_those_of_diffusers() -> None:
    import inspect

    classes = {class_.__name__: class_ for class_ in AUTO_TEXT2IMAGE_PIPELINES_MAPPING.values()}
    for name, kind in PIPELINES.items():
        call = inspect.signature(classes[name].__call__).parameters
        assert call["num_inference_steps"].default == kind.steps, name
        if kind.guidance_scale is not None:
            assert call["guidance_scale"].default == kind.guidance_scale, name
        assert {"prompt", "height", "width", "generator", "output_type"} <= set(call), name


def test_a_folder_tells_its_class_size_and_format(folder: Path) -> None:
    found = read_engine_folder(folder)
    settings = found.settings
    assert (settings.pipeline, settings.height, settings.width) == ("StableDiffusionPipeline", 64, 64)
    assert (settings.steps, settings.guidance_scale, settings.saved_as) == (50, 7.5, "float32")
    assert found.components["unet"] == "UNet2DConditionModel"
    assert 100_000 < settings.parameters < 200_000
    assert EngineSettings.from_json(settings.as_json()) == settings


def test_a_model_made_for_few_steps_is_known_by_its_scheduler(copy: Path) -> None:
    change(copy / "scheduler" / "scheduler_config.json", timestep_spacing="trailing")
    settings = read_engine_folder(copy).settings
    assert (settings.steps, settings.guidance_scale) == (4, 0.0)


def no_folder(path: Path) -> None:
    (path / "model_index.json").unlink()


def pickled(path: Path) -> None:
    (path / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    (path / "unet" / "diffusion_pytorch_model.bin").write_bytes(pickle.dumps({}))


def unknown_class(path: Path) -> None:
    change(path / "model_index.json", unet=["diffusers", "MyUNet"])


def foreign_library(path: Path) -> None:
    change(path / "model_index.json", unet=["my_package", "UNet2DConditionModel"])


def other_task(path: Path) -> None:
    change(path / "model_index.json", _class_name="StableDiffusionInpaintPipeline")


def custom_pipeline(path: Path) -> None:
    change(path / "model_index.json", _class_name=["pipeline", "MyPipeline"])


def program(path: Path) -> None:
    (path / "unet" / "my_unet.py").write_text("print('hello')")


def auto_map(path: Path) -> None:
    change(path / "text_encoder" / "config.json", auto_map={"AutoModel": "modeling.Model"})


def cut_short(path: Path) -> None:
    file = path / "vae" / "diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])


def no_part(path: Path) -> None:
    (path / "vae").rename(path / "other")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_folder, "no diffusers folder"),
        (pickled, "is pickled: such a file can run code"),
        (unknown_class, r"diffusers\.MyUNet, which is not let in"),
        (foreign_library, r"my_package\.UNet2DConditionModel, which is not let in"),
        (other_task, "makes images from a text alone"),
        (custom_pipeline, "code of its own is never run"),
        (program, "is program code"),
        (auto_map, "auto_map"),
        (cut_short, "is incomplete"),
        (no_part, "lacks the folder vae"),
    ],
)
def test_what_may_not_be_opened_is_refused_and_why(copy: Path, spoil: Callable[[Path], None], told: str) -> None:
    settings = read_engine_folder(copy).settings
    spoil(copy)
    with pytest.raises(InputError, match=told):
        read_engine_folder(copy)
    with pytest.raises(EngineError, match=told):
        DiffusionEngine(1, "tiny", copy, settings, torch.device("cpu"))


def test_damaged_weights_fail_in_plain_words(copy: Path) -> None:
    change(copy / "unet" / "config.json", block_out_channels=[8, 32])
    with pytest.raises(EngineError, match="The model tiny cannot be opened"):
        opened(copy)


def test_a_model_larger_than_the_memory_is_refused_before_it_is_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = type("Memory", (), {"available": 1000})
    monkeypatch.setattr(placement.psutil, "virtual_memory", lambda: memory)
    with pytest.raises(EngineError, match="of main memory to open"):
        opened(folder)


def test_a_seed_gives_the_same_bytes_alone_or_among_others(engine: DiffusionEngine) -> None:
    alone = engine.make(red(5), FEW)
    among = engine.make(red(4, 5, 6), FEW)
    assert alone.shape == (1, 64, 64, 3)
    assert alone.dtype == np.uint8
    assert np.array_equal(among[1], alone[0])
    assert not np.array_equal(among[0], alone[0])


def test_a_filled_up_batch_gives_the_same_bytes_too(folder: Path) -> None:
    engine = opened(folder)
    engine.batch = 4
    assert np.array_equal(engine.make(red(5), FEW)[0], engine.make(red(1, 2, 3, 4, 5, 6), FEW)[4])


def test_steps_guidance_size_and_text_decide_the_image(engine: DiffusionEngine) -> None:
    made = [
        engine.make(red(1), FEW),
        engine.make(red(1), Recipe(steps=3)),
        engine.make(red(1), Recipe(steps=2, guidance_scale=1.5)),
        engine.make([Wanted({}, 1, "blue dress")], FEW),
    ]
    assert len({image.tobytes() for image in made}) == 4
    assert engine.make(red(1), Recipe(steps=1, height=96, width=64)).shape == (1, 96, 64, 3)


def test_an_image_that_is_no_longer_wanted_is_left_within_a_step(engine: DiffusionEngine) -> None:
    before = engine.make(red(1), FEW)
    asked: list[bool] = []

    def go_on() -> bool:
        asked.append(True)
        return len(asked) < 2

    with pytest.raises(Interrupted):
        engine.make(red(1), Recipe(steps=150), go_on)
    assert np.array_equal(engine.make(red(1), FEW), before)  # and nothing of it stays behind


def test_out_of_memory_makes_smaller_batches_then_saves_and_then_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(folder)
    expected = engine.make(red(1, 2, 3), FEW)
    engine.batch, room = 4, 1
    real = engine._pipeline.unet.forward

    def forward(sample: torch.Tensor, *args: Any, **rest: Any) -> Any:
        if sample.shape[0] > 2 * room:  # guidance doubles it
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(sample, *args, **rest)

    monkeypatch.setattr(engine._pipeline.unet, "forward", forward)
    assert np.abs(engine.make(red(1, 2, 3), FEW).astype(int) - expected).max() <= 1
    assert (engine.batch, engine.running().sliced) == (1, False)
    room = 0
    with pytest.raises(EngineError, match="Order a smaller size"):
        engine.make(red(1), FEW)
    assert engine.running().sliced


def test_an_image_without_colours_is_an_error(folder: Path) -> None:
    engine = opened(folder)
    with torch.no_grad():
        next(engine._pipeline.vae.decoder.parameters()).fill_(float("nan"))
    with pytest.raises(EngineError, match="holds no colours"):
        engine.make(red(1), Recipe(steps=1))


@pytest.mark.parametrize("make", [tiny_pipelines.latent_consistency, tiny_pipelines.pixart])
def test_other_classes_are_engines_just_as_well(make: Callable[[Path], Path], tmp_path: Path) -> None:
    engine = opened(make(tmp_path / "other"))
    alone = engine.make(red(5), FEW)
    assert alone.shape == (1, 64, 64, 3)
    assert np.array_equal(engine.make(red(4, 5), FEW)[1], alone[0])
    with pytest.raises(Interrupted):
        engine.make(red(1), FEW, lambda: False)


def test_the_trial_tells_how_long_all_steps_would_take(engine: DiffusionEngine) -> None:
    engine.warm_up()
    assert engine.seconds_per_image > 0
    running = engine.running()
    assert (running.device, running.dtype, running.offload, running.batch) == ("CPU", "float32", "none", 1)


def on_gpu(monkeypatch: pytest.MonkeyPatch, *, free: int = 80 << 30, bf16: bool = True) -> torch.device:
    """As if this machine had one."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, free))
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bf16)
    return torch.device("cuda", 0)


@pytest.mark.parametrize(
    ("saved_as", "bf16", "dtype"),
    [
        ("float32", True, torch.bfloat16),
        ("float32", False, torch.float16),
        ("float16", True, torch.float16),
        ("bfloat16", True, torch.bfloat16),
    ],
)
def test_a_gpu_works_in_half_precision_of_the_kind_that_suits_the_weights(
    saved_as: Any, bf16: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = EngineSettings("FluxPipeline", 4, 0.0, 1024, 1024, saved_as=saved_as)
    assert placement.choose_dtype(on_gpu(monkeypatch, bf16=bf16), settings) is dtype
    assert placement.choose_dtype(torch.device("cpu"), settings) is torch.float32


@pytest.mark.parametrize(("free", "offload"), [(24, "none"), (14, "model"), (6, "sequential")])
def test_weights_wait_in_main_memory_where_a_gpu_is_small(
    free: int, offload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = on_gpu(monkeypatch, free=free << 30)
    assert placement.choose_offload(device, 17 << 30, 10 << 30) == offload
