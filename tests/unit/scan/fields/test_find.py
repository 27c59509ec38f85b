"""Well-read papers of all kinds give all their fields; what was not read is absent, not guessed."""

import pytest

from digitise.model.recognition import PageText
from digitise.scan.fields import find_fields, kind_code, signer_zone
from digitise.scan.fields.zones import field_zones
from tests.bench.fields import same
from tests.papers import KINDS, paper, true_pages

NAMES = ("number", "symbol", "issued_on", "place", "issuer", "superior", "kind", "abstract", "signer", "signer_title")
ON_FORMS = ("owner_name", "owner_id", "birth_date", "residence", "dossier", "procedure")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [21, 22, 23])
def test_every_field_of_a_well_read_paper(kind: str, seed: int) -> None:
    made = paper(seed, kind, dpi=100)
    found = find_fields(true_pages(made))
    wrong = {
        n: (found.value(n), made.fields.get(n))
        for n in (*NAMES, *ON_FORMS)
        if n in made.fields and not _right(found, made, n)
    }
    assert not wrong


def _right(found, made, name: str) -> bool:  # type: ignore[no-untyped-def]
    value = found.value(name)
    return value is not None and same(name, value, made.fields[name])


def test_blank_number_and_date_stay_absent() -> None:
    found = find_fields(true_pages(paper(31, "decision", dpi=100, numbered=False, dated=False)))
    assert found.value("number") is None
    assert found.value("issued_on") is None
    assert found.value("symbol") is not None


def test_no_pages_and_blank_pages_have_no_fields() -> None:
    blank = PageText(100, 100, 72.0, 0, 0.0, (1, 0, 0, 0, 1, 0), (), "none", "vie")
    assert find_fields([]).found == {}
    assert find_fields([blank]).found == {}
    assert signer_zone([blank]) is None


def test_signer_zone_holds_title_and_name() -> None:
    made = paper(33, "notice", dpi=100)
    pages = true_pages(made)
    zone = signer_zone(pages)
    assert zone is not None
    number, (x0, y0, x1, y1) = zone
    name = [w for w in pages[number - 1].words if w.text == made.fields["signer"].split()[-1]][-1]
    assert x0 < name.upright[0] < x1
    assert y0 < name.upright[1] < y1


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("Quyết định", "QĐ"),
        ("QUYẾT ĐỊNH", "QĐ"),
        ("Chương trình phối hợp", "CTr"),
        ("Công văn", "CV"),
        ("Giấy xác nhận", None),
    ],
)
def test_kind_code(kind: str, code: str | None) -> None:
    assert kind_code(kind) == code


def test_volume_gives_the_fields_of_its_first_document() -> None:
    one, two = paper(51, "decision", dpi=100, pages=2), paper(52, "notice", dpi=100)
    found = find_fields([*true_pages(one), *true_pages(two)])
    assert found.value("signer") == one.fields["signer"]
    assert found.value("kind") == "Quyết định"


@pytest.mark.parametrize("seed", [8, 26, 28, 31])
def test_neither_grounds_nor_running_text_are_a_signers_block(seed: int) -> None:
    """The first page names who decides, `GIÁM ĐỐC SỞ NỘI VỤ`, or speaks of `nơi nhận`; nobody signs there."""
    first = true_pages(paper(seed, "decision"))[0]
    assert "signer" not in {zone.name for zone in field_zones(first)}
    assert signer_zone([first]) is None


@pytest.mark.parametrize("seed", [1, 3, 6, 11])
def test_the_issuers_zone_ends_above_the_title(seed: int) -> None:
    """What stands under both columns of the head is read in one zone, once."""
    zones = {zone.name: zone.box for zone in field_zones(true_pages(paper(seed, "decision"))[0])}
    titled = zones["title"][1] + 0.5 * (zones["title"][3] - zones["title"][1])
    assert zones["issuer"][3] < titled


def test_a_place_that_ends_like_its_kind_is_not_doubled() -> None:
    """`TĨNH` of Hà Tĩnh folds to the word for a province."""
    made = paper(5059, "directive", dpi=100)
    assert made.fields["issuer"] == "ỦY BAN NHÂN DÂN TỈNH HÀ TĨNH"
    assert find_fields(true_pages(made)).value("issuer") == made.fields["issuer"]
