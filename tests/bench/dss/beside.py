"""One question, two verifiers: the same file, anchors, certificates, CRLs and time, for ours and for the EU's DSS (Java).

cd tests/bench/dss && mvn -q compile dependency:build-classpath -Dmdep.outputFile=/tmp/dss.cp
"""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digitise.verify.evidence import Held
from digitise.verify.policy import named
from digitise.verify.trust import TrustSet
from digitise.verify.verify import verify

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Question:
    """A file and all that is known besides."""

    name: str
    file: Path
    trust: TrustSet
    crls: tuple[bytes, ...]
    at: datetime
    policy: str = "default"


@dataclass(frozen=True, slots=True)
class Said:
    """What one verifier says: ETSI's words (or UNSIGNED, ERROR, NO_SIGNATURE, EXCEPTION), and its first reason or message."""

    indication: str
    sub: str = ""
    why: str = ""

    @property
    def told(self) -> str:
        """Return both indications in one."""
        return " ".join(part for part in (self.indication, self.sub) if part)


def ours(question: Question) -> Said:
    """Ask our verifier, offline."""
    held = Held(folder_crls=list(question.crls), offline=True)
    verdict = verify(question.file, question.trust, named(question.policy), revocation=held, now=question.at)
    said = verdict.indication.value if verdict.indication else verdict.outcome.value.upper()
    return Said(said, verdict.sub_indication or "", verdict.first_reason or "")


def theirs(questions: Sequence[Question], classpath: str, room: Path) -> list[Said]:
    """Ask DSS, offline, in one run of Java; answers are in the order of the questions."""
    lines = []
    for number, question in enumerate(questions):
        folder = room / f"given-{number}"
        entries = question.trust.entries
        _write(folder / "anchors", (one.der for one in entries if one.anchor), "crt")
        _write(folder / "others", (one.der for one in entries if not one.anchor), "crt")
        _write(folder / "crls", question.crls, "crl")
        lines.append(f"{question.file}\t{folder}\t{int(question.at.timestamp() * 1000)}")
    listed = room / "list.txt"
    listed.write_text("\n".join(lines), encoding="utf-8")
    command = ["java", "-Xmx1g", "-cp", f"{HERE / 'target' / 'classes'}:{classpath}", "Beside", str(listed)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answers = [line.split("\t") for line in output.splitlines()]
    assert [one[0] for one in answers] == [str(question.file) for question in questions]
    return [Said(indication, sub, message) for _, indication, sub, _, message in answers]


def _write(folder: Path, contents: Iterable[bytes], suffix: str) -> None:
    folder.mkdir(parents=True)
    for number, content in enumerate(contents):
        (folder / f"{number}.{suffix}").write_bytes(content)
