"""Step 6: was the certificate revoked at the time that counts?

The answers come from the file first, then from a folder or the network; `answers.py` checks each before it is believed.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from asn1crypto import x509

from digitise.model.verdicts import AnswerOrigin, RevocationAnswer
from digitise.verify.answers import Answer, Given, read_answers
from digitise.verify.evidence import RevocationSource, Want
from digitise.verify.policy import Policy
from digitise.verify.source import hash_bytes
from digitise.verify.wants import wants_of


class Status(StrEnum):
    """What the answers say."""

    GOOD = "good"
    REVOKED = "revoked"
    ON_HOLD = "on_hold"
    STALE = "stale"  # there are answers, but none for the time that counts
    UNKNOWN = "unknown"  # asked, and no answer could be used
    NOT_CHECKED = "not_checked"  # nothing to ask and nothing at hand, or not allowed to ask


@dataclass(slots=True)
class Found:
    """The status of one certificate."""

    status: Status
    since: datetime | None = None  # revoked or on hold since
    answer: Answer | None = None  # that was relied on, or the newest unusable one
    embedded: bool = False

    @property
    def answered_at(self) -> datetime | None:
        """Return the moment that the answer tells of (thisUpdate)."""
        return self.answer.this_update if self.answer is not None else None


@dataclass(slots=True)
class RevocationJudge:
    """Judges certificates from embedded answers first, then from a source; notes the answers that it relied on."""

    source: RevocationSource
    policy: Policy
    now: datetime
    ocsps: list[bytes] = field(default_factory=list)  # embedded in the file
    crls: list[bytes] = field(default_factory=list)
    extra: list[x509.Certificate] = field(default_factory=list)
    used: dict[str, Given] = field(default_factory=dict)  # by SHA-256
    told_of: dict[str, datetime] = field(default_factory=dict)  # SHA-256 → thisUpdate
    _embedded: dict[bytes, list[Answer]] = field(default_factory=dict)  # by certificate and issuer

    def judge(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> Found:
        """Return the status of `certificate` at `at`; never raises."""
        if _needs_no_check(certificate):
            return Found(Status.GOOD, embedded=True)
        embedded = self._embedded_answers(certificate, issuer)
        found = self._decide(certificate, embedded, at)
        if found is not None and found.status in (Status.GOOD, Status.REVOKED, Status.ON_HOLD):
            found.embedded = True
            return self._noted(found)
        wants = wants_of(certificate, issuer)
        found = self._decide(certificate, [*embedded, *self._asked(certificate, issuer, wants)], at)
        if found is not None:
            return self._noted(found)
        return Found(Status.NOT_CHECKED if self.source.offline or not wants else Status.UNKNOWN)

    def answers_used(self) -> tuple[RevocationAnswer, ...]:
        """Return the answers that were relied on, in the order in which they were first."""
        return tuple(
            RevocationAnswer(one.kind, sha256, aware(self.told_of[sha256]), one.origin, one.url)
            for sha256, one in self.used.items()
        )

    def bytes_used(self) -> dict[str, bytes]:
        """Return the answers that were relied on and are not in the file, by SHA-256."""
        return {sha256: one.der for sha256, one in self.used.items() if one.origin is not AnswerOrigin.FILE}

    def _noted(self, found: Found) -> Found:
        if found.answer is not None:
            sha256 = hash_bytes(found.answer.given.der, "sha256").hex()
            self.used.setdefault(sha256, found.answer.given)
            self.told_of[sha256] = found.answer.this_update
        return found

    def _embedded_answers(self, certificate: x509.Certificate, issuer: x509.Certificate) -> list[Answer]:
        """Return what file and folder say about a certificate; the same for every time, so worked out once."""
        key = certificate.sha256 + issuer.sha256
        if key not in self._embedded:
            folder = [Given(der, "crl", AnswerOrigin.FOLDER) for der in self.source.crls()]
            self._embedded[key] = list(read_answers(certificate, issuer, [*self._in_file(), *folder], self.extra))
        return self._embedded[key]

    def _in_file(self) -> list[Given]:
        kinds = [("ocsp", der) for der in self.ocsps] + [("crl", der) for der in self.crls]
        return [Given(der, kind, AnswerOrigin.FILE) for kind, der in kinds]

    def has_embedded(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        """Say whether the file itself brings an answer about `certificate`."""
        found = self._embedded_answers(certificate, issuer)
        return any(one.given.origin is AnswerOrigin.FILE for one in found)

    def _asked(self, certificate: x509.Certificate, issuer: x509.Certificate, wants: list[Want]) -> list[Answer]:
        """Ask for OCSP first; only where that tells nothing about the certificate, for a CRL."""
        answers: list[Answer] = []
        for want in wants:
            data = self.source.answer(want)
            if data is None and not self.source.offline:
                break  # somebody fetches it first; what comes after it may not be needed then
            if not data:
                continue
            given = Given(data, "crl" if want.request is None else "ocsp", AnswerOrigin.NETWORK, want.url)
            answers += read_answers(certificate, issuer, [given], self.extra)
            if any(one.known for one in answers):
                break
        return answers

    def _decide(self, certificate: x509.Certificate, answers: list[Answer], at: datetime) -> Found | None:
        """Weigh the answers: a revocation counts however old the answer, a good status only from a fresh one."""
        if not answers:
            return None
        skew = self.policy.clock_skew
        answers = [one for one in answers if one.this_update <= self.now + skew]
        usable = [one for one in answers if one.known and self._fresh(one, certificate, at)]
        revoked = [one for one in answers if one.revoked_since is not None and not one.hold]
        if revoked:
            first = min(revoked, key=lambda one: one.revoked_since or one.this_update)
            return Found(Status.REVOKED, first.revoked_since, first)
        newest = max(answers, key=lambda one: one.this_update, default=None)
        held = [one for one in usable if one.hold and one.revoked_since is not None and one.revoked_since <= at]
        if held and newest is not None and newest.hold:
            return Found(Status.ON_HOLD, held[-1].revoked_since, held[-1])
        good = [one for one in usable if one.revoked_since is None or one.revoked_since > at or one.hold]
        if good:
            return Found(Status.GOOD, answer=max(good, key=lambda one: one.this_update))
        if newest is None:
            return None
        return Found(Status.STALE if any(one.known for one in answers) else Status.UNKNOWN, answer=newest)

    def _fresh(self, answer: Answer, certificate: x509.Certificate, at: datetime) -> bool:
        if answer.this_update > certificate.not_valid_after and not answer.covers_expired:
            return False  # a CA may drop expired certificates from its lists
        skew = self.policy.clock_skew
        if answer.this_update >= at - skew:
            return True
        if answer.next_update is not None:
            return at <= answer.next_update + skew
        return at - answer.this_update <= self.policy.ocsp_freshness


def _needs_no_check(certificate: x509.Certificate) -> bool:
    """A responder's own certificate may say that it is not to be asked about (RFC 6960 §4.2.2.2.1); a signer's may not."""
    usage = certificate.extended_key_usage_value
    return certificate.ocsp_no_check_value is not None and usage is not None and set(usage.native) == {"ocsp_signing"}


def aware(moment: datetime) -> datetime:
    """Return `moment` with a time zone; certificates without one mean UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
