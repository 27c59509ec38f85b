"""The evidence of one figure: a ZIP that another expert can check with `sha256sum`, `grep` and OpenSSL alone.

The same figure gives the same bytes: members in a fixed order, with a fixed date, from frozen rows and stored verdicts.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from math import ceil
from typing import Any, BinaryIO

from digitise.errors import NotFound
from digitise.model.progress import watched
from digitise.model.reports import Figure
from digitise.ports import ObjectStore
from digitise.report import figures, held_answers, indicators, signed_ranges, words
from digitise.report.bundle_check import SEAL, SUMS
from digitise.report.export_csv import BOM, encoded
from digitise.report.export_json import selection, share
from digitise.report.register import Proofs, Registers

DATED = (1980, 1, 1, 0, 0, 0)  # of every member: ZIP's first day, so that the time of making does not show
LEVEL = 6  # of compression
BATCH = 500  # verdicts fetched at a time
MANIFEST = "manifest.json"

Seal = Callable[[bytes], bytes]  # content → detached CMS signature, DER


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that making a bundle needs from the world."""

    registers: Registers
    store: ObjectStore
    proofs: Proofs | None = None
    seal: Seal | None = None


def write_bundle(figure: Figure, target: BinaryIO, room: Room, *, documents: bool = False) -> str:
    """Write the bundle to the seekable `target` and return the SHA-256 of its `SHA256SUMS`, which names all the rest.

    `documents` adds the PDFs, their signatures taken out, and the OpenSSL commands. Raises NotFound, DamagedObject.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        bundle = _Bundle(archive)
        bundle.add("figure.json", _json(_figure(figure)))
        bundle.stream("rows.jsonl", (figures.row_line(row) for row in figures.rows(room.store, figure)))
        bundle.stream("rows.csv", _csv(room, figure))
        judged = _verdicts(bundle, room, figure)
        _trust(bundle, room, figure)
        _answers(bundle, room, judged)
        if documents:
            _documents(bundle, room, figure, judged)
        bundle.add("README.txt", _readme(figure, len(bundle.sums) + 3 + (room.seal is not None)))
        bundle.add(MANIFEST, _json({"schema": "digitise.evidence/1", "figure": figure.id, "files": bundle.files()}))
        sums = "".join(f"{digest}  {name}\n" for name, (digest, _) in sorted(bundle.sums.items())).encode()
        bundle.add(SUMS, sums)
        if room.seal is not None:
            bundle.add(SEAL, room.seal(sums))
    return hashlib.sha256(sums).hexdigest()


@dataclass(frozen=True, slots=True)
class _Judged:
    """Which bytes a verdict is about, and the revocation answers that it relied on."""

    sha256: str
    answers: tuple[Mapping[str, Any], ...]


class _Bundle:
    """Adds members and remembers their hashes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.sums: dict[str, tuple[str, int]] = {}

    def add(self, name: str, content: bytes) -> None:
        self.stream(name, (content,))

    def stream(self, name: str, chunks: Iterable[bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
        if name in self.sums:
            return
        info = zipfile.ZipInfo(name, DATED)
        info.compress_type, info.external_attr, info.create_system = method, 0o644 << 16, 3
        digest, size = hashlib.sha256(), 0
        with self._archive.open(info, "w", force_zip64=False) as member:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
        self.sums[name] = (digest.hexdigest(), size)

    def files(self) -> list[dict[str, Any]]:
        return [{"name": name, "size": size, "sha256": digest} for name, (digest, size) in sorted(self.sums.items())]


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=figures.plain) + "\n").encode()


def _figure(figure: Figure) -> dict[str, Any]:
    chosen = indicators.named(figure.share.indicator, figures.terms_of(figure))
    name = figure.share.indicator
    return {
        "schema": "digitise.figure/1",
        "id": figure.id,
        "indicator": name,
        "share": share(figure.share),
        "numerator_parts": sorted(chosen.numerator),
        "denominator_parts": sorted(chosen.denominator),
        "selection": selection(figure.selection),
        "asked_at": figure.asked_at.isoformat(),
        "asked_by": figure.asked_by,
        "as_of": figure.as_of.isoformat() if figure.as_of else None,
        "rule": figure.rule,
        "bases": [dict(basis) for basis in figure.bases],
        "rows_count": figure.rows_count,
        "rows_digest": figure.rows_digest,
        "definition": {lang: words.say(f"formula.{name}", lang) for lang in ("vi", "en")},
        "basis": {lang: words.say(f"basis.{name}", lang) for lang in ("vi", "en")},
        "rules": {lang: words.rules(figure, lang) for lang in ("vi", "en")},
    }


def _csv(room: Room, figure: Figure) -> Iterator[bytes]:
    yield BOM
    names: list[str] = []
    for row in figures.rows(room.store, figure):
        if not names:
            names = sorted(row)
            yield from encoded([names])
        yield from encoded([[row.get(name) for name in names]])


def _verdicts(bundle: _Bundle, room: Room, figure: Figure) -> dict[str, _Judged]:
    """Add the verification report of each document; return what follows from them, by verdict."""
    judged: dict[str, _Judged] = {}
    ids = sorted({row["verdict_id"] for row in figures.rows(room.store, figure) if row.get("verdict_id")})
    for start in watched(range(0, len(ids), BATCH), ceil(len(ids) / BATCH)):
        wanted = ids[start : start + BATCH]
        found = room.registers.verdict_details(wanted)
        for ident in wanted:
            if ident not in found:
                raise NotFound("verdict", what="verdict", id=ident)
            bundle.add(f"verdicts/{ident}.json", _json(found[ident]))
            judged[ident] = _Judged(found[ident]["sha256"], tuple(found[ident]["detail"].get("revocation_answers", ())))
    return judged


def _trust(bundle: _Bundle, room: Room, figure: Figure) -> None:
    for basis in figure.bases if room.proofs is not None else ():
        assert room.proofs is not None
        folder = f"policies/{basis['policy']}-{basis['trust_snapshot']}"
        for name, content in sorted(room.proofs.trust(basis["trust_snapshot"], basis["policy"]).items()):
            bundle.add(f"{folder}/{name}", content)


def _answers(bundle: _Bundle, room: Room, judged: Mapping[str, _Judged]) -> None:
    """Add every CRL and OCSP answer that a verdict relied on, and an index that says where each came from."""
    told: dict[str, dict[str, Any]] = {}
    for ident in sorted(judged, key=lambda each: (judged[each].sha256, each)):
        one = judged[ident]
        new = {answer["sha256"]: answer for answer in one.answers if answer["sha256"] not in told}
        for digest, der in sorted(_held(room, one.sha256, frozenset(new)).items()):
            name = f"revocation/{digest}.{new[digest]['kind']}"
            bundle.add(name, der)
            told[digest] = dict(new[digest]) | {"file": name}
        told |= {digest: dict(new[digest]) | {"file": None} for digest in new if digest not in told}
    if told:
        bundle.add("revocation/index.json", _json([told[digest] for digest in sorted(told)]))


def _held(room: Room, sha256: str, wanted: frozenset[str]) -> dict[str, bytes]:
    """Return hash → DER of the answers that are kept beside the verdicts, or in the document itself."""
    kept = {digest: room.proofs.answer(digest) for digest in sorted(wanted)} if room.proofs is not None else {}
    found = {digest: der for digest, der in kept.items() if der is not None}
    if len(found) < len(wanted) and room.store.exists(sha256):
        with room.store.as_file(sha256) as path:
            found |= held_answers.find(path, wanted - found.keys())
    return found


def _documents(bundle: _Bundle, room: Room, figure: Figure, judged: Mapping[str, _Judged]) -> None:
    trusted = [f"policies/{basis['policy']}-{basis['trust_snapshot']}" for basis in figure.bases]
    commands: list[str] = []
    hashes = sorted({one.sha256 for one in judged.values()})
    for sha256 in watched(hashes, len(hashes)):
        name = f"documents/{sha256}.pdf"
        if not room.store.exists(sha256):
            continue
        with room.store.as_file(sha256) as path:
            bundle.stream(name, _chunks(path.open("rb")), zipfile.ZIP_STORED)  # a PDF has deflated itself
            for number, found in enumerate(signed_ranges.signatures(path), start=1):
                cms = f"signatures/{sha256}-{number}.p7s"
                bundle.add(cms, found.cms)
                commands.append(signed_ranges.openssl_command(found, name, cms, trusted[0] if trusted else None))
    bundle.add("signatures/openssl.txt", "".join(f"{line}\n" for line in commands).encode())


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(1 << 20):
            yield chunk


def _readme(figure: Figure, members: int) -> bytes:
    template = (resources.files("digitise.report") / "evidence_readme.txt").read_text(encoding="utf-8")
    chosen = indicators.named(figure.share.indicator, figures.terms_of(figure))
    name = figure.share.indicator
    return template.format(
        id=figure.id,
        rule="=" * 60,
        title=words.indicator(name, "vi"),
        title_en=words.indicator(name, "en"),
        fraction=words.fraction(figure.share, "vi"),
        fraction_en=words.fraction(figure.share, "en"),
        period=words.period(figure.selection, "vi"),
        scope=figure.selection.unit or words.say("all_units", "vi"),
        asked_at=f"{figure.asked_at:%Y-%m-%dT%H:%M:%SZ}",
        asked_by=figure.asked_by,
        members=members,
        count_denominator=_grep(chosen.denominator),
        count_numerator=_grep(chosen.numerator),
    ).encode()


def _grep(parts: Iterable[str]) -> str:
    return f'grep -cE \'"part":"({"|".join(sorted(parts))})"\' rows.jsonl'
