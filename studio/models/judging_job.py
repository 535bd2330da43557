"""What the worker does for a judging: a process of low priority makes images of both models and measures them."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.tables import Job, JobState, Judging
from studio.errors import EngineError
from studio.models.in_use import model
from studio.models.judging import data_name
from studio.models.registry import local_folder
from studio.training.folder import REFUSED, Phase, Task, TrainingFolder
from studio.training.process import TrainingProcess
from studio.training.records import write_figures
from studio.work.job_body import JobBody
from studio.work.job_rows import locked
from studio.work.queue import Steps

_LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Judge(JobBody):
    """Judges models."""

    unit = "models"

    def work(self, steps: Steps, job_id: str) -> None:
        """Begin, judge in as many steps as workers it takes, finish."""
        if steps.run("begin", self.begin, job_id):
            while not steps.run("judge", self.judge, steps, job_id):
                pass
        steps.run("finish", self.finish, job_id)

    def judge(self, steps: Steps, job_id: str) -> bool:
        """Judge both models and keep their figures. False when the worker stops: another step begins again.

        Raises EngineError when the process refuses or breaks down.
        """
        start = time.perf_counter()
        folder = self._folder(job_id)
        task = self._task(job_id)
        folder.write_task(task)
        with TrainingProcess(folder, Phase.COMPARE) as process:
            while (status := process.status()) is None:
                if steps.stopping:
                    return False
                if not self._go_on(job_id, int(folder.read_telling().get("judged", 0))):
                    return True
                time.sleep(_LOOK_SECONDS)
            words = process.last_words()
        if status == REFUSED:
            raise EngineError(folder.read_refusal())
        if status != 0:
            raise EngineError(f"The process that judged ended with status {status}. It printed: {words}")
        with self.studio.writing() as session:
            judging = session.get_one(Judging, job_id)
            for model_id, figures in folder.read_figures().items():
                write_figures(session, int(model_id), data_name(judging.photos), figures)
            job = locked(session, job_id)
            job.done = job.total
            job.compute_seconds += time.perf_counter() - start
        return True

    def finish(self, job_id: str) -> None:
        """Close the job: done, or cancelled."""
        shutil.rmtree(self._folder(job_id).path, ignore_errors=True)
        super().finish(job_id)

    def told(self, session: Session, job: Job) -> str:
        """What they have now."""
        return "Done: both have figures on the same photos."

    def fail(self, job_id: str, message: str) -> None:
        """Close the job as failed. `message` is for people."""
        shutil.rmtree(self._folder(job_id).path, ignore_errors=True)
        super().fail(job_id, message)

    def _folder(self, job_id: str) -> TrainingFolder:
        return TrainingFolder(self.studio.settings.home / "judgings" / job_id)

    def _task(self, job_id: str) -> Task:
        with self.studio.reading() as session:
            judging = session.get_one(Judging, job_id)
            views = [model(session, id_) for id_ in (judging.champion_id, judging.challenger_id)]
            photos = list(judging.photos)
        folders = {str(view.id): str(local_folder(self.studio, view)) for view in views}
        return Task(
            assets_url=self.studio.settings.resolved_assets_url,
            base=folders[str(views[0].id)],
            preset="",
            images=0,
            nearest={},
            photos=photos,
            compared=folders,
            threads=self.studio.settings.threads,
        )

    def _go_on(self, job_id: str, judged: int) -> bool:
        """Keep how many are judged; whether the job is still wanted, and still ours."""
        with self.studio.reading() as session:
            job = session.get_one(Job, job_id)
            wanted = job.state is JobState.RUNNING and job.worker == self.worker
            told = job.done
        if wanted and judged > told:
            with self.studio.writing() as session:
                locked(session, job_id).done = judged
        return wanted
