"""`digitise ocr` against `ocrmypdf` on one scanned PDF, its overhead beside Tesseract alone, and its memory on a volume.

    python -m tests.bench.pipeline [--pages 40] [--volume 500] [--jobs 2] [--skip-peer]

All runs read with the same traineddata on the same cores, one after the other; the ratios are what counts. The peer runs
plain and with `--rotate-pages --deskew`; we turn and straighten always. The overhead is told twice: of the whole journey,
whose second look asks Tesseract again where fields are in doubt, and of the journey with one look, where Tesseract does as
much as alone and everything more is ours. And beside two of Tesseract: the command, which as we do starts, loads and
writes a searchable PDF, and the library, loaded before the clock starts, which is handed decoded pixels and writes
nothing. Ends with `figure NAME VALUE GOAL ok|short` lines.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
import pypdfium2 as pdfium
from PIL import Image

from digitise.scan import models
from digitise.settings import load
from tests.bench.figures import figure
from tests.papers import degrade, paper, scan_pdf

DPI = 200
VOLUME_DPI = 300
GOALS = {"plain": 1.5, "turned": 2.5, "overhead": 15.0, "rss": 400.0}
_reader: Any = None


def main() -> None:
    """Run what was asked for and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--volume", type=int, default=500, help="pages of the volume whose memory is watched; 0 = none")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--skip-peer", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-pipeline-") as folder:
        place = Path(folder)
        source = scans(place / "scans.pdf", asked.pages)
        ours = minutes(digitise(source, place / "ours.pdf", asked.jobs))
        print(f"digitise ocr        {asked.pages / ours:6.1f} pages/min")
        command = tesseract_command(source, place, asked.jobs)
        print(f"tesseract, command  {asked.pages / command:6.1f} pages/min (one look, PDF and text written)")
        beside("ocr_beside_tesseract_command_percent", ours, command)
        alone = tesseract_alone(source, asked.jobs)
        print(f"tesseract, library  {asked.pages / alone:6.1f} pages/min (one look, loaded before, nothing written)")
        beside("ocr_beside_tesseract_library_percent", ours, alone)
        once = minutes(digitise(source, place / "once.pdf", asked.jobs), DIGITISE_OCR_SECOND_LOOK="false")
        print(f"digitise, one look  {asked.pages / once:6.1f} pages/min (as much Tesseract as alone: the rest is ours)")
        beside("ocr_one_look_beside_tesseract_command_percent", once, command)
        beside("ocr_one_look_beside_tesseract_library_percent", once, alone)
        if not asked.skip_peer:
            peers(source, place, asked.pages, asked.jobs, ours)
        if asked.volume:
            volume_memory(place, asked.volume, asked.jobs)


def scans(path: Path, pages: int) -> Path:
    """Write `pages` scanned pages, half of them askew or noisy."""
    images: list[Image.Image] = []
    seed = 0
    while len(images) < pages:
        for image in paper(seed).images:
            images.append(degrade(image, ("skew", "noise")[seed % 2], seed) if seed % 4 < 2 else image)
        seed += 1
    return scan_pdf(images[:pages], path, DPI)


def digitise(source: Path, target: Path, jobs: int) -> list[str]:
    """Return our command."""
    program = "from digitise.cli import main; main()"
    return [sys.executable, "-c", program, "ocr", str(source), "-o", str(target), "--workers", str(jobs)]


def minutes(command: list[str], **environment: str) -> float:
    """Run `command` and return how long it took."""
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return (time.monotonic() - started) / 60


def peers(source: Path, place: Path, pages: int, jobs: int, ours: float) -> None:
    """Run ocrmypdf plain, and turning and straightening, with our traineddata."""
    program = shutil.which("ocrmypdf", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        print("ocrmypdf is not installed: no comparison")
        return
    data = traineddata(place / "tessdata")
    for name, options in (("plain", []), ("turned", ["--rotate-pages", "--deskew"])):
        command = [program, "-l", "vie", "--jobs", str(jobs), "--output-type", "pdf", *options]
        took = minutes([*command, str(source), str(place / f"{name}.pdf")], TESSDATA_PREFIX=str(data))
        print(f"ocrmypdf {name:<10} {pages / took:6.1f} pages/min")
        figure(f"ocr_times_ocrmypdf_{name}", round(took / ours, 2), GOALS[name])


def traineddata(folder: Path) -> Path:
    """Return a directory with the traineddata that we use, and what the `tesseract` command needs beside it."""
    folder.mkdir()
    model = models.choose(load())
    system = models.system_directories()[0]
    for name in ("configs", "tessconfigs", "pdf.ttf", "osd.traineddata"):
        if (system / name).exists():
            (folder / name).symlink_to(system / name)
    (folder / "vie.traineddata").symlink_to(models.file(model.directory, "vie"))
    return folder


def beside(name: str, ours: float, tesseract: float) -> None:
    """Print how much longer we take, in percent."""
    figure(name, round(100 * (ours - tesseract) / tesseract, 1), GOALS["overhead"], at_most=True)


def tesseract_command(source: Path, place: Path, jobs: int) -> float:
    """Return the minutes that the `tesseract` command takes for the same page images, `jobs` at a time, a page each."""
    folder, data = place / "images", traineddata(place / "tessdata-command")
    folder.mkdir()
    for number, page in enumerate(pdfium.PdfDocument(source)):
        next(page.get_objects()).get_bitmap().to_pil().convert("L").save(folder / f"{number}.png", dpi=(DPI, DPI))

    def read(image: Path) -> None:
        command = ["tesseract", str(image), str(image.with_suffix("")), "--tessdata-dir", str(data), "-l", "vie"]
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        subprocess.run([*command, "pdf", "txt"], check=True, capture_output=True, env=environment)

    started = time.monotonic()
    with ThreadPoolExecutor(jobs) as side_by_side:
        list(side_by_side.map(read, sorted(folder.iterdir())))
    return (time.monotonic() - started) / 60


def tesseract_alone(source: Path, jobs: int) -> float:
    """Return the minutes that Tesseract takes for the same page images, `jobs` processes, images decoded beforehand."""
    document = pdfium.PdfDocument(source)
    images = [next(page.get_objects()).get_bitmap().to_pil().convert("L") for page in document]
    os.environ["OMP_THREAD_LIMIT"] = "1"
    pages = [(image.tobytes(), image.width, image.height) for image in images]
    with get_context("spawn").Pool(jobs, initializer=_open) as pool:
        pool.map(_warm, range(jobs))
        started = time.monotonic()
        pool.map(_read, pages, chunksize=1)
        return (time.monotonic() - started) / 60


def _open() -> None:
    import tesserocr

    global _reader
    model = models.choose(load())
    _reader = tesserocr.PyTessBaseAPI(path=f"{model.directory}/", lang=model.languages)


def _warm(number: int) -> int:
    time.sleep(0.5)
    return number


def _read(page: tuple[bytes, int, int]) -> int:
    data, width, height = page
    _reader.SetImageBytes(data, width, height, 1, width)
    _reader.SetSourceResolution(DPI)
    return len(_reader.GetTSVText(0))


def volume_memory(place: Path, pages: int, jobs: int) -> None:
    """Watch every process of one run over a volume of colour pages at 300 dpi; print the largest one's resident memory."""
    source = volume(place / "volume.pdf", pages)
    process = subprocess.Popen(digitise(source, place / "volume-out.pdf", jobs), stderr=subprocess.DEVNULL)
    highest: dict[str, list[float]] = {"child": [], "client": []}
    watcher = threading.Thread(target=_watch, args=(process, highest))
    watcher.start()
    started = time.monotonic()
    code = process.wait()
    watcher.join()
    assert code == 0, code
    print(f"volume of {pages} pages: {pages / (time.monotonic() - started) * 60:.1f} pages/min")
    half = len(highest["child"]) // 2
    print(
        f"largest child, first half {max(highest['child'][:half]):.0f} MB, second {max(highest['child'][half:]):.0f} MB"
    )
    print(f"client {max(highest['client']):.0f} MB")
    figure("ocr_worker_rss_mb", round(max(*highest["child"], *highest["client"])), GOALS["rss"], at_most=True)


def volume(path: Path, pages: int) -> Path:
    """Write a volume whose pages are ten papers over and over, 300 dpi, colour."""
    sheets = [image for seed in range(5) for image in paper(seed, dpi=VOLUME_DPI).images][:10]
    return scan_pdf([sheets[index % len(sheets)] for index in range(pages)], path, VOLUME_DPI)


def _watch(process: "subprocess.Popen[bytes]", highest: dict[str, list[float]]) -> None:
    root = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            highest["client"].append(root.memory_info().rss / 1e6)
            below = [one.memory_info().rss / 1e6 for one in root.children(recursive=True)]
            if below:
                highest["child"].append(max(below))
        except psutil.Error:
            pass
        time.sleep(0.2)


if __name__ == "__main__":
    main()
