"""What recognisers do to heads and feet: accents, look-alikes, lost words. Mended where certain, doubtful or absent else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from digitise.model.recognition import Fields, PageText, Word
from digitise.scan.fields import find_fields
from digitise.text import fold
from tests.papers import Paper, paper, true_pages

Change = Callable[[Word], Word | None]


def misread(pages: list[PageText], change: Change) -> list[PageText]:
    """Return the pages with each word changed, or lost where `change` returns None."""
    return [replace(p, words=tuple(made for w in p.words if (made := change(w)) is not None)) for p in pages]


def swap(old: str, new: str, confidence: float = 0.9) -> Change:
    return lambda w: replace(w, text=w.text.replace(old, new), confidence=confidence) if old in w.text else w


def fields(made: Paper, *changes: Change) -> Fields:
    pages = true_pages(made)
    for change in changes:
        pages = misread(pages, change)
    return find_fields(pages)


@pytest.fixture(scope="module")
def decision() -> Paper:
    papers = (paper(seed, "decision", dpi=100) for seed in range(60, 99))
    return next(p for p in papers if "superior" in p.fields and len(p.fields["signer"].split()) > 2)


@pytest.mark.parametrize("label", ["Só:", "Sô:", "Số", "SỐ:", "Sé:", "Số;"])
def test_label_of_the_number_misread(decision: Paper, label: str) -> None:
    found = fields(decision, lambda w: replace(w, text=label) if w.text == "Số:" else w)
    assert found.value("number") == decision.fields["number"]
    assert found.value("symbol") == decision.fields["symbol"]


def test_abbreviation_without_its_bar_follows_the_kind(decision: Paper) -> None:
    found = fields(decision, swap("QĐ-", "QD-"))
    assert found.value("symbol") == decision.fields["symbol"]


def test_fraction_slash(decision: Paper) -> None:
    assert fields(decision, swap("/", "⁄")).value("code") == decision.fields["code"]


def test_look_alike_letters_in_numbers_are_read_but_not_believed() -> None:
    made = next(p for s in range(300) if "0" in (p := paper(s, "notice", dpi=100)).fields["number"])
    found = fields(
        made, lambda w: replace(w, text=w.text.replace("0", "O")) if "/" in w.text or w.text.isdigit() else w
    )
    assert found.value("number") == made.fields["number"]
    assert found.found["number"].confidence < 0.9


def test_day_run_together_with_its_label(decision: Paper) -> None:
    day = decision.fields["issued_on"][-2:]
    pages = misread(true_pages(decision), lambda w: replace(w, text=f"ngày{day}.") if w.text == "ngày" else w)
    gone = {w.line for w in pages[0].words if w.text == f"ngày{day}."}
    pages = misread(pages, lambda w: None if w.line in gone and w.text == day else w)
    assert find_fields(pages).value("issued_on") == decision.fields["issued_on"]


def test_impossible_date_is_absent(decision: Paper) -> None:
    year = decision.fields["issued_on"][:4]
    lines = [w.line for p in true_pages(decision)[:1] for w in p.words if w.text == "ngày"]
    found = fields(decision, lambda w: replace(w, text="9O45") if w.text == year and w.line == lines[0] else w)
    assert found.value("issued_on") is None


def test_committee_without_accents_is_put_right(decision: Paper) -> None:
    made = next(p for s in range(99) if "ỦY BAN" in (p := paper(s, "decision", dpi=100)).fields["issuer"])
    found = fields(made, swap("ỦY", "UY"), swap("NHÂN", "NHAN"), swap("DÂN", "DẪN"))
    assert found.value("issuer") == made.fields["issuer"]


def test_agency_misread_in_the_head_is_put_right_by_the_body() -> None:
    made = next(p for s in range(400) if "KHOA HỌC" in (p := paper(s, "decision", dpi=100)).fields["issuer"])
    top = {w.line for p in true_pages(made)[:1] for w in p.words if w.upright[1] < 160}
    found = fields(made, lambda w: replace(w, text="HOC") if w.text == "HỌC" and w.line in top else w)
    assert found.value("issuer") == made.fields["issuer"]


def test_position_without_accents_is_put_right() -> None:
    made = next(p for s in range(99) if (p := paper(s, "report", dpi=100)).fields["signer_title"] == "PHÓ CHỦ TỊCH")
    assert fields(made, swap("PHÓ", "PHO"), swap("TỊCH", "TICH")).value("signer_title") == "PHÓ CHỦ TỊCH"


def test_deputy_is_known_by_whom_they_stand_for() -> None:
    made = next(p for s in range(99) if (p := paper(s, "report", dpi=100)).fields["signer_title"] == "PHÓ CHỦ TỊCH")
    found = fields(made, lambda w: None if w.text == "PHÓ" and w.upright[0] > 400 else w)
    assert found.value("signer_title") == "PHÓ CHỦ TỊCH"
    assert found.found["signer_title"].confidence < 0.9


def test_signer_lost_under_the_seal_is_absent(decision: Paper) -> None:
    name = set(decision.fields["signer"].split())
    pages = true_pages(decision)
    last = max(w.upright[1] for w in pages[-1].words if w.text in name)
    found = find_fields(misread(pages, lambda w: None if w.upright[1] > last - 4 and w.upright[0] > 380 else w))
    assert found.value("signer") is None
    assert found.value("signer_title") == decision.fields["signer_title"]


def test_doubtful_words_make_doubtful_fields(decision: Paper) -> None:
    sure = fields(decision)
    doubtful = fields(decision, lambda w: replace(w, confidence=0.4))
    for name in ("number", "issued_on", "place"):
        assert sure.found[name].confidence > 0.9
        assert doubtful.found[name].confidence < 0.7


def test_citizen_number_that_contradicts_the_birth_is_not_believed() -> None:
    made = paper(71, "certificate", dpi=100)
    number = made.fields["owner_id"]
    wrong = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
    found = fields(made, swap(number, wrong, 0.97))
    assert found.value("owner_id") == wrong
    assert found.found["owner_id"].confidence < 0.9


def test_too_short_a_citizen_number_is_absent() -> None:
    made = paper(71, "certificate", dpi=100)
    assert fields(made, swap(made.fields["owner_id"], made.fields["owner_id"][:-1])).value("owner_id") is None


def test_end_of_a_committee_lost_is_taken_from_the_place() -> None:
    papers = (paper(seed, "notice", dpi=100) for seed in range(300))
    made = next(p for p in papers if "QUẬN" in p.fields["issuer"] and len(p.fields["place"].split()) == 2)
    last = made.fields["issuer"].split()[-1]
    found = fields(made, lambda w: None if w.text == last and w.upright[1] < 160 else w)
    assert found.value("issuer") == made.fields["issuer"]


def test_a_stroke_read_twice_leaves_number_and_symbol(decision: Paper) -> None:
    found = fields(decision, lambda w: replace(w, text=w.text.replace("/", "⁄/", 1)) if "/QĐ" in w.text else w)
    assert (found.value("number"), found.value("symbol")) == (decision.fields["number"], decision.fields["symbol"])


def test_a_place_that_is_nearly_the_word_for_day_keeps_its_end(decision: Paper) -> None:
    found = fields(decision, swap(decision.fields["place"].split()[-1], "Ngãi", 0.97))
    assert (found.value("place") or "").endswith("Ngãi")
    assert found.value("issued_on") == decision.fields["issued_on"]


def test_a_name_that_stands_nowhere_else_is_not_sure(decision: Paper) -> None:
    found = fields(decision).found["signer"]
    assert found.value == decision.fields["signer"]
    assert found.confidence < 0.9


def test_short_part_of_a_name_in_capitals(decision: Paper) -> None:
    first = decision.fields["signer"].split()[0]
    found = fields(decision, lambda w: replace(w, text=w.text.upper()) if w.text == first else w)
    assert found.value("signer") == decision.fields["signer"]


def test_territory_that_lost_its_accents_is_spelled_like_the_place() -> None:
    made = next(
        p
        for s in range(300)
        if "ỦY BAN" in (p := paper(s, "notice", dpi=100)).fields["issuer"]
        and p.fields["issuer"].endswith(p.fields["place"].upper())
        and not p.fields["place"].isascii()
    )
    last = made.fields["issuer"].split()[-1]
    plain = fold(last).upper()
    assert plain != last
    found = fields(made, lambda w: replace(w, text=plain) if w.text == last else w)
    assert found.value("issuer") == made.fields["issuer"]


def test_a_capital_within_a_name_is_a_misread_small_letter(decision: Paper) -> None:
    first = decision.fields["signer"].split()[0]
    found = fields(decision, swap(first, first[:-1] + first[-1].upper()))
    assert found.value("signer") == decision.fields["signer"]


def test_about_whose_stroke_was_lost() -> None:
    letter = paper(7, "letter", dpi=100)
    found = fields(letter, lambda w: replace(w, text=w.text.replace("/", " ")) if w.text == "V/v" else w)
    assert found.value("abstract") == letter.fields["abstract"]


def test_a_disputed_name_is_not_made_sure_by_the_same_misreading_elsewhere() -> None:
    """One model reads `Quyên` for `Quyền` in the head and in the date alike: that is one witness, not two."""
    made = next(p for p in (paper(seed, "notice", dpi=100) for seed in range(60, 99)) if "HUYỆN" in p.fields["issuer"])
    name = made.fields["place"].split()[-1]
    head = swap(name.upper(), name.upper()[:-1] + "X", confidence=0.55)
    found = fields(made, head, swap(name, name[:-1] + "x", confidence=0.96))
    assert found.value("issuer") != made.fields["issuer"]
    assert found.found["issuer"].confidence < 0.9
