"""The kinds of official documents and their abbreviations (NĐ 30/2020/NĐ-CP, annex III)."""

from digitise.text import fold, squeeze

CODES: dict[str, str] = {
    "Nghị quyết": "NQ",
    "Quyết định": "QĐ",
    "Chỉ thị": "CT",
    "Quy chế": "QC",
    "Quy định": "QyĐ",
    "Thông cáo": "TC",
    "Thông báo": "TB",
    "Hướng dẫn": "HD",
    "Chương trình": "CTr",
    "Kế hoạch": "KH",
    "Phương án": "PA",
    "Đề án": "ĐA",
    "Dự án": "DA",
    "Báo cáo": "BC",
    "Biên bản": "BB",
    "Tờ trình": "TTr",
    "Hợp đồng": "HĐ",
    "Công văn": "CV",  # bears no abbreviation on paper; CV is what registers write
    "Công điện": "CĐ",
    "Bản ghi nhớ": "BGN",
    "Bản thỏa thuận": "BTT",
    "Giấy ủy quyền": "GUQ",
    "Giấy mời": "GM",
    "Giấy giới thiệu": "GGT",
    "Giấy nghỉ phép": "GNP",
    "Phiếu gửi": "PG",
    "Phiếu chuyển": "PC",
    "Phiếu báo": "PB",
    "Thư công": "TCg",  # bears no abbreviation on paper either; kept apart from Thông cáo
    "Sao y": "SY",
    "Sao lục": "SL",
    "Trích sao": "TrS",
}
LETTER = "Công văn"
_BY_FOLD = {fold(name): name for name in CODES}
_BY_CODE = {code: name for name, code in CODES.items() if name not in (LETTER, "Thư công")}


def kind_code(kind: str) -> str | None:
    """Return the abbreviation of a kind's name, `Quyết định` → `QĐ`; of `Chương trình phối hợp` that of its first words.

    None for a paper that is none of the kinds of the annex, such as a certificate.
    """
    plain = fold(squeeze(kind))
    for known, name in sorted(_BY_FOLD.items(), key=lambda item: -len(item[0])):
        if plain == known or plain.startswith(known + " "):
            return CODES[name]
    return None


def kind_of_code(code: str) -> str | None:
    """Return the kind that an abbreviation in a symbol stands for, `QĐ` → `Quyết định`, accents as printed."""
    return _BY_CODE.get(code)


def printed_code(code: str) -> str:
    """Return the abbreviation that `code` is a misreading of by accents or case alone (`QD` → `QĐ`), else `code`.

    `CD` and `HD` stay as they are read where both `Đ` and `D` are abbreviations.
    """
    if code in _BY_CODE:
        return code
    same = [known for known in _BY_CODE if fold(known) == fold(code)]
    return same[0] if len(same) == 1 else code
