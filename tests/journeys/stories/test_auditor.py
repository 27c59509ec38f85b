"""A1–A7: what auditors do, in Chromium, on the whole running service."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.stories.house import DAY, House
from tests.web.chromium import in_browser

pytestmark = in_browser


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_auditor_goes_from_a_share_to_a_document_and_to_evidence(house: House, issued: str, scripts: bool) -> None:
    """A1–A7."""
    with house.at_desk("thanh", scripts=scripts) as page:
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
