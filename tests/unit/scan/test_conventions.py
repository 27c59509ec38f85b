"""What the layout of official papers fixes is set where it was nearly read; what may be meant otherwise stays."""

import pytest

from digitise.model.recognition import Word
from digitise.scan.language import corrected


def put(*lines: str, confidence: float = 0.8) -> list[str]:
    box = (0.0, 0.0, 100.0, 10.0)
    words = [Word(part, box, box, confidence, at) for at, line in enumerate(lines) for part in line.split()]
    made = corrected(words)
    return [" ".join(word.text for word in made if word.line == at) for at in range(len(lines))]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("CỘ CỘNG HÒA XÃ HỘI CHÚ NGHÍA VIỆT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("CỘNG HÒA XÃ HỘI CHÚ NGHĨA VIỆT", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT"),  # NAM stands below
        ("Độc lập - Tư do - Hạnh phúc.", "Độc lập - Tự do - Hạnh phúc"),
        ("ỦY BAN NHÂN DÂN...", "ỦY BAN NHÂN DÂN"),
        ("Huế, ngày 26 thúng 12 nắm 2020", "Huế, ngày 26 tháng 12 năm 2020"),
        ("Huế, ngày24 tháng 9 năm 201 5", "Huế, ngày 24 tháng 9 năm 2015"),
        ("Số:27 /QĐ-UBND", "Số: 27 /QĐ-UBND"),
        ("Số: 333GM-BTNMT", "Số: 333/GM-BTNMT"),
        ("Số: 12⁄QĐ-UBND", "Số: 12/QĐ-UBND"),
        ("chịu trách nhiệm thi hành này./", "chịu trách nhiệm thi hành này./."),
        ("công tác CCHOC, đạt 98%o;", "công tác CCHC, đạt 98%;"),
        ("Vêu cầu công dân", "Yêu cầu công dân"),
        ("qua và thông nhât ký", "qua và thống nhất ký"),
    ],
)
def test_what_is_nearly_right_is_set_right(read: str, meant: str) -> None:
    assert put(read) == [meant]


@pytest.mark.parametrize(
    "line",
    [
        "Số: 154 /CTPH-SVH,TT,DL",
        "từ 1,5 đến 2;3 lần, lúc 10:30",
        "xem https://a.gov.vn/x và e-mail a:b@c.vn",
        "- Lưu: VT, KSTT.",
        "ĐIỀU 1.",
        "ngày hội tháng giêng năm nay",
    ],
)
def test_what_may_be_right_stays(line: str) -> None:
    assert put(line) == [line]


def test_the_list_of_recipients_is_set_as_lists_are() -> None:
    assert put("Noïnhậm", "- Như trên:", "- UBND tính (đề báo cáo):", "-Lưu: VI,KTTH.") == [
        "Nơi nhận:",
        "- Như trên;",
        "- UBND tỉnh (để báo cáo);",
        "- Lưu: VT, KTTH.",
    ]


def test_marks_set_close_throughout_a_list_stay_close() -> None:
    assert put("Nơi nhận:", "-Như trên;", "-Lưu VT.") == ["Nơi nhận:", "-Như trên;", "-Lưu VT."]


def test_what_was_read_is_kept_and_boxes_are_shared() -> None:
    word = Word("ngày24", (0.0, 0.0, 60.0, 10.0), (0.0, 0.0, 60.0, 10.0), 0.8, 0)
    first, second = corrected([word])
    assert (first.text, second.text, first.read, second.read) == ("ngày", "24", "ngày24", "ngày24")
    assert first.box[2] == second.box[0] == 40.0
