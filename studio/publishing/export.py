"""Approved images leave the house: a ZIP of derivatives, marked and in a channel's size, and a CSV that tells all."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Channel, Decision, Export, ExportItem, LicenceState, ModelVersion, Role, User
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.images.assets import AssetView, load_views
from studio.images.naming import export_name, slug
from studio.imports.spreadsheet import write_csv
from studio.models.licences import refusal
from studio.publishing.derivatives import Frame, enlargement
from studio.publishing.export_check import ExportCheck, check_file, check_reason, check_views, pack_of, refuse
from studio.publishing.export_list import COLUMNS, LeavingImage, mark_of, row_of
from studio.publishing.export_style import Styling, as_styled, copy_of, silent, styling
from studio.publishing.marking import FORMATS
from studio.review.decisions import append, derived_key, locked, stale, word
from studio.review.review_queue import QueueFilter, conditions
from studio.review.states import APPROVED_STATES, RULES, Action
from studio.review.verdicts import is_last_verdict
from studio.roles import Actor, require

MAX_IMAGES = 1_000
LIST_NAME = "images.csv"

_MUCH_ENLARGED = 4.0
_NAMED = 10  # images that a refusal names


@dataclass(frozen=True)
class ChannelView:
    """A place that takes images; `height` x `width` in pixels, None = as made. `image_format`: JPEG, PNG or WEBP. pack:
    key of the rules that its exports are checked against; "": none.
    """

    id: int
    name: str
    height: int | None
    width: int | None
    image_format: str
    pack: str = ""


@dataclass(frozen=True)
class ExportNotes:
    """What the person who exports should know, each as a number of images. unstyled: leave as they were made, in spite
    of house style; unmeasured: lack a score that the channel's rules ask for; unconfirmed: of models whose licence is
    not confirmed, named in `models`; enlarged: by more than 4 times, at most by `most` times.
    """

    unstyled: int = 0
    unmeasured: int = 0
    unconfirmed: int = 0
    models: tuple[str, ...] = ()
    enlarged: int = 0
    most: float = 1.0


@dataclass(frozen=True)
class ExportFile:
    """A ZIP (`data`) under a sensible name."""

    id: int
    file_name: str
    data: bytes
    sha256: str
    images: int
    notes: ExportNotes


def channels(studio: Studio, actor: Actor | None) -> tuple[ChannelView, ...]:
    """Where images can go."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return tuple(_channel_view(row) for row in session.scalars(sa.select(Channel).order_by(Channel.id)))


def check_export(
    studio: Studio,
    actor: Actor | None,
    images: Sequence[int] | QueueFilter,
    channel_id: int,
    *,
    house_style: bool = False,
) -> ExportCheck:
    """What the channel would refuse of an export of these images, before anything is written. Raises as
    `export_approved` does for images and channels.
    """
    actor = require(actor, Role.EDITOR)
    with studio.reading() as session:
        channel = _channel(session, channel_id)
        views = [image.view for image in _chosen(session, actor, images)]
        pack = pack_of(session, channel.pack)
    styles = styling(studio, views, search=False) if house_style else Styling()
    views = [as_styled(view, styles) for view in views]
    found = check_views(pack, Frame(channel.height, channel.width), channel.image_format, views)
    return replace(found, styling=styles if house_style else None)


def export_approved(
    studio: Studio,
    actor: Actor | None,
    images: Sequence[int] | QueueFilter,
    channel_id: int,
    *,
    publish: bool = False,
    despite: str = "",
    house_style: bool = False,
    looked: Callable[[int, int], None] = silent,
    progress: Callable[[int, int], None] = silent,
) -> ExportFile:
    """Pack images, given by their ids or by a filter, as `channel_id` wants them; `publish` also sets them published.

    A filter without a state means all that are approved or published. despite: an admin's reason for exporting images
    that the channel would refuse. house_style: each copy is set into the style of its category where that can be; the
    list says which are. looked: told of how many of how many it is known whether they can be set into it; progress:
    told how many of how many are packed.

    Raises Conflict for images that are not approved, that the channel would refuse, and for a model whose licence was
    refused, StaleDecision when one was decided on meanwhile, InputError for no or too many images, NotFound. Then
    nothing is recorded.
    """
    actor = require(actor, RULES[Action.PUBLISH].minimum if publish else Role.EDITOR)
    despite = check_reason(actor, despite)
    with studio.reading() as session:
        channel = _channel(session, channel_id)
        chosen = _chosen(session, actor, images)
        pack = pack_of(session, channel.pack)
    _check_licences(chosen)
    frame = Frame(channel.height, channel.width)
    styles = (
        styling(studio, [image.view for image in chosen], search=True, progress=looked) if house_style else Styling()
    )
    views = [as_styled(image.view, styles) for image in chosen]
    found = check_views(pack, frame, channel.image_format, views)
    if pack and found.refused and not despite:
        refuse(pack, found.refused, len(chosen))
    refused = {one.image.id: one for one in found.refused}
    packed = io.BytesIO()
    items: list[tuple[AssetView, str, str]] = []
    rows: list[tuple[object, ...]] = []
    moved = 0
    with zipfile.ZipFile(packed, "w") as archive:
        for image, view in zip(chosen, views, strict=True):
            name, data = export_name(view, channel.image_format), studio.storage.get(view.sha256)
            copy = copy_of(data, frame, channel.image_format, mark_of(image), styles, view.id, wanted=house_style)
            file_refused = check_file(pack, view, copy.data, channel.image_format, moved=copy.moved) if pack else None
            if file_refused:
                refused[view.id] = file_refused
            digest = hashlib.sha256(copy.data).hexdigest()
            archive.writestr(_entry(name, view.created_at), copy.data)
            items.append((view, name, digest))
            rows.append(row_of(image, name, digest, copy.height, copy.width, copy.house_style))
            moved += copy.moved
            progress(len(rows), len(chosen))
        newest = max(image.approved_at for image in chosen)
        archive.writestr(_entry(LIST_NAME, newest), write_csv(COLUMNS, rows), zipfile.ZIP_DEFLATED)
    if pack and refused and not despite:
        refuse(pack, list(refused.values()), len(chosen))
    content = packed.getvalue()
    sha256 = hashlib.sha256(content).hexdigest()
    answered = f"{len(refused)} of {len(chosen)} images that {channel.name} would refuse: {despite}" if refused else ""
    set_in = f"{moved} of {len(chosen)} images for {channel.name} in house style." if house_style else ""
    told = [one for one in (answered, set_in) if one]
    export_id = _record(studio, actor, channel_id, sha256, items, publish=publish, told=told)
    return ExportFile(
        id=export_id,
        file_name=f"images_{slug(channel.name)}_{export_id}.zip",
        data=content,
        sha256=sha256,
        images=len(chosen),
        notes=_notes(chosen, frame, found.unmeasured, len(chosen) - moved if house_style else 0),
    )


def _chosen(session: Session, actor: Actor, images: Sequence[int] | QueueFilter) -> list[LeavingImage]:
    if isinstance(images, QueueFilter):
        if images.state is not None and images.state not in APPROVED_STATES:
            raise InputError(f"Only approved and published images can be exported, got those {word(images.state)}.")
        fitting = sa.and_(Asset.state.in_(APPROVED_STATES), *conditions(images, actor.id))
        views = load_views(session, sa.select(Asset).where(fitting).order_by(Asset.id).limit(MAX_IMAGES + 1))
    else:
        views = _by_id(session, sorted(set(images)))
    if not views:
        raise InputError("There are no approved images among those chosen. Approve some first, then export.")
    if len(views) > MAX_IMAGES:
        raise InputError(f"Up to {MAX_IMAGES:,} images are exported at once, got more. Narrow the filter.")
    return _with_origins(session, views)


def _by_id(session: Session, ids: list[int]) -> list[AssetView]:
    if len(ids) > MAX_IMAGES:
        raise InputError(f"Up to {MAX_IMAGES:,} images are exported at once, got {len(ids):,}.")
    views = load_views(session, sa.select(Asset).where(Asset.id.in_(ids)).order_by(Asset.id))
    missing = sorted(set(ids) - {view.id for view in views})
    if missing:
        raise NotFound(f"There is no image {', '.join(map(str, missing[:_NAMED]))}.")
    others = [f"{view.id} is {word(view.state)}" for view in views if view.state not in APPROVED_STATES]
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        raise Conflict(f"Only approved and published images can be exported: image {', '.join(others[:_NAMED])}{more}.")
    return views


def _with_origins(session: Session, views: list[AssetView]) -> list[LeavingImage]:
    models = {model.id: model for model in session.scalars(sa.select(ModelVersion))}
    query = sa.select(Decision.asset_id, User.name, Decision.at).join(User, User.id == Decision.user_id)
    query = query.where(
        is_last_verdict(Decision),
        Decision.to_state == AssetState.APPROVED,
        Decision.asset_id.in_([view.id for view in views]),
    )
    approvals = {asset_id: (name, at) for asset_id, name, at in session.execute(query)}
    unproved = [str(view.id) for view in views if view.id not in approvals]
    if unproved:
        raise Conflict(f"The log has no approval of image {', '.join(unproved[:_NAMED])}; it cannot be exported.")
    refusals = {model_id: refusal(session, model_id) for model_id in {view.model_version_id for view in views}}
    found = []
    for view in views:
        model = models[view.model_version_id]
        found.append(LeavingImage(view, model.digest, model.licence, refusals[model.id], *approvals[view.id]))
    return found


def _check_licences(images: list[LeavingImage]) -> None:
    refused = [image for image in images if image.refusal]
    if refused:
        reasons = {image.view.model_name: image.refusal for image in refused}
        told = "; ".join(f"of model {name}, because {reason}" for name, reason in sorted(reasons.items()))
        ids = ", ".join(str(image.view.id) for image in refused[:_NAMED])
        raise Conflict(
            f"Some images cannot leave: those {told}. These are {ids}"
            f"{f' and {len(refused) - _NAMED} more' if len(refused) > _NAMED else ''}. Choose images of another model."
        )


def _notes(images: list[LeavingImage], frame: Frame, unmeasured: int, unstyled: int) -> ExportNotes:
    unconfirmed = [image.view.model_name for image in images if image.licence is LicenceState.UNCONFIRMED]
    factors = [enlargement(image.view.height, image.view.width, frame) for image in images]
    much = [factor for factor in factors if factor > _MUCH_ENLARGED]
    names = tuple(sorted(set(unconfirmed)))
    return ExportNotes(unstyled, unmeasured, len(unconfirmed), names, len(much), max(much, default=1.0))


def _record(
    studio: Studio,
    actor: Actor,
    channel_id: int,
    sha256: str,
    items: list[tuple[AssetView, str, str]],
    *,
    publish: bool,
    told: Sequence[str],
) -> int:
    """Write down what left, unless an image was decided on while it was packed. told: what the log says besides."""
    with studio.writing() as session:
        export = Export(user_id=actor.id, channel_id=channel_id, sha256=sha256)
        session.add(export)
        session.flush()
        for one in told:
            record(session, actor, "exported", "export", export.id, f"Exported {one}")
        for view, name, digest in items:
            image = locked(session, view.id)
            if image.revision != view.revision:
                raise stale(session, image)
            session.add(ExportItem(export_id=export.id, asset_id=view.id, file_name=name, derivative_sha256=digest))
            if publish and image.state is AssetState.APPROVED:
                append(session, image, AssetState.PUBLISHED, actor, derived_key("export", export.id, view.id))
        return export.id


def _entry(name: str, at: dt.datetime) -> zipfile.ZipInfo:
    """An entry whose bytes depend on its content only, so that the same images give the same ZIP."""
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.external_attr = 0o644 << 16
    return entry


def _channel(session: Session, channel_id: int) -> ChannelView:
    row = session.get(Channel, channel_id)
    if row is None:
        raise NotFound(f"There is no channel {channel_id}.")
    if row.image_format not in FORMATS:
        raise InputError(f"Channel {row.name!r} wants {row.image_format!r}; {', '.join(FORMATS)} can be marked.")
    return _channel_view(row)


def _channel_view(row: Channel) -> ChannelView:
    return ChannelView(row.id, row.name, row.height, row.width, row.image_format, row.pack)
