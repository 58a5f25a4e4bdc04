"""The curation app: policies, the allocation engine and the vibe generator."""

from django.apps import AppConfig


class CurationConfig(AppConfig):
    name = "curation"
