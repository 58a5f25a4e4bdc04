"""The sandbox's Wikidata, MusicBrainz and ListenBrainz: shapes, limits and refusals of the real ones."""

from __future__ import annotations

import pytest
import requests

from sandbox import artist_genres, bodies, open_data, server, wikidata

AGENT = {"User-Agent": "vibe/1 (ops@example.org)"}
JSON = AGENT | {"Accept": "application/sparql-results+json"}
QUERY = (
    "SELECT ?sid ?item ?mbid ?g ?gl WHERE {{ VALUES ?sid {{ {} }} ?item wdt:P1902 ?sid . "
    "OPTIONAL {{ ?item wdt:P136 ?g }} }}"
)


@pytest.fixture
def sandbox():
    with server.serve(albums=300) as running:
        yield running


@pytest.fixture
def artists(sandbox):
    catalogue = sandbox.world.catalogue
    return [catalogue.artist(number) for number in catalogue.artist_numbers()]


def sparql(sandbox, artist_ids, headers=JSON, query=QUERY):
    values = " ".join(f'"{artist_id}"' for artist_id in artist_ids)
    return requests.post(
        sandbox.wikidata_url, data={"query": query.format(values)}, headers=headers, timeout=5
    )


def link(artist):
    return f"https://open.spotify.com/artist/{artist.spotify_id}"


def links(sandbox, artists, headers=AGENT, **more):
    params = {"resource": [link(artist) for artist in artists], "inc": "artist-rels", "fmt": "json"} | more
    return requests.get(f"{sandbox.musicbrainz_url}/url", params, headers=headers, timeout=5)


def tags(sandbox, mbids):
    params = {"artist_mbids": ",".join(mbids), "inc": "tag"}
    return requests.get(f"{sandbox.listenbrainz_url}/metadata/artist/", params, headers=AGENT, timeout=5)


# --- Wikidata


def test_wikidata_gives_a_row_for_every_genre_and_none_for_whom_it_does_not_know(sandbox, artists):
    body = sparql(sandbox, [artist.spotify_id for artist in artists[:100]]).json()
    rows = body["results"]["bindings"]

    assert body["head"]["vars"] == ["sid", "item", "mbid", "g", "gl"]
    assert 40 < len({row["sid"]["value"] for row in rows}) < 95
    assert any("g" not in row for row in rows)
    assert any("g" in row and "gl" not in row for row in rows)
    assert not any("origin" in row for row in rows), "it was not selected"


def test_some_labels_are_in_the_language_mul_only_and_some_values_are_unknown(sandbox, artists):
    rows = [
        row
        for start in range(0, len(artists), 100)
        for row in sparql(sandbox, [each.spotify_id for each in artists[start:][:100]]).json()["results"][
            "bindings"
        ]
    ]

    assert {row["gl"]["xml:lang"] for row in rows if "gl" in row} == {"en", "mul"}
    assert any("genid" in row["g"]["value"] for row in rows if "g" in row)


def test_too_many_artists_arrive_as_a_200_that_is_cut_and_ends_in_a_trace(sandbox):
    response = sparql(sandbox, [f"{number:022d}" for number in range(300)])

    assert response.status_code == 200
    assert response.text.endswith("java.util.concurrent.TimeoutException\n")


@pytest.mark.parametrize("agent", ["python-requests/2.32", "vibe/1", ""])
def test_wikidata_refuses_who_does_not_say_whom_to_reach(sandbox, artists, agent):
    response = sparql(sandbox, [artists[0].spotify_id], headers=JSON | {"User-Agent": agent})

    assert (response.status_code, response.text) == (403, wikidata.BAD_AGENT)


def test_too_much_of_wikidatas_time_is_429_in_html_and_asking_on_is_a_ban_for_a_day(sandbox, artists):
    wanted = [artist.spotify_id for artist in artists[:100]]
    statuses = []
    for _ in range(80):
        response = sparql(sandbox, wanted)
        statuses.append(response.status_code)
        if response.status_code == 429:
            assert f"Please retry in {response.headers['Retry-After']} seconds" in response.text
        if response.status_code == 403:
            break

    assert statuses.count(429) == open_data.IGNORED_TO_BAN
    assert "You have been banned until" in response.text
    sandbox.clock.advance(open_data.BAN_SECONDS + 1)
    assert sparql(sandbox, wanted).status_code == 200


def test_who_waits_as_long_as_wikidata_says_is_served(sandbox, artists):
    wanted = [artist.spotify_id for artist in artists[:100]]
    while (response := sparql(sandbox, wanted)).status_code == 200:
        pass

    sandbox.clock.advance(int(response.headers["Retry-After"]))

    assert sparql(sandbox, wanted).status_code == 200


def test_a_query_that_it_does_not_know_is_refused_with_its_text(sandbox):
    response = sparql(sandbox, [], query="SELECT * WHERE {{ ?s ?p ?o }}{}")

    assert response.status_code == 400
    assert "MalformedQueryException" in response.text


def test_without_accept_wikidata_answers_xml(sandbox, artists):
    assert sparql(sandbox, [artists[0].spotify_id], headers=AGENT).text.startswith("<?xml")


# --- MusicBrainz


def test_musicbrainz_sorts_links_and_leaves_out_the_unknown(sandbox, artists):
    body = links(sandbox, artists[:50]).json()
    resources = [url["resource"] for url in body["urls"]]

    assert resources == sorted(resources)
    assert 10 < body["url-count"] == len(resources) < 50
    assert all(url["relations"][0]["target-type"] == "artist" for url in body["urls"])


def test_one_link_alone_is_answered_bare_or_404(sandbox, artists):
    catalogue = sandbox.world.catalogue
    known = next(artist for artist in artists if artist_genres.is_linked(catalogue, artist))
    unknown = next(artist for artist in artists if not artist_genres.is_linked(catalogue, artist))

    bare = links(sandbox, [known]).json()
    sandbox.clock.advance(1)
    missing = links(sandbox, [unknown])

    assert bare["resource"] == link(known)
    assert (missing.status_code, missing.json()["error"]) == (404, "Not Found")


def test_only_unknown_links_are_an_empty_200(sandbox, artists):
    catalogue = sandbox.world.catalogue
    unknown = [artist for artist in artists if not artist_genres.is_linked(catalogue, artist)][:2]

    assert links(sandbox, unknown).json() == {"url-count": 0, "url-offset": 0, "urls": []}


def test_a_second_call_within_a_second_is_503_with_our_address_in_its_zone(sandbox, artists):
    links(sandbox, artists[:2])
    response = links(sandbox, artists[:2])

    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert response.headers["X-RateLimit-Zone"].startswith("ws ip=")
    assert "exceeding the allowable rate limit" in response.json()["error"]


def test_musicbrainz_refuses_the_nameless_and_inc_genres(sandbox, artists):
    nameless = links(sandbox, artists[:2], headers={"User-Agent": "python-requests/2"})
    genres = links(sandbox, artists[:2], inc="genres")

    assert (nameless.status_code, nameless.headers["x-ratelimit-who"]) == (403, "ua-missing")
    assert (genres.status_code, genres.json()["error"]) == (
        400, "genres is not a valid inc parameter for the url resource."
    )  # fmt: skip


# --- ListenBrainz


def test_listenbrainz_has_votes_and_genres_beside_what_is_none(sandbox, artists):
    mbids = [artist_genres.mbid(sandbox.world.catalogue, artist.number) for artist in artists]
    rows = tags(sandbox, [*mbids[:100], "00000000-0000-4000-8000-000000000000"]).json()
    found = [tag for row in rows for tag in row.get("tag", {}).get("artist", [])]

    assert 20 < len(rows) < 100
    assert any("tag" not in row for row in rows)
    assert {"genre_mbid" in tag for tag in found} == {True, False}
    assert all(tag["count"] > 0 for tag in found)


def test_one_bad_mbid_spoils_the_call(sandbox):
    response = tags(sandbox, ["1"])

    assert (response.status_code, response.json()) == (
        400, {"code": 400, "error": "artist mbid 1 is not valid."}
    )  # fmt: skip


def test_the_thirty_first_call_in_ten_seconds_is_429_and_says_until_when(sandbox, artists):
    mbid = artist_genres.mbid(sandbox.world.catalogue, artists[0].number)
    statuses = [tags(sandbox, [mbid]).status_code for _ in range(30)]
    response = tags(sandbox, [mbid])

    assert statuses == [200] * 30
    assert response.status_code == 429
    assert 1 <= int(response.headers["X-RateLimit-Reset-In"]) <= 10
    assert "Retry-After" not in response.headers


# --- all of them


def test_about_two_thirds_of_the_artists_have_genres_somewhere_and_spotify_has_few(sandbox, artists):
    catalogue = sandbox.world.catalogue
    somewhere = [
        any(item.genres for item in artist_genres.items(catalogue, artist))
        or bool(artist_genres.votes(catalogue, artist))
        for artist in artists
    ]
    at_spotify = [bool(artist_genres.at_spotify(catalogue, artist)) for artist in artists]

    assert 0.6 < sum(somewhere) / len(artists) < 0.85
    assert 0.1 < sum(at_spotify) / len(artists) < 0.4


def test_the_same_world_says_the_same_twice():
    def said(running):
        catalogue = running.world.catalogue
        artists = [catalogue.artist(number) for number in catalogue.artist_numbers()]
        return [
            (artist_genres.items(catalogue, each), artist_genres.votes(catalogue, each)) for each in artists
        ]

    with server.serve(albums=60, seed=5) as one, server.serve(albums=60, seed=5) as other:
        assert said(one) == said(other)


def test_an_artist_of_development_mode_has_no_genres_at_all():
    with server.serve(albums=60, mode="development") as running:
        artist = running.world.catalogue.artist(running.world.catalogue.artist_numbers()[0])
        assert "genres" not in bodies.artist(running.world, artist)
