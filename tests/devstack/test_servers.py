"""The embedded servers, started for real."""

import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from devstack import pytest_plugin, servers
from devstack.processes import ServerError


@pytest.fixture
def folder():
    """A folder that the user who runs PostgreSQL for root can enter, with a space in its path."""
    path = Path(tempfile.mkdtemp(prefix="vibe test ", dir=pytest_plugin.scratch()))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def query(server, sql):
    with psycopg.connect(server.url.rsplit("/", 1)[0] + "/postgres") as connection:
        return connection.execute(sql).fetchone()[0]


def test_postgresql_16_starts_keeps_its_data_and_starts_again_after_a_kill(folder):
    first = servers.start_postgres(folder / "pg", durable=True)
    try:
        assert query(first, "SHOW server_version").startswith("16.")
        assert query(first, "SHOW TimeZone") == "UTC"
        assert query(first, "SELECT lower('ÉÖ')") == "éö"
        servers.ensure_database(first.url)
        servers.ensure_database(first.url)  # the second time it is there already
    finally:
        first.process.kill()
        first.process.wait()
    assert (folder / "pg" / "data" / "postmaster.pid").exists()

    second = servers.start_postgres(folder / "pg", durable=False)

    try:
        assert query(second, "SELECT count(*) FROM pg_database WHERE datname = 'vibe'") == 1
    finally:
        servers.stop(second)
    assert second.process.returncode == 0


def test_postgresqls_log_names_an_error_without_the_values_of_the_statement(folder):
    server = servers.start_postgres(folder / "pg", durable=False)
    try:
        with pytest.raises(psycopg.errors.CheckViolation):
            query(server, "CREATE TABLE t (key text CHECK (key = '')); INSERT INTO t VALUES ('canary')")
    finally:
        servers.stop(server)

    log = server.log.read_text()
    assert "t_key_check" in log
    assert "canary" not in log


def test_postgresql_wants_its_password(folder):
    server = servers.start_postgres(folder / "pg", durable=False)
    try:
        address = server.url.split("@")[1].rsplit("/", 1)[0]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgres://vibe:wrong@{address}/postgres")
    finally:
        servers.stop(server)


def test_a_stale_pid_file_whose_number_belongs_to_somebody_else_is_removed(folder):
    pid_file = folder / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n")  # alive, and no PostgreSQL of this folder

    servers.clear_stale_pid(folder)

    assert not pid_file.exists()


def test_a_durable_redis_remembers_over_a_restart(folder):
    for expected in (None, b"kept"):
        server = servers.start_redis(folder / "redis", durable=True)
        try:
            with redis.Redis.from_url(server.url) as connection:
                assert connection.get("key") == expected
                assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
                connection.set("key", "kept")
        finally:
            servers.stop(server)


def test_redis_wants_its_password(folder):
    server = servers.start_redis(folder / "redis", durable=False)
    try:
        address = server.url.split("@")[1]
        with redis.Redis.from_url(f"redis://{address}") as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        servers.stop(server)


def test_a_missing_server_names_the_variable_that_replaces_it(monkeypatch):
    monkeypatch.setattr(servers.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ServerError, match="DATABASE_URL"):
        servers.postgres_binaries(None)
    with pytest.raises(ServerError, match="REDIS_URL"):
        servers.redis_binary()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")
def test_for_root_a_package_out_of_reach_is_copied_to_where_postgres_can_run_it(folder, monkeypatch):
    run_as = servers.who_runs_postgres()
    monkeypatch.setattr(servers, "COPIES", folder)
    real = servers._can_run
    monkeypatch.setattr(
        servers, "_can_run", lambda binary, user: folder in binary.parents and real(binary, user)
    )

    binaries = servers.postgres_binaries(run_as)

    assert folder in binaries.parents
    assert real(binaries / "postgres", run_as)
