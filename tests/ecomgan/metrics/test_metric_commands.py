"""The two commands behind the scores say what they lack instead of going on without it."""

import sys
from pathlib import Path

import pytest

from ecomgan.errors import DataError
from ecomgan.metrics import overlay_training, validate


def test_overlays_are_not_fitted_in_one_typeface(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(catalogue), "--fonts", str(tmp_path), "--number", "2", "--out", str(tmp_path / "overlay.npz")]
    monkeypatch.setattr(sys, "argv", ["overlay_training", *arguments])
    with pytest.raises(SystemExit):
        overlay_training.main()
    assert "holds no TrueType file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_scores_are_not_validated_on_fewer_than_two_photos(catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["validate", str(catalogue), "--number", "1"])
    with pytest.raises(DataError, match=r"validation photos, 1 asked for; at least 2 were expected"):
        validate.main()
