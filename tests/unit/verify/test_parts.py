"""The parts that the table of verdicts cannot see one by one."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto.keys import PublicKeyInfo
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from digitise import messages
from digitise.errors import InvalidValue, NotFound, UnreadableFile
from digitise.model.verdict_records import record_of, verdict_of
from digitise.model.verdicts import Outcome, ReasonGiven, SignatureRole
from digitise.verify.evidence import Fetched, Want
from digitise.verify.fetch import NO_ANSWER, Fetcher, MemoryCache, Rules
from digitise.verify.keys import Mechanism, confirms, read_key
from digitise.verify.policy import DEFAULT, named
from digitise.verify.reasons import TABLE, Reason, decide
from digitise.verify.roles import role_of
from digitise.verify.source import Source
from digitise.verify.trust import TrustSet, entry_of, load_folder, read_certificates
from tests.pki import PKI, key, name_of
from tests.unit.verify.world import NOW, Given, World

NOW_REAL = datetime.now(UTC)


def test_every_reason_has_its_row_and_its_sentences() -> None:
    assert set(TABLE) == set(Reason)
    for lang in messages.LANGUAGES:
        sentences = messages.area(lang, "reasons")
        for reason in Reason:
            assert sentences[f"{reason.value}.what"].strip()
            assert sentences[f"{reason.value}.todo"].strip()
        for outcome in Outcome:
            assert sentences[f"citizen.{outcome.value}"].strip()
            assert sentences[f"outcome.{outcome.value}"].strip()
        assert all(sentences[f"role.{role.value}"] for role in SignatureRole)


def test_the_worst_row_decides_and_each_code_is_told_once() -> None:
    given = [
        ReasonGiven(r.value)
        for r in (Reason.PADDING_OLD, Reason.TIME_ONLY_CLAIMED, Reason.DIGEST_DIFFERS, Reason.PADDING_OLD)
    ]
    decision = decide(given)
    assert decision.outcome is Outcome.INVALID
    assert [one.code for one in decision.reasons] == ["signed_bytes_changed", "time_only_claimed", "padding_pkcs1_v15"]
    assert decide([]).outcome is Outcome.VALID
    assert decide(given[:2], lenient=frozenset({Reason.TIME_ONLY_CLAIMED})).outcome is Outcome.VALID


def test_policies_are_found_by_name() -> None:
    assert named("numbering").numbering is not None
    with pytest.raises(NotFound):
        named("anything goes")


@pytest.mark.parametrize("salt", [0, 20, 32, 222])
def test_pss_by_any_salt(salt: int) -> None:
    private = key("rsa2048", 2)
    info = PublicKeyInfo.load(_spki(private))
    value = private.sign(b"words", padding.PSS(padding.MGF1(hashes.SHA256()), salt), hashes.SHA256())
    how = Mechanism("rsa_pss", "sha256", salt, "sha256")
    assert confirms(read_key(info), value, how, data=b"words", hashed=None)
    assert not confirms(read_key(info), value, how, data=b"Words", hashed=None)
    assert not confirms(
        read_key(info), value, Mechanism("rsa_pss", "sha256", salt + 1, "sha256"), data=b"words", hashed=None
    )
    assert not confirms(read_key(info), value, Mechanism("rsa", "sha256"), data=b"words", hashed=None)


def test_padding_that_leaves_room_is_refused() -> None:
    """Bleichenbacher's forgery: rubbish after a short block passes only where the whole block is not compared."""
    private = key("rsa2048", 2)
    numbers = private.private_numbers()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"words")
    info = bytes.fromhex("3031300d060960864801650304020105000420") + digest.finalize()
    block = (b"\x00\x01" + b"\xff" * 8 + b"\x00" + info).ljust(256, b"\x11")
    value = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")
    assert not confirms(
        read_key(PublicKeyInfo.load(_spki(private))), value, Mechanism("rsa", "sha256"), data=b"words", hashed=None
    )


def _spki(private: object) -> bytes:
    return private.public_key().public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.parametrize(
    ("subject", "role"),
    [
        (name_of("Nguyễn Văn An", uid=["CCCD:079083001234"]), "person"),
        (name_of("Lê Thị Hoa", uid=["CMND:025123456", "MST:0110329220"], organisation="UBND xã"), "person"),
        (name_of("UBND xã Bình Minh", uid=["MST:0110329220"]), "organisation"),
        (name_of("Sở Nội vụ", organisation="Sở Nội vụ"), "organisation"),
        (name_of("Ủy ban", organisation="Khác"), "unknown"),
        (name_of("Cơ quan", organisation="Bộ"), "unknown"),  # a word in a name says nothing
    ],
)
def test_roles_come_from_attributes(world: World, subject: object, role: str) -> None:
    certificate = world.pki.sub.issue(subject).asn1_certificate  # type: ignore[arg-type]
    assert role_of(certificate, DEFAULT.roles) == role


def test_a_copy_is_told_by_its_reason(world: World) -> None:
    certificate = world.pki.ubnd.asn1_certificate
    assert role_of(certificate, DEFAULT.roles, "Sao  y bản chính") is SignatureRole.COPY
    assert role_of(world.pki.person_an.asn1_certificate, DEFAULT.roles, "SAO Y") is SignatureRole.PERSON


def test_trust_is_read_from_every_form(world: World, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import pkcs7

    root, sub = world.pki.root.identity, world.pki.sub.identity
    (tmp_path / "root.der").write_bytes(root.der)
    (tmp_path / "both.pem").write_bytes(root.pem + sub.pem)
    (tmp_path / "bundle.p7b").write_bytes(
        pkcs7.serialize_certificates([sub.certificate, root.certificate], serialization.Encoding.DER)
    )
    held = load_folder(tmp_path)
    assert sorted(one.anchor for one in held.entries) == [False, True]
    assert held.snapshot("default") == load_folder(tmp_path).snapshot("default")
    assert held.snapshot("default") != held.snapshot("numbering")
    assert held.without(held.entries[0].sha256[:16]).snapshot("default") != held.snapshot("default")
    with pytest.raises(InvalidValue):
        held.without("")
    with pytest.raises(UnreadableFile):
        read_certificates(b"no certificate", "x.pem")


def test_a_verdict_survives_being_kept(world: World) -> None:
    verdict = world.verdict(Given(world.signed("B-LTA")))
    assert verdict_of(record_of(verdict)) == verdict


def test_no_anchor_ships_with_us() -> None:
    root = Path(__file__).parents[3]
    for folder in ("digitise", "storage", "workers"):
        for file in (root / folder).rglob("*"):
            if file.is_file() and file.suffix not in (".pyc",):
                assert file.suffix.lower() not in (".pem", ".crt", ".cer", ".der", ".p7b", ".p12", ".pfx"), file
                assert b"-----BEGIN CERTIFICATE-----\nMII" not in file.read_bytes(), file
    assert TrustSet().entries == ()


def test_ranges_are_found_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitise.verify.source.PIECE", 64)
    file = tmp_path / "x"
    for shift in range(0, 70, 7):
        file.write_bytes(b"x" * shift + b"/ByteRange [0 11 22 33]" + b"y" * 300 + b"/ByteRange null ")
        source = Source(file)
        assert [entry.numbers for entry in source.ranges] == [(0, 11, 22, 33), None]
        source.close()


class TestFetching:
    """Whom we ask is not the file's choice."""

    def ask(self, pki: PKI, path: str, **rules: object) -> bytes:
        fetcher = Fetcher(Rules(**rules))  # type: ignore[arg-type]
        return fetcher.get(Want(pki.responders.url + path), NOW_REAL)

    def test_private_addresses_only_where_named(self, world: World) -> None:
        pki = world.pki
        port = pki.responders.url.rsplit(":", 1)[1]
        assert self.ask(pki, "/crl/sub.crl") == NO_ANSWER
        assert self.ask(pki, "/crl/sub.crl", private=("127.0.0.1:1",)) == NO_ANSWER
        assert self.ask(pki, "/crl/sub.crl", private=(f"127.0.0.1:{port}",)) != NO_ANSWER
        assert self.ask(pki, "/crl/sub.crl", private=("127.0.0.0/8",)) != NO_ANSWER

    def test_only_allowed_hosts(self, world: World) -> None:
        assert self.ask(world.pki, "/crl/sub.crl", private=("127.0.0.1",), hosts=("ocsp.example",)) == NO_ANSWER

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://u:p@127.0.0.1/x", "http:///x"])
    def test_no_other_schemes(self, url: str) -> None:
        assert Fetcher(Rules(private=("127.0.0.1",))).get(Want(url), NOW_REAL) == NO_ANSWER

    def test_large_answers_are_given_up(self, world: World) -> None:
        assert self.ask(world.pki, "/crl/sub.crl", private=("127.0.0.1",), max_bytes=10) == NO_ANSWER

    def test_slow_hosts_wait_beside_each_other_and_rest(self, world: World) -> None:
        pki = world.pki
        pki.responders.delay["/crl/slow"] = 30.0
        fetcher = Fetcher(Rules(private=("127.0.0.1",), seconds=0.4))
        try:
            started = time.monotonic()
            answers = fetcher.get_all([Want(f"{pki.responders.url}/crl/slow{n}.crl") for n in range(4)], NOW_REAL)
            assert set(answers.values()) == {NO_ANSWER}
            assert time.monotonic() - started < 3.0
            before = len(pki.responders.requests)
            assert fetcher.get(Want(f"{pki.responders.url}/crl/sub.crl"), NOW_REAL) == NO_ANSWER  # the host rests
            assert len(pki.responders.requests) == before
        finally:
            pki.responders.delay.clear()

    def test_answers_are_kept_for_a_while_and_serve_when_the_host_is_away(self, world: World) -> None:
        pki = world.pki
        want = Want(f"{pki.responders.url}/crl/root.crl")
        cache = MemoryCache()
        fetcher = Fetcher(Rules(private=("127.0.0.1",)), cache)
        first = fetcher.get(want, NOW_REAL)
        asked = len(pki.responders.requests)
        assert fetcher.get(want, NOW_REAL + timedelta(minutes=30)) == first
        assert len(pki.responders.requests) == asked
        pki.responders.away.add("/crl/root")
        try:
            assert fetcher.get(want, NOW_REAL + timedelta(hours=3)) == first
        finally:
            pki.responders.away.clear()
        assert cache.get(want.key) == Fetched(first, NOW_REAL)


def test_entries_know_anchors_from_intermediates(world: World) -> None:
    assert entry_of(world.pki.root.identity.asn1_certificate).anchor
    assert not entry_of(world.pki.sub.identity.asn1_certificate).anchor
    assert NOW.tzinfo is UTC
