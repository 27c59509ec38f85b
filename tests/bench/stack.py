"""The whole way through queue and store, beside ocrmypdf on the same scanned PDF, in one run.

usage: python -m tests.bench.stack [--pages 40] [--only speed,short]

Ours makes PDF/A upright and deskewed, in all runs: with second looks, which are ours alone, and with one look as the peer has.
The peer runs plain, and with rotation and deskew to PDF/A as we do (to plain PDF where Ghostscript is not installed).
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from tests.bench.figures import figure
from tests.bench.pipeline import traineddata
from tests.papers import degrade, paper, scan_pdf
from tests.stack import Stack, running, until

DPI = 200
WARM = 900  # seed of the pages that warm the stack up: a picture that was read before would not be read again
GOALS = {"plain": 1.5, "full": 2.5, "cores": 1.6}
ONE_LOOK = {"plain": 1.3, "full": 2.0}  # the same work on both sides


def material(folder: Path, pages: int, dpi: int = DPI, first: int = 0) -> Path:
    """A scanned PDF of `pages` different drawn pages, a third of them skewed a little; `first` is the seed of the first."""
    images = []
    for number in range(first, first + pages):
        sheet = paper(number, kind="decision").sheets[0].image
        images.append(degrade(sheet, "skew" if number % 3 == 0 else "clean", number))
    return scan_pdf(images, folder / f"scan-{pages}.pdf", dpi=dpi)


def timed(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def through_stack(stack: Stack, file: Path) -> None:
    """Upload and wait for the searchable PDF; the bytes differ each time, so that nothing is reused."""
    with stack.client() as client, file.open("rb") as stream:
        sent = client.post("/documents", files={"file": (file.name, stream)}, timeout=600)
        sent.raise_for_status()
        document = sent.json()["id"]
        until(lambda: client.get(f"/documents/{document}").json()["state"] == "stored", 3600, 0.5)


def ocrmypdf(file: Path, out: Path, data: Path, *options: str) -> None:
    """Run the peer as its users do, one job per core, with the traineddata that we use."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TESSDATA_PREFIX": str(data)}
    command = ["ocrmypdf", "-q", "-l", "vie", "--jobs", "2"]
    subprocess.run([*command, *options, str(file), str(out)], check=True, env=environment)


def pages_through(folder: Path, file: Path, **environment: str) -> float:
    """Return the seconds that `file` takes through a warm stack of its own."""
    with running(folder, **environment) as stack:
        through_stack(stack, material(folder, 2, first=WARM))
        return timed(lambda: through_stack(stack, file))


def speed(folder: Path, pages: int) -> None:
    """Pages a minute, ours (deskew, rotation, PDF/A, store, search) against ocrmypdf plain and with all of it."""
    file = material(folder, pages)
    ours = pages_through(folder / "data", file)
    one_look = pages_through(folder / "data-one-look", file, DIGITISE_OCR_SECOND_LOOK="false")
    data = traineddata(folder / "tessdata")
    for name, seconds in (("second looks", ours), ("one look", one_look)):
        print(
            f"{pages} pages through the stack, {name}: {seconds:.1f} s, {pages / seconds * 60:.1f} pages/min",
            flush=True,
        )
    archival = "pdfa" if shutil.which("gs") else "pdf"
    peers = {
        "plain": ["--output-type", "pdf"],
        "full": ["--rotate-pages", "--deskew", "--output-type", archival],
    }
    for name, options in peers.items():
        peer = timed(partial(ocrmypdf, file, folder / f"{name}.pdf", data, *options))
        print(f"ocrmypdf {' '.join(options)}: {peer:.1f} s")
        figure(f"stack_times_ocrmypdf_{name}", round(peer / ours, 2), GOALS[name])
        figure(f"stack_one_look_times_ocrmypdf_{name}", round(peer / one_look, 2), ONE_LOOK[name])


def short(folder: Path) -> None:
    """A 20-page document on an idle machine uses both cores."""
    file = material(folder, 20)
    with running(folder / "data-short") as stack:
        through_stack(stack, material(folder, 2, first=WARM))
        assert stack.process
        root = psutil.Process(stack.process.pid)

        def used() -> float:
            return sum(sum(p.cpu_times()[:4]) for p in [root, *root.children(recursive=True)])

        before, wall = used(), timed(lambda: through_stack(stack, file))
        share = (used() - before) / wall
    figure("cores_used_by_20_pages", round(share, 2), GOALS["cores"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--only", default="speed,short")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-stack-"))
    try:
        wanted = given.only.split(",")
        for name, work in {
            "speed": lambda: speed(folder, given.pages),
            "short": lambda: short(folder),
        }.items():
            if name in wanted:
                work()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
