"""Our verdicts beside those of the EU's DSS: `python -m tests.bench.dss.compare CORPUS-DIR CLASSPATH-FILE`, by hand.

    cd tests/bench/dss && mvn -q compile dependency:build-classpath -Dmdep.outputFile=/tmp/dss.cp

Both get the same files, the same anchor (the test PKI's root; nobody trusts the corpus), no network and nothing but what the files bring
along. Writes `docs/verdicts-beside-dss.md`.
"""

import logging
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "verdicts-beside-dss.md"

# (ours, DSS) → who is right and why; the first that fits
EXPLAINED: list[tuple[str, str, str]] = [
    (
        "UNSIGNED",
        "NO_SIGNATURE",
        "The same: nothing is signed.",
    ),
    (
        "ERROR",
        "*",
        "The file is no PDF: neither gives a verdict.",
    ),
    (
        "TOTAL_FAILED",
        "NO_SIGNATURE",
        "We are right to say more than nothing: the bytes hold a signature that the form no longer leads to, or one that was emptied; "
        "an attacker who hides a signature must not get the answer for a file that never had one.",
    ),
    (
        "INDETERMINATE",
        "NO_SIGNATURE",
        "We are right: there is something signed in the bytes (a document timestamp alone, usage rights, a detached signature), which we "
        "name instead of calling the file unsigned.",
    ),
    (
        "*",
        "EXCEPTION",
        "We are right to answer: DSS gives an exception where the structure or the container is odd or hostile, and tells nothing.",
    ),
    (
        "TOTAL_FAILED",
        "INDETERMINATE",
        "A matter of policy: DSS stops at the untrusted or unchecked certificate and reports later changes as warnings; we say what "
        "was done to the file first. For forged and swapped content, ours is the answer that keeps people from harm.",
    ),
    (
        "TOTAL_FAILED",
        "TOTAL_PASSED",
        "We are right where content, annotations or form fields were changed after signing: DSS only warns. Where the dates "
        "speak against the signature, both readings can be defended; ours follows NĐ 30/2020 and TT 15/2025.",
    ),
    (
        "INDETERMINATE",
        "TOTAL_FAILED",
        "DSS has a point of form (a rule of the baseline profile, or an algorithm it does not compute); the signature itself is sound "
        "by OpenSSL or by construction, so we leave it open and say why.",
    ),
    (
        "INDETERMINATE",
        "TOTAL_PASSED",
        "A matter of policy: DSS accepts a claimed time while the certificate is good; our rules count a time only claimed as not "
        "enough evidence (decision 051).",
    ),
    (
        "TOTAL_PASSED",
        "INDETERMINATE",
        "A matter of policy: DSS's default asks for fresher revocation data, for attributes of the European profile, or refuses an "
        "algorithm by its European calendar; everything that our rules demand was checked.",
    ),
    (
        "TOTAL_PASSED",
        "TOTAL_FAILED",
        "To be looked at one by one: DSS refuses what we accept. Known case: a DSS rule about the signed attributes of PAdES.",
    ),
]


def our_side(files: list[Path], root: object) -> dict[Path, tuple[str, str, str]]:
    """Return path → (indication, sub-indication, first reason)."""
    from digitise.verify.trust import TrustSet, entry_of
    from digitise.verify.verify import verify

    trust = TrustSet().with_entries([entry_of(root)])  # type: ignore[arg-type]
    found = {}
    for file in files:
        verdict = verify(file, trust, now=datetime.now(UTC))
        said = verdict.indication.value if verdict.indication else verdict.outcome.value.upper()
        found[file] = (said, verdict.sub_indication or "", verdict.first_reason or "")
    return found


def their_side(files: list[Path], anchor: bytes, classpath: str, room: Path) -> dict[Path, tuple[str, str]]:
    """Return path → (indication, sub-indication) of DSS."""
    anchors = room / "anchors"
    anchors.mkdir()
    (anchors / "root.crt").write_bytes(anchor)
    listed = room / "list.txt"
    listed.write_text("\n".join(map(str, files)), encoding="utf-8")
    command = ["java", "-cp", f"{HERE / 'target' / 'classes'}:{classpath}", "Beside", str(listed), str(anchors)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {}
    for line in output.splitlines():
        path, indication, sub, _ = line.split("\t")
        found[Path(path)] = (indication, sub)
    return found


def table_files(room: Path) -> tuple[list[Path], bytes, object]:
    """Write every case of our table as a file; returns them with the root (DER, and as asn1crypto)."""
    from tests.pki import PKI
    from tests.unit.verify import cases_file, cases_trust
    from tests.unit.verify.world import NOW, World

    files = []
    with PKI(NOW) as pki:
        world = World(pki, room)
        for name, (make, _, _) in {**cases_trust.CASES, **cases_file.CASES}.items():
            file = room / f"{''.join(c if c.isalnum() else '_' for c in name)}.pdf"
            file.write_bytes(make(world).pdf)
            files.append(file)
        return files, pki.root.identity.der, pki.root.identity.asn1_certificate


def explained(ours: str, theirs: str) -> str:
    """Return the sentence for a pair of indications."""
    for one, other, sentence in EXPLAINED:
        if one in (ours, "*") and other in (theirs, "*"):
            return sentence
    return "To be looked at."


def main(corpus: Path, classpath_file: Path) -> int:
    """Compare, and write the page."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        own, anchor, root = table_files(room)
        files = sorted((corpus / "files").glob("*.pdf")) + own
        ours = our_side(files, root)
        theirs = their_side(files, anchor, classpath_file.read_text().strip(), room)
        PAGE.write_text(page(files, ours, theirs), encoding="utf-8")
    return 0


def page(files: list[Path], ours: dict[Path, tuple[str, str, str]], theirs: dict[Path, tuple[str, str]]) -> str:
    """Return the page: counts, one sentence per kind of difference, the whole list."""
    kinds: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for file in files:
        kinds[(ours[file][0], theirs.get(file, ("MISSING", ""))[0])].append(file)
    same = sum(
        len(found)
        for (one, other), found in kinds.items()
        if one == other or (one, other) == ("UNSIGNED", "NO_SIGNATURE")
    )
    lines = [
        "# Our verdicts beside those of DSS",
        "",
        "Made by `tests/bench/dss/compare.py` from the labelled corpus and every case of our own table, with DSS's default policy. Both",
        "see the same files, one anchor (the test PKI's root), no network and only what the files bring along; the corpus is trusted by",
        "nobody, so a sound file is INDETERMINATE there.",
        "",
        f"{len(files)} files: {same} with the same indication, {len(files) - same} with another one.",
        "",
        "## The kinds of difference",
        "",
        "| ours | DSS | files | who is right, and why |",
        "|---|---|---|---|",
    ]
    for (one, other), found in sorted(kinds.items(), key=lambda item: -len(item[1])):
        sentence = "The same." if one == other else explained(one, other)
        lines.append(f"| {one} | {other} | {len(found)} | {sentence} |")
    lines += ["", "## Every file", "", "| file | ours | our reason | DSS |", "|---|---|---|---|"]
    for file in files:
        said, sub, reason = ours[file]
        other, other_sub = theirs.get(file, ("MISSING", ""))
        told = " ".join(part for part in (said, sub) if part)
        lines.append(f"| {file.name} | {told} | `{reason}` | {' '.join(p for p in (other, other_sub) if p)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
