"""Routes of the playlists app: under /api/v1/ and at the root."""

from django.urls import URLPattern, path

from playlists import views
from playlists.api import endpoints

api_urlpatterns: list[URLPattern] = [
    path("playlists/templates", endpoints.Templates.as_view(), name="api-templates"),
    path("playlists/sync", endpoints.SyncAll.as_view(), name="api-sync-all"),
    path("playlists/<id:playlist_id>/sync", endpoints.SyncOne.as_view(), name="api-sync-one"),
    path("playlists/<id:playlist_id>/timeline", endpoints.Timeline.as_view(), name="api-timeline"),
    path("playlists/<id:playlist_id>/restore", endpoints.RestoreDay.as_view(), name="api-restore"),
    path("tracks/<id:spotify_id>/whereabouts", endpoints.Whereabouts.as_view(), name="api-track"),
    path("manager/plan", endpoints.Plan.as_view(), name="api-plan"),
    path("manager/health", endpoints.Health.as_view(), name="api-health"),
    path("manager/execute", endpoints.Execute.as_view(), name="api-execute"),
    path("public/playlists", endpoints.PublicPlaylists.as_view(), name="public-playlists"),
    path("public/playlists/<id:playlist_id>", endpoints.PublicPlaylist.as_view(), name="public-playlist"),
    path("public/playlists/<id:playlist_id>/tracks", endpoints.PublicTracks.as_view(), name="public-tracks"),
    path("public/accounts", endpoints.PublicAccounts.as_view(), name="public-accounts"),
    path(
        "public/accounts/<id:account_id>/playlists",
        endpoints.PublicAccountPlaylists.as_view(),
        name="public-account-playlists",
    ),
]
page_urlpatterns: list[URLPattern] = [
    path("playlists/", views.index, name="playlists"),
    path("playlists/<id:public_id>/", views.detail, name="playlist"),
]
