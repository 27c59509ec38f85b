"""Our verdicts beside those of the EU's DSS: `python -m tests.bench.dss.compare CORPUS-DIR CLASSPATH-FILE`, by hand.

Writes `docs/verdicts-beside-dss.md`. `beside.py` says how DSS is fetched and compiled.
"""

import logging
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.bench.dss.beside import HERE, Question, Said, ours, theirs
from tests.bench.dss.explained import RULES, agree, explained
from tests.bench.dss.questions import corpus_questions, table_questions
from tests.bench.figures import figure

PAGE = HERE.parents[2] / "docs" / "verdicts-beside-dss.md"
Answer = tuple[Question, Said, Said]

HEAD = """# Our verdicts beside those of DSS

Made by `tests/bench/dss/compare.py` (DSS 6.2, default policy, offline) from the labelled corpus and every case of our own table. Both
verifiers get the same file, anchors, certificates, CRLs and time of checking. In the corpus each file's own signers and time-stamping
authorities are the anchors, and the time is just after the last claimed one, so that the answers are about the file, not about its
issuer or its age; our policy there is `claimed-time`, which is nearest to DSS's. In the table each case has its own trust, time and policy.

DSS judges each signature on its own revision and puts what came after into warnings; TT 15/2025 and NĐ 30/2020 want one answer about
the file. Most differences come from that. Where DSS was right the code was changed: a timestamp token without its authority's certificate
is untrusted and not broken, and an Edwards key keeps to the digest of RFC 8419.
"""


def main(corpus: Path, classpath_file: Path) -> int:
    """Compare, and write the page."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        questions = corpus_questions(corpus) + table_questions(room)
        own = [ours(one) for one in questions]
        dss = theirs(questions, classpath_file.read_text().strip(), room)
    answers = list(zip(questions, own, dss, strict=True))
    PAGE.write_text(page(answers), encoding="utf-8")
    unexplained = [one for one in answers if not agree(one[1], one[2]) and explained(one[1], one[2]) is None]
    for question, one, other in unexplained:
        print(f"{question.name}: {one.told} ({one.why}), DSS {other.told} ({other.why})")
    accepted = [q.name for q, one, other in answers if "forgery" in q.name and one.indication == "TOTAL_PASSED"]
    reached = [
        figure("beside_dss_unexplained", len(unexplained), 0, of=len(answers), at_most=True),
        figure("beside_dss_own_forgeries_passed", len(accepted), 0, at_most=True),
    ]
    return 0 if all(reached) else 1


def page(answers: list[Answer]) -> str:
    """Return the page: counts, the kinds of difference, the whole list."""
    kinds = Counter(explained(own, dss) for _, own, dss in answers if not agree(own, dss))
    same = sum(agree(own, dss) for _, own, dss in answers)
    lines = [
        HEAD,
        f"{len(answers)} files: {same} with the same indication, {len(answers) - same} with another one.",
        "",
    ]
    lines += ["## The kinds of difference", "", "| ours | DSS | files | right | why |", "|---|---|---|---|---|"]
    for rule in RULES:
        if kinds[rule]:
            lines.append(f"| {rule.ours} | {rule.theirs} | {kinds[rule]} | {rule.who} | {rule.why} |")
    lines += [
        "",
        "## Every file",
        "",
        "| file | ours | our first reason | DSS | DSS's first remark | who is right, and why |",
    ]
    lines.append("|---|---|---|---|---|---|")
    for question, own, dss in answers:
        rule = explained(own, dss)
        why = "the same" if agree(own, dss) else f"{rule.who}: {rule.why}" if rule else "to be looked at"
        remark = dss.why.replace("|", "/")
        lines.append(f"| {question.name} | {own.told} | `{own.why}` | {dss.told} | {remark} | {why} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
