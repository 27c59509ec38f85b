"""Backup while the service runs, restore into an empty place, and the proof that nothing is missing.

A backup folder holds objects (laid out as in `storage/objects.py`, each kept once for all snapshots) and
`snapshots/<time>/`: `manifest.json`, `objects.txt` (the hashes held then) and `tables/<name>.jsonl.gz`. It can be
restored into the other database and the other kind of store. It holds personal data and password hashes: keep it so.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from digitise.errors import Conflict, DamagedObject, InvalidValue, NotFound
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.progress import watched
from storage import dump
from storage.audit import SqlAuditLog
from storage.audit_proof import published_heads, verify
from storage.database import Database, current, migrate
from storage.local import LocalStore, make_folder, sync_folder
from storage.objects import CHUNK, Store
from storage.schema.audit import audit_entries
from storage.search_index import rebuild

VERSION = 1  # of the layout; a reader refuses a newer one


@dataclass
class Proof:
    """What was compared, and everything that did not agree; a restore is proven when `problems` is empty."""

    snapshot: str
    rows: int = 0
    objects: int = 0
    audit_entries: int = 0
    problems: list[str] = field(default_factory=list)


def backup(database: Database, store: Store, folder: Path) -> dict[str, Any]:
    """Copy database and objects into `folder`, objects that are there already excepted; return what was copied.

    The rows come first, in one snapshot, and the objects after them: an object is durable before its row is written,
    so none that a row names can be missing. Damaged objects are told and left out; the rest is copied all the same.
    """
    target = LocalStore(folder)
    target.check()
    name = _now().strftime("%Y%m%dT%H%M%S.%fZ")
    snapshots = folder / "snapshots"
    draft = snapshots / f".draft-{name}"
    make_folder(draft / "tables")
    try:
        manifest: dict[str, Any] = {"version": VERSION, "made_at": name, "revision": current(database)}
        manifest["tables"] = _write_tables(database, draft / "tables")
        copied, held, damaged = _copy(store, target)
        (draft / "objects.txt").write_text("".join(f"{each}\n" for each in held))
        manifest["objects"] = {"number": len(held), "sha256": _sha256(draft / "objects.txt")}
        _copy_published(store, target)
        (draft / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
        _sync(draft)
        draft.rename(snapshots / name)
        sync_folder(snapshots)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    told = {"snapshot": name, "rows": rows, "objects": len(held), "copied": copied, "damaged": damaged}
    SqlAuditLog(database, _now).record(LOCAL_OPERATOR, "backup.made", name, told)
    return told


def restore(folder: Path, database: Database, store: Store, snapshot: str | None = None) -> dict[str, Any]:
    """Bring a snapshot (the newest) back into an empty database and a store, and prove it; raises Conflict.

    The store may hold objects already; the database may hold no row. The answer is a Proof as a dict.
    """
    source, manifest = LocalStore(folder), _manifest(folder, snapshot)
    before = current(database)
    if before is None:
        migrate(database, manifest["revision"])
    with database.read() as connection:
        if current(database) != manifest["revision"] or not dump.is_empty(connection):
            raise Conflict("restore_target", what="database", id=str(before))
    damaged: list[str] = []
    for each in watched(_objects(folder, manifest), manifest["objects"]["number"]):
        try:
            if not store.exists(each):
                _copy_one(source, store, each)
        except (DamagedObject, NotFound):
            damaged.append(each)
    _copy_published(source, store)
    with database.write() as connection:
        for table in dump.tables(connection):
            if table.name in manifest["tables"]:
                dump.read(connection, table, _tables(folder, manifest) / f"{table.name}.jsonl.gz")
    proof = prove(folder, database, store, manifest["made_at"])
    migrate(database)
    rebuild(database)
    told = {**asdict(proof), "damaged": damaged}
    SqlAuditLog(database, _now).record(LOCAL_OPERATOR, "backup.restored", proof.snapshot, told)
    return told


def prove(folder: Path, database: Database, store: Store, snapshot: str | None = None) -> Proof:
    """Compare a database and a store with a snapshot: every row, every object's bytes, the chain of the audit log."""
    manifest = _manifest(folder, snapshot)
    proof = Proof(manifest["made_at"])
    with database.read() as connection:
        present = {table.name: table for table in dump.tables(connection)}
        for name, told in manifest["tables"].items():
            most = told["rows"] if name == audit_entries.name else None  # the log may have gone on
            number, digest = dump.digest(connection, present[name], most) if name in present else (0, "")
            proof.rows += number
            if (number, digest) != (told["rows"], told["sha256"]):
                proof.problems.append(f"table {name}: {number} rows instead of {told['rows']}, or changed ones")
    for each in _objects(folder, manifest):
        proof.objects += 1
        try:
            with store.open(each) as reader:
                while reader.read(CHUNK):
                    pass
        except (DamagedObject, NotFound) as error:
            proof.problems.append(f"object {each}: {error.code}")
    log = SqlAuditLog(database, _now)
    proof.audit_entries = log.head()[0]
    # Heads published after the snapshot name entries that it cannot hold.
    heads = [head for head in published_heads(store) if head.seq <= manifest["tables"]["audit_entries"]["rows"]]
    proof.problems += [f"audit entry {flaw.seq}: {flaw.kind}: {flaw.detail}" for flaw in verify(log, heads)]
    return proof


def _now() -> datetime:
    return datetime.now(UTC)


def _write_tables(database: Database, folder: Path) -> dict[str, dict[str, Any]]:
    written: dict[str, dict[str, Any]] = {}
    with database.read() as connection:
        for table in dump.tables(connection):
            rows, sha256 = dump.write(connection, table, folder / f"{table.name}.jsonl.gz")
            written[table.name] = {"rows": rows, "sha256": sha256}
    return written


def _copy(source: Store, target: LocalStore) -> tuple[int, list[str], list[str]]:
    """Return the number of objects copied, the keys held now, and those that are damaged."""
    copied, held, damaged = 0, list[str](), list[str]()
    for each in watched(source.keys()):
        try:
            if not target.exists(each):
                _copy_one(source, target, each)
                copied += 1
            held.append(each)
        except DamagedObject:
            damaged.append(each)
    return copied, held, damaged


def _copy_one(source: Store, target: Store, sha256: str) -> None:
    with source.open(sha256) as reader:
        target.put(reader)


def _copy_published(source: Store, target: Store) -> None:
    for name, content in source.published(""):
        target.publish(name, content)


def _manifest(folder: Path, snapshot: str | None) -> dict[str, Any]:
    found = sorted(path.parent.name for path in (folder / "snapshots").glob("[!.]*/manifest.json"))
    if not found or (snapshot is not None and snapshot not in found):
        raise NotFound("snapshot", what="snapshot", id=snapshot or str(folder))
    manifest = json.loads((folder / "snapshots" / (snapshot or found[-1]) / "manifest.json").read_text())
    if manifest.get("version") != VERSION:
        raise InvalidValue("backup_version", name="version", value=str(manifest.get("version")))
    return cast(dict[str, Any], manifest)


def _tables(folder: Path, manifest: dict[str, Any]) -> Path:
    return folder / "snapshots" / str(manifest["made_at"]) / "tables"


def _objects(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    file = folder / "snapshots" / manifest["made_at"] / "objects.txt"
    if _sha256(file) != manifest["objects"]["sha256"]:
        raise DamagedObject("objects_list", id=str(file))
    with file.open() as lines:
        for line in lines:
            yield line.rstrip("\n")


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            with path.open("rb") as file:
                os.fsync(file.fileno())
    for path in (folder, *(each for each in folder.rglob("*") if each.is_dir())):
        sync_folder(path)
