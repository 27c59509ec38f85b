"""What is shown after something was sent: each answer and each refusal is accessible, fits, and is in the person's language."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import seeds
from tests.web.chromium import in_browser
from tests.web.conftest import Live
from tests.web.looking import UNTRANSLATED, context, look_at, watched

pytestmark = in_browser


def held(page: Page, live: Live) -> None:
    """Ask for a dossier of which papers are held."""
    page.goto("/reuse")
    page.fill("#dossier", seeds.DOSSIER)
    page.fill("#reason", "Tiếp nhận hồ sơ")
    page.get_by_role("button", name="Look up").click()
    expect(page.locator(".results li")).not_to_have_count(0)


def nothing_held(page: Page, live: Live) -> None:
    """Ask for a dossier of which nothing is held."""
    page.goto("/reuse")
    page.fill("#dossier", "H53.12-990101-0001")
    page.fill("#reason", "Tiếp nhận hồ sơ")
    page.get_by_role("button", name="Look up").click()
    expect(page.locator(".empty")).to_be_visible()


def look_up_refused(page: Page, live: Live) -> None:
    """Ask without saying for what."""
    page.goto("/reuse")
    page.get_by_role("button", name="Look up").click()


def upload_refused(page: Page, live: Live) -> None:
    """Send a file that is none."""
    page.goto("/upload")
    page.set_input_files("#file", [{"name": "hong.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 cut off"}])
    page.locator("#upload button").click()
    expect(page.locator("#live li.bad")).to_be_visible()


def first_visit(page: Page, live: Live) -> None:
    """Drop a scan on the first page, which is empty."""
    page.goto("/")
    page.set_input_files("#file", [{"name": "quet.pdf", "mimeType": "application/pdf", "buffer": seeds.scan(77)}])
    page.locator("#upload button").click()
    expect(page.locator("#live a")).to_be_visible()


def registration_refused(page: Page, live: Live) -> None:
    """Register a document with a number that is none."""
    page.goto("/outgoing/new")
    page.fill("#number", "mười")
    page.locator("form.card button").first.click()
    expect(page.locator("#error-summary")).to_be_focused()


def batch(page: Page, live: Live) -> None:
    """Confirm a batch."""
    page.goto("/outgoing?state=waiting")
    page.locator('tbody input[name="id"]').first.check()
    page.get_by_role("button", name="Look before signing").click()
    page.check("#seen")
    page.locator("form[action='/sign/confirm'] button").click()
    expect(page.locator("#batch")).to_be_visible()


def figure(page: Page, live: Live) -> None:
    """Keep a figure and compare it with the registers as they stand."""
    page.goto("/reports/signed-share")
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#rows")).to_be_visible()


def account_refused(page: Page, live: Live) -> None:
    """Make an account without a name."""
    page.goto("/admin/people")
    page.locator("form[action='/admin/people'] button").click()
    expect(page.locator("#error-summary")).to_be_visible()


def somebody_was_first(page: Page, live: Live) -> None:
    """Correct a word that somebody else has corrected meanwhile."""
    address = f"/documents/{live.world.documents[3]}/review"
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    for one, word in ((other, "Trước"), (page, "Sau")):
        one.fill("#word", word)
        with one.expect_navigation():  # the first is kept before the second is sent
            one.keyboard.press("Enter")
    expect(page.locator(".notice.doubt")).to_contain_text("Sau")


STATES: dict[Callable[[Page, Live], None], str] = {
    held: "lan",
    nothing_held: "lan",
    look_up_refused: "lan",
    upload_refused: "lan",
    first_visit: "dung-clerk",
    registration_refused: "minh",
    batch: "minh",
    figure: "thanh",
    account_refused: "dung",
    somebody_was_first: "lan",
}


@pytest.fixture(scope="module")
def windows(browser: Browser, live: Live) -> Iterator[dict[str, Page]]:
    """One window per person, in English."""
    from digitise.model.people import LOCAL_OPERATOR, Role

    people = live.world.services.people
    people.add("dung-clerk", seeds.PASSWORD, frozenset({Role.CLERK}), LOCAL_OPERATOR, display_name="Mới", unit="P9")
    opened = {person: context(browser, live, person) for person in set(STATES.values())}
    for one in opened.values():
        one.add_cookies([{"name": "digitise_lang", "value": "en", "url": live.url}])
    yield {person: one.new_page() for person, one in opened.items()}
    for one in opened.values():
        one.close()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_what_is_answered_is_accessible_and_in_the_language(
    windows: dict[str, Page], live: Live, state: Callable[[Page, Live], None]
) -> None:
    page = windows[STATES[state]]
    with watched(page, live) as wrong:
        state(page, live)
        look_at(page, state.__name__)
        assert wrong == []
    assert UNTRANSLATED.findall(page.content()) == []
