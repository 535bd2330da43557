"""Beyond one image: what a taught generator knows, taken apart.

Every function takes an `EcomGANPipeline` and works on what its `draw` gives: styles, which decide what an image shows,
and layer noise, which decides its grain. `ensemble` takes several, and a brief.

    directions    the ways in which images of a checkpoint differ most, named by what they change (SeFa)
    mixing        the shapes of one image with the surface of another; the way between two briefs
    ensemble      the mean of what several checkpoints make
    inversion     the style that comes closest to a photo
    realism       where the heads find an image right or wrong
    differences   what each attribute of a brief does to its image
"""
