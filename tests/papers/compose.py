"""Composes a document in the layout of NĐ 30/2020, annex I: head, title, body, recipients, signer block; and knows its fields."""

from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from tests.papers import vocabulary as say
from tests.papers.forms import form_rows
from tests.papers.leaf import Ink, Leaf, Setter, Text, spaced, wrap

MOTTO = "Độc lập - Tự do - Hạnh phúc"
KINDS = {
    "decision": ("Quyết định", "QĐ"),
    "letter": ("Công văn", ""),
    "notice": ("Thông báo", "TB"),
    "report": ("Báo cáo", "BC"),
    "plan": ("Kế hoạch", "KH"),
    "submission": ("Tờ trình", "TTr"),
    "invitation": ("Giấy mời", "GM"),
    "directive": ("Chỉ thị", "CT"),
    "resolution": ("Nghị quyết", "NQ"),
    "guidance": ("Hướng dẫn", "HD"),
    "minutes": ("Biên bản", "BB"),
    "certificate": ("Giấy xác nhận", "GXN"),
}


@dataclass(slots=True)
class Draft:
    """A document while it is composed."""

    rng: Random
    kind: str
    numbered: bool
    dated: bool
    pages: int
    table: bool
    year: int | None = None  # of the date of issue; drawn by lot where None
    setter: Setter = field(default_factory=Setter)
    fields: dict[str, str] = field(default_factory=dict)
    agency: say.Agency = field(init=False)
    size: float = field(init=False)

    def __post_init__(self) -> None:
        self.agency = say.agency(self.rng)
        self.size = self.rng.choice((13.0, 13.5, 14.0))
        self.setter.leading = self.rng.choice((1.2, 1.3, 1.4))


def compose(draft: Draft) -> list[Leaf]:
    """Set the whole document and fill `draft.fields`."""
    _head(draft)
    if draft.kind != "letter":
        _title(draft)
    if draft.kind == "certificate":
        _form(draft)
    else:
        _body(draft)
    _foot(draft)
    return draft.setter.leaves


def _head(draft: Draft) -> None:
    """Two columns: superior, issuer, number left; national title, motto, place and date right."""
    rng, setter, agency = draft.rng, draft.setter, draft.agency
    size = rng.choice((12.0, 13.0))
    left, right = 160.0 + rng.uniform(-8, 4), 408.0 + rng.uniform(-3, 6)
    y = setter.top + rng.uniform(0, 10)
    if agency.superior:
        y_left = setter.block(wrap(agency.superior, "regular", size, 190), left, y, "regular", size, "head_l")
        draft.fields["superior"] = agency.superior
    else:
        y_left = y
    y_left = setter.block(wrap(agency.name, "bold", size, 195), left, y_left, "bold", size, "head_l")
    setter.line(left - 30, y_left - size * 0.8, left + 30, 0.7)
    draft.fields["issuer"] = agency.name
    title = setter.centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", right, y, "bold", 12.6, "head_r")
    motto = setter.centred(MOTTO, right, y + 16, "bold", 13.5, "head_r")
    setter.line(motto.left, y + 20, motto.right, 0.8)
    _dateline(draft, (title.left + title.right) / 2, y + 40)
    y_left = _number(draft, left, max(y_left + 6, y + 34))
    setter.y = max(y_left, y + 52)


def _number(draft: Draft, middle: float, y: float) -> float:
    """Set `Số: …` and, on letters, `V/v …` under it; return the next baseline."""
    rng, setter, agency, fields = draft.rng, draft.setter, draft.agency, draft.fields
    code = KINDS[draft.kind][1]
    symbol = f"{code}-{agency.short}" if code else f"{agency.short}-{rng.choice(agency.units)}"
    number = f"{int(10 ** rng.uniform(0, 3.7)):02d}"
    fields["symbol"] = symbol
    if draft.numbered:
        fields["number"] = number
        fields["code"] = f"{number}/{symbol}"
        gap = rng.choice(("", "", "", " "))
        setter.centred(f"Số: {number}{gap}/{symbol}", middle, y, "regular", 13, "head_l")
    else:
        text = setter.centred(f"Số: /{symbol}", middle - 12, y, "regular", 13, "head_l")
        setter.leaf.texts[-1] = _opened(text, 1, 34)
    y += 17
    if draft.kind == "letter":
        fields["abstract"] = f"V/v {say.subject(rng)}"
        y = setter.block(wrap(fields["abstract"], "regular", 12, 185), middle, y, "regular", 12, "head_l")
    return y


def _opened(text: Text, at: int, gap: float) -> Text:
    """Return the line with its words from `at` on moved right by `gap` points: room for a pen or a later number."""
    return replace(text, words=tuple((x + (gap if i >= at else 0), word) for i, (x, word) in enumerate(text.words)))


def _dateline(draft: Draft, middle: float, y: float) -> None:
    rng, setter, fields = draft.rng, draft.setter, draft.fields
    lot = rng.randint(2012, 2026)
    day = date(draft.year or lot, rng.randint(1, 12), rng.randint(1, 28))
    place = fields["place"] = draft.agency.place
    if draft.dated:
        fields["issued_on"] = day.isoformat()
        month = f"{day.month:02d}" if day.month < 3 else str(day.month)
        setter.centred(f"{place}, ngày {day.day:02d} tháng {month} năm {day.year}", middle, y, "italic", 13, "head_r")
        return
    text = setter.centred(f"{place}, ngày tháng năm {day.year}", middle - 25, y, "italic", 13, "head_r")
    words = len(place.split())
    setter.leaf.texts[-1] = _opened(_opened(text, words + 1, 22), words + 2, 22)


def _title(draft: Draft) -> None:
    """Kind in bold capitals, abstract in bold below, a short rule."""
    rng, setter, fields = draft.rng, draft.setter, draft.fields
    middle = (setter.left + setter.right) / 2
    name = KINDS[draft.kind][0]
    fields["kind"] = name
    setter.y += rng.uniform(14, 26)
    setter.centred(name.upper(), middle, setter.y, "bold", draft.size + 0.5, "body")
    subject = say.subject(rng)
    opening = "Kết quả " if draft.kind == "report" and rng.random() < 0.5 else "Về việc "
    abstract = subject[0].upper() + subject[1:] if rng.random() < 0.15 else opening + subject
    fields["abstract"] = abstract
    y = setter.block(
        wrap(abstract, "bold", draft.size, rng.choice((330, 380, 420))),
        middle,
        setter.y + draft.size * 1.35,
        "bold",
        draft.size,
        "body",
    )
    setter.line(middle - 45, y - draft.size * 0.75, middle + 45)
    setter.y = y + 8


def _body(draft: Draft) -> None:
    rng, setter = draft.rng, draft.setter
    middle = (setter.left + setter.right) / 2
    if draft.kind == "letter":
        draft.fields["kind"] = "Công văn"
        setter.y += 22
        to = rng.choice(
            ("Các phòng, ban, đơn vị trực thuộc", "Ủy ban nhân dân các xã, thị trấn", "Văn phòng Đăng ký đất đai")
        )
        setter.centred(f"Kính gửi: {to}.", middle, setter.y, "regular", draft.size, "body")
        setter.y += 10
    if draft.kind == "decision":
        _grounds(draft, middle)
    wanted = rng.randint(2, 5)
    n = 0
    while n < wanted or len(setter.leaves) < draft.pages:
        n += 1
        text = say.paragraph(rng)
        if draft.kind == "decision":
            text = f"Điều {n}. {text}"
        elif rng.random() < 0.3:
            text = f"{n}. {text}"
        setter.paragraph(text, draft.size)
    if draft.table:
        _table(draft)


def _grounds(draft: Draft, middle: float) -> None:
    """Who decides, on what grounds, and the words `QUYẾT ĐỊNH:`."""
    rng, setter, agency = draft.rng, draft.setter, draft.agency
    who = f"{agency.head} {agency.name}" if rng.random() < 0.7 else agency.name
    setter.y += 14
    setter.y = setter.block(wrap(who, "bold", draft.size, 420), middle, setter.y, "bold", draft.size, "body") - 8
    for _ in range(rng.randint(2, 3)):
        year = rng.randint(2009, 2025)
        setter.paragraph(
            f"Căn cứ Nghị định số {rng.randint(1, 180)}/{year}/NĐ-CP ngày {rng.randint(1, 28):02d} tháng {rng.randint(3, 12)} năm {year} "
            f"của Chính phủ về {say.subject(rng)};",
            draft.size,
            "italic",
        )
    setter.room(draft.size * 3)
    setter.y += draft.size * 1.6
    setter.centred("QUYẾT ĐỊNH:", middle, setter.y, "bold", draft.size, "body")
    setter.y += 4


def _table(draft: Draft) -> None:
    rng = draft.rng
    rows = [["TT", "Đơn vị", "Hồ sơ nhận", "Đã trả", "Quá hạn"]]
    for n, place in enumerate(rng.sample(say.COMMUNES, rng.randint(3, 6)), 1):
        taken, late = rng.randint(80, 6000), rng.randint(0, 40)
        rows.append([str(n), place, f"{taken:,}".replace(",", "."), f"{taken - late:,}".replace(",", "."), str(late)])
    draft.setter.table(rows, 12)


def _form(draft: Draft) -> None:
    """A certificate: labels with values."""
    setter = draft.setter
    setter.paragraph(f"{draft.agency.name.capitalize()} xác nhận:", draft.size)
    rows, fields = form_rows(draft.rng, draft.agency)
    for row in rows:
        setter.paragraph(row, draft.size, indent=0)
    draft.fields.update(fields)


def signer_lines(rng: Random, agency: say.Agency) -> list[str]:
    """Return the lines above the name: on whose behalf, in whose place, and last the signer's own title."""
    lines = [f"TM. {agency.collective}"] if agency.collective else []
    match rng.randrange(8):
        case 0 | 1 | 2:
            return [*lines, agency.head]
        case 3 | 4 | 5:
            return [*lines, f"KT. {agency.head}", agency.deputy]
        case 6:
            return [f"TL. {agency.head}", "CHÁNH VĂN PHÒNG"]
        case _:
            return [f"TL. {agency.head}", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"]


def _foot(draft: Draft) -> None:
    """Recipients bottom left, signer block with a gap for signature and seal right."""
    rng, setter, agency, fields = draft.rng, draft.setter, draft.agency, draft.fields
    lines = signer_lines(rng, agency)
    gap = rng.uniform(62, 84)
    setter.room(30 + len(lines) * 17 + gap + 20)
    top = setter.y + rng.uniform(18, 26)
    middle = 405.0 + rng.uniform(-15, 15)
    y = setter.block(lines, middle, top, "bold", 13.5, "foot_r")
    signer = say.name(rng)
    fields["signer"], fields["signer_title"] = signer, lines[-1]
    title_bottom = y - 13.5
    y += gap - 12
    setter.centred(signer, middle, y, "bold", 14, "foot_r")
    seal = (middle - rng.uniform(18, 46), (title_bottom + y) / 2 + rng.uniform(0, 14))
    setter.leaf.ink = Ink(middle, title_bottom, y - 11, *seal, agency.name, rng.randrange(1 << 30))
    to = [
        "Như trên" if draft.kind == "letter" else "Như Điều 2",
        "Chủ tịch, các Phó Chủ tịch",
        "Phòng Tài chính",
        "Đài Truyền thanh",
    ]
    names = [f"- {name};" for name in [to[0], *rng.sample(to[1:], rng.randint(1, 3))]] + [
        f"- Lưu: VT, {rng.choice(agency.units)}."
    ]
    fields["recipients"] = "\n".join(name[2:] for name in names)
    setter.leaf.texts.append(_left(setter.left, top + 2, "Nơi nhận:", "bolditalic", 12))
    for i, name in enumerate(names):
        setter.leaf.texts.append(_left(setter.left, top + 17 + i * 13.5, name, "regular", 11))


def _left(x: float, y: float, text: str, style: str, size: float) -> Text:
    return Text(spaced(text, style, size, x), y, size, style, "foot_l")
