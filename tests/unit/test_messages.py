"""Both languages say the same things, and every error has its sentence."""

import string
from pathlib import Path

import pytest

from digitise import errors
from digitise.messages import area, error_text, kept_error_text, text

LOCALE = Path(__file__).parents[2] / "digitise" / "locale"
AREAS = sorted({file.stem for file in LOCALE.glob("*/*.toml")})


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("name", AREAS)
def test_both_languages_have_the_same_keys_and_placeholders(name: str) -> None:
    vi, en = area("vi", name), area("en", name)
    assert vi.keys() == en.keys()
    assert {key: placeholders(vi[key]) for key in vi} == {key: placeholders(en[key]) for key in en}
    assert all(sentence.strip() for sentence in (*vi.values(), *en.values()))


def all_errors() -> list[type[errors.DigitiseError]]:
    found, open_ = [], [errors.DigitiseError]
    while open_:
        kind = open_.pop()
        found.append(kind)
        open_ += kind.__subclasses__()
    return found


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_error_has_a_sentence_that_names_the_file(kind: type[errors.DigitiseError], lang: str) -> None:
    told = error_text(kind("reason", file="giay-to.pdf"), lang)
    assert told.startswith("giay-to.pdf: ")
    assert kind.__name__ not in told
    assert "errors." not in told
    assert len(told) > 30


def test_every_error_is_drawn_in_the_tree() -> None:
    drawn = errors.__doc__ or ""
    for kind in all_errors():
        line = next((line for line in drawn.splitlines() if kind.__name__ in line.split()), None) or next(
            line for line in drawn.splitlines() if line.strip(" ├└│─").startswith(kind.__name__)
        )
        if kind is not errors.DigitiseError:
            assert f" {kind.exit_code} " in line.replace("  ", " "), kind
            assert str(kind.status) in line


def test_a_kept_error_becomes_a_sentence_again() -> None:
    kept = "signing_refused: certificate_expired"
    for lang in ("vi", "en"):
        sentence = kept_error_text(kept, lang)
        assert "certificate_expired" not in sentence
        assert "{" not in sentence
    assert "11/02/2026" in kept_error_text("signing_refused: certificate_expired (key=a, ends=11/02/2026)")
    assert kept_error_text("defect: KeyError: x", "en") == text("errors.defect.default", "en", reason="KeyError: x")
    assert kept_error_text("rule_stopped", "en") == "rule_stopped"
    assert kept_error_text(None) == ""
