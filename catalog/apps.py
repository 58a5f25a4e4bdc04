"""The catalog app: album sources, albums, tracks and what each track sounds like."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
