"""A real Chromium for the pages' tests: the system's or Playwright's own; without one they are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Playwright's event loop lives in the tests' thread, where Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type: Any) -> dict[str, Any]:
    """Launch the Chromium that is there. As root it runs only without its own sandbox."""
    named = next((found for name in SYSTEM_NAMES if (found := shutil.which(name))), None)
    found = named or (browser_type.executable_path if Path(browser_type.executable_path).exists() else None)
    if found is None:
        pytest.skip(f"no Chromium on this machine: neither {', '.join(SYSTEM_NAMES)} nor Playwright's own")
    return {"executable_path": found, "args": ["--no-sandbox"] if os.geteuid() == 0 else []}


@pytest.fixture
def look(browser: Any) -> Iterator[Any]:
    """look(scheme="dark", width=390, javascript=True) -> a page; everything it logs stands in page.logged."""
    contexts = []

    def open_page(
        *, scheme: str = "light", width: int = 1280, javascript: bool = True, **options: Any
    ) -> Any:
        viewport = {"width": width, "height": 850}
        context = browser.new_context(
            viewport=viewport, color_scheme=scheme, java_script_enabled=javascript, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.logged = []
        page.on(
            "console", lambda message: page.logged.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: page.logged.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def axe() -> Any:
    """axe(page) -> the serious and critical violations, each as one line that says where."""
    from axe_playwright_python.sync_playwright import Axe

    def violations(page: Any) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [
            f"{item['id']}: {node['target']} {node.get('failureSummary', '')}"
            for item in found
            if item["impact"] in {"serious", "critical"}
            for node in item["nodes"]
        ]

    return violations
