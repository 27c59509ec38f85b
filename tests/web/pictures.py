"""Take the pictures of README and docs: the real screens of a running service, filled with drawn sample papers.

scripts/pictures [NAME…]        docs/pictures/NAME.png, 1366×768, below 150 kB each
"""

import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from tests.forgeries import isa
from tests.pki import PKI, blank_pdf
from tests.web import seeds
from tests.web.conftest import Live, World, make_world

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = (1366, 768)
MOST_BYTES = 150_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb"]
OFFICE = {"report_superior": "UBND tỉnh Quảng Ninh", "report_organisation": "UBND phường Hồng Gai"}


FORGED: dict[str, bytes] = {}  # made before the browser's event loop runs


def forge() -> None:
    """Make a file that was changed after it was signed."""
    with PKI() as pki:
        person = pki.person("Nguyễn Văn Hải", "079203001234")
        FORGED["file"] = isa(pki.sign(blank_pdf("Quyet dinh ve viec giao dat"), person))


def world_of(folder: Path) -> World:
    """Return a filled service with a seal and a profile that uses it."""
    world = make_world(folder / "data", **OFFICE)
    world.documents = [document.id for document in seeds.fill(world.services)]
    seeds.fill_registers(world.services, rows=240)
    seeds.add_waiting(world.services)
    seal = Image.new("RGBA", (900, 900))
    drawing = ImageDraw.Draw(seal)
    for inset, width in ((10, 26), (60, 8), (250, 8)):
        drawing.ellipse((inset, inset, 900 - inset, 900 - inset), outline=(196, 22, 28, 235), width=width)
    star = [(450, 310), (482, 408), (585, 408), (502, 469), (533, 567), (450, 507), (367, 567), (398, 469), (315, 408)]
    drawing.polygon([*star, (418, 408)], fill=(196, 22, 28, 235))
    seal.save(folder / "data" / "seal.png")
    (folder / "data" / "signing.toml").write_text('[profile.issue]\nkey = "ubnd"\nimage = "seal.png"\n')
    return world


def document(page: Page, world: World) -> None:
    """Show what was scanned beside what was read."""
    page.goto(f"/documents/{world.documents[0]}")


def outgoing(page: Page, world: World) -> None:
    """Show the register of outgoing documents."""
    page.goto("/outgoing")


def confirm(page: Page, world: World) -> None:
    """Show the page with the signature where it will be."""
    page.goto("/outgoing?state=waiting")
    waiting = [one.id for one in world.services.outgoing.list(_waiting()).items if one.sha256]
    page.locator(f'input[name="id"][value="{waiting[0]}"]').check()
    page.get_by_role("button", name=re.compile("Xem trước")).first.click()
    page.wait_for_load_state("networkidle")
    page.locator("svg image").first.evaluate("image => image.scrollIntoView({block: 'center'})")


def verification(page: Page, world: World) -> None:
    """Show what a changed file gets."""
    page.goto("/verify")
    file = {"name": "quyet-dinh-bi-sua.pdf", "mimeType": "application/pdf", "buffer": FORGED["file"]}
    page.set_input_files("#file", [file])  # type: ignore[list-item]
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    page.locator(".outcome h2").wait_for()


def signed_share(page: Page, world: World) -> None:
    """Show the share of issued documents that are signed."""
    page.goto("/reports/signed-share?calendar=civil")


def _waiting():  # type: ignore[no-untyped-def]
    from digitise.sign.register import OutgoingQuery

    return OutgoingQuery(limit=500)


SCREENS = {
    "document": ("lan", document),
    "outgoing": ("minh", outgoing),
    "confirm": ("minh", confirm),
    "verification": ("minh", verification),
    "signed-share": ("thanh", signed_share),
}


def save(shot: bytes, file: Path) -> None:
    """Write a picture with as few colours as it takes to stay small."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() < MOST_BYTES:
            break
    file.write_bytes(out.getvalue())
    print(f"{file.name}: {out.tell() // 1000} kB")


def main(names: list[str]) -> None:
    """Take the pictures named, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    forge()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        live = Live(world_of(Path(folder))).start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name in names or SCREENS:
            person, show = SCREENS[name]
            context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}, base_url=live.url)
            secret = live.world.session(person)
            context.add_cookies([{"name": "digitise_session", "value": secret, "url": live.url}])
            page = context.new_page()
            show(page, live.world)
            page.wait_for_load_state("networkidle")
            save(page.screenshot(), FOLDER / f"{name}.png")
            context.close()
        browser.close()
        live.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
