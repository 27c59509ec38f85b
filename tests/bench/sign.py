"""How quick signing is, beside pyHanko as its documentation shows it: same key, same file, same level, one run.

    python -m tests.bench.sign [--quick]

Each line of the end is `figure NAME VALUE GOAL ok|short`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf

from digitise.model.outgoing import OutgoingState
from digitise.model.tasks import TaskKind
from digitise.sign.cms import Container
from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import load_keys
from digitise.sign.levels import sign_file
from digitise.sign.order import Order
from digitise.sign.profiles import Digest, Level, Scheme
from digitise.sign.register import OutgoingQuery
from digitise.sign.sign import sign_tasks
from digitise.sign.timestamps import Authorities
from digitise.sign.validation_data import Gatherer
from storage.trust import SqlTrust
from tests.pki import PKI
from tests.unit.sign.conftest import tools_for, write_keys
from tests.unit.sign.room import Office, office, utc

_FIGURES: list[tuple[str, float, float, bool]] = []


def figure(name: str, value: float, goal: float, *, at_most: bool = False) -> None:
    """Keep a figure for the end."""
    _FIGURES.append((name, value, goal, at_most))
    print(f"  {name}: {value:.2f} (goal {'at most' if at_most else 'at least'} {goal})", flush=True)


def page_of_100_kb(file: Path) -> Path:
    """Write one A4 page with a picture, 100 kB."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        picture = pdf.make_stream(os.urandom(32_400 * 3))
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        picture.Width = picture.Height = 180
        picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        page.obj.Contents = pdf.make_stream(b"q 180 0 0 180 72 300 cm /I Do Q")
        pdf.save(file, compress_streams=False)
    return file


def scan_of(file: Path, megabytes: int) -> Path:
    """Write a scan: a page a megabyte."""
    with pikepdf.new() as pdf:
        for _ in range(megabytes):
            page = pdf.add_blank_page(page_size=(595, 842))
            picture = pdf.make_stream(os.urandom(1_000_000))
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        pdf.save(file, compress_streams=False)
    return file


def per_second(work: Callable[[int], None], count: int) -> float:
    """Return how often a second `work` is done: wall time, after one that warms up."""
    work(0)
    start = time.perf_counter()
    for number in range(count):
        work(number)
    return count / (time.perf_counter() - start)


def stock(folder: Path, source: Path) -> Callable[[int], None]:
    """Return pyHanko's signing as documented: `SimpleSigner.load_pkcs12`, `sign_pdf`, PAdES."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer = signers.SimpleSigner.load_pkcs12(str(folder / "ubnd.p12"), passphrase=b"pw-ubnd")
    assert signer is not None
    meta = signers.PdfSignatureMetadata(field_name="Signature1", subfilter=fields.SigSeedSubFilter.PADES)

    def work(number: int) -> None:
        with source.open("rb") as reading, (folder / f"stock-{number}.pdf").open("wb") as writing:
            signers.sign_pdf(IncrementalPdfFileWriter(reading), meta, signer=signer, output=writing)
        (folder / f"stock-{number}.pdf").unlink()

    return work


def ours(folder: Path, source: Path) -> Callable[[int], None]:
    """Return our signing of the same file with the same key."""
    key = KeyRing(load_keys(folder / "keys.toml")).key("organisation")
    container = Container(key, Digest.SHA256, Scheme.PKCS1)
    nowhere, nothing = Authorities([]), Gatherer()

    def work(number: int) -> None:
        target = folder / f"ours-{number}.pdf"
        sign_file(source, target, Order(container, datetime.now(UTC), "Signature1"), Level.B_B, nowhere, nothing)
        target.unlink()

    return work


def copy_and_hash(folder: Path, source: Path) -> Callable[[int], None]:
    """Return what signing cannot do without: copy the file once and hash it once."""

    def work(number: int) -> None:
        target = folder / f"copy-{number}.pdf"
        shutil.copyfile(source, target)
        with target.open("rb") as file:
            hashlib.file_digest(file, "sha256")
        target.unlink()

    return work


def best_of(rounds: int, *works: tuple[Callable[[int], None], int]) -> list[float]:
    """Return the best rate of each, measured in turns, so that a busy machine hurts all alike."""
    best = [0.0] * len(works)
    for _ in range(rounds):
        for position, (work, count) in enumerate(works):
            best[position] = max(best[position], per_second(work, count))
    return best


_ALONE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from digitise.sign.cms import Container
from digitise.sign.keys import load_keys
from digitise.sign.key_ring import KeyRing
from digitise.sign.levels import sign_file
from digitise.sign.order import Order
from digitise.sign.profiles import Digest, Level, Scheme
folder, source = Path(sys.argv[1]), Path(sys.argv[2])
key = KeyRing(load_keys(folder / "keys.toml")).key("organisation")
order = Order(Container(key, Digest.SHA256, Scheme.PKCS1), datetime.now(UTC), "Signature1")
sign_file(source, folder / "alone.pdf", order, Level.B_B, None, None)
(folder / "alone.pdf").unlink()
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])
"""


def peak_megabytes(folder: Path, source: Path) -> float:
    """Return the peak resident memory of a process that signs one file and does nothing else."""
    # VmHWM, as ru_maxrss starts with what the parent had when it forked
    done = subprocess.run([sys.executable, "-c", _ALONE, folder, source], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def _through_register(place: Office, source: Path, count: int) -> float:
    """Return documents a second from confirmed to recorded: claim, checks, signature, own verifier, store, audit."""
    for number in range(count):
        with pikepdf.open(source) as pdf:
            pdf.docinfo["/Title"] = f"{number} {time.monotonic_ns()}"
            pdf.save(place.folder / "one.pdf", compress_streams=False)
        place.confirm(place.add(f"van ban {number} {time.monotonic_ns()}", pdf=(place.folder / "one.pdf").read_bytes()))
    start, done = time.perf_counter(), 0
    while claims := place.tasks.claim_some([TaskKind.SIGN], "bench", 600.0, 8):  # as `workers.jobs` takes them
        ended = sign_tasks(claims, place.room)
        assert all(one.task_ended for one in ended), ended
        done += len(ended)
    taken = time.perf_counter() - start
    assert done == count
    assert not place.register.list(OutgoingQuery(states=(OutgoingState.FAILED,))).items
    return count / taken


def main(quick: bool) -> None:
    """Measure everything and print the figures."""
    rounds, few, many = (1, 5, 60) if quick else (4, 12, 200)
    with PKI() as pki, tempfile.TemporaryDirectory(prefix="bench-sign-") as name:
        folder = Path(name)
        (folder / "ubnd.p12").write_bytes(pki.ubnd.p12("pw-ubnd"))
        (folder / "ubnd.pin").write_text("pw-ubnd")
        write_keys(folder, '[key.organisation]\nkind = "pkcs12"\nfile = "ubnd.p12"\npin_file = "ubnd.pin"')
        pki.trust_folder(folder / "trust")
        page = page_of_100_kb(folder / "page.pdf")
        slow, quick_rate = best_of(rounds, (stock(folder, page), few), (ours(folder, page), many))
        print(f"one page of {page.stat().st_size // 1000} kB, B-B: pyHanko {slow:.1f}/s, ours {quick_rate:.1f}/s")
        figure("one_page_times_stock", quick_rate / slow, 15)
        place = office(folder, tools_for(pki, folder))
        place.room.remember = SqlTrust(place.database, utc).remember
        best = [0.0, 0.0]
        for _ in range(1 + rounds):  # in turns, like the others; the first one warms up
            best = [
                max(best[0], per_second(stock(folder, page), few)),
                max(best[1], _through_register(place, page, 25)),
            ]
        print(f"through the register: pyHanko {best[0]:.1f}/s, ours {best[1]:.1f}/s")
        figure("register_times_stock", best[1] / best[0], 4)
        for megabytes in (20,) if quick else (20, 300):
            scan = scan_of(folder / f"scan-{megabytes}.pdf", megabytes)
            count = max(1, 60 // megabytes)
            least, signing = best_of(rounds, (copy_and_hash(folder, scan), count), (ours(folder, scan), count))
            figure(f"scan_{megabytes}_mb_times_copy_and_hash", least / signing, 1.5, at_most=True)
            figure(f"scan_{megabytes}_mb_peak_memory_mb", peak_megabytes(folder, scan), 150, at_most=True)
    for called, value, goal, at_most in _FIGURES:
        reached = value <= goal if at_most else value >= goal
        print(f"figure {called} {value:.2f} {goal} {'ok' if reached else 'short'}")


if __name__ == "__main__":
    main("--quick" in sys.argv)
