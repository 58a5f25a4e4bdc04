"""Writes the map in ARCHITECTURE.md from the first line of every module: `python -m devstack.map`."""

from __future__ import annotations

import ast
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = (
    "bin",
    "devstack",
    "vibe_project",
    "playlists",
    "curation",
    "catalog",
    "accounts",
    "benchmarks",
)
BEGIN, END = "<!-- map: begin -->", "<!-- map: end -->"


def modules() -> list[pathlib.Path]:
    """Every module with something in it, in the order in which the import chain runs."""
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts and path.read_text().strip()]


def purpose(path: pathlib.Path) -> str:
    """The first line of a module's docstring; empty where it has none."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.partition("\n")[0]


def rendered() -> str:
    lines, folder = [], None
    for path in modules():
        relative = path.relative_to(ROOT)
        if relative.parent != folder:
            folder = relative.parent
            lines += ["", f"**{folder}/**", ""]
        lines.append(f"* `{relative.name}`: {purpose(path)}")
    return "\n".join(lines).strip()


def replaced(document: str) -> str:
    """The document with the text between the two marks made anew."""
    head, _, rest = document.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{rendered()}\n\n{END}{tail}"


def main() -> int:
    page = ROOT / "ARCHITECTURE.md"
    page.write_text(replaced(page.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
