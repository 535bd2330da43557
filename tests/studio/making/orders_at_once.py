"""Orders that are made here and now, and workers that die on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from studio.bootstrap import Studio
from studio.engines.live import Engines
from studio.images.assets import AssetView
from studio.making.generation import ImageMaker
from studio.making.orders import OrderRequest, order_results, place_order
from studio.roles import Actor
from tests.studio.at_once import AtOnce


class Killed(BaseException):
    """The worker dies here."""


def work(studio: Studio, job_id: str, before: Callable[[str], None] = lambda name: None) -> None:
    maker = ImageMaker(studio, "here", Engines(studio, torch.device("cpu")))
    maker.body(AtOnce(before), job_id)  # type: ignore[arg-type]


def order(studio: Studio, actor: Actor, number: int = 5, **fields: Any) -> str:
    return place_order(studio, actor, OrderRequest(prompt="red dress", number=number, **{"seed": 1, **fields}))


def made(studio: Studio, actor: Actor, job_id: str) -> list[AssetView]:
    return order_results(studio, actor, job_id)


def chunks_until(last: int, then: Callable[[], object]) -> Callable[[str], None]:
    """Does `then` when chunk number `last` is due."""
    seen: list[str] = []

    def before(name: str) -> None:
        seen.append(name)
        if seen.count("chunk") == last and name == "chunk":
            then()

    return before


def die() -> None:
    raise Killed
