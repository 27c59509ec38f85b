"""Putting a bound volume together takes the memory of a few pages, however many it has: it is never mapped nor held whole."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitise.pdf.page import PageKind
from digitise.scan.result import PageResult
from tests import odd_files
from tests.unit.scan.searchables import ABOUT, BUDGET, page_text

PAGES, SIDE = 48, 1800  # of noise, which no filter packs: 2.6 MB a page
MOST_MB = 75  # 41 with the 16 pages that pdfium may hold; mapped or held whole it is 117 and more
_MEASURED = """
import json, sys
from pathlib import Path
from digitise.pdf import reading
from digitise.scan import archive

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024

given = json.loads(sys.argv[1])
before = peak()
found = reading.facts(given["source"], given["budget"])
told = archive.searchable(**given)
print(json.dumps({"pages": [found["pages"], told["pages"]], "grown": peak() - before}))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="VmHWM is told by Linux alone")
def test_memory_does_not_grow_with_the_pages_of_a_volume(tmp_path: Path) -> None:
    source, rows, target = tmp_path / "volume.pdf", tmp_path / "rows.jsonl", tmp_path / "out.pdf"
    noise = np.random.default_rng(5).integers(0, 256, (SIDE, SIDE), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(noise).save(encoded, "JPEG", quality=90)
    odd_files.scan_pdf(source, [encoded.getvalue()] * PAGES, odd_files.A4)
    assert source.stat().st_size > 1.4 * (MOST_MB << 20), "too small to tell"
    text = page_text((SIDE, SIDE), [("QUYẾT", (60.0, 100.0, 260.0, 160.0), 0)])
    result = PageResult(PageKind.IMAGE, None, text, ()).to_json()
    rows.write_text("".join(json.dumps([number, result]) + "\n" for number in range(1, PAGES + 1)), encoding="utf-8")
    given = {"source": str(source), "target": str(target), "results": str(rows), "budget": BUDGET, "about": ABOUT}
    done = subprocess.run([sys.executable, "-c", _MEASURED, json.dumps(given)], capture_output=True, text=True)
    shutil.rmtree(tmp_path)  # 220 MB
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["pages"] == [PAGES, PAGES]
    assert told["grown"] < MOST_MB
