"""Find a Chromium for the tests, or install one where none is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "msedge",
    "chrome",
)
PLACES = (
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def chromium() -> str | None:
    """Return the path of a Chromium browser on this machine, or None."""
    named = next(filter(None, map(shutil.which, NAMES)), None)
    return named or next((place for place in PLACES if Path(place).exists()), None)


def bundled() -> str | None:
    """Return the path of the browser that playwright keeps for itself, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install a Chromium: the system's where we may, else playwright's own."""
    if shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        wanted = ["chromium", "fonts-noto-cjk"]
        subprocess.run(["apt-get", "install", "-y", "-qq", *wanted], check=True)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    if not (chromium() or bundled()):
        install()
    found = chromium() or bundled()
    if found is None:
        sys.exit("The tests open pages in Chromium, Chrome or Edge; please install one of them.")
    print(f"Pages will be opened in {found}")
