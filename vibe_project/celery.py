"""The Celery app; its tasks live in each app's tasks.py under the names that operators know."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe_project.settings")

app = Celery("vibe")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
