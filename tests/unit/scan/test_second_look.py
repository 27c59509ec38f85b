"""Readings vote: agreement makes sure, dispute makes doubtful, a word lost under the seal is found, nothing else moves."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from digitise.model.recognition import PageText
from digitise.scan.engine import Grey, Layout, Token
from digitise.scan.fields import find_fields
from digitise.scan.fields.zones import field_zones
from digitise.scan.second_look import look_again
from tests.papers import paper, true_page

DPI = 100
LETTERS, UNANIMOUS = 6, 3  # readings of the letters alone; so many where all have one name alike


class Reader:
    """An engine that reads what a page truly says, word by word, but for what a test tells it to misread."""

    key = "reader"
    second = None

    def __init__(self, page: PageText, misread: Sequence[dict[str, str]]) -> None:
        self._page, self._misread, self._zone = page, list(misread), -1
        self._zones = {self._size(z.box): z for z in field_zones(page)}
        self._turns: dict[str, int] = {}
        self.black: list[float] = []  # share of the signer's block that was black, by its readings

    @staticmethod
    def _size(box: tuple[float, float, float, float]) -> int:
        return int(box[3]) + 1 - max(0, int(box[1]))

    def read(self, image: Grey, *, dpi: int, layout: Layout = Layout.PAGE, seconds: float = 60.0) -> list[Token]:
        factor = dpi / DPI
        zone = min(self._zones.values(), key=lambda z: abs(self._size(z.box) * factor + 24 - image.shape[0]))
        turn = self._turns.get(zone.name, 0)
        self._turns[zone.name] = turn + 1
        if zone.may_be_lost and image.shape[1] > (zone.box[2] - zone.box[0]) * factor:  # not a sheet of single words
            self.black.append(float((image < 128).mean()))
        wrong = self._misread[min(turn, len(self._misread) - 1)]
        x0, y0 = max(0, int(zone.box[0])), max(0, int(zone.box[1]))
        tokens = []
        for word in self._page.words:
            x, y = word.upright[0], word.upright[1]
            if zone.box[0] < x < zone.box[2] and zone.box[1] < y < zone.box[3]:
                box = tuple(round((v - o) * factor) + 12 for v, o in zip(word.upright, (x0, y0, x0, y0), strict=True))
                tokens.append(Token(wrong.get(word.text, word.text), box, 0.9, 0, 0, word.line))  # type: ignore[arg-type]
        return tokens

    def orientation(self, image: Grey, *, dpi: int) -> tuple[int, float]:
        return 0, 0.0


@pytest.fixture
def truth() -> PageText:
    return true_page(paper(44, "notice", dpi=DPI).sheets[0], confidence=0.9)


def look(given: PageText, truth: PageText, *misread: dict[str, str]) -> PageText:
    image = np.full((given.height, given.width), 255, np.uint8)
    return look_again(given, image, image, 1.0, DPI, Reader(truth, misread or ({},)))


def under_seal(truth: PageText, *misread: dict[str, str], bilevel: bool, ink: bool = True) -> list[float]:
    """Look again at a page with a black disc in its signer's block; return how black each reading of the block was."""
    image = np.full((truth.height, truth.width), 255, np.uint8)
    zone = next(z for z in field_zones(truth) if z.may_be_lost)
    if ink:
        middle = (round((zone.box[0] + zone.box[2]) / 2), round((zone.box[1] + zone.box[3]) / 2))
        cv2.circle(image, middle, round(2 * zone.type_height), 0, -1)
    reader = Reader(truth, misread or ({},))
    look_again(truth, image, image, 1.0, DPI, reader, bilevel=bilevel)
    return reader.black


def test_agreement_raises_confidence_and_leaves_the_rest_alone(truth: PageText) -> None:
    seen = look(truth, truth)
    assert seen.text == truth.text
    body = [(a, b) for a, b in zip(truth.words, seen.words, strict=True) if a.confidence == b.confidence]
    assert body
    fields = find_fields([seen])
    assert any(b.confidence > a.confidence for a, b in zip(truth.words, seen.words, strict=True))
    assert fields.found["number"].confidence > 0.9


def test_two_against_one_put_a_word_right_and_keep_what_was_read(truth: PageText) -> None:
    name = find_fields([truth]).value("signer")
    assert name is not None
    last = name.split()[-1]
    given = replace(truth, words=tuple(replace(w, text="Xqz") if w.text == last else w for w in truth.words))
    seen = look(given, truth)
    assert find_fields([seen]).value("signer") == name
    assert any(w.text == last and w.read == "Xqz" for w in seen.words)


def test_dispute_makes_doubtful(truth: PageText) -> None:
    place = find_fields([truth]).value("place")
    assert place is not None
    word = place.split()[0]
    other = word + "n"
    seen = look(truth, truth, {word: other}, {word: word + "m"})
    assert find_fields([seen]).found["place"].confidence < 0.9


def test_word_lost_under_the_seal_is_found(truth: PageText) -> None:
    name = find_fields([truth]).value("signer")
    assert name is not None
    lost = [w for w in truth.words if w.text == name.split()[0]][-1]
    given = replace(truth, words=tuple(w for w in truth.words if w is not lost))
    assert find_fields([given]).value("signer") != name
    assert find_fields([look(given, truth)]).value("signer") == name


def test_lines_stay_numbered_in_reading_order(truth: PageText) -> None:
    lines = [w.line for w in look(truth, truth).words]
    assert lines == sorted(lines)
    assert set(lines) == set(range(max(lines) + 1))


def test_black_ink_on_a_bilevel_page_is_taken_off_before_the_block_is_read(truth: PageText) -> None:
    black = under_seal(truth, bilevel=True)
    assert len(black) == UNANIMOUS
    assert max(black) < 0.01  # the disc, none of a letter's, was never shown


def test_elsewhere_letters_are_parted_only_where_no_two_readings_agree(truth: PageText) -> None:
    agreed = under_seal(truth, bilevel=False)
    assert len(agreed) == 1
    assert agreed[0] > 0.02
    name = find_fields([truth]).value("signer")
    assert name is not None
    word = name.split()[-1]
    disputed = under_seal(truth, *({word: word + letter} for letter in "bcdghklmnpqrstvx"), bilevel=False)
    assert len(disputed) == 4 + LETTERS
    assert min(disputed[:4]) > 0.02
    assert max(disputed[4:]) < 0.01


def test_a_bilevel_page_without_such_ink_is_read_as_any_other(truth: PageText) -> None:
    assert len(under_seal(truth, bilevel=True, ink=False)) == 1


def test_the_letter_that_the_fast_model_writes_twice_disputes_nothing() -> None:
    truth = true_page(paper(44, "decision", dpi=DPI).sheets[0], confidence=0.9)
    symbol = next(word.text for word in truth.words if "QĐ-" in word.text)
    image = np.full((truth.height, truth.width), 255, np.uint8)
    calm, doubling = Reader(truth, [{}]), Reader(truth, [{symbol: symbol.replace("Đ", "ĐÐ")}])
    looks = [look_again(truth, image, image, 1.0, DPI, reader) for reader in (calm, doubling)]
    assert looks[0] == looks[1]
    assert calm._turns == doubling._turns
