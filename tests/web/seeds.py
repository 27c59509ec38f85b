"""Believable documents for screens, put in as the recogniser would have left them, without waiting for it."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from PIL import Image

from digitise.model.documents import Artefact, ArtefactKind, Document, Filing, NewDocument
from digitise.model.people import LOCAL_OPERATOR, Actor, Role
from digitise.model.recognition import Field, Fields, PageText
from digitise.scan.words import words_file
from tests.papers import paper, true_pages

PASSWORD = "mat-khau-rat-dai"
PEOPLE = {
    "lan": ("Nguyễn Thị Lan", Role.CLERK),
    "minh": ("Trần Văn Minh", Role.SIGNER),
    "thanh": ("Lê Thanh Tra", Role.AUDITOR),
    "dung": ("Phạm Quốc Dũng", Role.OPERATOR),
}
OWNER = "079203001234"
DOSSIER = "H53.12-220915-0007"
ABBREVIATIONS = {"decision": "QĐ", "letter": "CV", "notice": "TB", "report": "BC", "plan": "KH"}


def scan(shade: int = 255, pages: int = 1) -> bytes:
    """A small scan of A4 at 100 dpi."""
    image = Image.new("RGB", (827, 1169), (shade, 255, 255))
    out = io.BytesIO()
    image.save(out, "PDF", resolution=100, save_all=True, append_images=[image] * (pages - 1))
    return out.getvalue()


def add_people(services: Any) -> None:
    """Make one account per role; the password is PASSWORD."""
    for name, (shown, role) in PEOPLE.items():
        services.people.add(name, PASSWORD, frozenset({role}), LOCAL_OPERATOR, display_name=shown, unit=None)


def add_document(services: Any, seed: int, kind: str = "decision", *, pages: int = 1, **filing: Any) -> Document:
    """Put one drawn paper in, recognised, with a few doubtful words."""
    drawn = paper(seed, kind, pages=pages, dpi=75)
    image = io.BytesIO()
    sheets = [sheet.image for sheet in drawn.sheets]
    sheets[0].save(image, "PDF", resolution=75, save_all=True, append_images=sheets[1:])
    sha256, size = services.store.put(io.BytesIO(image.getvalue()), media_type="application/pdf")
    said = replace(Filing(dossier=DOSSIER, owner_id=OWNER, owner_name="Trần Thị Bình"), **filing)
    actor = Actor("lan", frozenset({Role.CLERK}))
    new = NewDocument(sha256, f"ket-qua-{seed:03}.pdf", "application/pdf", size, said, pages=len(sheets))
    document: Document = services.catalogue.accept(new, [], actor).document
    read = [_with_doubts(page) for page in true_pages(drawn)]
    text = "\f".join(page.text for page in read)
    fields = Fields({name: Field(value, 0.97) for name, value in drawn.fields.items() if isinstance(value, str)})
    words = json.dumps(words_file(read, fields), ensure_ascii=False).encode()
    made = [
        _kept(services, ArtefactKind.WORDS, words, "application/json"),
        _kept(services, ArtefactKind.TEXT, text.encode(), "text/plain"),
        _kept(services, ArtefactKind.SEARCHABLE, image.getvalue(), "application/pdf"),
    ]
    services.catalogue.finish(document.id, made, text, _suggested(drawn.fields, kind), pages=len(sheets))
    found: Document = services.catalogue.get(document.id)
    return found


def _suggested(fields: dict[str, str], kind: str) -> Filing:
    number = f"{fields.get('number', '')}/{fields.get('symbol', '')}".strip("/")
    issued = fields.get("issued_on")
    return Filing(
        title=fields.get("abstract"),
        number=number or None,
        issued_on=date.fromisoformat(issued) if issued else None,
        issuer=fields.get("issuer"),
        signer=fields.get("signer"),
        kind=ABBREVIATIONS.get(kind, "CV"),
    )


def _with_doubts(page: PageText) -> PageText:
    words = tuple(
        replace(word, doubtful=True, confidence=0.41) if i % 37 == 11 else word for i, word in enumerate(page.words)
    )
    return replace(page, words=words)


def _kept(services: Any, kind: ArtefactKind, body: bytes, media_type: str) -> Artefact:
    sha256, size = services.store.put(io.BytesIO(body), media_type=media_type)
    return Artefact(kind, sha256, size, media_type, datetime.now(UTC))


def fill(services: Any) -> list[Document]:
    """Fill an empty service as after a few days of work."""
    documents = [
        add_document(services, seed, kind) for seed, kind in enumerate(["decision", "letter", "notice"] * 2, 1)
    ]
    documents.append(add_document(services, 40, "decision", pages=3, valid_until=date(2020, 1, 1)))
    services.catalogue.set_state(documents[1].id, "failed", error="errors.unreadable.default")
    services.catalogue.set_state(documents[2].id, "stored", verdict="valid")
    services.catalogue.set_state(documents[3].id, "stored", verdict="invalid")
    services.catalogue.set_state(documents[4].id, "stored", verdict="indeterminate", warnings=["low_resolution"])
    services.catalogue.set_state(documents[5].id, "recognising")
    return documents


def fill_registers(services: Any, rows: int = 120) -> None:
    """Fill units and the register of outgoing documents with a year of work."""
    from sqlalchemy import update

    from digitise.model.outgoing import NewOutgoing, Unit
    from digitise.report.register import Source
    from storage.schema.outgoing import outgoing

    units = [Unit("QN", "Tỉnh Quảng Ninh", "province")]
    units += [
        Unit(f"P{i}", f"Phường {name}", "commune", "QN") for i, name in enumerate(["Hồng Gai", "Bãi Cháy", "Hà Tu"])
    ]
    source = Source("units.csv", "0" * 64, datetime.now(UTC))
    services.register.imports.units(list(enumerate(units, 2)), source, LOCAL_OPERATOR)
    verdicts = ["valid"] * 15 + ["invalid", "indeterminate", "unsigned", None, None]
    reasons = {"invalid": "content_changed_after_signing", "indeterminate": "issuer_not_trusted"}
    year = datetime.now(UTC).year
    new = [
        NewOutgoing(
            unit=f"P{i % 3}",
            kind=["QĐ", "CV", "TB"][i % 3],
            abstract=f"Về việc triển khai nhiệm vụ cải cách hành chính đợt {i + 1}",
            number=i + 1,
            symbol="QĐ-UBND",
            issued_on=date(year, i % 10 + 1, i % 27 + 1),
            signer="Nguyễn Văn Hải",
            external_id=f"seed-{i}",
        )
        for i in range(rows)
    ]
    services.outgoing.import_rows(list(enumerate(new, 2)), LOCAL_OPERATOR, "seeds")
    with services.database.write() as connection:
        for i in range(rows):
            verdict = verdicts[i % len(verdicts)]
            state = "draft" if verdict is None and i % 2 else "delivered"
            values = {"verdict": verdict, "state": state, "full_value": verdict == "valid"}
            values["reason"] = reasons.get(verdict or "")
            connection.execute(update(outgoing).where(outgoing.c.external_id == f"seed-{i}").values(**values))


def add_waiting(services: Any, seed: int = 70) -> Any:
    """Register one outgoing PDF that waits for the organisation's signature."""
    import tempfile
    from pathlib import Path

    from digitise.model.outgoing import NewOutgoing
    from digitise.sign.register_file import register_file
    from tests.papers import born_digital_pdf

    drawn = paper(seed, "decision", numbered=False, dated=False, dpi=100)
    with tempfile.TemporaryDirectory() as folder:
        file = born_digital_pdf(drawn, Path(folder) / f"quyet-dinh-{seed}.pdf")
        said = _suggested(drawn.fields, "decision")
        new = NewOutgoing(
            unit="P0",
            kind="QĐ",
            abstract=said.title or "Về việc",
            symbol="QĐ-UBND",
            signer=said.signer,
            issued_on=said.issued_on,
        )
        return register_file(file, new, LOCAL_OPERATOR, services.outgoing, services.store)
