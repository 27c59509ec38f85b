"""What is taken off a page is not text, and text stays."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitise.scan.clean import cleaned
from tests.unit.scan.test_page import paper


def inked(image: np.ndarray, region: tuple[slice, slice]) -> int:
    return int((image[region] < 128).sum())


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    return np.array(paper(200))


def test_a_clean_page_keeps_its_ink(page: np.ndarray) -> None:
    made, _ = cleaned(page, 200)
    assert inked(made, np.s_[:, :]) >= 0.995 * inked(page, np.s_[:, :])


def test_specks_rules_and_punch_holes_go(page: np.ndarray) -> None:
    spoiled = page.copy()
    spoiled[2050, 200:1400] = 0  # a rule
    cv2.circle(spoiled, (60, 1200), 22, 10, -1)  # a punch hole
    rng = np.random.default_rng(1)
    spoiled[rng.integers(0, page.shape[0], 3000), rng.integers(0, page.shape[1], 3000)] = 0
    made, steps = cleaned(spoiled, 200)
    assert {"rules", "blots"} <= set(steps)
    assert inked(made, np.s_[2000:2300, :]) == 0
    assert inked(made, np.s_[1150:1250, :90]) == 0
    assert inked(made, np.s_[:, :]) >= 0.98 * inked(page, np.s_[:, :])


def test_a_pale_seal_goes_and_the_line_under_it_stays(page: np.ndarray) -> None:
    spoiled = Image.fromarray(page)
    ImageDraw.Draw(spoiled).ellipse((500, 240, 780, 520), outline=130, width=4)
    made, steps = cleaned(np.asarray(spoiled), 200)
    assert steps
    ring = (np.asarray(spoiled) < 200) & (cv2.erode(page, np.ones((9, 9))) == 255)  # clear of any letter
    assert ring.sum() > 500
    assert (made[ring] < 200).mean() < 0.05
    assert inked(made, np.s_[:, :]) >= 0.97 * inked(page, np.s_[:, :])


def test_faint_print_is_not_taken_for_a_pale_seal(page: np.ndarray) -> None:
    faint = (255 - (255 - page.astype(np.int32)) * 90 // 255).astype(np.uint8)
    made, _ = cleaned(faint, 200)
    assert (made < 220).sum() >= 0.97 * (faint < 220).sum()
