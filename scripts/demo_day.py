"""One day at a made-up office: papers come in and are found, documents go out signed, the auditor gets the figure."""

import os
import shutil
import subprocess
import sys
import time
from datetime import date
from functools import partial
from pathlib import Path

import httpx

from tests.office import Office, furnish
from tests.papers import born_digital_pdf, degrade, paper, scan_pdf
from tests.pki import PKI
from tests.stack import Stack, running, until

ROOT = Path(__file__).parents[1]
DATA = ROOT / "demo-data"
SCANS = (("decision", "skew"), ("letter", "uneven"), ("certificate", "stamp"))
READ = {
    "kind": "kind",
    "code": "number",
    "issued_on": "issued_on",
    "issuer": "issuer",
    "abstract": "title",
}  # → filed as
THIS_YEAR = date.today().year
OUTGOING = 5  # of which one stays unsigned


def step(text: str) -> None:
    print(f"\n== {text}", flush=True)


def main() -> int:
    started = time.monotonic()
    if DATA.exists():
        shutil.rmtree(DATA)
    with PKI() as pki:
        step("An office with keys, a seal, a time-stamping authority and trust anchors (all generated, all local)")
        office = furnish(DATA, pki)
        papers = draw(DATA / "papers")
        step("digitise up: private Valkey, dispatcher, one recogniser per core, verifier, signer, web page")
        with running(DATA, DIGITISE_LANG=os.environ.get("DIGITISE_LANG", "vi")) as stack:
            number = scans(stack, papers)
            find(stack, number)
            outgoing(stack, office)
            report(stack)
    print(f"\nDone in {time.monotonic() - started:.0f} s. All of it is in {DATA.relative_to(ROOT)}.")
    print("To see it in a browser:  .venv/bin/digitise up --data demo-data   then open the address it prints;")
    print(f"the account is in {(DATA / 'first-account.txt').relative_to(ROOT)}.")
    return 0


def draw(folder: Path) -> list[Path]:
    """Draw the papers that citizens bring, as a scanner sees them."""
    folder.mkdir(parents=True)
    made = []
    for seed, (kind, damage) in enumerate(SCANS, 11):
        drawn = paper(seed, kind=kind)
        pages = [degrade(sheet.image, damage, seed) for sheet in drawn.sheets]
        made.append(scan_pdf(pages, folder / f"{kind}-{damage}.pdf"))
    return made


def scans(stack: Stack, papers: list[Path]) -> str:
    """Upload the scans and wait until they are stored; return the number of the first."""
    step(f"{len(papers)} scans come in over HTTP and are recognised by the workers")
    with stack.client() as client:
        ids = []
        for file in papers:
            with file.open("rb") as stream:
                sent = client.post(
                    "/documents",
                    files={"file": (file.name, stream)},
                    data={"dossier": "H53.12-220915-0007", "owner": "079123451234"},
                )
            sent.raise_for_status()
            ids.append(sent.json()["id"])
        number = ""
        for file, one in zip(papers, ids, strict=True):
            document = until(lambda one=one: stored(client, one), 180)
            filing = document["filing"]
            fields = client.get(f"/documents/{one}/artefacts/words").json()["fields"]
            print(f"   {file.name}")
            for name, filed in READ.items():
                sure = "" if filing[filed] else "   (read, left for the clerk to confirm)"
                print(f"      {name}: {fields[name]['value'] if name in fields else '–'}{sure}")
            number = number or (filing["number"] or "")
    return number


def stored(client: httpx.Client, document_id: str) -> dict | None:
    found = client.get(f"/documents/{document_id}").json()
    if found["state"] == "failed":
        raise SystemExit(f"recognition failed: {found['error']}")
    return found if found["state"] == "stored" else None


def find(stack: Stack, number: str) -> None:
    """Find the papers again, with and without diacritics, and by the citizen they belong to."""
    step("They are found again")
    for words in filter(None, ("cong hoa xa hoi chu nghia", number)):
        hits = stack.run("find", words)["documents"]
        print(f"   «{words}»: {len(hits)} found")
        assert hits, words
    held = stack.run("reuse", "--owner", "079123451234", "--reason", "demo")["documents"]
    print(f"   held for {held[0]['owner_id']}: {len(held)} papers that need not be asked for again")


def outgoing(stack: Stack, office: Office) -> None:
    """Register outgoing documents; the person signs, the organisation numbers, seals and signs; one is left unsigned."""
    step(f"{OUTGOING} outgoing documents: leader signs, records clerk numbers and seals, each with a timestamp")
    stack.run("trust", "add", str(office.trust))
    ids = []
    for seed in range(OUTGOING):
        draft = born_digital_pdf(
            paper(50 + seed, kind="decision", numbered=False, dated=False, year=THIS_YEAR),
            DATA / f"du-thao-{seed + 1}.pdf",
        )
        issued = ("--number", "1", "--date", date.today().isoformat()) if seed == OUTGOING - 1 else ()
        added = stack.run(
            "outgoing", "add", str(draft), "--unit", "H53.12", "--kind", "QĐ", "--symbol", "QĐ-UBND",
            "--abstract", f"Về việc thử nghiệm {seed + 1}", *issued,
        )  # fmt: skip
        ids.append(added["outgoing"][0]["id"])
    for profile in ("approve", "issue"):
        stack.run("outgoing", "confirm", *ids[:-1], "--profile", profile)
        with stack.client() as client:
            until(partial(all_done, client, ids[:-1], profile), 180, 0.3)
    listed = {row["id"]: row for row in stack.run("outgoing", "list")["outgoing"]}
    signed = []
    for one in ids[:-1]:
        row = listed[one]
        file = DATA / f"{row['number']:02d}-{row['symbol']}.pdf"
        fetch(stack, row["signed_sha256"], file)
        signed.append(file)
        print(f"   {row['number']:02d}/{row['symbol']}: {row['state']}, {row['verdict']}")
    step("Anybody can check them: digitise verify")
    told = stack.run("verify", *map(str, signed), "--trust", str(office.trust), "--policy", "numbering")
    for row in told["files"]:
        roles = ", ".join(f"{s['role']} {s['level']}" for s in row["signatures"] if s["role"] != "timestamp")
        print(f"   {Path(row['file']).name}: {row['outcome']} ({roles})")


def all_done(client: httpx.Client, ids: list[str], profile: str) -> bool:
    """Say whether every document bears this signature; ends the demo where one failed."""
    rows = [client.get(f"/outgoing/{one}").json() for one in ids]
    failed = [row["error"] for row in rows if row["state"] == "failed"]
    if failed:
        raise SystemExit(f"signing failed: {failed[0]}")
    if profile == "approve":
        return all(row["signed_sha256"] for row in rows)
    return all(row["state"] in ("signed", "delivered") for row in rows)


def fetch(stack: Stack, sha256: str, file: Path) -> None:
    """Copy a signed document out of the store."""
    source = next((stack.data / "objects").rglob(sha256 + "*"))
    shutil.copyfile(source, file)
    file.chmod(0o644)


def report(stack: Stack) -> None:
    """Print the signed share, and leave it as PDF and XLSX."""
    step("The auditor's figure: documents issued electronically that are digitally signed")
    asked = ("report", "signed-share", "--period", str(THIS_YEAR), "--calendar", "civil")
    told = subprocess.run(
        [sys.executable, "-c", "from digitise.cli import main; main()", *asked],
        env={**os.environ, **stack.environment, "DIGITISE_DATA": str(stack.data)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    print("\n".join(f"   {line}" for line in told.splitlines() if "=" in line and "%" in line))
    for format_ in ("pdf", "xlsx"):
        file = DATA / f"ty-le-ky-so.{format_}"
        stack.run(*asked, "--format", format_, "-o", str(file))
        assert file.read_bytes().startswith({"pdf": b"%PDF-", "xlsx": b"PK"}[format_]), file
    print("   the same as PDF and XLSX: demo-data/ty-le-ky-so.pdf, .xlsx")


if __name__ == "__main__":
    sys.exit(main())
