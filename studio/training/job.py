"""What the worker does for a training: starts the process that trains, watches it, keeps what it learnt.

The process does the work, so that orders' images keep coming out; the steps here last as long as it runs. A step that
the worker's stop cuts short says so and is followed by another one, which goes on from the last checkpoint.

A run lies on the disk of its machine. When that machine's workers are gone and another machine takes the training up,
it starts again from the photos, and its log says so; another worker of the same machine goes on from the checkpoint.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Job, JobState, Training, TrainingImage, TrainingPhoto, TrainingWish, utc_now
from studio.activity import record
from studio.errors import EngineError
from studio.models.aliases import CHAMPION, holder
from studio.models.in_use import ModelView, model
from studio.models.registry import local_folder, register_folder
from studio.training.folder import REFUSED, Phase, Task, TrainingFolder, training_folder
from studio.training.process import TrainingProcess
from studio.training.records import Recorder, forget_run, image_key, write_figures
from studio.work.job_body import JobBody
from studio.work.job_rows import locked
from studio.work.jobs import first_attempt, note
from studio.work.queue import PASSING, Steps

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.25
_RECORD_SECONDS = 2.0
_PATIENCE_SECONDS = 120.0  # for the last checkpoint when people stop it
_HURRY_SECONDS = 18.0  # when the worker stops; it has 25 s for that itself
_MOST_DEATHS = 3  # in a row, without a photo more than before


class Outcome(StrEnum):
    """How a stretch of a training ended. OVER: there is something to keep; STOPPING: the worker stops; LOST: what the
    stretches before it made lies on the disk of another machine.
    """

    OVER = "over"
    LOST = "lost"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    STOPPING = "stopping"


@dataclass(frozen=True)
class Trainer(JobBody):
    """Runs trainings."""

    unit = "photos"

    def work(self, steps: Steps, job_id: str) -> None:
        """Learn, as often as it takes on one machine, and close the job by what came of it."""
        outcome: str = Outcome.CANCELLED
        if steps.run("begin", self.begin, job_id):
            while (outcome := self._learn(steps, job_id)) == Outcome.LOST:
                pass
        steps.run("finish", self.end, job_id, outcome)

    def _learn(self, steps: Steps, job_id: str) -> str:
        """From the photos to a registered model, all on one machine."""
        outcome: str = Outcome.OVER
        for phase in (Phase.TRAIN, Phase.JUDGE):
            if outcome == Outcome.OVER:
                outcome = self._whole(steps, job_id, phase)
        return steps.run("register", self.register, job_id) if outcome == Outcome.OVER else outcome

    def _whole(self, steps: Steps, job_id: str, phase: Phase) -> str:
        """One phase to its end, in as many steps as workers it takes."""
        outcome: str = Outcome.STOPPING
        while outcome == Outcome.STOPPING:
            outcome = steps.run(phase, self.stretch, steps, job_id, phase)
        return outcome

    def stretch(self, steps: Steps, job_id: str, phase: Phase) -> str:
        """One stretch of a phase; a process that dies is started again, from its last checkpoint.

        Raises EngineError when the process refuses, or dies again and again without getting any further, and when what
        was to be kept lies on another machine.
        """
        with self.studio.writing() as session:
            job = locked(session, job_id)
            training_id = _training(session, job).id
            if job.worker != self.worker:
                note(session, job_id, f"Goes on on {self.worker}.")
                job.worker = self.worker
        folder = training_folder(self.studio.settings.home, training_id)
        if not folder.has_run():
            if phase is Phase.JUDGE:
                return Outcome.LOST
            self._start_again(job_id)
        task = self._task(training_id)
        recorder = Recorder(self.studio, folder, training_id, job_id)
        deaths, furthest = 0, -1
        while True:
            asked = self._asked(steps, job_id, phase, folder)
            if asked is not None:
                return asked
            folder.write_task(task)
            with TrainingProcess(folder, phase) as process:
                asked = self._watch(steps, job_id, phase, folder, process, recorder)
                status = process.status()
                words = process.last_words()
            state = recorder.record(0.0)
            if asked is not None:
                return asked
            if status == 0 and (phase is Phase.JUDGE or state.get("ended") != "stopped"):
                return Outcome.OVER  # else something outside stopped it, such as the end of the whole machine
            if status == REFUSED:
                raise EngineError(folder.read_refusal())
            seen = int(state.get("images", 0))
            deaths, furthest = (1, seen) if seen > furthest else (deaths + 1, furthest)
            self._note(job_id, f"{_told(status)}; it goes on from its last checkpoint.")
            if deaths >= _MOST_DEATHS:
                raise EngineError(f"{_told(status)}, {deaths} times without getting any further. It printed: {words}")

    def _start_again(self, job_id: str) -> None:
        """Take back the rows of a run that lies on another machine; nothing where there was none.

        Raises EngineError when people want that run kept.
        """
        with self.studio.writing() as session:
            training = _training(session, locked(session, job_id))
            seen = training.progress.get("images")
            if not seen:
                return
            if training.wish is TrainingWish.KEEP:
                raise EngineError(
                    f"What this training learnt from {seen:,} photos seen lies on the disk of another machine. Start a "
                    "worker there and keep it again, or resume it: it then starts again from the photos."
                )
            note(session, job_id, f"The run lies on the disk of another machine: it starts again on {self.worker}.")
            forget_run(session, training)

    def _watch(
        self,
        steps: Steps,
        job_id: str,
        phase: Phase,
        folder: TrainingFolder,
        process: TrainingProcess,
        recorder: Recorder,
    ) -> str | None:
        """Until the process ends by itself (None), or is asked to end."""
        recorded = time.monotonic()
        while process.status() is None:
            time.sleep(_LOOK_SECONDS)
            try:
                asked = self._asked(steps, job_id, phase, folder)
                if asked is not None:
                    process.stop(_HURRY_SECONDS if asked == Outcome.STOPPING else _PATIENCE_SECONDS)
                now = time.monotonic()
                if asked is not None or now - recorded > _RECORD_SECONDS:
                    recorder.record(now - recorded)
                    recorded = now
                if asked is not None:
                    return self._asked(steps, job_id, phase, folder) or asked  # a cancel beats what was asked before
            except (*PASSING, sa.exc.SQLAlchemyError) as error:
                _log.warning("job %s: the training goes on, but could not be looked after: %s", job_id, error)
                time.sleep(_RECORD_SECONDS)
        recorder.record(time.monotonic() - recorded)
        return None

    def _asked(self, steps: Steps, job_id: str, phase: Phase, folder: TrainingFolder) -> str | None:
        """What people, or the end of this worker, want of the training now; None: go on."""
        with self.studio.reading() as session:
            job = session.get_one(Job, job_id)
            state, wish, worker = job.state, _training(session, job).wish, job.worker
        if worker != self.worker:  # it was thought dead and has lost the job: nothing of this step is kept any more
            return Outcome.STOPPING
        if state is not JobState.RUNNING:
            return Outcome.CANCELLED
        if phase is Phase.TRAIN and wish is TrainingWish.PAUSE:
            return Outcome.PAUSED
        if phase is Phase.TRAIN and wish is TrainingWish.KEEP and folder.has_checkpoint():
            return Outcome.OVER
        return Outcome.STOPPING if steps.stopping else None

    def _task(self, training_id: int) -> Task:
        """What the process is to do, with the models that it needs on this disk."""
        with self.studio.reading() as session:
            training = session.get_one(Training, training_id)
            champion_id = holder(session, CHAMPION)
            ids = {training.base_model_id} | ({champion_id} if champion_id else set())
            models = {model_id: model(session, model_id) for model_id in ids}
            rows = session.scalars(sa.select(TrainingPhoto).where(TrainingPhoto.training_id == training_id))
            photos = [{"file": row.sha256, "id": str(row.photo_id), **row.attributes} for row in rows]
            images = session.scalars(sa.select(TrainingImage).where(TrainingImage.training_id == training_id))
            photos += [{"file": row.sha256, "id": image_key(row.asset_id), **row.attributes} for row in images]
            preset, target, nearest = training.preset, training.images, training.options.get("nearest", {})
            base_id = training.base_model_id
        compared = {model_id: found for model_id, found in models.items() if found.engine == models[base_id].engine}
        return Task(
            assets_url=self.studio.settings.resolved_assets_url,
            base=str(local_folder(self.studio, models[base_id])),
            preset=preset,
            images=target,
            nearest=nearest,
            photos=photos,
            compared={str(model_id): str(local_folder(self.studio, found)) for model_id, found in compared.items()},
            threads=self.studio.settings.threads,
        )

    def register(self, job_id: str) -> str:
        """Keep the taught model as a challenger, with the figures of it and of those that it was compared with.

        LOST when the worker that judged it was on another machine.
        """
        with self.studio.reading() as session:
            training = _training(session, session.get_one(Job, job_id))
            training_id, name, base_id = training.id, training.name, training.base_model_id
        folder = training_folder(self.studio.settings.home, training_id)
        if not folder.model.exists():  # registered before the worker died, or exported on another machine
            return Outcome.LOST if training.model_version_id is None else Outcome.OVER
        taught: ModelView = register_folder(
            self.studio, None, folder.model, name=name, source="fine_tuned", parent_id=base_id
        )
        with self.studio.writing() as session:
            training = session.get_one(Training, training_id)
            training.model_version_id = taught.id
            for key, figures in folder.read_figures().items():
                write_figures(session, int(key) if key else taught.id, f"training-{training_id}", figures)
            text = f"The training {name} ended; model {taught.name} is a challenger."
            record(session, None, "trained", "training", training_id, text, model_version_id=taught.id)
        folder.clear()
        return Outcome.OVER

    def end(self, job_id: str, outcome: str) -> None:
        """Close the job: done, paused or cancelled."""
        ends = {
            Outcome.OVER: (JobState.DONE, "Finished."),
            Outcome.PAUSED: (JobState.PAUSED, "Paused; it can go on from here."),
            Outcome.CANCELLED: (JobState.CANCELLED, "Stopped; it can go on from here."),
        }
        with self.studio.writing() as session:
            job = locked(session, job_id)
            training = _training(session, job)
            if training.wish is TrainingWish.DISCARD:
                training_folder(self.studio.settings.home, training.id).clear()
            if job.state not in (JobState.RUNNING, JobState.CANCELLING):
                return
            job.state, line = ends[Outcome(outcome)]
            job.finished_at = utc_now()
            note(session, job_id, line)

    def _note(self, job_id: str, text: str) -> None:
        with self.studio.writing() as session:
            note(session, job_id, text)


def _training(session: Session, job: Job) -> Training:
    return session.scalars(sa.select(Training).where(Training.job_id == first_attempt(job))).one()


def _told(status: int | None) -> str:
    if status is not None and status < 0:
        return f"The training process was killed by signal {-status}" + (
            " (often for want of memory)" if status == -9 else ""
        )
    return f"The training process ended by itself (status {status})"
