"""PINs: asked once a batch, tried once when wrong, kept nowhere."""

import logging
import sqlite3
from pathlib import Path

import pytest

from digitise.errors import InvalidValue, KeyUnavailable
from digitise.model.outgoing import OutgoingState
from digitise.sign.batch import sign_batch
from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import load_keys
from digitise.sign.work import sign_claim
from tests.bench.sign_many import run
from tests.pki import PKI
from tests.unit.sign.conftest import tools_for, write_keys
from tests.unit.sign.room import office

PIN = "ma-PIN-dai-khong-the-trung-ngau-nhien"
"""Long, so that no hash, port or time can hold it by chance."""


def test_a_batch_asks_for_the_pin_once_and_nothing_keeps_it(
    tmp_path: Path, pki: PKI, material: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "k.p12").write_bytes(pki.ubnd.p12(PIN))
    file = write_keys(keys, '[key.organisation]\nkind = "pkcs12"\nfile = "k.p12"\npin = "prompt"')
    asked: list[str] = []

    def prompt(name: str) -> str:
        asked.append(name)
        return PIN

    tools = tools_for(pki, material, ring=KeyRing(load_keys(file), prompt))
    place = office(tmp_path, tools)
    documents = [place.add(f"van ban {number}") for number in range(5)]
    for document in documents:
        place.confirm(document)
    done = sign_batch([], place.room, place.tasks, "cli")
    assert [one.error for one in done] == [None] * 5
    assert asked == ["organisation"]
    assert {place.register.get(one.id).state for one in documents} == {OutgoingState.SIGNED}
    tools.close()
    place.database.close()
    told = caplog.text + "".join(capfd.readouterr()) + repr(tools.ring) + repr(tools.ring.entries)
    assert PIN not in told
    for kept in tmp_path.glob("office.sqlite*"):
        assert PIN.encode() not in kept.read_bytes()
    with sqlite3.connect(tmp_path / "office.sqlite") as connection:
        assert PIN not in "".join(connection.iterdump())


def test_a_wrong_pin_is_tried_once(tmp_path: Path, pki: PKI, material: Path) -> None:
    asked: list[str] = []

    def prompt(name: str) -> str:
        asked.append(name)
        return "wrong"

    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "k.p12").write_bytes(pki.ubnd.p12("right"))
    file = write_keys(keys, '[key.organisation]\nkind = "pkcs12"\nfile = "k.p12"\npin = "prompt"')
    tools = tools_for(pki, material, ring=KeyRing(load_keys(file), prompt))
    place = office(tmp_path, tools)
    for number in range(4):
        place.confirm(place.add(f"van ban {number}"))
    done = sign_batch([], place.room, place.tasks, "cli")
    assert len(asked) == 1
    assert done
    assert all("wrong_pin" in (one.error or "") for one in done)
    assert place.signed_objects() == 0


def test_without_anybody_to_ask_it_waits(tmp_path: Path, pki: PKI, material: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    file = write_keys(keys, '[key.organisation]\nkind = "pkcs12"\nfile = "k.p12"\npin = "prompt"')
    place = office(tmp_path, tools_for(pki, material, ring=KeyRing(load_keys(file))))
    document = place.add()
    place.confirm(document)
    with pytest.raises(KeyUnavailable):
        sign_claim(place.claim(document), place.room)
    assert place.register.get(document.id).state == OutgoingState.CONFIRMED


def test_a_keys_file_that_others_read_or_that_holds_a_pin_is_refused(tmp_path: Path) -> None:
    file = write_keys(tmp_path, '[key.k]\nkind = "pkcs12"\nfile = "k.p12"\npin = "1234"')
    with pytest.raises(InvalidValue, match="pin_in_file"):
        load_keys(file)
    file.chmod(0o644)
    with pytest.raises(InvalidValue, match="keys_readable"):
        load_keys(file)


def test_one_pin_signs_a_batch_through_an_outage_of_the_authority(softhsm: object) -> None:
    told = run(documents=12, away=1.0)
    rate = told.pop("per_second")
    assert told.pop("pins_asked") == 1
    assert set(told.values()) == {12}, told
    assert rate > 0
