"""Routes of the playlists app: under /api/v1/ and at the root."""

from django.urls import URLPattern, path

from playlists import api, views

api_urlpatterns: list[URLPattern] = [
    path("playlists/templates", api.Templates.as_view(), name="api-templates"),
    path("playlists/sync", api.SyncAll.as_view(), name="api-sync-all"),
    path("playlists/<str:playlist_id>/sync", api.SyncOne.as_view(), name="api-sync-one"),
    path("playlists/<str:playlist_id>/timeline", api.Timeline.as_view(), name="api-timeline"),
    path("playlists/<str:playlist_id>/restore", api.RestoreDay.as_view(), name="api-restore"),
    path("tracks/<str:spotify_id>/whereabouts", api.Whereabouts.as_view(), name="api-track"),
    path("manager/plan", api.Plan.as_view(), name="api-plan"),
    path("manager/health", api.Health.as_view(), name="api-health"),
    path("manager/execute", api.Execute.as_view(), name="api-execute"),
    path("public/playlists", api.PublicPlaylists.as_view(), name="public-playlists"),
    path("public/playlists/<str:playlist_id>", api.PublicPlaylist.as_view(), name="public-playlist"),
    path("public/playlists/<str:playlist_id>/tracks", api.PublicTracks.as_view(), name="public-tracks"),
    path("public/accounts", api.PublicAccounts.as_view(), name="public-accounts"),
    path(
        "public/accounts/<str:account_id>/playlists",
        api.PublicAccountPlaylists.as_view(),
        name="public-account-playlists",
    ),
]
page_urlpatterns: list[URLPattern] = [
    path("playlists/", views.index, name="playlists"),
    path("playlists/<str:public_id>/", views.detail, name="playlist"),
]
