"""The ASGI entry point of the web process."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe_project.settings")
os.environ.setdefault("VIBE_PROCESS", "web")

application = get_asgi_application()
