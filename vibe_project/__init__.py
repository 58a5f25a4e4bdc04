"""The project: settings, routes, the Celery app and the console site; imported by no app."""

from vibe_project.celery import app as celery_app

__all__ = ["celery_app"]
