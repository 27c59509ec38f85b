"""V1–V8: what records clerks and signers do, in Chromium, on the whole running service."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.stories.house import PIN, SLOW, UNIT, House, register
from tests.journeys.stories.terminal import at_terminal
from tests.stack import until
from tests.web.chromium import in_browser

pytestmark = in_browser


def test_the_pin_is_asked_once_for_a_batch_and_kept_nowhere(house: House) -> None:
    """V5: confirmed on the page, signed where the token is."""
    with house.at_desk("minh") as page:
        for number in (1, 2):
            register(page, house, f"bang-khoa-{number}.pdf", f"Về việc giao rừng khu {number}")
        page.goto("/outgoing?q=giao+rừng")
        for box in page.get_by_role("checkbox", name=re.compile("giao rừng")).all():
            box.check()
        page.select_option("#profile", "by-token")
        page.get_by_role("button", name="Xem trước khi ký").click()
        page.check("#seen")
        page.get_by_role("button", name="Ký 2 văn bản").click()
        expect(page.get_by_text("cần người nhập mã PIN").first).to_be_visible(timeout=SLOW)
        house.keep(page, "v5-waits-for-the-pin")
        told = at_terminal(["outgoing", "sign"], house.stack, "Mã PIN", PIN)
        assert told.count("Mã PIN") == 1
        assert PIN not in told
        expect(page.locator("li.good", has_text="giao rừng")).to_have_count(2, timeout=SLOW)
        house.keep(page, "v5-signed")
    for file in house.stack.data.rglob("*"):
        assert not file.is_file() or PIN.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_records_clerk_makes_a_certified_copy(house: House, digitised: str, scripts: bool) -> None:
    """V7."""
    with house.at_desk("minh", scripts=scripts) as page:
        page.goto(digitised)
        page.fill("#copy_unit", UNIT)
        page.get_by_role("button", name="Lập bản sao y").click()
        expect(page).to_have_url(re.compile("/outgoing/"))
        expect(page.get_by_role("button", name="Xem và ký văn bản này")).to_be_visible()
        house.keep(page, "v7-certified-copy")


def test_a_records_clerk_sees_what_a_rule_signed(house: House, issued: str) -> None:
    """V8."""
    with house.at_desk("minh", scripts=False) as page:
        page.goto("/outgoing")
        page.get_by_role("link", name="Quy tắc ký tự động").click()
        line = page.locator("tbody tr", has_text="Về lịch tiếp công dân")
        until(lambda: line.count() or (page.reload() and None), SLOW / 1000, 1)
        house.keep(page, "v8-signed-by-a-rule")
        line.get_by_role("link").click()
        expect(page.get_by_text("Hợp lệ").first).to_be_visible()
