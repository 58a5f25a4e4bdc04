"""What an Admin who is no superuser may do to users and roles: nothing beyond their own rights.

Setting the password of somebody with more rights is taking these rights, and so is joining a role or adding
to one. A user who is switched off counts with all that they would have again.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet


def may_edit_user(editor: Any, user: User | str | None) -> bool:
    """`user` or its key, as the console's pages name it; None is the whole list."""
    if editor.is_superuser or user is None:
        return True
    key = str(user.pk if isinstance(user, User) else user)
    if not key.isdecimal() or User.objects.filter(pk=key, is_superuser=True).exists():
        return False
    return not _beyond(editor, Q(user=key) | Q(group__user=key)).exists()


def may_edit_group(editor: Any, group: Group | str | None) -> bool:
    if editor.is_superuser or group is None:
        return True
    return not _beyond(editor, Q(group=group)).exists()


def narrowed(field: Any, name: str, editor: Any) -> Any:
    """A form's field of permissions or roles, with those left out that the editor cannot give."""
    if field is None or editor.is_superuser:
        return field
    if name in {"permissions", "user_permissions"}:
        field.queryset = field.queryset.filter(pk__in=_held(editor))
    elif name == "groups":
        field.queryset = field.queryset.exclude(permissions__in=_beyond(editor, Q()))
    return field


def _held(editor: Any) -> QuerySet[Permission, Any]:
    return Permission.objects.filter(Q(user=editor.pk) | Q(group__user=editor.pk)).values("pk")


def _beyond(editor: Any, whose: Q) -> QuerySet[Permission]:
    """The permissions among these that the editor does not hold."""
    return Permission.objects.filter(whose).exclude(pk__in=_held(editor))
