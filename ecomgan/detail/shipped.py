"""The detail network that ships with the library, opened once."""

from functools import cache
from typing import Literal

from ecomgan.detail.enlarge import Pixels, enlarge_image
from ecomgan.detail.opening import open_detail
from ecomgan.detail.second_pass import enlarge_twice
from ecomgan.finishing.effective import SHIPPED
from ecomgan.networks.detail import DetailNetwork


@cache
def shipped_detail() -> DetailNetwork:
    """The network of `models/detail`; raises CheckpointError where the folder is missing or damaged."""
    return open_detail(SHIPPED)


def enlarge_shipped(image: Pixels, factor: Literal[1, 2, 4, 8, 16]) -> Pixels:
    """`enlarge_image` with the shipped network, from 8 on `enlarge_twice`, in fp32: on one machine the same image gives
    the same bytes.
    """
    if factor == 8 or factor == 16:
        return enlarge_twice(shipped_detail(), image, factor)
    return enlarge_image(shipped_detail(), image, factor)
