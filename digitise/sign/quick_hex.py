"""pyHanko reads hexadecimal strings digit by digit: 15 ms for one signature. The same strings, read at once.

Anything but plain digits up to the closing `>` (white space, comments, faults, other streams) is left to pyHanko itself.
"""

import binascii
import re
from typing import Any

_PIECE = 64 << 10  # bytes looked at: a signature with timestamp and chain is 30 kB of digits
_PLAIN = re.compile(rb"<([0-9A-Fa-f]*)>")


def install() -> None:
    """Let pyHanko in this process read hexadecimal strings at once; installing twice is harmless."""
    from pyhanko.pdf_utils import generic

    library: Any = generic
    slow = library.read_hex_string_from_stream
    if getattr(slow, "digitise", False):
        return

    def quick(stream: Any) -> Any:
        start = stream.tell()
        found = _PLAIN.match(stream.read(_PIECE))
        if found is None or len(found[1]) % 2:
            stream.seek(start)
            return slow(stream)
        stream.seek(start + found.end())
        return library.pdf_string(binascii.unhexlify(found[1]))

    quick.digitise = True  # type: ignore[attr-defined]
    library.read_hex_string_from_stream = quick
