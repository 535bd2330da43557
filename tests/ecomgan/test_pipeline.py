"""The call that everything else stands on: seeds, conditions, memory, outputs."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ecomgan import EcomGANPipeline
from ecomgan.errors import BriefError, ConditionError, RequestError
from ecomgan.seeds import image_seeds
from ecomgan.styles import styles


@pytest.fixture(scope="module")
def pipe(tiny_checkpoint: Path) -> EcomGANPipeline:
    return EcomGANPipeline.from_pretrained(tiny_checkpoint)


def seed(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def test_outputs_are_what_was_asked_for(pipe: EcomGANPipeline) -> None:
    array = pipe("red bag", generator=seed(1), output_type="np").images
    assert array.shape == (1, 16, 8, 3)
    assert array.dtype == np.uint8
    picture = pipe("red bag", generator=seed(1)).images[0]
    assert picture.size == (8, 16)
    assert (np.asarray(picture) == array[0]).all()
    tensor = pipe("red bag", generator=seed(1), output_type="pt").images
    assert (tensor.permute(0, 2, 3, 1).mul(255).round().byte().numpy() == array).all()


def test_images_come_prompt_by_prompt_and_image_k_of_a_seed_is_the_same_draw(pipe: EcomGANPipeline) -> None:
    both = pipe(["red bag", "blue cap"], num_images_per_prompt=3, generator=seed(7), output_type="np").images
    second = pipe("blue cap", num_images_per_prompt=3, generator=seed(7), output_type="np").images
    assert len(both) == 6
    assert (both[3:] == second).all()
    assert (both[0] != both[1]).any()


def test_same_seed_in_another_colour_takes_the_same_latent() -> None:
    first, second = image_seeds(seed(3), prompts=2, images_per_prompt=1)
    assert first == second


def test_list_of_generators_gives_image_i_from_generator_i(pipe: EcomGANPipeline) -> None:
    listed = pipe(["red bag"] * 2, generator=[seed(5), seed(9)], output_type="np").images
    assert (listed[1] == pipe("red bag", generator=seed(9), output_type="np").images[0]).all()
    with pytest.raises(RequestError, match="2 generators for 1 prompts x 4 images; one, or 4"):
        pipe("red bag", num_images_per_prompt=4, generator=[seed(1), seed(2)])


def test_a_call_without_generator_differs_each_time_and_generators_are_not_advanced(pipe: EcomGANPipeline) -> None:
    one, two = (pipe("red bag", output_type="np").images for _ in range(2))
    assert (one != two).any()
    generator = seed(4)
    again = [pipe("red bag", generator=generator, output_type="np").images for _ in range(2)]
    assert (again[0] == again[1]).all()


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float32, 1), (torch.bfloat16, 2)])
def test_images_agree_alone_and_in_a_batch(tiny_checkpoint: Path, dtype: torch.dtype, apart: int) -> None:
    pipe = EcomGANPipeline.from_pretrained(tiny_checkpoint, dtype=dtype)
    together = pipe("red bag", num_images_per_prompt=70, generator=seed(0), output_type="np").images
    alone = pipe("red bag", generator=seed(0), output_type="np").images
    assert np.abs(together[0].astype(int) - alone[0]).max() <= apart


def test_attributes_beat_the_text_key_by_key(pipe: EcomGANPipeline) -> None:
    assert pipe.read("red bag") == {"article_type": "Bags", "colour": "Red"}
    assert pipe.read("red bag", {"colour": "Navy Blue"}) == {"article_type": "Bags", "colour": "Navy Blue"}
    assert pipe.read("red bag", {"colour": None}) == {"article_type": "Bags"}
    assert pipe.read("", {"article_type": "Caps"}) == {"article_type": "Caps"}
    images = pipe(["red bag"] * 2, attributes=[{"colour": "Black"}, None], generator=seed(0), output_type="np").images
    assert (images[1] == pipe("red bag", generator=seed(0), output_type="np").images[0]).all()
    assert (images[0] != images[1]).any()


def test_unknown_value_names_the_nearest_three_and_unknown_attribute_the_known(pipe: EcomGANPipeline) -> None:
    with pytest.raises(ConditionError, match=r"unknown colour 'Navy'; the nearest known are 'Navy Blue', '.*', '.*'"):
        pipe("a bag", attributes={"colour": "Navy"})
    with pytest.raises(ConditionError, match="unknown attribute 'size'; known are article_type, colour, usage"):
        pipe("a bag", attributes={"size": "9"})


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "quarterly report"])
def test_a_brief_that_names_nothing_known_is_asked_back(pipe: EcomGANPipeline, text: str) -> None:
    with pytest.raises(
        BriefError, match="names nothing that this checkpoint knows; name an article type, such as Bags"
    ):
        pipe(text)


def test_an_overlong_brief_is_refused(pipe: EcomGANPipeline) -> None:
    with pytest.raises(BriefError):
        pipe("bag " * 2_500)


@pytest.mark.parametrize(
    ("argument", "value", "wanted"),
    [
        ("num_images_per_prompt", 0, "at least 1"),
        ("num_images_per_prompt", 1.5, "num_images_per_prompt is 1.5; at least 1, a whole number, was expected"),
        ("truncation", "0.5", "truncation is '0.5'; a number from 0 to 1 was expected"),
        ("guidance_scale", None, "guidance_scale is None; a number from 0 to 5 was expected"),
        ("truncation", 1.5, "from 0 to 1"),
        ("truncation", float("nan"), "from 0 to 1"),
        ("guidance_scale", -1.0, "from 0 to 5"),
        ("output_type", "jpeg", "'pil', 'np', 'pt'"),
        ("attributes", [{}, {}], "one a prompt"),
        ("detail", True, "no"),
    ],
)
def test_arguments_out_of_range_are_refused(pipe: EcomGANPipeline, argument: str, value: object, wanted: str) -> None:
    with pytest.raises(RequestError, match=wanted):
        pipe("red bag", **{argument: value})
    with pytest.raises(RequestError, match="at least one text"):
        pipe([])


def test_truncation_zero_gives_the_average_of_the_condition(pipe: EcomGANPipeline) -> None:
    condition = torch.tensor([[1, 1, 0]])
    first, second = (styles(pipe.generator, torch.randn(1, 8), condition, 0.0, guidance=1.0) for _ in range(2))
    torch.testing.assert_close(first, second)
    full = styles(pipe.generator, torch.ones(1, 8), condition, truncation=1.0, guidance=1.0)
    half = styles(pipe.generator, torch.ones(1, 8), condition, truncation=0.5, guidance=1.0)
    torch.testing.assert_close(half, (full + first) / 2)


def test_guidance_moves_between_null_and_full_condition_and_beyond(pipe: EcomGANPipeline) -> None:
    latent, condition, null = torch.ones(1, 8), torch.tensor([[1, 1, 0]]), torch.zeros(1, 3, dtype=torch.int64)
    mapping = pipe.generator.mapping
    without, full = mapping(latent, null), mapping(latent, condition)
    torch.testing.assert_close(styles(pipe.generator, latent, condition, 1.0, 0.0), without)
    torch.testing.assert_close(styles(pipe.generator, latent, condition, 1.0, 1.5), without + 1.5 * (full - without))


def test_out_of_memory_halves_the_batch_and_goes_on(pipe: EcomGANPipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = pipe("red bag", num_images_per_prompt=20, generator=seed(0), output_type="np").images
    sizes: list[int] = []
    real = pipe.generator.synthesise

    def only_five(style: Tensor, noises: list[Tensor]) -> Tensor:
        sizes.append(len(style))
        if len(style) > 5:
            raise torch.OutOfMemoryError("out of memory")
        return real(style, noises)

    monkeypatch.setattr(pipe.generator, "synthesise", only_five)
    images = pipe("red bag", num_images_per_prompt=20, generator=seed(0), output_type="np").images
    assert sizes == [16, 8, 4, 4, 4, 4, 4]
    assert np.abs(images.astype(int) - expected).max() <= 1


def test_other_errors_are_not_taken_for_lack_of_memory(pipe: EcomGANPipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(style: Tensor, noises: list[Tensor]) -> Tensor:
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(pipe.generator, "synthesise", fail)
    with pytest.raises(RuntimeError, match="shapes differ"):
        pipe("red bag")


def test_folder_without_discriminator_opens_and_generates(pipe: EcomGANPipeline, tmp_path: Path) -> None:
    EcomGANPipeline(pipe.generator).save_pretrained(tmp_path / "light")
    light = EcomGANPipeline.from_pretrained(tmp_path / "light")
    assert light.discriminator is None
    assert (
        light("red bag", generator=seed(0), output_type="np").images
        == pipe("red bag", generator=seed(0), output_type="np").images
    ).all()


def test_loading_may_leave_the_discriminator_out(tiny_checkpoint: Path, pipe: EcomGANPipeline) -> None:
    assert pipe.discriminator is not None
    assert EcomGANPipeline.from_pretrained(tiny_checkpoint, discriminator=False).discriminator is None


def test_saving_and_opening_again_gives_the_same_images(pipe: EcomGANPipeline, tmp_path: Path) -> None:
    pipe.save_pretrained(tmp_path / "copy")
    copy = EcomGANPipeline.from_pretrained(tmp_path / "copy")
    assert dict(copy.vocabulary) == dict(pipe.vocabulary)
    assert copy.image_shape == (16, 8)
    a, b = (p("blue cap", generator=seed(2), output_type="np").images for p in (copy, pipe))
    assert (a == b).all()
    shutil.rmtree(tmp_path / "copy")
