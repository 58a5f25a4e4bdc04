"""Where a clone keeps its data."""

import os

import pytest

from devstack import places


def test_a_clone_keeps_its_data_privately_inside_itself(tmp_path):
    folder = places.data_folder(tmp_path)

    assert folder == tmp_path / ".vibe"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_clone_that_cannot_hold_data_has_a_folder_outside(tmp_path, monkeypatch):
    (tmp_path / ".vibe").write_text("in the way")
    outside = tmp_path / "outside"
    monkeypatch.setattr(places, "_outside", lambda root: outside)

    assert places.data_folder(tmp_path) == outside


def test_two_clones_never_share_postgresql(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()

    assert places.postgres_folder("run", one) != places.postgres_folder("run", other)


def test_the_demo_and_the_real_thing_never_share_postgresql(tmp_path):
    assert places.postgres_folder("run", tmp_path) != places.postgres_folder("demo", tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must leave its clone")
def test_for_root_postgresql_lives_where_another_user_can_enter(tmp_path):
    assert places.postgres_folder("run", tmp_path).parent == places.VAR_TMP
