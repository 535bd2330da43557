"""A training to watch: how far it is, what it makes, how near it comes to photos that it never saw; and its buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

import streamlit as st

from db.tables import Role, TrainingWish
from ecomgan.training.presets import PRESETS
from studio.bootstrap import Studio
from studio.errors import StudioError
from studio.roles import Actor
from studio.training.decided import DecidedCount
from studio.training.trainings import discard, keep, pause, resume
from studio.training.views import PictureKind, Stage, TrainingView, curves, pictures, training
from studio.ui import guard
from studio.ui.i18n import ago, duration, msg, number, plural, t
from studio.ui.labels import BADGE_COLOURS, Tone, plain, term
from studio.ui.notices import calm, refusal
from studio.ui.theme import palette
from studio.ui.training_charts import Curve, Level, losses, watched
from studio.ui.training_decided import left_out_in_words
from studio.ui.training_result import draw_result

STAGES: Mapping[Stage, tuple[str, Tone]] = {
    "waiting": (msg("Waiting"), "neutral"),
    "preparing": (msg("Preparing photos"), "info"),
    "learning": (msg("Learning"), "info"),
    "judging": (msg("Being judged"), "info"),
    "stopping": (msg("Stopping"), "warn"),
    "paused": (msg("Paused"), "warn"),
    "stopped": (msg("Stopped"), "neutral"),
    "failed": (msg("Failed"), "bad"),
    "done": (msg("Done"), "good"),
    "discarded": (msg("Discarded"), "neutral"),
}
_ENDS = {
    "target": msg("It saw as many photos as planned."),
    "early_stop": msg("It ended early: held-out photos were no longer met better. Its best moment was kept."),
    "alarm": msg("It ended early: its images came too near to single photos. Its best moment before that was kept."),
    "stopped": msg("It was ended by hand. Its best moment was kept."),
}
_KINDS: dict[PictureKind, str] = {"samples": msg("Samples"), "nearest_photos": msg("Nearest photos")}
_LOSSES = {
    "loss/discriminator": msg("critic"),
    "loss/generator": msg("generator"),
    "loss/mismatch": msg("wrong words"),
}
_POLL_SECONDS = 2.0
_PICTURE = """
<div style="display:flex;gap:10px;align-items:stretch">
  <div style="display:flex;flex-direction:column;min-width:5.5rem;max-width:9rem">{rows}</div>
  <img src="{source}" alt="{alt}" style="flex:1;min-width:0;width:100%;border-radius:8px;background:#fff">
</div>
"""
_ROW = '<div style="flex:1;display:flex;align-items:center;font-size:0.8rem;line-height:1.2">{words}</div>'


def draw_training(studio: Studio, actor: Actor, training_id: int) -> None:
    """One training, drawn again every two seconds for as long as it goes on."""
    running = training(studio, actor, training_id).active

    @st.fragment(run_every=_POLL_SECONDS if running else None)
    def live() -> None:
        studio, actor = guard.page(Role.ADMIN)
        with calm():
            now = training(studio, actor, training_id)
            if running != now.active:
                st.rerun()  # the whole page: the polling ends, or begins again
            _draw_state(studio, actor, now)
            found = curves(studio, actor, now.id)
            if now.stage in ("done", "judging"):
                draw_result(studio, actor, now)
            # Below each other where the pictures would become too small.
            with st.grid(2, min_column_width=420, gap="large"):
                with st.container():
                    _draw_pictures(studio, actor, now)
                with st.container():
                    _draw_curves(now, found)

    live()


def state_line(now: TrainingView) -> str:
    """The state as a coloured dot with a word."""
    word, tone = STAGES[now.stage]
    return f":{BADGE_COLOURS[tone]}[●] {t(word)}"


def _draw_state(studio: Studio, actor: Actor, now: TrainingView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="training-head"):
        with st.container(gap="xxsmall"):
            st.markdown(state_line(now))
            if now.active:
                done, words = progress(now)
                st.progress(done, words)
        with st.container(horizontal=True, horizontal_alignment="right", width="content"):
            _draw_buttons(studio, actor, now)
    st.caption(_facts(now))
    if now.decided and (left_out := left_out_in_words(DecidedCount(**now.decided))):
        st.caption(t("Of what reviewers decided stayed out: {what}.", what=left_out))
    if now.alarm:
        st.error(f"**{t('Copying alarm.')}** {plain(now.alarm)}", icon=":material/content_copy:")
    if now.ended and not now.active and now.ended in _ENDS and now.stage == "done":
        st.caption(t(_ENDS[now.ended]))
    if now.stage == "paused":
        st.info(t("Paused: nothing is lost. It goes on from here whenever you like."), icon=":material/pause_circle:")
    if now.error:
        what = t("Nothing of what it learnt is lost. Resume it, or keep what there is.")
        st.error(f"{plain(now.error)}  \n{what}", icon=":material/error:")


def progress(now: TrainingView) -> tuple[float, str]:
    """The share that is done, and in words how far it is and what remains."""
    left = "" if now.seconds_left is None else t("about {time} left", time=duration(now.seconds_left))
    if now.stage == "judging" and now.step:
        done, of = now.step
        words = t("the new model is judged on held-out photos: {done} of {of} models", done=done, of=of)
        return done / of, words
    if now.stage == "preparing":
        done, of = now.step or (0, now.photos)
        if not done:
            return 0.0, t("the training process is starting; orders go first")
        words = t("{done} of {of} photos prepared", done=number(done), of=number(of))
        return done / max(of, 1), " · ".join(part for part in (words, left) if part)
    if now.stage == "stopping":
        left = t("it saves what it learnt")
    seen = t("{seen} of {target} photos seen", seen=number(now.seen), target=number(now.target))
    return min(1.0, now.seen / max(now.target, 1)), " · ".join(part for part in (seen, left) if part)


def _facts(now: TrainingView) -> str:
    split = ", ".join(
        words
        for words, n in (
            (plural("{n} to learn from", "{n} to learn from", now.splits.get("train", 0)), now.splits.get("train", 0)),
            (_held_out(now), now.splits.get("validation", 0) + now.splits.get("dev", 0)),
            (
                plural("{n} left out", "{n} left out", now.splits.get("left_out", 0)),
                now.splits.get("left_out", 0),
            ),
        )
        if n
    )
    photos = plural("{n} photo", "{n} photos", now.photos) + (f" ({split})" if split else "")
    if now.images:
        photos += " + " + plural("{n} approved image", "{n} approved images", now.images)
    facts = [
        t("from {base}", base=plain(now.base)),
        photos,
        plain(now.created_by),
        ago(now.created_at),
        t("a worker was at it for {time}", time=duration(now.compute_seconds)),
    ]
    return " · ".join(facts)


def _held_out(now: TrainingView) -> str:
    held_out = now.splits.get("validation", 0) + now.splits.get("dev", 0)
    return plural("{n} held out", "{n} held out", held_out)


def _draw_buttons(studio: Studio, actor: Actor, now: TrainingView) -> None:
    if now.stage in ("waiting", "preparing", "learning") and now.wish is TrainingWish.RUN:
        if st.button(t("Pause"), icon=":material/pause:", key="pause"):
            _act(lambda: pause(studio, actor, now.id))
        if now.stage == "learning" and st.button(t("Stop and keep"), icon=":material/check:", key="keep"):
            _act(lambda: keep(studio, actor, now.id))
    if now.stage in ("paused", "stopped", "failed"):
        if st.button(t("Resume"), type="primary", icon=":material/play_arrow:", key="resume"):
            _act(lambda: resume(studio, actor, now.id))
        if now.seen and st.button(t("Keep what it learnt"), icon=":material/check:", key="keep"):
            _act(lambda: keep(studio, actor, now.id))
    if now.stage not in ("done", "discarded", "stopping"):
        with st.popover(t("Discard"), type="tertiary", key="discard"):
            st.write(t("What it learnt is thrown away and cannot come back. Its curves stay for the record."))
            if st.button(t("Discard it"), type="primary", key="discard-for-good"):
                _act(lambda: discard(studio, actor, now.id))


def _draw_pictures(studio: Studio, actor: Actor, now: TrainingView) -> None:
    """The pictures of one kind at a moment of the training; the newest unless another one was chosen."""
    kinds = list(_KINDS)
    kind = st.segmented_control(
        t("Pictures"),
        kinds,
        default=kinds[0],
        required=True,
        format_func=lambda one: t(_KINDS[one]),
        label_visibility="collapsed",
        key=f"pictures-{now.id}",
    )
    found = pictures(studio, actor, now.id, kind)
    if not found:
        st.skeleton(height=420)
        st.caption(t("The first pictures come with the first photos seen."))
        return
    at = _choose_moment(list(found), f"moment-{now.id}-{kind}")
    rows = [" · ".join(term(value) for value in row) for row in now.rows] if kind == "samples" else []
    alt = t("What the model makes after {n} photos", n=number(at))
    st.html(
        _PICTURE.format(
            rows="".join(_ROW.format(words=escape(row)) for row in rows),
            source=f"/api/v1/trainings/{now.id}/pictures/{found[at]}",
            alt=escape(alt),
        )
    )
    if kind == "samples":
        st.caption(t("A row is one kind of product, a column one seed: the same ones at every moment."))
    else:
        st.caption(t("Left what the model made, right the photo nearest to it. Twins would be copies."))


def _choose_moment(moments: list[int], key: str) -> int:
    """A slider over the moments that follows the newest one, until people choose another."""
    newest = f"{key}-newest"
    if st.session_state.get(key) in (None, st.session_state.get(newest)) or st.session_state[key] not in moments:
        st.session_state[key] = moments[-1]
    st.session_state[newest] = moments[-1]
    if len(moments) == 1:
        return moments[0]
    return st.select_slider(t("After so many photos seen"), moments, format_func=number, key=key)


def _draw_curves(now: TrainingView, found: Mapping[str, Curve]) -> None:
    seen = t("photos seen")
    held_out, copying = found.get("held_out/kd_x1000", []), found.get("copying/ratio", [])
    with st.grid(3, min_column_width=120):
        st.metric(
            t("Held-out distance"),
            number(held_out[-1][1], 1) if held_out else "–",
            number(held_out[-1][1] - held_out[0][1], 1) if len(held_out) > 1 else None,
            delta_color="inverse",
            help=t("How far its images are from photos that it never saw; less is better. Below: against the base."),
        )
        st.metric(
            t("Copying ratio"),
            number(copying[-1][1], 2) if copying else "–",
            help=t(
                "1: its images keep as far from the photos it learns from as held-out photos do. Far below: copies."
            ),
        )
        st.metric(t("Photos a second"), "–" if now.images_per_second is None else number(now.images_per_second, 1))
    if held_out:
        st.markdown(f"**{t('Held-out photos')}**", help=t("In the training's own space: to watch this training only."))
        best = None if now.best_at is None else next((value for at, value in held_out if at == now.best_at), None)
        _draw(watched(held_out, seen, palette(), best_at=now.best_at), f"held-out-{now.id}", t("Held-out photos"))
        if best is not None:
            st.caption(t("Ring: the best moment so far; it is what will be kept."))
    if copying:
        st.markdown(f"**{t('Copying')}**")
        level = Level(PRESETS[now.preset].copying_alarm, t("below: alarm"))
        _draw(watched(copying, seen, palette(), level=level), f"copying-{now.id}", t("Copying"))
    known = {t(words): found[name] for name, words in _LOSSES.items() if name in found}
    if known:
        st.markdown(f"**{t('Losses')}**")
        _draw(losses(known, seen, palette()), f"losses-{now.id}", t("Losses"))
    if not found:
        st.skeleton(height=190)
        st.caption(t("Curves begin with the first photos seen."))


def _draw(figure: object, key: str, alt: str) -> None:
    st.plotly_chart(figure, theme=None, key=key, config={"displayModeBar": False}, alt=alt)


def _act(action: Callable[[], None]) -> None:
    try:
        action()
    except StudioError as error:
        refusal(error)
    else:
        st.rerun()
