"""The cells of a Magento export that hold several values: categories, packed attributes, variants."""

from __future__ import annotations

import re
from functools import lru_cache

_ROOTS = ("default category", "root catalog")
# Branches that say how a product is sold, not what it is.
_SIDE_BRANCHES = frozenset(
    ("collections", "promotions", "sale", "what's new", "new", "gift ideas", "featured", "brands")
)
_NEXT_ATTRIBUTE = re.compile(r'"?,"?(?=[A-Za-z_]\w*=)')  # values may hold commas
_LEVELS = re.compile(r"(?<!\\)/")  # a slash inside a name is written \/
_TECHNICAL = frozenset(("has_options", "required_options", "sku_type", "price_type", "weight_type", "links_exist"))


@lru_cache(maxsize=1024)
def category_paths(cell: str) -> tuple[str, ...]:
    """The category paths of a product, the one that says what it is first: "Men > Tops > Tees".

    That is the deepest one outside of side branches such as Promotions; the catalogue's root is left out.
    """
    paths: dict[tuple[str, ...], None] = {}
    for path in cell.split(","):
        levels = [" ".join(level.replace("\\/", "/").split()) for level in _LEVELS.split(path)]
        levels = [level for level in levels if level]
        if levels and levels[0].casefold() in _ROOTS:
            del levels[0]
        if levels:
            paths[tuple(levels)] = None
    ranked = sorted(paths, key=lambda levels: (levels[0].casefold() in _SIDE_BRANCHES, -len(levels)))
    return tuple(" > ".join(levels) for levels in ranked)


def packed_attributes(cell: str) -> dict[str, str]:
    """The attributes of "material=Wool|Fleece,pattern=Solid", several values of one separated by commas."""
    found = {}
    for pair in _NEXT_ATTRIBUTE.split(cell.strip().strip('"')):
        name, equals, value = pair.partition("=")
        if equals and name.strip() not in _TECHNICAL:
            found[name.strip()] = ", ".join(value.strip().split("|"))
    return found


def variant_skus(cell: str) -> tuple[str, ...]:
    """The SKUs of "sku=A-S,size=S|sku=A-M,size=M"."""
    found = (re.search(r"(?:^|,)\s*sku=([^,]*)", variant) for variant in cell.split("|"))
    return tuple(match[1].strip() for match in found if match and match[1].strip())
