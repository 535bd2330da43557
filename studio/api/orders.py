"""Orders of images, as a shop's own systems place them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from db.tables import Purpose, Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.making import orders
from studio.making.order_requests import MOST_PER_PRODUCT, OrderRequest
from studio.roles import Actor

router = APIRouter(prefix="/orders", tags=["orders"])

MOST_SKUS = 1_000

IdempotencyKey = Annotated[
    str,
    Header(min_length=8, max_length=64, description="Made once an order; sent again with it, it is placed once."),
]


class OrderBody(BaseModel):
    """Images of products, or else of a text."""

    model_config = ConfigDict(extra="forbid")

    skus: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=MOST_SKUS)
    text: str = Field("", max_length=1_000)
    attributes: dict[str, str] = Field({}, description="article_type, colour, usage: beats what text or product say.")
    number: int = Field(4, ge=1, le=MOST_PER_PRODUCT, description="Images of the text, or of each product.")
    seed: int | None = Field(None, ge=0, description="Image k is made with seed + k; left out, one is drawn.")
    variety: float = Field(0.8, ge=0.3, le=1.0)
    finishing: list[dict[str, Any]] = Field([], max_length=8, description="Steps, each with its `step` and values.")
    purpose: Purpose = Purpose.CONCEPT
    model_id: int | None = Field(None, description="An engine; left out, the model in production.")
    skip_unknown: bool = Field(False, description="Leave out products that the model does not know.")


class OrderAnswer(BaseModel):
    """The id of the order's job; its images are at /jobs/{id} as they finish."""

    id: str


@router.post("", status_code=201)
def place_order(
    body: OrderBody,
    response: Response,
    actor: Annotated[Actor, at_least(Role.EDITOR, Scope.ORDER)],
    idempotency_key: IdempotencyKey = "",
) -> OrderAnswer:
    """Order images. 429 with Retry-After when the quota of the day is used up."""
    studio = bootstrap.get_studio()
    request = OrderRequest(
        product_ids=orders.products_by_sku(studio, actor, body.skus),
        prompt=body.text,
        attributes=body.attributes,
        number=body.number,
        seed=body.seed,
        truncation=body.variety,
        finishing=tuple(body.finishing),
        purpose=body.purpose,
        model_id=body.model_id,
    )
    job_id = orders.place_order(studio, actor, request, skip_unknown=body.skip_unknown, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/jobs/{job_id}"
    return OrderAnswer(id=job_id)
