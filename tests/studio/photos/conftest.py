"""A shop of four products."""

from __future__ import annotations

import pytest


@pytest.fixture
def shop(studio_on_both, images):
    for sku, parent in (("MH01", None), ("MH01-XS-Black", "MH01"), ("MH01-S-Black", "MH01"), ("1163", None)):
        images.product(sku, f"Product {sku}", parent_sku=parent)
    return studio_on_both
