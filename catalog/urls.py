"""Routes of the catalog app: under /api/v1/ and at the root."""

from django.urls import URLPattern, path

from catalog import api

api_urlpatterns: list[URLPattern] = [
    path("ingest/albums/validate", api.Validate.as_view(), name="ingest-validate"),
    path("ingest/albums/submit", api.Submit.as_view(), name="ingest-submit"),
    path("ingest/albums/submit-one", api.SubmitOne.as_view(), name="ingest-submit-one"),
    path("ingest/status", api.Status.as_view(), name="ingest-status"),
]
page_urlpatterns: list[URLPattern] = []
