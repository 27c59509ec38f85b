"""What stories share: one running service for all of them, a digitised scan, an issued document.

Screens are kept as pictures in `artefacts/stories`, or in the folder that `DIGITISE_SCREENSHOTS` names.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from digitise.bootstrap import compose
from digitise.settings import load
from tests.journeys.stories.house import PIN, SLOW, UNIT, House, papers, register, tab_to, upload
from tests.office import furnish
from tests.pki import PKI
from tests.stack import running
from tests.web import seeds
from tests.web.chromium import PATIENCE, launched

ARTEFACTS = Path(__file__).parents[3] / "artefacts" / "stories"
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("stories")
    pictures = Path(os.environ.get("DIGITISE_SCREENSHOTS") or ARTEFACTS)
    pictures.mkdir(parents=True, exist_ok=True)
    with PKI() as pki:
        office = furnish(folder / "data", pki)
        files = papers(folder, pki)
        add_key_that_asks(office.data, pki)
        with running(office.data) as stack, launched() as browser:
            stack.run("trust", "add", str(office.trust))
            services = compose(load(data=office.data))
            seeds.add_people(services)
            stack.run("outgoing", "rules", "enable", "thong-bao", "--profile", "issue", "--unit", UNIT, "--kind", "TB")
            yield House(stack, services, browser, pictures, files)
            services.database.close()


@pytest.fixture(scope="package")
def digitised(house: House) -> str:
    """C2, C3: a scan is dropped, its flaw told while the paper is still there, its progress shown to the end."""
    with house.at_desk("lan") as page:
        upload(page, house, "quet-nguoc.pdf")
        one = page.locator("#live li")
        expect(one).to_contain_text("quét ngược")
        expect(one).to_contain_text(f"Mã hồ sơ {seeds.DOSSIER}")
        house.keep(page, "c3-told-at-once")
        expect(one).to_contain_text("Đã lưu, tìm được", timeout=SLOW)
        house.keep(page, "c2-digitised")
        return str(one.get_by_role("link").get_attribute("href"))


def add_key_that_asks(data: Path, pki: PKI) -> None:
    """Give the office a key whose PIN only a person knows, and a profile that signs with it."""
    (data / "token.p12").write_bytes(pki.ubnd.p12(PIN))
    with (data / "keys.toml").open("a") as keys, (data / "signing.toml").open("a") as profiles:
        keys.write('\n[key.token]\nkind = "pkcs12"\nfile = "token.p12"\npin = "prompt"\n')
        profiles.write('\n[profile.by-token]\nmode = "issue"\nkey = "token"\n')


@pytest.fixture(scope="package")
def issued(house: House) -> str:
    """V1–V4: what waits is seen, looked at with the signature on it, warned of, signed, and known to have gone out."""
    with house.at_desk("minh") as page:
        register(page, house, "thong-bao.pdf", "Về lịch tiếp công dân", "TB")  # the rule signs it meanwhile
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
