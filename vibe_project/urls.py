"""All addresses: the console, the API under /api/v1/, the pages, and what machines ask."""

from django.contrib import admin
from django.urls import include, path, re_path

import accounts.urls
import catalog.urls
import curation.urls
import playlists.urls
from vibe_project import api, health, schema

api_urlpatterns = [
    *accounts.urls.api_urlpatterns,
    *catalog.urls.api_urlpatterns,
    *curation.urls.api_urlpatterns,
    *playlists.urls.api_urlpatterns,
    path("schema/", schema.Document.as_view(), name="schema"),
    path("docs/", schema.Page.as_view(), name="docs"),
]

handler500 = "vibe_project.failures.answer"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_urlpatterns)),
    re_path(r"^api/", api.not_found),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    *accounts.urls.page_urlpatterns,
    *curation.urls.page_urlpatterns,
    *playlists.urls.page_urlpatterns,
]
