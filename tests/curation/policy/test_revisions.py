"""Policies are saved as immutable revisions."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from curation.models import CurationPolicy, PolicyRevision
from curation.policy import language, revisions
from tests.curation.catalogue import NOW, document

pytestmark = pytest.mark.django_db


def save(body, *, name="Night", **more):
    return revisions.save(name, body, author="ada", note="why", now=NOW, **more)


def test_each_change_adds_a_revision_with_author_note_and_digest():
    save(document())
    row = save(document(limits={"per_artist": 1}))

    assert [revision.number for revision in row.revisions.order_by("number")] == [1, 2]
    newest = revisions.newest(row)
    assert (newest.author, newest.note, newest.digest) == ("ada", "why", row.digest)
    assert newest.body == row.body == document(limits={"per_artist": 1})


def test_saving_the_same_again_adds_nothing():
    save(document())
    row = save(document())

    assert row.revisions.count() == 1


def test_a_mistake_is_refused_and_nothing_is_written():
    with pytest.raises(language.PolicyError):
        save(document(typo=1))

    assert not CurationPolicy.objects.filter(name="Night").exists()


def test_a_saved_revision_can_not_be_changed():
    row = save(document())

    with pytest.raises(DatabaseError, match="immutable"):
        PolicyRevision.objects.filter(policy=row).update(note="other")


def test_an_old_revision_comes_back_as_a_new_one():
    row = save(document())
    save(document(limits={"per_artist": 1}))

    back = revisions.restore(row.revisions.get(number=1), author="bob", now=NOW)

    assert back.body == document()
    assert revisions.newest(back).number == 3
    assert "revision 1" in revisions.newest(back).note


def test_a_new_database_has_one_active_policy_over_everything(everything):
    row = everything

    assert row.is_active
    assert row.digest == language.digest(language.parse(row.body))
    assert revisions.newest(row).number == 1


def test_the_examples_load_once_and_leave_operators_changes_alone():
    first = revisions.load_examples(author="demo", now=NOW)
    save(document(), name=first[0].name)

    again = revisions.load_examples(author="demo", now=NOW)

    assert len(first) == 12
    assert again == []
    assert CurationPolicy.objects.get(name=first[0].name).body == document()
