"""Which value a process gets when several places name one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devstack import environment, places, processes

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "line,value",
    [
        ("NAME=plain", "plain"),
        ("export NAME=exported", "exported"),
        ("NAME = spaced ", "spaced"),
        ("NAME='single # no comment'", "single # no comment"),
        ('NAME="double"  # a comment', "double"),
        ("NAME=value # a comment", "value"),
        ("NAME=with#hash", "with#hash"),
        ("NAME=a=b==", "a=b=="),
        ("NAME=", ""),
    ],
)
def test_a_line_of_dotenv_is_read_as_people_mean_it(line, value):
    assert environment.parse(line) == {"NAME": value}


def test_comments_and_blank_lines_say_nothing():
    assert environment.parse("# NAME=x\n\n   #OTHER=y\nnot a line\n") == {}


def test_the_real_environment_beats_dotenv():
    merged = environment.merge({"PORT": "9000"}, {"PORT": "8000", "DEBUG": "true"})

    assert (merged["PORT"], merged["DEBUG"]) == ("9000", "true")


def test_an_empty_line_of_dotenv_counts_as_absent():
    assert "DATABASE_URL" not in environment.merge({}, {"DATABASE_URL": ""})


def test_dotenv_is_not_read_a_second_time_by_the_children():
    assert environment.merge({}, {})["VIBE_ENV_FILE"] == os.devnull


def test_missing_keys_are_generated_once_and_kept_privately(tmp_path, capsys):
    file = tmp_path / "keys.env"

    first = environment.with_keys({}, file)
    said = capsys.readouterr().err
    second = environment.with_keys({}, file)

    assert first == second
    assert {"SECRET_KEY", "SPOTIFY_TOKEN_KEY", "ADMIN_API_KEY"} <= first.keys()
    assert str(file) in said
    assert first["SECRET_KEY"] not in said
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_generated_token_key_is_a_fernet_key(tmp_path):
    from cryptography.fernet import Fernet

    Fernet(environment.with_keys({}, tmp_path / "keys.env")["SPOTIFY_TOKEN_KEY"])


def test_a_key_that_is_set_is_not_generated(tmp_path):
    given = {"SECRET_KEY": "a", "SPOTIFY_TOKEN_KEY": "b", "ADMIN_API_KEY": "c"}

    assert environment.with_keys(given, tmp_path / "keys.env") == given
    assert not (tmp_path / "keys.env").exists()


KEYS = {"SECRET_KEY": "a", "SPOTIFY_TOKEN_KEY": "b", "ADMIN_API_KEY": "c"}
SHARED = {"DATABASE_URL": "postgres://vibe@db.example/vibe", "VIBE_ENV_FILE": os.devnull}


@pytest.fixture
def clone(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "data_folder", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize("absent", sorted(KEYS))
def test_a_shared_database_without_a_key_is_an_error_that_says_how_to_make_one(clone, absent):
    given = {name: value for name, value in KEYS.items() if name != absent}

    with pytest.raises(processes.ServerError, match=f"^{absent} must be set") as caught:
        environment.for_run(SHARED | given)

    assert "python3 -c" in str(caught.value)
    assert not (clone / "keys.env").exists()


def test_what_the_error_says_makes_keys_that_work(clone):
    from cryptography.fernet import Fernet

    with pytest.raises(processes.ServerError) as caught:
        environment.for_run(SHARED)
    token_key, other = re.findall(r'python3 -c "(.+)"', str(caught.value))
    made = [
        subprocess.check_output([sys.executable, "-c", line], text=True).strip()
        for line in (token_key, other)
    ]

    Fernet(made[0])
    assert len(made[1]) >= 50


def test_a_shared_database_with_its_keys_and_a_clones_own_one_without_start(clone):
    assert environment.for_run(SHARED | KEYS)["SECRET_KEY"] == "a"
    generated = environment.for_run({"VIBE_ENV_FILE": os.devnull})

    assert environment.for_run(SHARED)["SECRET_KEY"] == generated["SECRET_KEY"]


def test_env_example_explains_every_variable_that_the_settings_read():
    settings = (ROOT / "vibe_project" / "settings.py").read_text()
    read = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z][A-Z0-9_]+)\"", settings)) - {"VIBE_ENV_FILE"}
    read -= {"VIBE_PROCESS"}  # says what the process is; nobody sets it by hand
    explained = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert read - explained == set()
