"""`python -m workers ocr|verify|sign|dispatch|watch DIR|drain`: one process of the stack."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.errors import DigitiseError
from digitise.logs import start_log
from digitise.messages import error_text

if TYPE_CHECKING:
    from digitise.bootstrap import Services


def main(arguments: list[str]) -> int:
    """Run one process; returns its exit code."""
    what = arguments[0] if arguments else ""
    from workers.jobs import services

    served = services()
    start_log(served.settings.log_level)
    try:
        if what in ("ocr", "verify", "sign"):
            from workers.queues import connect, worker

            warm(what)
            if what == "sign":
                tell_keys(served)
            worker(what, connect(served.settings)).work(logging_level="WARNING")
        elif what == "dispatch":
            from workers.upkeep import dispatcher

            dispatcher(served).run()
        elif what == "watch" and len(arguments) == 2:
            from workers.watch import watch

            watch(Path(arguments[1]), served)
        elif what == "drain":
            from workers.drain import drain

            drain(served)
        else:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    except DigitiseError as error:
        sys.stderr.write(error_text(error, served.settings.lang) + "\n")
        return error.exit_code
    return 0


def warm(queue: str) -> None:
    """Import what the queue's jobs need before RQ forks, so that no job pays for it (1.8 s of processor time each)."""
    import importlib

    from workers.jobs import services

    wanted = {
        "ocr": ("digitise.scan.recognise", "digitise.scan.page", "digitise.scan.engine", "storage.search"),
        "verify": ("digitise.verify.verify", "digitise.verify.documents", "storage.trust", "storage.verdicts"),
        "sign": ("digitise.sign.sign",),
    }
    served = services()
    stored = ("storage.tasks", "storage.catalogue", "storage.s3" if served.settings.store == "s3" else "storage.local")
    for name in (*wanted[queue], *stored):
        importlib.import_module(name)
    _ = served.database.engine  # chooses and imports the driver; connects to nothing
    if queue == "verify":
        from digitise.child import start

        start()
    if queue == "ocr":
        from digitise.scan.desk import warm_up

        warm_up(served.settings)  # one nursery with the recogniser loaded, inherited by every job


def tell_keys(served: "Services") -> None:
    """Let pages and `digitise doctor` know the certificates of the keys, which no other process can read."""
    from digitise.sign.known_keys import tell_keys as tell

    try:
        tell(served.signing.tools.ring, served.known_keys, served.clock)
    except DigitiseError as error:  # told again at the next start; documents to be signed say why they wait
        logging.getLogger("digitise.keys").warning("%s", error_text(error, served.settings.lang))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
