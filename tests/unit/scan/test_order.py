"""Reading order: heads and feet by column, tables and forms by row; stains between the columns change nothing."""

from digitise.scan.engine import Token
from digitise.scan.noise import without_noise
from digitise.scan.order import in_reading_order

EM = 20


def row(y: int, *parts: tuple[int, str]) -> list[Token]:
    """One engine line per part: words of 12 px a letter from x on."""
    tokens = []
    for number, (x, text) in enumerate(parts):
        for word in text.split():
            tokens.append(Token(word, (x, y, x + 12 * len(word), y + EM), 0.95, number, 0, y))
            x += 12 * len(word) + 8
    return tokens


def read(*rows: list[Token]) -> list[str]:
    tokens = without_noise([token for line in rows for token in line])
    return [" ".join(token.text for token in line) for line in in_reading_order(tokens)]


BODY = [
    row(400 + 30 * n, (100, "Căn cứ quy định về tiếp nhận và trả kết quả cho người dân, tổ chức và công dân"))
    for n in range(3)
]


def test_the_head_is_read_column_by_column() -> None:
    text = read(
        row(100, (150, "ỦY BAN NHÂN DÂN"), (600, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")),
        row(130, (180, "THÀNH PHỐ"), (680, "Độc lập - Tự do - Hạnh phúc")),
        row(170, (170, "Số: 12/QĐ-UBND"), (650, "Hà Nội, ngày 05 tháng 02 năm 2023")),
        row(260, (480, "QUYẾT ĐỊNH")),
        *BODY,
    )
    assert text[:7] == [
        "ỦY BAN NHÂN DÂN",
        "THÀNH PHỐ",
        "Số: 12/QĐ-UBND",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Hà Nội, ngày 05 tháng 02 năm 2023",
        "QUYẾT ĐỊNH",
    ]


def test_the_signer_follows_the_recipients_whatever_a_seal_left_between_them() -> None:
    stain = [Token("¬|", (540, 800, 560, 816), 0.1, 7, 0, 0)]
    text = read(
        *BODY,
        row(700, (100, "Nơi nhận:"), (700, "KT. CHỦ TỊCH")),
        row(730, (100, "- Như trên;"), (690, "PHÓ CHỦ TỊCH")),
        row(760, (100, "- Lưu: VT.")),
        stain,
        row(880, (690, "Trần Văn Bình")),
    )
    assert text[3:] == ["Nơi nhận:", "- Như trên;", "- Lưu: VT.", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Trần Văn Bình"]


def test_a_table_is_read_row_by_row_and_does_not_join_the_foot_below() -> None:
    text = read(
        *BODY,
        row(600, (110, "STT"), (300, "Lĩnh vực"), (600, "Tiếp nhận"), (900, "Trễ hạn")),
        row(640, (120, "1"), (300, "Đất đai"), (620, "7.524"), (930, "3")),
        row(680, (120, "2"), (300, "Hộ tịch"), (620, "944"), (930, "17")),
        row(760, (100, "Nơi nhận:"), (700, "CHỦ TỊCH")),
        row(790, (100, "- Lưu: VT.")),
    )
    assert text[3:] == [
        "STT Lĩnh vực Tiếp nhận Trễ hạn",
        "1 Đất đai 7.524 3",
        "2 Hộ tịch 944 17",
        "Nơi nhận:",
        "- Lưu: VT.",
        "CHỦ TỊCH",
    ]


def test_a_form_is_read_row_by_row() -> None:
    text = read(
        *BODY,
        row(600, (100, "Họ và tên: Trần Văn Bình"), (700, "Giới tính: Nam")),
        row(640, (100, "Ngày sinh: 01/02/1990"), (700, "Quốc tịch: Việt Nam")),
    )
    assert text[3:] == ["Họ và tên: Trần Văn Bình Giới tính: Nam", "Ngày sinh: 01/02/1990 Quốc tịch: Việt Nam"]


def test_a_long_issuer_close_to_the_national_title_is_a_column_of_its_own() -> None:
    text = read(
        row(100, (150, "ỦY BAN NHÂN DÂN HUYỆN."), (435, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")),
        row(130, (180, "THÀNH PHỐ"), (530, "Độc lập - Tự do - Hạnh phúc")),
        row(160, (170, "TRỰC THUỘC")),
        row(190, (170, "Số: 12/QĐ-UBND"), (500, "Hà Nội, ngày 05 tháng 02 năm 2023")),
        row(260, (480, "QUYẾT ĐỊNH")),
        *BODY,
    )
    assert text[:5] == [
        "ỦY BAN NHÂN DÂN HUYỆN.",
        "THÀNH PHỐ",
        "TRỰC THUỘC",
        "Số: 12/QĐ-UBND",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    ]


def test_a_signer_above_and_between_the_rows_of_recipients_follows_them() -> None:
    text = read(
        *BODY,
        row(700, (700, "GIÁM ĐỐC")),
        row(725, (100, "Nơi nhận:")),
        row(755, (100, "- Như trên;")),
        row(785, (100, "- Lưu: VT."), (690, "Trần Văn Bình")),
    )
    assert text[3:] == ["Nơi nhận:", "- Như trên;", "- Lưu: VT.", "GIÁM ĐỐC", "Trần Văn Bình"]
