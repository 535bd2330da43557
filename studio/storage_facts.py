"""How much is kept, where, and how much room is left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa

from db.tables import Asset, Photo, Product, Role
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio


@dataclass(frozen=True)
class StorageFacts:
    """Where things are, without passwords, and how large (bytes). free_bytes: of the disk of `home`."""

    home: str
    assets: str
    database: str
    database_bytes: int
    free_bytes: int
    disk_bytes: int
    images: int
    photos: int
    products: int


def storage_facts(studio: Studio, actor: Actor | None) -> StorageFacts:
    """What is cheap to know. For admins."""
    require(actor, Role.ADMIN)
    settings = studio.settings
    url = settings.resolved_database_url
    disk = shutil.disk_usage(settings.home)
    with studio.reading() as session:
        images, photos, products = (
            session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in (Asset, Photo, Product)
        )
        if url.get_backend_name() == "postgresql":
            database_bytes = session.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0
        else:
            file = Path(url.database or "")
            parts = (file, file.with_name(f"{file.name}-wal"))
            database_bytes = sum(part.stat().st_size for part in parts if part.exists())
    return StorageFacts(
        home=str(settings.home),
        assets=_without_password(settings.resolved_assets_url),
        database=url.render_as_string(hide_password=True),
        database_bytes=int(database_bytes),
        free_bytes=disk.free,
        disk_bytes=disk.total,
        images=images,
        photos=photos,
        products=products,
    )


def folder_sizes(studio: Studio, actor: Actor | None) -> dict[str, int]:
    """The bytes of each folder in the home, the largest first; every file is looked at, so it takes its time on large
    homes. Files of the home itself stand under "". For admins.
    """
    require(actor, Role.ADMIN)
    found = {"": 0}
    for entry in os.scandir(studio.settings.home):
        if entry.is_dir(follow_symlinks=False):
            found[entry.name] = sum(_sizes(entry.path))
        else:
            found[""] += entry.stat(follow_symlinks=False).st_size
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _sizes(folder: str) -> Iterator[int]:
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                yield os.stat(os.path.join(root, name), follow_symlinks=False).st_size
            except FileNotFoundError:  # drafts come and go
                continue


def _without_password(url: str) -> str:
    """An fsspec URL without what may be a name, a password or a token in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
