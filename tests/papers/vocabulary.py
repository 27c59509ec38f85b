"""The sentence grammar behind the sample papers: names, agencies, places and sentences of our own making."""

# ruff: noqa: SIM905 - word lists read better as text

from dataclasses import dataclass
from random import Random

SURNAMES = (
    "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Mai Trịnh Cao Lâm Tạ Lương Vương Quách Thái "
    "Châu Kiều Tô Hà La Lò Giàng Đoàn Lưu Từ Tăng Hứa Triệu Nông Hoàng Đàm Ma Sầm"
).split()
MIDDLES = (
    "Văn Thị Hữu Đức Minh Ngọc Thanh Quốc Xuân Thu Hồng Kim Anh Bá Duy Đình Gia Khắc Mạnh Nhật Phương Quang Tấn Thành Thế Trọng "
    "Trung Tuấn Viết Thúy Bích Mỹ Diệu Hoài Như Tường Phước Vĩnh Công Sỹ"
).split()
GIVENS = (
    "An Bình Chiến Cúc Cường Danh Diệp Dũng Dung Duyên Đạt Điệp Đông Giang Hà Hải Hạnh Hằng Hậu Hiền Hiếu Hòa Hoàn Huệ Hùng Huy "
    "Huyền Hương Hường Khải Khánh Khôi Kiên Lan Lâm Liên Linh Loan Lộc Long Lợi Luân Lượng Mai Mẫn Nam Nga Ngân Nghĩa Nguyên Nhàn "
    "Nhung Oanh Phát Phong Phúc Phụng Phượng Quân Quế Quỳnh Sang Sơn Tâm Tân Thảo Thắng Thiện Thịnh Thọ Thoa Thơ Thủy Thư Tiến "
    "Toàn Trang Trâm Trí Trinh Trúc Trường Tú Tuyên Tuyết Uyên Vân Việt Vinh Vượng Xuyến Yên Ý Ái Đức Chương Diễm Bửu Chi"
).split()
PROVINCES = (
    "Cao Bằng|Tây Ninh|Hà Giang|Lạng Sơn|Bắc Kạn|Yên Bái|Sơn La|Hòa Bình|Thái Nguyên|Phú Thọ|Quảng Ninh|Bắc Giang|Hưng Yên|Hà Nam|"
    "Nam Định|Ninh Bình|Thanh Hóa|Hà Tĩnh|Quảng Bình|Quảng Trị|Quảng Ngãi|Bình Định|Phú Yên|Khánh Hòa|Ninh Thuận|Kon Tum|Gia Lai|"
    "Đắk Lắk|Đắk Nông|Bình Phước|Đồng Nai|Long An|Tiền Giang|Trà Vinh|Vĩnh Long|Đồng Tháp|Kiên Giang|Hậu Giang|Sóc Trăng|Cà Mau"
).split("|")
TOWNS = (
    "Hòa An|Trùng Khánh|Bảo Lạc|Tân Biên|Gò Dầu|Châu Thành|Đồng Văn|Tràng Định|Na Rì|Trấn Yên|Mộc Châu|Lương Sơn|Đại Từ|Thanh Ba|"
    "Ba Chẽ|Yên Thế|Khoái Châu|Kim Bảng|Hải Hậu|Gia Viễn|Nông Cống|Đức Thọ|Bố Trạch|Cam Lộ|Mộ Đức|Tuy Phước|Đông Hòa|Diên Khánh|"
    "Ninh Phước|Đăk Hà|Chư Sê|Krông Pắc|Đắk Mil|Bù Đăng|Xuân Lộc|Bến Lức|Cái Bè|Cầu Kè|Tam Bình|Lấp Vò|Gò Quao|Phụng Hiệp|Kế Sách"
).split("|")
COMMUNES = (
    "Thái Sơn|Bình Minh|Tân Lập|An Phú|Long Hải|Phú Cường|Đông Thạnh|Hưng Đạo|Quang Trung|Mỹ Lộc|Vĩnh Xuân|Thạnh Đức|Hòa Thuận|"
    "Nghĩa Lâm|Cẩm Giàng|Yên Sở|Xuân Trường|Đại Đồng|Phước Vinh|Bản Lầu|Nậm Khao|Tà Hộc|Ia Krêl|Đăk Rong"
).split("|")


@dataclass(frozen=True, slots=True)
class Agency:
    """An issuing organisation: its head lines, its code in symbols, and who signs for it."""

    superior: str  # capitals; may be empty
    name: str  # capitals
    short: str  # code at the end of symbols: UBND, SNV …
    place: str
    head: str
    deputy: str
    collective: str  # what `TM.` stands before; empty for an agency led by one person
    units: tuple[str, ...]


_DEPARTMENTS = (
    ("SỞ NỘI VỤ", "SNV"),
    ("SỞ XÂY DỰNG", "SXD"),
    ("SỞ KẾ HOẠCH VÀ ĐẦU TƯ", "SKHĐT"),
    ("SỞ GIÁO DỤC VÀ ĐÀO TẠO", "SGDĐT"),
    ("SỞ TÀI NGUYÊN VÀ MÔI TRƯỜNG", "STNMT"),
    ("SỞ NÔNG NGHIỆP VÀ PHÁT TRIỂN NÔNG THÔN", "SNNPTNT"),
    ("SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI", "SLĐTBXH"),
    ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", "SKHCN"),
    ("SỞ Y TẾ", "SYT"),
    ("SỞ GIAO THÔNG VẬN TẢI", "SGTVT"),
)
_MINISTRIES = (
    ("BỘ NỘI VỤ", "BNV"),
    ("BỘ TƯ PHÁP", "BTP"),
    ("BỘ KHOA HỌC VÀ CÔNG NGHỆ", "BKHCN"),
    ("BỘ TÀI NGUYÊN VÀ MÔI TRƯỜNG", "BTNMT"),
)


def name(rng: Random) -> str:
    """Return a person's name of two to four syllables."""
    middles = rng.sample(MIDDLES, rng.choice((0, 1, 1, 1, 1, 2)))
    return " ".join([rng.choice(SURNAMES), *middles, rng.choice(GIVENS)])


def agency(rng: Random) -> Agency:
    """Return an agency of one of the kinds that write to a one-stop shop."""
    province, town, commune = rng.choice(PROVINCES), rng.choice(TOWNS), rng.choice(COMMUNES)
    people = "ỦY BAN NHÂN DÂN"
    head, deputy = "CHỦ TỊCH", "PHÓ CHỦ TỊCH"
    offices = ("VP", "NC", "KT", "KGVX", "TH", "CCHC", "NV", "TNMT")
    match rng.randrange(7):
        case 0:
            level = rng.choice(("TỈNH", "TỈNH", "THÀNH PHỐ"))
            return Agency("", f"{people} {level} {province.upper()}", "UBND", province, head, deputy, people, offices)
        case 1 | 2:
            level = rng.choice(("HUYỆN", "THỊ XÃ", "THÀNH PHỐ", "QUẬN"))
            place, superior = town, f"TỈNH {province.upper()}"
            return Agency(superior, f"{people} {level} {town.upper()}", "UBND", place, head, deputy, people, offices)
        case 3:
            level = rng.choice(("XÃ", "PHƯỜNG", "THỊ TRẤN"))
            superior = rng.choice((f"HUYỆN {town.upper()}", f"{people} HUYỆN {town.upper()}"))
            return Agency(
                superior, f"{people} {level} {commune.upper()}", "UBND", commune, head, deputy, people, offices
            )
        case 4 | 5:
            department, code = rng.choice(_DEPARTMENTS)
            superior = rng.choice((f"UBND TỈNH {province.upper()}", f"{people} TỈNH {province.upper()}"))
            units = ("VP", "TTr", "QLĐT", "KHTC", "CCVC")
            return Agency(superior, department, code, province, "GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "", units)
        case _:
            ministry, code = rng.choice(_MINISTRIES)
            return Agency("", ministry, code, "Hà Nội", "BỘ TRƯỞNG", "THỨ TRƯỞNG", "", ("VP", "PC", "TCCB"))


_DOINGS = (
    "phê duyệt|ban hành|điều chỉnh|thu hồi|công bố|triển khai|tăng cường|rà soát|kiểm tra|phối hợp thực hiện|hướng dẫn|báo cáo|"
    "tổng hợp|bãi bỏ|giao|phân công|kiện toàn|thẩm định|gia hạn|đôn đốc"
).split("|")
_THINGS = (
    "danh mục thủ tục hành chính được tiếp nhận tại bộ phận một cửa|kế hoạch sử dụng đất|quy hoạch chi tiết khu dân cư|"
    "phương án bồi thường, hỗ trợ và tái định cư|chỉ tiêu biên chế viên chức sự nghiệp|dự toán kinh phí sửa chữa trụ sở|"
    "danh sách hộ gia đình được vay vốn|công tác phòng cháy, chữa cháy rừng|quy chế tiếp công dân|nhiệm vụ số hóa sổ hộ tịch|"
    "việc luân chuyển hồ sơ giữa các phòng chuyên môn|chương trình bình ổn giá|lịch trực lãnh đạo dịp nghỉ lễ|"
    "hệ thống cấp nước sạch nông thôn|đề án vị trí việc làm|giá dịch vụ thu gom rác thải|công tác tiêm phòng gia súc, gia cầm|"
    "việc chuyển mục đích sử dụng rừng trồng|kết quả khảo sát mức độ hài lòng|chế độ báo cáo định kỳ|đội tuyên truyền lưu động|"
    "hỗ trợ học phí cho học sinh bán trú|việc lắp đặt biển báo giao thông|phần mềm quản lý tài sản công"
).split("|")
_SCOPES = (
    "|||trên địa bàn huyện|trên địa bàn tỉnh|thuộc phạm vi quản lý|năm {year}|giai đoạn {year} - {later}|6 tháng đầu năm {year}|"
    "quý {quarter} năm {year}|đợt {n}|cho {n} tổ dân phố|tại các xã vùng cao"
).split("|")


def subject(rng: Random) -> str:
    """Return what a document is about, without `Về việc`: 30 to 180 characters."""
    year = rng.randint(2015, 2026)
    scope = rng.choice(_SCOPES).format(
        year=year, later=year + 5, quarter=rng.choice("I II III IV".split()), n=rng.randint(2, 19)
    )
    text = " ".join(part for part in (rng.choice(_DOINGS), rng.choice(_THINGS), scope) if part)
    if rng.random() < 0.2:
        text += f" và {rng.choice(_DOINGS)} {rng.choice(_THINGS)}"
    return text


_OPENINGS = (
    "Theo đề nghị của|Căn cứ báo cáo của|Trên cơ sở ý kiến thẩm tra của|Tiếp theo văn bản của|Qua kết quả làm việc với|"
    "Thực hiện kết luận của|Sau khi lấy ý kiến của"
).split("|")
_BODIES = (
    "Phòng Tư pháp|Văn phòng Đăng ký đất đai|Chi cục Kiểm lâm|Ban Quản lý dự án|Trạm Y tế|Thanh tra huyện|Hội Chữ thập đỏ|"
    "Công an thị trấn|Trường Trung học cơ sở {town}|Hợp tác xã {commune}|Tổ công nghệ số thôn {commune}|Bưu điện {town}"
).split("|")
_SENTENCES = (
    "{opening} {body}, {verb} {thing} {scope}.|{body} chịu trách nhiệm {verb} {thing}, hoàn thành trước ngày {date}.|"
    "Đến hết ngày {date}, {body} đã tiếp nhận {a} hồ sơ, trả kết quả {b} hồ sơ, đạt {p},{q}% kế hoạch.|"
    "Yêu cầu {body} bố trí {n} cán bộ trực thay phiên, không để người dân phải đi lại quá {m} lần.|"
    "Kinh phí thực hiện là {a}.000.000 đồng (bằng chữ: theo phụ lục kèm theo), lấy từ nguồn ngân sách năm {year}.|"
    "Ông {person} cùng bà {other} được giao theo dõi, nhắc việc và tổng hợp vướng mắc gửi {body}.|"
    "Giấy tờ đã có trong kho dữ liệu thì không yêu cầu nộp lại; bản quét phải rõ nét, đủ trang và đúng chiều.|"
    "Thời gian giải quyết rút từ {n} ngày còn {m} ngày làm việc kể từ khi nhận đủ hồ sơ hợp lệ.|"
    "Trường hợp thiếu căn cứ, {body} trả lời bằng văn bản và nêu rõ lý do trong {m} ngày.|"
    "Thửa đất số {a}, tờ bản đồ số {n}, diện tích {a},{q} m2 tại xã {commune} được ghi vào sổ địa chính.|"
    "Đường dây nóng 0{p}{a} tiếp nhận phản ánh cả ngày thứ Bảy và Chủ nhật, từ {n} giờ đến 17 giờ {p} phút.|"
    "Mức thu lệ phí áp dụng theo Nghị quyết số {n}/{year}/NQ-HĐND ngày {date} của Hội đồng nhân dân tỉnh {province}.|"
    "Quyết định số {a}/QĐ-UBND ngày {date} về {verb} {thing} hết hiệu lực kể từ ngày văn bản này được ký.|"
    "Huyện {town} và huyện {town2} giữ nguyên địa giới hành chính, chỉ sắp xếp lại {n} thôn, bản có dưới {a} nhân khẩu."
).split("|")


def sentence(rng: Random) -> str:
    """Return one sentence of a document's body."""
    day = f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/{rng.randint(2015, 2026)}"
    towns = rng.sample(TOWNS, 2)
    commune = rng.choice(COMMUNES)
    year = rng.randint(2015, 2026)
    made = rng.choice(_SENTENCES).format(
        opening=rng.choice(_OPENINGS),
        body=rng.choice(_BODIES).format(town=towns[0], commune=commune),
        verb=rng.choice(_DOINGS),
        thing=rng.choice(_THINGS),
        scope=rng.choice(_SCOPES).format(year=year, later=year + 5, quarter="II", n=rng.randint(2, 9)),
        date=day,
        a=rng.randint(10, 999),
        b=rng.randint(10, 999),
        p=rng.randint(10, 99),
        q=rng.randint(0, 9),
        n=rng.randint(2, 29),
        m=rng.randint(1, 9),
        year=year,
        person=name(rng),
        other=name(rng),
        commune=commune,
        town=towns[0],
        town2=towns[1],
        province=rng.choice(PROVINCES),
    )
    return (made[0].upper() + made[1:]).replace(" .", ".").replace(" ,", ",")


def paragraph(rng: Random, sentences: int = 0) -> str:
    """Return one to four sentences."""
    return " ".join(sentence(rng) for _ in range(sentences or rng.randint(1, 4)))
