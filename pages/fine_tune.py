"""Fine-tune: teach a model our own photos, and watch it learn."""

import streamlit as st

from db.tables import Role
from studio.training.plans import has_photos
from studio.training.views import list_trainings, training, training_of_job
from studio.ui import guard
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.labels import plain
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.training_form import draw_form
from studio.ui.training_list import draw_list
from studio.ui.training_view import draw_training

studio, actor = guard.page(Role.ADMIN)
chosen, job_id = st.query_params.get("training", ""), st.query_params.get("job")

if chosen.isdecimal() or job_id:
    with calm():
        shown = training(studio, actor, training_of_job(studio, actor, job_id) if job_id else int(chosen))
        with head(plain(shown.name)):
            st.page_link(page_of("fine_tune"), label=t("All trainings"), icon=":material/arrow_back:")
        draw_training(studio, actor, shown.id)
else:
    with head(t("Fine-tune")):
        pass
    with calm():
        earlier = list_trainings(studio, actor)
        if not earlier and not has_photos(studio, actor):
            with empty(
                t("No photos to learn from yet"),
                t("Add real photos of your products to the Catalogue. From 40 on it is worth a try; more is better."),
                icon="school",
            ):
                st.page_link(
                    page_of("catalogue"),
                    label=t("Add photos in the Catalogue"),
                    icon=":material/add_a_photo:",
                    query_params={"view": "photos"},
                )
        else:
            draw_list([one for one in earlier if one.active])
            started = draw_form(studio, actor)
            if started is not None:
                st.query_params["training"] = str(started)
                st.rerun()
            if over := [one for one in earlier if not one.active]:
                st.subheader(t("Trainings so far"), anchor=False)
                draw_list(over)
