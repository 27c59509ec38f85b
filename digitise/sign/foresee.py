"""What signing a registered document will draw, warn of or refuse, told while somebody can still change the draft."""

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from digitise import child
from digitise.errors import DigitiseError
from digitise.model.outgoing import Outgoing
from digitise.sign.preview import Known, Preview, preview
from digitise.sign.profiles import Profile
from digitise.sign.register import Numbered

if TYPE_CHECKING:
    from digitise.ports import ObjectStore

_OF_THE_DRAFT = ("number_not_written", "date_not_written")  # what its author can mend before anybody confirms


def foresee(
    document: Outgoing,
    profile: Profile,
    given: Numbered | None,
    store: "ObjectStore",
    limits: child.Limits,
    now: datetime,
    organisation: str = "",
) -> Preview:
    """Return what signing `document` by `profile` will do with these number and date; nothing of a file that cannot be read."""
    sha256, wanted = document.signed_sha256 or document.sha256, given or Numbered()
    if sha256 is None:
        return Preview()
    known = Known(
        now,
        document.signer,
        wanted.number if wanted.number is not None else document.number,
        wanted.symbol or document.symbol,
        wanted.issued_on or document.issued_on or now.date(),
        organisation,
    )
    with suppress(DigitiseError), store.as_file(sha256) as file:
        return preview(file, profile, known, limits)
    return Preview()


def of_the_draft(found: Preview, document: Outgoing) -> Preview:
    """Return what speaks of the draft itself: not where a signature will stand, nor of a date that nobody has named yet."""
    refusals = (one for one in found.refusals if document.issued_on or one.reason != "date_differs")
    return Preview((), tuple(one for one in found.warnings if one in _OF_THE_DRAFT), tuple(refusals))
