"""Fixed phrases of the administration, to put accents right that capitals and seals blur; and what they mark.

Taken from the layout rules (NĐ 30/2020/NĐ-CP, annex I) and the laws on the organisation of government; no names.
"""

# ruff: noqa: SIM905 - phrase lists read better as text

import re

from rapidfuzz.fuzz import ratio

from digitise.text import fold

NEAR = 87  # per cent of letters; `thứ trưởng` and `vụ trưởng` are further apart

POSITIONS = (
    "phó thủ tướng|thủ tướng|phó chủ tịch|chủ tịch|phó tổng giám đốc|tổng giám đốc|phó giám đốc|giám đốc|bộ trưởng|thứ trưởng|"
    "phó trưởng phòng|trưởng phòng|phó trưởng ban|trưởng ban|phó trưởng khoa|trưởng khoa|phó chánh văn phòng|chánh văn phòng|"
    "phó chi cục trưởng|chi cục trưởng|phó cục trưởng|cục trưởng|phó tổng cục trưởng|tổng cục trưởng|phó vụ trưởng|vụ trưởng|"
    "phó viện trưởng|viện trưởng|phó hiệu trưởng|hiệu trưởng|phó chánh thanh tra|chánh thanh tra|phó chánh án|chánh án|phó bí thư|"
    "bí thư|phó chủ nhiệm|chủ nhiệm|phó trạm trưởng|trạm trưởng|tổng thư ký|kế toán trưởng|đội trưởng|phó đội trưởng"
).split("|")
TERRITORIES = "tỉnh|thành phố|huyện|quận|thị xã|xã|phường|thị trấn|đặc khu".split("|")
ORGANISATIONS = (
    "ủy ban nhân dân|hội đồng nhân dân|văn phòng|sở|bộ|phòng|cục|chi cục|tổng cục|vụ|viện|bệnh viện|trường|trường đại học|"
    "trường trung học cơ sở|trường trung học phổ thông|trường tiểu học|đại học|học viện|trung tâm|trạm|công an|tòa án nhân dân|"
    "viện kiểm sát nhân dân|thanh tra|kho bạc nhà nước|ngân hàng|bảo hiểm xã hội|hội|đoàn|liên đoàn|ủy ban|công ty|tổng công ty|"
    "tập đoàn|quỹ|khoa|chính phủ|quốc hội|thủ tướng chính phủ|chủ tịch nước|đảng ủy|tỉnh ủy|huyện ủy|thành ủy|ban quản lý|ban chỉ đạo|"
    "ban tổ chức|ban thường trực|ban chấp hành|ủy ban mặt trận tổ quốc việt nam|thư viện|bảo tàng|đài phát thanh"
).split("|")
SURE_ANYWHERE = (
    "ủy ban nhân dân",
    "hội đồng nhân dân",
    "thành phố",
    "thị trấn",
    "văn phòng",
    "tòa án nhân dân",
    "trung tâm",
)

POSITION = re.compile(r"\b(?:" + "|".join(sorted({fold(p) for p in POSITIONS}, key=len, reverse=True)) + r")\b")
_STARTS = {fold(phrase): phrase for phrase in (*ORGANISATIONS, *TERRITORIES)}
_ANYWHERE = {fold(phrase): phrase for phrase in SURE_ANYWHERE}
_TERRITORIES = frozenset(fold(phrase) for phrase in TERRITORIES)
_POSITIONS = {fold(phrase): phrase for phrase in POSITIONS}


def cased_like(phrase: str, model: str) -> str:
    """Return `phrase` in capitals where `model` is, else as it is with `model`'s first letter's case."""
    if model.isupper():
        return phrase.upper()
    return phrase[:1].upper() + phrase[1:] if model[:1].isupper() else phrase


def _put(words: list[str], at: int, phrase: str) -> None:
    for offset, syllable in enumerate(phrase.split()):
        words[at + offset] = cased_like(syllable, words[at + offset])


def right_accents(words: list[str], starts: frozenset[int]) -> set[int]:
    """Put the accents of fixed phrases right in `words` (in place); return which words are now certain.

    `starts` are the words that begin a line: only there, or after a people's committee, is `SỞ` or `TỈNH` what it seems.
    """
    folded = [fold(word) for word in words]
    certain: set[int] = set()
    for table, where in ((_ANYWHERE, None), (_STARTS, starts)):
        for phrase in sorted(table, key=len, reverse=True):
            parts = phrase.split()
            for at in range(len(words) - len(parts) + 1):
                span = set(range(at, at + len(parts)))
                if folded[at : at + len(parts)] != parts or span & certain:
                    continue
                if where is not None and len(parts) == 1 and at + 1 == len(words):
                    continue  # a name follows its kind: `TỈNH HÀ` | `TĨNH`, `THỊ XÃ GIA` | `VIỄN`
                if where is not None and table[phrase] not in TERRITORIES and _names_territory(folded, at):
                    continue  # `HUYỆN` | `BỐ TRẠCH`: a name that goes on in the next line
                if where is None or at in where or _follows_committee(folded, at):
                    _put(words, at, table[phrase])
                    certain |= span
    return certain


def _names_territory(folded: list[str], at: int) -> bool:
    """Say whether the words before `at` are a kind of territory, whose name begins there."""
    return any(" ".join(folded[max(0, at - n) : at]) in _TERRITORIES for n in (1, 2))


def _follows_committee(folded: list[str], at: int) -> bool:
    return folded[max(0, at - 4) : at] == ["uy", "ban", "nhan", "dan"] or folded[max(0, at - 1) : at] == ["ubnd"]


def right_position(text: str) -> tuple[str, bool]:
    """Return a signer's title with the accents of its positions put right, and whether that is all of it."""
    words = text.split()
    folded = [fold(word) for word in words]
    covered: set[int] = set()
    for phrase in sorted(_POSITIONS, key=len, reverse=True):
        parts = phrase.split()
        for at in range(len(words) - len(parts) + 1):
            span = set(range(at, at + len(parts)))
            if folded[at : at + len(parts)] == parts and not span & covered:
                _put(words, at, _POSITIONS[phrase])
                covered |= span
    return " ".join(words), len(covered) == len(words)


def nearest_position(text: str) -> str | None:
    """Return the position that a line in capitals misses by a letter or two, `HỦ TỊCH` → `CHỦ TỊCH`; None where none is near."""
    best = max(POSITIONS, key=lambda phrase: ratio(fold(text), fold(phrase)))
    return best.upper() if ratio(fold(text), fold(best)) >= NEAR else None
