"""Signed PDFs for tests, every time given, nothing fetched: levels B-B, B-T, B-LT, B-LTA."""

import asyncio
import hashlib
from collections.abc import Sequence
from copy import copy
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import cms, core, crl, ocsp
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.ades.api import CAdESSignedAttrSpec
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import as_signing_certificate, simple_cms_attribute
from pyhanko.sign.signers import cms_embedder
from pyhanko.sign.signers.pdf_byterange import PdfSignedData, SignatureObject
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.pki.authority import Identity, hash_for

RESERVED = 24_000  # hex digits: room for a signature with timestamp and chain


def store(certificates: Sequence[Identity]) -> SimpleCertificateStore:
    """Return a pyHanko certificate store of these identities."""
    return SimpleCertificateStore.from_certs([one.asn1_certificate for one in certificates])


class TimeStamper(DummyTimeStamper):
    """pyHanko's, with the key as it is: parsing it again for each token takes twenty times as long as signing."""

    def __init__(self, tsa: Identity, at: datetime, digest: str | None = None) -> None:
        chain = store(tsa.chain())
        super().__init__(tsa.asn1_certificate, None, certs_to_embed=chain, fixed_dt=at, override_md=digest)
        self.key = tsa.key
        named = simple_cms_attribute("signing_certificate", as_signing_certificate(self.tsa_cert)).dump()
        self._named = cms.CMSAttribute.load(named)  # encoded once

    def at(self, moment: datetime) -> "TimeStamper":
        """Return the same authority with its clock at `moment`."""
        moved = copy(self)
        moved.fixed_dt = moment
        return moved

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, cms.CMSAttributes]:
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", "tst_info"),
                simple_cms_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
                self._named,
                simple_cms_attribute("message_digest", hashlib.new(md_algorithm, tst_info_data).digest()),
            ]
        )
        return self.key.sign(attributes.dump(), PKCS1v15(), hash_for(self.key, md_algorithm)), attributes


def stamper(tsa: Identity, at: datetime, *, digest: str | None = None) -> TimeStamper:
    """Return a time-stamper in this process whose clock stands at `at`."""
    return TimeStamper(tsa, at, digest)


def sign(
    pdf: bytes,
    who: Identity,
    *,
    at: datetime,
    level: str = "B-B",
    tsa: Identity | None = None,
    stamped_at: datetime | None = None,
    validated_at: datetime | None = None,
    field: str = "Signature1",
    box: tuple[int, int, int, int] | None = None,
    page: int = 0,
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES,
    digest: str = "sha256",
    pss: bool = False,
    certify: MDPPerm | None = None,
    lock: FieldMDPSpec | None = None,
    embed: Sequence[Identity] | None = None,
    claimed: datetime | str | None = "at",
    mechanism: str | None = None,
    reason: str | None = None,
    strict: bool = True,
) -> bytes:
    """Return `pdf` with one more signature by `who`, made at `at`.

    `level` B-T and higher needs `tsa`, which says `stamped_at` (default `at` + 2 s); B-LT adds answers of `validated_at` (one
    hour later), B-LTA a timestamp after them. `embed`: certificates in the CMS (default: issuers); `claimed`: None leaves it out.
    """
    said = at if claimed == "at" else claimed
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=strict)
    steps_of = cms_embedder.PdfCMSEmbedder(new_field_spec=SigFieldSpec(field, on_page=page, box=box))
    steps = steps_of.write_cms(field_name=field, writer=writer, existing_fields_only=field in _fields(writer))
    next(steps)
    placeholder = SignatureObject(timestamp=said, subfilter=subfilter, reason=reason, bytes_reserved=RESERVED)
    steps.send(cms_embedder.SigObjSetup(sig_placeholder=placeholder, mdp_setup=_mdp(digest, certify, lock)))
    document, output = steps.send(cms_embedder.SigIOSetup(md_algorithm=digest))
    stamps = stamper(tsa, stamped_at or at + timedelta(seconds=2)) if tsa and level != "B-B" else None
    signer = _signer(who, who.chain() if embed is None else embed, pss, mechanism)
    steps.send(_token(signer, document.document_digest, digest, stamps, said, subfilter is SigSeedSubFilter.PADES))
    return _completed(output.getvalue(), who, tsa, level, validated_at or at + timedelta(hours=1))


def _signer(who: Identity, embed: Sequence[Identity], pss: bool, mechanism: str | None) -> signers.SimpleSigner:
    return signers.SimpleSigner(
        who.asn1_certificate,
        who.asn1_key,
        store(embed),
        prefer_pss=pss,
        signature_mechanism=SignedDigestAlgorithm({"algorithm": mechanism}) if mechanism else None,
    )


def _mdp(digest: str, certify: MDPPerm | None, lock: FieldMDPSpec | None) -> cms_embedder.SigMDPSetup | None:
    if certify is None and lock is None:
        return None
    return cms_embedder.SigMDPSetup(
        md_algorithm=digest, certify=certify is not None, docmdp_perms=certify, field_lock=lock
    )


def _token(
    signer: signers.SimpleSigner, hashed: bytes, digest: str, stamps: Any, said: datetime | str | None, pades: bool
) -> Any:
    """Return the CMS over a document's digest; `said` stands in it where it is no PAdES."""
    attributes = PdfCMSSignedAttributes(
        signing_time=None if pades else said, cades_signed_attrs=CAdESSignedAttrSpec() if pades else None
    )
    return asyncio.run(
        signer.async_sign(hashed, digest, use_pades=pades, timestamper=stamps, signed_attr_settings=attributes)
    )


def _completed(signed: bytes, who: Identity, tsa: Identity | None, level: str, moment: datetime) -> bytes:
    """Add what the levels B-LT and B-LTA want, as of `moment`."""
    if level not in ("B-LT", "B-LTA"):
        return signed
    assert tsa is not None
    signed = add_validation_data(signed, [who, tsa], moment)
    return add_timestamp(signed, tsa, moment + timedelta(seconds=5)) if level == "B-LTA" else signed


def _fields(writer: IncrementalPdfFileWriter) -> list[str]:
    from pyhanko.sign.fields import enumerate_sig_fields

    return [name for name, _, _ in enumerate_sig_fields(writer.prev)]


def add_validation_data(
    pdf: bytes, about: Sequence[Identity], at: datetime, *, ocsp_too: bool = True, crls_too: bool = True
) -> bytes:
    """Return `pdf` with a DSS: certificates, CRLs and OCSP answers of `at` about these identities and their issuers."""
    output = BytesIO(pdf)
    certificates, crls, answers = [], [], []
    for one in about:
        for link in [one, *one.chain()]:
            certificates.append(link.asn1_certificate)
            if link.issuer is None or link.issuer.identity is link:
                continue
            if crls_too:
                crls.append(crl.CertificateList.load(link.issuer.crl(at)))
            if ocsp_too:
                answers.append(ocsp.OCSPResponse.load(link.issuer.ocsp(link.certificate, at)))
                if link.issuer.responder:
                    certificates.append(link.issuer.responder.asn1_certificate)
    DocumentSecurityStore.add_dss(
        output, None, certs=certificates, ocsps=answers, crls=crls, force_write=True, strict=False
    )
    return output.getvalue()


def add_timestamp(pdf: bytes, tsa: Identity, at: datetime, *, field: str | None = None) -> bytes:
    """Return `pdf` with a document timestamp that says `at`."""
    output = BytesIO()
    name = field or f"Timestamp-{int(at.timestamp())}-{len(pdf)}"
    signers.PdfTimeStamper(stamper(tsa, at), field_name=name).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf), strict=False), "sha256", output=output, bytes_reserved=RESERVED
    )
    return output.getvalue()


def _embed(pdf: bytes, token: Any, subfilter: str, algorithm: str, certificate: bytes | None = None) -> bytes:
    """Put what `token(digest)` returns into a new signature field."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    steps = cms_embedder.PdfCMSEmbedder(new_field_spec=SigFieldSpec("Odd")).write_cms(field_name="Odd", writer=writer)
    next(steps)
    placeholder = PdfSignedData(obj_type=generic.pdf_name("/Sig"), bytes_reserved=RESERVED)
    placeholder[generic.pdf_name("/SubFilter")] = generic.pdf_name(subfilter)
    if certificate is not None:
        placeholder[generic.pdf_name("/Cert")] = generic.ByteStringObject(certificate)
    steps.send(cms_embedder.SigObjSetup(sig_placeholder=placeholder))
    document, output = steps.send(cms_embedder.SigIOSetup(md_algorithm=algorithm))
    steps.send(token(document.document_digest))
    data: bytes = output.getvalue()
    return data


def embed_bare(pdf: bytes, token: Any, certificate: bytes) -> bytes:
    """Sign as adbe.x509.rsa_sha1: `token` turns the SHA-1 digest into the DER of /Contents."""
    return _embed(pdf, token, "/adbe.x509.rsa_sha1", "sha1", certificate)


def embed_enveloping(pdf: bytes, who: Identity) -> bytes:
    """Sign as adbe.pkcs7.sha1: the container holds the SHA-1 digest of the ranges."""
    signer = signers.SimpleSigner(who.asn1_certificate, who.asn1_key, store(who.chain()))

    def token(digest: bytes) -> Any:
        content = {"content_type": "data", "content": digest}
        inner = hashlib.sha256(digest).digest()
        return asyncio.run(signer.async_sign(inner, "sha256", is_pdf_sig=False, encap_content_info=content))

    return _embed(pdf, token, "/adbe.pkcs7.sha1", "sha1")


def revisions(pdf: bytes) -> int:
    """Return the number of revisions of a PDF."""
    return PdfFileReader(BytesIO(pdf), strict=False).xrefs.total_revisions
