"""What bin/dev.py decides with the standard library alone: whether to install, with what, and what to run."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """bin/dev.py, believing that it lives in an empty clone."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "bin" / "dev.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    for name in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_text(f"{name}==1\n")
    return module


def install(dev, *, development):
    """What an installation leaves behind."""
    dev.PYTHON.parent.mkdir(parents=True, exist_ok=True)
    dev.PYTHON.touch()
    lock = dev.ROOT / ("requirements-dev.lock" if development else "requirements.lock")
    dev._stamp(development).write_text(dev.digest(lock))


def test_a_bare_clone_is_not_stamped(dev):
    assert not dev.is_stamped(dev=False)
    assert not dev.is_stamped(dev=True)


def test_the_development_environment_serves_every_command(dev):
    install(dev, development=True)

    assert dev.is_stamped(dev=True)
    assert dev.is_stamped(dev=False)


def test_the_plain_environment_does_not_serve_the_tests(dev):
    install(dev, development=False)

    assert dev.is_stamped(dev=False)
    assert not dev.is_stamped(dev=True)


def test_a_changed_lock_is_installed_again(dev):
    install(dev, development=True)
    (dev.ROOT / "requirements-dev.lock").write_text("another==2\n")

    assert not dev.is_stamped(dev=True)


def test_a_moved_clone_is_installed_again(dev, tmp_path, monkeypatch):
    install(dev, development=True)
    monkeypatch.setattr(dev, "ROOT", tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "requirements-dev.lock").write_text("requirements-dev.lock==1\n")

    assert not dev.is_stamped(dev=True)


def test_a_stamp_without_its_python_counts_for_nothing(dev):
    install(dev, development=True)
    dev.PYTHON.unlink()

    assert not dev.is_stamped(dev=True)


@pytest.fixture
def ran(dev, monkeypatch):
    """The commands that dev.py would have run; every one succeeds, and making a venv makes its Python."""
    commands = []

    def pretend(argv):
        commands.append(argv)
        if "venv" in argv:
            dev.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            dev.PYTHON.touch()
        return True

    monkeypatch.setattr(dev, "_ran", pretend)
    return commands


def test_uv_on_the_path_makes_and_fills_the_environment(dev, ran, monkeypatch):
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/opt/uv")

    dev.ensure_environment(dev=True)

    assert [argv[:3] for argv in ran] == [["/opt/uv", "venv", "--quiet"], ["/opt/uv", "pip", "sync"]]
    assert dev.is_stamped(dev=True)


def test_where_uv_cannot_install_pip_does(dev, ran, monkeypatch):
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    monkeypatch.setattr(dev, "_uv_through_pip", lambda: None)
    monkeypatch.setattr(dev, "_has_pip", lambda: True)

    dev.ensure_environment(dev=False)

    assert ran[-1][1:4] == ["-m", "pip", "install"]
    assert "--require-hashes" in ran[-1]


def test_a_python_without_ensurepip_is_told_what_to_install_in_one_line(dev, ran, monkeypatch, capsys):
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    with pytest.raises(SystemExit) as stopped:
        dev.ensure_environment(dev=False)

    assert stopped.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert "ensurepip" in last
    assert "-venv" in last
    assert ran == []


def test_an_installation_that_fails_leaves_no_stamp(dev, monkeypatch):
    install(dev, development=False)
    dev._stamp(False).unlink()
    monkeypatch.setattr(dev, "_ran", lambda argv: False)
    monkeypatch.setattr(dev, "_has_pip", lambda: True)

    with pytest.raises(SystemExit):
        dev.ensure_environment(dev=False)

    assert not dev.is_stamped(dev=False)


def test_the_whole_suite_runs_in_several_processes(dev):
    assert "-n" in dev.command_line("test", ["-q"])


@pytest.mark.parametrize(
    "arguments", [["tests/catalog"], ["-k", "name"], ["-n0"], ["--pdb"], ["-x", "tests/a.py"]]
)
def test_a_chosen_part_runs_in_one_process_or_in_as_many_as_asked(dev, arguments):
    assert dev.command_line("test", arguments) == ["-m", "pytest", *arguments]


def test_manage_hands_its_arguments_on(dev):
    assert dev.command_line("manage", ["status", "--json"]) == [
        "-m",
        "devstack",
        "manage",
        "status",
        "--json",
    ]


def test_dev_py_imports_the_standard_library_alone():
    done = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "bin" / "dev.py", "nonsense"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "usage" in done.stderr


@pytest.mark.parametrize("name", ["demo", "test", "run", "manage"])
def test_every_command_is_an_executable_for_the_plain_shell(name):
    command = ROOT / "bin" / name

    assert command.stat().st_mode & 0o111
    assert command.read_text().startswith("#!/bin/sh\n")
