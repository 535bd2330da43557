"""The scores that an image gets when it is made: no network but the ranker, which looks at many at once."""

from ecomgan.metrics.scorer import Scorer

BIRTH = (
    Scorer(
        key="sharpness",
        kind="birth",
        name="Sharpness",
        version=2,
        unit="",
        low=0.0,
        high=3.0,
        better="higher",
        meaning="How crisp the product's edges and texture are at full size; sharp shop photos reach about 2, below "
        "1.3 the eye sees blur.",
        source="RMS Laplacian over RMS Sobel gradient of the luma: the mean spatial frequency of the edges. On 400 "
        "shop photos it told photo from photo blurred with sigma 0.6 px in 99 % of pairs (plain variance of "
        "the Laplacian: 95 %), and halving the photo left its median unchanged.",
    ),
    Scorer(
        key="noise",
        kind="birth",
        name="Noise",
        version=1,
        unit="",
        low=0.0,
        high=15.0,
        better="lower",
        meaning="Grain of the image in grey levels; shop photos reach 0.5, from about 3 on the eye sees it.",
        source="Immerkaer 1996, 'Fast Noise Variance Estimation', in the calmest tenth of blocks of 8x8 that are "
        "neither black nor white. White noise of deviation 3, 9 and 15 on 40 held-out photos moves it as "
        "docs/scores.md tells; blur, compression and shadows hardly do.",
    ),
    Scorer(
        key="blocking",
        kind="birth",
        name="JPEG damage",
        version=1,
        unit="",
        low=0.0,
        high=3.0,
        better="lower",
        meaning="Steps in grey levels along the 8x8 grid that strong JPEG compression leaves; clean photos stay below "
        "0.5, above 1 the grid shows.",
        source="Extra step across block borders against the steps beside it, after Wang, Bovik & Evans 2000, 'Blind "
        "measurement of blocking artifacts in images'; the grid may start anywhere.",
    ),
    Scorer(
        key="border_whiteness",
        kind="birth",
        name="Border whiteness",
        version=1,
        unit="%",
        low=0.0,
        high=100.0,
        better="higher",
        meaning="How much of the frame's border is white; 100 means pure white all around, a product that runs out of "
        "the frame lowers it.",
        source="Mean over the outer 5 % of the frame; a pixel counts fully when its darkest channel is >= 250 "
        "(Amazon asks for 255, JPEG costs a few levels), not at all at <= 205, in proportion between.",
    ),
    Scorer(
        key="fill",
        kind="birth",
        name="Fill",
        version=2,
        unit="%",
        low=0.0,
        high=100.0,
        better="near",
        target=85.0,
        meaning="How much of the frame's height or width the product spans, whichever is more; channels ask for 75 to "
        "90.",
        source="Larger of box height / frame height and box width / frame width of the product mask. Amazon: at "
        "least 85 % of the frame; Google Merchant: 75 to 90 %. A side and not the area, because no frame lets "
        "a belt fill 85 % of its area.",
    ),
    Scorer(
        key="centring",
        kind="birth",
        name="Off centre",
        version=2,
        unit="",
        low=0.0,
        high=1.0,
        better="lower",
        meaning="How far the product's box lies from the middle of the frame; 0 is the middle, 1 a corner.",
        source="Distance between the centres of box and frame, each axis as a share of half the frame, over sqrt(2).",
    ),
    Scorer(
        key="cropped",
        kind="birth",
        name="Cropped",
        version=1,
        unit="%",
        low=0.0,
        high=100.0,
        better="lower",
        meaning="How much of a side of the frame the product runs into; 0 means that it stands free, a model cut at "
        "the waist touches the bottom.",
        source="Largest share of a side's pixels that belong to the product mask.",
    ),
    Scorer(
        key="shadow",
        kind="birth",
        name="Shadow",
        version=1,
        unit="L*",
        low=0.0,
        high=5.0,
        better="lower",
        meaning="How much the product darkens the backdrop around it; 0 means no shadow, above 1 it is plain to see. "
        "White products on white may show a little without having one.",
        source="CIELAB lightness missing in the soft, grey region around the product, summed over it, by the "
        "product's area. Steps of less than 3 CIE76 a pixel of the search (160 pixels) are soft.",
    ),
    Scorer(
        key="colour_difference",
        kind="birth",
        name="Colour difference",
        version=2,
        unit="ΔE00",
        low=0.0,
        high=40.0,
        better="lower",
        meaning="How far the product's main colour is from the colour asked for; below 10 reads as the same colour, "
        "above 25 as another.",
        source="CIEDE2000 (CIE 142:2001) to the palette's Lab value: the difference that the best-matching 30 % of "
        "the product's pixels stay below, pixels weighted towards the middle of the product. 600 held-out "
        "photos against their own colour name: median 11, nine in ten below 23; against a random name: median "
        "25.",
    ),
    Scorer(
        key="category_confidence",
        kind="birth",
        name="Category confidence",
        version=1,
        unit="%",
        low=0.0,
        high=100.0,
        better="higher",
        meaning="How sure a classifier is that the image shows the article type asked for; empty where none was asked "
        "for, or one that the classifier was not taught.",
        source="Softmax of the ranker (models/ranker), at the temperature set on the dev split. It is not the sealed "
        "network that judges checkpoints.",
    ),
)
