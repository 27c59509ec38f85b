"""What was PDF/A-2b before it was signed is PDF/A-2b afterwards, whatever the profile: veraPDF judges."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest
from PIL import ImageCms

from digitise.sign.extend import promised, renewed
from digitise.sign.origin import Origin
from digitise.sign.profiles import Level
from digitise.sign.signature import Details, Tools, make_signature
from tests import odd_files
from tests.unit.scan.searchables import page_text, searchable
from tests.unit.sign.test_appearance import case
from tests.verapdf import judge


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


@pytest.mark.slow
def test_every_profile_keeps_pdfa(verapdf: str, tmp_path: Path, tools: Tools, now: datetime) -> None:
    """Draft → approved → issued with number and date → archive timestamp renewed → copied; a scan by the other profiles."""
    made, born, day = case(1, tmp_path)
    draft = archival(born, tmp_path / "archival.pdf")
    words = page_text((1000, 300), [("QUYẾT", (60.0, 100.0, 260.0, 160.0), 0)])
    scan = searchable(odd_files.scan_pdf(tmp_path / "paper.pdf", [odd_files.jpeg()]), tmp_path / "scan.pdf", [words])
    assert scan.told["pdfa"], scan.told

    outputs = [draft, scan.path]
    details = Details(now, None, made.fields["signer"], 7, made.fields["symbol"], day)
    copied = replace(details, origin=Origin("ab" * 32, "Nguyễn Văn <An> & con", now))
    services = (tools.authorities, tools.gatherer)

    def signed(source: Path, name: str, profile: str, level: Level, told: Details = details) -> Path:
        target = tmp_path / f"{name}.pdf"
        make_signature(source, target, replace(tools.profiles[profile], level=level), told, tools)
        outputs.append(target)
        return target

    issued = signed(signed(draft, "approved", "approve", Level.B_B), "issued", "issue", Level.B_LTA)
    outputs.append(renewed(issued, tmp_path / "renewed.pdf", *services).path)
    signed(outputs[-1], "copied", "copy", Level.B_LT)
    late = promised(signed(scan.path, "bare", "copy", Level.B_B, copied), tmp_path / "late.pdf", Level.B_LTA, *services)
    outputs.append(late.path)
    for profile in ("attachment", "incoming", "copy"):
        signed(scan.path, profile, profile, Level.B_LTA, copied)
    assert judge(verapdf, outputs) == {path.name: "PASS" for path in outputs}
