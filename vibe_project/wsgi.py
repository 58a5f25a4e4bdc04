"""The WSGI entry point of the web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe_project.settings")
os.environ.setdefault("VIBE_PROCESS", "web")

django_application = get_wsgi_application()

from vibe_project import request_guard  # noqa: E402 - it needs the settings

application = request_guard.whole_bodies(django_application)
