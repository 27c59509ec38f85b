"""Speed and memory of verification beside pyHanko's own: `python -m tests.bench.verify_speed [--folder-files 1000] [--large-mb 300]`.

The same files, the same process, the same revocation data (embedded), no network: pyHanko's validation of every signature
with its difference analysis, and ours with all its extra checks. A process of its own for memory, all cores for the folder.
"""

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.bench.figures import figure


def pyhanko_way(path: Path, roots: list[object], others: list[object], now: datetime) -> None:
    """Validate as pyHanko's documentation shows it: each signature, its timestamps, differences, chain and embedded revocation."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko_certvalidator import ValidationContext

    with path.open("rb") as stream:
        reader = PdfFileReader(stream)
        store = DocumentSecurityStore.read_dss(reader) if "/DSS" in reader.root else None
        crls = [one.get_object().data for one in store.crls] if store else []
        ocsps = [one.get_object().data for one in store.ocsps] if store else []
        context = ValidationContext(
            trust_roots=roots, other_certs=others, moment=now, crls=crls, ocsps=ocsps, revocation_mode="soft-fail"
        )
        for signature in reader.embedded_regular_signatures:
            validate_pdf_signature(signature, context, context)
        for stamp in reader.embedded_timestamp_signatures:
            validate_pdf_timestamp(stamp, context)


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the best processor time of some rounds, in seconds: both ways compute in this one process, and others may use it too."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def large_pdf(megabytes: int) -> bytes:
    """Return a PDF with one picture of this size that does not compress."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

    writer = PdfFileWriter()
    raw = generic.StreamObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/XObject"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Image"),
            generic.pdf_name("/Width"): generic.NumberObject(1024),
            generic.pdf_name("/Height"): generic.NumberObject(1024 * megabytes // 3),
            generic.pdf_name("/BitsPerComponent"): generic.NumberObject(8),
            generic.pdf_name("/ColorSpace"): generic.pdf_name("/DeviceRGB"),
        },
        encoded_data=os.urandom(1 << 20) * megabytes,
    )
    picture = writer.add_object(raw)
    resources = generic.DictionaryObject(
        {generic.pdf_name("/XObject"): generic.DictionaryObject({generic.pdf_name("/P"): picture})}
    )
    content = writer.add_object(generic.StreamObject(stream_data=b"q 500 0 0 700 40 40 cm /P Do Q"))
    writer.insert_page(PageObject(contents=content, media_box=(0, 0, 595, 842), resources=resources))
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def measure_memory(path: str) -> None:
    """Verify one file in this process and print its highest resident memory in MB (run as a process of its own)."""
    from digitise.verify.trust import TrustSet
    from digitise.verify.verify import verify

    verdict = verify(Path(path), TrustSet(), now=datetime.now(UTC))
    assert verdict.signatures[0].integrity == "intact"
    status = Path("/proc/self/status").read_text()  # ru_maxrss would tell of the parent too
    print(int(status.split("VmHWM:")[1].split()[0]) / 1024)


def busy_seconds() -> float:
    """Return what all cores of the machine have worked so far: the limited children are too many and too brief to be asked.

    On a machine with other work this tells of that work too; the speedup beside it does not.
    """
    user, nice, system = Path("/proc/stat").read_text().split()[1:4]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def measure_folder(room: Path, pdf: bytes, trust: Any, now: datetime, files: int) -> list[bool]:
    """Verify a folder as `digitise verify` does, in limited children: with one at a time, then with as many as there are cores."""
    from digitise.child import Limits
    from digitise.verify.safely import Verifier

    paths = [room / f"many-{number}.pdf" for number in range(files)]
    for path in paths:
        path.write_bytes(pdf)
    checker, cores = Verifier(trust, Limits()), os.cpu_count() or 1
    checker(paths[0], now=now)  # the nursery warms up
    rates, used = [], 0.0
    for workers, some in ((1, paths[: max(1, files // 4)]), (cores, paths)):
        started, before = time.perf_counter(), busy_seconds()
        done = sum(one.verdict.outcome == "valid" for one in checker.many(some, workers=workers, now=now))
        seconds = time.perf_counter() - started
        used = (busy_seconds() - before) / seconds
        rates.append(len(some) / seconds)
        print(f"{done} of {len(some)} files, {workers} at a time: {rates[-1]:.1f} per second, {used:.2f} cores busy")
    return [
        figure("verify_folder_speedup_of_cores", round(rates[1] / rates[0] / cores, 2), 0.7),
        figure("verify_folder_cores_busy", round(used, 2), round(0.85 * cores, 2)),
    ]


def main() -> int:
    """Measure and print the figures."""
    from digitise.verify.trust import TrustSet, entry_of
    from digitise.verify.verify import verify
    from tests.pki import PKI, blank_pdf

    parser = argparse.ArgumentParser()
    parser.add_argument("--folder-files", type=int, default=1000)
    parser.add_argument("--large-mb", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    ok = []
    with tempfile.TemporaryDirectory() as name, PKI() as pki:
        room, now = Path(name), pki.now
        identities = (pki.root.identity, pki.sub.identity)
        trust = TrustSet().with_entries(entry_of(one.asn1_certificate) for one in identities)
        roots, others = [pki.root.identity.asn1_certificate], [pki.sub.identity.asn1_certificate]
        one = pki.sign(blank_pdf(), pki.person_an, level="B-LT")
        two = pki.sign(pki.sign(blank_pdf(), pki.person_an, level="B-LTA"), pki.ubnd, level="B-LTA", field="Second")
        big = pki.sign(large_pdf(20), pki.person_an, level="B-LT")
        for title, pdf in (("one_signature", one), ("two_complete", two), ("20_mb", big)):
            path = room / f"{title}.pdf"
            path.write_bytes(pdf)
            theirs = best(lambda path=path: pyhanko_way(path, roots, others, now), asked.rounds)  # type: ignore[misc]
            ours = best(lambda path=path: verify(path, trust, now=now), asked.rounds)  # type: ignore[misc]
            print(f"{title}: pyHanko {theirs * 1000:.1f} ms, ours {ours * 1000:.1f} ms")
            ok.append(figure(f"verify_time_ratio_{title}", round(ours / theirs, 2), 1.5, at_most=True))
        large = room / "large.pdf"
        large.write_bytes(pki.sign(large_pdf(asked.large_mb), pki.person_an))
        code = f"from tests.bench.verify_speed import measure_memory; measure_memory({str(large)!r})"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        ok.append(figure(f"verify_{asked.large_mb}_mb_resident_mb", round(float(told.stdout), 1), 250.0, at_most=True))
        ok += measure_folder(room, one, trust, now, asked.folder_files)
    return 0 if all(ok) else 1


if __name__ == "__main__":
    sys.exit(main())
