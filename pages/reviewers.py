"""Reviewers: how much, how fast and how alike they decide; each figure opens the images behind it."""

import datetime as dt

import streamlit as st

from db.tables import Role
from studio.review.behind import Behind, WantedImages, images_behind
from studio.review.reviewers import reviewer_report
from studio.review.verdicts import Days
from studio.ui import filters, guard
from studio.ui.head import head
from studio.ui.i18n import plural, t
from studio.ui.judged_view import draw_behind, draw_judged, wanted_by
from studio.ui.notices import calm, empty
from studio.ui.opinions_view import draw_beginning, draw_gold, draw_rates
from studio.ui.places import page_of
from studio.ui.reviewer_figures import draw_charts
from studio.ui.reviewers_view import draw_concerns, draw_key_figures, draw_person, draw_table

studio, actor = guard.page(Role.REVIEWER)

with head(t("Reviewers") if actor.may(Role.MANAGER) else t("My decisions")):
    if actor.may(Role.MANAGER):
        draw_rates(studio, actor)
    periods = {str(n): plural("{n} day", "{n} days", n) for n in (7, 30, 90)}
    period = int(filters.switch_between(t("Period"), periods, param="days", default="30"))

with calm():
    days = Days(since=dt.datetime.now(dt.UTC).date() - dt.timedelta(days=period - 1))
    report = reviewer_report(studio, actor, days)
    wanted = wanted_by(st.query_params, days)
    if wanted is not None:
        draw_behind(studio, actor, wanted, {one.user_id: one.name for one in report.people})
        st.stop()
    if actor.may(Role.MANAGER):
        draw_beginning(studio, actor)
    if not any(one.approved.n or one.gold.right.n for one in report.people):
        title = t("Nothing was decided in this time")
        with empty(title, t("Figures appear as soon as images are approved or rejected."), icon="balance"):
            st.page_link(page_of("review"), label=t("Show what waits for review"), icon=":material/rule:")
    else:
        if report.whole_team:
            draw_key_figures(report)
            draw_concerns(report.people)
            draw_table(report.people)
        else:
            draw_person(report.people[0])
        draw_charts(report)
        split = WantedImages(Behind.DISAGREED, None if report.whole_team else actor.id, days=days)
        apart = images_behind(studio, actor, split, limit=12)
        if apart.total:
            st.subheader(t("Where two came to different verdicts"), anchor=False)
            draw_judged(apart.images, unnamed=t("Another reviewer"))
    if actor.may(Role.MANAGER):
        draw_gold(studio, actor)
