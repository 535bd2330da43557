"""What is close to words: measured on held-out photos, kept beside the encoder; and the words that it does not know."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ecomgan.checksums import verify_checksums, write_checksums
from ecomgan.cli import main
from ecomgan.encoder import SHIPPED, open_portable
from ecomgan.encoder.closeness import CLOSENESS, read_closeness
from ecomgan.encoder.exporting import remove_towers
from ecomgan.errors import CheckpointError
from tests.ecomgan.encoder.test_dual_encoder import judged_set

__all__ = ["judged_set"]


def test_it_is_measured_on_held_out_photos_and_kept(
    judged_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ecomgan.encoder import retrieval

    monkeypatch.setattr(retrieval, "SAMPLE", 2)
    monkeypatch.setattr(retrieval, "SAMPLES", 2)
    folder = shutil.copytree(SHIPPED, tmp_path / "encoder")
    (folder / CLOSENESS).unlink()
    (folder / "training.json").unlink()  # as a CLIP would come, whose tokens are of other texts
    write_checksums(folder)
    assert open_portable(folder).closeness is None
    assert main(["evaluate-encoder", str(folder), "--data", str(judged_set), "--write-cut"]) == 0
    encoder = open_portable(folder)
    assert encoder.closeness is not None
    assert -1 < encoder.closeness.least_cosine < 1
    assert f"a cosine of {encoder.closeness.least_cosine} or more" in capsys.readouterr().out
    assert encoder.taught_part("qwertz") == ("qwertz", [])


def test_the_shipped_cut_is_of_the_shipped_weights_and_told_among_its_checksums() -> None:
    found = open_portable(SHIPPED).closeness
    assert found is not None
    assert (found.kept, found.data["split"], found.own_words) == (0.95, "validation", True)
    assert 0.5 < found.least_cosine < 0.6
    assert CLOSENESS in json.loads((SHIPPED / "checksums.json").read_text())
    verify_checksums(SHIPPED)


def test_the_cut_of_other_weights_is_refused_and_goes_with_the_graphs(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "encoder")
    kept = json.loads((folder / CLOSENESS).read_text())
    (folder / CLOSENESS).write_text(json.dumps(kept | {"weights_sha256": "00"}))
    with pytest.raises(CheckpointError, match=r"is of the weights 00, .* evaluate-encoder .* --write-cut"):
        open_portable(folder)
    (folder / CLOSENESS).write_text("damaged")
    with pytest.raises(CheckpointError, match="cannot be read"):
        open_portable(folder)
    remove_towers(folder)
    assert read_closeness(folder, "00") is None


@pytest.mark.parametrize(
    ("text", "taught", "unknown"),
    [
        ("black running shoes", "black running shoes", []),
        ("Women's Striped T-shirt (501)", "Women's Striped T-shirt (501)", []),
        ("grey hoodie", "grey hoodie", []),
        ("blorpf dress", " dress", ["blorpf"]),
        ("qwertz asdfgh", " ", ["qwertz", "asdfgh"]),
        ("\u51b0\u7bb1", "", ["\u51b0\u7bb1"]),
        ("a" * 290, "", ["a" * 290]),
        ("12345 !?", "12345 !?", []),
        ("", "", []),
    ],
)
def test_words_that_were_never_taught_are_taken_out(text: str, taught: str, unknown: list[str]) -> None:
    assert open_portable(SHIPPED).taught_part(text) == (taught, unknown)


def test_random_letters_are_never_known_and_kinds_and_colours_are() -> None:
    encoder, draw = open_portable(SHIPPED), np.random.default_rng(0)
    noise = ["".join(draw.choice(list("abcdefghijklmnopqrstuvwxyz"), draw.integers(4, 9))) for _ in range(200)]
    assert len(encoder.taught_part(" ".join(noise))[1]) >= 198
    assert encoder.taught_part("casual shoes watches sunglasses handbags turquoise burgundy olive sarees")[1] == []
