"""A team's own packs: an admin writes them, a new version changes no older one, images are judged by the newest."""

from __future__ import annotations

import json

import pytest

from db.tables import JobState, Role, VerdictOutcome
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.images.assets import asset
from studio.images.library import LibraryFilter, count_images, find_images
from studio.publishing.channels import save_channel
from studio.publishing.own_packs import MOST_PACKS, list_packs, packs_in_use, remove_pack, save_pack, versions
from studio.publishing.packs import shipped_packs
from studio.publishing.verdict_rows import verdicts_of
from studio.roles import Actor
from studio.scoring.wanted import score_again
from studio.work.jobs import SCORES, job, list_jobs
from tests.studio.conftest import Images
from tests.studio.publishing.packs_written import own
from tests.studio.scoring.judged import run_scoring


def test_an_admin_writes_a_pack_and_a_change_is_a_new_version(studio_on_both: Studio, admin: Actor) -> None:
    studio = studio_on_both
    first = save_pack(studio, admin, json.dumps(own()))
    second = save_pack(studio, admin, own(at_least=64))
    assert (first.version, second.version) == (1, 2)
    with studio.reading() as session:
        assert packs_in_use(session)["my_shop"] == second
    assert [one.pack for one in versions(studio, admin, "my_shop")] == [second, first]
    assert [(one.pack.key, one.own, one.saved_by) for one in list_packs(studio, admin)][-1] == ("my_shop", True, "Ada")
    assert len(list_packs(studio, admin)) == len(shipped_packs()) + 1
    with pytest.raises(Conflict, match="version 2 already"):
        save_pack(studio, admin, own(at_least=64))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.REVIEWER, Role.MANAGER])
def test_nobody_else_does(studio: Studio, admin: Actor, role: Role) -> None:
    other = Actor(id=admin.id, name="Otto", role=role)
    save_pack(studio, admin, own())
    for act in (lambda: save_pack(studio, other, own(at_least=2)), lambda: remove_pack(studio, other, "my_shop")):
        with pytest.raises(Forbidden):
            act()


def test_a_shipped_pack_is_not_overwritten(studio: Studio, admin: Actor) -> None:
    with pytest.raises(Conflict, match="comes with the studio"):
        save_pack(studio, admin, own() | {"key": "amazon"})


def test_a_pack_with_a_fault_is_not_kept(studio: Studio, admin: Actor) -> None:
    with pytest.raises(InputError, match="at_least"):
        save_pack(studio, admin, own(at_least="many"))
    assert len(list_packs(studio, admin)) == len(shipped_packs())


def test_a_pack_is_removed_unless_a_channel_uses_it_and_its_versions_go_on(
    studio_on_both: Studio, admin: Actor
) -> None:
    studio = studio_on_both
    save_pack(studio, admin, own())
    channel = save_channel(studio, admin, None, name="Mine", height=100, width=100, image_format="JPEG", pack="my_shop")
    with pytest.raises(Conflict, match="Exports for Mine"):
        remove_pack(studio, admin, "my_shop")
    save_channel(studio, admin, channel, name="Mine", height=100, width=100, image_format="JPEG")
    remove_pack(studio, admin, "my_shop")
    assert len(list_packs(studio, admin)) == len(shipped_packs())
    with pytest.raises(NotFound):
        remove_pack(studio, admin, "my_shop")
    with pytest.raises(InputError, match="There are no rules 'my_shop'"):
        save_channel(studio, admin, channel, name="Mine", height=100, width=100, image_format="JPEG", pack="my_shop")
    assert save_pack(studio, admin, own()).version == 2


def test_there_is_an_end_to_packs(studio: Studio, admin: Actor) -> None:
    for n in range(MOST_PACKS):
        save_pack(studio, admin, own() | {"key": f"shop_{n}"})
    with pytest.raises(Conflict, match="Remove one first"):
        save_pack(studio, admin, own())


def test_scored_images_are_judged_by_new_rules_in_a_job_without_being_scored_again(
    studio_on_both: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    images.make(editor, 3)
    run_scoring(studio, score_again(studio, admin))
    wanted = LibraryFilter(channel="my_shop")
    assert count_images(studio, editor, wanted) == 0
    for least, passing in ((50, 3), (1_000, 0)):  # images are 64 pixels wide
        save_pack(studio, admin, own(at_least=least))
        (row,) = [one for one in list_jobs(studio, admin) if one.kind == SCORES and one.state is JobState.QUEUED]
        judges = run_scoring(studio, row.id)
        assert judges.subjects == []
        assert job(studio, admin, row.id).done == 3
        assert count_images(studio, editor, wanted) == len(find_images(studio, editor, wanted).assets) == passing


def test_an_image_is_judged_by_the_newest_version(studio: Studio, images: Images, editor: Actor, admin: Actor) -> None:
    (image,) = images.make(editor)
    view = asset(studio, editor, image)
    for least, outcome in ((50, VerdictOutcome.PASSES), (1_000, VerdictOutcome.REFUSED)):
        save_pack(studio, admin, own(at_least=least))
        with studio.reading() as session:
            found = {one.pack.key: one for one in verdicts_of(session, view)}
        assert found["my_shop"].outcome is outcome
