"""What the tests of signing share: a PKI with live responders, keys of every kind, pictures, tools."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import load_keys
from digitise.sign.own_check import own_check
from digitise.sign.profiles import Look, Profile, load_profiles
from digitise.sign.signature import Details, Tools
from digitise.sign.timestamps import Authorities
from digitise.sign.validation_data import Gatherer
from digitise.verify.trust import TrustSet, load_folder
from tests.pki import PKI

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
RED, BLUE = (210, 20, 30, 255), (20, 40, 170, 255)


@pytest.fixture(scope="session")
def pki() -> Iterator[PKI]:
    """One PKI for all; tests that break something make their own."""
    with PKI() as made:
        yield made


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory, pki: PKI) -> Path:
    """A folder with keys, PINs, pictures and trust."""
    folder = tmp_path_factory.mktemp("signing")
    (folder / "ubnd.p12").write_bytes(pki.ubnd.p12("pw-ubnd"))
    (folder / "an.p12").write_bytes(pki.person_an.p12("pw-an"))
    (folder / "ubnd.pin").write_text("pw-ubnd\n")
    (folder / "an.pin").write_text("pw-an\n")
    write_keys(
        folder,
        """
        [key.organisation]
        kind = "pkcs12"
        file = "ubnd.p12"
        pin_file = "ubnd.pin"
        [key.person]
        kind = "pkcs12"
        file = "an.p12"
        pin_file = "an.pin"
        """,
    )
    draw_seal(folder / "seal.png")
    draw_signature(folder / "signature.png")
    pki.trust_folder(folder / "trust")
    return folder


def write_keys(folder: Path, text: str) -> Path:
    file = folder / "keys.toml"
    file.write_text("\n".join(line.strip() for line in text.splitlines()))
    file.chmod(0o600)
    return file


def draw_seal(file: Path) -> None:
    image = Image.new("RGBA", (1000, 1000), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 100, 900, 900), outline=RED, width=20)
    pen.ellipse((180, 180, 820, 820), outline=RED, width=8)
    image.save(file)


def draw_signature(file: Path) -> None:
    image = Image.new("RGBA", (800, 300), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.line([(30, 200), (120, 60), (200, 240), (300, 80), (380, 220), (520, 100), (770, 160)], fill=BLUE, width=12)
    image.save(file)


def tools_for(pki: PKI, material: Path, **more: Any) -> Tools:
    """Return tools with a fresh key ring and the PKI's live responders."""
    profiles = {name: with_picture(profile, material) for name, profile in load_profiles(None).items()}
    trust: TrustSet = load_folder(material / "trust")
    made: dict[str, Any] = {
        "profiles": profiles,
        "ring": KeyRing(load_keys(material / "keys.toml")),
        "authorities": Authorities([pki.tsa_url], connect_seconds=2, seconds=10),
        "gatherer": Gatherer(),
        "verify": own_check(lambda: trust, lambda: datetime.now(UTC)),
    }
    return Tools(**{**made, **more})


def with_picture(profile: Profile, material: Path) -> Profile:
    if profile.look == Look.SEAL:
        return replace(profile, image=material / "seal.png")
    return replace(profile, image=material / "signature.png") if profile.look == Look.IMAGE else profile


@pytest.fixture
def tools(pki: PKI, material: Path) -> Iterator[Tools]:
    """Tools of this test."""
    made = tools_for(pki, material)
    yield made
    made.close()


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def details(now: datetime) -> Details:
    return Details(now)


@dataclass(frozen=True)
class Token:
    """A SoftHSM token with one key."""

    label: str
    pin: str
    certificate: Path


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any, str], Token]:
    """Return a function that puts an identity's key on a new SoftHSM token; the token store is this session's own."""
    if not Path(SOFTHSM).is_file():
        pytest.skip("softhsm2 is not installed")
    return token_store(tmp_path_factory.mktemp("softhsm"))


def token_store(folder: Path) -> Callable[[Any, str], Token]:
    """Let SoftHSM keep its tokens in `folder` in this process, and return what makes tokens there."""
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(config)

    def make(who: Any, label: str) -> Token:
        from cryptography.hazmat.primitives import serialization

        pem = folder / f"{label}.pem"
        pem.write_bytes(
            who.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        certificate = folder / f"{label}.crt"
        certificate.write_bytes(who.pem)
        run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", "1234")
        run("softhsm2-util", "--import", pem, "--token", label, "--label", "signing", "--id", "01", "--pin", "1234")
        return Token(label, "1234", certificate)

    return make


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def nss(tmp_path_factory: pytest.TempPathFactory, material: Path) -> Path:
    """An NSS database that trusts the test root, for pdfsig."""
    folder = tmp_path_factory.mktemp("nss")
    run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
    run("certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "CT,C,C", "-i", material / "trust" / "00.pem")
    run("certutil", "-A", "-d", f"sql:{folder}", "-n", "sub", "-t", ",,", "-i", material / "trust" / "01.pem")
    return folder


def second_opinion(file: Path, nss: Path, signatures: int) -> None:
    """Let poppler and qpdf look at a file: every signature valid, structure clean."""
    told = run("pdfsig", "-nssdir", f"sql:{nss}", "-no-ocsp", file)
    assert told.count("Signature is Valid") == signatures, told
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", file)
