"""What a diffusers folder says of itself, read without loading anything: names, sizes, and what speaks against it.

Nothing of a folder is ever run: weights are safetensors, classes are those of a list, and code in it is refused.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from studio.engines.settings import PIPELINES, SIZE, SIZE_MULTIPLE, Dtype, EngineSettings
from studio.errors import InputError

INDEX = "model_index.json"

_SCHEDULERS = frozenset({
    "CogVideoXDDIMScheduler", "CogVideoXDPMScheduler", "DDIMScheduler", "DDPMScheduler", "DEISMultistepScheduler",
    "DPMSolverMultistepScheduler", "DPMSolverSDEScheduler", "DPMSolverSinglestepScheduler",
    "EDMDPMSolverMultistepScheduler", "EDMEulerScheduler", "EulerAncestralDiscreteScheduler",
    "EulerDiscreteScheduler", "FlowMatchEulerDiscreteScheduler", "FlowMatchHeunDiscreteScheduler",
    "FlowMatchLCMScheduler", "HeunDiscreteScheduler", "KDPM2AncestralDiscreteScheduler", "KDPM2DiscreteScheduler",
    "LCMScheduler", "LMSDiscreteScheduler", "PNDMScheduler", "SASolverScheduler", "SCMScheduler", "TCDScheduler",
    "UniPCMultistepScheduler",
})  # fmt: skip
_NETWORKS = frozenset({
    "AsymmetricAutoencoderKL", "AuraFlowTransformer2DModel", "AutoencoderDC", "AutoencoderKL",
    "AutoencoderKLQwenImage", "AutoencoderTiny", "ChromaTransformer2DModel", "CogView3PlusTransformer2DModel",
    "CogView4Transformer2DModel", "FluxTransformer2DModel", "HunyuanDiT2DModel", "Kandinsky3UNet",
    "Lumina2Transformer2DModel", "LuminaNextDiT2DModel", "PixArtTransformer2DModel", "QwenImageTransformer2DModel",
    "SD3Transformer2DModel", "SanaTransformer2DModel", "Transformer2DModel", "UNet2DConditionModel", "VQModel",
    "ZImageTransformer2DModel",
})  # fmt: skip
_TEXT_ENCODERS = frozenset({
    "BertModel", "CLIPTextModel", "CLIPTextModelWithProjection", "CLIPVisionModelWithProjection", "Gemma2Model",
    "GemmaModel", "GlmModel", "Qwen2_5_VLForConditionalGeneration", "Qwen3Model", "T5EncoderModel", "UMT5EncoderModel",
})  # fmt: skip
_PREPARERS = frozenset({
    "BertTokenizer", "BertTokenizerFast", "CLIPFeatureExtractor", "CLIPImageProcessor", "CLIPTokenizer",
    "CLIPTokenizerFast", "GemmaTokenizer", "GemmaTokenizerFast", "LlamaTokenizer", "LlamaTokenizerFast",
    "PreTrainedTokenizerFast", "Qwen2Tokenizer", "Qwen2TokenizerFast", "T5Tokenizer",
    "T5TokenizerFast", "TokenizersBackend",
})  # fmt: skip

WITH_WEIGHTS: dict[str, frozenset[str]] = {
    "diffusers": _NETWORKS,
    "transformers": _TEXT_ENCODERS,
    "stable_diffusion": frozenset({"StableDiffusionSafetyChecker"}),
}
"""Library, as `model_index.json` names it -> classes that weights are read into."""
WITHOUT_WEIGHTS: dict[str, frozenset[str]] = {"diffusers": _SCHEDULERS, "transformers": _PREPARERS}
"""Library -> classes that carry no weights."""

_DENOISERS = ("unet", "transformer")
_DTYPES: dict[str, tuple[Dtype, int]] = {"F32": ("float32", 4), "F16": ("float16", 2), "BF16": ("bfloat16", 2)}
_LONGEST_HEADER = 100_000_000  # bytes, the limit of the format's own library
_FEW = 4  # steps of a model that was distilled to need few


@dataclass(frozen=True)
class EngineFolder:
    """A folder that may be opened. `settings`: what it runs with where nobody says otherwise; `size`: bytes of its
    weights on the disk; `components`: name -> class.
    """

    path: Path
    settings: EngineSettings
    components: dict[str, str]
    size: int


def read_engine_folder(path: Path) -> EngineFolder:
    """Look through a diffusers folder. Raises InputError that says what speaks against it and what would be right."""
    if not path.is_dir():
        raise InputError(f"There is no folder {path} on the machine of the studio.")
    index = _json(path / INDEX)
    pipeline = index.get("_class_name")
    if not isinstance(pipeline, str):
        raise InputError(f"{path / INDEX} names no class of diffusers but {pipeline!r}; code of its own is never run.")
    if pipeline not in PIPELINES:
        raise InputError(
            f"{pipeline} is not let in: an engine makes images from a text alone. Let in are {', '.join(PIPELINES)}."
        )
    _refuse_code(path)
    components = dict(_components(path, index))
    weighty = [name for name, (library, class_) in components.items() if class_ in WITH_WEIGHTS.get(library, ())]
    variants = {name: _variant(path / name) for name in weighty}
    files = [file for name in weighty for file in _weights(path / name, variants[name])]
    parameters: Counter[Dtype] = Counter()
    for file in files:
        parameters.update(_parameters(file))
    if not any(name in components for name in _DENOISERS):
        raise InputError(
            f"{path / INDEX} names neither a unet nor a transformer: there is nothing to make images with."
        )
    class_ = PIPELINES[pipeline]
    few = _is_distilled(path)
    height, width = _native_size(path)
    settings = EngineSettings(
        pipeline=pipeline,
        steps=min(class_.steps, _FEW) if few else class_.steps,
        guidance_scale=0.0 if few and class_.guidance_scale is not None else class_.guidance_scale,
        height=height,
        width=width,
        saved_as=parameters.most_common(1)[0][0],
        variant="fp16" if "fp16" in variants.values() else "",
        parameters=parameters.total(),
    )
    named = {name: class_name for name, (_, class_name) in components.items()}
    return EngineFolder(path, settings, named, sum(file.stat().st_size for file in files))


def _refuse_code(path: Path) -> None:
    for file in sorted(path.rglob("*.py")):
        raise InputError(f"{file} is program code; a folder with code of its own is not opened. Remove it if unneeded.")
    for file in sorted(path.rglob("config.json")):
        if "auto_map" in _json(file):
            raise InputError(f"{file} asks for code of its own (auto_map), which is never run here.")


def _components(path: Path, index: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name -> (library, class) of what the folder holds; absent optional ones are left out."""
    for name, entry in index.items():
        if name.startswith("_") or not isinstance(entry, list) or entry == [None, None]:
            continue
        library, class_ = entry if len(entry) == 2 else ("", "")
        if class_ not in WITH_WEIGHTS.get(library, frozenset()) | WITHOUT_WEIGHTS.get(library, frozenset()):
            raise InputError(
                f"The part {name} of {path.name} is of the class {library}.{class_}, which is not let in. A folder "
                "may hold the networks, schedulers, tokenizers and text encoders of diffusers and transformers only."
            )
        if not (path / name).is_dir() or not name.isidentifier():
            raise InputError(f"{path} lacks the folder {name}, which its {INDEX} names.")
        yield name, (library, class_)


def _variant(folder: Path) -> str:
    """ "fp16" where only files of that name are there. Raises InputError where no safetensors are."""
    names = [file.name for file in folder.glob("*.safetensors")]
    if not names:
        pickled = sorted(file.name for end in ("bin", "pt", "pth", "ckpt") for file in folder.glob(f"*.{end}"))
        if pickled:
            raise InputError(
                f"{folder / pickled[0]} is pickled: such a file can run code when it is opened. "
                "Save the pipeline with safe_serialization=True, then add that folder."
            )
        raise InputError(f"{folder} holds no weights (*.safetensors).")
    plain = [name for name in names if ".fp16." not in name]
    return "" if plain else "fp16"


def _weights(folder: Path, variant: str) -> list[Path]:
    files = sorted(folder.glob("*.safetensors"))
    return [file for file in files if (".fp16." in file.name) == (variant == "fp16")]


def _parameters(file: Path) -> Counter[Dtype]:
    """Numbers in a safetensors file by their type, from its header: 8 bytes of length, then JSON."""
    try:
        with file.open("rb") as data:
            length = int.from_bytes(data.read(8), "little")
            header = json.loads(data.read(min(length, _LONGEST_HEADER)))
        tensors = [entry for name, entry in header.items() if name != "__metadata__"]
        found: Counter[Dtype] = Counter()
        for tensor in tensors:
            if tensor["dtype"] in _DTYPES:  # whole numbers (positions) weigh nothing
                found[_DTYPES[tensor["dtype"]][0]] += math.prod(tensor["shape"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file} is damaged: it is no safetensors file ({error}).") from error
    end = 8 + length + max((tensor["data_offsets"][1] for tensor in tensors), default=0)
    if file.stat().st_size != end:
        raise InputError(f"{file} is incomplete: {file.stat().st_size:,} bytes, its header says {end:,}.")
    return found


def _is_distilled(path: Path) -> bool:
    """Whether the scheduler is set up as for models that need few steps and no guidance (Turbo, schnell)."""
    config = _json(path / "scheduler" / "scheduler_config.json")
    flow = "FlowMatch" in str(config.get("_class_name"))
    return config.get("timestep_spacing") == "trailing" or (flow and config.get("shift") == 1.0)


def _native_size(path: Path) -> tuple[int, int]:
    """Height and width that the denoiser was taught, in pixels; 512 where its configuration does not say."""
    config = next(_json(path / name / "config.json") for name in _DENOISERS if (path / name).is_dir())
    sample = config.get("sample_size")
    sizes = sample if isinstance(sample, list) and len(sample) == 2 else [sample, sample]
    scale = _latent_scale(path)
    height, width = (value * scale if isinstance(value, int) else 512 for value in sizes)
    return _fitting(height), _fitting(width)


def _latent_scale(path: Path) -> int:
    """Pixels a latent of the autoencoder stands for."""
    name = next((name for name in ("vae", "movq") if (path / name).is_dir()), "vae")
    if not (path / name / "config.json").exists():
        return 8
    config = _json(path / name / "config.json")
    blocks = config.get("block_out_channels") or config.get("encoder_block_out_channels") or [0] * 4
    return cast(int, 2 ** (len(blocks) - 1))


def _fitting(value: int) -> int:
    low, high = SIZE
    return min(high, max(low, value - value % SIZE_MULTIPLE))


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{file.parent} is no diffusers folder: it holds no {file.name}.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise InputError(f"{file} is damaged: it holds no table.")
    return content
