"""What DSS and we say of our own signatures: every profile at every level, with every scheme that the keys allow.

    python -m tests.bench.dss.signed CLASSPATH-FILE

Signs with the test PKI and its live responders, checks offline with its root, writes `docs/signed-beside-dss.md`. Ends with the figure
of outputs that DSS calls TOTAL_PASSED.
"""

import logging
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from digitise.sign.extend import renewed
from digitise.sign.profiles import Digest, Level, Mode, Profile, Scheme
from digitise.sign.signature import Details, make_signature, policy_of
from digitise.sign.tools import Tools
from digitise.verify.trust import TrustSet, load_folder
from tests.bench.dss.beside import HERE, Question, Said, ours, theirs
from tests.bench.figures import figure
from tests.papers import born_digital_pdf, paper
from tests.pki import PKI

PAGE = HERE.parents[2] / "docs" / "signed-beside-dss.md"
HOUR = timedelta(hours=1)


def material(folder: Path, pki: PKI) -> Path:
    """Write keys, pictures and trust into a folder."""
    from tests.unit.sign.conftest import draw_seal, draw_signature, write_keys

    folder.mkdir()
    lines = []
    for name, who in (("organisation", pki.ubnd), ("person", pki.person_an)):
        (folder / f"{name}.p12").write_bytes(who.p12("pw"))
        (folder / f"{name}.pin").write_text("pw")
        lines.append(f'[key.{name}]\nkind = "pkcs12"\nfile = "{name}.p12"\npin_file = "{name}.pin"')
    write_keys(folder, "\n".join(lines))
    draw_seal(folder / "seal.png")
    draw_signature(folder / "signature.png")
    pki.trust_folder(folder / "trust")
    return folder


def variants(profiles: dict[str, Profile]) -> Iterator[tuple[str, Profile]]:
    """Yield (name, profile): each at each level, and the person's profile with other digests and PSS."""
    for name, profile in profiles.items():
        for level in Level:
            yield f"{name} {level.value}", replace(profile, level=level)
    approve = profiles[Mode.APPROVE]
    for scheme in Scheme:
        for digest in Digest:
            named = f"{approve.name} {scheme.value} {digest.value} B-LTA"
            yield named, replace(approve, level=Level.B_LTA, scheme=scheme, digest=digest)


def make(room: Path, pki: PKI, tools: Tools) -> Iterator[tuple[str, Path, Profile]]:
    """Sign a draft whose number and date are blank; an organisation's issue is put over a person's signature of its level.

    What was issued last is renewed, and then copied.
    """
    letter = paper(2, "letter", pages=1, numbered=False, dated=False)
    source = born_digital_pdf(letter, room / "paper.pdf")
    year = re.search(r"năm (\d{4})", letter.text)
    details = Details(
        datetime.now(UTC),
        signer=letter.fields["signer"],
        number=15,
        symbol=letter.fields["symbol"],
        issued_on=date(int(year[1]) if year else 2023, 2, 5),
    )
    issued = source
    for number, (name, profile) in enumerate(variants(dict(tools.profiles))):
        before = source
        if "person_signature" in profile.requires:
            before = room / f"{number}-approved.pdf"
            make_signature(source, before, replace(tools.profiles[Mode.APPROVE], level=profile.level), details, tools)
        target = room / f"{number}.pdf"
        make_signature(before, target, profile, details, tools)
        issued = target if profile.mode == Mode.ISSUE else issued
        yield name, target, profile
    copy, renewal = room / "copy.pdf", renewed(issued, room / "renewed.pdf", tools.authorities, tools.gatherer)
    yield "issue B-LTA, renewed", renewal.path, tools.profiles["issue"]
    make_signature(renewal.path, copy, replace(tools.profiles["copy"], level=Level.B_LTA), details, tools)
    yield "copy B-LTA of that", copy, tools.profiles["copy"]


def main(classpath_file: Path) -> int:
    """Sign, ask both, write the page."""
    from tests.unit.sign.conftest import tools_for

    logging.disable(logging.CRITICAL)
    with PKI() as pki, tempfile.TemporaryDirectory() as name:
        room = Path(name)
        tools = tools_for(pki, material(room / "material", pki))
        trust: TrustSet = load_folder(room / "material" / "trust")
        crls = (pki.root.crl(), pki.sub.crl())
        files = list(make(room, pki, tools))
        tools.close()
        # both are asked one minute later, with nothing but the root, the sub-CA and the lists of now
        at = datetime.now(UTC) + timedelta(minutes=1)
        questions = [Question(title, file, trust, crls, at, policy_of(profile)) for title, file, profile in files]
        answers = [
            (one.name, ours(one), dss)
            for one, dss in zip(questions, _dss(questions, classpath_file, room), strict=True)
        ]
    PAGE.write_text(page(answers), encoding="utf-8")
    passed = sum(dss.indication == "TOTAL_PASSED" for _, _, dss in answers)
    print(PAGE)
    return 0 if figure("signed_outputs_total_passed_by_dss", passed, len(answers), of=len(answers)) else 1


def _dss(questions: list[Question], classpath_file: Path, room: Path) -> list[Said]:
    return theirs(questions, classpath_file.read_text().strip(), room)


def page(answers: list[tuple[str, Said, Said]]) -> str:
    """Return the page."""
    passed = sum(dss.indication == "TOTAL_PASSED" for _, _, dss in answers)
    lines = [
        "# What DSS says of our signatures",
        "",
        "Made by `tests/bench/dss/signed.py`: a letter with blanks for number and date, signed by every profile at every PAdES level, by",
        "other digests and schemes, renewed and copied, with the test PKI, and checked by DSS 6.2 with its default policy, offline, the",
        "root as anchor and the CRLs of the day. B-B carries no proven time: DSS passes it, we leave it open (decision 051). That elements",
        "overlap on a page is the seal over the person's signature, as the decree asks.",
        "",
        f"{passed} of {len(answers)} are TOTAL_PASSED by DSS.",
        "",
        "| profile and level | DSS | DSS's first remark | ours | our first reason |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {name} | {dss.told} | {dss.why} | {own.told} | `{own.why}` |" for name, own, dss in answers]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
