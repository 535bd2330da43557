"""What proved bad: the form of a recall, kept in the address, so that other pages can lead to it filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from ecomgan.metrics import SCORERS
from studio.bootstrap import Studio
from studio.photos.rights import Rights
from studio.review.causes import SETTINGS, Cause, CauseKind
from studio.review.recall_views import RecallChoices, choices
from studio.roles import Actor
from studio.ui import filters
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import date, msg, number, t
from studio.ui.labels import METRICS, RIGHTS, term
from studio.ui.pictures import draw_picture

KINDS: dict[CauseKind, str] = {
    CauseKind.MODEL: msg("A model version"),
    CauseKind.LICENCE: msg("The licence of a model"),
    CauseKind.PHOTO: msg("The rights of a photo"),
    CauseKind.FINISHING: msg("A finishing step"),
    CauseKind.SETTING: msg("A setting of the engine"),
    CauseKind.CHANNEL: msg("The rule of a channel"),
    CauseKind.CHECK: msg("The range of a check"),
    CauseKind.REVIEWER: msg("A reviewer's approvals"),
    CauseKind.CATEGORY: msg("A category at a time"),
}
_MEANINGS: dict[CauseKind, str] = {
    CauseKind.MODEL: msg("Every image that this version made."),
    CauseKind.LICENCE: msg("Every image of this version and of all that was taught from it or with its images."),
    CauseKind.PHOTO: msg(
        "Images of models that were taught with the photo, and listing images that have no other photo as proof."
    ),
    CauseKind.FINISHING: msg("Every image that went through this step; replacements are made without it."),
    CauseKind.SETTING: msg("Every image that was made with the setting in this range."),
    CauseKind.CHANNEL: msg("Every image that was exported to this channel."),
    CauseKind.CHECK: msg("Every image whose score lies in the range that proved bad."),
    CauseKind.REVIEWER: msg("Every image that this person approved and that nobody looked at again since."),
    CauseKind.CATEGORY: msg("Every image of the category."),
}
_DAYS: dict[CauseKind, str] = {
    CauseKind.REVIEWER: msg("Approved from … to"),
    CauseKind.CHANNEL: msg("Exported from … to"),
}
_MADE = msg("Made from … to")
_SETTINGS: dict[str, str] = {
    "truncation": msg("Variety"),
    "guidance_scale": msg("Guidance"),
    "steps": msg("Steps"),
}
_STEPS: dict[str, str] = {
    "white_background": msg("Clean white background"),
    "sharpen": msg("Sharpen"),
    "detail": msg("Restore detail"),
    "resize": msg("Enlarge"),
    "pad": msg("Frame"),
}
_STANDING_FIRST = (CauseKind.CHANNEL, CauseKind.CHECK, CauseKind.REVIEWER, CauseKind.CATEGORY)
"""Causes that say nothing against images that nobody approved yet."""


def address_of(cause: Cause) -> dict[str, str]:
    """The query of the page Recalls that opens a new recall by this cause."""
    query = {
        "new": "1",
        "by": cause.kind.value,
        "model": cause.model_version_id,
        "photo": cause.photo_id,
        "step": cause.step,
        "setting": cause.setting,
        "channel": cause.channel_id,
        "check": cause.metric,
        "person": cause.user_id,
        "category": cause.category,
        "days": cause.days,
        "taught": "1" if cause.taught else None,
    }
    return {name: str(value) for name, value in query.items() if value}


def cause_in_words(cause: Cause, subject: str) -> str:
    """The cause as a line for people: its kind, the thing, the days."""
    named = {
        CauseKind.FINISHING: lambda: t(_STEPS.get(subject, subject)),
        CauseKind.CATEGORY: lambda: term(subject),
        CauseKind.SETTING: lambda: f"{t(_SETTINGS[cause.setting or ''])} {_range(cause)}",
        CauseKind.CHECK: lambda: f"{_score_name(cause.metric or '')} {_range(cause)}",
    }.get(cause.kind, lambda: subject)()
    days = "" if cause.days is None else f" · {_written(cause)}"
    return f"{t(KINDS[cause.kind])}: {named}{days}"


def draw_cause(studio: Studio, actor: Actor) -> Cause | None:
    """The form; None while something is still to be chosen."""
    known = choices(studio, actor)
    st.markdown(f"**{t('What proved bad')}**")
    kinds = {kind.value: t(label) for kind, label in KINDS.items()}
    kind = CauseKind(filters.choose(t("What proved bad"), kinds, param="by", default=CauseKind.MODEL.value))
    thing = _THINGS[kind](known)
    low, high = _draw_range(kind, thing) if kind in (CauseKind.SETTING, CauseKind.CHECK) else (None, None)
    taught = kind is CauseKind.MODEL and filters.toggle(t("Also what was taught from it"), param="taught")
    days = filters.period(t(_DAYS.get(kind, _MADE)), param="days")
    standing = st.toggle(
        t("Only images that are approved or published"), value=kind in _STANDING_FIRST, key=f"recall-standing-{kind}"
    )
    st.caption(t(_MEANINGS[kind]))
    ranged = kind not in (CauseKind.SETTING, CauseKind.CHECK) or (low, high) != (None, None)
    if not thing or not ranged:
        return None
    field, value = thing
    return Cause(kind, **{field: value}, low=low, high=high, days=days, taught=taught, standing=standing)  # type: ignore[arg-type]


_Thing = tuple[str, int | str] | None
"""The field of a cause and its value."""


def _by_id(field: str, param: str, placeholder: str, options: Mapping[int, str]) -> _Thing:
    chosen = filters.narrow(
        t(placeholder), {str(id_): name for id_, name in options.items()}, param=param, placeholder=t(placeholder)
    )
    return (field, int(chosen)) if chosen else None


def _by_name(field: str, param: str, placeholder: str, options: Mapping[str, str]) -> _Thing:
    chosen = filters.narrow(t(placeholder), options, param=param, placeholder=t(placeholder))
    return (field, chosen) if chosen else None


def _licence(known: RecallChoices) -> _Thing:
    first = sorted(known.models, key=lambda id_: id_ not in known.refused)
    refused = t(RIGHTS[Rights.REFUSED][0])
    names = {id_: f"{known.models[id_]} · {refused}" if id_ in known.refused else known.models[id_] for id_ in first}
    return _by_id("model_version_id", "model", _CHOOSE_MODEL, names)


def _photo(known: RecallChoices) -> _Thing:
    if not known.photos:
        st.info(t("No photo was refused. Refuse its rights in the Catalogue first; it then stands here."))
        return None
    thing = _by_id("photo_id", "photo", msg("Choose a photo"), known.photos)
    if thing is not None:
        draw_picture(thumbnail_url(known.photo_sha256s[int(thing[1])], 160), t("Real photo"), width=110)
    return thing


_CHOOSE_MODEL = msg("Choose a model version")
_THINGS: dict[CauseKind, Callable[[RecallChoices], _Thing]] = {
    CauseKind.MODEL: lambda known: _by_id("model_version_id", "model", _CHOOSE_MODEL, known.models),
    CauseKind.LICENCE: _licence,
    CauseKind.PHOTO: _photo,
    CauseKind.FINISHING: lambda known: _by_name(
        "step", "step", msg("Choose a step"), {step: t(_STEPS.get(step, step)) for step in known.steps}
    ),
    CauseKind.SETTING: lambda known: _by_name(
        "setting", "setting", msg("Choose a setting"), {name: t(_SETTINGS[name]) for name in SETTINGS}
    ),
    CauseKind.CHANNEL: lambda known: _by_id("channel_id", "channel", msg("Choose a channel"), known.channels),
    CauseKind.CHECK: lambda known: _by_name(
        "metric", "check", msg("Choose a score"), {key: _score_name(key) for key in SCORERS}
    ),
    CauseKind.REVIEWER: lambda known: _by_id("user_id", "person", msg("Choose a reviewer"), known.reviewers),
    CauseKind.CATEGORY: lambda known: _by_name(
        "category", "category", msg("Choose a category"), {name: term(name) for name in known.categories}
    ),
}


def _draw_range(kind: CauseKind, thing: _Thing) -> tuple[float | None, float | None]:
    if thing is None:
        return None, None
    left, right = st.columns(2)
    low = left.number_input(t("From"), value=None, key=f"recall-low-{thing[1]}", placeholder=t("open"))
    high = right.number_input(t("To"), value=None, key=f"recall-high-{thing[1]}", placeholder=t("open"))
    if low is None and high is None:
        st.caption(t("Say from or up to which value it proved bad; both ends belong to it."))
    return low, high


def _score_name(metric: str) -> str:
    return t(METRICS[metric].name) if metric in METRICS else metric.replace("_", " ")


def _range(cause: Cause) -> str:
    low, high = ("" if end is None else number(end, 2) for end in (cause.low, cause.high))
    return f"{low} … {high}".strip()


def _written(cause: Cause) -> str:
    days = cause.days
    assert days is not None
    return f"{date(days.since) if days.since else ''} – {date(days.until) if days.until else ''}"
