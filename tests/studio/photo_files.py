"""Photos as people hand them over, and a worker that takes them at once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa
from PIL import Image

from db.tables import Photo, PhotoOutcome, Product
from studio.bootstrap import Studio
from studio.photos.job import PhotoPlacer
from studio.photos.rights import Statement
from studio.photos.uploads import Incoming, UploadView, upload, upload_archive, upload_files, upload_photos
from studio.roles import Actor
from tests.studio.at_once import AtOnce


def photo(seed: int, *, side: int = 64, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture of blots that no other seed gives."""
    blots = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(blots).resize((side, side), Image.Resampling.BICUBIC).save(file, kind, **options)
    return file.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """These files as a ZIP."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def work(studio: Studio, actor: Actor, upload_id: int, before: Callable[[str], None] = lambda name: None) -> UploadView:
    """Let a worker take the upload; what came of it."""
    PhotoPlacer(studio, "test").body(AtOnce(before), upload(studio, actor, upload_id).job.id)  # type: ignore[arg-type]
    return upload(studio, actor, upload_id)


def bring(studio: Studio, actor: Actor, files: Mapping[str, bytes], statement: Statement | None = None) -> UploadView:
    """Hand over these files and let a worker take them."""
    incoming = [Incoming(path, data) for path, data in files.items()]
    return work(studio, actor, upload_photos(studio, actor, incoming, statement or Statement()))


def bring_zip(studio: Studio, actor: Actor, data: bytes) -> UploadView:
    """Hand over a ZIP and let a worker take it."""
    return work(studio, actor, upload_archive(studio, actor, "spring.zip", data, Statement()))


def standing(studio: Studio) -> dict[str, set[str]]:
    """File name -> SKUs at which it stands."""
    found: dict[str, set[str]] = {}
    with studio.reading() as session:
        for name, sku in session.execute(sa.select(Photo.file_name, Product.sku).join(Product)):
            found.setdefault(name, set()).add(sku)
    return found


def reasons(studio: Studio, actor: Actor, view: UploadView) -> dict[str, str]:
    """File -> why it was refused."""
    return {file.path: file.reason for file in upload_files(studio, actor, view.id, PhotoOutcome.REFUSED)}
