"""What bin/demo gives its processes, and what it refuses to delete."""

import fcntl
import os
import socket

import psycopg
import pytest

from devstack import demo, processes, programs


@pytest.fixture
def quiet_ports(monkeypatch):
    monkeypatch.setattr(processes, "claim", lambda port: True)


def environment(folder, real=None, mode="extended"):
    return demo.demo_environment(real or {}, folder, sandbox_port=9123, mode=mode)


def test_the_demo_speaks_to_the_sandbox_whatever_is_set_outside(tmp_path, quiet_ports):
    real = {
        "SPOTIFY_API_URL": "https://vendor.example/v1",
        "SPOTIFY_CLIENT_ID": "real",
        "GEMINI_API_KEY": "real",
    }

    env = environment(tmp_path, real, mode="development")

    assert env["SPOTIFY_API_URL"] == "http://127.0.0.1:9123/v1"
    assert env["SPOTIFY_ACCOUNTS_URL"] == "http://127.0.0.1:9123/accounts"
    assert env["RECCOBEATS_API_URL"] == "http://127.0.0.1:9123/reccobeats/v1"
    assert env["WIKIDATA_SPARQL_URL"] == "http://127.0.0.1:9123/wikidata/sparql"
    assert env["MUSICBRAINZ_API_URL"] == "http://127.0.0.1:9123/musicbrainz/ws/2"
    assert env["LISTENBRAINZ_API_URL"] == "http://127.0.0.1:9123/listenbrainz/1"
    assert env["SPOTIFY_APP_MODE"] == "development"
    assert "real" not in env.values()


def test_vibe_stays_below_what_the_sandbox_allows(tmp_path, quiet_ports):
    assert int(environment(tmp_path)["SPOTIFY_CALLS_PER_30S"]) < demo.CALLS_PER_30S


def test_the_size_of_the_network_may_come_from_outside(tmp_path, quiet_ports):
    assert environment(tmp_path)["FLOOR_TOTAL_PLAYLISTS"] == "6"
    assert environment(tmp_path, {"FLOOR_TOTAL_PLAYLISTS": "9"})["FLOOR_TOTAL_PLAYLISTS"] == "9"


def test_the_demo_never_uses_the_keys_of_the_real_thing(tmp_path, quiet_ports):
    real = {"SPOTIFY_TOKEN_KEY": "real", "SECRET_KEY": "real", "ADMIN_API_KEY": "real"}

    env = environment(tmp_path, real)

    assert env == environment(tmp_path, real)
    assert "real" not in {env[name] for name in real}


def test_a_second_demo_moves_to_another_port_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(processes, "claim", lambda port: port != 8000)

    env = environment(tmp_path)

    assert env["PORT"] != "8000"
    assert env["PUBLIC_BASE_URL"].endswith(env["PORT"])
    assert "8000 is already taken" in capsys.readouterr().err


def test_a_port_that_was_asked_for_and_is_taken_is_refused_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])

        with pytest.raises(processes.ServerError, match=f"port {port} .* already taken.*PORT="):
            programs.need_free("web", "PORT", {"PORT": port}, 8000)


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1"])
def test_a_port_that_is_no_port_is_refused(text):
    with pytest.raises(processes.ServerError, match="is not a port"):
        programs.need_free("web", "PORT", {"PORT": text}, 8000)


@pytest.fixture
def database():
    """The address of an empty database of its own, and a connection to it."""
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    name = f"demo_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(f"{server}/{name}", autocommit=True) as connection:
            yield f"{server}/{name}", connection
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_demo_empties_its_own_database_at_every_start(database, redis_db):
    url, _ = database
    demo.reset(url, os.environ["REDIS_URL"])
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("CREATE TABLE left_behind (id int)")
    redis_db.set("left behind", 1)

    demo.reset(url, os.environ["REDIS_URL"])

    with psycopg.connect(url) as own:
        assert own.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    assert redis_db.keys() == [b"vibe:demo"]


def test_the_demo_refuses_a_database_that_holds_something_else(database):
    url, connection = database
    connection.execute("CREATE TABLE precious (id int)")

    with pytest.raises(processes.ServerError, match="DATABASE_URL"):
        demo.reset(url, os.environ["REDIS_URL"])

    assert connection.execute("SELECT count(*) FROM precious").fetchone() == (0,)


def test_the_demo_refuses_a_redis_that_holds_something_else(database, redis_db):
    url, _ = database
    redis_db.set("precious", 1)

    with pytest.raises(processes.ServerError, match="REDIS_URL"):
        demo.reset(url, os.environ["REDIS_URL"])

    assert redis_db.get("precious") == b"1"


@pytest.mark.parametrize("arguments", [["--albums", "0"], ["--mode", "other"], ["--nonsense"]])
def test_nonsense_is_a_usage_error(arguments):
    with pytest.raises(SystemExit) as stopped:
        demo.run(arguments)

    assert stopped.value.code == 2


def test_only_a_running_demo_can_be_attached_to(tmp_path, monkeypatch):
    monkeypatch.setattr(demo.places, "data_folder", lambda: tmp_path)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "environment.json").write_text('{"PORT": "8123"}')
    with pytest.raises(processes.ServerError, match="no demo"):
        demo.attached()

    with open(tmp_path / "demo" / "demo.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert demo.attached() == {"PORT": "8123"}
        with pytest.raises(processes.ServerError, match="already running"):
            demo.run([])
