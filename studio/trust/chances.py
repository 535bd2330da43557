"""The probabilities of the images that wait: told anew when their scores or the calibration change."""

from __future__ import annotations

import logging
from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, AutomaticRule, Calibration, Chance, Score
from studio.bootstrap import Studio
from studio.trust.calibrations import model_of, newest
from studio.trust.model import Scores

_log = logging.getLogger(__name__)

CHUNK = 500
"""Images in one transaction: about 50 ms."""


def foretell_some(studio: Studio, limit: int = CHUNK) -> int:
    """Foretell up to `limit` of the images in review that are not foretold as they stand now; returns how many.

    By the newest calibration all, by those that rules stand on the images of their categories. 0 also where nothing is
    calibrated yet. Two workers may do the same ones: the answer is the same.
    """
    for calibration_id, categories in _in_use(studio):
        done = _foretell(studio, calibration_id, categories, limit)
        if done:
            return done
    return 0


def _in_use(studio: Studio) -> list[tuple[int, tuple[str, ...] | None]]:
    """The calibrations by which images are foretold, each with its categories; None are all."""
    with studio.reading() as session:
        row = newest(session)
        rules = sa.select(AutomaticRule.calibration_id, AutomaticRule.category)
        standing = session.execute(rules.where(AutomaticRule.open_category.is_not(None))).all()
    if row is None:
        return []
    older: dict[int, list[str]] = defaultdict(list)
    for calibration_id, category in standing:
        if calibration_id != row.id:
            older[calibration_id].append(category)
    return [(row.id, None), *((id_, tuple(categories)) for id_, categories in older.items())]


def _foretell(studio: Studio, calibration_id: int, categories: tuple[str, ...] | None, limit: int) -> int:
    with studio.reading() as session:
        images = session.execute(_waiting(calibration_id, categories).limit(limit)).all()
        if not images:
            return 0
        model = model_of(session.get_one(Calibration, calibration_id))
        known, last = scores_of(session, [image.id for image in images])
    foretold = model.predict([known[image.id] for image in images], [image.category for image in images])
    rows = [
        Chance(
            asset_id=image.id,
            calibration_id=calibration_id,
            probability=float(probability),
            last_score_id=last[image.id],
        )
        for image, probability in zip(images, foretold, strict=True)
    ]
    try:
        with studio.writing() as session:
            for one in rows:
                session.merge(one)
    except sa.exc.IntegrityError as error:  # another worker put the same ones down at this moment
        _log.info("images were foretold by another worker: %s", error.orig)
    return len(images)


def scores_of(session: Session, asset_ids: list[int]) -> tuple[dict[int, Scores], dict[int, int]]:
    """The scores of images as decisions keep them, each of its newest version; and the id of their newest score."""
    known: dict[int, dict[str, dict[str, float | None]]] = {asset_id: {} for asset_id in asset_ids}
    last = dict.fromkeys(asset_ids, 0)
    query = sa.select(Score.id, Score.asset_id, Score.metric, Score.version, Score.value)
    rows = session.execute(query.where(Score.asset_id.in_(asset_ids)).order_by(Score.version))
    for id_, asset_id, metric, version, value in rows:
        known[asset_id][metric] = {"version": version, "value": value}
        last[asset_id] = max(last[asset_id], id_)
    return dict(known), last


def _waiting(calibration_id: int, categories: tuple[str, ...] | None) -> sa.Select[int, str]:
    """The images in review whose probability is missing, or older than one of their scores."""
    newer = sa.exists().where(Score.asset_id == Asset.id, Score.id > Chance.last_score_id)
    known = sa.and_(Chance.asset_id == Asset.id, Chance.calibration_id == calibration_id)
    query = sa.select(Asset.id, Asset.category).outerjoin(Chance, known)
    query = query.where(Asset.state == AssetState.IN_REVIEW, sa.or_(Chance.asset_id.is_(None), newer))
    if categories is not None:
        query = query.where(Asset.category.in_(categories))
    return query.order_by(Asset.id)
