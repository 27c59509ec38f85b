"""The office's QR is read off the page, whatever stands between its parts; citizen cards too."""

import pytest

from digitise.scan.codes import fields_of_codes, parse, read_codes
from tests.papers import degrade, paper

SLIP = "H53.12-220915-0007|1.012766|099088123456|Giấy khai sinh"
SAID = {"dossier": "H53.12-220915-0007", "procedure": "1.012766", "owner_id": "099088123456", "paper": "Giấy khai sinh"}


@pytest.mark.parametrize("damage", ["clean", "skew", "rotated", "jpeg", "combined"])
def test_slip_is_read_from_the_scan(damage: str) -> None:
    page = degrade(paper(5, "certificate", qr=SLIP, dpi=150).images[0], damage, 5)
    found = fields_of_codes(read_codes(page), page=3)
    assert {name: found[name].value for name in SAID} == SAID
    assert found["dossier"].page == 3
    assert found["dossier"].box is not None


def test_box_is_where_the_code_is() -> None:
    page = paper(5, "certificate", qr=SLIP, dpi=150).images[0]
    (code,) = read_codes(page)
    x0, y0, x1, y1 = code.box
    assert 10 < x0 < x1 < 160
    assert 10 < y0 < y1 < 160
    assert code.format == "QRCode"


@pytest.mark.parametrize("mark", ["|", ";", "\n", " | "])
def test_parts_are_known_by_their_shape(mark: str) -> None:
    mixed = mark.join(["Giấy khai sinh", "099088123456", "H53.12-220915-0007", "1.012766"])
    assert SAID.items() <= parse(mixed).items()


def test_parts_may_bear_their_names() -> None:
    assert parse("Mã hồ sơ: 000.00.12.H53-220915-0007;TTHC: 2.000635") == {
        "qr": "Mã hồ sơ: 000.00.12.H53-220915-0007;TTHC: 2.000635",
        "dossier": "000.00.12.H53-220915-0007",
        "procedure": "2.000635",
    }


def test_citizen_card() -> None:
    found = parse("099088123456|999888777|Mai Thị Sao|05021988|Nữ|thôn Một, xã Hai, huyện Ba, tỉnh Bốn|01032022")
    assert found["owner_name"] == "Mai Thị Sao"
    assert found["birth_date"] == "1988-02-05"


def test_any_other_code_is_only_its_text() -> None:
    assert parse("https://example.org/a?b=1") == {"qr": "https://example.org/a?b=1"}


def test_page_without_codes() -> None:
    assert read_codes(paper(5, "letter", dpi=72).images[0]) == ()
