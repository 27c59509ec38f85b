"""`python -m workers ocr|verify|sign|dispatch|watch DIR|drain`: one process of the stack."""

import sys
from pathlib import Path

from digitise.errors import DigitiseError
from digitise.logs import start_log
from digitise.messages import error_text


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
    """Import what the queue's jobs need before RQ forks, so that no job pays for it."""
    import importlib

    wanted = {
        "ocr": ("digitise.scan.recognise", "digitise.scan.page", "digitise.scan.engine"),
        "verify": ("digitise.verify.verify",),
        "sign": ("digitise.sign.sign",),
    }
    for name in wanted[queue]:
        importlib.import_module(name)
    if queue == "verify":
        from digitise.child import start

        start()
    if queue == "ocr":
        from digitise.scan.desk import warm_up
        from workers.jobs import services

        warm_up(services().settings)  # one nursery with the recogniser loaded, inherited by every job


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
