"""The whole way through queue and store, beside ocrmypdf on the same scanned PDF, in one run.

usage: python -m tests.bench.stack [--pages 40] [--volume 500] [--upload-mb 1000] [--only speed,volume,upload,short]
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

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


def ocrmypdf(file: Path, out: Path, *options: str) -> None:
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(
        ["ocrmypdf", "-q", "-l", "vie", "--jobs", "2", *options, str(file), str(out)], check=True, env=environment
    )


@contextmanager
def watched(find: Callable[[], list[psutil.Process]]) -> Iterator[dict[str, float]]:
    """Sample the largest resident memory (MB) of the processes that `find` returns, and how many use a core."""
    seen = {"rss": 0.0, "busy": 0.0}
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(0.5):
            try:
                seen["rss"] = max([seen["rss"], *(p.memory_info().rss / 1e6 for p in find())])
            except psutil.Error:
                continue

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def speed(folder: Path, pages: int) -> None:
    """Pages a minute, ours (deskew, rotation, PDF/A, store, search) against ocrmypdf plain and with both."""
    file = material(folder, pages)
    with running(folder / "data") as stack:
        warm = material(folder, 2)
        through_stack(stack, warm)
        ours = timed(lambda: through_stack(stack, file))
    plain = timed(lambda: ocrmypdf(file, folder / "plain.pdf", "--output-type", "pdf"))
    full = timed(lambda: ocrmypdf(file, folder / "full.pdf", "--rotate-pages", "--deskew"))
    print(f"{pages} pages: ours {ours:.1f} s, ocrmypdf {plain:.1f} s, with rotation and deskew {full:.1f} s")
    figure("stack_pages_per_minute", pages / ours * 60, "-", True)
    figure("stack_over_ocrmypdf_plain", plain / ours, ">=1.3", plain / ours >= 1.3)
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


def volume(folder: Path, pages: int) -> None:
    """Resident memory of a worker on a bound volume at 300 dpi."""
    image = degrade(paper(1, kind="decision").sheets[0].image.resize((2480, 3508)), "noise", 1)
    images = []
    for number in range(pages):
        copy = image.copy()
        copy.paste((255, 255, 255), (0, 0, 40 + number % 50, 40 + number // 50))
        images.append(copy) if number < 4 else None
    file = scan_pdf([images[n % 4] for n in range(pages)], folder / "volume.pdf", dpi=300)
    with running(folder / "data-volume") as stack, watched(lambda: stack.children("workers ocr")) as seen:
        print(f"volume of {pages} pages, {file.stat().st_size / 1e6:.0f} MB")
        wall = timed(lambda: through_stack(stack, file))
    print(f"{pages / wall * 60:.0f} pages/min")
    figure("worker_rss_mb", seen["rss"], "<400", seen["rss"] < 400)


def upload(folder: Path, megabytes: int) -> None:
    """Resident memory of the web process while a large TIFF-like file comes in; it is refused or kept, never held in memory."""
    file = folder / "large.pdf"
    with file.open("wb") as out:
        out.write(b"%PDF-1.7\n%" + hashlib.sha256(b"x").digest() + b"\n")
        block = os.urandom(1 << 20)
        for _ in range(megabytes):
            out.write(block)
    with running(folder / "data-upload") as stack, watched(lambda: stack.children("digitise.web")) as seen:
        subprocess.run(
            ["curl", "-sS", "-o", os.devnull, "-H", f"Authorization: Bearer {stack.first['token']}"]
            + ["-F", f"file=@{file}", f"{stack.url}/api/v1/documents"],
            check=True,
        )
    figure("web_rss_mb_during_upload", seen["rss"], "<150", seen["rss"] < 150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--volume", type=int, default=500)
    parser.add_argument("--upload-mb", type=int, default=1000)
    parser.add_argument("--only", default="speed,short,upload,volume")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-stack-"))
    try:
        wanted = given.only.split(",")
        for name, work in {
            "speed": lambda: speed(folder, given.pages),
            "short": lambda: short(folder),
            "upload": lambda: upload(folder, given.upload_mb),
            "volume": lambda: volume(folder, given.volume),
        }.items():
            if name in wanted:
                work()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(LINES))


if __name__ == "__main__":
    main()
