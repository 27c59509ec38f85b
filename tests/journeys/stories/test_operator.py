"""O1–O6: what operators do, in Chromium, on the whole running service."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from digitise.bootstrap import compose
from digitise.model.tasks import TaskState
from digitise.settings import load
from digitise.web.app import create_app
from tests.journeys.stories.house import SLOW, House, upload, window
from tests.stack import Stack, until
from tests.web import seeds
from tests.web.chromium import in_browser
from tests.web.conftest import Live, World

pytestmark = in_browser


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_operator_sees_what_is_wrong_and_lets_somebody_in(house: House, scripts: bool) -> None:
    """O1, O3, O4."""
    name = "hoa" if scripts else "hue"
    with house.at_desk("dung", scripts=scripts) as page:
        page.goto("/admin")
        house.keep(page, "o1-health")
        page.goto("/admin/people")
        page.fill("#name", name)
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
    opened = house.browser.new_context(base_url=house.stack.url, java_script_enabled=scripts)
    page = opened.new_page()
    page.goto("/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("heading", name="Việc cần làm")).to_be_visible()
    opened.close()


def test_an_operator_retries_and_drops_failed_work_with_its_reason_shown(house: House) -> None:
    """O2: originals are damaged in the store; one is brought back."""
    documents = [seeds.add_document(house.services, seed, "letter") for seed in (94, 95)]
    stored = [next(house.stack.data.rglob(f"objects/**/{one.sha256}*")) for one in documents]
    for file in stored:
        file.rename(file.with_suffix(".kept"))
        file.write_bytes(bytes(file.with_suffix(".kept").stat().st_size))
    with house.at_desk("lan", scripts=False) as page:
        for one in documents:
            page.goto(f"/documents/{one.id}")
            page.get_by_role("button", name="Kiểm tra lại chữ ký").click()

    def failed() -> bool:
        tasks = house.services.tasks.list(states=[TaskState.QUARANTINED])
        return {one.id for one in documents} <= {task.subject for task in tasks}

    until(failed, SLOW / 1000)
    with house.at_desk("dung", scripts=False) as page:
        page.goto("/")
        page.get_by_role("link", name=re.compile("Công việc lỗi")).click()
        rows = [page.locator("tbody tr", has_text=one.id) for one in documents]
        expect(rows[0]).to_contain_text("không khớp mã băm")
        house.keep(page, "o2-failed-work")
        stored[0].with_suffix(".kept").replace(stored[0])
        rows[0].get_by_role("checkbox").check()
        page.get_by_role("button", name="Chạy lại mục đã chọn").click()
        expect(rows[0]).to_have_count(0)
        rows[1].get_by_role("checkbox").check()
        page.get_by_role("button", name="Bỏ mục đã chọn").click()
        expect(rows[1]).to_have_count(0)
        stored[1].with_suffix(".kept").replace(stored[1])
        until(lambda: house.services.catalogue.get(documents[0].id).verdict, SLOW / 1000)
        assert house.services.catalogue.get(documents[1].id).verdict is None


def test_an_operator_restores_a_backup_and_proves_it(house: House, digitised: str, tmp_path: Path) -> None:
    """O5: what was backed up is looked at in a service that runs on the restored data."""
    house.stack.run("backup", str(tmp_path / "backup"))
    new = Stack(tmp_path / "new", 0)
    new.run("restore", str(tmp_path / "backup"))
    services = compose(load(data=new.data))
    live = Live(World(services, create_app(services), {}, [])).start()
    try:
        with window(house.browser, services, live.url, "dung", scripts=False) as page:
            page.goto("/audit")
            page.get_by_role("link", name="Kiểm tra tính toàn vẹn của nhật ký").click()
            expect(page.get_by_text("Nhật ký nguyên vẹn.")).to_be_visible()
            house.keep(page, "o5-restored-log-is-sound")
        with window(house.browser, services, live.url, "lan", scripts=False) as page:
            page.goto(digitised)
            with page.expect_download() as taken:
                page.get_by_role("link", name="Bản gốc").first.click()
            assert Path(taken.value.path()).read_bytes() == house.files["quet-nguoc.pdf"]
    finally:
        live.stop()
        services.database.close()


def test_an_operator_upgrades_without_losing_work(house: House) -> None:
    """O6: stopped while a scan waits, migrated, started: the scan is digitised and people are still signed in."""
    with house.at_desk("lan", scripts=False) as page:
        upload(page, house, "quet-muon.pdf")
        address = str(page.get_by_role("link", name="quet-muon.pdf").get_attribute("href"))
        assert house.stack.stop() == 0
        assert house.services.catalogue.get(address.rsplit("/", 1)[1]).state != "stored"
        house.stack.run("migrate")
        house.stack.start()
        page.goto(address)
        house.keep(page, "o6-after-the-upgrade")
        done = page.locator(".tag", has_text="Đã lưu").first
        until(lambda: done.count() or (page.reload() and None), SLOW / 1000, 1)
