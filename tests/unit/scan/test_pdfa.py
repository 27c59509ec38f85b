"""What we call PDF/A-2b is judged by veraPDF, not by our word."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import odd_files
from tests.unit.scan.searchables import page_text, searchable

VERAPDF = "1.28.2"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>digitise</groupId><artifactId>judge</artifactId><version>1</version><dependencies><dependency>
<groupId>org.verapdf.apps</groupId><artifactId>greenfield-apps</artifactId><version>{VERAPDF}</version>
</dependency></dependencies></project>"""
TEXT = page_text((1000, 300), [("QUYẾT", (60.0, 100.0, 260.0, 160.0), 0), ("ĐỊNH", (280.0, 100.0, 440.0, 160.0), 0)])


@pytest.fixture(scope="module")
def verapdf(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the class path of veraPDF, fetched by Maven; skip with the reason where that cannot be."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    folder = tmp_path_factory.mktemp("verapdf")
    (folder / "pom.xml").write_text(POM)
    command = ["mvn", "-q", "-B", "dependency:build-classpath", "-Dmdep.outputFile=path.txt"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("Maven Central did not answer within 300 s")
    if done.returncode:
        pytest.skip(f"Maven could not fetch veraPDF: {done.stdout[-300:]}")
    return (folder / "path.txt").read_text()


def _judge(verapdf: str, files: list[Path]) -> dict[str, str]:
    command = ["java", "-cp", verapdf, "org.verapdf.apps.GreenfieldCliWrapper", "-f", "2b", "--format", "text", "-v"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=600, check=False)
    verdicts: dict[str, str] = {}
    last = ""
    for line in done.stdout.splitlines():
        if line.startswith(("PASS", "FAIL")):
            verdict, path, *_ = line.split()
            last = Path(path).name
            verdicts[last] = verdict
        elif line.startswith("  FAIL"):
            verdicts[last] += line[6:]
    return verdicts


def _sources(folder: Path) -> list[Path]:
    """Return one of every kind of file that we say we can make PDF/A of."""
    note, made = odd_files.note, []
    for name, mode, options in (
        ("colour.jpg", "RGB", {}), ("grey.jpg", "L", {}), ("cmyk.jpg", "CMYK", {}), ("palette.png", "P", {}),
        ("bits.png", "1", {}), ("alpha.png", "RGBA", {}), ("fax.tif", "1", {"compression": "group4"}),
        ("lzw.tif", "RGB", {"compression": "tiff_lzw"}), ("page.webp", "RGB", {}), ("page.bmp", "RGB", {}),
        ("page.jp2", "RGB", {}),
    ):  # fmt: skip
        made.append(odd_files.save(note(mode=mode), folder / name, **options))
    scan = odd_files.scan_pdf(folder / "scan.pdf", [odd_files.jpeg()])
    made += [scan, odd_files.ocred_pdf(folder / "ocred.pdf", scan), odd_files.active_pdf(folder / "active.pdf", scan)]
    made.append(odd_files.encrypted_pdf(folder / "owner.pdf", scan))
    made.append(odd_files.scan_pdf(folder / "poster.pdf", [odd_files.jpeg()], UserUnit=10))
    return made


@pytest.mark.slow
def test_verapdf_agrees_with_every_claim(verapdf: str, tmp_path: Path) -> None:
    outputs = []
    for source in _sources(tmp_path):
        made = searchable(source, tmp_path / f"out-{source.name}.pdf", [TEXT])
        assert made.told["pdfa"], source.name
        outputs.append(made.path)
    verdicts = _judge(verapdf, outputs)
    assert verdicts == {path.name: "PASS" for path in outputs}
