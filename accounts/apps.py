"""The accounts app: service accounts, their tokens, and the one door to Spotify."""

from django.apps import AppConfig
from django.urls import register_converter


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401 - importing registers them
        from accounts.strict_input import ids

        register_converter(ids.OpaqueId, "id")
