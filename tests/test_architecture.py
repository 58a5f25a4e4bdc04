"""The house rules that a machine can hold: the map, first lines, sizes, forbidden names and the chain."""

from __future__ import annotations

import ast
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGES = [
    "bin",
    "devstack",
    "vibe_project",
    "playlists",
    "curation",
    "catalog",
    "accounts",
    "sandbox",
    "benchmarks",
]
APPS = [
    "accounts",
    "catalog",
    "curation",
    "playlists",
    "vibe_project",
]  # each may import those before it
FORBIDDEN_NAMES = {
    "utils",
    "helpers",
    "services",
    "selectors",
    "common",
    "core",
    "mixins",
    "constants",
    "signals",
}
MODULES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts and path.read_text().strip()
]


def sources() -> list[pathlib.Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def functions(path: pathlib.Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def purpose(path: pathlib.Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_module_says_in_its_first_line_what_it_is_for():
    silent = [str(path.relative_to(ROOT)) for path in MODULES if not purpose(path)]

    assert silent == []


def test_the_walks_in_the_architecture_page_lead_to_functions_that_exist():
    walked = re.findall(r"`(\w+/[\w/]+\.py):(\w+)`", (ROOT / "ARCHITECTURE.md").read_text())
    lost = [
        f"{file}:{name}"
        for file, name in walked
        if not (ROOT / file).is_file()
        or not re.search(rf"^(def|class) {name}\b", (ROOT / file).read_text(), re.M)
    ]

    assert len(walked) > 25
    assert lost == []


def test_no_function_is_longer_than_fifty_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in functions(path)
        if length(node) > 50
    ]

    assert long == []


def test_the_median_function_is_shorter_than_ten_lines():
    lengths = sorted(length(node) for path in MODULES for node in functions(path))

    assert lengths[len(lengths) // 2] < 10


def test_no_file_is_longer_than_four_hundred_lines():
    long = [str(path.relative_to(ROOT)) for path in MODULES if path.read_text().count("\n") > 400]

    assert long == []


def test_no_module_has_a_name_that_says_nothing():
    assert [str(path) for path in MODULES if path.stem in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("app", APPS[:-1])
def test_no_app_reaches_up_the_chain_by_a_string(app):
    above = "|".join(APPS[APPS.index(app) + 1 :])
    by_string = re.compile(rf"""(ForeignKey|OneToOneField|ManyToManyField|get_model)\(\s*["']({above})\b""")
    offenders = [str(path) for path in (ROOT / app).rglob("*.py") if by_string.search(path.read_text())]

    assert offenders == []


def test_nothing_committed_holds_a_path_of_a_machine_or_the_host_of_a_package_index():
    forbidden = re.compile(rb"/(?:root|home/\w+)/|\bfiles\.pythonhosted\b|\bpypi\.org\b|registry\.npmjs")
    offenders = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path != pathlib.Path(__file__) and forbidden.search(path.read_bytes())
    ]

    assert offenders == []


def test_there_are_no_signal_receivers():
    receiver = re.compile(r"^@receiver|\b(?:post|pre)_(?:save|delete)\.connect", re.MULTILINE)

    assert [str(path) for path in MODULES if receiver.search(path.read_text())] == []
