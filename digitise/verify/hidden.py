"""Is there a /ByteRange inside compressed objects, where a search of the raw bytes cannot see it?"""

from typing import Any

from digitise.verify.structure import FAULTS, Structure

MAX_STREAMS = 2_000  # object streams looked into; a thousand pages have some hundreds


def hides_byte_range(structure: Structure) -> bool:
    """Say whether an object stream of any revision holds a signature dictionary."""
    reader: Any = structure.reader
    if reader is None or structure.locked:
        return False
    looked = 0
    for revision in range(_revisions(structure)):
        try:
            references = reader.xrefs.object_streams_used_in(revision)
        except FAULTS:
            continue
        for reference in references:
            looked += 1
            if looked > MAX_STREAMS:
                return False
            try:
                if b"/ByteRange" in reference.get_object().data:
                    return True
            except FAULTS:
                continue
    return False


def _revisions(structure: Structure) -> int:
    try:
        assert structure.reader is not None
        return int(structure.reader.xrefs.total_revisions)
    except FAULTS:
        return 0
