"""The whole way through queue and store, beside ocrmypdf on the same scanned PDF, in one run.

usage: python -m tests.bench.stack [--pages 40] [--only speed,short]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.bench.pipeline import traineddata
from tests.papers import degrade, paper, scan_pdf
from tests.stack import Stack, running, until

DPI = 200
LINES: list[str] = []


def figure(name: str, value: float, goal: str, good: bool) -> None:
    LINES.append(f"figure {name} {value:.2f} {goal} {'ok' if good else 'short'}")


def material(folder: Path, pages: int, dpi: int = DPI) -> Path:
    """A scanned PDF of `pages` different drawn pages, a third of them skewed a little."""
    images = []
    for number in range(pages):
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
        until(lambda: client.get(f"/documents/{document}").json()["state"] == "stored", 3600, 0.2)


def ocrmypdf(file: Path, out: Path, data: Path, *options: str) -> None:
    """Run the peer as its users do, one job per core, with the traineddata that we use."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TESSDATA_PREFIX": str(data)}
    command = ["ocrmypdf", "-q", "-l", "vie", "--jobs", "2", "--output-type", "pdf"]
    subprocess.run([*command, *options, str(file), str(out)], check=True, env=environment)


def speed(folder: Path, pages: int) -> None:
    """Pages a minute, ours (deskew, rotation, PDF/A, store, search) against ocrmypdf plain and with both."""
    file = material(folder, pages)
    with running(folder / "data") as stack:
        warm = material(folder, 2)
        through_stack(stack, warm)
        ours = timed(lambda: through_stack(stack, file))
    data = traineddata(folder / "tessdata")
    plain = timed(lambda: ocrmypdf(file, folder / "plain.pdf", data))
    full = timed(lambda: ocrmypdf(file, folder / "full.pdf", data, "--rotate-pages", "--deskew"))
    print(f"{pages} pages: ours {ours:.1f} s, ocrmypdf {plain:.1f} s, with rotation and deskew {full:.1f} s")
    figure("stack_pages_per_minute", pages / ours * 60, "-", True)
    figure("stack_over_ocrmypdf_plain", plain / ours, ">=1.5", plain / ours >= 1.5)
    figure("stack_over_ocrmypdf_full", full / ours, ">=2.5", full / ours >= 2.5)


def short(folder: Path) -> None:
    """A 20-page document on an idle machine uses both cores."""
    file = material(folder, 20)
    with running(folder / "data-short") as stack:
        through_stack(stack, material(folder, 2))
        assert stack.process
        root = psutil.Process(stack.process.pid)

        def used() -> float:
            return sum(sum(p.cpu_times()[:4]) for p in [root, *root.children(recursive=True)])

        before, wall = used(), timed(lambda: through_stack(stack, file))
        share = (used() - before) / wall
    figure("cores_used_by_20_pages", share, ">=1.6", share >= 1.6)


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
    print("\n".join(LINES))


if __name__ == "__main__":
    main()
