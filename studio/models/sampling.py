"""Draws the picture of each new model version: the same seeds for all. Loads torch: only the worker may import this."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from db.tables import ModelVersion
from studio.bootstrap import Studio
from studio.engines.live import Engine, Engines, Recipe, Wanted
from studio.errors import StudioError
from studio.making.briefs import ARTICLE
from studio.making.generation import png
from studio.models.showcase import SEEDS, showcase
from studio.models.views import ECOMGAN, ModelView, model_view

_GAP = 4  # pixels of white between images
_log = logging.getLogger(__name__)


@dataclass
class SampleDrawer:
    """Draws what is missing, one version a call. A version that fails is not tried again by this process."""

    studio: Studio
    engines: Engines
    _refused: set[int] = field(default_factory=set)

    def draw_next(self) -> bool:
        """Draw the picture of the newest version that has none; False when there is nothing to do.

        Only checkpoints of this studio get one: a diffusers engine may take minutes for an image.
        """
        with self.studio.reading() as session:
            waiting = sa.select(ModelVersion).where(
                ModelVersion.samples_sha256.is_(None),
                ModelVersion.engine == ECOMGAN,
                ModelVersion.id.not_in(self._refused),
            )
            row = session.scalar(waiting.order_by(ModelVersion.id.desc()).limit(1))
            if row is None:
                return False
            view, words = model_view(row), showcase(session, row.id)
        try:
            sha256 = self.studio.storage.put(png(self._draw(view, words)))
            with self.studio.writing() as session:
                session.get_one(ModelVersion, view.id).samples_sha256 = sha256
        except StudioError as error:
            self._refused.add(view.id)
            _log.warning("model %s gets no picture: %s", view.name, error)
        return True

    def _draw(self, model: ModelView, words: tuple[str, ...]) -> npt.NDArray[np.uint8]:
        engine = self.engines.get(model)
        wanted = [Wanted({ARTICLE: word}, seed) for word in words for seed in SEEDS]
        return sheet(_make(engine, wanted), columns=len(SEEDS))


def sheet(images: npt.NDArray[np.uint8], *, columns: int) -> npt.NDArray[np.uint8]:
    """Images (N, H, W, 3) in rows of `columns` on white, as one uint8 RGB picture; N is a multiple of `columns`."""
    n, height, width, _ = images.shape
    framed = np.pad(images, ((0, 0), (0, _GAP), (0, _GAP), (0, 0)), constant_values=255)
    rows = framed.reshape(n // columns, columns, height + _GAP, width + _GAP, 3)
    picture: npt.NDArray[np.uint8] = np.vstack([np.hstack(list(row)) for row in rows])
    return picture


def _make(engine: Engine, wanted: list[Wanted]) -> npt.NDArray[np.uint8]:
    starts = range(0, len(wanted), engine.batch)
    return np.concatenate([engine.make(wanted[start : start + engine.batch], Recipe()) for start in starts])
