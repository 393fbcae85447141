"""Fixtures that several packages' tests share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser import bundled, chromium

COMPILED = Path(__file__).parents[1] / "src" / "tracer" / "tracing"


def pytest_configure() -> None:
    """Throw away compiled code that is older than its sources, and look for garbage seldom."""
    # All that is imported is there to the end, and each look goes through it again.
    gc.set_threshold(50_000, 20, 100)
    # Numba's cache watches only the file of the function itself, not those it calls.
    newest = max(path.stat().st_mtime for path in COMPILED.rglob("*.py"))
    for path in COMPILED.rglob("*.nb[ci]"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < newest:
                path.unlink()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the machine's own Chromium, Chrome or Edge."""
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium() or bundled(), headless=True, args=arguments
        )
        yield browser
        browser.close()
