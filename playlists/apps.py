"""The playlists app: how many playlists, which tracks today, and Spotify made to match."""

from django.apps import AppConfig


class PlaylistsConfig(AppConfig):
    name = "playlists"
