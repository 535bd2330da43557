"""What the worker does to learn the house styles: look at every new picture, then count, category by category."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import HouseStyle, JobState
from studio.publishing.house_figures import FEWEST, Place, as_json, figures_of
from studio.publishing.house_style import successor
from studio.publishing.placements import keep, look_for, places, unsearched
from studio.publishing.style_pictures import StylePicture, paths_above, style_pictures
from studio.work.job_body import JobBody
from studio.work.job_rows import advance, locked, take_up
from studio.work.jobs import note
from studio.work.queue import Steps

_CHUNK = 24  # pictures, about half a second


@dataclass(frozen=True)
class _Ground:
    """The pictures of one category or path. source: its name."""

    source: str
    pictures: Sequence[StylePicture]
    whole: Sequence[tuple[StylePicture, Place]]

    @property
    def enough(self) -> bool:
        return len(self.whole) >= FEWEST


@dataclass(frozen=True)
class StyleLearner(JobBody):
    """Learns house styles; those of before hold on when it fails."""

    def work(self, steps: Steps, job_id: str) -> None:
        """Chunk after chunk of pictures that nobody looked at yet, then all categories at once."""
        going = steps.run("begin", self.begin, job_id)
        while going:
            going = steps.run("look", self.look_at_some, job_id)
        steps.run("learn", self.learn, job_id)
        steps.run("finish", self.finish, job_id)

    def begin(self, job_id: str) -> bool:
        """Mark the job as running and count what is to be looked at; False when it was cancelled meanwhile."""
        with self.studio.writing() as session:
            job = take_up(session, job_id, self.worker)
            if job is None:
                return False
            job.total = max(1, len(unsearched(session, [one.sha256 for one in style_pictures(session)])))
            return True

    def look_at_some(self, job_id: str) -> bool:
        """Look at the next pictures. False when none is left, or the job was cancelled."""
        start = time.perf_counter()
        if not self.goes_on(job_id):
            return False
        with self.studio.reading() as session:
            left = unsearched(session, [one.sha256 for one in style_pictures(session)])[:_CHUNK]
        rows = [look_for(self.studio, sha256) for sha256 in left]
        with self.studio.writing() as session:
            keep(session, rows)
            going = advance(locked(session, job_id), len(rows), start)
            if faults := [row.sha256[:12] for row in rows if row.fault]:
                note(session, job_id, f"{len(faults)} pictures could not be read: {', '.join(faults)}.")
            return bool(left) and going

    def learn(self, job_id: str) -> None:
        """Write a new version of each style that changed; what people locked stays locked."""
        with self.studio.writing() as session:
            if locked(session, job_id).state is not JobState.RUNNING:
                return
            grounds = _grounds(session)
            changed = [category for category, ground in grounds.items() if _write(session, job_id, category, ground)]
            told = f"{len(grounds)} categories have a style; new: {', '.join(changed) or 'none'}."
            note(session, job_id, told[:1000])


def _grounds(session: Session) -> dict[str, _Ground]:
    """Category -> the pictures to learn it from: its own, or those of the nearest path above it that has enough."""
    pictures = style_pictures(session)
    found = places(session, [one.sha256 for one in pictures])
    above = paths_above(session)
    groups: dict[str, list[StylePicture]] = defaultdict(list)
    for one in pictures:
        for source in (one.category, *above.get(one.category, ())):
            groups[source].append(one)
    grounds = {source: _ground(source, some, found) for source, some in groups.items()}
    chosen = {}
    for category in sorted({one.category for one in pictures}):
        circles = [grounds[source] for source in (category, *above.get(category, ()))]
        ground = next((ground for ground in circles if ground.enough), None)
        if ground is not None:
            chosen[category] = ground
    return chosen


def _ground(source: str, pictures: Sequence[StylePicture], found: Mapping[str, Place | None]) -> _Ground:
    seen = [(one, found.get(one.sha256)) for one in pictures]
    return _Ground(source, pictures, [(one, place) for one, place in seen if place is not None and place.whole])


def _write(session: Session, job_id: str, category: str, ground: _Ground) -> bool:
    """Write the style unless it says what it said before."""
    newest = sa.select(HouseStyle).where(HouseStyle.category == category).order_by(HouseStyle.version.desc()).limit(1)
    row = session.scalar(newest.with_for_update())
    images = sum(one.asset_id is not None for one, _ in ground.whole)
    learnt = {
        "source": ground.source,
        "images": images,
        "photos": len(ground.whole) - images,
        "cut": len(ground.pictures) - len(ground.whole),
        "figures": as_json(figures_of([place for _, place in ground.whole])),
    }
    if row is not None and all(getattr(row, name) == value for name, value in learnt.items()):
        return False
    if row is None:
        session.add(HouseStyle(category=category, version=1, locked={}, job_id=job_id, **learnt))
    else:
        session.add(successor(row, **learnt, job_id=job_id))
    return True
