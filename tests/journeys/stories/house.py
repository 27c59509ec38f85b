"""The running service that all stories share, its people, and the files that are brought to it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import segno
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page

from digitise.bootstrap import Services
from tests.forgeries import isa
from tests.papers import born_digital_pdf, paper
from tests.pki import PKI
from tests.stack import Stack
from tests.web import seeds
from tests.web.chromium import PATIENCE

PIN = "Ma-PIN-4711"
SLOW = 180_000  # milliseconds for what workers do; other work may share the machine
UNIT = "P0"
DRAFT = 70  # seed of the decision that is issued
DAY = date.fromisoformat(str(paper(DRAFT, "decision").fields["issued_on"]))  # its year stands on the paper


@contextmanager
def window(browser: Browser, services: Services, url: str, person: str, *, scripts: bool = True) -> Iterator[Page]:
    """A window of somebody who is signed in; a script's error or a request to anywhere else fails the story."""
    opened = browser.new_context(
        viewport={"width": 1366, "height": 768}, base_url=url, accept_downloads=True, java_script_enabled=scripts
    )
    opened.set_default_timeout(PATIENCE)
    secret = services.people.open_session(services.people.get(person))
    opened.add_cookies([{"name": "digitise_session", "value": secret, "url": url}])
    page = opened.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: request.url.startswith(url) or wrong.append(request.url))
    try:
        yield page
    finally:
        opened.close()
    assert wrong == []


@dataclass
class House:
    """The running service, its people, and the files that are brought to it."""

    stack: Stack
    services: Services
    browser: Browser
    pictures: Path
    files: dict[str, bytes]

    @contextmanager
    def at_desk(self, person: str, *, scripts: bool = True) -> Iterator[Page]:
        """A window of somebody who is signed in; what the browser complains of fails the story."""
        with window(self.browser, self.services, self.stack.url, person, scripts=scripts) as page:
            yield page

    def keep(self, page: Page, name: str) -> None:
        """Keep a picture of the screen, with all that it loads."""
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(self.pictures / f"{name}.png"), full_page=True)

    def give(self, name: str) -> FilePayload:
        """A file as it is chosen in a form."""
        return {"name": name, "mimeType": "application/pdf", "buffer": self.files[name]}


def papers(folder: Path, pki: PKI) -> dict[str, bytes]:
    """Draw what people bring."""
    image = io.BytesIO()
    sheet = paper(2, "decision", dpi=150).sheets[0].image.convert("RGB").rotate(180)
    code = io.BytesIO()
    segno.make(f"{seeds.DOSSIER}|{seeds.OWNER}", micro=False).save(code, kind="png", scale=5, border=4)
    sheet.paste(Image.open(code).convert("RGB"), (80, 80))
    sheet.save(image, "PDF", resolution=150)
    late = io.BytesIO()
    bound = [paper(seed, "letter", dpi=150).sheets[0].image.convert("RGB") for seed in range(3, 13)]
    bound[0].save(late, "PDF", resolution=150, save_all=True, append_images=bound[1:])  # more than a stop waits for
    draft = born_digital_pdf(paper(DRAFT, "decision", numbered=False, dated=False, dpi=100), folder / "du-thao.pdf")
    signed = pki.sign(draft.read_bytes(), pki.person_an, level="B-LT")
    by_rule, *by_token = (pki.sign(draft.read_bytes(), pki.person_an, level="B-LT") for _ in range(3))
    letter = born_digital_pdf(paper(71, "letter", dpi=100), folder / "cong-van.pdf")
    approved = pki.sign(letter.read_bytes(), pki.person_an, level="B-LT")
    complete = pki.sign(approved, pki.ubnd, level="B-LT", field="Second")
    return {
        "quet-nguoc.pdf": image.getvalue(),
        "quet-muon.pdf": late.getvalue(),
        "du-thao.pdf": draft.read_bytes(),
        "da-ky.pdf": signed,
        "thong-bao.pdf": by_rule,
        "bang-khoa-1.pdf": by_token[0],
        "bang-khoa-2.pdf": by_token[1],
        "cong-van-den.pdf": complete,
        "bi-sua.pdf": isa(signed),
    }


def upload(page: Page, house: House, name: str) -> None:
    """Send one file by the form for scans and incoming papers."""
    page.goto("/upload")
    page.set_input_files("#file", [house.give(name)])
    page.get_by_role("button", name="Gửi", exact=True).click()


def register(page: Page, house: House, name: str, abstract: str, kind: str = "QĐ") -> None:
    """Register one outgoing PDF by the form."""
    page.goto("/outgoing/new")
    page.fill("#abstract", abstract)
    page.fill("#unit", UNIT)
    page.fill("#symbol", "QĐ-UBND")
    page.select_option("#kind", kind)
    page.fill("#issued_on", DAY.strftime("%d/%m/%Y"))
    page.set_input_files("#file", [house.give(name)])
    page.get_by_role("button", name="Đăng ký", exact=True).click()


def tab_to(page: Page, wanted: Locator) -> None:
    """Move the focus by the Tab key alone until it is on `wanted`."""
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached by keyboard")
