"""One batch, one PIN: a thousand documents with a key on SoftHSM, B-LT, while the time-stamping authority is away at first.

    python -m tests.bench.sign_many [--documents 1000] [--away 60]

The test PKI's authorities (OCSP, CRL, TSA) answer on loopback, from this process.
"""

import argparse
import tempfile
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from digitise.sign.batch import sign_batch
from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import load_keys
from digitise.sign.profiles import Level
from digitise.sign.register import OutgoingQuery
from storage.schema.verdicts import verdicts
from tests.pki import PKI, blank_pdf
from tests.unit.sign.conftest import SOFTHSM, token_store, tools_for, write_keys
from tests.unit.sign.room import Office, office


def open_office(folder: Path, pki: PKI, asked: list[str]) -> Office:
    """Open an office whose key is on a token that asks a person for its PIN; `asked` counts."""
    (folder / "hsm").mkdir()
    token = token_store(folder / "hsm")(pki.ubnd, "office")
    (folder / "chain.pem").write_bytes(b"".join(one.pem for one in pki.ubnd.chain()))
    keys = write_keys(
        folder,
        f"""[key.organisation]
        kind = "pkcs11"
        module = "{SOFTHSM}"
        token = "office"
        label = "signing"
        certificate = "{token.certificate}"
        chain = "chain.pem"
        pin = "prompt"
        """,
    )

    def prompt(name: str) -> str:
        asked.append(name)
        return token.pin

    pki.trust_folder(folder / "trust")
    place = office(folder, tools_for(pki, folder, ring=KeyRing(load_keys(keys), prompt)))
    profiles = place.room.tools.profiles
    profiles["plain"] = replace(profiles["plain"], level=Level.B_LT)
    return place


def run(documents: int, away: float) -> dict[str, float]:
    """Sign the batch; the authority comes back after `away` seconds. Returns what became of it."""
    asked: list[str] = []
    with PKI() as pki, tempfile.TemporaryDirectory(prefix="sign-many-") as name:
        place = open_office(Path(name), pki, asked)
        for number in range(documents):
            place.confirm(place.add(f"van ban {number}", pdf=blank_pdf(f"van ban {number}")))
        pki.responders.away.add("/tsa")
        back = threading.Timer(away, pki.responders.away.clear)
        start = time.perf_counter()
        back.start()
        done = sign_batch([], place.room, place.tasks, "cli", wait_seconds=3600, pause=lambda _: time.sleep(away / 12))
        taken = time.perf_counter() - start
        back.cancel()
        told = count(place)
        place.room.tools.close()
        place.database.close()
    return told | {
        "documents": documents,
        "told_signed": sum(one.error is None for one in done),
        "pins_asked": len(asked),
        "per_second": documents / max(taken - away, 0.001),
    }


def count(place: Office) -> dict[str, float]:
    """Return what the register and the store hold."""
    listed = place.register.list(OutgoingQuery(limit=100_000)).items
    with place.database.read() as connection:
        levels = Counter(
            one["level"] for detail in connection.scalars(select(verdicts.c.detail)) for one in detail["signatures"]
        )
    return {
        "signed": sum(one.state == "signed" for one in listed),
        "valid": sum(one.verdict == "valid" for one in listed),
        "level_b_lt": levels["B-LT"],
        "signed_files_in_store": place.signed_objects(),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--away", type=float, default=60.0)
    given = parser.parse_args()
    found = run(given.documents, given.away)
    print(found)
    print(f"figure batch_signed_per_second {found['per_second']:.1f} - ok")
    for part in ("told_signed", "signed", "valid", "level_b_lt", "signed_files_in_store"):
        good = found[part] == found["documents"]
        print(f"figure batch_{part} {found[part]:.0f} {given.documents} {'ok' if good else 'short'}")
    print(f"figure batch_pins_asked {found['pins_asked']:.0f} 1 {'ok' if found['pins_asked'] == 1 else 'short'}")
