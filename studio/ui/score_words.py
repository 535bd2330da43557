"""All scores of an image as people read them: in groups, each with its name and what it means in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from studio.ui.i18n import msg


@dataclass(frozen=True)
class ScoreWords:
    """name: short; meaning: one line; digits after the point."""

    name: str
    meaning: str
    digits: int = 0


GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (msg("Technique"), ("sharpness", "noise", "blocking", "no_reference", "realism")),
    (msg("Frame"), ("border_whiteness", "exact_white", "fill", "centring", "cropped", "shadow")),
    (msg("Colour"), ("colour_difference",)),
    (msg("Content"), ("category_confidence", "category_margin", "text_image_match", "overlay", "skin")),
    (
        msg("Identity: like the real photo"),
        ("silhouette_overlap", "photo_colour_difference", "print_match", "feature_match"),
    ),
    (msg("Likeness: not a copy"), ("taught_distance", "published_distance")),
)

WORDS: dict[str, ScoreWords] = {
    "sharpness": ScoreWords(msg("Sharpness"), msg("how crisp edges are; below 1.3 the eye sees blur"), 1),
    "noise": ScoreWords(msg("Noise"), msg("grain in grey levels; from about 3 on the eye sees it"), 1),
    "blocking": ScoreWords(msg("JPEG damage"), msg("steps along the 8 x 8 grid; above 1 the grid shows"), 1),
    "no_reference": ScoreWords(
        msg("Unlike good photos"), msg("blur, noise, blocks and smears together; less is better"), 1
    ),
    "realism": ScoreWords(msg("Realism"), msg("how real it looks to a network; real photos reach about -2.5"), 1),
    "border_whiteness": ScoreWords(msg("White border"), msg("how much of the border is white")),
    "exact_white": ScoreWords(msg("Pure white"), msg("how much of the border is exactly 255, 255, 255")),
    "fill": ScoreWords(msg("Fill"), msg("how much of the frame the product spans; channels ask for 75 to 90 %")),
    "centring": ScoreWords(msg("Off centre"), msg("distance from the middle of the frame; 0 is centred"), 2),
    "cropped": ScoreWords(
        msg("Product cut off"), msg("how much of a side of the frame the product runs into; 0 stands free"), 0
    ),
    "shadow": ScoreWords(
        msg("Shadow"), msg("how much the product darkens the backdrop; above 1 it is plain to see"), 1
    ),
    "colour_difference": ScoreWords(
        msg("Colour asked for"), msg("difference to the colour asked for; below 10 the same, above 25 another")
    ),
    "category_confidence": ScoreWords(
        msg("Article"), msg("how sure a classifier is that it shows the article asked for")
    ),
    "category_margin": ScoreWords(msg("Lead over others"), msg("how far that article leads the next likely one")),
    "text_image_match": ScoreWords(msg("Text match"), msg("how well it fits its text; real photos reach about 73")),
    "overlay": ScoreWords(
        msg("Text or logo on it"), msg("how sure a network is that text or a watermark was laid over it")
    ),
    "skin": ScoreWords(
        msg("People"), msg("how much of the frame has the colour of skin; from 0.2 on likely a person"), 1
    ),
    "silhouette_overlap": ScoreWords(msg("Same outline"), msg("how far its outline covers that of the real product")),
    "photo_colour_difference": ScoreWords(
        msg("Same colour"), msg("difference to the real product's colour; 0 is none"), 1
    ),
    "print_match": ScoreWords(msg("Same print"), msg("how alike prints and logos are; empty for a plain product")),
    "feature_match": ScoreWords(msg("Same details"), msg("how alike a network finds the product and the real photo's")),
    "taught_distance": ScoreWords(
        msg("From training photos"),
        msg("how unlike the nearest photo that its model was taught; near 0 it is a copy"),
        1,
    ),
    "published_distance": ScoreWords(
        msg("From published images"), msg("how unlike the nearest published image; near 0 it is the same picture"), 1
    ),
}
