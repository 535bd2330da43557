"""The left side of Generate: what to make, from picked products or from a text, and how."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from db.tables import Purpose
from ecomgan.text import Reading
from studio.bootstrap import Studio
from studio.catalogue.products import product
from studio.engines.choice import told_text
from studio.errors import StudioError
from studio.making.orders import MOST_PER_PRODUCT, OrderRequest, order_results, read_request
from studio.roles import Actor
from studio.ui.engine_choice import EngineChoice, draw_engine
from studio.ui.finishing_form import draw_finishing, draw_house_style
from studio.ui.i18n import msg, plural, t
from studio.ui.labels import PURPOSES, plain, term
from studio.ui.notices import refusal
from studio.ui.places import page_of

PICKED = "picked_products"
LAST_SEED = "last_seed"
_PROMPT = "prompt"
_LISTED = 4
_VARIETY = 0.8

FIELDS = {"article_type": msg("Category"), "colour": msg("Colour"), "usage": msg("Usage")}
EXAMPLES = (msg("red dress"), msg("black formal shoes for men"), msg("blue backpack"), msg("white sneakers"))


@dataclass(frozen=True)
class Wording:
    """A text with the corrections of what was understood of it. `ready`: it names a kind of product."""

    prompt: str
    corrections: dict[str, str]
    ready: bool


def draw_brief(studio: Studio, actor: Actor) -> OrderRequest | None:
    """Draw the form; what it asks for, or None while it asks for nothing that can be made."""
    ids = _picked()
    engine = draw_engine(studio, actor)
    if ids:
        _draw_products(studio, actor, ids)
        wording = Wording("", {}, ready=True)
    else:
        wording = _draw_text(studio, actor, engine)
    number = st.number_input(
        t("Images for each product") if len(ids) > 1 else t("Images"),
        1,
        MOST_PER_PRODUCT,
        8,
        key="number",
        persist_state="session",
    )
    variety = _VARIETY if engine.free else _draw_variety()
    with st.expander(t("Finishing, purpose, seed"), key="more"):
        finishing = draw_finishing()
        house_style = draw_house_style()
        purpose = _draw_purpose(from_text=not ids)
        seed = _draw_seed()
    if not wording.ready:
        return None
    return OrderRequest(
        product_ids=ids,
        prompt=wording.prompt,
        attributes=wording.corrections,
        number=int(number),
        seed=seed,
        truncation=variety,
        finishing=finishing,
        house_style=house_style,
        purpose=purpose,
        model_id=engine.model_id,
        guidance_scale=engine.guidance_scale,
        steps=engine.steps,
        height=engine.height,
        width=engine.width,
    )


def _draw_variety() -> float:
    return st.slider(
        t("Variety"),
        0.3,
        1.0,
        _VARIETY,
        0.05,
        key="variety",
        help=t("Low: typical and safe. High: bolder, with more misses."),
    )


def draw_examples() -> None:
    """Texts to start with; a click writes one into the field."""
    chosen = st.pills(t("Examples"), [t(text) for text in EXAMPLES], label_visibility="collapsed", key="example")
    if chosen and chosen != st.session_state.get(_PROMPT):
        st.session_state["example_chosen"] = chosen
        st.rerun()


def _picked() -> tuple[int, ...]:
    """The products of the address; those of a large selection are kept in the session."""
    raw = st.query_params.get("products", "")
    if raw == "picked":
        return tuple(st.session_state.get(PICKED, ()))
    return tuple(int(part) for part in raw.split(",") if part.isdigit())


def leave_out(picked: Sequence[int], some: Collection[int]) -> None:
    """Go on with the other products that were picked; with a text where none is left."""
    left = tuple(one for one in picked if one not in some)
    if not left:
        st.query_params.pop("products", None)
    elif st.query_params.get("products") == "picked":
        st.session_state[PICKED] = left
    else:
        st.query_params["products"] = ",".join(map(str, left))
    st.rerun()


def _draw_products(studio: Studio, actor: Actor, ids: tuple[int, ...]) -> None:
    with st.container(border=True, gap="xsmall", key="picked"):
        st.markdown(f"**{plural('{n} product picked', '{n} products picked', len(ids))}**")
        for id_ in ids[:_LISTED]:
            st.caption(plain(product(studio, actor, id_).product.title))
        if len(ids) > _LISTED:
            st.caption(plural("and {n} more", "and {n} more", len(ids) - _LISTED))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(page_of("catalogue"), label=t("Pick others"), icon=":material/inventory_2:")
            if st.button(t("Write a text instead"), type="tertiary", icon=":material/edit:"):
                del st.query_params["products"]
                st.rerun()


def _draw_text(studio: Studio, actor: Actor, engine: EngineChoice) -> Wording:
    if example := st.session_state.pop("example_chosen", None) or _text_of_shown_order(studio, actor):
        st.session_state[_PROMPT] = example
    prompt = st.text_input(
        t("What should be on the images?"),
        placeholder=t("for example: red dress, 白色运动鞋"),
        max_chars=2000,
        live="350ms",
        key=_PROMPT,
        persist_state="session",
    )
    st.page_link(page_of("catalogue"), label=t("or pick products in the catalogue"), icon=":material/inventory_2:")
    if not prompt or not prompt.strip():
        return Wording("", {}, ready=False)
    try:
        reading = read_request(studio, actor, prompt, engine.model_id)
    except StudioError as error:
        refusal(error)
        return Wording(prompt, {}, ready=False)
    if engine.free:
        corrections = _draw_chips(reading, free=True)
        request = OrderRequest(prompt=prompt, attributes=corrections, model_id=engine.model_id)
        st.caption(t("The engine is told: {words}", words=plain(told_text(studio, actor, request))))
        return Wording(prompt, corrections, ready=True)
    corrections = _draw_chips(reading)
    kind = corrections.get("article_type", reading.attributes.get("article_type"))
    return Wording(prompt, corrections, ready=bool(kind))


def _text_of_shown_order(studio: Studio, actor: Actor) -> str | None:
    """The text of the order that the address shows, for who comes by a link and has written nothing yet."""
    job_id = st.query_params.get("job")
    if not job_id or _PROMPT in st.session_state:
        return None
    try:
        made = order_results(studio, actor, job_id, limit=1)
    except StudioError:
        return None  # the other half of the page says what is wrong with the address
    return made[0].prompt if made and made[0].product_id is None else None


def _draw_chips(reading: Reading, *, free: bool = False) -> dict[str, str]:
    """What was understood, each value correctable; returns the corrections, an empty value where one was taken away.

    free: the engine takes any text, so nothing is asked back.
    """
    corrections: dict[str, str] = {}
    fields = [field for field in FIELDS if field in reading.vocabulary]
    kind = st.container()  # the longest names: a row of its own
    for column, field in zip((kind, *st.columns(max(len(fields) - 1, 1))), fields, strict=False):
        understood = reading.attributes.get(field, "")
        options = ["", *sorted(reading.vocabulary[field], key=term)]
        chosen = column.selectbox(
            t(FIELDS[field]),
            options,
            index=options.index(understood),
            format_func=lambda value: term(value) if value else t("any"),
            key=f"chip-{field}-{understood}",  # another reading of the text takes an earlier correction back
        )
        if chosen != understood:
            corrections[field] = chosen
    if free:
        return corrections
    if reading.unknown:
        st.caption(t("Not understood: {words}", words=plain(", ".join(reading.unknown))))
    if not corrections.get("article_type", reading.attributes.get("article_type")):
        kinds = ", ".join(term(kind) for kind in reading.suggestions)
        asked = t("Did you mean {kinds}? Choose a category above.", kinds=kinds)
        st.info(asked if kinds else t("Which kind of product? Choose a category above."), icon=":material/help:")
    elif reading.kinds:
        kinds = ", ".join(term(kind) for kind in reading.kinds)
        st.caption(t("Could also be: {kinds}.", kinds=kinds))
    return corrections


def _draw_purpose(*, from_text: bool) -> Purpose:
    """Listing is not offered for texts: an image made from words alone is not the product."""
    offered = [purpose for purpose in Purpose if not (from_text and purpose is Purpose.LISTING)]
    return st.selectbox(
        t("Purpose"),
        offered,
        format_func=lambda purpose: t(PURPOSES[purpose]),
        help=t("A listing image shows the product itself and needs a real photo of it as proof."),
        key="purpose",
        persist_state="session",
    )


def _draw_seed() -> int | None:
    """None draws a fresh seed for every order; a kept one makes the same images again."""
    if not st.toggle(
        t("Keep the seed"),
        help=t("The same seed and text make the same images."),
        key="keep_seed",
        persist_state="session",
    ):
        return None
    last = int(st.session_state.get(LAST_SEED, 0))
    return int(st.number_input(t("Seed"), 0, 2**31 - 65, last, key=f"seed-{last}"))
