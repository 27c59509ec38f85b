"""Number and date put in between the person's and the organisation's signature (NĐ 30/2020 art. 14, 15).

The leader signs, then the records clerk writes number and date on the page and puts the organisation's signature over both. Visible content
after a signature is suspicious; this one kind a policy may name. It must be an organisation that signs over it: otherwise anybody with
a certificate of his own could write into the head of a leader's document.
"""

from collections.abc import Sequence

from pyhanko.sign.fields import MDPPerm

from digitise.model.verdicts import SignatureRole
from digitise.verify.integrity import Checked
from digitise.verify.pictures import Box, Comparison, Pictures
from digitise.verify.policy import Numbering, Roles
from digitise.verify.roles import role_of
from digitise.verify.widgets import within

MAX_PAGES = 500  # of a document that is numbered after signing; each is drawn twice
A4 = (595.0, 842.0)
Place = tuple[int, Box]  # page from 0, box in points from its top left corner


def is_numbering(
    rule: Numbering,
    duties: Roles,
    checked: Checked,
    later: Sequence[Checked],
    comparison: Comparison,
    pictures: Pictures,
    places: Sequence[Place],
    size: int,
) -> bool:
    """Say whether what changed is small, on the first page, takes nothing away, and was signed over by an organisation.

    `places` are the fields of later signatures; these may show themselves on any page.
    """
    if checked.found.certifies is MDPPerm.NO_CHANGES:
        return False
    seals = [one for one in later if _is_seal(one, duties)]
    if not seals or comparison.pages_before != comparison.pages_after:
        return False
    if comparison.compared < comparison.pages_before:
        comparison = pictures.compare(checked.found.end, most=MAX_PAGES)  # what nobody looked at excuses nothing
        if comparison.failed is not None or comparison.compared < comparison.pages_before:
            return False
    if any(one.hidden_ink > rule.max_hidden_ink for one in comparison.differences):
        return False
    written = [
        (one.page, box) for one in comparison.differences for box in one.boxes if not inside(box, one.page, places)
    ]
    if any(page != 0 for page, _ in written):
        return False  # on later pages only the organisation's own signature may appear
    last = max(one.found.end for one in seals)
    if last < size and not pictures.compare(last, most=MAX_PAGES).same:
        return False  # something visible was added after the organisation signed
    area = sum((x1 - x0) * (y1 - y0) for _, (x0, y0, x1, y1) in written)
    return area <= rule.max_share * A4[0] * A4[1] and all(box[3] <= rule.region * A4[1] for _, box in written)


def _is_seal(one: Checked, duties: Roles) -> bool:
    signer = one.container.signer
    if not one.sound or one.found.is_timestamp or signer is None:
        return False
    return role_of(signer, duties, one.found.reason) in (SignatureRole.ORGANISATION, SignatureRole.COPY)


def inside(box: Box, page: int, places: Sequence[Place]) -> bool:
    """Say whether a box on a page lies in one of the places."""
    return any(page == at and within(box, place) for at, place in places)
