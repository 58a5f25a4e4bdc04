"""One embedded server, shared by the commands of a clone and gone with the last of them."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psycopg
import pytest
import redis

from devstack import keeper, pytest_plugin
from devstack.processes import ServerError
from tests.devstack.waiting import until


def answers(url):
    if url.startswith("postgres"):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=5).close()
            return True
        return False
    try:
        with redis.Redis.from_url(url) as connection:
            return bool(connection.ping())
    except redis.ConnectionError:
        return False


def test_two_commands_share_one_server_until_the_last_has_left(tmp_path):
    first = keeper.join("redis", tmp_path / "redis", durable=False)
    second = keeper.join("redis", tmp_path / "redis", durable=False)
    assert first.url == second.url

    first.leave()
    assert answers(second.url)

    second.leave()
    assert not second.is_kept()
    assert not answers(second.url)


def test_the_server_starts_again_for_the_next_command(tmp_path):
    keeper.join("redis", tmp_path / "redis", durable=False).leave()

    again = keeper.join("redis", tmp_path / "redis", durable=False)

    assert answers(again.url)
    again.leave()


USER = """
import sys
from pathlib import Path
from devstack import keeper
member = keeper.join("redis", Path(sys.argv[1]), durable=False)
print(member.url, flush=True)
sys.stdin.read()
"""


def start_user(folder):
    user = subprocess.Popen(
        [sys.executable, "-c", USER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return user, user.stdout.readline().strip()


@pytest.mark.crash
def test_a_command_that_comes_while_the_server_goes_away_waits_for_its_own(tmp_path):
    locks = tmp_path / "redis.redis"
    locks.mkdir(mode=0o700)
    leaving = keeper._open(locks / "keeper.lock")
    fcntl.flock(leaving, fcntl.LOCK_EX)
    threading.Timer(0.3, leaving.close).start()

    mine = keeper.join("redis", tmp_path / "redis", durable=False)

    assert answers(mine.url)
    mine.leave()


def test_a_command_killed_with_9_leaves_no_server_behind(tmp_path):
    user, url = start_user(tmp_path / "redis")
    assert answers(url)

    user.kill()
    user.communicate()

    until(lambda: not answers(url))


@pytest.mark.crash
def test_the_server_stays_for_the_others_when_the_command_that_started_it_is_killed(tmp_path):
    starter, url = start_user(tmp_path / "redis")
    other = keeper.join("redis", tmp_path / "redis", durable=False)

    starter.kill()
    starter.communicate()

    assert other.url == url
    assert answers(url)
    other.leave()


@pytest.mark.crash
@pytest.mark.parametrize("kind", ["redis", "postgres"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_ends_while_it_is_used_is_started_again_where_it_was(kind, number):
    with tempfile.TemporaryDirectory(dir=pytest_plugin.scratch()) as home:
        Path(home).chmod(0o711)  # the user who runs PostgreSQL for root must get through to its own folder
        member = keeper.join(kind, Path(home) / kind, durable=False)
        state = member.folder / "state.json"
        ended = json.loads(state.read_text())["pid"]

        os.kill(ended, number)
        until(lambda: json.loads(state.read_text())["pid"] != ended)

        assert answers(member.url)
        assert member.is_kept()
        member.leave()
        assert not answers(member.url)


def test_a_server_that_cannot_start_says_why(tmp_path):
    (tmp_path / "redis").write_text("a file where the folder should be")

    with pytest.raises(ServerError, match=r"keeper\.log"):
        keeper.join("redis", tmp_path / "redis", durable=False)


def test_servers_that_are_given_are_not_started():
    env = {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere/1"}

    assert keeper.with_servers(env, "run") == []
    assert env == {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere/1"}


def test_each_server_is_replaced_on_its_own(monkeypatch, tmp_path):
    monkeypatch.setattr(keeper.places, "redis_folder", lambda purpose: tmp_path / "redis")
    env = {"DATABASE_URL": "postgres://elsewhere/db"}

    (member,) = keeper.with_servers(env, "run", durable=False)

    assert env["DATABASE_URL"] == "postgres://elsewhere/db"
    assert answers(env["REDIS_URL"])
    member.leave()
