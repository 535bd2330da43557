"""The figures of a training over time: one JSON line each, and TensorBoard curves."""

import json
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter


class MetricsLog:
    """metrics.jsonl and TensorBoard of one run folder. Lines past `images` (of a killed run) are cut at opening,
    and all of them where it begins anew.
    """

    def __init__(self, folder: Path, images: int) -> None:
        self._file = folder / "metrics.jsonl"
        if self._file.exists():
            lines = self._file.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if 0 < images >= json.loads(line)["images"]]
            self._file.write_text("".join(line + "\n" for line in kept), encoding="utf-8")
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=images)

    def write(self, images: int, figures: dict[str, float]) -> None:
        """One line, and one point in each curve."""
        rounded = {name: float(f"{value:.6g}") for name, value in figures.items()}
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"images": images} | rounded) + "\n")
        for name, value in figures.items():
            self._board.add_scalar(name, value, images)

    def close(self) -> None:
        """Flush the curves."""
        self._board.close()
