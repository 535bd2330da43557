"""The words of the review gallery in the visitor's language. Facts come to it from the REST routes, words from here."""

from __future__ import annotations

from typing import Any

from ecomgan.text.words import load_words
from studio.review.checks import CHECKS
from studio.review.states import REASONS, Action, Family
from studio.review.trying_again import CALMER, CLEAN, FRAMED, LARGER, SEEDS, TINT
from studio.ui.i18n import language, msg, t
from studio.ui.labels import ASSET_STATES, METRICS, PURPOSES, term
from studio.ui.pack_words import panel_rules

_REASON_KEYS = "123456789qwetyuop"  # `r` closes the list that it opened

FAMILIES: dict[Family, str] = {
    Family.FACTUAL: msg("Not the product"),
    Family.ARTEFACT: msg("Badly made"),
    Family.CHANNEL: msg("Breaks a channel's rule"),
    Family.RIGHTS: msg("Someone else's rights"),
}


def words() -> dict[str, Any]:
    """All of them, as the component's data."""
    return {
        "labels": _labels() | _panel_labels() | _view_labels(),
        "states": {state: t(label) for state, (label, _) in ASSET_STATES.items()},
        "tones": {state: tone for state, (_, tone) in ASSET_STATES.items()},
        "purposes": {purpose: t(label) for purpose, label in PURPOSES.items()},
        "metrics": _metrics(),
        "terms": _terms(),
        "reasons": {key: t(reason.label) for key, reason in REASONS.items()},
        "families": _families(),
        "actions": _actions(),
        "keys": _keys(),
        "locks": {
            "own": t(
                "You made this image: another person has to approve it. (An admin can change that for teams of one.)"
            ),
            "role": t("Approving needs the role Reviewer or above."),
            "approved": t("You approved this image already; it needs the approval of another person too."),
        },
        "rules": panel_rules(),
        "changes": {
            SEEDS: t("other seeds"),
            CALMER: t("less varied"),
            TINT: t("in {colour}"),
            CLEAN: t("a clean white background"),
            FRAMED: t("filling the frame"),
            LARGER: t("more pixels"),
        },
        "taught": {
            "unknown": t("Not known: this model did not learn here, so there is no list of its training photos."),
            "unprepared": t("Its training photos were not compared yet. The image's page in the library does so."),
            "unseen": t("This image was not compared yet. The image's page in the library does so."),
        },
    }


def _families() -> list[tuple[str, list[dict[str, str]]]]:
    keyed = dict(zip(REASONS, _REASON_KEYS, strict=False))
    return [
        (
            t(name),
            [
                {"id": key, "label": t(reason.label), "key": keyed[key]}
                for key, reason in REASONS.items()
                if reason.family is family
            ],
        )
        for family, name in FAMILIES.items()
    ]


def _metrics() -> dict[str, dict[str, Any]]:
    """Each score with its name, meaning, digits, unit, and what is good."""
    return {
        key: {
            "name": t(metric.name),
            "meaning": t(metric.meaning),
            "digits": metric.digits,
            "unit": metric.unit,
            "wanted": _wanted(key),
        }
        for key, metric in METRICS.items()
    }


def _wanted(key: str) -> str:
    check = CHECKS[key]
    if check.least is not None and check.most is not None:
        return f"{check.least:g}–{check.most:g}"
    return f"≥ {check.least:g}" if check.most is None else f"≤ {check.most:g}"


def _terms() -> dict[str, str]:
    """The names of categories, colours and usages where they differ from the values themselves."""
    values = {value for known in load_words().values.values() for value in known}
    named = {value: term(value) for value in values} if language() != "en" else {}
    return {value: name for value, name in named.items() if name != value}


def _actions() -> list[dict[str, str]]:
    return [
        {"id": Action.APPROVE, "label": t("Approve"), "key": "A", "look": "primary"},
        {"id": Action.REJECT, "label": t("Reject"), "key": "R", "look": "plain"},
        {"id": Action.SUBMIT, "label": t("Send to review"), "key": "", "look": "plain"},
        {"id": Action.REOPEN, "label": t("Reopen"), "key": "", "look": "plain"},
        {"id": Action.PUBLISH, "label": t("Mark as published"), "key": "", "look": "plain"},
        {"id": Action.WITHDRAW, "label": t("Withdraw"), "key": "", "look": "quiet"},
    ]


def _keys() -> list[tuple[str, str]]:
    return [
        ("A", t("approve the image in focus, or all that are selected")),
        ("R", t("reject it; then a key for the reason")),
        ("U", t("undo your last decision")),
        ("← → ↑ ↓ J K", t("move")),
        ("X", t("select; with Shift up to here")),
        ("Z", t("one image large, and back")),
        ("C", t("compare with the real photo: beside it, over it, off")),
        ("+ −", t("zoom; in the grid the size of the images")),
        ("F", t("fit again, or fill the screen")),
        ("?", t("these keys")),
    ]


def _labels() -> dict[str, Any]:
    """The bar, what is said of decisions, and the bulk approval."""
    return {
        "count": t("{decided} decided · {left} left"),
        "rate": t("{n} a minute"),
        "images": t("{n} images"),
        "images_word": t("images"),
        "next": t("Next images"),
        "saving": t("Saving {n} …"),
        "saved": t("All decisions saved"),
        "offline": t("No connection: {n} decisions wait here and are sent by themselves"),
        "signed_out": t("Signed out: sign in in another tab, then the {n} decisions that wait here are sent"),
        "nothing_here": t("No image is in focus."),
        "decided_already": t("Decided already. U takes it back."),
        "not_now": t("This image is not open to that decision."),
        "not_displayed": t("The large picture was not shown yet: look first, then decide."),
        "absent": t("The picture did not come. It is fetched again until it does."),
        "damaged": t("The bytes of this image are missing or changed: it cannot be approved. Tell an admin."),
        "damaged_short": t("Damaged"),
        "nothing_to_undo": t("Nothing to undo here."),
        "undone": t("Taken back."),
        "with_person": t("With {name}"),
        "with_person_long": t("{name} is looking at this image now."),
        "n_selected": t("{n} selected"),
        "approve_n": t("Approve {n}"),
        "approved_n": t("{n} approved. U takes them back."),
        "select_none": t("Select none"),
        "give_to": t("Give to …"),
        "me": t("me"),
        "nobody": t("nobody in particular"),
        "make_urgent": t("Urgent"),
        "not_urgent": t("Not urgent"),
        "changed_n": t("{n} changed."),
        "bulk_title": t("Approve {n} images: {kind}"),
        "bulk_lead": t("Look at each once more: they are approved together, in one step."),
        "bulk_kinds": t("Images are approved together only when they are of one category."),
        "bulk_checks": t("Images are approved together only when their checks came out alike."),
        "bulk_needed": t("Images are approved together only when they need as many approvals."),
        "empty": t("No image is left under these filters."),
        "look_again": t("Look again"),
        "marks": {
            Action.APPROVE: t("Approved"),
            Action.REJECT: t("Rejected"),
            Action.SUBMIT: t("Sent to review"),
            Action.REOPEN: t("Reopened"),
            Action.PUBLISH: t("Published"),
            Action.WITHDRAW: t("Withdrawn"),
            "undo": t("Taking back"),
        },
        "phases": {"pending": t("saving"), "saved": "", "refused": t("refused")},
        "approved_once": t("Approved once"),
        "approvals": t("{n} of {of} approvals"),
        "checks_missed": t("checks missed: {n}"),
    }


def _panel_labels() -> dict[str, str]:
    return {
        "alt": t("Generated image: {title}, {kind}"),
        "about": t("About this image"),
        "tab_checks": t("Checks"),
        "tab_brief": t("Brief"),
        "tab_talk": t("History"),
        "tab_alike": t("Related"),
        "loading": t("Loading …"),
        "waiting": t("waits {time}"),
        "assigned": t("for {name}"),
        "urgent": t("urgent"),
        "undo": t("Undo"),
        "download": t("Download"),
        "why": t("Why? Press a key or click."),
        "comment": t("Comment (optional)"),
        "letters_left": t("{n} characters left"),
        "cancel": t("Cancel"),
        "rejected": t("Rejected: {reason}"),
        "sent_back": t("Sent back"),
        "ended": t("That is final: make a new image."),
        "try_again": t("Try again with this changed"),
        "tried_again": t("It is being made again."),
        "show_order": t("Show the order"),
        "passed": t("passed"),
        "missed": t("missed"),
        "no_scores": t("The checks of this image did not run yet."),
        "channels": t("Channels"),
        "fits": t("fits"),
        "channel_waits": t("not all of it is measured yet"),
        "taught": t("Nearest training photo"),
        "taught_none": t("None is known."),
        "taught_of": t("of {n} photos"),
        "alike_share": t("{share} alike"),
        "photo_named": t("Real photo: {title}"),
        "text": t("Text"),
        "words": t("Understood as"),
        "sku": t("SKU"),
        "purpose": t("Purpose"),
        "model": t("Model"),
        "seed": t("Seed"),
        "variety": t("Variety"),
        "guidance": t("Guidance"),
        "finishing": t("Finishing"),
        "size": t("Size"),
        "made_by": t("Made by"),
        "made_it": t("made it"),
        "history": t("What happened"),
        "taken_back": t("taken back"),
        "people": t("People"),
        "say_something": t("Say something; @ names a person"),
        "send": t("Send"),
        "said": t("Your comment is there."),
        "no_connection": t("No connection: nothing was sent. Try again."),
        "started_from": t("It started from"),
        "led_to": t("Made from it"),
        "alike_here": t("Nearly the same, in review too"),
        "no_relatives": t("Nothing was made from it, it started from no image, and nothing in review looks the same."),
    }


def _view_labels() -> dict[str, str]:
    return {
        "view": t("View"),
        "grid": t("Grid"),
        "single": t("Single"),
        "smaller": t("Smaller images"),
        "larger": t("Larger images"),
        "full": t("Fill the screen"),
        "leave_full": t("Leave the full screen"),
        "keys": t("Keys"),
        "close": t("Close"),
        "zoom": t("Enlarge"),
        "zoom_in": t("Zoom in"),
        "zoom_out": t("Zoom out"),
        "fit": t("Fit"),
        "previous": t("Previous image"),
        "following": t("Next image"),
        "compare": t("Compare"),
        "alone": t("Alone"),
        "beside": t("Side by side"),
        "skin": t("Overlay"),
        "skin_share": t("How much of the real photo shows"),
        "photo": t("Real photo"),
        "photo_of": t("Real photo {n} of {of}"),
        "generated": t("Generated"),
        "no_photo": t("There is no real photo of this product."),
    }
