"""The command import_genres: what it stores, what it says of bad rows, and its exit codes."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from catalog.genres import artist_rows, ask
from catalog.models import Artist, Track
from tests.curation import catalogue
from tests.curation.catalogue import NOW

pytestmark = pytest.mark.django_db
ONE, TWO, STRANGER = (f"{number}{'0' * 20}r" for number in (1, 2, 3))


@pytest.fixture
def file(tmp_path, settings):
    """file(text): its path. There are two artists with a track each."""
    settings.OPERATOR_CONTACT = "ops@example.org"
    for number, artist in enumerate((ONE, TWO)):
        catalogue.track(number, catalogue.album(number), artist_ids=[artist]).save()
    artist_rows.complete()

    def write(text: str) -> str:
        path = tmp_path / "genres.csv"
        path.write_text(text)
        return str(path)

    return write


def run(*args: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command("import_genres", *args, stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()


def test_a_file_gives_artists_and_their_tracks_genres_and_wins_over_sources(file):
    code, out, err = run(file(f"{ONE},Trip-Hop;downtempo\nspotify:artist:{STRANGER},rock\n"))

    artist = Artist.objects.get(spotify_id=ONE)
    assert (code, out, err) == (0, "1 of 2 rows stored; 1 not in the catalogue, 0 bad.\n", "")
    assert (artist.genres, artist.genre_source) == (["Trip-Hop", "downtempo"], "import")
    assert "trip hop" in Track.objects.get(artist_ids=[ONE]).genre_keys
    assert [one.spotify_id for one in ask.lacking(NOW)] == [TWO]


def test_the_same_artist_again_replaces_what_the_file_before_said(file):
    run(file(f"{ONE},rock\n"))
    run(file(f"{ONE},jazz\n"))

    assert Artist.objects.get(spotify_id=ONE).genres == ["jazz"]
    assert "rock" not in Track.objects.get(artist_ids=[ONE]).genre_keys


def test_bad_rows_are_told_with_file_and_line_and_the_good_ones_stored(file):
    path = file(f"artist,genres\n{ONE},rock\nnonsense,pop\n{TWO},\n")

    code, out, err = run(path, "--json")

    assert code == 3
    assert json.loads(out)["stored"] == 1
    assert [row["line"] for row in json.loads(out)["bad"]] == [3, 4]
    assert [line.partition(": ")[0] for line in err.splitlines()] == [f"{path}:3", f"{path}:4"]


def test_a_file_of_bad_rows_alone_is_an_error(file):
    assert run(file("nonsense,pop\n"))[0] == 1


def test_a_dry_run_says_the_same_and_keeps_nothing(file):
    code, out, _ = run(file(f"{ONE},rock\n"), "--dry-run")

    assert (code, out.split(";")[0]) == (0, "1 of 1 row would be stored")
    assert not Artist.objects.exclude(genres=[]).exists()
    assert not Track.objects.exclude(genre_keys=None).exists()


def test_a_file_that_is_not_there_is_a_mistake_of_use():
    with pytest.raises(CommandError, match="cannot be read") as caught:
        run("/nowhere.csv")

    assert caught.value.returncode == 2
