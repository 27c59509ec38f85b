"""What people type into search boxes, before it reaches an address."""

import re

from digitise.errors import InvalidValue

_IDENTIFIER = re.compile(r"(?<![\w/.-])(?:\d{12}|\d{9})(?![\w/.-])")


def holds_identifier(text: str) -> bool:
    """Say whether `text` holds a citizen's identifier (CCCD 12 digits, CMND 9), which must not stand in an address."""
    return bool(_IDENTIFIER.search(text))


def refuse_identifier(text: str) -> None:
    """Raise InvalidValue where `text` holds an identifier: look-ups by identifier need a reason and go by POST."""
    if holds_identifier(text):
        raise InvalidValue("identifier_in_address", name="q", value="…")
