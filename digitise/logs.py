"""The log on stderr: one line per event, personal identifiers masked, foreign chatter left out."""

import logging

from digitise.text import mask_in_text

CHATTER = ("alembic", "pikepdf", "rq.worker", "pyhanko", "httpx", "httpcore", "fontTools", "uvicorn.error")


class Masking(logging.Formatter):
    """Masks every run of 12 or 9 digits in what is written, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return mask_in_text(super().format(record))


def start_log(level: str) -> None:
    """Write to stderr from `level` on; libraries from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(Masking("%(asctime)s %(process)d %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in CHATTER:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
