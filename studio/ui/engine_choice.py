"""The engine on the page Generate: which one, and its steps, guidance and size where it has them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from studio.bootstrap import Studio
from studio.engines.choice import EngineOffer, offered_engines
from studio.engines.running import Measured
from studio.engines.settings import GUIDANCE, SIZE, SIZE_MULTIPLE, STEPS, EngineSettings
from studio.errors import NotReady
from studio.roles import Actor
from studio.ui.i18n import duration, number, t
from studio.ui.labels import plain


@dataclass(frozen=True)
class EngineChoice:
    """The engine of an order; None is the one in production, or what the engine is set up with. free: it takes any
    text. Sizes in pixels.
    """

    model_id: int | None = None
    free: bool = False
    steps: int | None = None
    guidance_scale: float | None = None
    height: int | None = None
    width: int | None = None


def draw_engine(studio: Studio, actor: Actor) -> EngineChoice:
    """Draw the choice; nothing is drawn while there is only one engine, and that has nothing to set."""
    try:
        offers = {offer.model.id: offer for offer in offered_engines(studio, actor)}
    except NotReady:
        return EngineChoice()  # the text, as soon as there is one, is answered with what is missing
    if len(offers) == 1 and all(offer.settings is None for offer in offers.values()):
        return EngineChoice()
    chosen = offers[
        st.selectbox(
            t("Engine"),
            list(offers),
            format_func=lambda model_id: _name(offers[model_id]),
            help=t("Checkpoints of this studio make what they were taught, in a moment. Others take any text."),
            key="engine",
            persist_state="session",
        )
    ]
    if chosen.settings is None:
        return EngineChoice(chosen.model.id)
    choice = _draw_settings(chosen.model.id, chosen.settings)
    st.caption(" · ".join(facts(chosen.settings, chosen.measured)))
    return choice


def facts(settings: EngineSettings, measured: Measured | None) -> list[str]:
    """What an engine is and how it runs, in a few words each."""
    found = [settings.pipeline.removesuffix("Pipeline"), t("{n} million parameters", n=_millions(settings))]
    if measured is None:
        return [*found, t("no worker has run it yet")]
    running = measured.running
    found += [plain(running.device), running.dtype]
    if running.memory:
        found.append(t("{size} GB of memory", size=number(running.memory / 1e9, 1)))
    if running.offload != "none":
        found.append(t("weights wait in main memory"))
    return [*found, t("{time} an image", time=duration(measured.seconds_per_image))]


def _name(offer: EngineOffer) -> str:
    return f"{offer.model.name} · {t('in production')}" if offer.in_production else offer.model.name


def _millions(settings: EngineSettings) -> str:
    return number(settings.parameters / 1e6, 0 if settings.parameters >= 10_000_000 else 1)


def _draw_settings(model_id: int, settings: EngineSettings) -> EngineChoice:
    left, right = st.columns(2)
    steps = left.number_input(
        t("Steps"),
        *STEPS,
        settings.steps,
        help=t("More steps take longer, each as long as the others."),
        key=f"steps-{model_id}",
    )
    guidance = settings.guidance_scale
    if guidance is not None:
        guidance = right.number_input(
            t("Guidance"),
            *GUIDANCE,
            guidance,
            0.5,
            help=t("How strictly the image follows the words. Models for few steps take 0."),
            key=f"guidance-{model_id}",
        )
    height, width = st.selectbox(
        t("Size"),
        _sizes(settings),
        format_func=lambda size: t("{width} x {height} px", width=size[1], height=size[0]),
        help=t("The first is the size that the engine was taught; time grows with the area."),
        key=f"size-{model_id}",
    )
    return EngineChoice(model_id, True, int(steps), guidance, height, width)


def _sizes(settings: EngineSettings) -> list[tuple[int, int]]:
    """(height, width): as set up, upright 4:3, across, and half of the first."""
    height, width = settings.height, settings.width
    long, short = max(height, width), min(height, width) * 3 // 4
    offered = [(height, width), (long, short), (short, long), (height // 2, width // 2)]
    fitting = [(one - one % SIZE_MULTIPLE, two - two % SIZE_MULTIPLE) for one, two in offered]
    return list(dict.fromkeys(size for size in fitting if min(size) >= SIZE[0]))
