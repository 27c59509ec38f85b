"""Reading of page images against their truth, by damage; and how long it took.

    python -m tests.bench.ocr DIR… [--peers] [--limit N] [--jobs 2] [--show 10]

DIR holds pages with truth (`NAME_pN.json` beside the images). With `--peers` plain Tesseract reads the same images and
`ocrmypdf --deskew --rotate-pages` (with `--clean` where unpaper is installed) the same pages as one PDF, in the same run.
Ends with one line `figure NAME VALUE GOAL ok|short` per figure.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PIL import Image

from digitise.child.nursery_client import ENVIRONMENT
from tests.bench.figures import figure
from tests.bench.reading import Score, Truth, score, truths

DRAWN = {"reading": 0.8, "in_order": 1.2, "combined": 1.4}
DECISIONS = {"reading": 1.6, "in_order": 1.4}
BODIES = {"in_order": 3.0}
_engine: Any = None
_settings: Any = None


@dataclass
class Reading:
    """What one page gave."""

    name: str
    text: str
    doubts: list[tuple[str, float]]
    seconds: float
    engine_seconds: float  # in the engine and in decoding the picture, which Tesseract alone has to do, too


def processor_seconds() -> float:
    """Return the processor time of this process and its ended children: the same on a shared machine as on an idle one."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Timed:
    """An engine that counts the processor time spent inside it."""

    def __init__(self, inner: Any, clock: list[float] | None = None) -> None:
        self.inner = inner
        self.clock = [0.0] if clock is None else clock

    @property
    def key(self) -> str:
        return str(self.inner.key)

    @property
    def second(self) -> "Timed | None":
        """The second model, its time counted too."""
        inner = getattr(self.inner, "second", None)
        return None if inner is None else Timed(inner, self.clock)

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **keys: Any) -> Any:
            started = processor_seconds()
            try:
                return getattr(self.inner, name)(*args, **keys)
            finally:
                self.clock[0] += processor_seconds() - started

        return call


def start() -> None:
    """Open the engine once per process, as a worker does."""
    global _engine, _settings
    from digitise.scan.engines import open_engine
    from digitise.settings import load

    _settings = load()
    _engine = Timed(open_engine(_settings))
    assert _engine.second is None or _engine.second.key  # the second model is loaded once per process, not per page


def read_page(truth: Truth) -> Reading:
    from digitise.scan.page import recognise_page
    from digitise.scan.quality import doubts

    _engine.clock[0] = 0.0
    started = processor_seconds()
    with Image.open(truth.image) as image:
        image.load()
        decoded = processor_seconds() - started
        page = recognise_page(image, dpi=truth.dpi, settings=_settings, engine=_engine)
    seconds = processor_seconds() - started
    levels = list(zip((word.text for word in page.words), doubts(page.words), strict=True))
    spread = [(part, level) for text, level in levels for part in text.split()]
    return Reading(truth.name, page.text, spread, seconds, decoded + _engine.clock[0])


def read_plain(truth: Truth) -> Reading:
    """Read with Debian's Tesseract from the command line, nothing prepared."""
    started = time.monotonic()
    done = subprocess.run(
        ["tesseract", str(truth.image), "-", "-l", "vie", "--dpi", str(round(truth.dpi))],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        check=False,
    )
    return Reading(truth.name, done.stdout, [], time.monotonic() - started, 0.0)


def run(pages: list[Truth], call: Callable[[Truth], Reading], jobs: int) -> tuple[dict[str, Reading], float]:
    """Return the readings by name and pages per minute."""
    with get_context("spawn").Pool(jobs, start) as pool:
        pool.map(abs, range(jobs))  # processes up, engines loaded
        started = time.monotonic()
        read = {reading.name: reading for reading in pool.imap_unordered(call, pages)}
        return read, 60 * len(pages) / (time.monotonic() - started)


@contextmanager
def environment(more: dict[str, str]) -> Iterator[None]:
    """Start processes as the product starts its children: how memory is handed back is read once, when a process begins."""
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def as_pdf(pages: list[Truth], target: Path) -> None:
    import img2pdf

    layout = [img2pdf.get_fixed_dpi_layout_fun((page.dpi, page.dpi)) for page in pages]
    parts = []
    for page, fun in zip(pages, layout, strict=True):
        part = target.with_name(page.name + ".pdf")
        part.write_bytes(img2pdf.convert(str(page.image), layout_fun=fun, rotation=img2pdf.Rotation.ifvalid))
        parts.append(part)
    import pikepdf

    with pikepdf.new() as whole:
        for part in parts:
            with pikepdf.open(part) as one:
                whole.pages.extend(one.pages)
        whole.save(target)


def journey(command: list[str], text: Path, pages: list[Truth]) -> tuple[dict[str, Reading], float]:
    """Run a command that makes a searchable PDF and a text file with form feeds; return readings and pages per minute."""
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    if not text.exists():
        print(f"  {command[0]} failed: {done.stderr.strip()[-300:]}")
        return {}, 0.0
    parts = text.read_text(encoding="utf-8").split("\f")
    read = {page.name: Reading(page.name, part, [], 0.0, 0.0) for page, part in zip(pages, parts, strict=False)}
    return read, 60 * len(pages) / seconds


def table(title: str, pages: list[Truth], read: dict[str, Reading], rate: float) -> dict[str, Score]:
    """Print the rates per damage and return the scores; `drawn`, `decisions` and `bodies` are sums."""
    sums: dict[str, Score] = defaultdict(Score)
    for truth in pages:
        if truth.name not in read:
            continue
        one = score(truth, read[truth.name].text, read[truth.name].doubts)
        for key in (truth.damage, kind_of(truth), "ALL"):
            sums[key].add(one)
    print(f"\n{title}: {rate:.1f} pages/min")
    print(f"  {'':26s} pages  reading  in order    WER  accents of errors")
    for key in sorted(sums, key=lambda k: (k in {"drawn", "decisions", "bodies", "ALL"}, k)):
        s = sums[key]
        print(
            f"  {key:26s} {s.pages:5d} {s.percent('reading'):8.2f} {s.percent('in_order'):9.2f}"
            f" {s.percent('word_errors'):6.2f} {s.accents:8d} of {s.in_order}"
        )
    return sums


def floors(pages: list[Truth]) -> None:
    """Print what the order-free measure counts against the truth itself: a line that occurs twice may take the wrong span."""
    sums: dict[str, Score] = defaultdict(Score)
    for truth in pages:
        sums[kind_of(truth)].add(min((score(truth, order) for order in truth.orders), key=lambda one: one.reading))
    for group, one in sums.items():
        print(
            f"  floor of the order-free measure, the truth itself as the text: {group} {one.percent('reading'):.2f} %"
        )


def kind_of(truth: Truth) -> str:
    if not truth.damage.startswith("real"):
        return "drawn"
    return "decisions" if truth.name.startswith("hc") else "bodies"


def show_worst(pages: list[Truth], read: dict[str, Reading], number: int) -> None:
    scored = sorted(
        ((score(t, read[t.name].text), t.name) for t in pages), key=lambda pair: -pair[0].percent("in_order")
    )
    for one, name in scored[:number]:
        print(f"  worst: {name:34s} reading {one.percent('reading'):5.2f} in order {one.percent('in_order'):5.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--limit", type=int, default=0, help="every n-th page so that at most this many are read")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", type=int, default=10)
    given = parser.parse_args()
    pages = [truth for folder in given.folders for truth in truths(folder)]
    if given.limit and len(pages) > given.limit:
        pages = pages[:: -(-len(pages) // given.limit)]
    if not pages:
        sys.exit("no pages with truth there")
    with environment(ENVIRONMENT):
        read, rate = run(pages, read_page, given.jobs)
    sums = table("digitise", pages, read, rate)
    show_worst(pages, read, given.show)
    engine = sum(r.engine_seconds for r in read.values())
    own = sum(r.seconds for r in read.values()) - engine
    floors(pages)
    peers = compare(pages, given.jobs) if given.peers else {}
    return 0 if all(figures(sums, own / engine, peers)) else 1


def compare(pages: list[Truth], jobs: int) -> dict[str, float]:
    """Let the peers read the same pages; return pages per minute by name."""
    plain, rate = run(pages, read_plain, jobs)
    table("plain Tesseract (vie)", pages, plain, rate)
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "pages.pdf"
        as_pdf(pages, source)
        bin_dir = Path(sys.executable).parent
        clean = ["--clean"] if shutil.which("unpaper") else []
        made, text = str(Path(folder) / "made.pdf"), Path(folder) / "made.txt"
        common = [str(bin_dir / "ocrmypdf"), "-l", "vie", "--jobs", str(jobs), "--sidecar", str(text)]
        ours = [str(bin_dir / "digitise"), "ocr", str(source), "-o", made, "--text", str(text), "--workers", str(jobs)]
        for name, command in (
            ("ocrmypdf turned", [*common, "--deskew", "--rotate-pages", *clean, str(source), made]),
            ("ocrmypdf plain", [*common, str(source), made]),
            ("digitise ocr", ours),
        ):
            text.unlink(missing_ok=True)
            done, rates[name] = journey(command, text, pages)
            table(" ".join([name, *(clean if "turned" in name else [])]), pages, done, rates[name])
    return rates


def figures(sums: dict[str, Score], own_share: float, rates: dict[str, float]) -> list[bool]:
    """Print the figures with their goals."""
    good = []
    for group, goals in (("drawn", DRAWN), ("decisions", DECISIONS), ("bodies", BODIES)):
        if group not in sums:
            continue
        for name, goal in goals.items():
            combined = [s for key, s in sums.items() if key.startswith("combo")]
            if name == "combined" and not combined:
                continue
            value = combined[0].percent("reading") if name == "combined" else sums[group].percent(name)
            good.append(figure(f"{group}_{name}_percent", round(value, 2), goal, at_most=True, of=sums[group].letters))
    held = 100 * sums["ALL"].held_by_worst(0.02)
    good.append(figure("errors_in_worst_2_percent_of_words", round(held, 1), 50, of=len(sums["ALL"].worst)))
    good.append(figure("own_time_beside_engine_percent", round(100 * own_share, 1), 15, at_most=True))
    if rates.get("ocrmypdf turned"):
        good.append(figure("times_ocrmypdf_turned", round(rates["digitise ocr"] / rates["ocrmypdf turned"], 2), 2.5))
        good.append(figure("times_ocrmypdf_plain", round(rates["digitise ocr"] / rates["ocrmypdf plain"], 2), 1.5))
    return good


if __name__ == "__main__":
    sys.exit(main())
