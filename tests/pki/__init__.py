"""A public-key infrastructure as test data: roots, sub-CAs, people, organisations, TSAs, with live responders on loopback.

with PKI() as pki:
    an = pki.person("Nguyễn Văn An", "079083001234")
    ubnd = pki.organisation("Ủy ban nhân dân xã Bình Minh", "0110329220")
    pdf = pki.sign(blank_pdf(), an, level="B-LTA")
    pki.tsa_url, pki.trust_folder(tmp_path), an.p12("secret"), pki.responders.away.add("/tsa")
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.pki.authority import Authority, Identity, hash_for, name_of
from tests.pki.keys import key
from tests.pki.responders import Responders

__all__ = ["PKI", "Authority", "Identity", "blank_pdf", "key", "name_of"]


class PKI:
    """A root, an issuing sub-CA, a TSA, and what a test asks for besides; times hang on `now` (default: the real one).

    A fixed `now` makes certificates, CRLs and timestamps of that moment; set `pki.now` to move it.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self.fixed = now
        self.responders = Responders(self.clock)
        self.root = self.authority("root", "Test Root CA G1", number=0)
        self.sub = self.authority("sub", "Test Issuing CA 01", parent=self.root, number=1)
        self.tsa = self.timestamper("tsa", "Test TSA")
        self.person_an = self.person("Nguyễn Văn An", "079083001234")
        self.ubnd = self.organisation("Ủy ban nhân dân xã Bình Minh", "0110329220")

    def clock(self) -> datetime:
        """Return the PKI's now, aware, UTC, whole seconds."""
        return (self.fixed or datetime.now(UTC)).replace(microsecond=0)

    @property
    def now(self) -> datetime:
        """The PKI's clock; setting it stops the clock there."""
        return self.clock()

    @now.setter
    def now(self, value: datetime | None) -> None:
        self.fixed = value

    def __enter__(self) -> "PKI":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the responders."""
        self.responders.close()

    def authority(
        self,
        slug: str,
        common_name: str,
        *,
        parent: Authority | None = None,
        number: int = 0,
        keyed: Any = None,
        **more: Any,
    ) -> Authority:
        """Make a CA: self-signed without `parent`; `more` goes to `Authority.issue` (not_after, extensions, path_length …)."""
        own = keyed or key("rsa2048", number)
        now = self.clock()
        dates = {"not_before": now - timedelta(days=3650), "not_after": now + timedelta(days=7300)}
        if parent is None:
            identity = self._self_signed(name_of(common_name, organisation="Test PKI"), own, **{**dates, **more})
        else:
            subject = name_of(common_name, organisation="Test PKI")
            identity = parent.issue(subject, key=own, ca=True, **{**dates, **more})
        made = Authority(slug, identity, self.clock, self.responders.url)
        self.responders.authorities[slug] = made
        return made

    def _self_signed(
        self, subject: x509.Name, own: Any, *, not_before: datetime, not_after: datetime, digest: str = "sha256"
    ) -> Identity:
        usage = {"key_cert_sign": True, "crl_sign": True}
        from tests.pki.authority import NO_USAGE

        signed = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before)
            .not_valid_after(not_after)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**{**NO_USAGE, **usage}), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
            .sign(own, hash_for(own, digest))
        )
        return Identity(signed, own)

    def person(self, name: str, cccd: str, *, issuer: Authority | None = None, **more: Any) -> Identity:
        """Issue a person's certificate (`UID=CCCD:…`); `more` goes to `Authority.issue`."""
        return (issuer or self.sub).issue(name_of(name, uid=[f"CCCD:{cccd}"]), **more)

    def organisation(self, name: str, mst: str, *, issuer: Authority | None = None, **more: Any) -> Identity:
        """Issue an organisation's certificate (`UID=MST:…`, O); `more` goes to `Authority.issue`."""
        more.setdefault("key", key("rsa2048", 3))
        return (issuer or self.sub).issue(name_of(name, uid=[f"MST:{mst}"], organisation=name), **more)

    def timestamper(self, slug: str, name: str, *, issuer: Authority | None = None, **more: Any) -> Identity:
        """Issue a TSA's certificate and answer for it at `/tsa/<slug>`."""
        more.setdefault("key", key("rsa2048", 4))
        more.setdefault("not_before", self.clock() - timedelta(days=1825))
        more.setdefault("not_after", self.clock() + timedelta(days=3650))
        made = (issuer or self.sub).issue(
            name_of(name, organisation="Test PKI"), extended=[ExtendedKeyUsageOID.TIME_STAMPING], **more
        )
        self.responders.tsas[slug] = made
        return made

    @property
    def tsa_url(self) -> str:
        """URL of the default TSA."""
        return self.tsa_at("tsa")

    def tsa_at(self, slug: str) -> str:
        """URL of a TSA by its slug."""
        return f"{self.responders.url}/tsa/{slug}"

    def sign(self, pdf: bytes, who: Identity, *, level: str = "B-B", at: datetime | None = None, **more: Any) -> bytes:
        """Sign for tests; see `tests.pki.signing.sign`. `at` defaults to one hour ago, so that nothing is in the future."""
        from tests.pki import signing

        if level != "B-B":
            more.setdefault("tsa", self.tsa)
        at = at or self.clock() - timedelta(hours=1)
        more.setdefault("validated_at", at + timedelta(minutes=10))
        return signing.sign(pdf, who, level=level, at=at, **more)

    def trust_folder(self, folder: Path, *, extra: Sequence[Identity] = (), with_sub: bool = True) -> Path:
        """Write root, sub-CA and `extra` as PEM files into `folder`, as `digitise verify --trust` reads them."""
        folder.mkdir(parents=True, exist_ok=True)
        wanted = [self.root.identity, *([self.sub.identity] if with_sub else []), *extra]
        for number, one in enumerate(wanted):
            (folder / f"{number:02}.pem").write_bytes(one.pem)
        return folder


def blank_pdf(text: str = "Quyet dinh", pages: int = 1) -> bytes:
    """Return a small PDF with a line of text on each page, to sign in tests."""
    from reportlab.pdfgen.canvas import Canvas

    output = BytesIO()
    canvas = Canvas(output, pagesize=(595, 842), invariant=1)
    for number in range(pages):
        canvas.setFont("Times-Roman", 14)
        canvas.drawString(72, 760, f"{text} {number + 1}")
        canvas.showPage()
    canvas.save()
    return output.getvalue()
