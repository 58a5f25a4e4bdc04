"""The catalogue's commands: exit codes, JSON on stdout, reasons on stderr."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.intake import submissions
from catalog.management.commands import ingest_albums
from catalog.models import AlbumSource, Batch, Track

pytestmark = pytest.mark.django_db


def link(number: int) -> str:
    return f"https://open.spotify.com/album/1{number:021d}"


def run(*args: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(*args, stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()


def test_links_are_queued_by_default():
    code, out, _ = run("ingest_albums", link(1), link(2), "--json", "--label", "Friday")

    body = json.loads(out)
    assert (code, body["queued"], body["duplicates"], body["invalid"]) == (0, 2, 0, [])
    assert Batch.objects.get().label == "Friday"
    assert AlbumSource.objects.filter(status="queued").count() == 2


def test_bad_lines_are_told_with_file_and_line(tmp_path):
    path = tmp_path / "albums.txt"
    path.write_text(f"# mine\n{link(1)}\n\nnonsense\n")

    code, out, err = run("ingest_albums", "--file", str(path))

    assert code == 3
    assert out == "1 queued, 0 duplicates, 1 invalid.\n"
    assert err.startswith(f"{path}:4: ")


def test_an_album_that_failed_before_is_told_with_its_reason_and_what_to_do():
    run("ingest_albums", link(1), link(2))
    AlbumSource.objects.filter(url=link(1)).update(
        status="failed", failed_at=timezone.now(), failure_reason="Spotify refuses it."
    )

    code, out, err = run("ingest_albums", link(2), link(1))
    _, body, _ = run("ingest_albums", link(1), "--json", "--dry-run")

    assert (code, out) == (3, "0 queued, 2 duplicates, 0 invalid. 1 failed before.\n")
    assert err.startswith("arguments:2: It failed before: Spotify refuses it. ")
    assert "queue it again" in err
    assert json.loads(body)["failed"][0]["line"] == 1


def test_a_dry_run_writes_nothing():
    code, out, _ = run("ingest_albums", link(1), "--dry-run", "--json")

    assert (code, json.loads(out)["queued"]) == (0, 1)
    assert not Batch.objects.exists()


def test_standard_input_is_a_file_called_minus(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{link(1)}\nx\n".encode())))

    code, _, err = run("ingest_albums", "--file", "-")

    assert code == 3
    assert err.startswith("-:2: ")


def test_nothing_good_is_an_error():
    assert run("ingest_albums", "nonsense")[0] == 1


def test_links_and_a_file_are_two_batches(tmp_path):
    path = tmp_path / "albums.txt"
    path.write_text(link(2))

    code, out, _ = run("ingest_albums", link(1), "--file", str(path), "--json")

    assert (code, json.loads(out)["queued"], len(json.loads(out)["batch_ids"])) == (0, 2, 2)


@pytest.mark.parametrize("args", [[], ["--file", "/does/not/exist"]])
def test_wrong_usage_exits_with_2(args):
    with pytest.raises(CommandError) as caught:
        run("ingest_albums", *args)

    assert caught.value.returncode == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(b"album_url"), "gzip"),
        (f"{link(1)}\n".encode() * 10_001, "More than 10,000 lines"),
        (b"x" * (2 * 1024 * 1024), "A line has 2,097,152 characters"),
        (b"[" * 100_000 + b"]" * 100_000, "A line has 200,000 characters"),
        (f"{link(1)}\0".encode(), "NUL"),
        (b"x" * 50_000_000, "More than 2 MB"),
    ],
)
@pytest.mark.parametrize("how", ["--queue", "--dry-run"])
def test_a_file_that_is_no_list_of_links_is_refused_whole_with_the_reason(tmp_path, content, words, how):
    path = tmp_path / "albums.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=words) as caught:
        run("ingest_albums", "--file", str(path), how)

    assert caught.value.returncode == 2
    assert not Batch.objects.exists()


def test_a_file_is_read_no_further_than_is_allowed(tmp_path):
    path = tmp_path / "albums.txt"
    path.write_bytes(b"x" * 50_000_000)

    assert len(ingest_albums.read(str(path))) == submissions.MAX_BYTES + 1


def test_now_ingests_in_this_process(sandbox):
    code, out, _ = run("ingest_albums", *sandbox.album_links(30), "--now", "--json")

    assert (code, json.loads(out)["now"]["ingested"]) == (0, 30)
    assert set(AlbumSource.objects.values_list("status", flat=True)) == {"ingested"}


def test_now_with_a_dead_album_is_partly_failed(sandbox):
    code, out, _ = run("ingest_albums", *sandbox.album_links(60), "--now")

    assert code == 3
    assert "59 ingested, 1 failed, 0 wait." in out


def test_now_behind_a_closed_door_says_try_later(sandbox):
    sandbox.faults.add("quota", path="/v1/albums", retry_after=4 * 3600)

    code, out, err = run("ingest_albums", *sandbox.album_links(3), "--now")

    assert code == 75
    assert "3 wait." in out
    assert "UTC" in err


def test_features_are_imported_with_reasons_for_bad_rows(tmp_path, sandbox):
    run("ingest_albums", sandbox.album_links(1)[0], "--now")
    track = Track.objects.order_by("id").first()
    path = tmp_path / "features.csv"
    path.write_text(f"spotify_id,energy\n{track.spotify_id},0.5\n{track.spotify_id},5\n")

    dry, _, _ = run("import_features", str(path), "--dry-run")
    untouched = Track.objects.exclude(energy=None).count()
    code, out, err = run("import_features", str(path))

    assert (dry, untouched, code) == (3, 0, 3)
    assert out.startswith("1 of 2 rows stored")
    assert err.startswith(f"{path}:3: energy")
    assert Track.objects.get(pk=track.pk).energy == 0.5


def test_one_bad_measure_is_dropped_and_told_with_its_line_and_the_rest_of_the_row_stays(tmp_path, sandbox):
    run("ingest_albums", sandbox.album_links(1)[0], "--now")
    track = Track.objects.order_by("id").first()
    path = tmp_path / "exported.csv"
    path.write_bytes(f"Track URI;Energy;Tempo\nspotify:track:{track.spotify_id};7;120,5\n".encode("utf-16"))

    code, out, err = run("import_features", str(path))

    assert code == 3
    assert out.startswith("1 of 1 row stored")
    assert err == f"{path}:2: energy is “7”; it must be a number from 0 to 1.\n"
    assert Track.objects.get(pk=track.pk).audio_features == {"tempo": 120.5}


def test_an_import_of_an_archive_says_what_it_is(tmp_path):
    path = tmp_path / "features.csv"
    path.write_bytes(gzip.compress(b"spotify_id,energy\n"))

    with pytest.raises(CommandError, match="a gzip file, not text; unpack it or save it as CSV"):
        run("import_features", str(path))


def test_an_import_of_a_missing_file_exits_with_2():
    with pytest.raises(CommandError) as caught:
        run("import_features", "/does/not/exist")

    assert caught.value.returncode == 2
