"""The card of a detail network: README.md, written from training.json and evaluation.json of its folder alone."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from PIL import Image

from ecomgan.checksums import sha256_of, write_checksums
from ecomgan.detail.evaluate import Evaluation
from ecomgan.detail.opening import RECORD, WEIGHTS
from ecomgan.errors import CheckpointError

FIGURES = "evaluation.json"
SAMPLES = "samples.png"
_MEASURES = (
    ("PSNR, dB", "psnr"),
    ("colour shift", "colour_shift"),
    ("ringing", "ringing"),
    ("energy on the sub-pixel grid, of photos'", "grid_energy"),
    ("checkerboard", "checkerboard"),
    ("detail by energy, px of 320", "effective_height"),
    ("detail that agrees, px of 320", "agreeing_height"),
    ("distance in Lite2's features", "feature_distance_lite2"),
)
_SECOND_PASS = (
    ("PSNR, dB", "psnr"),
    ("detail that agrees, px of 400", "agreeing_height"),
    ("energy beyond 160 px of height, of photos'", "fine_energy"),
    ("ringing", "ringing"),
    ("colour shift to the input", "colour_shift"),
    ("checkerboard, at 1280x1024", "checkerboard"),
)
_SECOND_PASS_VERDICT = {
    True: "It agrees with photos further than Lanczos does, by little.",
    False: "It restores nothing: what is crisper about it is invented, and its size says nothing of its detail.\n"
    "So exports enlarge by Lanczos, and the second pass is for those who ask for it.",
}


def keep_figures(folder: Path, found: Evaluation, command: str) -> None:
    """Put figures and the picture of generated images into the folder; write its card and checksums anew."""
    text = json.dumps(found.figures | {"command": command}, indent=1)
    (folder / FIGURES).write_text(text + "\n", encoding="utf-8")
    if "generated" in found.pictures:  # the other picture shows photos, which are not ours to pass on
        Image.fromarray(found.pictures["generated"]).save(folder / SAMPLES)
    write_card(folder)
    write_checksums(folder)


def write_card(folder: Path) -> None:
    """Write README.md; raises CheckpointError where the figures in the folder are of other weights."""
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    figures = None
    if (folder / FIGURES).exists():
        figures = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
        if figures["weights_sha256"] != sha256_of(folder / WEIGHTS):
            raise CheckpointError(f"{folder / FIGURES} holds figures of other weights; evaluate-detail --write-card")
    (folder / "README.md").write_text(card_text(folder.resolve().name, record, figures), encoding="utf-8")


def card_text(name: str, record: dict[str, Any], figures: dict[str, Any] | None) -> str:
    """The card as Markdown; without figures it says that none were measured."""
    config, data = record["config"], record["data"]
    return _template("card.md").format(
        name=name,
        parameters=f"{record['parameters']:,}",
        depth=config["depth"],
        channels=config["channels"],
        reach=config["depth"] + 2,
        data=data["name"],
        photos=f"{data['photos']:,}",
        data_sha256=data["sha256"],
        steps=f"{record['steps']:,}",
        batch=config["batch"],
        minutes=round(record["seconds"] / 60),
        torch=record["torch"],
        command=record["command"],
        figures=_figures_text(figures) if figures else "Not measured yet: `ecomgan evaluate-detail --write-card`.\n",
    )


def _figures_text(figures: dict[str, Any]) -> str:
    degraded, generated = figures["degraded"], figures.get("generated")
    second, speeds = figures["second_pass"], figures["images_per_second"]
    restores = second["second_pass"]["agreeing_height"] > second["lanczos"]["agreeing_height"]
    return _template("figures.md").format(
        photos=figures["data"]["photos"],
        data=figures["data"]["name"],
        command=figures["command"],
        rows="\n".join(_rows(figures)),
        clean=figures["undamaged"]["photos"],
        generated=f"{generated['images']} images of the starter, as they come." if generated else "not measured.",
        samples=f"![Generated images, below them bicubic and finished]({SAMPLES})\n\n" if generated else "",
        photo_checkerboard=degraded["photos"]["checkerboard"],
        energy=degraded["finished"]["effective_height"],
        agreeing=degraded["finished"]["agreeing_height"],
        agreeing_bicubic=degraded["bicubic"]["agreeing_height"],
        second=second,
        second_rows="\n".join(
            f"| {words} | {second['lanczos'][key]} | {second['second_pass'][key]} |" for words, key in _SECOND_PASS
        ),
        second_verdict=_SECOND_PASS_VERDICT[restores],
        bf16=speeds["bf16"],
        fp32=speeds["fp32"],
        threads=speeds["threads"],
        bf16_cpu=speeds["bf16_per_cpu_second"],
    )


def _rows(figures: dict[str, Any]) -> list[str]:
    rows = []
    for label, kind in (("damaged", "degraded"), ("clean", "undamaged"), ("generated", "generated")):
        found = figures.get(kind, {})
        for words, key in _MEASURES:
            if key in found.get("finished", {}):
                rows.append(f"| {words} | {found['bicubic'][key]} | {found['finished'][key]} | {label} |")
    return rows


def _template(name: str) -> str:
    return resources.files("ecomgan.detail").joinpath(name).read_text(encoding="utf-8")
