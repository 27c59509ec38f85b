"""What a certified copy was converted from, kept in the document's XMP metadata (Law on E-transactions 2023, art. 12).

Only properties that PDF/A-2 predefines are used (`dc:source`, `xmpMM:DerivedFrom`, `xmpMM:History`), so that a PDF/A file
stays one.
"""

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

import pikepdf

from digitise.sign.increment import Increment, stream_body

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass(frozen=True, slots=True)
class Origin:
    """The paper's scan, who converted it, and when."""

    sha256: str
    converted_by: str
    converted_at: datetime
    software: str = "digitise"


def write_origin(update: Increment, origin: Origin) -> None:
    """Add the origin to the document's metadata stream, in the update under way."""
    root = update.pdf.Root
    known = root.get("/Metadata")
    packet = known.read_bytes().decode("utf-8", "replace") if isinstance(known, pikepdf.Stream) else ""
    made = _with_origin(packet, origin).encode()
    entries = b"/Type /Metadata /Subtype /XML "  # never compressed: PDF/A readers look for it in the plain file
    if isinstance(known, pikepdf.Stream) and known.is_indirect:
        update.put(known.objgen[0], stream_body(entries, made), known.objgen[1])
    else:
        update.edit(root, {"/Metadata": b"%d 0 R" % update.add_stream(entries, made)})


def _with_origin(packet: str, origin: Origin) -> str:
    parts = {
        "dc:source": f"<dc:source>sha256:{origin.sha256}</dc:source>",
        "xmpMM:DerivedFrom": '<xmpMM:DerivedFrom rdf:parseType="Resource">'
        f"<stRef:documentID>sha256:{origin.sha256}</stRef:documentID></xmpMM:DerivedFrom>",
        "xmpMM:History": '<xmpMM:History><rdf:Seq><rdf:li rdf:parseType="Resource">'
        "<stEvt:action>converted</stEvt:action>"
        f"<stEvt:parameters>converted by {escape(origin.converted_by)}</stEvt:parameters>"
        f"<stEvt:softwareAgent>{escape(origin.software)}</stEvt:softwareAgent>"
        f"<stEvt:when>{origin.converted_at.isoformat(timespec='seconds')}</stEvt:when>"
        "</rdf:li></rdf:Seq></xmpMM:History>",
    }
    wanted = "\n".join(xml for name, xml in parts.items() if f"<{name}" not in packet and f" {name}=" not in packet)
    description = (
        '<rdf:Description rdf:about="" xmlns:rdf="' + _RDF + '" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" '
        f'xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#">\n{wanted}\n</rdf:Description>\n'
    )
    head, end, tail = packet.rpartition("</rdf:RDF>")
    if end:
        return head + description + end + tail
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">\n{description}</rdf:RDF></x:xmpmeta>\n'
        '<?xpacket end="w"?>'
    )
