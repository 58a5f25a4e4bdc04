"""The console's catalogue pages: intake from text and file, progress, rejects, retries, search, blocks."""

from __future__ import annotations

import csv
import gzip
import io

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts import console
from catalog.admin import music
from catalog.features import enrich
from catalog.ingest import ingest
from catalog.intake import blocks, exports
from catalog.models import Album, AlbumSource, Batch, Block, Track

pytestmark = pytest.mark.django_db
YES = {"_form_submitted": "on"}
A_FAKE = YES | {"reason": "a fake"}
GOOD, OTHER, ABSENT = "4aawyAB9vmqN3uQ7FjRGTy", "0ETFjACtuP2ADo6LFhL6HN", "1ATL5GLyefJaxhQzSPVrLX"
LINES = f"""# November
https://open.spotify.com/intl-de/album/{GOOD}?si=1
spotify:album:{GOOD}
https://open.spotify.com/track/11dFghVXANMlKmJXsNCbNl
=nonsense
{OTHER}
"""
INTAKE = "/admin/catalog/batch/add/"


def failed(album_id, reason):
    return AlbumSource.objects.create(
        url=album_id,
        spotify_album_id=album_id,
        status="failed",
        failure_reason=reason,
        failed_at=timezone.now(),
        created_at=timezone.now(),
    )


def test_validating_gives_a_verdict_for_every_line_and_writes_nothing(admin_client):
    page = admin_client.post(INTAKE, {"text": LINES, "validate": "1"})

    assert page.status_code == 200
    assert dict(page.context["counts"]) == {"new": 2, "duplicate": 1, "wrong_type": 1, "invalid": 1}
    assert "The same album as on line 2." in page.text
    assert not Batch.objects.exists()
    assert not AlbumSource.objects.exists()


def test_queueing_stores_the_batch_and_leads_to_its_progress(
    admin_client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as rung:
        answer = admin_client.post(
            INTAKE, {"text": LINES, "label": "November", "priority": "10", "queue": "1"}
        )

    batch = Batch.objects.get()
    assert answer["Location"] == reverse("admin:catalog_batch_change", args=[batch.pk])
    assert (batch.label, batch.submitted_by, batch.priority, batch.queued) == ("November", "admin", 10, 2)
    assert len(rung) == 1
    assert LogEntry.objects.get().change_message == "2 albums queued, 1 duplicate, 2 rejected."


def test_a_failed_album_that_is_queued_once_more_is_told_with_what_to_do(admin_client):
    failed(GOOD, "Spotify does not know this album.")

    checked = admin_client.post(INTAKE, {"text": GOOD, "validate": "1"})
    answer = admin_client.post(INTAKE, {"text": GOOD, "queue": "1"}, follow=True)

    assert dict(checked.context["counts"]) == {"failed": 1}
    (message,) = answer.context["messages"]
    assert message.level_tag == "warning"
    assert message.message == (
        "0 albums queued, 1 duplicate, 0 rejected. 1 known album failed before (line 1: Spotify does not "
        "know this album.) To have it tried again, queue it again on the console's page of album sources."
    )


def test_a_validated_file_stands_in_the_box_and_can_be_queued_from_there(admin_client):
    upload = SimpleUploadedFile("links.txt", LINES.encode("utf-8-sig"))

    page = admin_client.post(INTAKE, {"file": upload, "validate": "1"})

    assert GOOD in page.context["form"].initial["text"]
    assert f"spotify:album:{GOOD}" in page.text


def test_a_file_can_be_queued_at_once(admin_client):
    admin_client.post(
        INTAKE, {"file": SimpleUploadedFile("l.csv", f"album_url\n{GOOD}\n".encode()), "queue": "1"}
    )

    assert AlbumSource.objects.get().spotify_album_id == GOOD


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "There is nothing in it to take"),
        ({"text": "x\n" * 10_001}, "More than 10,000 lines"),
        ({"text": GOOD, "file": SimpleUploadedFile("l.txt", b"x")}, "not both"),
        ({"text": "x" * 2_000_000}, "A line has 2,000,000 characters"),
        ({"text": "[" * 100_000 + "]" * 100_000}, "A line has 200,000 characters"),
        ({"text": f"{GOOD}\0"}, "Null characters are not allowed"),
        ({"file": SimpleUploadedFile("l.txt", f"{GOOD}\0".encode())}, "NUL"),
        ({"file": SimpleUploadedFile("l.txt", b"PK\x03\x04")}, "zip or Excel"),
        ({"file": SimpleUploadedFile("l.csv", gzip.compress(b"album_url"))}, "gzip"),
        ({"file": SimpleUploadedFile("l.txt", b"x\n" * 10_001)}, "More than 10,000 lines"),
        ({"file": SimpleUploadedFile("l.txt", b"x" * 2_000_000)}, "A line has 2,000,000 characters"),
        ({"file": SimpleUploadedFile("l.txt", b"x" * (2 * 1024 * 1024 + 1))}, "More than 2 MB"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_to_do(admin_client, given, words):
    page = admin_client.post(INTAKE, given | {"queue": "1"})

    assert page.status_code == 200
    assert words in page.text
    assert not Batch.objects.exists()


def test_what_was_pasted_is_escaped(admin_client):
    page = admin_client.post(INTAKE, {"text": "<script>alert(1)</script>", "validate": "1"})

    assert "<script>alert(1)" not in page.text


def test_a_batch_shows_how_far_it_is_and_what_failed(admin_client):
    admin_client.post(INTAKE, {"text": LINES, "queue": "1"})
    AlbumSource.objects.filter(spotify_album_id=OTHER).update(
        status="failed", failed_at=timezone.now(), failure_reason="Gone."
    )

    page = admin_client.get(reverse("admin:catalog_batch_change", args=[Batch.objects.get().pk]))

    assert page.context["percent"] == 50
    assert page.context["is_working"]
    assert list(page.context["failures"]) == [{"failure_reason": "Gone.", "count": 1}]


def test_rejects_download_as_a_csv_that_no_spreadsheet_runs(admin_client):
    admin_client.post(INTAKE, {"text": LINES, "queue": "1"})

    answer = admin_client.get(reverse("admin:catalog_batch_rejects", args=[Batch.objects.get().pk]))

    cells = list(csv.DictReader(io.StringIO(answer.text)))
    assert [cell["line"] for cell in cells] == ["4", "5"]
    assert cells[1]["value"] == "'=nonsense"


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_cells_that_begin_like_a_formula_are_disarmed(cell):
    assert exports.disarmed(cell) == f"'{cell}"


def test_plain_cells_stay_as_they_are():
    assert exports.disarmed("https://open.spotify.com") == "https://open.spotify.com"


def test_failed_links_of_one_reason_are_queued_again(admin_client):
    failed(GOOD, "Spotify did not answer.")
    failed(OTHER, "Unknown to Spotify.")

    admin_client.post(
        reverse("admin:catalog_albumsource_requeue"), YES | {"reason": "Spotify did not answer."}
    )

    assert dict(AlbumSource.objects.values_list("spotify_album_id", "status")) == {
        GOOD: "queued",
        OTHER: "failed",
    }
    assert LogEntry.objects.get().change_message == "Queued 1 failed link again: Spotify did not answer."


def of_two_batches(reason="Gone."):
    """A failed source of each of two batches; the first batch."""
    batches = [
        Batch.objects.create(digest=digest, submitted_by="x", created_at=timezone.now()) for digest in "12"
    ]
    for album_id, batch in zip((GOOD, OTHER), batches, strict=True):
        failed(album_id, reason)
        AlbumSource.objects.filter(spotify_album_id=album_id).update(batch=batch)
    return batches[0]


def shown_by(admin_client, title, query):
    """Where the button of this title leads above the list with this query."""
    page = admin_client.get(reverse("admin:catalog_albumsource_changelist"), query)
    return next(button["path"] for button in page.context["actions_list"] if button["title"] == title)


FILTERS = [
    lambda batch: {"batch__id__exact": batch.pk},
    lambda batch: {"batch__id__exact": batch.pk, "status__exact": "failed"},
    lambda batch: {"q": f"spotify:album:{GOOD}"},
]


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize(
    ("title", "given"),
    [("Queue again by reason", {}), ("Set aside by reason", {"why": "deleted"})],
)
def test_what_is_done_by_reason_is_done_to_what_the_list_shows_and_the_dialog_counts_it(
    admin_client, filters, title, given
):
    url = shown_by(admin_client, title, filters(of_two_batches()))

    dialog = admin_client.get(url)
    assert "Gone. (1)" in dialog.text
    admin_client.post(url, YES | {"reason": "Gone."} | given)

    touched = AlbumSource.objects.exclude(failure_reason="Gone.")
    assert [source.spotify_album_id for source in touched] == [GOOD]


def test_a_list_without_failures_offers_nothing_to_queue_again(admin_client):
    of_two_batches()

    url = shown_by(admin_client, "Queue again by reason", {"status__exact": "ingested"})

    assert "Nothing in this list has failed." in admin_client.get(url).text
    admin_client.post(url, YES | {"reason": "Gone."})
    assert AlbumSource.objects.filter(status="failed").count() == 2


@pytest.mark.parametrize("filters", FILTERS)
def test_an_export_holds_what_the_list_shows(admin_client, filters):
    url = shown_by(admin_client, "Export as CSV", filters(of_two_batches()))

    answer = admin_client.get(url)

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["spotify_album_id"] for row in rows] == [GOOD]


def test_a_filter_that_cannot_be_read_exports_nothing(admin_client):
    answer = admin_client.get(reverse("admin:catalog_albumsource_export"), {"batch__id__exact": "x"})

    assert answer.status_code == 400


def test_a_link_is_set_aside_with_who_and_why_until_it_is_queued_again(admin_client):
    row = failed(GOOD, "Spotify did not answer.")

    admin_client.post(reverse("admin:catalog_albumsource_set_aside", args=[row.pk]), A_FAKE)

    row.refresh_from_db()
    assert (row.status, row.failure_reason) == ("failed", "Set aside by admin: a fake")
    assert row.set_aside_at
    assert LogEntry.objects.get().change_message == "Set aside: a fake"
    requeue = reverse("admin:catalog_albumsource_requeue")
    assert "Set aside by" not in admin_client.get(requeue).text
    admin_client.post(requeue, YES | {"reason": row.failure_reason})
    assert AlbumSource.objects.get().status == "failed"

    ingest.retry([row.pk])
    assert AlbumSource.objects.filter(status="queued", set_aside_at=None, failure_reason="").exists()


def test_an_ingested_link_cannot_be_set_aside(admin_client):
    row = failed(GOOD, "x")
    AlbumSource.objects.update(status="ingested", ingested_at=timezone.now(), failed_at=None)

    admin_client.post(reverse("admin:catalog_albumsource_set_aside", args=[row.pk]), A_FAKE)

    assert AlbumSource.objects.get().status == "ingested"
    assert not LogEntry.objects.exists()


def test_all_links_of_one_reason_are_set_aside(admin_client):
    failed(GOOD, "Gone.")
    failed(OTHER, "Other.")

    admin_client.post(
        reverse("admin:catalog_albumsource_set_aside_many"), YES | {"reason": "Gone.", "why": "deleted"}
    )

    assert dict(AlbumSource.objects.values_list("spotify_album_id", "failure_reason")) == {
        GOOD: "Set aside by admin: deleted",
        OTHER: "Other.",
    }


def test_sources_download_as_a_csv_that_no_spreadsheet_runs(admin_client, django_assert_max_num_queries):
    failed(GOOD, "=gone")
    failed(OTHER, "Other.")

    with django_assert_max_num_queries(4):  # the list's own page is one of them
        answer = admin_client.get(reverse("admin:catalog_albumsource_export"))
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))

    assert [(row["spotify_album_id"], row["status"], row["failure_reason"]) for row in rows] == [
        (GOOD, "failed", "'=gone"),
        (OTHER, "failed", "Other."),
    ]


def test_a_track_is_asked_about_again(admin_client, django_capture_on_commit_callbacks):
    row = track("So What", "Miles Davis", GOOD)
    enrich.record({GOOD: {"energy": 0.5, "danceability": 0.4}}, source="import", now=timezone.now())

    with django_capture_on_commit_callbacks() as rung:
        admin_client.post(reverse("admin:catalog_track_ask_again", args=[row.pk]), YES)

    row.refresh_from_db()
    assert (row.audio_features, row.features_source, row.energy, row.features_absent_at) == (None,) * 4
    assert Track.objects.lacking_features(timezone.now()).get() == row
    assert len(rung) == 1
    assert "asked for again" in LogEntry.objects.get().change_message


def test_selected_links_are_queued_again_after_a_question_with_counts(admin_client):
    rows = [failed(GOOD, "x"), failed(OTHER, "y")]
    AlbumSource.objects.create(url=ABSENT, spotify_album_id=ABSENT, created_at=timezone.now())
    given = {
        "action": "requeue_selected",
        "_selected_action": list(AlbumSource.objects.values_list("pk", flat=True)),
    }
    url = reverse("admin:catalog_albumsource_changelist")

    question = admin_client.post(url, given)
    assert "2 of the selected have failed" in question.text
    assert AlbumSource.objects.filter(status="failed").count() == 2

    admin_client.post(url, given | {"confirmed": "yes"})
    assert AlbumSource.objects.filter(pk__in=[row.pk for row in rows], status="queued").count() == 2


def track(name, artist, spotify_id):
    album = Album.objects.create(
        spotify_id=spotify_id, name=f"{name} album", artist=artist, album_type="album", total_tracks=1,
        fetched_at=timezone.now(),
    )  # fmt: skip
    return Track.objects.create(
        spotify_id=spotify_id, album=album, name=name, artist=artist, artist_ids=[], explicit=False,
        duration_ms=1, recording_key=name, added_at=timezone.now(),
    )  # fmt: skip


def test_a_track_that_is_out_of_use_shows_why_on_every_page(admin_client):
    row = track("So What", "Miles Davis", GOOD)
    track("Naima", "John Coltrane", OTHER)
    blocks.add(kind="track", spotify_id=GOOD, reason="Spotify no longer takes this track.", by="sync")
    Track.objects.filter(spotify_id=OTHER).update(artist_ids=[OTHER], is_playable=False)

    listed = admin_client.get(reverse("admin:catalog_track_changelist"))
    own = admin_client.get(reverse("admin:catalog_track_change", args=[row.pk]))
    album = admin_client.get(reverse("admin:catalog_album_change", args=[row.album_id]))

    for page in (listed, own, album):
        assert "no: Spotify no longer takes this track." in page.text
    assert "no: not playable" in listed.text


def test_a_track_in_use_shows_as_usable(admin_client):
    row = track("So What", "Miles Davis", GOOD)
    Track.objects.update(artist_ids=[OTHER])

    album = admin_client.get(reverse("admin:catalog_album_change", args=[row.album_id]))

    assert "<td>yes</td>" in album.text


@pytest.mark.parametrize(
    ("term", "found"),
    [
        (GOOD, ["So What"]),
        (f"https://open.spotify.com/track/{GOOD}?si=1", ["So What"]),
        ("so w", ["So What"]),
        ("miles", ["So What"]),
        ("what", ["So What"]),
        ("davis what", ["So What"]),
        ("WHA", ["So What"]),
        ("hat", []),
        ("what naima", []),
        ("dc", ["5 - AC/DC"]),
        ("-5", ["5 - AC/DC"]),
        ("' & | ! :* (", []),
        (ABSENT, []),
    ],
)
def test_tracks_are_found_by_id_by_link_and_by_words_of_their_names(admin_client, term, found):
    track("So What", "Miles Davis", GOOD)
    track("5 - AC/DC", "John Coltrane", OTHER)

    page = admin_client.get(reverse("admin:catalog_track_changelist"), {"q": term})

    assert [row.name for row in page.context["cl"].result_list] == found


# The session, the user, the rows; for a search or a far page also the keys found.
LISTS = [
    ("track", {}, 3),
    ("track", {"p": 2}, 3),
    ("track", {"p": 1000}, 4),
    ("track", {"is_playable__exact": 0, "explicit__exact": 1, "version__exact": "live"}, 3),
    ("track", {"q": GOOD}, 4),
    ("track", {"q": f"https://open.spotify.com/track/{GOOD}"}, 4),
    ("track", {"q": "so what"}, 4),
    ("track", {"q": "no such name"}, 4),
    ("album", {}, 3),
    ("album", {"p": 2}, 3),
    ("album", {"album_type": "compilation"}, 3),
    ("album", {"q": GOOD}, 4),
    ("album", {"q": "album"}, 4),
    ("albumsource", {}, 3),
    ("albumsource", {"p": 1000}, 4),
    ("albumsource", {"status__exact": "failed"}, 3),
    ("albumsource", {"q": GOOD}, 4),
    ("albumtrackmap", {}, 3),
    ("albumtrackmap", {"q": GOOD}, 5),  # an album's id or a track's
    ("batch", {}, 3),
]


def album_with_a_track(number):
    track(f"Song {number}", "Somebody", f"{number:022}")


@pytest.mark.parametrize(("model", "query", "most"), LISTS)
def test_no_list_counts_its_table_or_asks_for_each_row(
    admin_client, django_assert_max_num_queries, model, query, most
):
    for number in range(5):
        album_with_a_track(number)
    track("So What", "Miles Davis", GOOD)

    with django_assert_max_num_queries(most) as asked:
        page = admin_client.get(reverse(f"admin:catalog_{model}_changelist"), query)

    assert page.status_code == 200
    assert "9999999999 results" not in page.text  # Unfold's stand-in for a count
    assert not [query for query in asked.captured_queries if "COUNT(" in query["sql"].upper()]


def test_a_far_page_shows_what_comes_after_the_pages_before(admin_client, monkeypatch):
    monkeypatch.setattr(console.InfinitePaginator, "far", 1)
    monkeypatch.setattr(music.TrackAdmin, "list_per_page", 2)
    for number in range(5):
        album_with_a_track(number)
    url = reverse("admin:catalog_track_changelist")

    shown = [
        [row.name for row in admin_client.get(url, {"p": page}).context["cl"].result_list]
        for page in (1, 2, 3, 4)
    ]

    assert shown == [["Song 4", "Song 3"], ["Song 2", "Song 1"], ["Song 0"], []]


def test_a_track_can_be_blocked_with_a_reason(admin_client):
    row = track("So What", "Miles Davis", GOOD)

    admin_client.post(reverse("admin:catalog_track_block", args=[row.pk]), YES | {"reason": "Wrong rights."})

    block = Block.objects.get()
    assert (block.kind, block.spotify_id, block.reason, block.blocked_by) == (
        "track",
        GOOD,
        "Wrong rights.",
        "admin",
    )


def test_a_block_that_makes_no_sense_is_explained(admin_client):
    page = admin_client.post(
        reverse("admin:catalog_block_add"),
        {"kind": "track", "spotify_id": "short", "name": "", "reason": "No."},
    )

    assert page.status_code == 200
    assert "22 letters and digits" in page.text
    assert not Block.objects.exists()


def test_a_block_can_be_lifted(admin_client):
    row = Block.objects.create(kind="track", spotify_id=GOOD, reason="No.", blocked_by="x")

    admin_client.post(reverse("admin:catalog_block_delete", args=[row.pk]), {"post": "yes"})

    assert not Block.objects.exists()


def test_a_block_takes_a_link(admin_client):
    given = {
        "kind": "track",
        "spotify_id": f"https://open.spotify.com/track/{GOOD}?si=1",
        "name": "",
        "reason": "No.",
    }

    admin_client.post(reverse("admin:catalog_block_add"), given)

    assert Block.objects.get().spotify_id == GOOD
