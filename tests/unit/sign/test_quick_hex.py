"""The quick reader of hexadecimal strings says exactly what pyHanko's own says."""

import random
from io import BytesIO

import pytest
from pyhanko.pdf_utils import generic

from digitise.sign import quick_hex

SLOW = generic.read_hex_string_from_stream


def samples() -> list[bytes]:
    rng = random.Random(5)
    made = [
        b"<>",
        b"<0>",
        b"<00>",
        b"<FEFF0041>",
        b"<41 42>",
        b"<41\n42 >",
        b"<4%c\n1>",
        b"<4G>",
        b"<41",
        b"<",
        b"<<41>>",
    ]
    for _ in range(300):
        digits = bytes(rng.choice(b"0123456789abcdefABCDEF") for _ in range(rng.randrange(80)))
        made.append(b"<" + digits + b">" + rng.choice([b"", b" /Next", b">>", b"<41>"]))
    made.append(b"<" + b"41" * 100_000 + b">")
    return made


@pytest.mark.parametrize("data", samples(), ids=range(len(samples())))
def test_both_readers_agree(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generic, "read_hex_string_from_stream", SLOW)
    quick_hex.install()
    told = []
    for read in (SLOW, generic.read_hex_string_from_stream):
        stream = BytesIO(b"junk" + data)
        stream.seek(4)
        try:
            value = read(stream)
            told.append((type(value), value, stream.tell()))
        except Exception as error:
            told.append((type(error), str(error), 0))
    assert told[0] == told[1]
