"""Cao Bằng city, 2022: of 4,916 electronic documents issued, 4,721 are digitally signed; every step through a public door.

Documents come in over HTTP, the records clerk confirms, the sign worker signs with a timestamp and revocation data, the
verify worker checks those that nobody signed, `digitise report` counts, `digitise evidence` proves. Keys, CA, OCSP and TSA
are generated and run on loopback.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from scripts.cao_bang_proof import Proven, print_out, prove
from tests import stack as stacks
from tests.office import furnish
from tests.pki import PKI
from tests.stack import Stack, machine_for_itself, running

ROOT = Path(__file__).parents[1]
DATA = ROOT / "demo-data-cao-bang"
DOCUMENTS, SIGNED = 4916, 4721
FIRST, DAYS = date(2021, 12, 15), 365  # the reporting year of NĐ 09/2019
MINUTES = 15
EVERY = 5  # seconds between lines of progress
STANDSTILL = 300  # seconds without any progress, after which it fails instead of waiting on
SENDERS = 4  # connections that register and confirm at once
UNITS = {
    "H14.00": "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân",
    "H14.01": "Phòng Tài nguyên và Môi trường",
    "H14.02": "Phòng Tư pháp",
    "H14.03": "Phòng Kinh tế",
    "H14.04": "Phòng Quản lý đô thị",
}
KINDS = {"QĐ": "QUYẾT ĐỊNH", "TB": "THÔNG BÁO", "KH": "KẾ HOẠCH", "BC": "BÁO CÁO"}
PROFILE = """
[profile.issue]
key = "organisation"
image = "seal.png"
requires = []
writes = []
"""


class Clock:
    """Says what takes how long."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.rates: list[tuple[str, int, float]] = []

    def step(self, text: str, count: int, work: Callable[[], Any]) -> Any:
        print(f"== {text}", flush=True)
        begun = time.monotonic()
        found = work()
        taken = time.monotonic() - begun
        self.rates.append((text, count, taken))
        rate = f", {count / taken:.0f} a second" if count else ""
        print(f"   {taken:.0f} s{rate}", flush=True)
        return found

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


class Progress:
    """Counts over threads, and says so every few seconds."""

    def __init__(self, what: str, whole: int) -> None:
        self._what, self._whole, self._lock = what, whole, threading.Lock()
        self._done, self._told = 0, time.monotonic()

    def one(self) -> None:
        with self._lock:
            self._done += 1
            if time.monotonic() - self._told > EVERY:
                self._told = time.monotonic()
                print(f"   {self._done} of {self._whole} {self._what}", flush=True)


_drawing = threading.Lock()  # ReportLab subsets a font that all its documents share


def draw(number: int) -> bytes:
    """Return a one-page document, as a word processor exports it."""
    from tests.cao_bang_paper import page

    kind = list(KINDS)[number % len(KINDS)]
    with _drawing:
        return page(number, kind, KINDS[kind], issued(number), UNITS[unit_of(number)])


def issued(number: int) -> date:
    """Spread the documents over the year."""
    return FIRST + timedelta(days=number * DAYS // DOCUMENTS)


def unit_of(number: int) -> str:
    return list(UNITS)[number * 7 % len(UNITS)]


def unsigned(number: int, documents: int, signed: int) -> bool:
    """Say which documents nobody signs: spread evenly, the same ones every time."""
    missing = documents - signed
    return number * missing // documents != (number + 1) * missing // documents


def register(stack: Stack, documents: int, signed: int) -> None:
    """Hand every document in over HTTP and authorise its signature at once, so that the sign worker never waits."""

    progress = Progress("registered", documents)

    def send(numbers: range) -> None:
        with stack.client() as client:
            for number in numbers:
                progress.one()
                without = unsigned(number, documents, signed)
                ident = _send(client, number)
                if not without:
                    client.post(f"/outgoing/{ident}/confirm", json={"profile": "issue"}).raise_for_status()

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, (range(start, documents, SENDERS) for start in range(SENDERS))))


@contextmanager
def second_signer(stack: Stack) -> Iterator[None]:
    """Run one sign worker more than `digitise up` does: with it both cores are busy."""
    environment = {**os.environ, "DIGITISE_DATA": str(stack.data.resolve())}
    worker = subprocess.Popen([sys.executable, "-m", "workers", "sign"], env=environment)
    try:
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(60)
        except subprocess.TimeoutExpired:  # busy with a signature; its lease ends by itself
            worker.kill()


def _send(client: httpx.Client, number: int) -> str:
    kind = list(KINDS)[number % len(KINDS)]
    given = {
        "unit": unit_of(number),
        "kind": kind,
        "abstract": f"Về việc triển khai nhiệm vụ số {number + 1} năm 2022",
        "number": str(number + 1),
        "symbol": f"{kind}-UBND",
        "issued_on": issued(number).isoformat(),
        "external_id": f"cao-bang-2022-{number + 1}",
    }
    file = ("file", (f"{number + 1}.pdf", draw(number), "application/pdf"))
    answer = client.post("/outgoing", data=given, files=[file])
    answer.raise_for_status()
    return str(answer.json()["id"])


def work_left(stack: Stack, kinds: tuple[str, ...]) -> Iterator[int]:
    """Yield how much work is open until there is none; fails where some was given up."""
    from digitise.bootstrap import compose
    from digitise.settings import load

    tasks = compose(load(data=stack.data)).tasks
    least, since = None, time.monotonic()
    while True:
        counts = tasks.counts()
        given_up = sum(count for (kind, state), count in counts.items() if kind in kinds and state == "quarantined")
        assert not given_up, f"{given_up} tasks were given up: digitise jobs list --data {stack.data}"
        left = sum(n for (kind, state), n in counts.items() if kind in kinds and state in ("waiting", "running"))
        if not left:
            return
        if least is None or left < least:
            least, since = left, time.monotonic()
        still = time.monotonic() - since
        assert still < STANDSTILL, f"nothing has moved for {still:.0f} s, {left} to go: {stack.log()}"
        yield left
        time.sleep(1)


def wait(stack: Stack, *kinds: str) -> None:
    told = 0.0
    for left in work_left(stack, kinds):
        if time.monotonic() - told > EVERY:
            print(f"   {left} to go", flush=True)
            told = time.monotonic()


def tell(told: dict[str, Any]) -> None:
    from digitise.report import words

    share = told["shares"][0]
    print(f"\n{share['text']}")
    print(f"{words.say('sheet.exceptions', 'vi')}: {share['denominator'] - share['numerator']}")
    for each in told["reasons"]:
        print(f"   {each['count']:>5}  {each['text']}  (cũ nhất {each['oldest']})")


def day(stack: Stack, clock: Clock, documents: int, signed: int, trust: Path) -> None:
    furnish_stack(stack, trust)
    text = f"{documents} documents are registered over HTTP, {signed} signatures authorised"
    with second_signer(stack):
        clock.step(text, documents, lambda: register(stack, documents, signed))
        text = "the sign workers sign the rest of them (B-LT), the verify worker checks the unsigned"
        clock.step(text, 0, lambda: wait(stack, "sign", "verify"))
    working = sum(seconds for _, _, seconds in clock.rates)
    clock.rates.append((f"{signed} signed (B-LT), from the first registration to the last signature", signed, working))
    clock.rates.append((f"{documents} verified in that time: what was signed, and what was not", documents, working))
    told = clock.step("the figure", 0, lambda: stack.run("report", "signed-share", "--period", "2022", "--freeze"))
    with tempfile.TemporaryDirectory() as name:
        folder, anchors = Path(name), Path(name) / "anchors.pem"
        anchors.write_bytes(b"".join(file.read_bytes() for file in sorted(trust.iterdir())))
        text = "the evidence: made, sealed, checked with sha256sum and OpenSSL"
        found: Proven = clock.step(text, documents, lambda: prove(stack, told["figures"][0], folder, anchors))
        clock.step("the report as a signed PDF, the audit log verified", 0, lambda: print_out(stack, folder))
    log = stack.run("audit", "verify")
    assert log["sound"], log["flaws"]
    assert [seal["chain"] for seal in log["seals"]] == ["trusted"] * max(1, len(log["seals"])), log["seals"]
    tell(told)
    share = told["shares"][0]
    assert (share["numerator"], share["denominator"]) == (signed, documents), share
    if (signed, documents) == (SIGNED, DOCUMENTS):
        assert share["text"] == "4.721/4.916 = 96,03 %", share["text"]
    assert sum(each["count"] for each in told["reasons"]) == documents - signed
    assert found.signatures >= signed
    print(
        f"{told['figures'][0]}: the bundle of {found.megabytes:.0f} MB is sound, "
        f"{found.signatures} signatures in it can be checked with OpenSSL alone; "
        f"the audit log of {log['entries']} entries is as it was written, its head signed"
    )


def furnish_stack(stack: Stack, trust: Path) -> None:
    """Install the anchors and the units."""
    stack.run("trust", "add", str(trust))
    units = stack.data / "units.csv"
    units.write_text("Mã đơn vị,Tên đơn vị,Cấp\n" + "".join(f"{c},{n},huyện\n" for c, n in UNITS.items()), "utf-8")
    stack.run("units", "import", str(units))


def live(clock: Clock, documents: int, signed: int) -> None:
    """Furnish the office, start the service, live through the year."""
    with PKI() as pki:
        office = furnish(DATA, pki, name="ỦY BAN NHÂN DÂN THÀNH PHỐ CAO BẰNG")
        (DATA / "signing.toml").write_text(PROFILE, encoding="utf-8")
        with (DATA / "digitise.toml").open("a", encoding="utf-8") as settings:
            settings.write('audit_seal_profile = "issue"\n')
        with running(DATA) as stack:
            day(stack, clock, documents, signed, office.trust)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--signed", type=int)
    parser.add_argument("--keep", action="store_true", help="leave the data in demo-data-cao-bang")
    given = parser.parse_args()
    signed = given.signed if given.signed is not None else round(given.documents * SIGNED / DOCUMENTS)
    if DATA.exists():
        shutil.rmtree(DATA)
    stacks.START_SECONDS = 300.0  # a busy machine
    with machine_for_itself():  # what waits for other stacks is not the year's time
        clock = Clock()
        try:
            live(clock, given.documents, signed)
        finally:
            if not given.keep:
                shutil.rmtree(DATA, ignore_errors=True)
    for text, count, seconds in clock.rates:
        print(f"figure cao_bang {seconds:.0f} s ({count / seconds:.1f}/s): {text}")
    goal = "ok" if clock.seconds <= MINUTES * 60 else "short"
    print(f"figure cao_bang_seconds {clock.seconds:.0f} {MINUTES * 60} {goal}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
