"""Vietnamese text: folding, codes, masking, figures."""

import pytest

from digitise import text


def test_fold_drops_every_mark_and_the_stroke_of_d() -> None:
    assert text.fold("Đường Nguyễn Huệ, ĐẶNG") == "duong nguyen hue, dang"


def test_search_tokens_part_numbers_and_symbols() -> None:
    assert text.search_tokens("Số: 05/QĐ-UBND ngày") == "so 05 qd ubnd ngay"


@pytest.mark.parametrize(
    ("old", "new"), [("hoà", "hòa"), ("thuý", "thúy"), ("khoẻ", "khỏe"), ("hoàn", "hoàn"), ("quý", "quý")]
)
def test_old_and_new_tone_placement_are_one_word(old: str, new: str) -> None:
    assert text.same_tone_placement(old) == text.same_tone_placement(new) == new


def test_vietnamese_order() -> None:
    words = ["đa", "da", "ăn", "an", "ẩn", "ân", "bà"]
    assert sorted(words, key=text.collation_key) == ["an", "ăn", "ân", "ẩn", "bà", "da", "đa"]


@pytest.mark.parametrize(
    ("written", "number", "symbol"),
    [
        ("Số: 15/QĐ-UBND", "15", "QĐ-UBND"),
        ("số 05 / UBND - VP ngày", "05", "UBND-VP"),
        ("123/2022/NĐ-CP", "123", "2022/NĐ-CP"),
    ],
)
def test_document_codes(written: str, number: str, symbol: str) -> None:
    assert text.parse_document_code(written) == text.DocumentCode(number, symbol)


def test_dossier_and_procedure_codes() -> None:
    assert text.is_dossier_code("H53.12-220915-0007")
    assert text.is_dossier_code("000.00.12.H53-220915-0007")
    assert not text.is_dossier_code("H53-0007")
    assert text.is_procedure_code("1.012766")


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("079123451234", "CCCD"),
        ("123456789", "CMND"),
        ("0110329220", "MST"),
        ("0110329220-001", "MST"),
        ("B1234567", "passport"),
        ("12", None),
    ],
)
def test_identifier_kinds(identifier: str, kind: str | None) -> None:
    assert text.identifier_kind(identifier) == kind


def test_masking_shows_no_more_than_seven_characters() -> None:
    assert text.mask("079123451234") == "079•••••1234"
    assert text.mask("1234567") == "•••••••"
    assert text.mask_in_text("CCCD 079123451234, số 0791234512345") == "CCCD 079•••••1234, số 0791234512345"


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(4721, 4916, "96,03 %"), (5007, 5022, "99,70 %"), (3430, 11100, "30,90 %"), (0, 7, "0,00 %"), (1, 8, "12,50 %")],
)
def test_shares_are_printed_as_reports_do(part: int, whole: int, printed: str) -> None:
    assert text.percent(part, whole) == printed


def test_a_share_of_nothing_is_no_number() -> None:
    assert text.percent(0, 0) is None
    assert text.group_thousands(260103) == "260.103"
