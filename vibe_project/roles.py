"""The console's roles as groups: Viewer, Curator, Operator, Admin, each with what the one before may do."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

OUR_APPS = ("accounts", "catalog", "curation", "playlists")
LOOKED_AT = (*OUR_APPS, "django_celery_beat", "admin")

# "app.codename"; a name that ends in * is a beginning. Each role adds to the one before it.
ROLES: dict[str, tuple[str, ...]] = {
    "Viewer": tuple(f"{app}.view_*" for app in LOOKED_AT),
    "Curator": (
        "curation.add_curationpolicy",
        "curation.change_curationpolicy",
        "playlists.add_playlist",
        "playlists.change_playlist",
        "catalog.add_block",
        "catalog.change_block",
        "catalog.delete_block",
    ),
    "Operator": (
        "catalog.add_batch",
        "catalog.change_*",
        "accounts.add_account",
        "accounts.change_*",
        "playlists.add_pause",
        "playlists.change_*",
        "django_celery_beat.add_*",
        "django_celery_beat.change_*",
    ),
    "Admin": ("auth.*", "django_celery_beat.delete_*"),
}


def ensure() -> int:
    """Make the groups that are missing; how many. Those that exist keep what operators made of them."""
    made = 0
    with transaction.atomic():
        names: tuple[str, ...] = ()
        for role, added in ROLES.items():
            names += added
            group, is_new = Group.objects.get_or_create(name=role)
            if is_new:
                group.permissions.set(permissions(names))
                made += 1
    return made


def permissions(names: Iterable[str]) -> list[Permission]:
    """The permissions that these names stand for."""
    wanted = Q()
    for name in names:
        app, codename = name.split(".")
        beginning = codename.removesuffix("*")
        lookup = "codename__startswith" if codename.endswith("*") else "codename"
        wanted |= Q(content_type__app_label=app, **{lookup: beginning})
    return list(Permission.objects.filter(wanted))
