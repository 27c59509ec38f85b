"""Verdicts of what we hold: given when it comes in, kept with it, given again when the rules change."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Protocol

from digitise.errors import NotFound
from digitise.model.documents import Artefact, ArtefactKind, Document
from digitise.model.progress import watched
from digitise.model.verdicts import Examined, Verdict
from digitise.ports import Catalogue, Clock, ObjectStore
from digitise.settings import Settings
from digitise.verify.fetch import AnswerCache, Fetcher, Rules
from digitise.verify.safely import Verifier, verifier_of
from digitise.verify.trust import Difference, TrustSet


class Verdicts(Protocol):
    """Where verdicts are kept."""

    def save(
        self,
        verdict: Verdict,
        *,
        document_id: str | None = None,
        outgoing_id: str | None = None,
        answers: Mapping[str, bytes] | None = None,
    ) -> str:
        """Keep a verdict with the revocation answers that it relied on; returns its id."""
        ...

    def newest_since(self, since: datetime | None = None) -> Iterator[tuple[str, str | None, str | None, Verdict]]:
        """Yield (id, document id, outgoing id, verdict) of the newest verdict about each file."""
        ...


class Trust(Protocol):
    """Where the operator's trust set is kept."""

    @property
    def answers(self) -> AnswerCache:
        """The cache of revocation answers."""
        ...

    def current(self) -> TrustSet:
        """Return the set in force."""
        ...

    def remember(self, policy: str) -> str:
        """Keep the set of now under its id."""
        ...


class Held(Protocol):
    """The parts of the service that this journey uses."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def store(self) -> ObjectStore: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def verdicts(self) -> Verdicts: ...
    @property
    def trust(self) -> Trust: ...


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that is no longer what it was."""

    file: str
    sha256: str
    before: str
    after: str
    why_before: str | None  # reason code that decided
    why_after: str | None
    snapshot_before: str
    snapshot_after: str
    document_id: str | None = None
    outgoing_id: str | None = None


def verifier(service: Held, trust: TrustSet | None = None) -> Verifier:
    """Return a verifier with the installed trust set, the cache in SQL and the rules of the settings."""
    fetcher = Fetcher(Rules.of(service.settings), service.trust.answers)
    return verifier_of(service.settings, trust if trust is not None else service.trust.current(), fetcher)


def verify_file(service: Held, path: Path, *, name: str | None = None, policy: str | None = None) -> Examined:
    """Verify a file that is not kept (POST /verifications)."""
    return verifier(service)(path, now=service.clock(), name=name, policy=policy)


def verify_document(service: Held, document_id: str, *, policy: str | None = None) -> Verdict:
    """Verify a document's original, keep the verdict and its pictures with it. Raises NotFound."""
    document = service.catalogue.get(document_id)
    original = _original(document)
    if original.media_type != "application/pdf":
        raise NotFound("pdf", what="PDF", id=document_id)
    checker = verifier(service)
    now = service.clock()
    with _file(service.store, original) as path:
        examined = checker(path, now=now, name=document.file_name, policy=policy)
    service.trust.remember(policy or checker.policy)
    service.verdicts.save(examined.verdict, document_id=document_id, answers=examined.answers)
    if examined.pictures:
        picture = examined.pictures[min(examined.pictures)]
        sha256, size = service.store.put(BytesIO(picture), media_type="image/png")
        kept = Artefact(ArtefactKind.DIFFERENCES, sha256, size, "image/png", now)
        service.catalogue.add_artefacts(document_id, [kept])
    return examined.verdict


OUTGOING_POLICY = "numbering"  # number and date come between the two signatures (NĐ 30/2020 art. 14, 15)


def verify_outgoing(service: Held, outgoing_id: str, sha256: str, *, policy: str = OUTGOING_POLICY) -> Verdict:
    """Verify an outgoing document as it was issued, signed here, elsewhere or not at all; keep the verdict. Raises NotFound."""
    checker = verifier(service)
    with service.store.as_file(sha256) as path:
        examined = checker(path, now=service.clock(), name=f"{sha256[:12]}.pdf", policy=policy)
    service.trust.remember(policy)
    service.verdicts.save(examined.verdict, outgoing_id=outgoing_id, answers=examined.answers)
    return examined.verdict


def reverify(service: Held, since: datetime | None = None, *, keep: bool = True) -> Iterator[Change]:
    """Verify again everything whose newest verdict was given since then; yield those that changed, and why.

    Each file is judged under the policy it was judged under before. `keep` False only tells what would change.
    """
    yield from _again(service, service.trust.current(), since, keep=keep)


def compare(service: Held, trust: TrustSet) -> Iterator[Change]:
    """Say which kept verdicts another trust set would change, and why (`digitise trust diff`); nothing is kept.

    Only files are judged again whose certificate paths hang on what the two sets do not share.
    """
    differs = Difference.between(service.trust.current(), trust)
    yield from _again(service, trust, None, keep=False, concerns=differs.touches)


def _again(
    service: Held,
    trust: TrustSet,
    since: datetime | None,
    *,
    keep: bool,
    concerns: Callable[[Verdict], bool] = lambda _: True,
) -> Iterator[Change]:
    checker = verifier(service, trust)
    now = service.clock()
    for _, document_id, outgoing_id, before in watched(service.verdicts.newest_since(since)):
        if not concerns(before) or not service.store.exists(before.sha256):
            continue
        with service.store.as_file(before.sha256) as path:
            examined = checker(path, now=now, name=before.file, policy=before.policy)
        after = examined.verdict
        if keep:
            service.trust.remember(before.policy)
            service.verdicts.save(after, document_id=document_id, outgoing_id=outgoing_id, answers=examined.answers)
        if after.outcome is not before.outcome or after.first_reason != before.first_reason:
            yield Change(
                before.file,
                before.sha256,
                before.outcome.value,
                after.outcome.value,
                before.first_reason,
                after.first_reason,
                before.trust_snapshot,
                after.trust_snapshot,
                document_id,
                outgoing_id,
            )


def _original(document: Document) -> Artefact:
    found = next((one for one in document.artefacts if one.kind is ArtefactKind.ORIGINAL), None)
    if found is None:
        raise NotFound("original", what="original", id=document.id)
    return found


def _file(store: ObjectStore, artefact: Artefact) -> AbstractContextManager[Path]:
    return store.as_file(artefact.sha256)
