"""Text-to-image pipelines of diffusers that are small enough for a test, made on the spot with random weights."""

from __future__ import annotations

from pathlib import Path
from string import ascii_lowercase

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DiffusionPipeline,
    LatentConsistencyModelPipeline,
    LCMScheduler,
    PixArtAlphaPipeline,
    PixArtTransformer2DModel,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer, T5Config, T5EncoderModel

_LETTERS = [f"{letter}</w>" for letter in ascii_lowercase] + list(ascii_lowercase)
_MOST_TOKENS = 77
_NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def stable_diffusion(folder: Path) -> Path:
    """A Stable Diffusion pipeline of 64 x 64 px."""
    torch.manual_seed(0)
    scheduler = DDIMScheduler(**_NOISE, clip_sample=False, steps_offset=1)
    pipeline = StableDiffusionPipeline(
        **_parts(), scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    return _saved(pipeline, folder)


def latent_consistency(folder: Path) -> Path:
    """A Latent Consistency pipeline, which needs few steps and feeds the guidance to its network."""
    torch.manual_seed(1)
    scheduler = LCMScheduler(**_NOISE)
    pipeline = LatentConsistencyModelPipeline(
        **_parts(time_cond_proj_dim=32), scheduler=scheduler, safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    )  # fmt: skip
    return _saved(pipeline, folder)


def pixart(folder: Path) -> Path:
    """A PixArt pipeline: a transformer with a T5 text encoder, and a call without a callback."""
    torch.manual_seed(2)
    transformer = PixArtTransformer2DModel(
        sample_size=8, num_layers=1, patch_size=2, attention_head_dim=8, num_attention_heads=2, in_channels=4,
        out_channels=8, cross_attention_dim=16, caption_channels=32, norm_type="ada_norm_single",
        norm_elementwise_affine=False, norm_eps=1e-6, use_additional_conditions=False,
    )  # fmt: skip
    text_encoder = T5EncoderModel(
        T5Config(vocab_size=len(_LETTERS) + 2, d_model=32, d_kv=8, d_ff=37, num_layers=1, num_heads=2)
    )
    pipeline = PixArtAlphaPipeline(
        tokenizer=_clip_tokenizer(),
        text_encoder=text_encoder,
        vae=_autoencoder(),
        transformer=transformer,
        scheduler=DDIMScheduler(),
    )
    return _saved(pipeline, folder)


def _saved(pipeline: DiffusionPipeline, folder: Path) -> Path:
    pipeline.save_pretrained(folder)
    return folder


def _parts(**unet: int) -> dict[str, object]:
    text = CLIPTextConfig(
        vocab_size=len(_LETTERS) + 2, hidden_size=32, intermediate_size=37, num_hidden_layers=1,
        num_attention_heads=4, max_position_embeddings=_MOST_TOKENS,
        bos_token_id=len(_LETTERS), eos_token_id=len(_LETTERS) + 1, pad_token_id=len(_LETTERS) + 1,
    )  # fmt: skip
    network = UNet2DConditionModel(
        block_out_channels=(8, 16), layers_per_block=1, sample_size=32, in_channels=4, out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32, norm_num_groups=4, attention_head_dim=2, **unet,
    )  # fmt: skip
    return {"text_encoder": CLIPTextModel(text), "tokenizer": _clip_tokenizer(), "unet": network, "vae": _autoencoder()}


def _autoencoder() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 16), in_channels=3, out_channels=3, latent_channels=4, norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip


def _clip_tokenizer() -> CLIPTokenizer:
    tokens = [*_LETTERS, "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: place for place, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=_MOST_TOKENS)
