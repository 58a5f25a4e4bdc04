"""The project: settings, routes, the Celery app and the console site; imported by nobody below it."""

from vibe_project.celery import app as celery_app

__all__ = ["celery_app"]
