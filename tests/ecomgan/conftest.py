"""A small catalogue drawn on the spot, its prepared set, and a checkpoint of the real classes in small."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from ecomgan.training.config import TrainConfig

COLOURS = {"Red": (200, 30, 40), "Blue": (30, 60, 200), "Black": (20, 20, 20)}
ARTICLES = ("Bags", "Caps")
PHOTOS_OF_EACH = 6
TINY_VOCABULARY = {
    "article_type": ["Bags", "Caps"],
    "colour": ["Red", "Blue", "Navy Blue", "Black"],
    "usage": ["Casual"],
}


def draw_photo(article: str, colour: str, number: int) -> bytes:
    """A PNG of 32x32: a disc or a box of the colour on white, a little different for each number."""
    image = Image.new("RGB", (32, 32), "white")
    box = (4 + number % 3, 5 + number // 3, 24 + number % 2, 26)
    draw = ImageDraw.Draw(image)
    (draw.ellipse if article == "Caps" else draw.rectangle)(box, fill=COLOURS[colour])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one Parquet file of 36 product photos with texts."""
    rows = [
        {
            "id": f"{article}-{colour}-{number}",
            "title": f"Shop {colour} {article} {number}",
            "article_type": article,
            "colour": colour,
            "usage": "Casual",
            "image": draw_photo(article, colour, number),
        }
        for article in ARTICLES
        for colour in COLOURS
        for number in range(PHOTOS_OF_EACH)
    ]
    folder = tmp_path_factory.mktemp("catalogue")
    pq.write_table(pa.Table.from_pylist(rows), folder / "train-0.parquet")
    return folder


@pytest.fixture(scope="session")
def tiny_set(catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue as a prepared set of 32x32."""
    from ecomgan.data.prepare import prepare

    out = tmp_path_factory.mktemp("sets") / "tiny"
    prepare(catalogue, out, height=32, width=32)
    return out


@pytest.fixture(scope="session")
def set_with_dev(catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny set with six of its photos held out for watching."""
    from ecomgan.data.prepare import prepare

    folder = tmp_path_factory.mktemp("sets") / "watched"
    prepare(catalogue, folder, height=32, width=32)
    table = pq.read_table(folder / "table.parquet")
    splits = ["dev" if row % 6 == 0 else "train" for row in range(table.num_rows)]
    place = table.column_names.index("split")
    pq.write_table(table.set_column(place, "split", [splits]), folder / "table.parquet")
    return folder


@pytest.fixture
def tiny_config() -> "TrainConfig":
    """The options of a training that takes seconds."""
    from ecomgan.training.config import TrainConfig

    return TrainConfig(
        images=32,
        batch=8,
        precision="fp32",
        device="cpu",
        channels=(16, 8, 8),
        latent_dim=8,
        embedding_dim=4,
        style_dim=16,
        backbone="none",
        smallest_count=2,
        grid_every=1_000_000,
        evaluate_every=1_000_000,
        evaluate_images=0,
    )


@pytest.fixture(scope="session")
def tiny_encoder(tiny_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a dual encoder of a few thousand parameters, taught on the tiny set. Read only."""
    from ecomgan.data.prepared import open_prepared
    from ecomgan.encoder.config import EncoderConfig
    from ecomgan.encoder.folder import write_folder
    from ecomgan.encoder.training import teach

    config = EncoderConfig(
        epochs=30, batch=12, learning_rate=5e-3, precision="fp32", embedding_dim=16, vocabulary=300, longest_text=16,
        text_width=32, text_layers=1, text_dropout=0.0, stem=8, channels=(8, 16), depths=(1, 1), shift=0, cutout=0,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("encoders")
    train = open_prepared(tiny_set, "train")
    taught = teach(train, None, config, folder / "checkpoint.pt")
    write_folder(folder / "tiny", taught, config, train, "ab" * 32, "python -m ecomgan train-encoder tiny")
    return folder / "tiny"


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untaught checkpoint folder of 16x8 images. Read only: copy it to change it."""
    import torch

    from ecomgan import EcomGANPipeline
    from ecomgan.networks.discriminator import ProjectedDiscriminator
    from ecomgan.networks.generator import Generator

    torch.manual_seed(0)
    generator = Generator(
        TINY_VOCABULARY, base_height=4, base_width=2, channels=(16, 8, 8), latent_dim=8, embedding_dim=4, style_dim=16
    )
    discriminator = ProjectedDiscriminator(
        TINY_VOCABULARY,
        "none",
        feature_channels=(32, 64, 128, 128),
        mixed_channels=(8, 8, 8, 8),
        width=8,
        embedding_dim=4,
    )
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    EcomGANPipeline(generator, discriminator).save_pretrained(folder)
    return folder
