"""The dual encoder: what it gives, what it refuses, and which folders open."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest
import torch
from transformers import CLIPConfig, CLIPModel, PreTrainedModel, SiglipConfig, SiglipModel

from ecomgan.checksums import write_checksums
from ecomgan.cli import main
from ecomgan.data.prepared import PreparedSet, open_prepared
from ecomgan.encoder import open_encoder
from ecomgan.encoder.config import EncoderConfig
from ecomgan.encoder.dual_encoder import DualEncoder
from ecomgan.encoder.retrieval import draw_sample, recall
from ecomgan.encoder.training import checkpoint_file, contrastive_loss, teach
from ecomgan.encoder.wording import Wording, learn_tokenizer
from ecomgan.errors import CheckpointError, ConfigError, DataError, RequestError

Pictures = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def encoder(tiny_encoder: Path) -> DualEncoder:
    return open_encoder(tiny_encoder)


@pytest.fixture(scope="module")
def photos(tiny_set: Path) -> PreparedSet:
    return open_prepared(tiny_set, "train")


def test_texts_and_images_are_unit_vectors_of_one_space(encoder: DualEncoder, photos: PreparedSet) -> None:
    texts, images = encoder.texts(["red bag", "Blue Caps"]), encoder.images(photos.pixels(np.arange(3)))
    assert texts.shape == (2, encoder.dim)
    assert images.shape == (3, encoder.dim)
    assert texts.dtype == images.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([texts, images]), axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(
        encoder.similarity(["red bag", "Blue Caps"], photos.pixels(np.arange(3))), texts @ images.T, atol=1e-6
    )


def test_taught_on_a_catalogue_right_texts_fit_better_than_others(encoder: DualEncoder, photos: PreparedSet) -> None:
    rows = np.arange(len(photos))
    titles = [photos.columns["title"][row] for row in rows]
    fit = encoder.similarity(titles, photos.pixels(rows))
    kinds = [f"{a} {c}" for a, c in zip(photos.columns["article_type"], photos.columns["colour"], strict=True)]
    same = np.array([[one == other for other in kinds] for one in kinds])
    assert fit[same].mean() > fit[~same].mean() + 0.3


def test_a_text_is_the_same_alone_and_among_longer_ones_and_case_does_not_count(encoder: DualEncoder) -> None:
    alone = encoder.texts(["red bag"])
    among = encoder.texts(["a shop of many and blue and black caps", "RED  bag"])
    np.testing.assert_allclose(alone[0], among[1], atol=1e-5)


def test_overlong_and_foreign_texts_have_vectors_too(encoder: DualEncoder) -> None:
    assert np.isfinite(encoder.texts(["bag " * 5_000, "红色连衣裙", "🙂", ""])).all()


def test_images_of_any_size_are_taken(encoder: DualEncoder) -> None:
    assert encoder.images(np.zeros((1, 200, 50, 3), np.uint8)).shape == (1, encoder.dim)


@pytest.mark.parametrize("texts", [[], "red bag", [None]])
def test_other_than_texts_are_refused(encoder: DualEncoder, texts: list[str]) -> None:
    with pytest.raises(RequestError, match="a list of at least one text was expected"):
        encoder.texts(texts)


@pytest.mark.parametrize("shape", [(0, 8, 8, 3), (8, 8, 3), (1, 8, 8, 4)])
def test_other_than_images_are_refused(encoder: DualEncoder, shape: tuple[int, ...]) -> None:
    with pytest.raises(RequestError, match=r"uint8 \(N, H, W, 3\) with N >= 1"):
        encoder.images(np.zeros(shape, np.uint8))
    with pytest.raises(RequestError, match="float64"):
        encoder.images(np.zeros((1, 8, 8, 3)))  # type: ignore[arg-type]


# -- folders


def foreign_folder(folder: Path, network: PreTrainedModel, size: object) -> Path:
    """As transformers' own models are published: weights, tokenizer, image processor."""
    config = EncoderConfig(vocabulary=300)
    network.save_pretrained(folder)
    learn_tokenizer(["red bag", "blue cap"] * 5, config).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"size": size, "image_mean": [0.48, 0.46, 0.41], "image_std": [0.27, 0.26, 0.28]})
    )
    return folder


TOWER = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
TEXTS = TOWER | {"vocab_size": 300, "max_position_embeddings": 12}
LOOKS = TOWER | {"image_size": 24, "patch_size": 8}


def test_a_clip_folder_opens_by_the_same_call(tmp_path: Path, photos: PreparedSet) -> None:
    ends = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    network = CLIPModel(CLIPConfig(text_config=TEXTS | ends, vision_config=LOOKS, projection_dim=20))
    opened = open_encoder(foreign_folder(tmp_path, network, {"height": 24, "width": 24}))
    assert opened.similarity(["red bag", "cap"], photos.pixels(np.arange(3))).shape == (2, 3)
    assert opened.dim == 20
    assert opened.record is None
    with pytest.raises(ConfigError, match="CLIPModel"):
        opened.text_tower()


def test_a_siglip_folder_opens_by_the_same_call_and_fills_texts_up(tmp_path: Path, photos: PreparedSet) -> None:
    network = SiglipModel(SiglipConfig(text_config=TEXTS, vision_config=LOOKS))
    opened = open_encoder(foreign_folder(tmp_path, network, 24))
    alone, among = opened.texts(["red bag"]), opened.texts(["red bag", "a very long text about blue caps and bags"])
    np.testing.assert_allclose(alone[0], among[0], atol=1e-5)
    assert opened.images(photos.pixels(np.arange(2))).shape == (2, 16)


def test_a_folder_of_another_kind_or_with_code_of_its_own_is_refused(tmp_path: Path, tiny_encoder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json cannot be read"):
        open_encoder(tmp_path / "nowhere")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(CheckpointError, match="'bert'; one of ecomgan_dual_encoder, clip, siglip"):
        open_encoder(tmp_path)


def test_code_in_a_folder_is_never_run(tmp_path: Path, tiny_encoder: Path) -> None:
    ours = shutil.copytree(tiny_encoder, tmp_path / "ours")
    foreign = foreign_folder(tmp_path / "clip", CLIPModel(CLIPConfig(text_config=TEXTS, vision_config=LOOKS)), 24)
    for folder in (ours, foreign):
        file = folder / "tokenizer_config.json"
        own = {"tokenizer_class": "Mine", "auto_map": {"AutoTokenizer": ["m.Mine", None]}}
        file.write_text(json.dumps(json.loads(file.read_text()) | own))
        (folder / "m.py").write_text("raise SystemExit('code of the folder ran')")
    write_checksums(ours)
    for folder in (ours, foreign):
        assert open_encoder(folder).texts(["red bag"]).shape[0] == 1


def test_damaged_weights_and_missing_tensors_are_refused(tmp_path: Path, tiny_encoder: Path) -> None:
    from safetensors.torch import load_file, save_file

    broken = shutil.copytree(tiny_encoder, tmp_path / "broken")
    weights = broken / "model.safetensors"
    tensors = load_file(weights)
    tensors.pop("text_projection.weight")
    save_file(tensors, weights, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match="damaged"):
        open_encoder(broken)
    write_checksums(broken)
    with pytest.raises(CheckpointError, match=r"text_projection\.weight"):
        open_encoder(broken)


def test_an_image_processor_that_gives_no_size_is_refused(tmp_path: Path, tiny_encoder: Path) -> None:
    broken = shutil.copytree(tiny_encoder, tmp_path / "broken")
    (broken / "preprocessor_config.json").write_text('{"size": {"shortest_edge": 224}}')
    write_checksums(broken)
    with pytest.raises(CheckpointError, match="height and width in pixels were expected"):
        open_encoder(broken)


# -- teaching


def small(tiny_encoder: Path, **changes: object) -> EncoderConfig:
    saved = json.loads((tiny_encoder / "training.json").read_text())["config"]
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in saved.items()}
    return replace(EncoderConfig(**lists), **changes)  # type: ignore[arg-type]


def test_an_interrupted_teaching_ends_with_the_same_weights(
    tiny_encoder: Path, photos: PreparedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecomgan.encoder import training

    config = small(tiny_encoder, epochs=3)
    whole = teach(photos, None, config, tmp_path / "whole.pt")
    one_epoch = training._one_epoch
    passes = Counter[str]()

    def die_in_the_third(*arguments: object) -> None:
        passes["begun"] += 1
        if passes["begun"] == 3:
            raise KeyboardInterrupt
        one_epoch(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(training, "_one_epoch", die_in_the_third)
        with pytest.raises(KeyboardInterrupt):
            teach(photos, None, config, tmp_path / "cut.pt")
    resumed = teach(photos, None, config, tmp_path / "cut.pt")
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_equal_texts_of_a_batch_are_no_negatives() -> None:
    vectors = torch.eye(3)[[0, 0, 1]]
    same = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    apart = contrastive_loss(vectors, vectors, torch.tensor(50.0), torch.eye(3, dtype=torch.bool))
    together = contrastive_loss(vectors, vectors, torch.tensor(50.0), same)
    assert together < torch.log(torch.tensor(2.0))
    assert apart == pytest.approx(together.item(), abs=1e-4)  # the two share what they cannot tell apart
    turned = contrastive_loss(vectors, vectors[[0, 2, 1]], torch.tensor(50.0), torch.eye(3, dtype=torch.bool))
    assert turned > 10


def test_texts_lose_words_and_become_phrases(photos: PreparedSet) -> None:
    config = EncoderConfig()
    drawn = Wording(photos, config).draw([0] * 400, np.random.default_rng(0))
    title = photos.columns["title"][0]
    assert 0.2 < drawn.count(title) / 400 < 0.7
    shortened = [text for text in drawn if text != title and set(text.split()) < set(title.split())]
    assert len(shortened) > 40
    assert any("Shop" not in text and photos.columns["article_type"][0] in text for text in drawn)
    assert all(drawn)


def test_too_few_photos_are_refused(photos: PreparedSet, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least 256, with titles, expected"):
        teach(photos, None, EncoderConfig(), tmp_path / "checkpoint.pt")


def test_impossible_options_are_refused() -> None:
    with pytest.raises(ValueError, match="precision is 'fp8'"):
        EncoderConfig(precision="fp8")
    with pytest.raises(ValueError, match="at most 1, which is all texts"):
        EncoderConfig(phrases=0.7, shortened=0.7)
    with pytest.raises(ValueError, match="epochs is 0; it must be at least 1"):
        EncoderConfig(epochs=0)


def test_options_and_data_have_a_checkpoint_of_their_own(tmp_path: Path) -> None:
    config = EncoderConfig()
    files = {
        checkpoint_file(tmp_path, config, "data"),
        checkpoint_file(tmp_path, replace(config, seed=5), "data"),
        checkpoint_file(tmp_path, config, "other data"),
    }
    assert len(files) == 3


# -- figures


def test_recall_counts_right_answers_among_the_first_and_ties_as_misses() -> None:
    vectors = np.eye(20, dtype=np.float32)
    assert recall(vectors, vectors).text_to_image == {1: 1.0, 10: 1.0}
    shifted = recall(vectors, np.roll(vectors, 1, axis=0))
    assert shifted.text_to_image[1] == shifted.image_to_text[1] == 0
    alike = recall(np.ones((20, 4), np.float32), np.ones((20, 4), np.float32))
    assert alike.mean == 0


def test_a_sample_holds_each_title_once_and_is_always_the_same(photos: PreparedSet) -> None:
    twice = replace(photos, columns=photos.columns | {"title": ["One", "one ", "Two"] * (len(photos) // 3)})
    rows = draw_sample(replace(twice, rows=twice.rows[: len(twice.columns["title"])]), 0)
    assert len(rows) == 2
    assert (rows == draw_sample(replace(twice, rows=twice.rows[: len(twice.columns["title"])]), 0)).all()


@pytest.fixture(scope="module")
def judged_set(tiny_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny set with the dev photos held out for judging."""
    folder = shutil.copytree(tiny_set, tmp_path_factory.mktemp("sets") / "judged")
    table = pq.read_table(folder / "table.parquet")
    sides = ["validation" if side == "dev" else side for side in table.column("split").to_pylist()]
    place = table.column_names.index("split")
    pq.write_table(table.set_column(place, "split", [sides]), folder / "table.parquet")
    return folder


def test_commands_teach_and_measure_and_the_card_tells_both(
    judged_set: Path, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from ecomgan.encoder import config, retrieval

    quick = small(tiny_encoder, epochs=1)
    monkeypatch.setattr(config, "EncoderConfig", lambda: quick)
    monkeypatch.setattr(retrieval, "SAMPLE", 2)
    monkeypatch.setattr(retrieval, "SAMPLES", 2)
    out = tmp_path / "encoder"
    assert main(["train-encoder", str(out), "--data", str(judged_set), "--work", str(tmp_path / "work")]) == 0
    assert list((tmp_path / "work").iterdir()) == []
    assert "Not measured yet" in (out / "README.md").read_text()
    assert main(["evaluate-encoder", str(out), "--data", str(judged_set), "--write-card"]) == 0
    assert "text finds its photo" in capsys.readouterr().out
    card = (out / "README.md").read_text()
    for told in (f"train-encoder {out}", f"evaluate-encoder {out}", "photo finds its text", "guessing"):
        assert told in card
    assert "{" not in card
    open_encoder(out)


def test_figures_of_other_weights_make_no_card(tiny_encoder: Path, tmp_path: Path) -> None:
    from ecomgan.encoder.folder import write_card

    folder = shutil.copytree(tiny_encoder, tmp_path / "other")
    (folder / "evaluation.json").write_text('{"weights_sha256": "00"}')
    with pytest.raises(CheckpointError, match="are of the weights 00"):
        write_card(folder)


def test_foreign_folders_get_no_card_and_small_sets_no_figures(
    judged_set: Path, tiny_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate-encoder", str(tmp_path), "--data", str(judged_set), "--write-card"]) == 1
    assert "an encoder of ours only" in capsys.readouterr().err
    assert main(["evaluate-encoder", str(tiny_encoder), "--data", str(judged_set)]) == 1
    assert "at least 1000 were expected" in capsys.readouterr().err
