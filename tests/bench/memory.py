"""Memory of the stack at work: a bound volume through the workers, and one large upload through the web process.

    python -m tests.bench.memory [--pages 500] [--upload-mb 1000] [--only volume,upload]

The volume is drawn: A4 in colour at 300 dpi, every page another picture with a few lines of text, so that 500 of them are
read in minutes; decoding, preparing and recognising work on the whole page as always. A worker is counted with all that it
started (its fork, the nursery, the limited child): the sum of their proportional sets, and the largest resident set of one
of them. Ends with lines `figure NAME VALUE GOAL ok|short`.
"""

import argparse
import io
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from PIL import Image, ImageDraw

from tests import odd_files
from tests.bench.figures import figure
from tests.bench.stack import through_stack
from tests.papers import paper
from tests.papers.fonts import font
from tests.stack import Stack, running

DPI = 300
SAMPLE_SECONDS = 0.5
GOALS = {"worker": 400.0, "slope": 10.0, "web": 150.0}
Sample = tuple[float, float, float]  # seconds, sum of proportional sets, largest resident set; MB


def main() -> None:
    """Run what was asked for and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--upload-mb", type=int, default=1000)
    parser.add_argument("--only", default="volume,upload")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-memory-") as folder:
        if "volume" in asked.only:
            volume(Path(folder), asked.pages)
        if "upload" in asked.only:
            upload(Path(folder), asked.upload_mb)


def volume(folder: Path, pages: int) -> None:
    """Put a volume through the stack and print what its hungriest worker held."""
    source = drawn(folder / "volume.pdf", pages)
    with running(folder / "data") as stack, watched(lambda: direct(stack, "workers ocr")) as seen:
        started = time.monotonic()
        through_stack(stack, source)
        minutes = (time.monotonic() - started) / 60
    print(f"{pages} pages, {source.stat().st_size >> 20} MB, {pages / minutes:.0f} pages/min")
    most = max(seen.values(), key=lambda samples: max(held for _, held, _ in samples))
    half = len(most) // 2
    print(f"first half {max(s[1] for s in most[:half]):.0f} MB, second {max(s[1] for s in most[half:]):.0f} MB")
    figure("memory_worker_and_children_mb", round(max(s[1] for s in most)), GOALS["worker"], at_most=True)
    largest = max(held for samples in seen.values() for _, _, held in samples)
    figure("memory_largest_process_mb", round(largest), GOALS["worker"], at_most=True)
    per_page = max(slope(samples) for samples in seen.values()) * minutes * 60 / pages
    figure("memory_growth_mb_per_100_pages", round(per_page * 100, 1), GOALS["slope"], at_most=True)


def drawn(path: Path, pages: int) -> Path:
    """Write the volume: the head of a drawn paper on a whole sheet, numbered, so that no two pages are one picture."""
    sheet = paper(1, dpi=DPI).images[0]
    head = sheet.crop((0, 0, sheet.width, sheet.height // 6))
    ground = Image.effect_noise(sheet.size, 6).convert("RGB").point(lambda value: min(255, value + 115))
    ground.paste(head)

    def page(number: int) -> bytes:
        made = ground.copy()
        ImageDraw.Draw(made).text((400, sheet.height // 2), f"Trang số {number}", fill=0, font=font("regular", 60))
        packed = io.BytesIO()
        made.save(packed, "JPEG", quality=75)
        return packed.getvalue()

    return odd_files.scan_pdf(path, [page(number) for number in range(1, pages + 1)], points=odd_files.A4)


def upload(folder: Path, megabytes: int) -> None:
    """Send a large file (refused at its end: it is no whole PDF) and print what the web process held meanwhile."""
    file = folder / "large.pdf"
    with file.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        for _ in range(megabytes):
            out.write(os.urandom(1 << 20))
    with running(folder / "data-upload") as stack, watched(lambda: direct(stack, "digitise.web")) as seen:
        command = ["curl", "-sS", "-o", os.devnull, "-H", f"Authorization: Bearer {stack.first['token']}"]
        subprocess.run([*command, "-F", f"file=@{file}", f"{stack.url}/api/v1/documents"], check=True)
    largest = max(held for samples in seen.values() for _, _, held in samples)
    figure("memory_web_during_upload_mb", round(largest), GOALS["web"], at_most=True)


def direct(stack: Stack, word: str) -> list[psutil.Process]:
    """Return the processes that the supervisor itself started and whose command holds `word`."""
    assert stack.process
    started = psutil.Process(stack.process.pid).children()
    return [child for child in started if word in " ".join(child.cmdline())]


@contextmanager
def watched(roots: Callable[[], Sequence[psutil.Process]]) -> Iterator[dict[int, list[Sample]]]:
    """Sample each root with everything below it, by the root's process id."""
    seen: dict[int, list[Sample]] = {}
    ended = threading.Event()
    started = time.monotonic()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            try:
                found = roots()
            except psutil.Error:
                continue
            for root in found:
                try:
                    family = [root, *root.children(recursive=True)]
                except psutil.Error:
                    continue
                held = [memory(one.pid) for one in family]
                at = time.monotonic() - started
                seen.setdefault(root.pid, []).append((at, sum(p for p, _ in held), max(r for _, r in held)))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def memory(pid: int) -> tuple[float, float]:
    """Return proportional and resident set of a process in MB; zeros where it is gone."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    said = {row.split(":")[0]: float(row.split()[1]) / 1000 for row in rows if row.startswith(("Pss:", "Rss:"))}
    return said.get("Pss", 0.0), said.get("Rss", 0.0)


def slope(samples: Sequence[Sample]) -> float:
    """Return MB per second over the samples after the first tenth, in which libraries and models are loaded."""
    later = samples[len(samples) // 10 :]
    if len(later) < 3:
        return 0.0
    return statistics.linear_regression([at for at, _, _ in later], [held for _, held, _ in later]).slope


if __name__ == "__main__":
    main()
