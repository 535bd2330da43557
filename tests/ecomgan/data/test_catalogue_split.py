"""Holding out photos of a small catalogue: by whole styles, by counts, with something left of every article."""

from collections import Counter
from pathlib import Path

from PIL import Image

from ecomgan.data.prepare import prepare
from ecomgan.data.prepared import open_prepared, photo_splits
from ecomgan.data.splits import split_catalogue


def shop(photos: int, of_a_style: int = 3) -> tuple[list[str], list[str]]:
    """Styles and article types; every style has `of_a_style` photos, articles take turns."""
    styles = [f"Style {number // of_a_style}" for number in range(photos)]
    return styles, [("Hoodies", "Jackets", "Caps")[number // of_a_style % 3] for number in range(photos)]


def test_a_small_catalogue_holds_out_a_fifth_but_at_least_eight() -> None:
    assert 8 <= Counter(split_catalogue(*shop(40)))["validation"] <= 12
    assert 16 <= Counter(split_catalogue(*shop(100)))["validation"] <= 30
    assert set(split_catalogue(*shop(100))) == {"train", "validation"}


def test_a_larger_one_has_photos_for_choosing_too() -> None:
    sides = Counter(split_catalogue(*shop(300)))
    assert 40 <= sides["validation"] <= 67
    assert 25 <= sides["dev"] <= 45


def test_very_few_photos_are_all_learned_from() -> None:
    assert set(split_catalogue(*shop(23))) == {"train"}


def test_photos_of_one_style_stay_together_and_every_article_keeps_half_of_its_photos() -> None:
    styles, articles = shop(120)
    sides = split_catalogue(styles, articles)
    by_style = {style: {side for s, side in zip(styles, sides, strict=True) if s == style} for style in styles}
    assert all(len(found) == 1 for found in by_style.values())
    trained = Counter(a for a, side in zip(articles, sides, strict=True) if side == "train")
    assert all(2 * trained[article] >= count for article, count in Counter(articles).items())


def test_a_single_style_is_never_parted() -> None:
    assert set(split_catalogue(["One"] * 60, ["Caps"] * 60)) == {"train"}


def test_the_split_does_not_depend_on_the_order() -> None:
    styles, articles = shop(60)
    forwards = dict(zip(styles, split_catalogue(styles, articles), strict=True))
    backwards = dict(zip(styles[::-1], split_catalogue(styles[::-1], articles[::-1]), strict=True))
    assert forwards == backwards


def test_preparing_splits_by_style_where_it_is_given_and_says_which_photo_is_where(tmp_path: Path) -> None:
    source = tmp_path / "shop"
    source.mkdir()
    lines = ["file,id,title,style,article_type"]
    for number in range(40):
        Image.new("RGB", (40, 40), (number, 255 - number, 9)).save(source / f"{number}.png")
        lines.append(f"{number}.png,{1000 + number},Cap,S{number // 4},Caps")
    (source / "photos.csv").write_text("\n".join(lines), encoding="utf-8")
    report = prepare(source, tmp_path / "set", 32, 32, split="catalogue")
    sides = photo_splits(tmp_path / "set")
    assert report.kept == dict(Counter(sides.values()))
    assert len(sides) == 40  # one title for all is no leak here
    assert all(len({sides[str(1000 + 4 * style + k)] for k in range(4)}) == 1 for style in range(10))
    assert len(open_prepared(tmp_path / "set", "validation")) == report.kept["validation"] >= 8


def test_generated_pictures_are_only_learned_from_and_never_beside_held_out_photos_of_their_style(
    tmp_path: Path,
) -> None:
    source = tmp_path / "shop"
    source.mkdir()
    lines = ["file,id,title,style,article_type,made"]
    for number in range(40):
        Image.new("RGB", (40, 40), (number, 255 - number, 9)).save(source / f"{number}.png")
        lines.append(f"{number}.png,{number},Cap,S{number // 4},Caps,")
    for style in range(10):
        Image.new("RGB", (40, 40), (9, style, 99)).save(source / f"made-{style}.png")
        lines.append(f"made-{style}.png,image-{style},Cap,S{style},Caps,yes")
    (source / "photos.csv").write_text("\n".join(lines), encoding="utf-8")
    report = prepare(source, tmp_path / "set", 32, 32, split="catalogue")
    sides = photo_splits(tmp_path / "set")
    for style in range(10):
        learned = sides[str(4 * style)] == "train"
        assert sides.get(f"image-{style}") == ("train" if learned else None)
    left = [drop for drop in report.dropped_photos if drop.kind == "title is held out"]
    assert 2 <= len(left) == 50 - len(sides)
    plain = split_catalogue([f"S{number // 4}" for number in range(40)], ["Caps"] * 40)
    assert [sides[str(number)] for number in range(40)] == plain  # the photos are split as without them
