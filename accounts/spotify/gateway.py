"""The one door to Spotify: allowed? paced? call;
every outcome is a dataclass of payloads or a typed error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from accounts.spotify import capabilities, client, errors, ids, payloads, responses
from accounts.spotify.call import Asked, Call, Parts
from accounts.spotify.capabilities import Endpoint

T = TypeVar("T")
SendOne = Callable[[client.Client, str], responses.Answer]

PAGE = 50
# More rows than any account can have playlists (11,000): a listing that never ends stops here.
MAX_ROWS = 12_000
PLAYLIST_FIELDS = "id,name,description,public,snapshot_id,external_urls,owner(id),items(total),tracks(total)"


class Gateway:
    """Spotify's nouns for one caller (the app, an account or a listener) in one lane."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.mode = parts.mode

    # --- what this app may do

    def has(self, capability: str) -> bool:
        """Whether this app may call the endpoint: its mode has it, and it has not turned out to be gone."""
        endpoint = capabilities.ENDPOINTS[capability]
        if not capabilities.in_mode(endpoint, self.mode):
            return False
        now = self._parts.clock()
        return endpoint.refusals is None or capabilities.usable(
            self._parts.learned.record(capability, now=now), now
        )

    @property
    def albums_per_call(self) -> int:
        return capabilities.BATCH_ALBUMS.ids_per_call if self.has("batch_albums") else 1

    @property
    def tracks_per_call(self) -> int:
        return capabilities.BATCH_TRACKS.ids_per_call if self.has("batch_tracks") else 1

    # --- the catalogue

    def albums(self, album_ids: Sequence[str]) -> list[payloads.Album | None]:
        """Albums in the order asked for, at most `albums_per_call`;
        None for an id that Spotify does not know.
        """
        asked = ids.checked(album_ids, at_most=capabilities.BATCH_ALBUMS.ids_per_call, strict=True)
        market = self._parts.market
        return self._many(
            Asked(
                capabilities.BATCH_ALBUMS,
                lambda spotify: spotify.albums(asked, market=market),
                lambda answer: payloads.albums(responses.body(answer), asked),
                asked,
            ),
            single=self._album,
        )

    def _album(self, album_id: str) -> payloads.Album | None:
        return self._one(
            capabilities.ALBUM,
            album_id,
            lambda spotify, wanted: spotify.album(wanted, market=self._parts.market),
            payloads.album,
        )

    def tracks(self, track_ids: Sequence[str]) -> list[payloads.Track | None]:
        """Whole tracks (ISRC, popularity) in the order asked for, at most `tracks_per_call`."""
        asked = ids.checked(track_ids, at_most=capabilities.BATCH_TRACKS.ids_per_call)
        market = self._parts.market
        return self._many(
            Asked(
                capabilities.BATCH_TRACKS,
                lambda spotify: spotify.tracks(asked, market=market),
                lambda answer: payloads.tracks(responses.body(answer), asked),
                asked,
            ),
            single=self._track,
        )

    def _track(self, track_id: str) -> payloads.Track | None:
        return self._one(
            capabilities.TRACK,
            track_id,
            lambda spotify, wanted: spotify.track(wanted, market=self._parts.market),
            payloads.track,
        )

    def album_tracks(self, album_id: str, *, offset: int, limit: int = PAGE) -> payloads.TrackPage:
        """One page of an album's tracks; paged by offset, so that a `next` link cannot lead the token
        elsewhere.
        """
        ids.checked([album_id], at_most=1)

        return self._single(
            capabilities.ALBUM_TRACKS,
            album_id,
            lambda spotify, wanted: spotify.album_tracks(
                wanted, limit=limit, offset=offset, market=self._parts.market
            ),
            payloads.track_page,
        )

    def audio_features(self, track_ids: Sequence[str]) -> list[payloads.AudioFeatures | None]:
        """Spotify's own audio features, at most 100; CapabilityMissing for apps that never had them."""
        asked = ids.checked(track_ids, at_most=capabilities.AUDIO_FEATURES.ids_per_call)
        return self._do(
            Asked(
                capabilities.AUDIO_FEATURES,
                lambda spotify: spotify.features(asked),
                lambda answer: payloads.audio_features(responses.body(answer), asked),
                asked,
            )
        )

    def artists(self, artist_ids: Sequence[str]) -> list[payloads.ArtistDetails | None]:
        """Artists with their genres in the order asked for, at most 50; CapabilityMissing in development
        mode.
        """
        asked = ids.checked(artist_ids, at_most=capabilities.BATCH_ARTISTS.ids_per_call)
        if not asked:
            return []
        return self._do(
            Asked(
                capabilities.BATCH_ARTISTS,
                lambda spotify: spotify.artists(asked),
                lambda answer: payloads.artist_details(responses.body(answer), asked),
                asked,
            )
        )

    # --- the user

    def me(self) -> payloads.Profile:
        return self._do(
            Asked(
                capabilities.ME,
                lambda spotify: spotify.me(),
                lambda answer: payloads.profile(responses.body(answer)),
            )
        )

    def my_playlists(self) -> Iterator[payloads.Playlist]:
        """All playlists in the user's library, their own and followed ones, page by page."""
        for offset in range(0, MAX_ROWS, PAGE):
            page = self._playlist_page(offset)
            yield from page.items
            if not page.rows or offset + PAGE >= page.total:
                return

    def _playlist_page(self, offset: int) -> payloads.PlaylistPage:
        return self._do(
            Asked(
                capabilities.MY_PLAYLISTS,
                lambda spotify: spotify.current_user_playlists(limit=PAGE, offset=offset),
                lambda answer: payloads.playlist_page(responses.body(answer)),
            )
        )

    # --- playlists

    def create_playlist(self, *, name: str, description: str, public: bool = True) -> payloads.Playlist:
        """A new empty playlist. Never repeated when in doubt:
        Ambiguous then, and the caller looks in my_playlists.
        """
        return self._do(
            Asked(
                capabilities.CREATE_PLAYLIST,
                lambda spotify: spotify.current_user_playlist_create(
                    name, public=public, description=description
                ),
                lambda answer: payloads.playlist(responses.body(answer)),
            )
        )

    def change_details(self, playlist_id: str, *, name: str, description: str, public: bool = True) -> None:
        ids.checked([playlist_id], at_most=1)
        details = {"name": name, "description": description, "public": public}
        self._do(
            Asked(
                capabilities.CHANGE_DETAILS,
                lambda spotify: spotify.playlist_change_details(playlist_id, **details),
                _done,
                [playlist_id],
            )
        )

    def replace_items(self, playlist_id: str, track_ids: Sequence[str]) -> str:
        """Make the playlist hold exactly these tracks (at most 100), in this order;
        returns the snapshot id.
        """
        ids.checked([playlist_id], at_most=1)
        tracks = ids.checked(track_ids, at_most=capabilities.REPLACE_ITEMS.ids_per_call)
        return self._do(
            Asked(
                capabilities.REPLACE_ITEMS,
                lambda spotify: spotify.playlist_replace_items(playlist_id, tracks),
                _snapshot_id,
                [playlist_id],
            )
        )

    def playlist(self, playlist_id: str) -> payloads.Playlist:
        ids.checked([playlist_id], at_most=1)

        return self._single(
            capabilities.PLAYLIST,
            playlist_id,
            lambda spotify, wanted: spotify.playlist(wanted, fields=PLAYLIST_FIELDS),
            payloads.playlist,
        )

    def playlist_track_ids(self, playlist_id: str) -> list[str]:
        """The ids of the playlist's tracks in order; only the owner may ask."""
        ids.checked([playlist_id], at_most=1)
        found: list[str] = []
        for offset in range(0, MAX_ROWS, PAGE):
            page = self._item_page(playlist_id, offset)
            found += page.ids
            if not page.rows or offset + PAGE >= page.total:
                break
        return found

    def _item_page(self, playlist_id: str, offset: int) -> payloads.IdPage:
        return self._single(
            capabilities.PLAYLIST_ITEMS,
            playlist_id,
            lambda spotify, wanted: spotify.playlist_items(wanted, limit=PAGE, offset=offset),
            payloads.item_page,
        )

    def unfollow(self, playlist_id: str) -> None:
        """Take the playlist out of the user's library, which is all the deleting that Spotify knows."""
        ids.checked([playlist_id], at_most=1)
        self._do(
            Asked(capabilities.UNFOLLOW, lambda spotify: spotify.unfollow(playlist_id), _done, [playlist_id])
        )

    # --- the door

    def _do(self, asked: Asked[T]) -> T:
        return Call(self._parts, asked).run()

    def _single(self, endpoint: Endpoint, wanted: str, send: SendOne, parse: Callable[[Any], T]) -> T:
        return self._do(
            Asked(
                endpoint,
                lambda spotify: send(spotify, wanted),
                lambda answer: parse(responses.body(answer)),
                [wanted],
                control=send,
            )
        )

    def _one(self, endpoint: Endpoint, wanted: str, send: SendOne, parse: Callable[[Any], T]) -> T | None:
        try:
            return self._single(endpoint, wanted, send, parse)
        except errors.NotFound:
            return None

    def _many(self, batch: Asked[list[T | None]], *, single: Callable[[str], T | None]) -> list[T | None]:
        """A batch where the app may, one by one where it may not;
        a batch refused as such is read one by one.
        """
        if not batch.about:
            return []
        if self.has(batch.endpoint.name):
            try:
                return self._do(batch)
            except (errors.CapabilityMissing, errors.NotFound):
                pass
            except errors.Forbidden as error:
                if error.reason not in ("removed", "unknown"):
                    raise
        return [single(value) for value in batch.about]


def _done(answer: responses.Answer) -> None:
    """The status says it all: these bodies are empty."""


def _snapshot_id(answer: responses.Answer) -> str:
    """The snapshot id, or '' from an unreadable body: a replacing call has worked all the same."""
    try:
        return payloads.snapshot_id(responses.body(answer))
    except errors.BadAnswer:
        return ""
