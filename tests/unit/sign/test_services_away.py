"""Services that signing needs: what happens while they are away, and what a revoked certificate may do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digitise.errors import TimestampUnavailable
from digitise.model.outgoing import OutgoingState
from digitise.model.tasks import TaskKind
from digitise.sign.profiles import Level, WhenAway
from digitise.sign.signature import Details, make_signature
from digitise.sign.timestamps import Authorities
from digitise.sign.work import renew_claim, sign_claim
from tests.pki import PKI, blank_pdf
from tests.unit.sign.conftest import tools_for, write_keys
from tests.unit.sign.room import Office, office, utc


@pytest.fixture
def own() -> Iterator[PKI]:
    """A PKI that a test may break."""
    with PKI() as made:
        yield made


@pytest.fixture
def place(own: PKI, tmp_path: Path) -> Iterator[Office]:
    """An office that signs B-LT by that PKI; one of its two time-stamping authorities never answers."""
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "ubnd.p12").write_bytes(own.ubnd.p12("pw-ubnd"))
    (keys / "ubnd.pin").write_text("pw-ubnd")
    write_keys(keys, '[key.organisation]\nkind = "pkcs12"\nfile = "ubnd.p12"\npin_file = "ubnd.pin"')
    own.trust_folder(keys / "trust")
    tools = tools_for(own, keys, authorities=Authorities([own.tsa_url, own.tsa_at("none")], attempts=1))
    made = office(tmp_path, tools, channels=("folder",))
    tools.profiles["plain"] = replace(tools.profiles["plain"], level=Level.B_LT)
    yield made
    tools.close()


def test_when_all_authorities_are_away_it_waits_and_ends_lt(own: PKI, place: Office) -> None:
    own.responders.away.add("/tsa")
    document = place.add()
    place.confirm(document)
    claim = place.claim(document)
    with pytest.raises(TimestampUnavailable):
        sign_claim(claim, place.room)
    waiting = place.register.get(document.id)
    assert waiting.state == OutgoingState.CONFIRMED
    assert "timestamp_unavailable" in (waiting.error or "")
    own.responders.away.clear()
    sign_claim(claim, place.room)
    after = place.register.get(document.id)
    assert (after.state, after.verdict, after.error) == (OutgoingState.SIGNED, "valid", None)
    assert place.signed_objects() == 1


@pytest.mark.parametrize("level", [Level.B_LT, Level.B_LTA])
def test_or_signs_at_once_and_keeps_the_promise_of_a_timestamp(level: Level, own: PKI, place: Office) -> None:
    profiles = place.room.tools.profiles
    profiles["plain"] = replace(profiles["plain"], level=level, when_away=WhenAway.PROMISE)
    own.responders.away.add("/tsa")
    document = place.add()
    place.confirm(document)
    sign_claim(place.claim(document), place.room)
    assert place.register.get(document.id).verdict == "indeterminate"
    assert place.deliveries.of(document.id) == []  # it goes out when it is whole
    own.responders.away.clear()
    claim = place.claim(document, TaskKind.RENEW)
    renew_claim(claim, place.room, place.register)
    assert place.register.get(document.id).verdict == "valid"
    before = place.register.get(document.id)
    assert [one.sha256 for one in place.deliveries.of(document.id)] == [before.signed_sha256]
    renew_claim(claim, place.room, place.register)  # run twice
    assert place.register.get(document.id) == before


@pytest.mark.parametrize("level", list(Level))
def test_a_revoked_certificate_never_signs(level: Level, own: PKI, place: Office) -> None:
    profiles = place.room.tools.profiles
    profiles["plain"] = replace(profiles["plain"], level=level)
    own.sub.revoke(own.ubnd)
    document = place.add()
    place.confirm(document)
    sign_claim(place.claim(document), place.room)
    assert "certificate_revoked" in (place.register.get(document.id).error or "")
    assert place.signed_objects() == 0


def test_a_level_without_proof_is_signed_with_a_warning_while_nobody_can_be_asked(
    own: PKI, place: Office, tmp_path: Path
) -> None:
    own.responders.away.update({"/ocsp", "/crl"})
    source, tools = tmp_path / "draft.pdf", place.room.tools
    source.write_bytes(blank_pdf())
    profile = replace(tools.profiles["plain"], level=Level.B_B)
    made = make_signature(source, tmp_path / "signed.pdf", profile, Details(utc()), tools)
    assert made.warnings == ("revocation_unchecked",)
    own.responders.away.clear()
    tools.gatherer.reuse = 0.0  # later
    assert make_signature(source, tmp_path / "again.pdf", profile, Details(utc()), tools).warnings == ()
