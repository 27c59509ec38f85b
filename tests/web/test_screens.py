"""The pages without a browser: every screen in both languages, and what must never be in one."""

import gzip
import re

import pytest

from tests.web.conftest import World
from tests.web.looking import UNTRANSLATED
from tests.web.screens import NAMES, screens

EXPECTED = {"search-error": 422, "signed-share-error": 422, "not-found": 404, "not-allowed": 403}
OUTSIDE = re.compile(r"""(?:src|href|action|poster)\s*=\s*["'](?:https?:)?//""", re.I)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle\s*=|\son\w+\s*=|javascript:", re.I)


def test_the_list_of_screens_is_complete(reading: World) -> None:
    assert sorted(screens(reading)) == NAMES


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_every_screen_in_both_languages(reading: World, name: str, lang: str) -> None:
    person, address = screens(reading)[name]
    client = reading.signed_in(person) if person else reading.client
    answer = client.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")
    html = answer.text
    assert answer.status_code == EXPECTED.get(name, 200), html[:500]
    assert f'<html lang="{lang}">' in html
    assert UNTRANSLATED.findall(html) == []
    assert OUTSIDE.findall(html) == []
    assert INLINE.findall(html) == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(re.findall(r"<h1[ >]", html)) == 1


def test_the_language_switch_keeps_the_page(reading: World) -> None:
    client = reading.signed_in("lan")
    html = client.get("/search?q=quyet&kind=CV").text
    link = re.search(r'<a href="(/search\?[^"]*lang=en)"', html)
    assert link is not None
    english = client.get(link[1].replace("&amp;", "&"))
    assert "Narrow down" in english.text
    assert 'value="quyet"' in english.text
    assert "Search" in client.get("/search").text  # the choice is remembered


def test_the_first_page_is_light(reading: World) -> None:
    client = reading.signed_in("lan")
    html = client.get("/").text
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
    weight = len(gzip.compress(html.encode())) + sum(len(gzip.compress(client.get(file).content)) for file in files)
    assert weight < 60_000
    assert "immutable" in client.get(files[0]).headers["cache-control"]
