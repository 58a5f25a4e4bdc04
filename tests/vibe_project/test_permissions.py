"""Who may open which page of the console: a table of every page that is not a plain list or row, by role."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from catalog.models import Batch
from curation.models import CurationPolicy
from playlists.models import Playlist
from tests.vibe_project import rows
from vibe_project import roles

pytestmark = pytest.mark.django_db
ROLES = ("nobody", "Viewer", "Curator", "Operator", "Admin", "superuser")
# Django's and Unfold's own, with checks of their own.
BUILT_IN = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n",
    "view_on_site", "app_list", "search", "second_factor", None,
}  # fmt: skip
PLAIN = ("_changelist", "_add", "_history", "_delete", "_change")
# The first role, in the order above, that may.
FIRST = {
    "logins": "Admin",
    "auth_user_password_change": "Admin",
    "auth_user_reset_second_factor": "Admin",
    "accounts_account_connect": "Operator",
    "accounts_account_reconnect": "Operator",
    "accounts_account_activate": "Operator",
    "accounts_account_deactivate": "Operator",
    "accounts_circuit_close": "Operator",
    "catalog_albumsource_requeue": "Operator",
    "catalog_albumsource_set_aside_many": "Operator",
    "catalog_albumsource_export": "Viewer",
    "catalog_albumsource_set_aside": "Operator",
    "catalog_batch_rejects": "Viewer",
    "catalog_album_block": "Curator",
    "catalog_artist_block": "Curator",
    "catalog_artist_unblock": "Curator",
    "catalog_artist_tag": "Operator",
    "catalog_track_block": "Curator",
    "catalog_track_ask_again": "Operator",
    "curation_policy_doctor": "Viewer",
    "curation_policyrevision_restore": "Curator",
    "playlists_playlistcopy_sync_now": "Operator",
    "playlists_playlistcopy_keep_edit": "Operator",
    "playlists_playlistcopy_overwrite_edit": "Operator",
    "playlists_playlistcopy_recreate": "Operator",
    "playlists_playlistcopy_detach": "Operator",
    "playlists_playlist_days": "Viewer",
    "playlists_playlist_build_now": "Curator",
    "playlists_playlist_sync_now": "Curator",
    "playlists_stagerun_run_scale": "Operator",
    "playlists_stagerun_run_ingest": "Operator",
    "playlists_stagerun_run_enrich": "Operator",
    "playlists_stagerun_run_curate": "Operator",
    "playlists_stagerun_run_sync": "Operator",
    "playlists_pause_begin": "Operator",
    "playlists_pause_resume": "Operator",
    "playlists_pause_go_on": "Operator",
    "playlists_pause_stop": "Operator",
    "playlists_managerplan_what_if": "Viewer",
    "playlists_health": "Viewer",
    "playlists_health_figures": "Viewer",
    "playlists_managerplan_propose": "Operator",
    "playlists_managerplan_apply": "Operator",
    "playlists_snapshot_restore": "Operator",
}


def routes(patterns=None):
    """{name: whether its address names a row}."""
    found = {}
    for pattern in patterns or admin.site.urls[0]:
        if hasattr(pattern, "url_patterns"):
            found |= routes(pattern.url_patterns)
        elif pattern.name not in BUILT_IN and (not pattern.name.endswith(PLAIN) or pattern.name in FIRST):
            found[pattern.name] = bool(pattern.pattern.converters)
    return found


def address(name):
    if not routes()[name]:
        return reverse(f"admin:{name}")
    return reverse(f"admin:{name}", args=[_row_of(name)])


def _row_of(name):
    special = {
        "curation_policy_doctor": CurationPolicy,
        "catalog_batch_rejects": Batch,
        "playlists_playlist_days": Playlist,
    }
    for model in [special[name]] if name in special else admin.site._registry:
        if name in special or name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return model.objects.order_by("pk").first().pk
    raise LookupError(name)


@pytest.fixture
def everything():
    roles.ensure()
    rows.make()


def signed_in(client, role):
    user = User.objects.create_user(f"a-{role}", is_staff=True, is_superuser=role == "superuser")
    if role not in {"nobody", "superuser"}:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def test_every_page_of_the_console_is_in_the_table():
    assert set(routes()) == set(FIRST)


@pytest.mark.parametrize("role", ROLES)
def test_a_page_opens_from_its_first_role_on(client, everything, role):
    signed_in(client, role)

    found = {name: client.get(address(name)).status_code for name in FIRST}

    rank = ROLES.index(role)
    assert found == {name: 200 if rank >= ROLES.index(first) else 403 for name, first in FIRST.items()}


def test_a_stranger_is_sent_to_the_login(client, everything):
    for name in FIRST:
        answer = client.get(address(name))

        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")


# --- what the Admin role may not give itself


@pytest.fixture
def chief(client, everything):
    return signed_in(client, "Admin")


def saved(client, user, **changes):
    """The user's form, sent back with these changes."""
    given = {
        "username": user.username, "first_name": "", "last_name": "", "email": "", "is_active": "on",
        "is_staff": "on", "groups": list(user.groups.values_list("pk", flat=True)),
        "user_permissions": list(user.user_permissions.values_list("pk", flat=True)),
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
    }  # fmt: skip
    return client.post(reverse("admin:auth_user_change", args=[user.pk]), given | changes)


def test_the_admin_role_does_not_make_itself_superuser(client, chief):
    answer = saved(client, chief, is_superuser="on")

    assert answer.status_code == 302
    assert not User.objects.get(pk=chief.pk).is_superuser


def test_the_admin_role_makes_nobody_else_superuser(client, chief):
    other = User.objects.create_user("other", is_staff=True)

    saved(client, other, is_superuser="on")
    client.post(
        reverse("admin:auth_user_add"),
        {"username": "new", "password1": "Xk2-pq8-vv3z", "password2": "Xk2-pq8-vv3z", "is_superuser": "on",
         "usable_password": "true"},
    )  # fmt: skip

    assert User.objects.filter(username="new").exists()
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.parametrize("what", ["change", "delete", "password_change", "reset_second_factor"])
def test_the_admin_role_does_not_touch_a_superuser(client, chief, what):
    boss = User.objects.create_superuser("boss", password="engine-number-one")
    url = reverse(f"admin:auth_user_{what}", args=[boss.pk])
    wish = {"post": "yes", "password1": "Xk2-pq8-vv3z", "password2": "Xk2-pq8-vv3z", "_form_submitted": "on"}

    answer = client.post(url, wish | {"usable_password": "true", "username": "boss"})

    assert answer.status_code == 403
    assert User.objects.get(username="boss").check_password("engine-number-one")


def test_the_admin_role_does_not_delete_a_superuser_among_others(client, chief):
    boss = User.objects.create_superuser("boss", password="engine-number-one")
    wish = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}

    client.post(reverse("admin:auth_user_changelist"), wish)

    assert User.objects.filter(username="boss").exists()


def rare():
    """A permission that no role has."""
    return Permission.objects.get(content_type__app_label="sessions", codename="delete_session")


@pytest.mark.parametrize("is_active", [True, False])
def test_the_admin_role_does_not_touch_a_user_with_more_rights(client, chief, is_active):
    other = User.objects.create_user("other", is_staff=True, is_active=is_active)
    other.user_permissions.add(rare())

    assert saved(client, other).status_code == 403


def test_the_admin_role_gives_no_permission_that_it_lacks(client, chief):
    held = Permission.objects.get(codename="view_track", content_type__app_label="catalog")
    other = User.objects.create_user("other", is_staff=True)

    refused = saved(client, other, user_permissions=[rare().pk])
    taken = saved(client, other, user_permissions=[held.pk])

    assert (refused.status_code, taken.status_code) == (200, 302)
    assert list(other.user_permissions.all()) == [held]


def test_the_admin_role_gives_no_role_that_has_more(client, chief):
    strong = Group.objects.create(name="Strong")
    strong.permissions.add(rare())

    refused = saved(client, chief, groups=[strong.pk, *chief.groups.values_list("pk", flat=True)])
    taken = saved(client, chief, groups=[*Group.objects.exclude(pk=strong.pk).values_list("pk", flat=True)])

    assert (refused.status_code, taken.status_code) == (200, 302)
    assert strong not in chief.groups.all()


def test_the_admin_role_adds_no_permission_that_it_lacks_to_a_role(client, chief):
    mine, strong = chief.groups.get(), Group.objects.create(name="Strong")
    strong.permissions.add(rare())
    held = list(mine.permissions.values_list("pk", flat=True))

    def answers(group):
        wish = {"name": group.name, "permissions": [*held, rare().pk]}
        return client.post(reverse("admin:auth_group_change", args=[group.pk]), wish).status_code

    assert (answers(mine), answers(strong)) == (200, 403)
    assert rare() not in mine.permissions.all()


def test_a_superuser_may_all_of_that(admin_client, everything):
    other = User.objects.create_user("other", is_staff=True)

    saved(admin_client, other, is_superuser="on", user_permissions=[rare().pk])

    found = User.objects.get(pk=other.pk)
    assert found.is_superuser
    assert list(found.user_permissions.all()) == [rare()]


def test_a_reset_takes_the_second_factor_away_and_is_recorded(client, chief):
    from django.contrib.admin.models import LogEntry
    from django_otp.plugins.otp_totp.models import TOTPDevice

    other = User.objects.create_user("other", is_staff=True)
    TOTPDevice.objects.create(user=other)

    client.post(reverse("admin:auth_user_reset_second_factor", args=[other.pk]), {"_form_submitted": "on"})

    assert not TOTPDevice.objects.exists()
    assert LogEntry.objects.filter(object_id=str(other.pk), change_message__contains="second factor").exists()
