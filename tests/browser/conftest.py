"""A real browser: Chromium without a window, driven by Playwright."""

import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

PROGRAMS = ("chromium", "google-chrome", "chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running browser. Without one, or without Playwright, its tests are skipped."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"none of {', '.join(PROGRAMS)} is installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """A new tab, in which nothing from outside of this machine may be asked for, and no script may open a dialog."""
    context = chromium.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if is_elsewhere(request.url) else None)
    page.on("dialog", lambda dialog: elsewhere.append(f"a dialog: {dialog.message}"))
    yield page
    context.close()
    assert elsewhere == []


def is_elsewhere(url: str) -> bool:
    return urlsplit(url).hostname != "127.0.0.1"
