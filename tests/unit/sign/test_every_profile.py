"""What each profile makes, through a document's whole life: valid by us and by poppler, whole by qpdf, PDF/A-2b by veraPDF as before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from PIL import ImageCms

from digitise.model.verdicts import Outcome
from digitise.sign.extend import promised, renewed
from digitise.sign.origin import Origin
from digitise.sign.profiles import Level
from digitise.sign.signature import Details, Tools, make_signature
from tests import odd_files
from tests.pki import PKI
from tests.unit.scan.searchables import page_text, searchable
from tests.unit.sign.conftest import second_opinion, tools_for
from tests.unit.sign.test_appearance import case
from tests.verapdf import judge


@dataclass(frozen=True)
class Life:
    """Files that are PDF/A before anybody signs, and every file made of them, with its signatures."""

    unsigned: list[Path]
    signed: dict[Path, int]
    tools: Tools


def archival(source: Path, target: Path) -> Path:
    """Make PDF/A-2b of a file whose fonts are embedded: as word processors write it."""
    with pikepdf.open(source) as pdf:
        del pdf.docinfo["/Trapped"]
        profile = pdf.make_stream(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), N=3)
        intent = pikepdf.Dictionary(Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, DestOutputProfile=profile)
        intent.OutputConditionIdentifier = pikepdf.String("sRGB")
        pdf.Root.OutputIntents = pikepdf.Array([pdf.make_indirect(intent)])
        with pdf.open_metadata() as metadata:
            metadata.load_from_docinfo(pdf.docinfo, raise_failure=False)
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "2", "B"
        pdf.save(target, min_version="1.7", compress_streams=True)
    return target


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, pki: PKI, material: Path) -> Iterator[Life]:
    """Draft → approved → issued with number and date → archive timestamp renewed → copied; a scan by the other profiles."""
    folder, now, tools = tmp_path_factory.mktemp("life"), datetime.now(UTC), tools_for(pki, material)
    made, born, day = case(1, folder)
    draft = archival(born, folder / "archival.pdf")
    words = page_text((1000, 300), [("QUYẾT", (60.0, 100.0, 260.0, 160.0), 0)])
    scan = searchable(odd_files.scan_pdf(folder / "paper.pdf", [odd_files.jpeg()]), folder / "scan.pdf", [words])
    assert scan.told["pdfa"], scan.told
    details = Details(now, None, made.fields["signer"], 7, made.fields["symbol"], day)
    copied = replace(details, origin=Origin("ab" * 32, "Nguyễn Văn <An> & con", now))
    services = (tools.authorities, tools.gatherer)
    files: dict[Path, int] = {}

    def signed(source: Path, name: str, profile: str, level: Level, told: Details = details) -> Path:
        target = folder / f"{name}.pdf"
        make_signature(source, target, replace(tools.profiles[profile], level=level), told, tools)
        files[target] = files.get(source, 0) + 1
        return target

    def extended(source: Path, target: Path) -> Path:
        files[target] = files[source]
        return target

    issued = signed(signed(draft, "approved", "approve", Level.B_LT), "issued", "issue", Level.B_LTA)
    again = extended(issued, renewed(issued, folder / "renewed.pdf", *services).path)
    signed(again, "copied", "copy", Level.B_LT)
    bare = signed(scan.path, "bare", "copy", Level.B_B, copied)
    extended(bare, promised(bare, folder / "late.pdf", Level.B_LTA, *services).path)
    del files[bare]  # no proof of time yet: not valid, and not meant to be
    for profile in ("attachment", "incoming", "copy"):
        signed(scan.path, profile, profile, Level.B_LTA, copied)
    yield Life([draft, scan.path], files, tools)
    tools.close()


def test_all_agree_that_every_file_is_valid(life: Life, nss: Path) -> None:
    assert len(life.signed) == 8
    for file, signatures in life.signed.items():
        assert life.tools.verify is not None
        verdict = life.tools.verify(file, "numbering")
        assert verdict.outcome == Outcome.VALID, (file.name, verdict.reasons)
        second_opinion(file, nss, signatures)


@pytest.mark.slow
def test_pdfa_stays_pdfa(life: Life, verapdf: str) -> None:
    files = [*life.unsigned, *life.signed]
    assert judge(verapdf, files) == {path.name: "PASS" for path in files}
