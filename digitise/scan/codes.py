"""QR codes and barcodes on a page, and what they say: the office's own slips, citizen cards."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from PIL import Image

from digitise.model.recognition import Box, Field
from digitise.text import identifier_kind, is_dossier_code, is_procedure_code, nfc, squeeze

MAX_CODES = 16  # a page with more is a test chart
MAX_CODE_TEXT = 4296  # letters that the largest QR holds


@dataclass(frozen=True, slots=True)
class Code:
    """One code as printed."""

    text: str  # NFC
    format: str  # QRCode, Code128, DataMatrix …
    box: Box  # in the page image


def read_codes(image: Image.Image) -> tuple[Code, ...]:
    """Return the QR codes and barcodes of a page image, upright or turned; codes that hold no text are left out."""
    import zxingcpp

    grey = image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB")
    found = zxingcpp.read_barcodes(grey)
    return tuple(_code(one) for one in found[:MAX_CODES] if one.text.strip())


def _code(found: Any) -> Code:
    corners = (
        found.position.top_left,
        found.position.top_right,
        found.position.bottom_right,
        found.position.bottom_left,
    )
    xs, ys = [float(c.x) for c in corners], [float(c.y) for c in corners]
    kind = str(found.format).removeprefix("BarcodeFormat.")
    return Code(nfc(found.text)[:MAX_CODE_TEXT], kind.replace(" ", ""), (min(xs), min(ys), max(xs), max(ys)))


def fields_of_codes(codes: tuple[Code, ...], page: int = 1) -> dict[str, Field]:
    """Return what codes say: dossier, procedure, owner_id, owner_name, birth_date, residence, paper (its name), qr (the text).

    The office prints dossier code, procedure code, owner's identifier and the paper's name; the order and the mark between
    them differ, so each part is known by its shape. A code's content is checked by the code itself: confidence 0.99.
    """
    found: dict[str, Field] = {}
    for code in codes:
        for name, value in parse(code.text).items():
            found.setdefault(name, Field(value, 0.99, code.box, page))
    return found


def parse(text: str) -> dict[str, str]:
    """Read one code's text; see `fields_of_codes`."""
    text = squeeze(text.replace("\n", "|"))
    card = citizen_card(text)
    if card:
        return card | {"qr": text}
    found: dict[str, str] = {"qr": text}
    rest: list[str] = []
    for part in (p.strip() for p in re.split(r"[|;\t]|(?<!\d),\s|\s#\s", text)):
        value = re.sub(r"^[\w .]{2,20}[:=]\s*", "", part) if re.match(r"^[^\d:=]{2,20}[:=]", part) else part
        name = _shape(value)
        if name and name not in found:
            found[name] = value.upper() if name == "dossier" else value
        elif value:
            rest.append(value)
    if len(found) > 1 and (words := [r for r in rest if sum(c.isalpha() for c in r) >= 3 and "://" not in r]):
        found["paper"] = words[0]
    return found


def _shape(part: str) -> str | None:
    if is_dossier_code(part):
        return "dossier"
    if is_procedure_code(part):
        return "procedure"
    return "owner_id" if identifier_kind(part) else None


def citizen_card(text: str) -> dict[str, str] | None:
    """Read the QR of a citizen card: `number|old number|name|ddmmyyyy|sex|residence|ddmmyyyy`; None where it is none."""
    parts = [p.strip() for p in text.split("|")]
    if len(parts) < 6 or not re.fullmatch(r"\d{12}", parts[0]) or not re.fullmatch(r"\d{8}", parts[3]):
        return None
    try:
        born = date(int(parts[3][4:]), int(parts[3][2:4]), int(parts[3][:2]))
    except ValueError:
        return None
    return {"owner_id": parts[0], "owner_name": parts[2], "birth_date": born.isoformat(), "residence": parts[5]}
