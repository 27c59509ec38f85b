"""Text that a PDF shows well but spells wrongly: fonts without a map to Unicode, and the fonts before Unicode.

Vietnamese papers of the 1990s and 2000s were set in TCVN3 (`.VnTime` …) and VNI (`VNI-Times` …) fonts: their PDFs show
good letters, and their text is rubbish.
"""

import re
import unicodedata

_MAX_BAD = 0.2  # part of the characters that may mean nothing; a few symbols of a dingbat font are no harm
_MAX_FOREIGN = 0.04  # part of the letters' neighbours that are signs no text has inside its words
_LEGACY = re.compile(r"^(?:[A-Z]{6}\+)?(?:\.Vn|VNI[-\s_]|VnTime|\.VNI)", re.IGNORECASE)
# TCVN3 and VNI put Vietnamese letters where Latin-1 has these signs; inside a word nothing else uses them.
_SIGN_IN_WORD = re.compile(r"(?<=[A-Za-z])[¡-¿×÷](?=[A-Za-z\s]|$)|(?<=\s)[¡-¿×÷](?=[a-z])")


def is_legacy_font(name: str) -> bool:
    """Say whether a base font name is that of a TCVN3 or VNI font."""
    return bool(_LEGACY.match(name))


def is_garbage(text: str) -> bool:
    """Say whether `text` as extracted means nothing to a reader."""
    told = [char for char in text if not char.isspace()]
    if not told:
        return False
    bad = sum(
        1 for char in told if char in "\ufffd\ufffe\uffff" or unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs")
    )
    if bad > _MAX_BAD * len(told):
        return True
    letters = sum(1 for char in told if char.isalpha())
    if len(_SIGN_IN_WORD.findall(text)) > _MAX_FOREIGN * max(1, letters):
        return True
    return letters * 5 < len(told) and sum(1 for char in told if char.isdigit()) * 2 < len(told)
