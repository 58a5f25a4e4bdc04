"""The console as a whole: every page opens cheaply, only for whom it should, and no secret is on any."""

from __future__ import annotations

import json

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from tests.vibe_project import rows
from vibe_project import roles

pytestmark = pytest.mark.django_db

MODELS = sorted((model._meta.app_label, model._meta.model_name) for model in admin.site._registry)
LIST_QUERIES, ROW_QUERIES = 6, 11


@pytest.fixture
def everything():
    rows.make()


@pytest.fixture
def viewer(client):
    roles.ensure()
    user = User.objects.create_user("viewer", is_staff=True)
    user.groups.add(Group.objects.get(name="Viewer"))
    client.force_login(user)
    return client


def model_of(app, name):
    return next(m for m in admin.site._registry if (m._meta.app_label, m._meta.model_name) == (app, name))


def test_every_model_of_the_four_apps_is_in_the_console():
    from django.apps import apps

    ours = {
        m
        for app in ("accounts", "catalog", "curation", "playlists")
        for m in apps.get_app_config(app).get_models()
    }

    assert ours <= set(admin.site._registry)


@pytest.mark.parametrize(("app", "name"), MODELS)
def test_a_list_opens_with_few_queries_and_shows_no_token(
    admin_client, everything, django_assert_max_num_queries, app, name
):
    with django_assert_max_num_queries(LIST_QUERIES):
        page = admin_client.get(reverse(f"admin:{app}_{name}_changelist"))

    assert page.status_code == 200
    assert "CANARY" not in page.text


@pytest.mark.parametrize(("app", "name"), MODELS)
def test_a_list_can_be_searched_for_anything(admin_client, everything, app, name):
    url = reverse(f"admin:{app}_{name}_changelist")

    for term in (rows.TRACK, f"https://open.spotify.com/album/{rows.ALBUM}?si=1", "ja", "%"):
        assert admin_client.get(url, {"q": term}).status_code == 200
    assert admin_client.get(url, {"q": "\x00"}).status_code == 400


@pytest.mark.parametrize(("app", "name"), MODELS)
def test_a_row_opens_with_few_queries_and_shows_no_token(
    admin_client, everything, django_assert_max_num_queries, app, name
):
    row = model_of(app, name).objects.first()

    with django_assert_max_num_queries(ROW_QUERIES):
        page = admin_client.get(reverse(f"admin:{app}_{name}_change", args=[row.pk]))

    assert page.status_code == 200
    assert "CANARY" not in page.text
    assert "gAAAA" not in page.text


def test_a_row_that_is_not_there_sends_back_to_the_front_page(admin_client):
    for app, name in MODELS:
        for given in ("999999", "no-number"):
            assert admin_client.get(reverse(f"admin:{app}_{name}_change", args=[given])).status_code == 302


def test_a_stranger_is_sent_to_the_login(client):
    for app, name in MODELS:
        answer = client.get(reverse(f"admin:{app}_{name}_changelist"))

        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


# Downloads: they change nothing, so they ask nothing, and whoever may look may have them.
DOWNLOADS = {"catalog.AlbumSource.export"}


def actions():
    """Every page that does something: (model admin, url name, needs a row)."""
    for model, model_admin in admin.site._registry.items():
        for found in model_admin._get_base_actions_list():
            if (name := f"{model._meta.label}.{found.path}") not in DOWNLOADS:
                yield name, model, found, False
        for found in model_admin._get_base_actions_detail():
            yield f"{model._meta.label}.{found.path}", model, found, True


ACTIONS = [pytest.param(model, found, has_row, id=name) for name, model, found, has_row in actions()]


def address(model, found, has_row):
    return reverse(f"admin:{found.action_name}", args=[model.objects.first().pk] if has_row else [])


@pytest.mark.parametrize(("model", "found", "has_row"), ACTIONS)
def test_an_action_asks_first_and_asking_changes_nothing(admin_client, everything, model, found, has_row):
    before = LogEntry.objects.count()

    page = admin_client.get(address(model, found, has_row))

    assert page.status_code == 200
    assert 'id="dialog"' in page.text
    assert LogEntry.objects.count() == before


def test_a_viewer_can_do_nothing(viewer, everything):
    for _, model, found, has_row in actions():
        answer = viewer.post(address(model, found, has_row), {"_form_submitted": "on", "reason": "x"})

        assert answer.status_code == 403, found.action_name


def test_no_action_works_without_the_csrf_token(admin_user, everything, client):
    client.handler.enforce_csrf_checks = True
    client.force_login(admin_user)

    for _, model, found, has_row in actions():
        answer = client.post(address(model, found, has_row), {"_form_submitted": "on", "reason": "x"})

        assert answer.status_code == 403, found.action_name


def test_a_viewer_may_look_at_everything_of_ours(viewer, everything):
    for app, name in MODELS:
        if app in {"accounts", "catalog", "curation", "playlists"}:
            assert viewer.get(reverse(f"admin:{app}_{name}_changelist")).status_code == 200


def test_a_viewer_may_download_the_sources(viewer, everything):
    answer = viewer.get(reverse("admin:catalog_albumsource_export"))

    assert answer["Content-Type"].startswith("text/csv")
    assert answer.getvalue().startswith(b"spotify_album_id,")


def test_a_viewer_may_not_submit_albums(viewer):
    assert viewer.get(reverse("admin:catalog_batch_add")).status_code == 403


def test_roles_are_made_once_and_then_belong_to_the_operators():
    assert roles.ensure() == 4
    Group.objects.get(name="Curator").permissions.clear()

    assert roles.ensure() == 0
    assert not Group.objects.get(name="Curator").permissions.exists()


def test_each_role_may_what_the_one_before_may():
    roles.ensure()
    viewer, curator, operator, chief = (
        {found.pk for found in Group.objects.get(name=name).permissions.all()} for name in roles.ROLES
    )

    assert viewer < curator < operator < chief


def test_no_role_below_admin_may_change_users():
    roles.ensure()

    for name in ("Viewer", "Curator", "Operator"):
        codes = Group.objects.get(name=name).permissions.values_list("content_type__app_label", flat=True)
        assert "auth" not in set(codes)


def test_the_browser_may_evaluate_only_inside_the_console(admin_client):
    assert "'unsafe-eval'" in admin_client.get("/admin/")["Content-Security-Policy"]
    assert "'unsafe-eval'" not in admin_client.get("/")["Content-Security-Policy"]


def test_the_sidebar_marks_one_place(admin_client):
    here = "-mx-3 px-3 rounded-default hover:text-primary-600 dark:hover:text-primary-500 bg-base-100"

    for url in (reverse("admin:catalog_batch_add"), reverse("admin:catalog_batch_changelist"), "/admin/"):
        assert admin_client.get(url).text.count(here) == 1


# --- the schedule


def seeded():
    call_command("seed_schedule")
    return PeriodicTask.objects.get(task="sync_playlists_daily")


def bulk(client, action, row, **more):
    url = reverse("admin:django_celery_beat_periodictask_changelist")
    return client.post(url, {"action": action, "_selected_action": [row.pk], **more}, follow=True)


def test_a_row_of_the_schedule_can_be_edited_and_stays_utc(admin_client):
    row = seeded()
    url = reverse("admin:django_celery_beat_crontabschedule_change", args=[row.crontab_id])
    times = {"minute": "25", "hour": "5", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*"}

    answer = admin_client.post(url, times | {"timezone": "Europe/Berlin"})

    assert answer.status_code == 302
    cron = CrontabSchedule.objects.get(pk=row.crontab_id)
    assert (cron.hour, cron.minute, str(cron.timezone)) == ("5", "25", "UTC")


def test_a_row_of_the_schedule_saves_as_it_is(admin_client):
    row = seeded()
    url = reverse("admin:django_celery_beat_periodictask_change", args=[row.pk])
    form = admin_client.get(url).context["adminform"].form
    given = {name: value for name, value in form.initial.items() if value is not None}

    answer = admin_client.post(url, given | {"regtask": row.task, "description": "Edited."})

    assert answer.status_code == 302
    assert PeriodicTask.objects.get(pk=row.pk).description == "Edited."


def test_disabling_asks_first_then_clears_the_last_run_and_is_recorded(admin_client):
    row = seeded()

    question = bulk(admin_client, "disable", row)
    assert "Disable these rows of the schedule?" in question.text
    assert PeriodicTask.objects.get(pk=row.pk).enabled

    bulk(admin_client, "disable", row, confirmed="yes")
    disabled = PeriodicTask.objects.get(pk=row.pk)
    assert not disabled.enabled
    assert disabled.last_run_at is None
    assert LogEntry.objects.get(object_id=str(row.pk)).change_message == "Disabled in the schedule."


def test_running_a_row_now_rings_its_task(admin_client, redis_db):
    row = seeded()

    bulk(admin_client, "run_now", row, confirmed="yes")

    message = json.loads(redis_db.lpop("sync"))
    assert message["headers"]["task"] == "sync_playlists_daily"
    assert LogEntry.objects.get(object_id=str(row.pk)).change_message == "Run by hand."
