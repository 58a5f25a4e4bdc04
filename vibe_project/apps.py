"""App configs of the project: the console site, and the checks that guard its configuration."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    default_site = "vibe_project.console.ConsoleSite"


class VibeConfig(AppConfig):
    name = "vibe_project"

    def ready(self) -> None:
        from vibe_project import checks, schema  # noqa: F401 - importing registers them
