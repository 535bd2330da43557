"""Figures as tables: for the terminal, the card and the report."""

from dataclasses import dataclass
from typing import Any

from ecomgan.evaluation.figures import JUDGING, is_training_space, kernel_name
from ecomgan.metrics import SCORERS
from ecomgan.metrics.judge import SPACE as SEALED

_TITLES = {
    "article_type": "Article type as asked, by the judge",
    "colour": "Colour as asked, by the judge",
}
_COLUMNS = {
    "generated": "Generated",
    "real": "Held-out photos",
    "floor": "Train photos (floor)",
    "blurred": "Blurred (ceiling)",
    "ceiling": "JPEG-crushed (ceiling)",
    "shuffled": "Shuffled (ceiling)",
}
_SHARES = ("precision", "recall", "density", "coverage")

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table: rows of text, the first one the head, the first column names."""

    title: str
    rows: list[Row]


def tables(figures: dict[str, Any]) -> list[Table]:
    """All figures of an evaluation; tables without rows are left out."""
    found = [
        Table("Sets of images", _main(figures)),
        Table("Copying", _copying(figures)),
        Table("Variety of 64 images of one condition", _variety(figures)),
        Table("Same seed, another colour", _counterfactual(figures)),
        Table("Match of image and title, median cosine x100", _match(figures)),
        Table("Categories", _categories(figures)),
        Table("Scores of single images, median", _birth(figures)),
    ]
    return [table for table in found if len(table.rows) > 1]


def figures_table(figures: dict[str, Any]) -> str:
    """All figures as text with aligned columns."""
    settings = figures["settings"]
    footer = (
        f"{settings['images_a_seed']} images for each of {len(settings['seeds'])} seeds, "
        f"{figures['hardware']}, {figures['seconds']} s"
    )
    return "\n\n".join([f"{table.title}\n{_aligned(table.rows)}" for table in tables(figures)] + [footer]) + "\n"


def card_figures(figures: dict[str, Any]) -> str:
    """All figures as Markdown tables."""
    return "\n\n".join(f"### {table.title}\n\n{_markdown(table.rows)}" for table in tables(figures))


def metric_title(metric: str) -> str:
    """`KD_lite2_x1000` -> "KD_lite2 x1000", with a mark in the training's own space."""
    name, _, space = metric.partition("_")
    if name in _SHARES:
        return f"{name.capitalize()}_{space or 'lite2'} (k = 5)"
    title = metric.replace("_x1000", " x1000").replace("_within", " within categories")
    return f"{title} (the training's own space)" if is_training_space(metric) else title


def cell_text(found: dict[str, float] | None) -> str:
    """`11.02 ± 0.13 [10.1, 11.9]`: value, spread between seeds, 95 % interval; nothing for a missing one."""
    if not found:
        return ""
    digits = 1 if abs(found["value"]) >= 20 else 2 if abs(found["value"]) >= 2 else 3
    text = f"{found['value']:.{digits}f}"
    if "spread" in found:
        text += f" ± {found['spread']:.{digits}f}"
    if "low" in found:
        text += f" [{found['low']:.{digits}f}, {found['high']:.{digits}f}]"
    return text


def _main(figures: dict[str, Any]) -> list[Row]:
    rows: list[Row] = [("Measure", *_COLUMNS.values())]
    for metric, columns in figures["distances"].items():
        rows.append((metric_title(metric), *(cell_text(columns.get(name)) for name in _COLUMNS)))
    for field, columns in figures["accuracy"].items():
        rows.append((_TITLES[field], *(cell_text(columns.get(name)) for name in _COLUMNS)))
        if "ratio" in columns:
            rows.append((f"{_TITLES[field]}, generated / held-out", cell_text(columns["ratio"]), *[""] * 5))
    return rows


def _copying(figures: dict[str, Any]) -> list[Row]:
    copying = figures["copying"]
    rows: list[Row] = [
        (
            "Distance to the nearest train photo",
            "Generated, median",
            "Held-out, median",
            "Generated / held-out",
            "Nearer than 99 % of held-out photos",
        )
    ]
    for space in JUDGING:
        parts = (copying[space][name] for name in ("generated", "held_out", "ratio", "very_near"))
        rows.append((space, *map(cell_text, parts)))
    return rows


def _variety(figures: dict[str, Any]) -> list[Row]:
    rows: list[Row] = [
        ("Condition", "Pixels, generated", "Pixels, real", "Lite2 features, generated", "Lite2 features, real")
    ]
    for found in figures["variety"]:
        numbers = [f"{found[who][kind]:.1f}" for kind in ("pixels", "features") for who in ("generated", "real")]
        rows.append((", ".join(found["attributes"].values()), *numbers))
    if share := figures["variety_share"]:
        rows.append(("Generated / real, mean", cell_text(share["pixels"]), "", cell_text(share["features"]), ""))
    return rows


def _counterfactual(figures: dict[str, Any]) -> list[Row]:
    """Evaluations of before it was measured have none."""
    rows: list[Row] = [
        ("Overlap of the products", "Same seed, another colour", "Another seed, same colour", "Shape kept")
    ]
    if found := figures.get("counterfactual"):
        cells = (cell_text(found[name]) for name in ("same_seed", "other_seed", "share_kept"))
        rows.append((f"IoU of masks, mean of {found['pairs']} conditions", *cells))
    return rows


def _match(figures: dict[str, Any]) -> list[Row]:
    rows: list[Row] = [("Images", "Generated", "Held-out photos", "Photos of other titles")]
    if found := figures.get("text_image_match"):
        told = "made for titles" if figures["settings"].get("texts") else "made for attributes alone"
        rows.append((told, *(cell_text(found[name]) for name in ("generated", "real", "shuffled"))))
    return rows


def _categories(figures: dict[str, Any]) -> list[Row]:
    kernel, recall = kernel_name(SEALED), f"recall_{SEALED}"
    rows: list[Row] = [
        (
            "Category",
            "Photos",
            metric_title(kernel),
            "Train photos (floor)",
            metric_title(recall),
            "Article, generated",
            "Article, held-out",
            "Colour, generated",
            "Colour, held-out",
        )
    ]
    for category in figures["categories"]:
        accuracies = [
            cell_text(category.get(f"{field}_accuracy", {}).get(who))
            for field in ("article_type", "colour")
            for who in ("generated", "real")
        ]
        distances = (category[kernel], category["floor"][kernel], category[recall])
        rows.append((category["article_type"], str(category["photos"]), *map(cell_text, distances), *accuracies))
    return rows


def _birth(figures: dict[str, Any]) -> list[Row]:
    rows: list[Row] = [("Score", "Generated", "Held-out photos")]
    for key, found in figures["birth_scores"].items():
        unit = f", {SCORERS[key].unit}" if SCORERS[key].unit else ""
        rows.append((f"{SCORERS[key].name}{unit}", cell_text(found["generated"]), cell_text(found["real"])))
    return rows


def _aligned(rows: list[Row]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _markdown(rows: list[Row]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" + "|---:" * (len(rows[0]) - 1) + "|", *lines[1:]])
