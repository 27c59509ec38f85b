"""Accept a file: limits, type by content, SHA-256, duplicate, facts by a limited child; keep the original, promise the work.

A refused file leaves nothing behind: it is checked in a spool file and goes to the store only when it is accepted.
"""

import hashlib
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from digitise.child import Limits, run
from digitise.errors import DiskFull, InvalidValue, LimitExceeded, UnreadableFile
from digitise.model.documents import Accepted, Filing, NewDocument
from digitise.model.people import Actor
from digitise.model.tasks import NewTask, TaskKind
from digitise.pdf import Budget, from_json
from digitise.ports import Catalogue, ObjectStore
from digitise.scan.kinds import HEAD_BYTES, FileKind, kind_of
from digitise.settings import Settings
from digitise.text import identifier_kind, is_dossier_code, squeeze

CHUNK = 1 << 20  # bytes read at a time
MAX_NAME = 200  # characters of a file name that are kept


@dataclass(frozen=True, slots=True)
class Quick:
    """What a child tells of a file at once."""

    kind: FileKind
    pages: int
    warnings: tuple[str, ...]
    seen: tuple[str, ...] | None = None  # flaws that a glance at the pages shows; None: nothing was looked at
    said: Mapping[str, str] = field(default_factory=dict)  # filing fields that a code on the first page says


def accept(
    stream: BinaryIO,
    file_name: str,
    filing: Filing,
    actor: Actor,
    *,
    store: ObjectStore,
    catalogue: Catalogue,
    settings: Settings,
    glancing: bool = False,
) -> Accepted:
    """Take in one file and promise its recognition (and, for a PDF, its verification).

    `glancing`: somebody waits with the paper, so a few pages are looked at, and empty fields filled from its printed code.

    Returns when the original is durable and the promise committed; the same bytes answer the document that is held.
    Raises RefusedInput with the file's name, DiskFull, ObjectStoreUnavailable, DatabaseUnavailable, InvalidValue.
    """
    name = clean_name(file_name)
    check_filing(filing)
    with _spool(settings) as spool:
        kind, sha256 = _receive(stream, spool, name, settings)
        held = catalogue.by_sha256(sha256)
        if held is not None:
            return Accepted(held, existing=True)
        quick = look(Path(spool.name), settings, name, glancing)
        spool.seek(0)
        stored, size = store.put(spool, media_type=kind.value)
    missing: dict[str, Any] = {name: value for name, value in quick.said.items() if getattr(filing, name) is None}
    filing = replace(filing, **missing)
    new = NewDocument(stored, name, kind.value, size, filing, quick.pages, quick.warnings)
    differs = any(_another(value, getattr(filing, name)) for name, value in quick.said.items() if name in _KEYS)
    seen = None if quick.seen is None and not differs else (*(quick.seen or ()), *(("code_differs",) * differs))
    return replace(catalogue.accept(new, promised(kind), actor), seen=seen, from_code=tuple(missing))


_CODE_FIELDS = ("dossier", "owner_id", "owner_name", "procedure")
_KEYS = ("dossier", "owner_id")  # a paper whose code says another of these was put to the wrong dossier


def _another(said: str, filed: str) -> bool:
    return said.casefold() != filed.casefold()


def promised(kind: FileKind) -> list[NewTask]:
    """Return the work that a new document of `kind` is promised; the catalogue fills in whose it is."""
    tasks = [NewTask(TaskKind.RECOGNISE, "", "recognise")]
    if kind is FileKind.PDF:
        tasks.append(NewTask(TaskKind.VERIFY, "", "verify"))  # NĐ 30/2020 art. 21.2: incoming files are verified
    return tasks


def look(path: Path, settings: Settings, name: str, glancing: bool = False) -> Quick:
    """Return kind, pages and warnings of the file at `path`; raises RefusedInput. A limited child does the looking."""
    args = {"path": str(path.absolute()), "budget": Budget.of(settings).as_json(), "glancing": glancing}
    told, _ = run("digitise.scan.reader:quick", args, Limits.of(settings), file=name)
    warnings: dict[str, Any] = dict.fromkeys(told["warnings"])
    if told["facts"]:
        from digitise.scan.output import warnings_of_facts

        warnings.update(dict.fromkeys(warnings_of_facts(from_json(told["facts"]))))
    glance = told.get("glance") or {"warnings": None, "codes": []}
    seen = None if glance["warnings"] is None else tuple(glance["warnings"])
    return Quick(FileKind(told["kind"]), int(told["pages"]), tuple(warnings), seen, _said(glance["codes"]))


def _said(codes: list[list[Any]]) -> dict[str, str]:
    """Return the filing fields that codes say, as far as they can be what they claim."""
    from digitise.scan.codes import Code, fields_of_codes

    fields = fields_of_codes(tuple(Code(text, kind, tuple(box)) for text, kind, box in codes))
    said = {name: squeeze(fields[name].value)[:MAX_NAME] for name in _CODE_FIELDS if name in fields}
    return {name: value for name, value in said.items() if value}


def _spool(settings: Settings) -> Any:
    """Open a file that vanishes when it is closed, on the disk of the data directory."""
    folder = settings.data / "incoming"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < settings.min_free_bytes:
            raise DiskFull("intake", free=free, limit=settings.min_free_bytes)
        return tempfile.NamedTemporaryFile(dir=folder, prefix="in-", buffering=0)
    except OSError as error:
        raise DiskFull("intake", free=0, limit=settings.min_free_bytes) from error


def _receive(stream: BinaryIO, spool: Any, name: str, settings: Settings) -> tuple[FileKind, str]:
    """Write `stream` to `spool` while hashing; the type is judged as soon as the first bytes are there."""
    total, digest = 0, hashlib.sha256()
    kind: FileKind | None = None
    head = b""
    try:
        while chunk := stream.read(CHUNK):
            total += len(chunk)
            if total > settings.max_upload_bytes:
                raise LimitExceeded("upload", file=name, limit=settings.max_upload_bytes, found=f"{total}+")
            digest.update(chunk)
            spool.write(chunk)
            if kind is None:
                head += chunk[:HEAD_BYTES]
                kind = kind_of(head, name) if len(head) >= HEAD_BYTES else None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull("intake", file=name, free=0, limit=settings.min_free_bytes) from error
        raise UnreadableFile("interrupted", file=name) from error
    return kind or kind_of(head, name), digest.hexdigest()


_NO_ROOM = (28, 122)  # ENOSPC, EDQUOT


def clean_name(file_name: str) -> str:
    """Return the last part of a file's name, NFC, without control characters; it is shown, never opened."""
    last = PurePath(file_name.replace("\\", "/")).name or "tệp"
    plain = "".join(char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C")
    stem, dot, suffix = plain.rpartition(".")
    if len(plain) <= MAX_NAME:
        return plain or "tệp"
    return f"{stem[: MAX_NAME - len(suffix) - 1]}{dot}{suffix}" if dot and len(suffix) < 10 else plain[:MAX_NAME]


def check_filing(filing: Filing) -> None:
    """Raise InvalidValue for a dossier code or an owner's identifier that cannot be one."""
    if filing.dossier and not is_dossier_code(filing.dossier):
        raise InvalidValue("dossier", name="dossier", value=filing.dossier)
    if filing.owner_id and identifier_kind(filing.owner_id) is None:
        raise InvalidValue("owner", name="owner", value="…")  # personal data does not go into messages


def incoming_leftovers(settings: Settings) -> list[Path]:
    """Return spool files of intakes that were killed; the supervisor may remove those that no process holds."""
    folder = settings.data / "incoming"
    return sorted(folder.glob("in-*")) if os.path.isdir(folder) else []
