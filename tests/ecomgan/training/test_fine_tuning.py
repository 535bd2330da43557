"""Teaching a checkpoint a small catalogue: watched from the base on, resumed exactly, ended for a reason."""

import dataclasses
import io
import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from ecomgan import EcomGANPipeline
from ecomgan.data.prepare import prepare
from ecomgan.errors import CheckpointError, ConfigError
from ecomgan.training import loop
from ecomgan.training.config import TrainConfig
from ecomgan.training.export import export_run
from ecomgan.training.fine_tune import start_fine_tuning
from ecomgan.training.held_out import HeldOutFigures
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.presets import PRESETS
from ecomgan.training.state import TrainState, read_checkpoint
from ecomgan.training.step import StepResult, train_step
from ecomgan.training.watch import KD, RATIO

PRESET = dataclasses.replace(PRESETS["small"], images=32, batch=8, evaluate_every=16, frozen_blocks=1, replay=0.25)
PLAIN: dict[str, Any] = {"precision": "fp32", "device": "cpu"}


@pytest.fixture(scope="module")
def taught(tiny_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of bags and caps that was taught through the frozen backbone, of 32x32 images."""
    folder = tmp_path_factory.mktemp("taught")
    config = TrainConfig(
        images=8, batch=8, channels=(16, 8, 8), latent_dim=8, embedding_dim=4, style_dim=16, smallest_count=2,
        evaluate_images=0, **PLAIN,
    )  # fmt: skip
    start_training(folder / "run", tiny_set, config)
    export_run(folder / "run", folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty photos of shopping bags and scarves, three a style: articles that the checkpoint does not know."""
    folder = tmp_path_factory.mktemp("shop")
    rows = []
    for number in range(40):
        out = io.BytesIO()
        Image.new("RGB", (32, 32), (0, 250 - 3 * number, number)).save(out, "PNG")
        article = ("Shopping Bags", "Scarves")[number // 3 % 2]
        rows.append({"title": f"{article} {number // 3}", "article_type": article, "colour": "Red"})
        rows[-1]["image"] = out.getvalue()  # type: ignore[assignment]
    (folder / "source").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), folder / "source" / "photos.parquet")
    prepare(folder / "source", folder / "set", 32, 32, split="catalogue")
    return folder / "set"


@pytest.fixture
def losses(monkeypatch: pytest.MonkeyPatch) -> list[StepResult]:
    """The result of every step taken."""
    taken: list[StepResult] = []

    def recorded(*arguments: Any) -> StepResult:
        taken.append(train_step(*arguments))
        return taken[-1]

    monkeypatch.setattr(loop, "train_step", recorded)
    return taken


def script(monkeypatch: pytest.MonkeyPatch, figures: list[dict[str, float]]) -> None:
    """Let the evaluations find these figures, the last of them again and again."""
    left = list(figures)
    monkeypatch.setattr(HeldOutFigures, "measure", lambda *_: left.pop(0) if len(left) > 1 else left[0])
    monkeypatch.setattr(HeldOutFigures, "write_nearest", lambda *_: None)


def told(run: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads((run / "state.json").read_text())
    return state


@pytest.fixture(scope="module")
def watched(taught: Path, shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run to its target."""
    run = tmp_path_factory.mktemp("watched") / "run"
    start_fine_tuning(run, shop, taught, PRESET, changes=PLAIN)
    return run


def test_figures_pictures_and_state_are_written_from_the_base_on(watched: Path) -> None:
    lines = [json.loads(line) for line in (watched / "metrics.jsonl").read_text().splitlines()]
    assert [line["images"] for line in lines if KD in line and RATIO in line] == [0, 16, 32]
    assert [line["images"] for line in lines if "variety" in line] == [0, 8, 16, 24, 32]
    grids = sorted(path.name for path in (watched / "samples").glob("*.png"))
    assert grids == [f"{images:08d}.png" for images in (0, 8, 16, 24, 32)]
    rows = json.loads((watched / "samples" / "rows.json").read_text())
    assert {row["article_type"] for row in rows} == {"Shopping Bags", "Scarves"}
    with Image.open(watched / "samples" / grids[0]) as grid:
        assert grid.size == (32 * 10, 32 * len(rows))
    assert (watched / "nearest_photos" / "00000032.png").exists()
    state = told(watched)
    assert (state["images"], state["target"], state["ended"], state["seconds_left"]) == (32, 32, "target", 0.0)
    assert state["held_out_split"] == "validation"
    assert state["held_out_photos"] >= 8


def test_new_values_start_from_the_nearest_known_and_say_so(watched: Path, taught: Path, tmp_path: Path) -> None:
    record = export_run(watched, tmp_path / "model")
    config = EcomGANPipeline.from_pretrained(tmp_path / "model").generator.config
    assert config["condition_schema"] == 2
    assert config["grown"] == record["grown"] == {"article_type": {"Shopping Bags": "Bags", "Scarves": None}}
    before = EcomGANPipeline.from_pretrained(taught).vocabulary
    assert config["vocabulary"]["article_type"][: len(before["article_type"])] == list(before["article_type"])
    assert record["preset"] == "small"


def test_what_is_exported_keeps_a_share_of_what_it_started_from(watched: Path, taught: Path, tmp_path: Path) -> None:
    run = json.loads((watched / "run.json").read_text())
    found = {}
    for keep in (0.0, 0.5, 0.999):
        (watched / "run.json").write_text(json.dumps(run | {"config": run["config"] | {"keep": keep}}))
        export_run(watched, tmp_path / str(keep))
        pipe = EcomGANPipeline.from_pretrained(tmp_path / str(keep), discriminator=False)
        found[keep] = pipe.generator.state_dict()["to_rgb.weight"]
    (watched / "run.json").write_text(json.dumps(run))
    base = EcomGANPipeline.from_pretrained(taught, discriminator=False)
    before = base.generator.state_dict()["to_rgb.weight"]
    assert not torch.equal(found[0.0], before)
    torch.testing.assert_close(found[0.5], (found[0.0] + before) / 2, atol=1e-3, rtol=0)
    torch.testing.assert_close(found[0.999], before, atol=1e-3, rtol=0)
    with pytest.raises(ConfigError, match=r"keep is 0\.5, but the run starts from no checkpoint"):
        start_training(tmp_path / "run", tmp_path, TrainConfig(keep=0.5))


def test_a_chosen_nearest_value_beats_the_likeness_of_names(taught: Path, shop: Path, tmp_path: Path) -> None:
    nothing_learned = PLAIN | {"init_lr_factor": 1e-9, "images": 8, "copying_alarm": 0.0}
    nothing_learned |= {"replay": 0.0, "alignment": 0.0}
    state = start_fine_tuning(
        tmp_path / "run", shop, taught, PRESET, changes=nothing_learned, nearest={"article_type": {"Scarves": "Caps"}}
    )
    table = state.generator.state_dict()["mapping.embedding.tables.0.weight"]
    values = state.generator.config["vocabulary"]["article_type"]
    torch.testing.assert_close(table[1 + values.index("Scarves")], table[1 + values.index("Caps")], atol=1e-5, rtol=0)
    again = {"changes": PLAIN, "nearest": {"article_type": {"Caps": "Bags"}}}
    with pytest.raises(ConfigError, match="'Caps' is no new article_type: the checkpoint knows it"):
        start_fine_tuning(tmp_path / "other", shop, taught, PRESET, **again)
    again["nearest"] = {"article_type": {"Scarves": "Boats"}}
    with pytest.raises(ConfigError, match="'Scarves' cannot start from 'Boats'"):
        start_fine_tuning(tmp_path / "other", shop, taught, PRESET, **again)


def test_low_blocks_stay_as_taught_while_conditions_and_styles_learn(watched: Path, taught: Path) -> None:
    before = EcomGANPipeline.from_pretrained(taught).generator.state_dict()
    after = read_checkpoint(watched / "checkpoint.pt")["generator"]
    changed = {
        name for name in before if before[name].shape != after[name].shape or not before[name].equal(after[name])
    }
    assert not {"base.weight", "blocks.0.first.convolution.weight", "blocks.0.skip.weight"} & changed
    assert {"blocks.0.first.style.weight", "blocks.1.first.convolution.weight", "mapping.first.weight"} <= changed


def test_a_run_goes_on_to_the_same_losses_best_and_figures(
    taught: Path, shop: Path, tmp_path: Path, watched: Path, losses: list[StepResult]
) -> None:
    start_fine_tuning(tmp_path / "parts", shop, taught, PRESET, changes=PLAIN | {"images": 16})
    resume_training(tmp_path / "parts", {"images": 32})
    assert len(losses) == 4
    whole, parts = (read_checkpoint(run / "checkpoint.pt") for run in (watched, tmp_path / "parts"))
    assert all(torch.equal(whole["generator"][name], parts["generator"][name]) for name in whole["generator"])
    assert whole["watch"] == parts["watch"]
    assert whole["best"]["counters"]["images"] == parts["best"]["counters"]["images"]
    figures = [
        [line for line in (run / "metrics.jsonl").read_text().splitlines() if KD in line]
        for run in (watched, tmp_path / "parts")
    ]
    assert figures[0] == figures[1]


def test_a_run_killed_before_its_first_checkpoint_begins_again(
    taught: Path, shop: Path, tmp_path: Path, losses: list[StepResult]
) -> None:
    start_fine_tuning(tmp_path / "run", shop, taught, PRESET, changes=PLAIN)
    first = list(losses)
    losses.clear()
    (tmp_path / "run" / "checkpoint.pt").unlink()
    resume_training(tmp_path / "run")
    assert losses == first
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [line["images"] for line in lines if KD in line] == [0, 16, 32]


def test_sigterm_ends_with_a_checkpoint_and_says_stopped(
    taught: Path, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(*arguments: Any) -> StepResult:
        signal.raise_signal(signal.SIGTERM)
        return train_step(*arguments)

    monkeypatch.setattr(loop, "train_step", step)
    state = start_fine_tuning(tmp_path / "run", shop, taught, PRESET, changes=PLAIN)
    assert state.counters.images == 8
    assert (told(tmp_path / "run")["ended"], told(tmp_path / "run")["images"]) == ("stopped", 8)
    assert read_checkpoint(tmp_path / "run" / "checkpoint.pt")["counters"]["images"] == 8


def test_it_ends_early_when_held_out_figures_get_no_better(
    taught: Path, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, [{KD: 9.0}, {KD: 5.0}, {KD: 6.0}])
    changes = PLAIN | {"images": 8000, "patience": 2, "evaluate_every": 8}
    state = start_fine_tuning(tmp_path / "run", shop, taught, PRESET, changes=changes)
    assert state.counters.images == 24
    assert (told(tmp_path / "run")["ended"], told(tmp_path / "run")["best_images"]) == ("early_stop", 8)
    assert export_run(tmp_path / "run", tmp_path / "best", "best")["images_seen"] == 8
    assert export_run(tmp_path / "run", tmp_path / "last", "last")["images_seen"] == 24
    best, last = (EcomGANPipeline.from_pretrained(tmp_path / name).generator for name in ("best", "last"))
    assert not torch.equal(best.to_rgb.weight, last.to_rgb.weight)


def test_it_ends_when_images_come_too_close_to_training_photos_twice(
    taught: Path, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, [{KD: 9.0, RATIO: 1.1}, {KD: 5.0, RATIO: 0.3}])
    changes = PLAIN | {"images": 8000, "evaluate_every": 8}
    state = start_fine_tuning(tmp_path / "run", shop, taught, PRESET, changes=changes)
    assert state.counters.images == 16
    said = told(tmp_path / "run")
    assert (said["ended"], said["best_images"]) == ("alarm", 0)
    assert "0.30" in said["alarm"]
    assert resume_training(tmp_path / "run").counters.images == 16


def test_without_held_out_photos_the_best_cannot_be_told(taught: Path, tiny_set: Path, tmp_path: Path) -> None:
    start_fine_tuning(tmp_path / "run", tiny_set, taught, PRESET, changes=PLAIN | {"evaluate_images": 0, "images": 8})
    assert told(tmp_path / "run")["best_images"] is None
    with pytest.raises(CheckpointError, match="no held-out figures"):
        export_run(tmp_path / "run", tmp_path / "model", "best")


def test_a_share_of_each_batch_shows_what_the_checkpoint_knew(
    taught: Path, shop: Path, tiny_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []

    def step(
        state: TrainState, config: TrainConfig, real: torch.Tensor, conditions: torch.Tensor, texts: None
    ) -> StepResult:
        seen.append(conditions)
        return train_step(state, config, real, conditions, texts)

    monkeypatch.setattr(loop, "train_step", step)
    changes = PLAIN | {"images": 8, "condition_dropout": 0.0}
    state = start_fine_tuning(tmp_path / "own", shop, taught, PRESET, changes=changes)
    values = state.generator.config["vocabulary"]["article_type"]
    assert sum(values[code - 1] in ("Bags", "Caps") for code in seen[0][:, 0].tolist()) == 2
    with np.load(tmp_path / "own" / "replay.npz") as kept:
        assert kept["images"].shape[1:] == (32, 32, 3)
    start_fine_tuning(tmp_path / "photos", shop, taught, PRESET, changes=changes, replay=tiny_set)
    assert not (tmp_path / "photos" / "replay.npz").exists()
    with pytest.raises(ConfigError, match="starts from no checkpoint"):
        start_training(tmp_path / "none", shop, TrainConfig(replay=0.5, backbone="none", channels=(8, 8)))


def test_aligned_replay_holds_what_the_checkpoint_made_and_resumes_to_the_same_weights(
    taught: Path, shop: Path, tmp_path: Path, losses: list[StepResult]
) -> None:
    fast = PLAIN | {"images": 64, "init_lr_factor": 5.0, "ema": 0.0, "replay": 0.5, "copying_alarm": 0.0}
    known = [{"article_type": "Bags"}, {"article_type": "Caps"}]
    before = EcomGANPipeline.from_pretrained(taught, discriminator=False)
    moved, drifts = {}, {}
    for weight in (0.0, 1_000.0):
        losses.clear()
        state = start_fine_tuning(
            tmp_path / f"{weight}", shop, taught, PRESET, changes=fast | {"alignment": weight, "evaluate_images": 0}
        )
        after = EcomGANPipeline(state.generator)
        made = [
            np.asarray(
                pipe([""] * 16, attributes=known * 8, generator=torch.Generator().manual_seed(1)).images,
                dtype=np.float64,
            )
            for pipe in (before, after)
        ]
        moved[weight] = np.abs(made[1] - made[0]).mean()
        drifts[weight] = [step.alignment_loss for step in losses]
    assert moved[1_000.0] < moved[0.0] / 2
    assert drifts[0.0] == [0.0] * 8
    assert drifts[1_000.0][0] < 1e-9 < drifts[1_000.0][1]
    start_fine_tuning(
        tmp_path / "parts", shop, taught, PRESET,
        changes=fast | {"alignment": 1_000.0, "evaluate_images": 0, "images": 32},
    )  # fmt: skip
    resume_training(tmp_path / "parts", {"images": 64})
    whole, parts = (read_checkpoint(tmp_path / run / "checkpoint.pt")["generator"] for run in ("1000.0", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_alignment_without_replay_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"alignment is 2\.0; it must be 0 where nothing is replayed"):
        TrainConfig(alignment=2.0)


def test_runs_of_before_the_watch_go_on(watched: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    saved = read_checkpoint(watched / "checkpoint.pt")
    torch.save({name: part for name, part in saved.items() if name not in ("watch", "best")}, old / "checkpoint.pt")
    run = json.loads((watched / "run.json").read_text())
    run = {name: part for name, part in run.items() if name not in ("grown", "replay", "preset")}
    newer = ("patience", "copying_alarm", "alignment", "keep")
    run["config"] = {name: value for name, value in run["config"].items() if name not in newer}
    run["config"]["replay"] = 0.0
    (old / "run.json").write_text(json.dumps(run))
    assert resume_training(old, {"images": 40}).counters.images == 40
