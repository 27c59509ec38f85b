"""pyHanko reads hexadecimal strings digit by digit: 15 ms for one signature. The same strings, read at once.

Anything but plain digits up to the closing `>` (white space, comments, faults, other streams) is left to pyHanko itself.
"""

import binascii
import re
from typing import Any

from digitise.sign.pyhanko_hook import Function, put_before

_PIECE = 64 << 10  # bytes looked at: a signature with timestamp and chain is 30 kB of digits
_PLAIN = re.compile(rb"<([0-9A-Fa-f]*)>")


def install() -> None:
    """Let pyHanko in this process read hexadecimal strings at once."""
    from pyhanko.pdf_utils import generic

    def quicker(slow: Function) -> Function:
        def quick(stream: Any) -> Any:
            start = stream.tell()
            found = _PLAIN.match(stream.read(_PIECE))
            if found is None or len(found[1]) % 2:
                stream.seek(start)
                return slow(stream)
            stream.seek(start + found.end())
            return generic.pdf_string(binascii.unhexlify(found[1]))

        return quick

    put_before(generic, "read_hex_string_from_stream", quicker)
