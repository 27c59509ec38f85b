"""The labelled lines of certificates: personal particulars of nobody in particular."""

from random import Random

from tests.papers import vocabulary as say

Rows = tuple[list[str], dict[str, str]]


def identifier(rng: Random, year: int) -> str:
    """Return a citizen number with a place code that is not in use (097 to 099), right for a birth in `year`."""
    sex_and_century = rng.randint(0, 1) + 2 * ((year - 1900) // 100)
    return f"09{rng.randint(7, 9)}{sex_and_century}{year % 100:02d}{rng.randint(0, 999_999):06d}"


def form_rows(rng: Random, agency: say.Agency) -> Rows:
    """Return the lines of a form and the fields on it: owner, owner_id, birth, residence, procedure, dossier."""
    year = rng.randint(1940, 2015)
    owner, number = say.name(rng), identifier(rng, year)
    born = f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/{year}"
    home = f"thôn {rng.choice(say.COMMUNES)}, huyện {rng.choice(say.TOWNS)}, tỉnh {rng.choice(say.PROVINCES)}"
    day = f"{rng.randint(20, 26)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    dossier = f"H{rng.randint(1, 63):02d}.{rng.randint(1, 60):02d}-{day}-{rng.randint(1, 9999):04d}"
    procedure = f"{rng.randint(1, 2)}.{rng.randint(100, 19999):06d}"
    holder = rng.choice(("Họ và tên", "Họ, chữ đệm, tên", "Ông/Bà"))
    card = rng.choice(("Số CCCD", "Số định danh cá nhân", "Căn cước công dân số", "CCCD số"))
    birth = rng.choice(("Ngày sinh", "Ngày, tháng, năm sinh", "Sinh ngày"))
    residence = rng.choice(("Nơi thường trú", "Nơi cư trú", "Địa chỉ thường trú"))
    rows = [
        f"{holder}: {owner}",
        f"{birth}: {born}",
        f"{card}: {number}",
        f"{residence}: {home}",
        "Quốc tịch: Việt Nam",
        say.sentence(rng),
        f"Mã hồ sơ: {dossier}",
        f"Mã thủ tục hành chính: {procedure}",
    ]
    fields = {
        "owner_name": owner,
        "owner_id": number,
        "birth_date": "-".join(reversed(born.split("/"))),
        "residence": home,
        "dossier": dossier,
        "procedure": procedure,
    }
    return rows, fields
