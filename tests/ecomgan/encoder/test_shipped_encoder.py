"""The encoder as it is shipped."""

import json

import numpy as np

from ecomgan.checksums import weights_sha256
from ecomgan.encoder import SHIPPED, open_encoder
from ecomgan.encoder.config import EncoderConfig
from ecomgan.encoder.folder import card_text


def test_it_is_small_and_holds_weights_tokenizer_figures_and_a_card() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 16 * 10**6
    assert {file.suffix for file in SHIPPED.iterdir()} == {".safetensors", ".onnx", ".json", ".md"}


def test_it_was_taught_as_its_options_say_and_its_card_is_of_its_record_and_figures() -> None:
    record, figures = (json.loads((SHIPPED / name).read_text()) for name in ("training.json", "evaluation.json"))
    assert record["config"] == EncoderConfig().to_json()
    assert "train-encoder models/encoder" in record["command"]
    assert figures["recall"]["text_to_image_R@10"]["mean"] > 80
    assert (SHIPPED / "README.md").read_text() == card_text("encoder", record, figures, weights_sha256(SHIPPED))


def test_it_knows_colours_and_kinds_from_short_texts() -> None:
    encoder = open_encoder(SHIPPED)
    texts = encoder.texts(["black running shoes", "men black sports shoes", "women red dress", "silver watch"])
    fit = texts @ texts.T
    assert fit[0, 1] > max(fit[0, 2], fit[0, 3]) + 0.3
    black, white = np.full((1, 80, 64, 3), 255, np.uint8), np.full((1, 80, 64, 3), 255, np.uint8)
    black[:, 20:60, 16:48] = 20
    white[:, 20:60, 16:48] = (200, 30, 40)
    found = encoder.similarity(["black", "red"], np.concatenate([black, white]))
    assert found[0, 0] > found[1, 0]
    assert found[1, 1] > found[0, 1]
