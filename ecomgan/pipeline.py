"""EcomGANPipeline: from texts and attributes to product images."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline, ImagePipelineOutput
from PIL import Image
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ecomgan.asking import Attributes, asked_for, check_request, per_prompt
from ecomgan.calm import without_bars
from ecomgan.checkpoint_folder import check_schema, load_network, load_text_encoder, read_index
from ecomgan.checksums import verify_checksums, write_checksums
from ecomgan.detail.enlarge import enlarge_batch
from ecomgan.detail.opening import open_detail
from ecomgan.encoder.dual_encoder import text_vectors
from ecomgan.errors import CheckpointError, RequestError
from ecomgan.finishing.effective import effective_height
from ecomgan.networks.detail import SCALE, DetailNetwork
from ecomgan.networks.discriminator import ProjectedDiscriminator
from ecomgan.networks.generator import Generator
from ecomgan.seeds import draw_latents, image_seeds
from ecomgan.styles import styles
from ecomgan.text import Vocabulary, read_brief, reworded

OutputType = Literal["pil", "np", "pt"]

_BATCH = {"cpu": 16}
"""Images at once by device; those of 80x64 stay in a core's cache so, which makes 329 a second of 223 with 64."""
_LARGE_BATCH = 64
_FINISHED = ({"step": "detail", "factor": SCALE},)


@dataclass
class EcomGANOutput(ImagePipelineOutput):
    """images: as `output_type` says. effective_height: of images that were finished (`detail=True`), how many of their
    pixels of height are true detail, see `ecomgan.finishing.effective_height`; None where that was not measured.
    """

    effective_height: int | None = None


@dataclass(frozen=True)
class Drawn:
    """What decides N images: styles (N, style_dim), or (levels, N, style_dim) with one for each level of the generator,
    on its device; layer noise as `Generator.noise_shapes`.
    """

    styles: Tensor
    noises: list[Tensor]

    def __len__(self) -> int:
        return self.styles.shape[-2]

    def __getitem__(self, rows: slice) -> "Drawn":
        """The rows of some images."""
        return Drawn(self.styles[..., rows, :], [noise[rows] for noise in self.noises])


class EcomGANPipeline(DiffusionPipeline):
    """A taught generator, with the discriminator that taught it (needed only to teach it further).

    The texts are read by `ecomgan.text`; `text_encoder` and `tokenizer` are None for generators that are taught by
    attributes alone, and give the texts' vectors to the others. Sizes are height x width.
    """

    generator: Generator
    discriminator: ProjectedDiscriminator | None
    _optional_components = ["discriminator", "text_encoder", "tokenizer"]  # noqa: RUF012 (diffusers' own convention)

    def __init__(
        self,
        generator: Generator,
        discriminator: ProjectedDiscriminator | None = None,
        text_encoder: PreTrainedModel | None = None,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> None:
        """Raises CheckpointError where the generator takes texts and what encodes them is missing, or the reverse."""
        super().__init__()
        needed = bool(generator.config["text_dim"])
        if (text_encoder is not None, tokenizer is not None) != (needed, needed):
            raise CheckpointError(
                f"the generator takes {'texts' if needed else 'no texts'}, but text encoder and tokenizer are "
                f"{type(text_encoder).__name__} and {type(tokenizer).__name__}"
            )
        self.register_modules(  # type: ignore[no-untyped-call]
            generator=generator, discriminator=discriminator, text_encoder=text_encoder, tokenizer=tokenizer
        )
        generator.requires_grad_(False).eval()
        generator.to(memory_format=torch.channels_last)  # type: ignore[call-arg]
        self._vocabulary = Vocabulary(generator.config["vocabulary"])
        self._dtype = torch.float32
        self._detail_folder: Path | None = None
        self._detail: DetailNetwork | None = None

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls,
        folder: str | Path,
        *,
        discriminator: bool = True,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        detail_network: str | Path | None = None,
    ) -> "EcomGANPipeline":
        """Open a checkpoint folder on `device`.

        discriminator=False leaves it out: enough to generate. dtype: torch.bfloat16 computes the convolutions in
        bf16 (weights and mapping stay in fp32), about twice as fast on processors that know bf16.
        detail_network: folder of the network that detail=True of a call finishes with; `detail` beside `folder` where
        it is not said. It is opened at the first such call and may be absent until then.
        Weights are read from safetensors only, into the classes of this library only, after `checksums.json` was
        verified; no code of the folder is run.
        Raises CheckpointError, naming the file, where anything is missing, damaged or of another kind.
        """
        folder = Path(folder)
        if dtype not in (torch.float32, torch.bfloat16):
            raise RequestError(f"dtype is {dtype}; torch.float32 or torch.bfloat16 was expected")
        if not folder.is_dir():
            raise CheckpointError(f"{folder} is no folder; one was expected, as `ecomgan export` writes it")
        verify_checksums(folder)
        index = read_index(folder)
        check_schema(folder)
        parts: dict[str, Any] = {"generator": load_network(Generator, folder, "generator")}
        if discriminator and index["discriminator"][0] is not None:
            parts["discriminator"] = load_network(ProjectedDiscriminator, folder, "discriminator")
        if index["text_encoder"][0] is not None:
            parts["text_encoder"], parts["tokenizer"] = load_text_encoder(folder)
        pipe = cls(**parts)
        pipe.to(device)
        pipe._dtype = dtype
        pipe._detail_folder = folder.resolve().parent / "detail" if detail_network is None else Path(detail_network)
        return pipe

    def save_pretrained(self, folder: str | Path) -> None:  # type: ignore[override]
        """Write a folder that `from_pretrained` opens, with its checksums; other files in it stay."""
        with without_bars():
            super().save_pretrained(str(folder), safe_serialization=True)
        write_checksums(Path(folder))

    @property
    def vocabulary(self) -> Vocabulary:
        """The attributes that this checkpoint was taught, and the values of each."""
        return self._vocabulary

    @property
    def image_shape(self) -> tuple[int, int]:
        """(height, width) of the images in pixels."""
        shape: tuple[int, int] = self.generator.image_shape
        return shape

    @torch.inference_mode()
    def __call__(
        self,
        prompt: str | Sequence[str],
        attributes: Attributes | Sequence[Attributes | None] | None = None,
        num_images_per_prompt: int = 1,
        generator: torch.Generator | Sequence[torch.Generator] | None = None,
        truncation: float = 1.0,
        guidance_scale: float = 1.0,
        detail: bool = False,
        output_type: OutputType = "pil",
    ) -> EcomGANOutput:
        """Make num_images_per_prompt images for each text, prompt by prompt.

        attributes: field -> value, one mapping (for all texts) or one a text; they beat the text key by key, None
            drops what the text says. A checkpoint that takes texts too gets the text reworded by them.
        generator: see `ecomgan.seeds.image_seeds`; the seed decides the image, whatever the batch.
        truncation: 0 (the average image of the condition) to 1 (full variety).
        guidance_scale: 1 is as taught; more exaggerates what the condition changes.
        detail: True enlarges the images four times by the detail network, see `from_pretrained`.
        output_type: "pil" (list of images), "np" (uint8 N, H, W, 3) or "pt" (float N, 3, H, W in [0, 1]).

        Raises BriefError where nothing known is named, ConditionError for an unknown attribute or value,
        RequestError for other arguments that are out of range and for detail=True without a detail network.
        """
        if output_type not in ("pil", "np", "pt"):
            raise RequestError(f"output_type is {output_type!r}; one of 'pil', 'np', 'pt' was expected")
        finishing = self._open_detail() if detail else None
        drawn = self.draw(prompt, attributes, num_images_per_prompt, generator, truncation, guidance_scale)
        pixels = self.render(drawn)
        reached = None
        if finishing is not None:
            assert self._detail_folder is not None
            finished = enlarge_batch(finishing, pixels.permute(0, 2, 3, 1).numpy(), self._dtype)
            reached = effective_height(pixels.shape[2], finished.shape[1], _FINISHED, self._detail_folder)
            pixels = torch.from_numpy(finished).permute(0, 3, 1, 2)
        return EcomGANOutput(images=_as_output(pixels, output_type), effective_height=reached)

    @torch.inference_mode()
    def draw(
        self,
        prompt: str | Sequence[str],
        attributes: Attributes | Sequence[Attributes | None] | None = None,
        num_images_per_prompt: int = 1,
        generator: torch.Generator | Sequence[torch.Generator] | None = None,
        truncation: float = 1.0,
        guidance_scale: float = 1.0,
    ) -> Drawn:
        """The first half of a call: what decides each image, to be looked at or changed before it is rendered."""
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        check_request(prompts, num_images_per_prompt, truncation, guidance_scale)
        tables = per_prompt(attributes, len(prompts))
        conditions = self._conditions(prompts, tables).repeat_interleave(num_images_per_prompt, dim=0)
        texts = self._text_conditions(prompts, tables)
        if texts is not None:
            texts = texts.repeat_interleave(num_images_per_prompt, dim=0)
        seeds = image_seeds(generator, len(prompts), num_images_per_prompt)
        latents, noises = draw_latents(seeds, self.generator.config["latent_dim"], self.generator.noise_shapes)
        return Drawn(styles(self.generator, latents, conditions, truncation, guidance_scale, texts), noises)

    def _open_detail(self) -> DetailNetwork:
        if self._detail is None:
            if self._detail_folder is None or not self._detail_folder.is_dir():
                raise RequestError(
                    f"detail=True needs a detail network, and {self._detail_folder or 'a pipeline of no folder'} "
                    "holds none; name one with from_pretrained(..., detail_network=FOLDER), or use detail=False"
                )
            self._detail = open_detail(self._detail_folder, self.generator.device)
        return self._detail

    def read(self, text: str, attributes: Attributes | None = None) -> dict[str, str]:
        """The attributes an image would be made for; raises as a call does."""
        return asked_for(self._vocabulary, text, attributes)

    def conditions(self, attributes: Sequence[Attributes]) -> Tensor:
        """Condition indices int64 (N, fields) on the device; raises as a call does."""
        return self._conditions([""] * len(attributes), attributes).to(self.generator.device)

    def _conditions(self, prompts: Sequence[str], tables: Sequence[Attributes | None]) -> Tensor:
        named = [self.read(text, given) for text, given in zip(prompts, tables, strict=True)]
        fields = self._vocabulary.items()
        codes = [[values.index(one[name]) + 1 if name in one else 0 for name, values in fields] for one in named]
        return torch.tensor(codes, dtype=torch.int64)

    def _text_conditions(self, prompts: Sequence[str], tables: Sequence[Attributes | None]) -> Tensor | None:
        """Unit vectors (prompts, text_dim) on the device, zeros without a text; None: texts are no condition."""
        dim = self.generator.config["text_dim"]
        if not dim:
            return None
        vectors = torch.zeros(len(prompts), dim, device=self.generator.device)
        texts = [
            reworded(text, read_brief(text, self._vocabulary), self.read(text, given)) if text.strip() else ""
            for text, given in zip(prompts, tables, strict=True)
        ]
        if said := [place for place, text in enumerate(texts) if text]:
            longest = self.text_encoder.config.text_config.max_position_embeddings
            spoken = [texts[place] for place in said]
            vectors[said] = text_vectors(self.text_encoder, self.tokenizer, spoken, longest).to(vectors.device)
        return vectors

    @torch.inference_mode()
    def render(self, drawn: Drawn) -> Tensor:
        """The second half: images uint8 (N, 3, H, W) on the CPU, in batches that are halved when memory runs out."""
        done: list[Tensor] = []
        start, size = 0, _BATCH.get(drawn.styles.device.type, _LARGE_BATCH)
        while start < len(drawn):
            part = drawn[start : start + size]
            try:
                with torch.autocast(part.styles.device.type, torch.bfloat16, enabled=self._dtype == torch.bfloat16):
                    noises = [noise.to(part.styles.device) for noise in part.noises]
                    images = self.generator.synthesise(part.styles, noises)
                done.append(images.add(1).mul(127.5).round().clamp(0, 255).byte().cpu())
            except (torch.OutOfMemoryError, RuntimeError, MemoryError) as error:
                if size == 1 or not _is_out_of_memory(error):
                    raise
                size //= 2
                continue
            start += size
        return torch.cat(done)


def _as_output(pixels: Tensor, output_type: OutputType) -> Any:
    if output_type == "pt":
        return pixels.float() / 255
    array: np.ndarray = pixels.permute(0, 2, 3, 1).contiguous().numpy()
    return array if output_type == "np" else [Image.fromarray(image) for image in array]


def _is_out_of_memory(error: BaseException) -> bool:
    """CUDA has its own error; the CPU allocator raises a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "not enough memory" in str(error)
