"""Kill the signing process at random moments of a batch: every document is signed, valid, and none twice.

python -m tests.bench.kill_sign [--documents 500] [--kills 50] [--seed 1]
"""

import argparse
import multiprocessing
import os
import random
import signal
import tempfile
import time
from pathlib import Path

from digitise.model.outgoing import OutgoingState
from digitise.model.tasks import TaskKind
from digitise.settings import Settings
from digitise.sign.register import OutgoingQuery
from digitise.sign.sign import sign_tasks
from tests.pki import PKI
from tests.unit.sign.conftest import tools_for, write_keys
from tests.unit.sign.room import Office, office

BATCH = Settings().sign_lease_batch  # as the sign worker leases
LEASE = 0.5  # seconds: a dead worker's task is free again after this


def open_office(folder: Path, pki: PKI) -> Office:
    """Open the office in this process."""
    place = office(folder, tools_for(pki, folder))
    place.tasks._max = 10_000  # what is killed on purpose is not poison
    return place


def sign_all(folder: Path, pki: PKI) -> None:
    """Sign what is due until nothing is left; killed at any moment."""
    place = open_office(folder, pki)
    idle = 0
    while idle < 20:
        claims = place.tasks.claim_some([TaskKind.SIGN], f"worker-{os.getpid()}", LEASE, BATCH)
        for claim, ended in zip(claims, sign_tasks(claims, place.room), strict=True):
            if not ended.task_ended:
                place.tasks.complete(claim)
        idle = 0 if claims else idle + 1
        if not claims:
            time.sleep(0.1)


def run(documents: int, kills: int, seed: int) -> dict[str, int]:
    """Register and confirm `documents`, sign them with `kills` kills in between, and count."""
    rng = random.Random(seed)
    with PKI() as pki, tempfile.TemporaryDirectory(prefix="kill-sign-") as name:
        folder = Path(name)
        (folder / "ubnd.p12").write_bytes(pki.ubnd.p12("pw-ubnd"))
        (folder / "ubnd.pin").write_text("pw-ubnd")
        write_keys(folder, '[key.organisation]\nkind = "pkcs12"\nfile = "ubnd.p12"\npin_file = "ubnd.pin"')
        pki.trust_folder(folder / "trust")
        place = open_office(folder, pki)
        for number in range(documents):
            place.confirm(place.add(f"van ban {number}"))
        place.database.close()
        context = multiprocessing.get_context("fork")
        killed = 0
        while True:
            child = context.Process(target=sign_all, args=(folder, pki))
            child.start()
            if killed < kills:
                child.join(rng.uniform(0.05, 0.6))
                if child.is_alive() and child.pid:
                    os.kill(child.pid, signal.SIGKILL)
                    killed += 1
            child.join()
            if child.exitcode == 0:
                break
        return count(open_office(folder, pki), killed)


def count(place: Office, killed: int) -> dict[str, int]:
    """Return what became of the documents."""
    page = place.register.list(OutgoingQuery(limit=100_000)).items
    valid = 0
    for one in page:
        assert one.signed_sha256 is not None, one
        with place.store.as_file(one.signed_sha256) as file:
            verdict = place.room.tools.verify(file, "default") if place.room.tools.verify else None
            valid += (
                verdict is not None and len(verdict.signatures) == 1 and verdict.signatures[0].integrity == "intact"
            )
    return {
        "documents": len(page),
        "signed": sum(one.state == OutgoingState.SIGNED for one in page),
        "valid": valid,
        "signed_files_in_store": place.signed_objects(),
        "killed": killed,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    told = run(given.documents, given.kills, given.seed)
    print(told)
    whole = told["documents"]
    good = all(told[part] == whole for part in ("signed", "valid", "signed_files_in_store"))
    print(f"figure killed_{told['killed']}_times_signed_once {told['signed']} {whole} {'ok' if good else 'short'}")
