"""The pages in Chromium: accessible on every screen, usable by keyboard, on small screens, without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import seeds
from tests.web.chromium import PATIENCE, in_browser
from tests.web.conftest import Live
from tests.web.looking import SHOTS, context, look_at, watched
from tests.web.screens import NAMES, screens
from tests.web.seeds import scan

pytestmark = in_browser


@pytest.fixture(scope="module")
def looking(browser: Browser, live: Live) -> Iterator[dict[str, Page]]:
    """One window per person, kept over all screens."""
    opened = {person: context(browser, live, person) for person in ("", *seeds.PEOPLE)}
    yield {person: one.new_page() for person, one in opened.items()}
    for one in opened.values():
        one.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_screen_is_accessible_and_fits_a_narrow_window(looking: dict[str, Page], live: Live, name: str) -> None:
    person, address = screens(live.world)[name]
    page = looking[person]
    with watched(page, live) as wrong:
        page.goto(address)
        look_at(page, name)
        assert wrong == []


def test_confirming_a_signature_is_accessible(looking: dict[str, Page], live: Live) -> None:
    page = looking["minh"]
    with watched(page, live) as wrong:
        page.goto("/outgoing?state=waiting")
        page.locator('tbody input[name="id"]').first.check()
        page.get_by_role("button", name="Xem trước khi ký").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Xác nhận ký số")
        look_at(page, "sign-check")
        assert wrong == []


def test_the_result_of_a_check_is_accessible(
    looking: dict[str, Page], live: Live, tmp_path: Path, forged: bytes
) -> None:
    page = looking["thanh"]
    file = tmp_path / "sua.pdf"
    file.write_bytes(forged)
    with watched(page, live) as wrong:
        page.goto("/verify")
        page.set_input_files("#file", file)
        page.get_by_role("button", name="Kiểm tra", exact=True).click()
        expect(page.locator("figure img")).to_be_visible(timeout=PATIENCE)
        look_at(page, "verify-result")
        assert wrong == []


def test_uploading_with_progress_and_an_error_that_stays(browser: Browser, live: Live, tmp_path: Path) -> None:
    good, bad = tmp_path / "giay-khai-sinh.pdf", tmp_path / "hong.pdf"
    good.write_bytes(scan(21))
    bad.write_bytes(b"%PDF-1.4 cut off")
    with context(browser, live, "lan") as opened:
        page = opened.new_page()
        page.goto("/upload")
        page.fill("#dossier", seeds.DOSSIER)
        page.set_input_files("#file", [good, bad])
        page.get_by_role("button", name="Gửi", exact=True).click()
        link = page.get_by_role("link", name="giay-khai-sinh.pdf")
        expect(link).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#live li.bad")).to_contain_text("hong.pdf", timeout=PATIENCE)
        link.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("giay-khai-sinh.pdf")


def test_search_as_you_type_never_sends_an_identifier(browser: Browser, live: Live) -> None:
    with context(browser, live, "lan") as opened:
        page = opened.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/search")
        page.fill("#q", "quyet dinh")
        expect(page.locator("#results")).to_contain_text("Kết quả", timeout=PATIENCE)
        assert "q=quyet+dinh" in page.url
        page.fill("#q", seeds.OWNER)
        page.wait_for_timeout(600)
        assert not any(seeds.OWNER in url for url in asked)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{live.url}/reuse")


def test_errors_take_the_focus_and_lead_to_their_field(browser: Browser, live: Live) -> None:
    with context(browser, live, "lan") as opened:
        page = opened.new_page()
        page.goto("/reuse")
        page.get_by_role("button", name="Tra cứu", exact=True).click()
        expect(page.locator("#error-summary")).to_be_focused()
        page.get_by_role("link", name="Hãy nêu lý do tra cứu").click()
        expect(page.locator("#reason")).to_be_focused()


def test_signing_in_by_keyboard_alone(browser: Browser, live: Live) -> None:
    with context(browser, live) as opened:
        page = opened.new_page()
        page.goto("/login?next=/search")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Đến nội dung chính")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("lan")
        page.keyboard.press("Tab")
        page.keyboard.type(seeds.PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{live.url}/search")


def test_proofreading_by_keyboard_alone(browser: Browser, live: Live) -> None:
    document = live.world.documents[-1]
    with context(browser, live, "lan") as opened:
        page = opened.new_page()
        page.goto(f"/documents/{document}/review")
        before = page.get_by_role("status").inner_text()
        expect(page.locator("#word")).to_be_focused()
        page.keyboard.press("Control+A")
        page.keyboard.type("Đúng")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).not_to_have_text(before, timeout=PATIENCE)
        expect(page.locator("#word")).to_be_focused()


def test_finding_a_document_without_javascript(browser: Browser, live: Live) -> None:
    with context(browser, live, "lan", java_script_enabled=False) as opened:
        page = opened.new_page()
        page.goto("/")
        page.fill("#find-top", "quyết định")
        page.keyboard.press("Enter")
        page.locator(".results a").first.click()
        expect(page.get_by_role("heading", name="Văn bản nhận dạng")).to_be_visible()
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Recognised text")).to_be_visible()


def test_a_number_leads_to_its_documents_in_three_clicks(browser: Browser, live: Live) -> None:
    with context(browser, live, "thanh", java_script_enabled=False) as opened:
        page = opened.new_page()
        page.goto("/reports/signed-share")
        page.locator("dl.figures a").nth(2).click()
        page.locator("table tbody th a").first.click()
        expect(page.get_by_role("heading", name="Thông tin tài liệu")).to_be_visible()


def test_checking_a_file_says_one_sentence_and_prints(browser: Browser, live: Live, tmp_path: Path) -> None:
    file = tmp_path / "don.pdf"
    file.write_bytes(scan(31))
    with context(browser, live, "minh") as opened:
        page = opened.new_page()
        page.goto("/verify")
        page.set_input_files("#file", file)
        page.get_by_role("button", name="Kiểm tra", exact=True).click()
        expect(page.locator(".outcome h2")).to_contain_text("Không có chữ ký số", timeout=PATIENCE)
        printed = page.pdf(format="A4")
        assert printed.startswith(b"%PDF")
        if SHOTS:
            Path(f"{SHOTS}/verify-printed.pdf").write_bytes(printed)
