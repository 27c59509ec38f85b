"""A made-up office on a data directory: its keys, seals, signing profiles, trust and settings, with a live test PKI.

Everything in it is generated; nothing of it is worth protecting. `scripts/demo`, journeys and benches use it.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from tests.pki import PKI

SEAL_PIXELS = 500  # 36 mm at 350 dpi; drawn at twice that, so that its edges are smooth
RED, BLUE = (206, 32, 41, 255), (28, 57, 158, 255)  # seal and pen, DOMAIN: red seal, blue signature

KEYS = """\
[key.person]
kind = "pkcs12"
file = "person.p12"
pin_file = "person.pin"

[key.organisation]
kind = "pkcs12"
file = "organisation.p12"
pin_file = "organisation.pin"
"""

PROFILES = """\
[profile.approve]
key = "person"
image = "signature.png"

[profile.issue]
key = "organisation"
image = "seal.png"
"""


@dataclass(frozen=True)
class Office:
    """An office that can sign; `trust` is the folder of its anchors for `digitise verify --trust`."""

    data: Path
    pki: PKI
    trust: Path


def furnish(data: Path, pki: PKI, *, name: str = "ỦY BAN NHÂN DÂN XÃ BÌNH MINH") -> Office:
    """Write keys, PINs, pictures, profiles, settings and the folder of anchors into `data`."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for role, who in (("person", pki.person_an), ("organisation", pki.ubnd)):
        (data / f"{role}.p12").write_bytes(who.p12(f"pin-{role}"))
        (data / f"{role}.pin").write_text(f"pin-{role}\n")
        (data / f"{role}.pin").chmod(0o600)
    draw_seal(data / "seal.png", name)
    draw_signature(data / "signature.png")
    (data / "keys.toml").write_text(KEYS, encoding="utf-8")
    (data / "keys.toml").chmod(0o600)
    (data / "signing.toml").write_text(PROFILES, encoding="utf-8")
    (data / "digitise.toml").write_text(
        f'tsa_urls = ["{pki.tsa_url}"]\nrevocation_private_hosts = ["127.0.0.1"]\n'
        f'report_superior = "ỦY BAN NHÂN DÂN TỈNH"\nreport_organisation = "{name}"\n',
        encoding="utf-8",
    )
    return Office(data, pki, pki.trust_folder(data / "anchors"))


def draw_seal(file: Path, name: str) -> None:
    """Draw a round seal on a transparent ground: two rings, a star, the name around."""
    from tests.papers.fonts import font

    side, middle = 1000, 500
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((10, 10, 990, 990), outline=RED, width=28)
    pen.ellipse((240, 240, 760, 760), outline=RED, width=10)
    star = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    ImageDraw.Draw(star).regular_polygon((middle, middle, 110), 5, fill=RED)
    image.alpha_composite(star)
    face = font("bold", 92)
    step = min(16.0, 300 / max(len(name), 1))
    for at, char in enumerate(name):
        layer = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        ImageDraw.Draw(layer).text((middle, 135), char, RED, face, anchor="mm")
        image.alpha_composite(layer.rotate(-(at - (len(name) - 1) / 2) * step, Image.Resampling.BICUBIC))
    image.resize((SEAL_PIXELS, SEAL_PIXELS), Image.Resampling.LANCZOS).save(file)


def draw_signature(file: Path) -> None:
    """Draw a handwritten-looking stroke on a transparent ground."""
    image = Image.new("RGBA", (800, 300), (0, 0, 0, 0))
    points = [(30, 210), (120, 50), (150, 250), (230, 90), (300, 230), (380, 70), (440, 220), (560, 120), (770, 170)]
    ImageDraw.Draw(image).line(points, fill=BLUE, width=11, joint="curve")
    image.save(file)
