"""Figures as tables: for the terminal and for the card."""

from typing import Any

from ecomgan.metrics import SCORERS

_TITLES = {
    "precision": "Precision (k = 5)",
    "recall": "Recall (k = 5)",
    "density": "Density (k = 5)",
    "coverage": "Coverage (k = 5)",
    "article_type": "Article type as asked, by the judge",
    "colour": "Colour as asked, by the judge",
}
_COLUMNS = ("Measure", "Generated", "Train photos (floor)", "JPEG-crushed (ceiling)", "Held-out photos")

Row = tuple[str, ...]


def figures_table(figures: dict[str, Any]) -> str:
    """All figures of an evaluation as text with aligned columns."""
    parts = [
        _aligned([_COLUMNS, *_main_rows(figures)]),
        _aligned([("Variety of 64 images", *_VARIETY_COLUMNS), *_variety_rows(figures)]),
        _aligned([("Category", *_category_columns(figures)), *_category_rows(figures)]),
    ]
    settings = figures["settings"]
    footer = (
        f"{settings['images_a_seed']} images for each of {len(settings['seeds'])} seeds, "
        f"{figures['hardware']}, {figures['seconds']} s"
    )
    return "\n\n".join([part for part in parts if part] + [footer]) + "\n"


def card_figures(figures: dict[str, Any]) -> str:
    """All figures of an evaluation as Markdown tables."""
    main = _markdown([_COLUMNS, *_main_rows(figures)])
    variety = _markdown([("Variety of 64 images of one condition", *_VARIETY_COLUMNS), *_variety_rows(figures)])
    categories = _markdown([("Category", *_category_columns(figures)), *_category_rows(figures)])
    return "\n\n".join(part for part in (main, variety, categories) if part)


_VARIETY_COLUMNS = ("Pixels, generated", "Pixels, real", "Features, generated", "Features, real")


def _main_rows(figures: dict[str, Any]) -> list[Row]:
    rows: list[Row] = [
        (_title(name), *(_cell(columns[column]) for column in ("generated", "floor", "ceiling")), "")
        for name, columns in figures["distances"].items()
    ]
    rows += [
        (_TITLES[field], _cell(found["generated"]), "", "", _cell(found["real"]))
        for field, found in figures["accuracy"].items()
    ]
    for key, found in figures["birth_scores"].items():
        unit = f", {SCORERS[key].unit}" if SCORERS[key].unit else ""
        title = f"{SCORERS[key].name} (median{unit})"
        rows.append((title, _cell(found["generated"]), "", "", _cell(found["real"])))
    return rows


def _variety_rows(figures: dict[str, Any]) -> list[Row]:
    return [
        (
            ", ".join(found["attributes"].values()),
            *(f"{found[source][kind]:.1f}" for kind in ("pixels", "features") for source in ("generated", "real")),
        )
        for found in figures["variety"]
    ]


def _category_columns(figures: dict[str, Any]) -> Row:
    if not figures["categories"]:
        return ()
    distance = next(iter(figures["distances"]))
    return ("Photos", _title(distance), "Article, generated", "Article, real", "Colour, generated", "Colour, real")


def _category_rows(figures: dict[str, Any]) -> list[Row]:
    distance = next(iter(figures["distances"]))
    return [
        (
            category["article_type"],
            str(category["photos"]),
            _cell(category[distance]),
            *(
                _cell(category[f"{field}_accuracy"][who])
                for field in ("article_type", "colour")
                for who in ("generated", "real")
            ),
        )
        for category in figures["categories"]
    ]


def _title(metric: str) -> str:
    return _TITLES.get(metric, metric.replace("_x1000", " x1000"))


def _cell(found: dict[str, float]) -> str:
    """`11.02 ± 0.13 [10.1, 11.9]`: value, spread between seeds, 95 % interval."""
    digits = 1 if abs(found["value"]) >= 20 else 2 if abs(found["value"]) >= 2 else 3
    text = f"{found['value']:.{digits}f}"
    if "spread" in found:
        text += f" ± {found['spread']:.{digits}f}"
    if "low" in found:
        text += f" [{found['low']:.{digits}f}, {found['high']:.{digits}f}]"
    return text


def _aligned(rows: list[Row]) -> str:
    if len(rows) == 1:
        return ""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _markdown(rows: list[Row]) -> str:
    if len(rows) == 1:
        return ""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" + "|---:" * (len(rows[0]) - 1) + "|", *lines[1:]])
