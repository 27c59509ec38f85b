"""Verdicts on a labelled folder of PDFs: `python -m tests.bench.verdicts DIR` (a folder with `manifest.csv` and `files/`).

Each file is verified twice: as it comes, and with its own signers trusted and everything about trust, revocation and time
tolerated, so that only what was done to the file can keep it from being valid. A forgery that is valid then, or that is
called intact and unsuspicious, is a false accept.
"""

import csv
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import figure

ATTACKED = ("attack-", "tamper")
INTEGRITY_BASES = {"openssl+pdfsig", "source-test", "by construction", "attack-definition"}
CHANGE_BASES = {"source-test", "by construction", "attack-definition"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out for one file."""

    row: dict[str, str]
    outcome: str
    integrity: str  # none, intact, broken
    changes: str  # none, permitted, suspicious
    codes: tuple[str, ...]
    trusted_outcome: str
    fault: str
    seconds: float


def verify_row(folder: Path, row: dict[str, str]) -> Answer:
    """Verify one file of the manifest, both ways."""
    from asn1crypto import x509

    from digitise.model.verdicts import Outcome, SignatureRole
    from digitise.verify.enumerate import find_signatures
    from digitise.verify.integrity import check
    from digitise.verify.policy import DEFAULT
    from digitise.verify.reasons import TABLE, Reason
    from digitise.verify.source import Source
    from digitise.verify.structure import open_structure
    from digitise.verify.trust import TrustSet, entry_of
    from digitise.verify.verify import verify

    path = folder / row["file"]
    started = time.perf_counter()
    now = datetime.now(UTC)
    try:
        verdict = verify(path, TrustSet(), now=now)
        seconds = time.perf_counter() - started
        source = Source(path)
        structure = open_structure(source)
        signers = [check(source, structure, one).container.signer for one in find_signatures(source, structure)[0]]
        source.close()
        certificates: list[x509.Certificate] = [one for one in signers if one is not None]
        trust = TrustSet().with_entries(entry_of(one, anchor=True) for one in certificates)
        about_file = set(list(TABLE)[: list(TABLE).index(Reason.CHAIN_FORGED)]) - {Reason.STRUCTURE_AMBIGUOUS}
        tolerant = frozenset(r for r in TABLE if r not in about_file and TABLE[r].outcome is not Outcome.UNSIGNED)
        tolerant -= {Reason.FORM_FILLED, Reason.CHANGES_UNCLEAR, Reason.NOT_SUPPORTED, Reason.STRUCTURE_AMBIGUOUS}
        trusting = verify(path, trust, replace(DEFAULT, lenient=tolerant, pictures=False), now=now)
    except Exception as e:
        return Answer(row, "", "none", "none", (), "", f"{type(e).__name__}: {e}"[:200], time.perf_counter() - started)
    signatures = verdict.signatures
    integrity = "none" if not signatures else "broken" if any(s.integrity == "broken" for s in signatures) else "intact"
    order = ("none", "permitted", "suspicious")
    judged = [s for s in signatures if s.role is not SignatureRole.TIMESTAMP] or list(signatures)
    changes = max((s.changes_after.value for s in judged), key=order.index, default="none")
    codes = tuple(reason.code for reason in verdict.reasons)
    return Answer(row, verdict.outcome.value, integrity, changes, codes, trusting.outcome.value, "", seconds)


def attacked(row: dict[str, str]) -> bool:
    """Say whether the label tells of a forgery or of tampering, on a basis that counts."""
    broken = row["expected_integrity"] == "broken" and row["integrity_basis"] in INTEGRITY_BASES
    changed = row["modified_after_signing"] == "suspicious" and row["mod_basis"] in CHANGE_BASES
    return broken or changed or row["category"].startswith("attack-")


def good(row: dict[str, str]) -> bool:
    """Say whether the label calls a signed file sound."""
    sound = row["expected_integrity"] == "intact" and row["modified_after_signing"] in (
        "none",
        "permitted",
        "permitted?",
    )
    return sound and not attacked(row)


def false_accept(answer: Answer) -> bool:
    """Say whether a forgery came through."""
    return answer.trusted_outcome == "valid" or (answer.integrity == "intact" and answer.changes != "suspicious")


def main(folder: Path) -> int:
    """Print what came out per category, the files that fell short, and the figures."""
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with ProcessPoolExecutor() as pool:
        answers = list(pool.map(verify_row, [folder] * len(rows), rows))
    per: dict[str, Counter[str]] = defaultdict(Counter)
    for one in answers:
        per[one.row["category"]][f"{one.outcome or 'fault'} ({one.integrity}, {one.changes})"] += 1
    for category in sorted(per):
        print(f"{category}: " + "; ".join(f"{n} {what}" for what, n in per[category].most_common()))
    forged = [one for one in answers if attacked(one.row)]
    accepted = [one for one in forged if false_accept(one)]
    sound = [one for one in answers if good(one.row)]
    fine = [one for one in sound if one.integrity == "intact" and one.changes != "suspicious"]
    unsigned = [one for one in answers if one.row["expected_integrity"] == "none"]
    wrong = [one for one in unsigned if one.outcome != "unsigned"]
    wrong += [one for one in answers if one.row["expected_integrity"] != "none" and one.outcome == "unsigned"]
    print()
    for title, ones in (
        ("false accept", accepted),
        ("good, called otherwise", [one for one in sound if one not in fine]),
        ("unsigned, or not, called otherwise", wrong),
        ("no answer", [one for one in answers if one.fault or one.outcome == ""]),
    ):
        for one in ones:
            print(f"{title}: {one.row['file']}: {one.integrity}, {one.changes}; {', '.join(one.codes[:4])} {one.fault}")
    ok = [
        figure("false_accepts", len(accepted), 0, of=len(forged), at_most=True),
        figure("no_answer", sum(bool(one.fault) for one in answers), 0, of=len(answers), at_most=True),
        figure("good_intact_unsuspicious_percent", round(100 * len(fine) / max(len(sound), 1), 1), 90.0, of=len(sound)),
        figure("unsigned_wrong", len(wrong), 0, of=len(answers), at_most=True),
        figure("slowest_seconds", round(max((one.seconds for one in answers), default=0.0), 2), 120.0, at_most=True),
    ]
    return 0 if all(ok) else 1


if __name__ == "__main__":
    default = Path(__file__).parents[2].parent / "shared" / "corpus" / "signatures"
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else default))
