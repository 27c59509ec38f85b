"""Mutate signed PDFs and verify them: never a crash, never "valid" once a signed byte changed or the pages look different.

python -m tests.bench.fuzz [--minutes 10] [--seed N] [FOLDER of PDFs]
"""

import argparse
import os
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.forgeries.crafted import body_of, update

TOKENS = [
    b"/ByteRange",
    b"/Contents",
    b"/Prev",
    b"startxref",
    b"%%EOF",
    b"null",
    b"[",
    b"]",
    b"<<",
    b">>",
    b"obj",
    b"/Type",
    b"/Kids",
]
NAMES = [
    b"/Contents",
    b"/Annots",
    b"/AP",
    b"/Rect",
    b"/F",
    b"/V",
    b"/Kids",
    b"/Parent",
    b"/OC",
    b"/Sig",
    b"/Widget",
    b"/DSS",
]
ENTRIES = [
    *(b"/Rotate 90 ", b"/CropBox [0 0 300 300] ", b"/OpenAction [3 0 R /Fit] ", b"/NeedAppearances true ", b"/F 2 "),
    *(
        b"/Metadata 4 0 R ",
        b"/DSS << /Certs [4 0 R] >> ",
        b"/Extensions 3 0 R ",
        b"/AS /Yes ",
        b"/Matrix [2 0 0 2 0 0] ",
    ),
]
Mutation = tuple[str, bytes]


def mutate(pdf: bytes, random_: random.Random) -> Mutation:
    """Return what was done and the mutated bytes."""
    kind = random_.choice(
        ("flip", "byte", "cut", "copy", "drop", "token", "number", "append", "splice", *["update"] * 6)
    )
    if kind == "update":
        return kind, rewritten(pdf, random_)
    at = random_.randrange(max(len(pdf) - 1, 1))
    length = random_.choice((1, 2, 8, 64, 512))
    if kind == "flip":
        return kind, pdf[:at] + bytes([pdf[at] ^ (1 << random_.randrange(8))]) + pdf[at + 1 :]
    if kind == "byte":
        return kind, pdf[:at] + random_.randbytes(1) + pdf[at + 1 :]
    if kind == "cut":
        return kind, pdf[: max(at, 1)]
    if kind == "copy":
        source = random_.randrange(len(pdf))
        return kind, pdf[:at] + pdf[source : source + length] + pdf[at:]
    if kind == "drop":
        return kind, pdf[:at] + pdf[at + length :]
    if kind == "append":
        return kind, pdf + random_.choice((b"\n%%EOF\n", b"startxref\n0\n%%EOF", pdf[-400:], random_.randbytes(40)))
    if kind == "number":
        digits = [i for i in range(at, min(at + 4000, len(pdf))) if 48 <= pdf[i] <= 57]
        place = random_.choice(digits) if digits else at
        return kind, pdf[:place] + bytes([random_.randrange(48, 58)]) + pdf[place + 1 :]
    if kind == "token":
        token = random_.choice(TOKENS)
        place = pdf.find(token, at)
        place = pdf.find(token) if place < 0 else place
        return kind, pdf[:place] + random_.choice(TOKENS) + pdf[place + len(token) :] if place >= 0 else pdf
    return kind, pdf[:at] + random_.choice(TOKENS) + pdf[at:]


def rewritten(pdf: bytes, random_: random.Random) -> bytes:
    """Append an update that rewrites one to three objects: another number, another name, another's text, or nothing left."""
    numbers = sorted({int(one) for one in re.findall(rb"(?<![\d.])(\d+) 0 obj\b", pdf)})
    objects: dict[int, bytes] = {}
    for number in random_.sample(numbers, min(len(numbers), random_.choice((1, 1, 2, 3)))):
        text = body_of(pdf, number)
        how = random_.choice(("number", "name", "other", "empty", "entry"))
        if how == "other":
            text = body_of(pdf, random_.choice(numbers))
        elif how == "empty":
            text = random_.choice((b"null", b"<< >>", b"[ ]", b"<< /Length 0 >>\nstream\n\nendstream"))
        elif how == "entry":
            text = text.replace(b"<<", b"<< " + random_.choice(ENTRIES), 1)
        else:
            found = list(re.finditer(rb"\d+" if how == "number" else rb"/[A-Za-z]+", text))
            if found:
                hit = random_.choice(found)
                new = b"%d" % random_.randrange(1000) if how == "number" else random_.choice(NAMES)
                text = text[: hit.start()] + new + text[hit.end() :]
        objects[number] = text
    try:
        return update(pdf, objects, free=random_.sample(numbers, 1) if random_.random() < 0.1 else ())
    except (IndexError, ValueError):
        return pdf  # the file has no table to go on from


def looks_the_same(file: Path, signed: int) -> bool:
    """Say whether the first `signed` bytes and the whole file show the same pages."""
    from digitise.verify.pictures import Pictures
    from digitise.verify.source import Source

    source = Source(file)
    pictures = Pictures(source)
    try:
        comparison = pictures.compare(signed)
        return comparison.failed is not None or (not comparison.differences and comparison.pages_before > 0)
    finally:
        pictures.close()
        source.close()


def signed_changed(original: bytes, mutated: bytes, ends: list[tuple[tuple[int, int], ...]]) -> bool:
    """Say whether a byte that a signature of the original covers is another one now."""
    return any(original[start : start + n] != mutated[start : start + n] for ranges in ends for start, n in ranges)


def ranges_of(path: Path) -> list[tuple[tuple[int, int], ...]]:
    """Return the signed ranges of each signature."""
    from digitise.verify.source import Source

    source = Source(path)
    try:
        found = [one.numbers for one in source.ranges if one.numbers and len(one.numbers) == 4]
        return [((numbers[0], numbers[1]), (numbers[2], numbers[3])) for numbers in found]
    finally:
        source.close()


def one_round(
    pdf: bytes, ranges: list[tuple[tuple[int, int], ...]], seed: int, room: Path, trust: object
) -> tuple[str, str]:
    """Mutate, verify; returns (outcome, kind of mutation). Raises AssertionError for a wrong answer."""
    from digitise.verify.evidence import Held
    from digitise.verify.verify import verify

    kind, mutated = mutate(pdf, random.Random(seed))
    file = room / f"{os.getpid()}.pdf"
    file.write_bytes(mutated)
    trust_set, crls, now = trust  # type: ignore[misc]
    verdict = verify(file, trust_set, revocation=Held(folder_crls=crls, offline=True), now=now)
    if verdict.outcome == "valid":
        assert not signed_changed(pdf, mutated, ranges), f"seed {seed}: {kind}: valid although a signed byte changed"
        if kind == "update":
            assert looks_the_same(file, len(pdf)), f"seed {seed}: valid although the pages look different"
    return verdict.outcome.value, kind


def main() -> int:
    """Fuzz for some minutes over a folder, or over files of our own."""
    from digitise.verify.trust import TrustSet

    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        trust: object = (TrustSet(), [], datetime.now(UTC))
        if asked.folder is None:
            asked.folder, trust = own_files(room)
        files = sorted(one for one in asked.folder.rglob("*.pdf") if one.stat().st_size < 2_000_000)
        until, seed = time.monotonic() + asked.minutes * 60, asked.seed
        counts: Counter[str] = Counter()
        wrong = 0
        while time.monotonic() < until:
            file = files[seed % len(files)]
            try:
                outcome, _ = one_round(file.read_bytes(), ranges_of(file), seed, room, trust)
                counts[outcome] += 1
            except Exception:
                wrong += 1
                print(f"{file} seed {seed}", file=sys.stderr)
                traceback.print_exc()
            seed += 1
    print(", ".join(f"{n} {what}" for what, n in counts.most_common()))
    print(f"figure fuzz_faults {wrong} 0 {'short' if wrong else 'ok'} of {sum(counts.values()) + wrong}")
    return 1 if wrong else 0


def own_files(room: Path) -> tuple[Path, object]:
    """Make signed files of our own, which would be valid, and what is needed to find them so."""
    from digitise.verify.trust import TrustSet, entry_of
    from tests.forgeries import prepared
    from tests.pki import PKI, blank_pdf

    folder = room / "own"
    folder.mkdir()
    with PKI() as pki:
        now = pki.now
        for level in ("B-T", "B-LT", "B-LTA"):
            signed = pki.sign(blank_pdf(), pki.person_an, level=level)
            (folder / f"{level}.pdf").write_bytes(signed)
            (folder / f"{level}-whole.pdf").write_bytes(pki.sign(prepared.whole(), pki.person_an, level=level))
            (folder / f"{level}-two.pdf").write_bytes(pki.sign(signed, pki.ubnd, level=level, field="Second"))
        trust = TrustSet().with_entries(entry_of(one.identity.asn1_certificate) for one in (pki.root, pki.sub))
        return folder, (trust, [pki.root.crl(), pki.sub.crl()], now)


if __name__ == "__main__":
    import logging

    logging.disable(logging.CRITICAL)
    sys.exit(main())
