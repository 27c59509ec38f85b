"""What clerks, records clerks, auditors and operators do, in Chromium, on the whole running service.

One service for all stories. Screens are kept as pictures in the folder `DIGITISE_SCREENSHOTS` names, else with the run's
temporary files.
"""

import io
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from digitise.bootstrap import Services, compose
from digitise.settings import load
from tests.forgeries import isa
from tests.office import furnish
from tests.papers import born_digital_pdf, paper
from tests.pki import PKI
from tests.stack import Stack, running, until
from tests.web import seeds
from tests.web.chromium import PATIENCE, in_browser, launched

pytestmark = in_browser
SLOW = 180_000  # milliseconds for what workers do; other work may share the machine
UNIT = "P0"
DRAFT = 70  # seed of the decision that is issued
DAY = date.fromisoformat(str(paper(DRAFT, "decision").fields["issued_on"]))  # its year stands on the paper
expect.set_options(timeout=PATIENCE)


@dataclass
class House:
    """The running service, its people, and the files that are brought to it."""

    stack: Stack
    services: Services
    browser: Browser
    pictures: Path
    files: dict[str, bytes]

    @contextmanager
    def at_desk(self, person: str, **options: Any) -> Iterator[Page]:
        """A window of somebody who is signed in; what the browser complains of fails the story."""
        opened = self.browser.new_context(
            viewport={"width": 1366, "height": 768}, base_url=self.stack.url, accept_downloads=True, **options
        )
        opened.set_default_timeout(PATIENCE)
        secret = self.services.people.open_session(self.services.people.get(person))
        opened.add_cookies([{"name": "digitise_session", "value": secret, "url": self.stack.url}])
        page = opened.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: request.url.startswith(self.stack.url) or wrong.append(request.url))
        try:
            yield page
        finally:
            opened.close()
        assert wrong == []

    def keep(self, page: Page, name: str) -> None:
        """Keep a picture of the screen, with all that it loads."""
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(self.pictures / f"{name}.png"), full_page=True)

    def give(self, name: str) -> dict[str, Any]:
        """A file as it is chosen in a form."""
        return {"name": name, "mimeType": "application/pdf", "buffer": self.files[name]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("stories")
    pictures = Path(os.environ.get("DIGITISE_SCREENSHOTS") or folder / "pictures")
    pictures.mkdir(parents=True, exist_ok=True)
    with PKI() as pki:
        office = furnish(folder / "data", pki)
        files = papers(folder, pki)
        with running(office.data) as stack, launched() as browser:
            stack.run("trust", "add", str(office.trust))
            services = compose(load(data=office.data))
            seeds.add_people(services)
            yield House(stack, services, browser, pictures, files)
            services.database.close()


def papers(folder: Path, pki: PKI) -> dict[str, bytes]:
    """Draw what people bring."""
    image = io.BytesIO()
    sheet = paper(2, "decision", dpi=150).sheets[0].image.convert("RGB").rotate(180)
    code = io.BytesIO()
    segno.make(f"{seeds.DOSSIER}|{seeds.OWNER}", micro=False).save(code, kind="png", scale=5, border=4)
    sheet.paste(Image.open(code).convert("RGB"), (80, 80))
    sheet.save(image, "PDF", resolution=150)
    draft = born_digital_pdf(paper(DRAFT, "decision", numbered=False, dated=False, dpi=100), folder / "du-thao.pdf")
    signed = pki.sign(draft.read_bytes(), pki.person_an, level="B-LT")
    letter = born_digital_pdf(paper(71, "letter", dpi=100), folder / "cong-van.pdf")
    approved = pki.sign(letter.read_bytes(), pki.person_an, level="B-LT")
    complete = pki.sign(approved, pki.ubnd, level="B-LT", field="Second")
    return {
        "quet-nguoc.pdf": image.getvalue(),
        "du-thao.pdf": draft.read_bytes(),
        "da-ky.pdf": signed,
        "cong-van-den.pdf": complete,
        "bi-sua.pdf": isa(signed),
    }


def tab_to(page: Page, wanted: Locator) -> None:
    """Move the focus by the Tab key alone until it is on `wanted`."""
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


@pytest.fixture(scope="module")
def digitised(house: House) -> str:
    """C2, C3: a scan is dropped, its flaw told while the paper is still there, its progress shown to the end."""
    with house.at_desk("lan") as page:
        page.goto("/upload")
        page.set_input_files("#file", [house.give("quet-nguoc.pdf")])  # type: ignore[list-item]
        page.get_by_role("button", name="Gửi", exact=True).click()
        one = page.locator("#live li")
        expect(one).to_contain_text("quét ngược")
        expect(one).to_contain_text(f"Mã hồ sơ {seeds.DOSSIER}")
        house.keep(page, "c3-told-at-once")
        expect(one).to_contain_text("Đã lưu, tìm được", timeout=SLOW)
        house.keep(page, "c2-digitised")
        return str(one.get_by_role("link").get_attribute("href"))


def test_a_clerk_finds_a_paper_and_undoes_a_wrong_link(house: House, digitised: str) -> None:
    """C4, C6, C9."""
    title = str(paper(2, "decision").fields["abstract"])
    with house.at_desk("lan") as page:
        page.goto("/")
        page.fill("#find-top", " ".join(title.split()[:4]).lower())
        page.keyboard.press("Enter")
        page.locator(f".results a[href='{digitised}']").click()
        house.keep(page, "c4-document")
        with page.expect_download() as taken:
            page.get_by_role("link", name="Tải PDF tìm kiếm được").click()
        assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
        page.get_by_role("link", name="Sửa thông tin", exact=True).click()
        page.fill("#dossier", "H53.12-220915-0008")
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("dl.pairs").first).to_contain_text("H53.12-220915-0008")
        page.goto(f"{digitised}/edit")
        page.fill("#dossier", seeds.DOSSIER)
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("dl.pairs").first).to_contain_text(seeds.DOSSIER)


def test_a_clerk_asks_before_a_citizen_has_to_by_keyboard_alone_and_without_scripts(
    house: House, digitised: str
) -> None:
    """C1."""
    with house.at_desk("lan", java_script_enabled=False) as page:
        page.goto("/reuse")
        tab_to(page, page.locator("#dossier"))
        page.keyboard.type(seeds.DOSSIER)
        tab_to(page, page.locator("#reason"))
        page.keyboard.type("Tiếp nhận hồ sơ")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Đang giữ 1 giấy tờ")).to_be_visible()
        house.keep(page, "c1-held")
        tab_to(page, page.locator("input[id^='for-']"))
        page.keyboard.type("H53.12-221001-0003")
        tab_to(page, page.get_by_role("button", name="Dùng lại cho hồ sơ này"))
        with page.expect_navigation():  # what is sent must have been answered before the page is left
            page.keyboard.press("Enter")
        page.goto(digitised)
        expect(page.locator("section", has=page.locator("#reuse"))).to_contain_text("H53.12-221001-0003")
        page.goto("/reuse")
        page.fill("#dossier", "H53.12-220915-9999")
        page.fill("#reason", "Tiếp nhận hồ sơ")
        page.get_by_role("button", name="Tra cứu", exact=True).click()
        expect(page.get_by_text("Chưa có. Cần thu giấy tờ này.")).to_be_visible()
        page.get_by_role("link", name="Tiếp nhận bản quét").click()
        expect(page.locator("#dossier")).to_have_value("H53.12-220915-9999")


def test_a_clerk_can_say_whether_an_emailed_file_is_really_signed(house: House) -> None:
    """C7."""
    with house.at_desk("lan") as page:
        page.goto("/verify")
        page.set_input_files("#file", [house.give("bi-sua.pdf")])  # type: ignore[list-item]
        page.get_by_role("button", name="Kiểm tra", exact=True).click()
        expect(page.locator(".outcome h2")).to_contain_text("Không hợp lệ")
        house.keep(page, "c7-forged")
        (house.pictures / "c7-printed.pdf").write_bytes(page.pdf(format="A4"))


def test_an_incoming_signed_file_stays_the_same_and_is_checked_on_arrival(house: House) -> None:
    """C8, V6."""
    with house.at_desk("minh") as page:
        page.goto("/upload")
        page.set_input_files("#file", [house.give("cong-van-den.pdf")])  # type: ignore[list-item]
        page.get_by_role("button", name="Gửi", exact=True).click()
        one = page.locator("#live li")
        expect(one).to_contain_text("Đã lưu, tìm được", timeout=SLOW)
        address = str(one.get_by_role("link").get_attribute("href"))
        number = address.rsplit("/", 1)[1]
        until(lambda: house.services.catalogue.get(number).verdict, 120)
        page.goto(address)
        expect(page.get_by_text("Bản gốc giữ nguyên từng byte").first).to_be_visible()
        expect(page.locator("section", has=page.locator("#signature-title"))).to_contain_text("Hợp lệ")
        house.keep(page, "v6-checked-on-arrival")
        with page.expect_download() as taken:
            page.get_by_role("link", name="Bản gốc").first.click()
        assert Path(taken.value.path()).read_bytes() == house.files["cong-van-den.pdf"]


def register(page: Page, house: House, name: str, abstract: str) -> None:
    page.goto("/outgoing/new")
    page.fill("#abstract", abstract)
    page.fill("#unit", UNIT)
    page.fill("#symbol", "QĐ-UBND")
    page.select_option("#kind", "QĐ")
    page.fill("#issued_on", DAY.strftime("%d/%m/%Y"))
    page.set_input_files("#file", [house.give(name)])  # type: ignore[list-item]
    page.get_by_role("button", name="Đăng ký", exact=True).click()


@pytest.fixture(scope="module")
def issued(house: House) -> str:
    """V1–V4: what waits is seen, looked at with the signature on it, warned of, signed, and known to have gone out."""
    with house.at_desk("minh") as page:
        register(page, house, "da-ky.pdf", "Về việc giao đất đợt một")
        register(page, house, "du-thao.pdf", "Về việc giao đất đợt hai")
        page.goto("/")
        page.get_by_role("link", name=re.compile("Chờ ký của cơ quan")).click()
        for box in page.get_by_role("checkbox", name=re.compile("giao đất")).all():
            tab_to(page, box)
            page.keyboard.press("Space")
        tab_to(page, page.get_by_role("button", name="Xem trước khi ký"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Ký 2 văn bản")).to_be_visible()
        expect(page.get_by_text("Chưa có chữ ký của người có thẩm quyền").first).to_be_visible()
        expect(page.locator("svg rect.will").first).to_be_visible()
        house.keep(page, "v3-warned-before-signing")
        tab_to(page, page.locator("#seen"))
        page.keyboard.press("Space")
        tab_to(page, page.get_by_role("button", name="Ký 2 văn bản"))
        page.keyboard.press("Enter")
        done = page.locator("li.good", has_text="đợt một")
        expect(done).to_be_visible(timeout=SLOW)
        house.keep(page, "v2-batch-partly-done")
        done.get_by_role("link").click()
        expect(page.get_by_text("Hợp lệ").first).to_be_visible()
        house.keep(page, "v4-issued")
        return page.url.removeprefix(house.stack.url)


def test_a_records_clerk_makes_a_certified_copy_and_sees_what_rules_signed(
    house: House, digitised: str, issued: str
) -> None:
    """V7, V8."""
    with house.at_desk("minh") as page:
        page.goto(digitised)
        page.fill("#copy_unit", UNIT)
        page.get_by_role("button", name="Lập bản sao y").click()
        expect(page).to_have_url(re.compile("/outgoing/"))
        expect(page.get_by_role("button", name="Xem và ký văn bản này")).to_be_visible()
        page.goto("/sign/rules")
        expect(page.get_by_role("heading", name="Quy tắc ký tự động", exact=True)).to_be_visible()
        house.keep(page, "v8-rules")


def test_an_auditor_goes_from_a_share_to_a_document_and_to_evidence(house: House, issued: str) -> None:
    """A1–A7."""
    with house.at_desk("thanh", java_script_enabled=False) as page:
        page.goto(f"/reports/signed-share?calendar=civil&period={DAY.year}")
        house.keep(page, "a1-signed-share")
        for format_, magic in (("XLSX", b"PK"), ("PDF", b"%PDF"), ("JSON", b"{")):
            with page.expect_download() as taken:
                page.get_by_role("link", name=f"Tải {format_}").click()
            assert Path(taken.value.path()).read_bytes().startswith(magic)
        page.locator("dl.figures a").first.click()
        page.locator(f"table th a[href='{issued}']").click()
        expect(page.get_by_role("button", name=re.compile("ký"))).to_have_count(0)
        page.go_back()
        page.go_back()
        page.get_by_role("button", name="Chốt số liệu").click()
        house.keep(page, "a2-where-the-number-is-from")
        with page.expect_download() as taken:
            page.get_by_role("link", name="Tải gói chứng cứ (ZIP)").click()
        assert zipfile.ZipFile(taken.value.path()).testzip() is None
        page.get_by_role("button", name="So sánh").click()
        house.keep(page, "a6-compared")
        page.goto("/audit?actor=thanh")
        expect(page.locator("tbody tr").first).to_be_visible()
        house.keep(page, "a7-own-reading-logged")


def test_an_operator_sees_what_is_wrong_and_lets_somebody_in(house: House) -> None:
    """O1, O3, O4."""
    with house.at_desk("dung") as page:
        page.goto("/admin")
        house.keep(page, "o1-health")
        page.goto("/admin/people")
        page.fill("#name", "hoa")
        page.locator("#roles").get_by_label("Cán bộ một cửa").check()
        page.get_by_role("button", name="Tạo tài khoản").click()
        password = page.locator(".notice code").inner_text()
        house.keep(page, "o3-people")
        page.goto("/admin/trust")
        anchor = next((house.stack.data / "anchors").glob("*.*"))
        page.set_input_files("#file", anchor)
        page.get_by_role("button", name="Xem trước thay đổi").click()
        expect(page.get_by_text("Không kết quả kiểm tra đã lưu nào thay đổi.")).to_be_visible()
        house.keep(page, "o4-trust-before-saving")
    opened = house.browser.new_context(base_url=house.stack.url)
    page = opened.new_page()
    page.goto("/login")
    page.fill("#name", "hoa")
    page.fill("#password", password)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("heading", name="Việc cần làm")).to_be_visible()
    opened.close()
