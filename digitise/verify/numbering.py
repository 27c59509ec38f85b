"""Number and date put in between the person's and the organisation's signature (NĐ 30/2020 art. 14, 15).

The leader signs, then the records clerk writes number and date on the page and puts the organisation's signature over both. Visible content
after a signature is suspicious; this one kind a policy may name.
"""

from collections.abc import Sequence

from pyhanko.sign.fields import MDPPerm

from digitise.verify.integrity import Checked
from digitise.verify.pictures import Box, Comparison, Pictures
from digitise.verify.policy import Numbering
from digitise.verify.widgets import within

A4 = (595.0, 842.0)


def is_numbering(
    rule: Numbering,
    checked: Checked,
    later: Sequence[Checked],
    comparison: Comparison,
    pictures: Pictures,
    places: Sequence[Box],
    size: int,
) -> bool:
    """Say whether what changed is small, on the first page, takes nothing away, and was signed over by a later sound signature."""
    if checked.found.certifies is MDPPerm.NO_CHANGES:
        return False
    seals = [one for one in later if one.sound and not one.found.is_timestamp]
    if not seals or comparison.pages_before != comparison.pages_after:
        return False
    if any(one.hidden_ink > rule.max_hidden_ink for one in comparison.differences):
        return False
    elsewhere = [box for one in comparison.differences if one.page != 0 for box in one.boxes]
    if not all(any(within(box, place) for place in places) for box in elsewhere):
        return False  # on later pages only the organisation's own signature may appear
    last = max(one.found.end for one in seals)
    if last < size and not pictures.compare(last).same:
        return False  # something visible was added after the organisation signed
    return all(_allowed(box, rule, places) for one in comparison.differences if one.page == 0 for box in one.boxes)


def _allowed(box: Box, rule: Numbering, places: Sequence[Box]) -> bool:
    if any(within(box, place) for place in places):
        return True  # the later signature's own field
    x0, y0, x1, y1 = box
    return (x1 - x0) * (y1 - y0) <= rule.max_share * A4[0] * A4[1] and y1 <= rule.region * A4[1]
