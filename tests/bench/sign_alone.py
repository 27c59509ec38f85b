"""What two signing processes get done beside one where they share nothing: the machine's part in what two workers lose.

The same signatures of the same page, the same check by our own verifier, sixteen files at a time made durable in a store of
the process's own; no queue, no register, no audit log, no lock. `tests.bench.sign_queue` prints it beside the workers.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from digitise.bootstrap import compose
from digitise.settings import load
from digitise.sign.profiles import named
from digitise.sign.signature import Details, make_signature
from storage.local import LocalStore


def sign(data: Path, source: Path, count: int) -> float:
    """Sign `source` so many times once a line is read; returns the seconds that took."""
    served = compose(load(data=data))
    tools = served.signing.tools
    profile = named(tools.profiles, "issue")
    details = Details(served.clock(), "H53.12", None, None, None, None)
    with tempfile.TemporaryDirectory(prefix="bench-sign-alone-") as name:
        folder = Path(name)
        store, handful = LocalStore(folder / "store"), served.settings.sign_lease_batch

        def some(number: int) -> None:
            files = [folder / f"{number}-{one}.pdf" for one in range(handful)]
            for file in files:
                make_signature(source, file, profile, details, tools)
            assert all(isinstance(kept, str) for kept in store.put_all(files))
            for file in files:
                file.unlink()

        some(0)
        print("ready", flush=True)
        sys.stdin.readline()
        start = time.perf_counter()
        for number in range(count // handful):
            some(number)
        return time.perf_counter() - start


def rate(data: Path, source: Path, count: int, processes: int) -> float:
    """Return documents a second of so many processes, `count` each."""
    command = [sys.executable, "-m", "tests.bench.sign_alone", str(data), str(source), str(count)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for one in started:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    return processes * count / max(float(one.communicate()[0]) for one in started)


if __name__ == "__main__":
    print(sign(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
