"""How long pages take with 200,000 documents, and what the first one weighs: `python -m tests.bench.web [--keep DIR]`.

A real server process on SQLite: as many outgoing documents, three tasks and five lines of the audit log for each document.
Texts stand in the 5,000 oldest of them: how search fares with 200,000 is measured by `tests.bench.search`.
Figures are of a page's times as a client on the same machine sees them (the median), and of the server's own processor time
(the mean), which other work on the machine does not lengthen; signing-in check, audit entry and HTML included. The health
page tries every part of the service and has a goal of its own. Ends with lines `figure NAME VALUE GOAL ok|short`.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil

from digitise.bootstrap import Services, compose
from digitise.model.people import LOCAL_OPERATOR, Role
from digitise.settings import load
from storage.audit import append
from storage.database import migrate
from storage.schema.outgoing import outgoing
from tests.bench import report, search
from tests.bench.figures import figure
from tests.stack import free_port, until

DOCUMENTS = 200_000
TEXTS = 5_000
GOAL_MS = 100.0
GOAL_HEALTH_MS = 1000.0
GOAL_BYTES = 60_000  # of the first page over the wire, with its styles and scripts
ROUNDS = 15
PERSON = "bench"

# Where the list pages are; the first words of a query are common, the last ones rare.
PAGES = {
    "todo": "/",
    "search_newest": "/search",
    "search_word": "/search?q=quyet+dinh",
    "search_state": "/search?state=recognising",
    "search_kind": "/search?kind=CV",
    "reuse_held": "/reuse?found",
    "outgoing": "/outgoing",
    "outgoing_waiting": "/outgoing?state=waiting",
    "outgoing_found": "/outgoing?q=ke+hoach+so+177",
    "outgoing_nothing": "/outgoing?q=khongcogi",
    "outgoing_kind": "/outgoing?kind=TB&unit=H53.007",
    "rules": "/sign/rules",
    "jobs_failed": "/admin/jobs",
    "jobs_done": "/admin/jobs?state=done",
    "jobs_waiting": "/admin/jobs?state=waiting",
    "health": "/admin",
    "people": "/admin/people",
    "audit": "/audit",
    "audit_actor": "/audit?actor=nguoi-3",
    "audit_common_action": "/audit?action=document.",
    "audit_rare_action": "/audit?action=person.added",
    "audit_nothing": "/audit?action=khong.co",
    "rows": "/reports/rows?indicator=signed-share-A&part=invalid&period=2022",
    "figures": "/figures",
}


def fill(services: Services, documents: int) -> None:
    """Fill an empty data directory; rows are made where they stay."""
    database = services.database
    search.fill(database, min(TEXTS, documents))
    report._fill(database, outgoing, report._DOCUMENTS, documents)
    with database.write() as connection:
        connection.exec_driver_sql(_DOCUMENTS.format(first=TEXTS + 1, last=documents))
        connection.exec_driver_sql(_TASKS.format(rows=documents * 3))
        now = services.clock()
        append(connection, "bench", "service.started", "bench", None, now)
        connection.exec_driver_sql(_AUDIT.format(rows=documents * 5))
        connection.exec_driver_sql(
            "UPDATE outgoing SET search_key = 've viec phe duyet ke hoach so ' || (number - 1) || ' tren dia ban qd ubnd'"
        )
        connection.exec_driver_sql(_RULE)
        connection.exec_driver_sql(_INTENTS.format(rows=documents // 2, now=now.isoformat(sep=" ")))
        connection.exec_driver_sql(f"UPDATE outgoing SET state = 'draft' WHERE id > printf('%026d', {documents - 300})")
    people = services.people
    people.add(PERSON, "mat-khau-rat-dai", frozenset(Role), LOCAL_OPERATOR, display_name="Bench", unit=None)
    database.tend()


_DOCUMENTS = """
INSERT INTO documents (seq, id, sha256, file_name, media_type, size, state, created_at, created_by, warnings, said, number, kind, unit,
  owner_id, dossier, dated, verdict, title)
WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})
SELECT n, printf('%026d', n), printf('%064d', n), n || '.pdf', 'application/pdf', 1, CASE WHEN n % 10 THEN 'stored' ELSE 'recognising' END,
  '2022-11-22 02:00:00+00', 'nguoi-' || (n % 200), '[]', '[]', n || '/QĐ-UBND', CASE n % 3 WHEN 0 THEN 'QĐ' WHEN 1 THEN 'CV' ELSE 'TB' END,
  'H53.' || (n % 120), printf('%012d', n % 90000), 'H53.12-220915-' || printf('%04d', n % 50000),
  date('2020-01-01', '+' || (n / 120) || ' days'),
  CASE n % 3 WHEN 0 THEN 'valid' ELSE 'unsigned' END, 'Về việc phê duyệt kế hoạch số ' || n
FROM numbers
"""
_TASKS = """
INSERT INTO tasks (id, kind, subject, key, args, state, created_at, not_before, ready_at, error)
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows} - 1)
SELECT printf('%026d', n), CASE n % 3 WHEN 0 THEN 'recognise' WHEN 1 THEN 'verify' ELSE 'pages' END, printf('%026d', n / 3),
  'bench:' || n, '{{}}', CASE WHEN n % 997 = 0 THEN 'quarantined' WHEN n % 499 = 0 THEN 'waiting' ELSE 'done' END,
  '2022-11-22 02:00:00+00', '2022-11-22 02:00:00+00', '2022-11-22 02:00:00+00', CASE WHEN n % 997 = 0 THEN 'unreadable.crashed' END
FROM numbers
"""
_AUDIT = """
INSERT INTO audit_entries (seq, at, actor, action, subject, details, previous, hash)
WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})
SELECT n, '2022-11-22 02:00:00+00', 'nguoi-' || (n % 200), CASE n % 4 WHEN 0 THEN 'document.accepted' WHEN 1 THEN 'document.read'
  WHEN 2 THEN 'document.described' ELSE 'task.done' END, printf('%026d', n / 5), '{{"pages":1}}', hex(n), hex(n) FROM numbers
"""
_RULE = """
INSERT INTO signing_rules (name, profile, from_hour, to_hour, per_day, enabled_by, enabled_at)
VALUES ('thong-bao', 'issue', 0, 24, 1000, 'bench', '2022-01-01 00:00:00')
"""
_INTENTS = """
INSERT INTO intents (id, outgoing_id, profile, input_sha256, authorised_by, authorised_at, token, done_sha256, done_at)
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows} - 1)
SELECT printf('%026d', n), (SELECT id FROM outgoing ORDER BY id LIMIT 1 OFFSET 5), 'issue', printf('%064d', n), 'rule:thong-bao',
  datetime('{now}', '-' || (n / 4) || ' hours'), 1, printf('%064d', n), datetime('{now}', '-' || (n / 4) || ' hours') FROM numbers
"""


@contextmanager
def served(data: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run the web process alone on the data directory."""
    port = free_port()
    command = [sys.executable, "-m", "digitise.web", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "DIGITISE_DATA": str(data), "DIGITISE_LOG_LEVEL": "WARNING"})

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    try:
        until(answers, 180)
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def measure(client: httpx.Client, address: str, process: psutil.Process) -> tuple[float, float, int]:
    """Return the median of milliseconds, the mean of the server's processor time, and the status."""
    status = client.get(address).status_code  # the first one compiles the template
    walls, used = [], process.cpu_times()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(address)
        walls.append((time.perf_counter() - began) * 1000)
    spent = process.cpu_times()
    return statistics.median(walls), (spent.user + spent.system - used.user - used.system) * 1000 / ROUNDS, status


def weight(client: httpx.Client, address: str) -> tuple[int, list[str]]:
    """Return the bytes on the wire of a page with what it loads, and addresses elsewhere that it names."""
    total, foreign, html = 0, [], ""
    wanted = [address]
    for one in wanted:
        with client.stream("GET", one) as answer:
            body = b"".join(answer.iter_raw())
            total += len(body) + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
        if one == address:
            html = client.get(one).text
            named = re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', html)
            foreign = [name for name in named if not name.startswith("/")]
            wanted += [name.replace("&amp;", "&") for name in named if name.startswith("/")]
    return total, foreign


def main() -> None:
    """Fill, serve, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--keep", type=Path, help="data directory to fill once and use again")
    given = parser.parse_args()
    with ExitStack() as stack:
        data = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        services = compose(load(data=data))
        if not (data / "filled").exists():
            data.mkdir(parents=True, exist_ok=True)
            migrate(services.database)
            fill(services, given.documents)
            (data / "filled").touch()
        cookie = services.people.open_session(services.people.get(PERSON))
        services.database.close()
        url, process = stack.enter_context(served(data))
        client = stack.enter_context(httpx.Client(base_url=url, timeout=60))
        heavy, foreign = weight(client, "/login")
        client.cookies["digitise_session"] = cookie
        inside, more = weight(client, "/")
        figure("web_first_page_bytes", max(heavy, inside), GOAL_BYTES, at_most=True)
        figure("web_foreign_requests", len(foreign + more), 0, at_most=True)
        client.post("/reuse", data={"dossier": "H53.12-220915-0007", "reason": "bench"})  # what /reuse?found answers
        for name, address in PAGES.items():
            median, processor, status = measure(client, address, process)
            assert status == 200, f"{address}: {status}"
            goal = GOAL_HEALTH_MS if name == "health" else GOAL_MS
            figure(f"web_{name}_ms", round(median, 1), goal, at_most=True)
            figure(f"web_{name}_processor_ms", round(processor, 1), goal, at_most=True)


if __name__ == "__main__":
    main()
