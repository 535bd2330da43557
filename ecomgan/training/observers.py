"""All that looks at a training without changing it: grids, held-out figures, logs, progress."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ecomgan.data.prepared import PreparedSet
from ecomgan.training.held_out import HeldOutFigures, held_out_figures
from ecomgan.training.metrics_log import MetricsLog
from ecomgan.training.monitor import Monitor
from ecomgan.training.progress import Progress
from ecomgan.training.run import Run
from ecomgan.training.state import TrainState
from ecomgan.training.step import StepResult
from ecomgan.training.watch import End

Report = Callable[[int, Mapping[str, float]], None]
"""Told of each evaluation: images seen, and the held-out figures. What it raises ends the training."""


@dataclass(frozen=True)
class _Watching:
    """What only the first process has."""

    monitor: Monitor
    held_out: HeldOutFigures | None
    log: MetricsLog
    progress: Progress


class Observers:
    """Looks on behalf of all processes: the first one does the work, the others are told what they need to know."""

    def __init__(self, run: Run, state: TrainState, photos: PreparedSet, report: Report | None = None) -> None:
        self._run, self._state, self._report = run, state, report
        self._first = _watching(run, state, photos) if state.processes.first else None

    def look(self) -> None:
        """Grid and held-out figures whenever another stretch of images is full."""
        config, images = self._run.config, self._state.counters.images
        if images % config.grid_every < config.batch:
            self.show()
        if images % config.evaluate_every < config.batch:
            self.evaluate()
        if self._first:
            self._first.progress.tell(self._state)

    def show(self) -> None:
        """A grid, and how varied the images are."""
        if self._first is None:
            return
        monitor = self._first.monitor
        monitor.write_grid(self._state, self._run.folder / "samples")
        figures = {"variety": monitor.variety(self._state), "variety_real": monitor.real_variety}
        self._first.log.write(self._state.counters.images, figures)

    def evaluate(self) -> None:
        """The held-out figures, where there are any; all processes take them in."""
        figures = self._state.processes.from_first(self._measure)
        if figures is None:
            return
        images = self._state.counters.images
        if self._state.watch.note(images, figures, self._run.config):
            self._state.keep_as_best()
        if self._report is not None:
            self._report(images, figures)

    def log(self, result: StepResult) -> None:
        """One line of figures of a step."""
        counters = self._state.counters
        if self._first:
            figures = {
                "loss/discriminator": result.discriminator_loss,
                "loss/mismatch": result.mismatch_loss,
                "loss/generator": result.generator_loss,
                "loss/alignment": result.alignment_loss,
                "logit/real": result.real_logit,
                "logit/fake": result.fake_logit,
                "bad_steps": counters.bad_steps,
                "seconds": counters.seconds,
                "images_per_second": counters.images / counters.seconds,
            }
            self._first.log.write(counters.images, figures)

    def tell(self, ended: End | None) -> None:
        """Write how far it is. ended: why training is over, None while it goes on."""
        if self._first:
            self._first.progress.write(self._state, ended)

    def close(self) -> None:
        """Flush the logs."""
        if self._first:
            self._first.log.close()

    def _measure(self) -> dict[str, float] | None:
        if self._first is None or self._first.held_out is None:
            return None
        held_out = self._first.held_out
        images = self._state.counters.images
        figures = held_out.measure(self._state)
        self._first.log.write(images, figures)
        held_out.write_nearest(self._run.folder / "nearest_photos", images)
        return figures


def _watching(run: Run, state: TrainState, photos: PreparedSet) -> _Watching:
    held_out = held_out_figures(run, state, photos)
    return _Watching(
        Monitor(run.config, run.vocabulary, photos),
        held_out,
        MetricsLog(run.folder, state.counters.images, run.config),
        Progress(run.folder, run.config, state, None if held_out is None else held_out.photos),
    )
