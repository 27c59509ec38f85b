"""How the tests look at a page in Chromium: who looks, what must not happen meanwhile, what axe finds, whether it fits."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.web.chromium import PATIENCE
from tests.web.conftest import Live

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SHOTS = os.environ.get("DIGITISE_SCREENSHOTS")  # a folder: keep a picture of every screen there
UNTRANSLATED = re.compile(r"[>\"' ](?:web_?\w*|reasons|sign|warnings)\.[a-z_][\w.]+[<\"' ]")


def context(browser: Browser, live: Live, person: str = "", **options: object) -> BrowserContext:
    made = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=live.url, **options)  # type: ignore[arg-type]
    made.set_default_timeout(PATIENCE)
    if person:
        made.add_cookies([{"name": "digitise_session", "value": live.world.session(person), "url": live.url}])
    return made


@contextmanager
def watched(page: Page, live: Live) -> Iterator[list[str]]:
    """Collect what must not happen: script errors, blocked content, requests to anywhere else."""
    wrong: list[str] = []

    def told(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((live.url, "data:")):
            wrong.append(request.url)

    def failed(error: object) -> None:
        wrong.append(str(error))

    listeners: dict[Any, Any] = {"console": told, "request": asked, "pageerror": failed}
    for event, listener in listeners.items():
        page.on(event, listener)
    yield wrong
    for event, listener in listeners.items():
        page.remove_listener(event, listener)


def look_at(page: Page, name: str) -> None:
    """Look at the page that is open: what axe finds, and whether it fits a narrow window."""
    page.set_viewport_size({"width": 1366, "height": 768})
    found = Axe().run(page, options=AXE).response["violations"]
    told = [f"{v['id']}: {v['help']} {[n['html'][:160] for n in v['nodes'][:3]]}" for v in found]
    assert told == []
    keep(page, name)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    keep(page, f"{name}-360")


def keep(page: Page, name: str) -> None:
    """Keep a picture of the screen where the run was asked for them."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
