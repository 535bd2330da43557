"""The detail network that ships with the library, opened once."""

from functools import cache
from pathlib import Path

from ecomgan.detail.enlarge import Factor, Pixels, enlarge_image
from ecomgan.detail.opening import open_detail
from ecomgan.networks.detail import DetailNetwork

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "detail"


@cache
def shipped_detail() -> DetailNetwork:
    """The network of `models/detail`; raises CheckpointError where the folder is missing or damaged."""
    return open_detail(SHIPPED)


def enlarge_shipped(image: Pixels, factor: Factor) -> Pixels:
    """`enlarge_image` with the shipped network, in fp32: the same image gives the same bytes on one machine."""
    return enlarge_image(shipped_detail(), image, factor)
