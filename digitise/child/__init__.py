"""Work on an untrusted file in a limited child process, so that a hostile file costs one child and nothing else.

    run("digitise.pdf.reading:facts", {"path": "/tmp/x.pdf"}, Limits())            one answer
    with Child("digitise.scan.pages:PageSource", {"path": …}, Limits()) as pages:  many answers about one open file
        value, body = pages.call("page", {"number": 1})

The child is forked from a warm *nursery* process that has no threads and holds nothing of ours, has its own session, a
clean environment, and limits on memory, processor time, file size and processes. Its answers are JSON and raw bytes, never
pickles. Whatever ends it badly becomes a `RefusedInput` with a reason.
"""

from digitise.child.client import Child, run
from digitise.child.limits import Limits, enforced
from digitise.child.nursery_client import start

__all__ = ["Child", "Limits", "enforced", "run", "start"]
