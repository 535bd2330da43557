import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from ecomgan.classifiers.config import ROLES
from ecomgan.classifiers.opening import WEIGHTS
from ecomgan.classifiers.training import checkpoint_file, teach
from ecomgan.cli import main
from ecomgan.errors import CheckpointError, DataError
from ecomgan.metrics.category_confidence import Ranker
from ecomgan.metrics.judge import Judge
from ecomgan.networks.classifier import ProductClassifier, to_input
from tests.ecomgan.classifiers.conftest import shelf, small

ROOT = Path(__file__).resolve().parents[3]
SEALED = ("ecomgan.metrics.judge", "ecomgan.metrics.features", "ecomgan.classifiers", "ecomgan.evaluation.evaluate")
"""What measures finished checkpoints: the sealed network and Lite2."""


def test_the_judge_tells_articles_and_colours_of_photos_it_has_not_seen(judge_folder: Path) -> None:
    unseen = shelf(60, seed=2)
    judged = Judge(judge_folder)(unseen.pixels(np.arange(60)))
    for field in ("article_type", "colour"):
        right = [said == truth for said, truth in zip(judged.answers[field], unseen.columns[field], strict=True)]
        assert np.mean(right) > 0.9


def test_the_judges_space_is_at_one_scale_over_the_photos_it_was_taught_on(judge_folder: Path) -> None:
    train = shelf(320, seed=0)
    features = Judge(judge_folder)(train.pixels(np.arange(320))).features
    assert features.shape == (320, 12 + 16)
    assert np.abs(features.mean(axis=0)).max() < 0.05
    assert features.std(axis=0).max() < 1.1


def test_an_image_is_judged_the_same_alone_and_among_others(judge_folder: Path) -> None:
    judge, images = Judge(judge_folder), shelf(9, seed=3).pixels(np.arange(9))
    assert np.allclose(judge(images).features[4], judge(images[4:5]).features[0], atol=1e-4)


def test_confidence_is_high_for_what_the_image_shows_and_none_for_what_nobody_taught(ranker_folder: Path) -> None:
    unseen = shelf(60, seed=2)
    ranker, images = Ranker(ranker_folder), unseen.pixels(np.arange(60))
    articles = unseen.columns["article_type"]
    others = ["Socks" if article == "Belts" else "Belts" for article in articles]
    asked, wrong = ranker(images, articles), ranker(images, others)
    assert np.mean([value for value in asked if value is not None]) > 85
    assert all(
        a is not None and w is not None and a + w == pytest.approx(100, abs=0.01)
        for a, w in zip(asked, wrong, strict=True)
    )
    assert ranker(images[:3], ["Hats", None, ""]) == [None, None, None]


def test_an_interrupted_training_ends_with_the_same_weights(tmp_path: Path) -> None:
    train, config = shelf(48, seed=4), small("judge", epochs=3)
    whole = teach(train, None, config, tmp_path / "whole.pt")
    _interrupted(train, tmp_path / "cut.pt")
    resumed = teach(train, None, config, tmp_path / "cut.pt")
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)
    assert whole.accuracy == {}


def _interrupted(train: object, checkpoint: Path) -> None:
    """Stop after the second of three passes, as a killed process would."""
    from ecomgan.classifiers import training

    saved = torch.save
    passes = []

    class Killed(Exception):
        pass

    def save(state: object, path: Path) -> None:
        saved(state, path)
        passes.append(path)

    def replace_then_die(*arguments: object) -> None:
        if len(passes) == 2:
            raise Killed
        one_epoch(*arguments)

    one_epoch = training._one_epoch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "save", save)
        patch.setattr(training, "_one_epoch", replace_then_die)
        with pytest.raises(Killed):
            teach(train, None, small("judge", epochs=3), checkpoint)  # type: ignore[arg-type]


def test_options_and_data_have_a_checkpoint_of_their_own(tmp_path: Path) -> None:
    files = {
        checkpoint_file(tmp_path, small("judge"), "data"),
        checkpoint_file(tmp_path, small("judge", seed=5), "data"),
        checkpoint_file(tmp_path, small("judge"), "other data"),
    }
    assert len(files) == 3


def test_photos_of_one_kind_only_are_refused(tmp_path: Path) -> None:
    train = shelf(48, seed=4)
    train.columns["article_type"][:] = ["Belts"] * 48
    with pytest.raises(DataError, match="1 values of article_type have 10 photos"):
        teach(train, None, small("judge"), tmp_path / "checkpoint.pt")


def test_a_missing_damaged_or_other_classifier_is_refused(
    judge_folder: Path, ranker_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match=r"nowhere is no folder.*--role judge"):
        Judge(Path("nowhere"))
    with pytest.raises(CheckpointError, match="holds a ranker; a judge was expected"):
        Judge(ranker_folder)
    broken = tmp_path / "broken"
    shutil.copytree(judge_folder, broken)
    (broken / WEIGHTS).write_bytes((broken / WEIGHTS).read_bytes()[:-8])
    with pytest.raises(CheckpointError, match="damaged"):
        Judge(broken)


def test_the_card_names_the_command_the_data_and_the_seal(judge_folder: Path) -> None:
    card = (judge_folder / "README.md").read_text(encoding="utf-8")
    for told in ("python -m ecomgan train-classifier judge", "320 photos", "ab" * 32, "**Sealed:**", "28 numbers"):
        assert told in card
    assert "{" not in card


def test_photos_of_any_shape_are_fitted_whole_on_white() -> None:
    wide = torch.zeros(2, 30, 60, 3, dtype=torch.uint8)
    fitted = to_input(wide, 80, 64)
    assert fitted.shape == (2, 3, 80, 64)
    assert (fitted[:, :, :24] == 1).all()
    assert (fitted[:, :, 25:55] == -1).all()
    same = torch.randint(0, 256, (1, 80, 64, 3), dtype=torch.uint8)
    assert torch.equal(to_input(same, 80, 64).permute(0, 2, 3, 1), same.float() / 127.5 - 1)


@pytest.mark.parametrize("role", ["judge", "ranker"])
def test_a_network_of_each_role_gives_an_answer_for_each_field(role: str) -> None:
    config = ROLES[role]
    classes = {field: ["a", "b", "c"] for field in config.fields}
    network = ProductClassifier(classes, config.architecture, config.channels).eval()
    answers = network(torch.zeros(2, 3, 80, 64))
    assert {field: tuple(found.shape) for field, found in answers.items()} == dict.fromkeys(config.fields, (2, 3))


def test_judge_and_ranker_are_of_different_kinds() -> None:
    judge, ranker = ROLES["judge"], ROLES["ranker"]
    assert judge.architecture != ranker.architecture
    assert judge.seed != ranker.seed


def test_the_command_teaches_and_says_what_it_wrote(
    tiny_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(ROLES, "judge", small("judge", epochs=1, batch=8, smallest_count=2))
    out = tmp_path / "judge"
    arguments = ["train-classifier", str(out), "--role", "judge", "--data", str(tiny_set)]
    assert main([*arguments, "--work", str(tmp_path / "work")]) == 0
    assert "accuracy on the dev split" in capsys.readouterr().out
    assert list((tmp_path / "work").iterdir()) == []
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    assert record["data"]["split"] == "train"
    assert record["command"] == f"python -m ecomgan train-classifier {out} --role judge --data {tiny_set}"
    Judge(out)


def test_the_seal_holds_training_cannot_reach_what_judges() -> None:
    code = (
        "import sys, pkgutil, importlib, ecomgan.training\n"
        "for found in pkgutil.walk_packages(ecomgan.training.__path__, 'ecomgan.training.'):\n"
        "    importlib.import_module(found.name)\n"
        f"sys.exit(', '.join(sorted(set({SEALED}) & set(sys.modules))) or 0)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
