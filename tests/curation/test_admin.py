"""The console's policy pages: readable mistakes, revisions that stay, the doctor's sentence, going back."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from curation.models import CurationPolicy
from curation.policy import revisions

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
PLAIN = {"schema": "vibe.policy/1"}
EMPTY_INLINE = {"revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0"}


def post(client, url, body, **fields):
    text = body if isinstance(body, str) else json.dumps(body)
    given = {"name": "Jazz", "theme_tag": "Jazz", "is_active": "on", "body": text, "note": ""}
    return client.post(url, given | fields | EMPTY_INLINE)


def page_of(row):
    return reverse("admin:curation_curationpolicy_change", args=[row.pk])


def test_a_new_policy_is_saved_as_its_first_revision(admin_client):
    answer = post(admin_client, reverse("admin:curation_curationpolicy_add"), PLAIN, note="To begin with.")

    assert answer.status_code == 302
    revision = CurationPolicy.objects.get(name="Jazz").revisions.get()
    assert (revision.number, revision.author, revision.note) == (1, "admin", "To begin with.")


def test_saving_a_change_makes_a_new_revision_and_leaves_the_old_one(admin_client):
    row = revisions.save("Jazz", PLAIN, author="x", now=NOW)

    post(admin_client, page_of(row), PLAIN | {"limits": {"per_artist": 1}}, note="Fewer.")

    bodies = list(row.revisions.order_by("number").values_list("body", flat=True))
    assert bodies == [PLAIN, PLAIN | {"limits": {"per_artist": 1}}]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{", "policy: is not valid JSON"),
        ("[]", "policy: must be an object"),
        (PLAIN | {"limits": {"per_artist": 0}}, "limits.per_artist:"),
        (PLAIN | {"colour": "red"}, "colour: is not part of the language"),
        ("[" * 100_000, "is nested deeper"),
        (
            '{"schema": "vibe.policy/1", "limits": {"per_artist": 1, "per_artist": 9}}',
            "limits.per_artist: is there twice",
        ),
        ('{"schema": "vibe.policy/1", "score": {"jitter": NaN}}', "score.jitter: NaN is not a number"),
        (
            '{"schema": "vibe.policy/1", "limits": {"per_artist": ' + "1" * 5000 + "}}",
            "limits.per_artist: a whole number",
        ),
    ],
)
def test_a_mistake_is_told_with_its_path_and_nothing_is_saved(admin_client, body, words):
    row = revisions.save("Jazz", PLAIN, author="x", now=NOW)

    page = post(admin_client, page_of(row), body)

    assert page.status_code == 200
    assert words in page.text
    assert row.revisions.count() == 1


def test_a_policy_can_be_retired_without_a_new_revision(admin_client):
    row = revisions.save("Jazz", PLAIN, author="x", now=NOW)

    post(admin_client, page_of(row), PLAIN, is_active="")

    row.refresh_from_db()
    assert not row.is_active
    assert row.revisions.count() == 1


def test_the_name_stays_and_no_policy_can_be_deleted(admin_client):
    row = revisions.save("Jazz", PLAIN, author="x", now=NOW)

    post(admin_client, page_of(row), PLAIN, name="Soul")
    answer = admin_client.post(
        reverse("admin:curation_curationpolicy_delete", args=[row.pk]), {"post": "yes"}
    )

    row.refresh_from_db()
    assert row.name == "Jazz"
    assert answer.status_code == 403


def test_the_doctor_is_asked_beside_the_page(admin_client):
    row = revisions.save("Jazz", PLAIN, author="x", now=NOW)
    url = reverse("admin:curation_policy_doctor", args=[row.pk])

    assert url in admin_client.get(page_of(row)).text
    assert "The doctor says" in admin_client.get(url).text


def test_an_old_revision_can_be_made_the_newest_again(admin_client):
    row = revisions.save("Jazz", PLAIN, author="x", now=NOW)
    first = revisions.newest(row)
    revisions.save("Jazz", PLAIN | {"limits": {"per_artist": 1}}, author="x", now=NOW)

    admin_client.post(
        reverse("admin:curation_policyrevision_restore", args=[first.pk]), {"_form_submitted": "on"}
    )

    row.refresh_from_db()
    assert row.body == PLAIN
    assert row.revisions.count() == 3
    assert LogEntry.objects.get().change_message == "Jazz is back at revision 1."
