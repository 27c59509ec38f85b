"""Step 6: was the certificate revoked at the time that counts?

OCSP (RFC 6960) and CRLs (RFC 5280); each answer is checked before it is believed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from asn1crypto import ocsp, x509
from cryptography import x509 as pyca
from cryptography.exceptions import UnsupportedAlgorithm

from digitise.verify.chain import issued_by
from digitise.verify.cms import PARSING
from digitise.verify.evidence import RevocationSource
from digitise.verify.keys import NotSupported, confirms, mechanism_of, read_key
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
    answered_at: datetime | None = None  # thisUpdate of the answer relied on, or of the newest unusable one
    embedded: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """One authentic answer about one certificate."""

    this_update: datetime
    next_update: datetime | None
    revoked_since: datetime | None = None
    hold: bool = False
    known: bool = True
    covers_expired: bool = False


@dataclass(slots=True)
class RevocationJudge:
    """Judges certificates from embedded answers first, then from a source."""

    source: RevocationSource
    policy: Policy
    now: datetime
    ocsps: list[bytes] = field(default_factory=list)  # embedded in the file
    crls: list[bytes] = field(default_factory=list)
    extra: list[x509.Certificate] = field(default_factory=list)
    _parsed_crls: dict[bytes, Any] = field(default_factory=dict)
    _embedded: dict[bytes, list["_Answer"]] = field(default_factory=dict)  # by certificate and issuer

    def judge(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> Found:
        """Return the status of `certificate` at `at`; never raises."""
        if certificate.ocsp_no_check_value is not None:
            return Found(Status.GOOD, embedded=True)
        embedded = self._embedded_answers(certificate, issuer)
        found = self._decide(certificate, embedded, at)
        if found is not None and found.status in (Status.REVOKED, Status.ON_HOLD):
            return found
        if found is not None and found.status is Status.GOOD:
            found.embedded = True
            return found
        asked = self._ask(certificate, issuer)
        fetched = list(self._answers(certificate, issuer, *asked)) if asked is not None else []
        found = self._decide(certificate, [*embedded, *fetched], at)
        if found is not None:
            return found
        wants = wants_of(certificate, issuer)
        return Found(Status.NOT_CHECKED if self.source.offline or not wants else Status.UNKNOWN)

    def _embedded_answers(self, certificate: x509.Certificate, issuer: x509.Certificate) -> list["_Answer"]:
        """Return what file and folder say about a certificate; the same for every time, so worked out once."""
        key = certificate.sha256 + issuer.sha256
        if key not in self._embedded:
            self._embedded[key] = list(
                self._answers(certificate, issuer, self.ocsps, [*self.crls, *self.source.crls()])
            )
        return self._embedded[key]

    def has_embedded(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        """Say whether the file itself brings an answer about `certificate`."""
        return any(True for _ in self._answers(certificate, issuer, self.ocsps, self.crls))

    def _ask(self, certificate: x509.Certificate, issuer: x509.Certificate) -> tuple[list[bytes], list[bytes]] | None:
        """Ask for OCSP first; only where that gives nothing, for a CRL."""
        wants = wants_of(certificate, issuer)
        answers: tuple[list[bytes], list[bytes]] = ([], [])
        for want in wants:
            data = self.source.answer(want)
            if data is None and not self.source.offline:
                break  # somebody fetches it first; what comes after it may not be needed then
            if data:
                answers[0 if want.request is not None else 1].append(data)
                break
        return answers if wants else None

    def _decide(self, certificate: x509.Certificate, answers: list[_Answer], at: datetime) -> Found | None:
        """Weigh the answers: a revocation counts however old the answer, a good status only from a fresh one."""
        if not answers:
            return None
        skew = self.policy.clock_skew
        answers = [one for one in answers if one.this_update <= self.now + skew]
        usable = [one for one in answers if one.known and self._fresh(one, certificate, at)]
        revoked = [one for one in answers if one.revoked_since is not None and not one.hold]
        if revoked:
            first = min(revoked, key=lambda one: one.revoked_since or one.this_update)
            return Found(Status.REVOKED, first.revoked_since, first.this_update)
        newest = max(answers, key=lambda one: one.this_update, default=None)
        held = [one for one in usable if one.hold and one.revoked_since is not None and one.revoked_since <= at]
        if held and newest is not None and newest.hold:
            return Found(Status.ON_HOLD, held[-1].revoked_since, held[-1].this_update)
        good = [one for one in usable if one.revoked_since is None or one.revoked_since > at or one.hold]
        if good:
            best = max(good, key=lambda one: one.this_update)
            return Found(Status.GOOD, answered_at=best.this_update)
        if newest is None:
            return None
        return Found(
            Status.STALE if any(one.known for one in answers) else Status.UNKNOWN, answered_at=newest.this_update
        )

    def _fresh(self, answer: _Answer, certificate: x509.Certificate, at: datetime) -> bool:
        if answer.this_update > certificate.not_valid_after and not answer.covers_expired:
            return False  # a CA may drop expired certificates from its lists
        skew = self.policy.clock_skew
        if answer.this_update >= at - skew:
            return True
        if answer.next_update is not None:
            return at <= answer.next_update + skew
        return at - answer.this_update <= self.policy.ocsp_freshness

    def _answers(
        self, certificate: x509.Certificate, issuer: x509.Certificate, ocsps: Iterable[bytes], crls: Iterable[bytes]
    ) -> Iterable[_Answer]:
        for der in ocsps:
            try:
                answer = self._ocsp(der, certificate, issuer)
            except (NotSupported, *PARSING):
                continue
            if answer is not None:
                yield answer
        for der in crls:
            try:
                answer = self._crl(der, certificate, issuer)
            except (ValueError, TypeError, UnsupportedAlgorithm, pyca.DuplicateExtension, *PARSING):
                continue
            if answer is not None:
                yield answer

    def _ocsp(self, der: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> _Answer | None:
        response = ocsp.OCSPResponse.load(der)
        if response["response_status"].native != "successful":
            return None
        basic = response["response_bytes"]["response"].parsed
        data = basic["tbs_response_data"]
        single = next((one for one in data["responses"] if _is_about(one["cert_id"], certificate, issuer)), None)
        if single is None or not self._ocsp_authentic(basic, issuer, single["this_update"].native):
            return None
        status = single["cert_status"]
        cutoff = any(e["extn_id"].native == "archive_cutoff" for e in _extensions(single["single_extensions"]))
        next_update = single["next_update"].native
        this_update = single["this_update"].native
        if status.name == "revoked":
            reason = status.chosen["revocation_reason"].native
            since = status.chosen["revocation_time"].native
            return _Answer(this_update, next_update, since, reason == "certificate_hold", covers_expired=cutoff)
        return _Answer(this_update, next_update, known=status.name == "good", covers_expired=cutoff)

    def _ocsp_authentic(self, basic: ocsp.BasicOCSPResponse, issuer: x509.Certificate, at: datetime) -> bool:
        """The issuer signed, or a responder it delegated (RFC 6960 §4.2.2.2)."""
        embedded = list(basic["certs"]) if basic["certs"].native else []
        for candidate in [issuer, *embedded, *self.extra]:
            delegated = candidate.dump() != issuer.dump()
            if delegated and not self._delegated(candidate, issuer, at):
                continue
            try:
                how = mechanism_of(basic["signature_algorithm"], "sha256")
                data = basic["tbs_response_data"].dump()
                if confirms(read_key(candidate.public_key), basic["signature"].native, how, data=data, hashed=None):
                    return True
            except NotSupported:
                continue
        return False

    def _delegated(self, candidate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
        usage = candidate.extended_key_usage_value
        return bool(
            usage is not None
            and "ocsp_signing" in usage.native
            and candidate.not_valid_before <= at <= candidate.not_valid_after
            and issued_by(candidate, issuer)
        )

    def _crl(self, der: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> _Answer | None:
        parsed = self._parsed_crl(der, issuer)
        if parsed is None or not _in_scope(parsed, certificate):
            return None
        entry = parsed.get_revoked_certificate_by_serial_number(certificate.serial_number)
        next_update = parsed.next_update_utc
        if entry is None:
            return _Answer(parsed.last_update_utc, next_update)
        try:
            reason = entry.extensions.get_extension_for_class(pyca.CRLReason).value.reason
        except pyca.ExtensionNotFound:
            reason = None
        if reason is pyca.ReasonFlags.remove_from_crl:
            return _Answer(parsed.last_update_utc, next_update)
        hold = reason is pyca.ReasonFlags.certificate_hold
        return _Answer(parsed.last_update_utc, next_update, entry.revocation_date_utc, hold)

    def _parsed_crl(self, der: bytes, issuer: x509.Certificate) -> Any:
        """Parse a CRL and check its signature, once per issuer."""
        key = hash_bytes(der, "sha256") + issuer.sha256
        if key not in self._parsed_crls:
            parsed = pyca.load_der_x509_crl(der)
            same_name = parsed.issuer.public_bytes() == issuer.subject.dump()
            signed = same_name and parsed.is_signature_valid(pyca.load_der_x509_certificate(issuer.dump()).public_key())  # type: ignore[arg-type]
            self._parsed_crls[key] = parsed if signed else None
        return self._parsed_crls[key]


def _in_scope(crl: pyca.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Say whether a CRL speaks about this kind of certificate and gives the whole answer."""
    for extension in crl.extensions:
        if isinstance(extension.value, pyca.DeltaCRLIndicator):
            return False
        if isinstance(extension.value, pyca.IssuingDistributionPoint):
            scope = extension.value
            if scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs:
                return False
            if scope.only_contains_user_certs and certificate.ca:
                return False
            if scope.only_contains_ca_certs and not certificate.ca:
                return False
    return True


def _extensions(value: Any) -> list[Any]:
    return list(value) if value.native else []


def _is_about(cert_id: ocsp.CertId, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    algorithm = cert_id["hash_algorithm"]["algorithm"].native
    return bool(
        cert_id["serial_number"].native == certificate.serial_number
        and cert_id["issuer_key_hash"].native == hash_bytes(bytes(issuer.public_key["public_key"]), algorithm)
        and cert_id["issuer_name_hash"].native == hash_bytes(issuer.subject.dump(), algorithm)
    )


def aware(moment: datetime) -> datetime:
    """Return `moment` with a time zone; certificates without one mean UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
