"""C1–C9, V6: what clerks do, in Chromium, on the whole running service."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.stories.house import SLOW, House, tab_to, upload
from tests.papers import paper
from tests.stack import until
from tests.web import seeds
from tests.web.chromium import in_browser

pytestmark = in_browser
BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


@BOTH
def test_a_clerk_finds_a_paper_and_undoes_a_wrong_link(house: House, digitised: str, scripts: bool) -> None:
    """C4, C6, C9."""
    title = str(paper(2, "decision").fields["abstract"])
    with house.at_desk("lan", scripts=scripts) as page:
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
    with house.at_desk("lan", scripts=False) as page:
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


@BOTH
def test_a_clerk_can_say_whether_an_emailed_file_is_really_signed(house: House, scripts: bool) -> None:
    """C7."""
    with house.at_desk("lan", scripts=scripts) as page:
        page.goto("/verify")
        page.set_input_files("#file", [house.give("bi-sua.pdf")])
        page.get_by_role("button", name="Kiểm tra", exact=True).click()
        expect(page.locator(".outcome h2")).to_contain_text("Không hợp lệ")
        house.keep(page, "c7-forged")
        (house.pictures / "c7-printed.pdf").write_bytes(page.pdf(format="A4"))


def test_an_incoming_signed_file_stays_the_same_and_is_checked_on_arrival(house: House) -> None:
    """C8, V6."""
    with house.at_desk("minh") as page:
        upload(page, house, "cong-van-den.pdf")
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


@BOTH
def test_a_clerk_corrects_words_and_fields_but_never_the_image(house: House, scripts: bool) -> None:
    """C5."""
    document = seeds.add_document(house.services, 90 + scripts)
    word = f"Soát{document.id[-6:]}"
    with house.at_desk("lan", scripts=scripts) as page:
        page.goto(f"/documents/{document.id}")
        page.get_by_role("link", name="Soát lỗi nhận dạng").click()
        before = page.get_by_role("status").inner_text()
        page.fill("#word", word)
        house.keep(page, "c5-word-and-its-strip")
        page.get_by_role("button", name="Lưu và sang từ tiếp theo").click()
        expect(page.get_by_role("status")).not_to_have_text(before)
        page.goto(f"/documents/{document.id}/edit")
        page.fill("#signer", "Trần Thị Soát")
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("dl.pairs").first).to_contain_text("Trần Thị Soát")
        expect(page.locator(".page-text")).to_contain_text(word)
        page.fill("#find-top", word)
        page.keyboard.press("Enter")
        expect(page.locator(f".results a[href='/documents/{document.id}']")).to_be_visible()
    kept = {one.kind: one.sha256 for one in house.services.catalogue.get(document.id).artefacts}
    assert kept["original"] == document.sha256
