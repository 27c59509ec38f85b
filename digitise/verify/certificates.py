"""Certificates as they are met: the same few stand in thousands of files, so each is read once."""

from functools import lru_cache

from asn1crypto import x509

MAX_KEPT = 16 << 10  # bytes of a certificate that is remembered: real ones have one or two kB


def certificate_of(der: bytes) -> x509.Certificate:
    """Read a certificate as far as judging needs it; raises what asn1crypto raises. Callers share it and must not change it."""
    return _kept(der) if len(der) <= MAX_KEPT else _read(der)


def _read(der: bytes) -> x509.Certificate:
    one = x509.Certificate.load(der)
    _ = one.subject.native, one.issuer.native, one.not_valid_before, one.not_valid_after, one.serial_number
    return one


_kept = lru_cache(maxsize=512)(_read)
