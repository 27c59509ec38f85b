"""Document-level parts of PDF/A-2b: metadata, output intent, labels, and whether the claim may be made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Name
from PIL import ImageCms

from digitise.scan import conformance

_KEPT_INFO = ("/Title", "/Author", "/Subject", "/Keywords", "/Creator")
_DROPPED = ("/Perms", "/Legal", "/SpiderInfo", "/PieceInfo", "/Threads")


def finish(pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object], numbers: Sequence[int], about: dict[str, Any]) -> bool:
    """Set metadata, language, labels and output intent; return whether the document claims PDF/A-2b."""
    root = pdf.Root
    for name in _DROPPED:
        if name in root:
            del root[name]
    conformance.repair(pdf, pages)
    claim = conformance.conforms(pdf, pages)
    info = _info(pdf, about)
    _set_info(pdf, info)
    root[Name.Metadata] = pdf.make_stream(_xmp(info, about, claim), Type=Name.Metadata, Subtype=Name.XML)
    if Name.Lang not in root:
        root[Name.Lang] = pikepdf.String(about["language"])
    if Name.PageLabels not in root or len(numbers) != numbers[-1]:
        root[Name.PageLabels] = _labels(numbers)
    root[Name.ViewerPreferences] = pikepdf.Dictionary(DisplayDocTitle=True)
    root[Name.OutputIntents] = pikepdf.Array([_srgb(pdf)])
    return claim


def _info(pdf: pikepdf.Pdf, about: dict[str, Any]) -> dict[str, str]:
    """Return the entries of the information dictionary that can be read, completed by what we know."""
    kept: dict[str, str] = {}
    for key in _KEPT_INFO:
        try:
            value = str(pdf.docinfo.get(key, ""))
        except (UnicodeDecodeError, ValueError, TypeError, pikepdf.PdfError):
            continue
        value = "".join(char for char in value if char.isprintable()).strip()
        if value:
            kept[key] = value
    kept.setdefault("/Title", about["title"])
    return {**kept, "/Producer": about["producer"]}


def _set_info(pdf: pikepdf.Pdf, info: dict[str, str]) -> None:
    fresh = pikepdf.Dictionary()
    for key, value in info.items():
        fresh[key] = pikepdf.String(value)
    pdf.trailer[Name.Info] = pdf.make_indirect(fresh)


def _labels(numbers: Sequence[int]) -> pikepdf.Dictionary:
    """Label each output page with its number in the source."""
    rows: list[Any] = []
    for index, number in enumerate(numbers):
        if index == 0 or number != numbers[index - 1] + 1:
            rows += [index, pikepdf.Dictionary(S=Name.D, St=number)]
    return pikepdf.Dictionary(Nums=pikepdf.Array(rows))


def _srgb(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    profile = pdf.make_stream(srgb_profile(), N=3)
    return pikepdf.Dictionary(
        Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier=b"sRGB IEC61966-2.1",
        Info=b"sRGB IEC61966-2.1", RegistryName=b"http://www.color.org", DestOutputProfile=profile,
    )  # fmt: skip


def srgb_profile() -> bytes:
    """Return an sRGB ICC profile whose bytes do not depend on the day it was made."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # creation date: 2000-01-01
    made[84:100] = bytes(16)  # profile id: not computed
    return bytes(made)


def _xmp(info: dict[str, str], about: dict[str, Any], claim: bool) -> bytes:
    """Return the XMP packet; each value equals its twin in the information dictionary, as PDF/A wants."""
    title = escape(info["/Title"])
    date = escape(datetime.fromisoformat(about["date"]).isoformat(timespec="seconds"))
    rows = [f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>']
    if "/Author" in info:
        rows.append(f"<dc:creator><rdf:Seq><rdf:li>{escape(info['/Author'])}</rdf:li></rdf:Seq></dc:creator>")
    if "/Subject" in info:
        subject = escape(info["/Subject"])
        rows.append(
            f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>'
        )
    if "/Keywords" in info:
        rows.append(f"<pdf:Keywords>{escape(info['/Keywords'])}</pdf:Keywords>")
    if "/Creator" in info:
        rows.append(f"<xmp:CreatorTool>{escape(info['/Creator'])}</xmp:CreatorTool>")
    rows.append(f"<dc:language><rdf:Bag><rdf:li>{escape(about['language'])}</rdf:li></rdf:Bag></dc:language>")
    rows.append(f"<pdf:Producer>{escape(info['/Producer'])}</pdf:Producer><xmp:MetadataDate>{date}</xmp:MetadataDate>")
    if claim:
        rows.append("<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>")
    body = "\n".join(rows)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        f' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">\n{body}\n'
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
    ).encode()
