"""The scores that a job takes after an image was made: by networks, or against many other images."""

from ecomgan.metrics.scorer import Scorer

_OF_LOOKS = (
    "100 x (1 - cosine) of the looks (`ecomgan.metrics.look`, compared by `ecomgan.metrics.likeness`) of the image and "
    "its nearest"
)

LATER = (
    Scorer(
        key="category_margin",
        kind="later",
        name="Category margin",
        version=1,
        unit="%",
        low=-100.0,
        high=100.0,
        better="higher",
        meaning="How far the classifier puts the article type asked for before the next likely one; below 0 it sees "
        "another article; empty where none was asked for, or one that the classifier was not taught.",
        source="Share of the asked article type less the largest share of any other, softmax of the ranker "
        "(models/ranker), at the temperature set on the dev split. Not the sealed network that judges "
        "checkpoints.",
    ),
    Scorer(
        key="text_image_match",
        kind="later",
        name="Text match",
        version=1,
        unit="",
        low=0.0,
        high=100.0,
        better="higher",
        meaning="How well the image fits the text that it was asked for by: real photos reach about 73 with their own "
        "title and 8 with any other's; empty where there was no text.",
        source="Cosine x100 in the space of the dual encoder (models/encoder). 1,000 held-out photos: median 73 "
        "(nine in ten 56 to 82) with their own titles, 8 with other photos'; own above other in 99 % of "
        "pairs, in 81 % where the other is of the same article and colour. A generator that takes texts is "
        "conditioned in this space: for sorting and search, never for judging checkpoints.",
    ),
    Scorer(
        key="realism",
        kind="later",
        name="Realism",
        version=1,
        unit="",
        low=-6.0,
        high=0.0,
        better="higher",
        meaning="How real the image looks to the network that taught the shipped generator: real photos reach -2.5, "
        "torn apart ones -5; empty where neither article type nor colour are known to it.",
        source="Mean logit of the projected heads (Sauer et al. 2021, 'Projected GANs Converge Faster') of "
        "models/starter over a frame of 80x64, given article type and colour; its map: "
        "`ecomgan.exploring.realism`. 120 held-out photos beat themselves with shuffled rows in 93 % of "
        "pairs, generated images in 66 %. The generator was taught by these heads, so it flatters generated "
        "images.",
    ),
    Scorer(
        key="taught_distance",
        kind="later",
        name="Distance to training photos",
        version=1,
        unit="",
        low=0.0,
        high=30.0,
        better="higher",
        meaning="How unlike the image is to the nearest photo that its model was taught on; towards 0 it is a copy.",
        source=f"{_OF_LOOKS} training photo. 300 held-out photos against 4,000 others: median 6, one in "
        "twenty below 2.5; photos against their own JPEG copies of quality 60: median 0.7, one in twenty "
        "above 2.5.",
    ),
    Scorer(
        key="published_distance",
        kind="later",
        name="Distance to published images",
        version=1,
        unit="",
        low=0.0,
        high=30.0,
        better="higher",
        meaning="How unlike the image is to the nearest image that was published before; towards 0 it is one of them.",
        source=f"{_OF_LOOKS} published one.",
    ),
    Scorer(
        key="overlay",
        kind="later",
        name="Text or watermark",
        version=1,
        unit="%",
        low=0.0,
        high=100.0,
        better="lower",
        meaning="How sure the studio is that words, a watermark or a badge were laid over the image; prints of the "
        "product itself are left alone.",
        source="Logistic regression on early features of the frozen ImageNet network EfficientNet-Lite0, fitted by "
        "ecomgan.metrics.overlay_training on 800 shop photos with and without overlays drawn over them. 150 held-out "
        "photos, overlays in a typeface that it was not fitted on: area under the curve 0.93.",
    ),
    Scorer(
        key="skin",
        kind="later",
        name="People",
        version=1,
        unit="%",
        low=0.0,
        high=40.0,
        better="lower",
        meaning="How much of the frame has the colour of human skin; from about 0.2 on there is likely a person. Tan "
        "leather and wood count as well.",
        source="Chai & Ngan 1999, 'Face segmentation using skin-color map', narrowed in CIELAB. 100 held-out photos "
        "labelled by eye, 45 with people: area under the curve 0.98.",
    ),
    Scorer(
        key="no_reference",
        kind="later",
        name="Unlike good photos",
        version=1,
        unit="",
        low=0.0,
        high=30.0,
        better="lower",
        meaning="How unlike good shop photos the texture of the product is, whatever it shows: blur, noise, blocks "
        "and smears all raise it; good photos reach 2, nine in ten below 4.",
        source="NIQE: Mittal, Soundararajan & Bovik 2013, 'Making a Completely Blind Image Quality Analyzer', "
        "written anew with patches of 32x32 and fitted on the product in 700 hires train photos at 320 "
        "pixels.",
    ),
)
