"""The ingest endpoints: verdicts, receipts and progress, and problems with reasons."""

from __future__ import annotations

import gzip
import json

import pytest
from django.utils import timezone

from catalog.models import AlbumSource, Batch

pytestmark = pytest.mark.django_db
SUBMIT, VALIDATE, ONE = (
    "/api/v1/ingest/albums/submit",
    "/api/v1/ingest/albums/validate",
    "/api/v1/ingest/albums/submit-one",
)
STATUS = "/api/v1/ingest/status"


def link(number: int) -> str:
    return f"https://open.spotify.com/album/1{number:021d}"


@pytest.mark.parametrize("method, url", [("post", SUBMIT), ("post", VALIDATE), ("get", STATUS)])
def test_operators_endpoints_want_the_key(anonymous_api, method, url):
    assert getattr(anonymous_api, method)(url, {}, format="json").status_code == 401
    assert (
        getattr(anonymous_api, method)(url, {}, format="json", headers={"X-ADMIN-API-KEY": "x"}).status_code
        == 403
    )


def test_a_submission_answers_its_receipt(api):
    answer = api.post(SUBMIT, {"urls": [link(1), "nonsense", link(1)]}, format="json")

    assert answer.status_code == 202
    body = answer.json()
    assert (body["queued"], body["duplicates"]) == (1, 1)
    assert body["invalid"][0]["line"] == 2
    assert Batch.objects.get().pk == body["batch_id"]


def test_text_is_as_good_as_json(api):
    text = f"# mine\n{link(1)}\n\n{link(2)}\nnonsense"

    answer = api.generic("POST", SUBMIT, text, content_type="text/plain")

    assert answer.status_code == 202
    assert (answer.json()["queued"], answer.json()["invalid"][0]["line"]) == (2, 5)


def test_validation_tells_every_line_and_writes_nothing(api):
    answer = api.generic(
        "POST", VALIDATE, f"{link(1)}\nspotify:artist:0du5cEVh5yTK9QJze8zA0C", content_type="text/plain"
    )

    assert answer.status_code == 200
    assert [line["verdict"] for line in answer.json()["lines"]] == ["new", "wrong_type"]
    assert not Batch.objects.exists()


SPELLINGS = [
    "https://open.spotify.com/intl-de/album/{}?si={}",
    "spotify:album:{}#{}",
    "<http://play.spotify.com/album/{}/{}>",
    "https://embed.spotify.com/?uri=spotify%3Aalbum%3A{}&n={}",
    '  "open.spotify.com/album/{}?utm_source={}",  ',
]


@pytest.mark.parametrize("as_json", [True, False])
def test_ten_thousand_spellings_of_one_album_are_one_new_and_9999_duplicates(api, as_json):
    lines = [SPELLINGS[number % 5].format(link(1)[-22:], number) for number in range(10_000)]

    if as_json:
        answer = api.post(SUBMIT, {"urls": lines}, format="json")
    else:
        answer = api.generic("POST", SUBMIT, "\n".join(lines), content_type="text/plain")

    assert answer.status_code == 202
    body = answer.json()
    assert (body["queued"], body["duplicates"], body["known"], body["invalid"]) == (1, 9_999, 0, [])
    assert AlbumSource.objects.count() == 1


@pytest.mark.parametrize(
    "body, content_type, status",
    [
        (json.dumps({"urls": [link(1)] * 10_001}), "application/json", 413),
        (json.dumps({"urls": [""] * 500_000}), "application/json", 413),
        (json.dumps({"urls": ["x" * 3_000_000]}), "application/json", 413),
        ('{"urls": ["' + '\\"' * 1_000_000, "application/json", 400),
        ("\n".join([link(1)] * 10_001), "text/plain", 413),
        ("x" * (2 * 1024 * 1024 + 1), "text/plain", 413),
        ("x" * (2 * 1024 * 1024), "text/plain", 422),
        (gzip.compress(b"a,b"), "text/csv", 400),
        (f"{link(1)}\x00", "text/plain", 400),
        ("", "text/plain", 400),
        ('{"urls": []}', "application/json", 400),
        ('{"urls": "x"}', "application/json", 400),
        ('{"urls": [{}]}', "application/json", 400),
        ("{}", "application/json", 400),
        ("[]", "application/json", 400),
        ('{"urls": ["\\u0000"]}', "application/json", 400),
        ("[" * 100_000 + "]" * 100_000, "application/json", 400),
        ("<urls/>", "application/xml", 415),
    ],
)
def test_a_bad_body_is_a_problem_with_a_reason(api, body, content_type, status):
    answer = api.generic("POST", SUBMIT, body, content_type=content_type)

    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["detail"]
    assert not AlbumSource.objects.exists()


def test_anybody_may_submit_one_album_behind_the_others(anonymous_api):
    answer = anonymous_api.post(ONE, {"url": link(1)}, format="json")

    assert answer.status_code == 202
    assert answer.json() == {"album_id": link(1)[-22:], "queued": 1, "duplicates": 0, "status": "queued"}
    assert AlbumSource.objects.get().priority < 0


@pytest.mark.parametrize("url", ["nonsense", "spotify:track:11dFghVXANMlKmJXsNCbNl", "", "x" * 301])
def test_a_bad_single_link_is_told_and_leaves_nothing(anonymous_api, url):
    answer = anonymous_api.post(ONE, {"url": url}, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]
    assert not Batch.objects.exists()


def test_single_submissions_are_throttled(anonymous_api):
    codes = [
        anonymous_api.post(ONE, {"url": link(number)}, format="json").status_code for number in range(11)
    ]

    assert codes == [202] * 10 + [429]


def test_the_status_counts_under_the_status_names(api, django_assert_max_num_queries):
    batch_id = api.post(SUBMIT, {"urls": [link(1), link(2), link(3)]}, format="json").json()["batch_id"]
    api.post(SUBMIT, {"urls": [link(4)]}, format="json")
    AlbumSource.objects.filter(url=link(2)).update(
        status="failed", failed_at=timezone.now(), failure_reason="gone"
    )

    with django_assert_max_num_queries(4):
        body = api.get(STATUS).json()

    assert (body["queued"], body["fetching"], body["ingested"], body["failed"]) == (3, 0, 0, 1)
    assert body["failures"] == [{"reason": "gone", "count": 1}]
    assert body["oldest_queued_seconds"] >= 0
    assert [batch["queued"] for batch in body["batches"]] == [1, 2]
    assert api.get(STATUS, {"batch_id": batch_id}).json()["total"] == 3
    nothing = {"total": 0, "found": 0, "absent": 0, "not_asked": 0, "by_source": {}}
    assert body["coverage"] == {"features": nothing, "genres": nothing}


@pytest.mark.parametrize(
    "batch_id, status", [("x", 400), ("-1", 400), ("0", 400), ("9" * 30, 400), ("123456", 404)]
)
def test_a_status_of_no_batch_is_a_problem(api, batch_id, status):
    assert api.get(STATUS, {"batch_id": batch_id}).status_code == status


SHARED = "Listen to Their Album by Somebody on Spotify: {}?si=qYmaklK4ReSVvBjLqHfxew"
EMBED = '<iframe style="border-radius:12px" src="{}?utm_source=generator" width="100%" loading="lazy">'


@pytest.mark.parametrize("shared", [SHARED, EMBED + " " * 300 + "</iframe>"])
def test_shared_text_and_embed_code_are_taken_by_every_endpoint(api, anonymous_api, shared):
    listed = api.post(VALIDATE, {"urls": [shared.format(link(1))]}, format="json")
    pasted = api.generic("POST", VALIDATE, shared.format(link(1)), content_type="text/plain")
    single = anonymous_api.post(ONE, {"url": shared.format(link(1))}, format="json")

    assert [line["verdict"] for line in listed.json()["lines"]] == ["new"]
    assert [line["verdict"] for line in pasted.json()["lines"]] == ["new"]
    assert (single.status_code, single.json()["album_id"]) == (202, link(1)[-22:])


def test_a_single_submission_takes_a_single_album(anonymous_api):
    answer = anonymous_api.post(ONE, {"url": f"{link(1)} {link(2)}"}, format="json")

    assert answer.status_code == 400
    assert "one album" in answer.json()["errors"][0]["message"]
    assert not Batch.objects.exists()


def failed(number: int, **options) -> None:
    AlbumSource.objects.create(
        spotify_album_id=link(number)[-22:],
        url=link(number),
        status="failed",
        failed_at=timezone.now(),
        created_at=timezone.now(),
        **options,
    )


def test_a_failed_album_that_comes_again_is_told_with_its_reason_and_what_to_do(api, anonymous_api):
    failed(1, failure_reason="Spotify does not know this album (any more); check the link.")

    checked = api.post(VALIDATE, {"urls": [link(1), link(1)]}, format="json").json()
    queued = api.post(SUBMIT, {"urls": [link(1), link(1), link(2)]}, format="json").json()
    single = anonymous_api.post(ONE, {"url": link(1)}, format="json").json()

    assert checked["lines"][0]["verdict"] == "failed"
    assert (queued["queued"], queued["duplicates"], queued["known"]) == (1, 2, 1)
    assert queued["failed"] == checked["failed"]
    assert [(row["line"], row["value"]) for row in queued["failed"]] == [(1, link(1))]
    for text in (checked["lines"][0]["reason"], queued["failed"][0]["reason"]):
        assert "failed before: Spotify does not know this album" in text
        assert "queue it again" in text
    assert (single["status"], single["queued"]) == ("failed", 0)
    assert "Spotify does not know this album" in single["reason"]


def test_strangers_are_not_told_who_set_an_album_aside(anonymous_api):
    failed(1, failure_reason="Set aside by anna: a duplicate", set_aside_at=timezone.now())

    single = anonymous_api.post(ONE, {"url": link(1)}, format="json").json()

    assert "an operator set it aside" in single["reason"]
    assert "anna" not in single["reason"]
