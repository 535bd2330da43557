"""Generate: from a brief to images, live."""

import streamlit as st

from db.tables import Role
from studio.making.forecast import outlook
from studio.making.orders import place_order
from studio.ui import guard
from studio.ui.brief_form import draw_brief, draw_examples, leave_out
from studio.ui.forecast_view import draw_forecast, draw_sent_shots
from studio.ui.head import head
from studio.ui.i18n import plural, t
from studio.ui.notices import calm, empty
from studio.ui.order_view import draw_estimate, draw_order
from studio.ui.quota_view import draw_left
from studio.work.quotas import quota_of

studio, actor = guard.page(Role.EDITOR)

with head(t("Generate")):
    pass
brief, results = st.columns([1, 2.3], gap="medium")
with brief, calm():
    request = draw_brief(studio, actor)
    draw_sent_shots(studio, actor)
    ahead = outlook(studio, actor, request) if request else None
    found = ahead.estimate if ahead else None
    if request and ahead and (sent := draw_forecast(studio, actor, ahead.forecast)):
        leave_out(request.product_ids, sent)
    label = plural("Generate {n} image", "Generate {n} images", found.images) if found else t("Generate")
    pressed = st.button(
        label,
        type="primary",
        icon=":material/auto_awesome:",
        width="stretch",
        disabled=found is None or found.images == 0,
        key="generate",
    )
    if found:
        draw_estimate(found)
        draw_left(quota_of(studio, actor), found.seconds)
    if pressed and request:
        st.query_params["job"] = place_order(studio, actor, request, skip_unknown=True)
with results, calm():
    if job_id := st.query_params.get("job"):
        draw_order(studio, actor, job_id)
    else:
        with empty(t("Your images appear here"), t("Write what you need, or start with one of these."), icon="image"):
            draw_examples()
