"""Images for the tests of what happens after one was made: real pixels, real rows, no worker."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import (
    Asset,
    AssetScoring,
    AssetState,
    Brief,
    Job,
    JobState,
    LicenceState,
    ModelVersion,
    Photo,
    Product,
    Purpose,
    Score,
)
from ecomgan.metrics import SCORERS, keys_of
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.scoring.identity import less_is_better
from studio.scoring.measures import edition, version_of

GOOD_SCORES = {"sharpness": 2.0, "border_whiteness": 99.0, "fill": 85.0, "centring": 0.02, "colour_difference": 5.0}


class Images:
    """Makes rows as the worker would: one job and brief a call, `number` assets in it."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def model(self, name: str = "starter", licence: LicenceState = LicenceState.GRANTED) -> int:
        """The id of a registered model of this name."""
        with self._studio.writing() as session:
            found = session.scalar(sa.select(ModelVersion.id).where(ModelVersion.name == name))
            if found is not None:
                return found
            digest = hashlib.sha256(name.encode()).hexdigest()
            row = ModelVersion(name=name, digest=digest, folder=f"models/{name}", height=80, width=64, licence=licence)
            session.add(row)
            session.flush()
            return row.id

    def product(self, sku: str = "TSH-1", title: str = "Red shirt", *, photo: bool = False, **fields: object) -> int:
        """The id of a new product, with a real photo on request."""
        values = {"category": "Apparel > Topwear > Tshirts", "colour": "Red", **fields}
        with self._studio.writing() as session:
            row = Product(sku=sku, title=title, **values)
            session.add(row)
            session.flush()
            if photo:
                session.add(Photo(product_id=row.id, sha256="0" * 64, height=80, width=64))
            return row.id

    def make(
        self,
        maker: Actor,
        number: int = 1,
        *,
        state: AssetState = AssetState.DRAFT,
        category: str = "Tshirts",
        colour: str | None = "Red",
        prompt: str = "red shirt",
        product_id: int | None = None,
        purpose: Purpose = Purpose.CONCEPT,
        model: str = "starter",
        licence: LicenceState = LicenceState.GRANTED,
        scores: Mapping[str, float | None] = GOOD_SCORES,
        compute_seconds: float = 1.0,
    ) -> list[int]:
        """Ids of `number` new images."""
        model_id = self.model(model, licence)
        sha256s = [self._studio.storage.put(picture(seed)) for seed in range(number)]
        with self._studio.writing() as session:
            job = Job(
                id=str(uuid4()),
                kind="images",
                title=prompt,
                state=JobState.DONE,
                owner_id=maker.id,
                total=number,
                done=number,
                compute_seconds=compute_seconds,
            )
            session.add(job)
            session.flush()
            brief = Brief(
                job_id=job.id,
                product_id=product_id,
                prompt=prompt,
                model_version_id=model_id,
                number=number,
                seed=0,
                purpose=purpose,
                created_by_id=maker.id,
            )
            session.add(brief)
            session.flush()
            rows = [
                Asset(
                    brief_id=brief.id,
                    number=k,
                    seed=k,
                    sha256=sha256,
                    height=80,
                    width=64,
                    state=state,
                    purpose=purpose,
                    category=category,
                    colour=colour,
                    product_id=product_id,
                    model_version_id=model_id,
                    created_by_id=maker.id,
                )
                for k, sha256 in enumerate(sha256s)
            ]
            session.add_all(rows)
            session.flush()
            session.add_all(
                Score(asset_id=row.id, metric=metric, version=version_of(metric), value=value)
                for row in rows
                for metric, value in scores.items()
            )
            return [row.id for row in rows]

    def compare(self, asset_id: int, **scores: float | None) -> None:
        """Let the image have been compared with its product's newest photo: alike in everything, but for `scores`."""
        alike = {key: SCORERS[key].low if less_is_better(key) else SCORERS[key].high for key in keys_of("identity")}
        with self._studio.writing() as session:
            row = session.get_one(Asset, asset_id)
            photo = sa.select(Photo.sha256).where(Photo.product_id == row.product_id).order_by(Photo.id.desc())
            sha256 = session.scalars(photo).first()
            session.merge(AssetScoring(asset_id=asset_id, edition=edition(), photo_sha256=sha256))
            session.add_all(
                Score(asset_id=asset_id, metric=key, version=SCORERS[key].version, value=value)
                for key, value in (alike | scores).items()
            )


def seen(studio: Studio, asset_id: int) -> str:
    """The hash of an image, as one who has it before their eyes sends it with a decision."""
    with studio.reading() as session:
        return session.get_one(Asset, asset_id).sha256


def picture(seed: int) -> bytes:
    """An 80x64 PNG (height x width): a coloured rectangle on white."""
    pixels = np.full((80, 64, 3), 255, dtype=np.uint8)
    pixels[10:70, 10:54] = np.random.default_rng(seed).integers(0, 200, 3)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def images(studio: Studio) -> Images:
    return Images(studio)
