"""Every option of every training refuses what cannot be trained with, by a message that names it."""

import dataclasses
from typing import Any

import pytest

from ecomgan.classifiers.config import ROLES, ClassifierConfig
from ecomgan.detail.config import DetailConfig
from ecomgan.encoder.config import EncoderConfig
from ecomgan.errors import ConfigError
from ecomgan.options import resumed_with, with_changes
from ecomgan.training.config import TrainConfig

RECORDS: dict[str, TrainConfig | DetailConfig | EncoderConfig | ClassifierConfig] = {
    "train": TrainConfig(),
    "detail": DetailConfig(),
    "encoder": EncoderConfig(),
    "classifier": ROLES["judge"],
}
WORDS = {("train", "text_encoder"), ("train", "wandb"), ("classifier", "fields")}
WORDS |= {("train", "category_levels"), ("train", "variety_condition")}
"""Options that take any word: what they name is looked up in the data."""

EACH = [(record, field.name) for record, one in RECORDS.items() for field in dataclasses.fields(one)]


def wrong_kinds(value: Any) -> list[Any]:
    """Values that no option of the kind of `value` takes."""
    if isinstance(value, bool):
        return [1, "true", None]
    if isinstance(value, int):
        return [1.5, "1", True, None, [1]]
    if isinstance(value, float):
        return ["0.5", True, None, [0.5]]
    if isinstance(value, str):
        return [1, None, ["bf16"]]
    return [1, "16", None, [None], [[16]], [True], [1.5]]


def out_of_range(value: Any) -> list[Any]:
    """Values of the right kind that nothing can be trained with."""
    if isinstance(value, str):
        return ["", "no such"]
    if isinstance(value, tuple):
        return [] if value == () else [()] if isinstance(value[0], str) else [(), (0,) * len(value), (-1,)]
    return [-1] if isinstance(value, int) else [-1.0, float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize(("record", "option"), EACH)
def test_each_option_refuses_other_kinds(record: str, option: str) -> None:
    options = RECORDS[record]
    for value in wrong_kinds(getattr(options, option)):
        with pytest.raises(ConfigError, match=rf"^{option} (is|holds) "):
            with_changes(options, {option: value})


@pytest.mark.parametrize(("record", "option"), [one for one in EACH if one not in WORDS])
def test_each_option_refuses_what_is_out_of_range(record: str, option: str) -> None:
    options = RECORDS[record]
    for value in out_of_range(getattr(options, option)):
        with pytest.raises(ConfigError, match=rf"{option}.* it must be"):
            dataclasses.replace(options, **{option: value})


@pytest.mark.parametrize("record", RECORDS)
def test_unknown_options_are_refused_beside_the_known_ones(record: str) -> None:
    with pytest.raises(ConfigError, match="unknown option 'speed'; known are "):
        with_changes(RECORDS[record], {"speed": 9})


def test_what_shapes_a_run_stays_and_the_rest_may_change() -> None:
    started = DetailConfig()
    assert resumed_with(started, {"steps": 9_000}, ("depth",)).steps == 9_000
    with pytest.raises(ConfigError, match="depth cannot change from 10 to 12 in a run that has started"):
        resumed_with(started, {"depth": 12}, ("depth",))
