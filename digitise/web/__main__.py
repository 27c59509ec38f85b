"""`python -m digitise.web --host H --port P`: the process behind the pages and the API."""

import argparse
from dataclasses import dataclass

import uvicorn

from digitise.bootstrap import compose
from digitise.child import start as start_nursery
from digitise.logs import start_log
from digitise.settings import load
from digitise.web.app import create_app


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen."""

    host: str
    port: int


def arguments() -> Listen:
    """Read the command line; settings give the defaults."""
    settings = load()
    parser = argparse.ArgumentParser(prog="python -m digitise.web", description=__doc__)
    parser.add_argument("--host", default=settings.web_host)
    parser.add_argument("--port", type=int, default=settings.web_port)
    given = parser.parse_args()
    return Listen(given.host, given.port)


def main() -> None:
    """Serve until SIGTERM; open requests get a few seconds to end."""
    listen = arguments()
    settings = load()
    start_log(settings.log_level)
    start_nursery()  # before any thread: the first upload finds it warm
    uvicorn.run(
        create_app(compose(settings)),
        host=listen.host,
        port=listen.port,
        log_level=settings.log_level.lower(),
        access_log=False,  # paths may hold document ids; the audit log says who read what
        server_header=False,
        timeout_keep_alive=75,  # longer than proxies keep idle connections: a shorter one cuts requests off on their way
        timeout_graceful_shutdown=3,
        forwarded_allow_ips=settings.web_trusted_proxies or None,
        proxy_headers=bool(settings.web_trusted_proxies),
    )


if __name__ == "__main__":
    main()
