"""The register of outgoing documents: imports, rules for unattended signing, deliveries."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from digitise.errors import DeliveryFailed, InvalidValue, NotAllowed, UnreadableFile
from digitise.model.outgoing import Medium, OutgoingState
from digitise.model.people import Actor, Role
from digitise.model.tasks import Claim, TaskKind
from digitise.sign import rules
from digitise.sign.deliver import Receivers, deliver, webhook_secret
from digitise.sign.imports import import_register
from digitise.sign.keys import load_keys
from digitise.sign.profiles import Level, Look, load_profiles
from digitise.sign.register import OutgoingQuery, Rule
from digitise.sign.signature import Tools
from digitise.sign.work import sign_claim
from tests.unit.sign.room import Office, office

SIGNER = Actor("van-thu", frozenset({Role.SIGNER}))
CLERK = Actor("mot-cua", frozenset({Role.CLERK}))


@pytest.fixture
def place(tmp_path: Path, tools: Tools) -> Office:
    return office(tmp_path, tools)


CSV = """Sổ văn bản đi năm 2022;;;;;
Mã VB;Số, ký hiệu;Ngày ban hành;Loại văn bản;Trích yếu;Người ký;Hình thức phát hành
a1;15/QĐ-UBND;05/02/2022;Quyết định;Về việc phân công;Nguyễn Văn An;Điện tử
a2;07/UBND-VP;31/02/2022;;V/v báo cáo;Trần Thị Bình;Điện tử
a3;08/UBND-VP;06/02/2022;;V/v họp giao ban;Trần Thị Bình;Giấy
a4;;;;;;
a5;15/QĐ-UBND;07/02/2022;Quyết định;Số trùng;Nguyễn Văn An;Điện tử
"""


def test_a_register_is_imported_once_and_bad_rows_are_told(place: Office) -> None:
    file = place.folder / "so.csv"
    file.write_text(CSV, encoding="utf-8-sig")
    done = import_register(file, place.register, SIGNER, unit="H53.12")
    assert done.added == 3
    assert [(bad.row, bad.field, bad.reason) for bad in done.errors] == [
        (4, "issued_on", "not_a_date"),
        (6, "abstract", "missing"),
    ]
    assert [(odd.row, odd.reason) for odd in done.warnings] == [(7, "number_used")]
    again = import_register(file, place.register, SIGNER, unit="H53.12")
    assert (again.added, again.known) == (0, 3)
    by_id = {one.external_id: one for one in place.register.list(OutgoingQuery()).items}
    first = by_id["a1"]
    assert (first.number, first.symbol, first.issued_on, first.kind) == (15, "QĐ-UBND", date(2022, 2, 5), "QĐ")
    assert by_id["a3"].medium is Medium.PAPER
    assert by_id["a3"].kind == "CV"


def test_a_spreadsheet_with_columns_of_its_own(place: Office) -> None:
    file = place.folder / "so.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Cột lạ", "Tóm tắt", "Ngày phát", "Số"])
    sheet.append(["x-1", "Về việc nghỉ lễ", datetime(2023, 4, 20), 31])
    sheet.append(["x-2", "Về việc trực", "không rõ", 32])
    book.save(file)
    columns = {"Cột lạ": "external_id", "Tóm tắt": "abstract", "Ngày phát": "issued_on"}
    done = import_register(file, place.register, SIGNER, unit="U", columns=columns)
    assert (done.added, [bad.row for bad in done.errors]) == (1, [3])
    with pytest.raises(InvalidValue, match="columns"):
        import_register(file, place.register, SIGNER, unit="U", columns={"Cột lạ": "password"})


@pytest.mark.parametrize("content", [b"", b"no;columns\nhere;1\n", b"PK\x03\x04broken", b"\xff\xfe\x00s\x00o"])
def test_what_is_no_register_is_refused(place: Office, content: bytes) -> None:
    file = place.folder / "x.csv"
    file.write_bytes(content)
    with pytest.raises((InvalidValue, UnreadableFile)):
        import_register(file, place.register, SIGNER, unit="U")
    assert place.register.counts() == {}


def test_without_a_rule_nothing_is_signed_unattended(place: Office) -> None:
    place.add()
    assert rules.apply_rules(place.rules, place.register, place.intents, place.room.tools.profiles, _at(9)) == 0
    assert place.intents.open_intents() == []


def _at(hour: int) -> datetime:
    """Return today at that hour in Việt Nam."""
    return rules.start_of_day(datetime.now(UTC)) + timedelta(hours=hour)


def test_a_rule_signs_what_it_names_in_its_hours_so_many_a_day(place: Office) -> None:
    profiles = place.room.tools.profiles
    wanted = [place.add(f"TB {number}", kind="TB") for number in range(3)]
    place.add("QĐ khác")
    place.add("TB nơi khác", kind="TB", unit="H99")
    place.add("TB mật", kind="TB", secret=True)
    rule = Rule("thong-bao", "plain", "H53.12", "TB", 8, 17, 2)
    with pytest.raises(NotAllowed):
        rules.enable(rule, CLERK, place.rules, profiles)
    rules.enable(rule, SIGNER, place.rules, profiles)
    apply = (place.rules, place.register, place.intents, profiles)
    assert rules.apply_rules(*apply, _at(7)) == 0
    assert rules.apply_rules(*apply, _at(9)) == 2
    assert rules.apply_rules(*apply, _at(10)) == 0  # two a day
    (first, second) = place.intents.open_intents()
    assert {first.authorised_by, second.authorised_by} == {"rule:thong-bao"}
    assert {first.outgoing_id, second.outgoing_id} <= {one.id for one in wanted}
    sign_claim(place.claim(place.register.get(first.outgoing_id)), place.room)
    rules.stop("thong-bao", SIGNER, place.rules)
    stopped = place.register.get(second.outgoing_id)
    sign_claim(place.claim(stopped), place.room)  # the task is still there, its authority is not
    assert place.register.get(second.outgoing_id).state == OutgoingState.DRAFT
    assert place.signed_objects() == 1
    start, end = rules.day_of(datetime.now(UTC))
    listed = place.rules.signed_by_rules(start, end)
    assert [one["id"] for one in listed] == [first.outgoing_id]
    assert rules.apply_rules(*apply, _at(11)) == 0


def test_what_a_rule_has_signed_already_does_not_hold_up_the_others(place: Office) -> None:
    profiles = place.room.tools.profiles
    profiles["approve"] = replace(profiles["approve"], look=Look.NONE, level=Level.B_B)
    older, newer = place.add("TB cũ", kind="TB"), place.add("TB mới", kind="TB")
    for document, per_day in ((newer, 1), (older, 2)):
        rules.enable(Rule("duyet", "approve", "H53.12", "TB", 0, 24, per_day), SIGNER, place.rules, profiles)
        assert rules.apply_rules(place.rules, place.register, place.intents, profiles, _at(9)) == 1
        sign_claim(place.claim(document), place.room)
        assert place.register.get(document.id).state == OutgoingState.DRAFT  # it waits for the organisation's signature


def _deliver(claim: Claim, place: Office, receivers: Receivers) -> None:
    delivery = str(claim.task.args["delivery"])
    deliver(delivery, place.register, place.deliveries, place.room.store, receivers, place.room.clock)


def test_a_signed_document_is_delivered_whole_into_the_folder(place: Office) -> None:
    target = place.folder / "van-thu"
    place.room.channels = ("folder",)
    document = place.add(number=5, issued_on=date(2026, 2, 5))
    place.confirm(document)
    sign_claim(place.claim(document), place.room)
    claim = place.claim(document, TaskKind.DELIVER)
    receivers = Receivers(folder=target)
    _deliver(claim, place, receivers)
    after = place.register.get(document.id)
    assert after.state == OutgoingState.DELIVERED
    files = sorted(target.iterdir())
    assert [file.suffix for file in files] == [".json", ".pdf"]
    assert hashlib.sha256(files[1].read_bytes()).hexdigest() == after.signed_sha256
    assert json.loads(files[0].read_text())["number"] == 5
    _deliver(claim, place, receivers)
    assert sorted(target.iterdir()) == files


class Receiver:
    """A webhook receiver that checks signatures; fails as often as it is told."""

    def __init__(self, secret: bytes) -> None:
        self.secret, self.failures = secret, 0
        self.got: list[Any] = []
        self.ids: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.ids.append(self.headers["webhook-id"])
                signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
                mac = base64.b64encode(hmac.new(outer.secret, signed, hashlib.sha256).digest()).decode()
                good = self.headers["webhook-signature"] == f"v1,{mac}"
                status = 503 if outer.failures > 0 else 204 if good else 401
                outer.failures -= 1
                if status == 204:
                    outer.got.append(json.loads(body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"


SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver(webhook_secret(SECRET))
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_the_webhook_is_signed_tried_again_and_every_attempt_kept(place: Office, receiver: Receiver) -> None:
    place.room.channels = ("webhook",)
    document = place.add()
    place.confirm(document)
    sign_claim(place.claim(document), place.room)
    claim = place.claim(document, TaskKind.DELIVER)
    receivers = Receivers(url=receiver.url, secret=webhook_secret(SECRET))
    receiver.failures = 1
    with pytest.raises(DeliveryFailed):
        _deliver(claim, place, receivers)
    assert place.register.get(document.id).state == OutgoingState.SIGNED
    _deliver(claim, place, receivers)
    assert place.register.get(document.id).state == OutgoingState.DELIVERED
    (told,) = receiver.got
    assert told["type"] == "outgoing.issued"
    assert told["data"]["id"] == document.id
    assert len(set(receiver.ids)) == 1  # the receiver can drop repeats
    (kept,) = place.deliveries.of(document.id)
    assert [answer for _, answer in kept.attempts] == ["HTTP 503", "HTTP 204"]


def test_a_wrong_secret_is_not_taken(place: Office, receiver: Receiver) -> None:
    place.room.channels = ("webhook",)
    document = place.add()
    place.confirm(document)
    sign_claim(place.claim(document), place.room)
    receivers = Receivers(url=receiver.url, secret=b"another")
    with pytest.raises(DeliveryFailed):
        _deliver(place.claim(document, TaskKind.DELIVER), place, receivers)
    assert receiver.got == []


def test_profiles_of_a_file_are_checked_at_start(tmp_path: Path) -> None:
    file = tmp_path / "signing.toml"
    file.write_text(
        '[profile.issue]\nlevel = "B-LTA"\nunits = {"H53" = "k"}\n[profile.trich]\nmode = "copy"\nform = "TRÍCH SAO"\n'
    )
    profiles = load_profiles(file)
    assert profiles["issue"].level is Level.B_LTA
    assert profiles["issue"].key_for("H53") == "k"
    assert profiles["trich"].form == "TRÍCH SAO"
    assert replace(profiles["copy"]) == load_profiles(None)["copy"]
    for wrong in (
        '[profile.issue]\nlevel = "B-XL"',
        "[profile.other]\nkey = 'k'",
        '[profile.copy]\nform = "SAO"',
        '[profile.issue]\nimage = "missing.png"',
        "[profile.issue]\nimage_mm = 3600",
        "[profile.issue]\nunknown = 1",
        '[profile.issue]\nrequires = ["luck"]',
        "[profiles.issue]\nlevel = 'B-T'",  # a misspelt table must not silently change nothing
        "profile = 5",
        "profile.issue = 5",
        "not toml",
    ):
        file.write_text(wrong)
        with pytest.raises(InvalidValue):
            load_profiles(file)


@pytest.mark.parametrize("wrong", ["[keys.a]\nkind = 'pkcs12'", "key = 3", "id = 'xyz'", "slot = 'first'"])
def test_keys_of_a_file_are_checked_at_start(wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(wrong if "key" in wrong else f"[key.a]\nkind = 'pkcs11'\n{wrong}")
    file.chmod(0o600)
    with pytest.raises(InvalidValue):
        load_keys(file)
