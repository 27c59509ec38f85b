"""The pages that check a PDF: what changed is shown, nothing of a public check is kept."""

import io
import re
from hashlib import sha256

import pikepdf

from digitise.web.recent import SECONDS, Recent
from tests.web.conftest import World
from tests.web.seeds import scan


def test_public_checks_are_limited_and_keep_nothing(world: World) -> None:
    client = world.client
    assert "Không có chữ ký số" in client.post("/check", files={"file": ("a.pdf", scan(12))}).text
    codes = [client.post("/check", files={}).status_code for _ in range(8)]
    assert 429 in codes
    assert world.services.catalogue.by_sha256(sha256(scan(12)).hexdigest()) is None


def test_what_changed_is_shown_and_goes_on_the_report(world: World, forged: bytes) -> None:
    client = world.signed_in("thanh")
    html = client.post("/verify", files={"file": ("sua.pdf", forged)}).text
    assert "&lt;" not in html
    picture = re.search(r'src="(/verify/\w+/0/0\.png)"', html)
    assert picture is not None
    assert client.get(picture[1]).content.startswith(b"\x89PNG")
    address = re.search(r'href="(/verify/\w+\.pdf)"', html)
    assert address is not None
    report = client.get(address[1])
    assert report.headers["content-type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(report.content)) as pdf:
        assert len(pdf.pages) == 1
        assert len(pdf.pages[0].images) == 1
    assert world.signed_in("minh").get(address[1]).status_code == 404  # another's result
    assert world.signed_in("minh").get(picture[1]).status_code == 404


def test_a_public_check_is_saved_from_memory_alone(world: World, forged: bytes) -> None:
    client = world.client
    before = sorted(path for path in world.services.settings.data.rglob("*") if "sqlite" not in path.name)
    html = client.post("/check", files={"file": ("sua.pdf", forged)}).text
    address = re.search(r'href="(/check/\w+\.pdf)"', html)
    assert address is not None
    assert client.get(address[1]).content.startswith(b"%PDF")
    assert re.search(r'src="/check/\w+/0/0\.png"', html)
    assert ".json" not in html
    assert sorted(path for path in world.services.settings.data.rglob("*") if "sqlite" not in path.name) == before
    world.app.state.recent = Recent()  # as after a restart
    assert client.get(address[1]).status_code == 404


def test_results_are_forgotten_after_a_while() -> None:
    recent = Recent()
    name = recent.keep((), 0.0)
    assert recent.get(name, SECONDS - 1) == ()
    assert recent.get(name, SECONDS) is None
