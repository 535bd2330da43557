"""A small world in which something can be taught: a tiny model with its heads, and products with drawn photos."""

from __future__ import annotations

import io
from pathlib import Path

import sqlalchemy as sa
from PIL import Image, ImageDraw

from db.tables import LicenceState, ModelVersion, Photo, Product
from studio.bootstrap import Studio
from studio.models.registry import register_folder

COLOURS = {"Red": (200, 30, 40), "Blue": (30, 60, 200), "Black": (20, 20, 20)}
ARTICLES = ("Bags", "Caps")


def make_teachable(folder: Path) -> Path:
    """A checkpoint folder of an untaught generator of 32x32 images with the heads that would teach it."""
    import torch

    from ecomgan import EcomGANPipeline
    from ecomgan.networks.discriminator import ProjectedDiscriminator
    from ecomgan.networks.generator import Generator

    torch.manual_seed(0)
    vocabulary = {"article_type": list(ARTICLES), "colour": list(COLOURS), "usage": ["Casual"]}
    shape = {"channels": (16, 8, 8, 8), "latent_dim": 8, "embedding_dim": 4, "style_dim": 16}
    generator = Generator(vocabulary, base_height=4, base_width=4, **shape)
    discriminator = ProjectedDiscriminator(
        vocabulary,
        "none",
        feature_channels=(32, 64, 128, 128),
        embedding_dim=4,
    )
    EcomGANPipeline(generator, discriminator).save_pretrained(folder)
    return folder


def register_teachable(studio: Studio, folder: Path) -> int:
    """Put that checkpoint into production; returns the id of its version."""
    return register_folder(studio, None, folder, name="tiny", source="shipped").id


def add_photos(
    studio: Studio,
    number: int,
    *,
    prefix: str = "P",
    category: str | None = None,
    licence: LicenceState = LicenceState.GRANTED,
    consent: LicenceState = LicenceState.GRANTED,
) -> list[int]:
    """One product each, with a photo of its own; returns the ids of the photos."""
    rows: list[Photo] = []
    names = list(COLOURS)
    for at in range(number):
        article, colour = ARTICLES[at % 2], names[at // 2 % len(names)]
        sha256 = studio.storage.put(draw(article, colour, at + sum(prefix.encode())))
        with studio.writing() as session:
            product = Product(
                sku=f"{prefix}{at}",
                title=f"{colour} {article} {prefix}{at}",
                category=category or article,
                colour=colour,
                usage="Casual",
            )
            session.add(product)
            session.flush()
            row = Photo(product_id=product.id, sha256=sha256, height=64, width=48, licence=licence, consent=consent)
            session.add(row)
            session.flush()
            rows.append(row)
    return [row.id for row in rows]


def draw(article: str, colour: str, number: int) -> bytes:
    """A PNG of 64x48: a disc or a box of the colour on white, a little different for each number."""
    image = Image.new("RGB", (48, 64), "white")
    pen = ImageDraw.Draw(image)
    box = (4 + number % 7, 5 + number // 7 % 9, 30 + number % 5, 44 + number // 5 % 8)
    red, green, blue = COLOURS[colour]
    (pen.ellipse if article == "Caps" else pen.rectangle)(box, fill=(red, green, (blue + number) % 256))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def champion_id(studio: Studio) -> int:
    """The only model version."""
    with studio.reading() as session:
        return session.scalars(sa.select(ModelVersion.id)).one()
