"""Routes of the curation app: under /api/v1/ and at the root."""

from django.urls import URLPattern, path

from curation import api
from curation.vibes import views

api_urlpatterns: list[URLPattern] = [
    path("playlist/generate", api.Generate.as_view(), name="playlist-generate"),
    path("playlist/create", api.Create.as_view(), name="playlist-create"),
]
page_urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("albums", views.submit_album, name="submit-album"),
    path("v/<id:public_id>", views.vibe_page, name="vibe"),
    path("v/<id:public_id>/save", views.save, name="save-vibe"),
    path("v/<id:public_id>/without", views.leave_out, name="vibe-without"),
]
