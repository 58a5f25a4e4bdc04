"""What deleted clones left outside themselves goes at the next start, and nothing else does."""

import fcntl
import json
import os

import pytest

from devstack import leftovers, places


@pytest.fixture
def var_tmp(tmp_path, monkeypatch):
    folder = tmp_path / "var-tmp"
    folder.mkdir()
    monkeypatch.setattr(places, "VAR_TMP", folder)
    monkeypatch.setattr(places.os, "geteuid", lambda: 0)  # for root everything lies outside the clone
    monkeypatch.setattr(leftovers, "_our_users", lambda: {os.getuid()})
    monkeypatch.setattr(leftovers, "_is_mine", _owned_by_this_user)
    return folder


def _owned_by_this_user(path, users):
    return path.exists() and not path.is_symlink() and path.lstat().st_uid == os.getuid()


def clone(tmp_path, name="clone"):
    """A clone that has run: its note and its database."""
    root = tmp_path / name
    root.mkdir()
    leftovers.note_and_clear(root)
    data = places.postgres_folder("run", root)
    locks = data.with_name(f"{data.name}.postgres")
    for folder in (data, locks):
        folder.mkdir()
    (data / "PG_VERSION").write_text("16")
    (locks / "keeper.lock").touch()
    return root, data, locks


def started(tmp_path):
    """Another clone starts."""
    other = tmp_path / "other"
    other.mkdir(exist_ok=True)
    return leftovers.note_and_clear(other)


def test_the_database_of_a_deleted_clone_is_removed_with_its_locks_and_its_note(tmp_path, var_tmp):
    root, data, locks = clone(tmp_path)
    root.rmdir()

    removed = started(tmp_path)

    assert set(removed) == {data, locks}
    assert [left.name for left in var_tmp.iterdir()] == [f"vibe-{places.key(tmp_path / 'other')}.clone"]


def test_the_database_of_a_clone_that_is_there_stays(tmp_path, var_tmp):
    _, data, _ = clone(tmp_path)

    assert started(tmp_path) == []
    assert data.exists()


def test_a_database_in_use_stays_until_it_is_not(tmp_path, var_tmp):
    root, data, locks = clone(tmp_path)
    root.rmdir()

    with open(locks / "keeper.lock") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert started(tmp_path) == []
    assert data.exists()

    assert data in started(tmp_path)


def test_a_clone_on_a_file_system_that_is_not_mounted_keeps_its_database(tmp_path, var_tmp):
    root, data, _ = clone(tmp_path)
    note = var_tmp / f"vibe-{places.key(root)}.clone"
    said = json.loads(note.read_text())
    note.write_text(json.dumps(said | {"device": said["device"] + 1}))
    root.rmdir()

    assert started(tmp_path) == []
    assert data.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"root": 7}', '{"root": "/nowhere", "device": 1}'])
def test_a_note_that_does_not_name_its_own_clone_removes_nothing(tmp_path, var_tmp, text):
    root, data, _ = clone(tmp_path)
    (var_tmp / f"vibe-{places.key(root)}.clone").write_text(text)
    root.rmdir()

    assert started(tmp_path) == []
    assert data.exists()


def test_what_has_no_note_stays(tmp_path, var_tmp):
    root, data, _ = clone(tmp_path)
    (var_tmp / f"vibe-{places.key(root)}.clone").unlink()
    root.rmdir()

    assert started(tmp_path) == []
    assert data.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's files")
@pytest.mark.parametrize("whose", ["note", "data"])
def test_what_belongs_to_another_user_is_left_alone(tmp_path, monkeypatch, whose):
    folder = tmp_path / "var-tmp"
    folder.mkdir()
    monkeypatch.setattr(places, "VAR_TMP", folder)
    root, data, locks = clone(tmp_path)
    note = folder / f"vibe-{places.key(root)}.clone"
    os.chown(note if whose == "note" else data, 54321, 54321)
    root.rmdir()

    removed = started(tmp_path)

    assert data.exists()
    assert removed == ([] if whose == "note" else [locks])


def test_a_link_is_never_followed(tmp_path, var_tmp):
    root, data, _ = clone(tmp_path)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    (data / "PG_VERSION").unlink()
    data.rmdir()
    data.symlink_to(precious)
    root.rmdir()

    started(tmp_path)

    assert (precious / "file").exists()
