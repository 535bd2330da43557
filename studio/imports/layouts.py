"""The layouts of product tables that are known: how each is told by its header, and what its columns become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Target(StrEnum):
    """What a column becomes. Those from PACKED on are the structure of one kind of export."""

    SKU = "sku"
    TITLE = "title"
    DESCRIPTION = "description"
    CATEGORY = "category"
    COLOUR = "colour"
    USAGE = "usage"
    SIZE = "size"
    PARENT_SKU = "parent_sku"
    ATTRIBUTE = "attribute"
    PHOTOS = "photos"
    LEFT_OUT = ""
    PACKED = "packed"
    VARIANTS = "variants"
    STORE_VIEW = "store_view"
    OPTIONS = "options"
    VARIANT_PHOTO = "variant_photo"


FIELDS = tuple(Target)[:8]
"""The targets that are columns of a product; each is filled by one column at most."""

PLAIN_TARGETS = tuple(Target)[:11]
"""The targets that every layout offers."""

Columns = dict[str, Target]
"""Column of the file -> what it becomes, in the order of the file."""


@dataclass(frozen=True)
class Layout:
    """One kind of file. `known`: name of a column as `normalised` gives it -> target; of several candidates for one
    field the first that has values is taken. `otherwise`: all columns that neither `known` nor `unused` names.
    """

    key: str
    name: str
    signs: tuple[frozenset[str], ...]  # each a set of columns that together tell this layout
    known: Mapping[str, Target]
    unused: re.Pattern[str] = re.compile(r"(?!)")
    otherwise: Target = Target.ATTRIBUTE
    targets: tuple[Target, ...] = ()
    required: tuple[Target, ...] = (Target.SKU, Target.TITLE)
    needs_category: bool = False  # else a product without one is Uncategorised

    @property
    def offered(self) -> tuple[Target, ...]:
        """Every target that a column of this layout may have."""
        return (*PLAIN_TARGETS, *self.targets)


OWN_WORDS = {
    "sku": Target.SKU,
    "title": Target.TITLE,
    "name": Target.TITLE,
    "description": Target.DESCRIPTION,
    "category": Target.CATEGORY,
    "colour": Target.COLOUR,
    "color": Target.COLOUR,
    "usage": Target.USAGE,
    "size": Target.SIZE,
    "parent_sku": Target.PARENT_SKU,
    "parent": Target.PARENT_SKU,
    "photos": Target.PHOTOS,
    "货号": Target.SKU,
    "标题": Target.TITLE,
    "名称": Target.TITLE,
    "描述": Target.DESCRIPTION,
    "类目": Target.CATEGORY,
    "分类": Target.CATEGORY,
    "颜色": Target.COLOUR,
    "用途": Target.USAGE,
    "尺码": Target.SIZE,
    "尺寸": Target.SIZE,
}

_MAGENTO = Layout(
    key="magento",
    name="Magento",
    signs=(
        frozenset(("sku", "name", "product_type", "attribute_set_code")),
        frozenset(("sku", "name", "additional_attributes")),
        frozenset(("sku", "name", "categories", "base_image")),
    ),
    known={
        "sku": Target.SKU,
        "name": Target.TITLE,
        "description": Target.DESCRIPTION,
        "categories": Target.CATEGORY,
        "color": Target.COLOUR,
        "size": Target.SIZE,
        "additional_attributes": Target.PACKED,
        "configurable_variations": Target.VARIANTS,
        "store_view_code": Target.STORE_VIEW,
        "base_image": Target.PHOTOS,
        "additional_images": Target.PHOTOS,
    },
    unused=re.compile(
        r"product_websites|short_description|weight|product_online|tax_class_name|visibility|meta_.*|.*_image"
        r"|.*_labels?|.*_(from|to)(_date)?|created_at|updated_at|display_product_options_in|map_.*|msrp.*"
        r"|gift_message_available|custom_.*|page_layout|product_options_container|qty|.*_qty|is_qty_decimal"
        r"|allow_backorders|use_config_.*|is_in_stock|notify_on_stock_below|manage_stock|.*_qty_inc.*|qty_increments"
        r"|is_decimal_divided|website_id|configurable_variation_.*|.*_skus|.*_position|hide_from_product_page"
        r"|bundle_.*|downloadable_.*|associated_skus"
    ),
    targets=(Target.PACKED, Target.VARIANTS, Target.STORE_VIEW),
)

_SHOPIFY_KNOWN = {
    "handle": Target.PARENT_SKU,
    "url_handle": Target.PARENT_SKU,
    "title": Target.TITLE,
    "body_(html)": Target.DESCRIPTION,
    "description": Target.DESCRIPTION,
    "type": Target.CATEGORY,
    "product_category": Target.CATEGORY,
    "custom_product_type": Target.CATEGORY,
    "standard_product_type": Target.CATEGORY,
    "variant_sku": Target.SKU,
    "sku": Target.SKU,
    "image_src": Target.PHOTOS,
    "product_image_url": Target.PHOTOS,
    "variant_image": Target.VARIANT_PHOTO,
    "variant_image_url": Target.VARIANT_PHOTO,
    **{f"option{n}_{part}": Target.OPTIONS for n in (1, 2, 3) for part in ("name", "value")},
    **dict.fromkeys(
        ("vendor", "tags", "status", "variant_price", "price", "variant_barcode", "barcode"), Target.ATTRIBUTE
    ),
}


def _shopify(key: str, name: str, *signs: frozenset[str]) -> Layout:
    return Layout(
        key=key,
        name=name,
        signs=signs,
        known=_SHOPIFY_KNOWN,
        otherwise=Target.LEFT_OUT,
        targets=(Target.OPTIONS, Target.VARIANT_PHOTO),
        required=(Target.PARENT_SKU, Target.TITLE),
    )


_GOOGLE = Layout(
    key="google",
    name="Google product feed",
    signs=(frozenset(("id", "title", "image_link")), frozenset(("id", "title", "link", "availability"))),
    known={
        "id": Target.SKU,
        "title": Target.TITLE,
        "description": Target.DESCRIPTION,
        "product_type": Target.CATEGORY,
        "google_product_category": Target.CATEGORY,
        "color": Target.COLOUR,
        "size": Target.SIZE,
        "item_group_id": Target.PARENT_SKU,
        "image_link": Target.PHOTOS,
        "additional_image_link": Target.PHOTOS,
        "lifestyle_image_link": Target.PHOTOS,
    },
)

_REQUIRED = (Target.SKU, Target.TITLE, Target.CATEGORY)
OWN = Layout(
    key="own",
    name="EcomGAN Studio",
    signs=(frozenset(("sku", "title", "category")),),
    known=OWN_WORDS,
    required=_REQUIRED,
    needs_category=True,
)
OTHER = Layout(key="other", name="", signs=(), known=OWN_WORDS, required=_REQUIRED, needs_category=True)

LAYOUTS = {
    layout.key: layout
    for layout in (
        OWN,
        _MAGENTO,
        _shopify(
            "shopify_legacy",
            "Shopify (headers until 2025)",
            frozenset(("handle", "title", "body_(html)")),
            frozenset(("handle", "title", "variant_sku")),
            frozenset(("handle", "title", "option1_name")),
        ),
        _shopify("shopify", "Shopify", frozenset(("url_handle", "title"))),
        _GOOGLE,
        OTHER,
    )
}
"""Every layout by its key, in the order in which they are looked for."""


def normalised(column: str) -> str:
    """The name of a column as layouts know it: small letters, underscores, without the prefix of Google's feeds."""
    return re.sub(r"[\s\-]+", "_", column.strip().casefold()).removeprefix("g:").removeprefix("g_")
