"""The form that starts a training: what to start from, on which photos, how long; and what that comes to."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from ecomgan.data.splits import LEAST_PHOTOS
from ecomgan.training.presets import PRESETS
from studio.bootstrap import Studio
from studio.catalogue.products import facets
from studio.models.in_use import champion
from studio.models.views import ModelView
from studio.photos.rights import Rights
from studio.photos.trainable import PhotoFilter
from studio.roles import Actor
from studio.training.plans import NewWord, Plan, bases, estimate, plan
from studio.training.trainings import FEWEST_IMAGES, MOST_IMAGES, TrainingRequest, start
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import date, duration, msg, number, plural, t
from studio.ui.labels import plain, term
from studio.ui.places import page_of
from studio.ui.quota_view import draw_left
from studio.ui.training_decided import choose_decided, draw_decided
from studio.work.quotas import quota_of

PRESET_NAMES = {
    "quick": msg("A first look"),
    "small": msg("Few photos"),
    "medium": msg("Some hundred photos"),
    "large": msg("Many photos"),
}
_PRESET_MEANINGS = {
    "quick": msg("shows within minutes whether these photos are worth a whole training"),
    "small": msg("up to 150 photos: learns gently, and stops when held-out photos are no longer met better"),
    "medium": msg("up to 500 photos: more of the model may change"),
    "large": msg("beyond: the whole model learns, for hours"),
}
_FIELD_NAMES = {"article_type": msg("Category"), "colour": msg("Colour"), "usage": msg("Usage")}
_RIGHTS = {
    Rights.SETTLED: msg("Rights granted"),
    Rights.ACKNOWLEDGED: msg("Someone answers for them"),
    Rights.OPEN: msg("Rights unconfirmed"),
}
_UNKNOWN = "–"
_PHOTOS = '<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(62px,1fr));gap:6px">{photos}</div>'
_PHOTO = '<img src="{source}" alt="{alt}" style="width:100%;height:84px;object-fit:contain;background:#fff">'


def draw_form(studio: Studio, actor: Actor) -> int | None:
    """The whole form; returns the id of the training when it was started in this run."""
    known = bases(studio, actor)
    if not known:
        st.info(t("No model can be taught yet. The worker registers the first one when it starts."))
        return None
    left, right = st.columns([1, 1.55], gap="large")
    with left:
        base = _choose_base(known, champion(studio).id)
        wanted = _choose_photos(studio, actor)
        with_decided = choose_decided(studio, actor)
        found = plan(studio, actor, base.id, wanted, with_decided=with_decided)
        preset = _choose_preset(found)
        name, images, nearest = _choose_more(found, preset, base)
    with right:
        _draw_photos(found)
        draw_decided(found)
        if found.preset is None:
            _draw_too_few(found)
            return None
        acknowledged = _draw_rights(found, actor)
        took = estimate(studio, actor, PRESETS[preset], images)
        pressed = st.button(
            _teach_it(found),
            type="primary",
            icon=":material/school:",
            disabled=not acknowledged,
            key="start-training",
        )
        basis = {
            "trainings": t("By the speed of the last training here."),
            "reference": t("By what two processor cores do; the first training here measures it."),
        }[took.basis]
        joining = found.decided.joining if found.decided else 0
        each = round(images / (found.count.trainable + joining))
        times = plural("each photo about {n} time", "each photo about {n} times", each)
        st.caption(
            f"{t('At most {time}', time=duration(took.seconds))} · {times} · "
            f"{t('orders keep coming out meanwhile; you can pause it any time.')}",
            help=basis,
        )
        draw_left(quota_of(studio, actor), took.seconds)
        if pressed:
            request = TrainingRequest(name, base.id, wanted, preset, images, nearest, acknowledged, with_decided)
            return start(studio, actor, request)
    return None


def _teach_it(found: Plan) -> str:
    photos = plural("Teach it {n} photo", "Teach it {n} photos", found.count.trainable)
    if found.decided is None or not found.decided.joining:
        return photos
    return f"{photos} {plural('and {n} approved image', 'and {n} approved images', found.decided.joining)}"


def _choose_base(known: list[ModelView], champion_id: int) -> ModelView:
    def named(one: ModelView) -> str:
        return t("{name} · in production", name=one.name) if one.id == champion_id else one.name

    return st.selectbox(t("Start from"), known, format_func=named, key="training-base")


def _choose_photos(studio: Studio, actor: Actor) -> PhotoFilter:
    """Which photos: everything, or by words, category, colour, rights; at most so many."""
    known = facets(studio, actor)
    st.markdown(f"**{t('Which photos')}**")
    text = st.text_input(
        t("Title or SKU"), placeholder=t("Any title or SKU"), label_visibility="collapsed", key="training-text"
    )
    one, two = st.columns(2)
    category = one.selectbox(
        t("Category"),
        list(known.categories),
        index=None,
        format_func=lambda path: " > ".join(term(level) for level in path.split(" > ")),
        placeholder=t("All categories"),
        label_visibility="collapsed",
        key="training-category",
    )
    colour = two.selectbox(
        t("Colour"),
        list(known.colours),
        index=None,
        format_func=term,
        placeholder=t("All colours"),
        label_visibility="collapsed",
        key="training-colour",
    )
    rights = one.selectbox(
        t("Rights"),
        list(_RIGHTS),
        index=None,
        format_func=lambda right: t(_RIGHTS[right]),
        placeholder=t("All that may be used"),
        label_visibility="collapsed",
        key="training-rights",
    )
    most = two.number_input(
        t("At most so many photos"),
        min_value=LEAST_PHOTOS,
        value=None,
        step=1,
        placeholder=t("As many as fit"),
        label_visibility="collapsed",
        key="training-most",
    )
    return PhotoFilter(text=text or "", category=category, colour=colour, rights=rights, most=most)


def _choose_preset(found: Plan) -> str:
    suited = found.preset or "small"
    names = list(PRESETS)
    return st.radio(
        t("How"),
        names,
        index=names.index(suited),
        format_func=lambda name: (
            f"{t(PRESET_NAMES[name])} :gray[· {t('suits these photos')}]"
            if name == found.preset
            else t(PRESET_NAMES[name])
        ),
        captions=[t(_PRESET_MEANINGS[name]) for name in names],
        key=f"training-preset-{suited}",
    )


def _choose_more(found: Plan, preset: str, base: ModelView) -> tuple[str, int, dict[str, dict[str, str]]]:
    """The folded part: name, length, and what new words start from."""
    with st.expander(t("More settings"), icon=":material/tune:"):
        name = st.text_input(
            t("Name of the new model"),
            value=t("catalogue {day}", day=date(dt.datetime.now(dt.UTC))),
            max_chars=120,
            key="training-name",
        )
        images = st.number_input(
            t("Photos to be seen in all"),
            min_value=FEWEST_IMAGES,
            max_value=MOST_IMAGES,
            value=PRESETS[preset].images,
            step=FEWEST_IMAGES,
            help=t("Each photo is seen many times. More is not always better: watch the held-out figures."),
            key=f"training-images-{preset}",
        )
        nearest = _choose_nearest(found.new_words, base)
    return name, int(images), nearest


def _choose_nearest(words: tuple[NewWord, ...], base: ModelView) -> dict[str, dict[str, str]]:
    if not words:
        return {}
    st.markdown(f"**{t('New words, and what each starts from')}**")
    chosen: dict[str, dict[str, str]] = {}
    for word in words:
        options = [_UNKNOWN, *base.words[word.field]]
        start_from = st.selectbox(
            f"{term(word.value)} · {t(_FIELD_NAMES[word.field])}",
            options,
            index=options.index(word.nearest) if word.nearest else 0,
            format_func=lambda value: t("nothing like it") if value == _UNKNOWN else term(value),
            key=f"nearest-{base.id}-{word.field}-{word.value}",
        )
        if start_from != _UNKNOWN:
            chosen.setdefault(word.field, {})[word.value] = start_from
    return chosen


def _draw_photos(found: Plan) -> None:
    """What fits, in numbers, in words and in pictures."""
    count = found.count
    with st.grid(3, min_column_width=130):
        st.metric(t("Photos to learn from"), number(count.trainable))
        st.metric(t("Products"), number(found.families))
        st.metric(t("Categories"), number(len(found.kinds)))
    shown = "".join(_PHOTO.format(source=thumbnail_url(sha256, 160), alt=t("Real photo")) for sha256 in found.shown)
    st.html(_PHOTOS.format(photos=shown))
    kinds = " · ".join(f"{term(kind)} {number(n)}" for kind, n in list(found.kinds.items())[:12])
    if kinds:
        st.caption(plain(kinds) + (" …" if len(found.kinds) > 12 else ""))
    if found.new_words:
        named = ", ".join(
            f"{term(word.value)} ({t('starts from {word}', word=term(word.nearest))})"
            if word.nearest
            else term(word.value)
            for word in found.new_words[:8]
        )
        st.markdown(f":blue[●] {t('New to the model')}: {plain(named)}{' …' if len(found.new_words) > 8 else ''}")
    if count.unnamed:
        told = plural(
            "{n} photo is left out: no word of the model stands for its category.",
            "{n} photos are left out: no word of the model stands for their category.",
            count.unnamed,
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f":orange[●] {told}", width="content")
            st.page_link(page_of("catalogue"), label=t("Map the categories"), query_params={"view": "words"})


def _draw_too_few(found: Plan) -> None:
    st.warning(
        t(
            "{n} photos fit; a training needs at least {least}: some to learn from, and some to be judged on.",
            n=number(found.count.trainable),
            least=number(LEAST_PHOTOS),
        ),
        icon=":material/photo_library:",
    )
    st.page_link(
        page_of("catalogue"),
        label=t("Add photos in the Catalogue"),
        icon=":material/add_a_photo:",
        query_params={"view": "photos"},
    )


def _draw_rights(found: Plan, actor: Actor) -> bool:
    """How the rights stand. Returns whether it may start: nothing is open, or the person answers for what is."""
    count = found.count
    dots = [
        (":green[●]", plural("{n} with rights granted", "{n} with rights granted", count.settled), count.settled),
        (
            ":blue[●]",
            plural("{n} that someone answers for", "{n} that someone answers for", count.acknowledged),
            count.acknowledged,
        ),
        (":orange[●]", plural("{n} unconfirmed", "{n} unconfirmed", count.open), count.open),
        (":red[●]", plural("{n} refused, left out", "{n} refused, left out", count.refused), count.refused),
    ]
    st.markdown(" &nbsp; ".join(f"{dot} {words}" for dot, words, n in dots if n))
    images = 0 if found.decided is None else found.decided.open
    if not count.open and not images:
        return True
    answers = st.checkbox(
        t("I answer for the photos and images with unconfirmed rights")
        if images
        else t("I answer for the photos with unconfirmed rights"),
        key="training-acknowledged",
    )
    st.caption(  # beside a box a label of more than one line is cut off
        t(
            "We may use them to teach a model, and the people in them agreed. It is kept with each photo, with your "
            "name ({name}).",
            name=plain(actor.name),
        )
    )
    return answers
