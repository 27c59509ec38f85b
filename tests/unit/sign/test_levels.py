"""Every level with every kind of key: our verifier, poppler and qpdf agree."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms

from digitise.model.verdicts import Integrity, Outcome
from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import load_keys
from digitise.sign.levels import tokens
from digitise.sign.profiles import Digest, Level, Look, Profile, Scheme
from digitise.sign.signature import Details, Tools, make_signature
from tests.csc_server import CscServer
from tests.pki import PKI, blank_pdf, key
from tests.unit.sign.conftest import SOFTHSM, Token, second_opinion, tools_for, write_keys

MakeToken = Callable[[Any, str], Token]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "source.pdf"
    file.write_bytes(blank_pdf(pages=2))
    return file


def profile_of(tools: Tools, **more: Any) -> Profile:
    return replace(tools.profiles["copy"], look=Look.NONE, **more)


@pytest.mark.parametrize("level", list(Level))
def test_each_level_is_reached_and_believed(
    level: Level, source: Path, tmp_path: Path, tools: Tools, details: Details, nss: Path
) -> None:
    made = make_signature(source, tmp_path / "signed.pdf", profile_of(tools, level=level), details, tools)
    assert made.verdict is not None
    finding = made.verdict.signatures[0]
    assert finding.integrity == Integrity.INTACT
    assert finding.level == level.value
    assert made.verdict.outcome == (Outcome.VALID if level in (Level.B_LT, Level.B_LTA) else Outcome.INDETERMINATE)
    second_opinion(made.signed.path, nss, 1)
    assert made.signed.path.read_bytes().startswith(source.read_bytes())


KEYS = [
    ("rsa3072", Digest.SHA384, Scheme.PKCS1, "sha384_rsa"),
    ("rsa2048", Digest.SHA256, Scheme.PSS, "rsassa_pss"),
    ("rsa2048", Digest.SHA512, Scheme.PSS, "rsassa_pss"),
    ("p256", Digest.SHA256, Scheme.PKCS1, "sha256_ecdsa"),
    ("p384", Digest.SHA384, Scheme.PKCS1, "sha384_ecdsa"),
]


@pytest.fixture(params=["pkcs12", "pkcs11", "csc"])
def held(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hold(
    held: str, pki: PKI, material: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[Any], Tools]]:
    """Return a function that keeps an identity's key in a file, on a token, or at a remote service."""
    servers: list[CscServer] = []

    def keep(who: Any) -> Tools:
        folder = tmp_path / "keys"
        folder.mkdir()
        (folder / "pin").write_text("1234")
        match held:
            case "pkcs12":
                (folder / "k.p12").write_bytes(who.p12("1234"))
                options = 'kind = "pkcs12"\nfile = "k.p12"'
            case "pkcs11":
                make: MakeToken = request.getfixturevalue("softhsm")
                token = make(who, f"t{abs(hash(request.node.name)) % 10**8}")
                (folder / "chain.pem").write_bytes(b"".join(one.pem for one in who.chain()))
                options = (
                    f'kind = "pkcs11"\nmodule = "{SOFTHSM}"\ntoken = "{token.label}"\nlabel = "signing"\n'
                    f'certificate = "{token.certificate}"\nchain = "chain.pem"'
                )
            case _:
                server = CscServer(who, pin="1234", token="bearer-1")
                servers.append(server)
                (folder / "bearer").write_text("bearer-1")
                options = f'kind = "csc"\nurl = "{server.url}"\ncredential = "cred-1"\naccess_token_file = "bearer"'
        file = write_keys(folder, f'[key.organisation]\n{options}\npin_file = "pin"')
        return tools_for(pki, material, ring=KeyRing(load_keys(file)))

    yield keep
    for server in servers:
        server.__exit__()


@pytest.mark.parametrize(("kind", "digest", "scheme", "algorithm"), KEYS)
def test_each_key_and_algorithm_signs(
    kind: str,
    digest: Digest,
    scheme: Scheme,
    algorithm: str,
    hold: Callable[[Any], Tools],
    pki: PKI,
    source: Path,
    tmp_path: Path,
    details: Details,
    nss: Path,
) -> None:
    who = pki.organisation("Ủy ban nhân dân xã Tân Lập", "0110329221", key=key(kind, 7))
    tools = hold(who)
    try:
        profile = profile_of(tools, digest=digest, scheme=scheme, level=Level.B_LT)
        made = make_signature(source, tmp_path / "signed.pdf", profile, details, tools)
    finally:
        tools.close()
    assert made.verdict is not None
    assert made.verdict.outcome == Outcome.VALID, made.verdict.reasons
    signer = cms.ContentInfo.load(tokens(made.signed.path)[0][1])["content"]["signer_infos"][0]
    assert signer["signature_algorithm"]["algorithm"].native == algorithm
    assert signer["digest_algorithm"]["algorithm"].native == digest.value
    if scheme == Scheme.PKCS1:  # poppler 22 cannot check PSS
        second_opinion(made.signed.path, nss, 1)


def test_the_container_is_what_the_library_would_encode(
    source: Path, tmp_path: Path, tools: Tools, details: Details
) -> None:
    made = make_signature(source, tmp_path / "signed.pdf", profile_of(tools, level=Level.B_T), details, tools)
    der = tokens(made.signed.path)[0][1]
    parsed = cms.ContentInfo.load(der, strict=True)
    rebuilt = cms.ContentInfo.load(der)
    for value in (rebuilt, rebuilt["content"]["signer_infos"][0]["signed_attrs"]):
        assert value.native is not None
    assert rebuilt.dump(force=True) == parsed.dump()
