"""Search and listings over 200,000 documents: `python -m tests.bench.search [--documents N] [--postgresql]`.

Each figure is the median time of one page of 50 hits through `SqlSearch.find`, snippets included, in milliseconds.
The texts are drawn: syllables with the frequencies of a language (Zipf), a number and symbol each, so that words are
as common and as rare as in an archive. Ends with lines `figure NAME VALUE GOAL ok|short`.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import Any

from digitise.model.documents import DocumentState, Query
from digitise.text import search_tokens
from storage.database import Database, migrate
from storage.schema import new_id
from storage.schema.documents import document_texts, documents
from storage.search import SqlSearch
from storage.search_index import FORM, add, exact_words, folded_words
from tests.servers import postgresql

DOCUMENTS = 200_000
WORDS = 150  # a page without its form letters
GOAL_MS = 20.0
ROUNDS = 15
KINDS = ("QĐ", "TB", "BC", "TTr", "KH", "CV")
ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x"
RHYMES = "a an ang anh ác ạt ăn ấp ậu ê ến ệnh i inh ích o oàn ộ ông ộc ơ ớp u ung ủy ư ương ước ườ y"
RARE = "mã đối chiếu hồ sơ lưu số"  # a phrase that stands in one document of twenty thousand


def syllables() -> list[str]:
    """Return some 4,000 syllables as Vietnamese builds them."""
    parts = product(ONSETS.split(), RHYMES.split(), ("", "m", "p", "t", "i", "c"))
    return [onset + rhyme + end for onset, rhyme, end in parts][:4000]


def texts(number: int, draw: random.Random) -> Iterator[tuple[str, str]]:
    """Give number-and-symbol and text of each document."""
    words = syllables()
    weights = [1 / (rank + 3) for rank in range(len(words))]
    for n in range(number):
        symbol = f"{n % 20_000 + 1}/{draw.choice(KINDS)}-UBND"
        body = " ".join(draw.choices(words, weights, k=WORDS))
        rare = f" {RARE} {n}" if n % 20_000 == 77 else ""
        yield symbol, f"Số: {symbol}\nQuyết định về việc {body}{rare}"


def fill(database: Database, number: int) -> None:
    """Fill the catalogue in large transactions; one in ten is still being recognised."""
    draw = random.Random(7)
    made = enumerate(texts(number, draw), 1)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    folded, exact = cache(folded_words), cache(exact_words)  # of single words: these are few
    while batch := list(islice(made, 5000)):
        with database.write() as connection:
            rows = [_row(n, symbol, start + timedelta(minutes=15 * n), draw) for n, (symbol, _) in batch]
            connection.execute(documents.insert(), rows)
            kept = [{"document_seq": n, "heading": symbol, "body": body, "form": FORM} for n, (symbol, body) in batch]
            connection.execute(document_texts.insert(), kept)
            words = [(n, f"{symbol} {body}".split()) for n, (symbol, body) in batch]
            forms = [
                (n, [f for w in each for f in folded(w)], [e for w in each for e in exact(w)]) for n, each in words
            ]
            add(connection, forms)
        print(f"filled {batch[-1][0]:,}", flush=True)


def _row(n: int, symbol: str, at: datetime, draw: random.Random) -> dict[str, Any]:
    state = DocumentState.STORED if n % 10 else DocumentState.RECOGNISING
    unit = f"H53.{min(int(draw.expovariate(0.1)), 200)}"  # a few large units and many small ones
    row = {"seq": n, "id": new_id(), "sha256": f"{n:064x}", "file_name": f"{n}.pdf", "media_type": "application/pdf"}
    row |= {"size": 1, "state": state.value, "created_at": at, "created_by": "bench", "warnings": [], "said": []}
    row |= {"number": symbol, "number_key": search_tokens(symbol), "kind": symbol.split("/")[1].split("-")[0]}
    row |= {"unit": unit, "owner_id": f"{n % 90_000:012}", "dossier": f"H53.12-220915-{n % 50_000:04}"}
    return {**row, "dated": at.date(), "verdict": "valid" if n % 3 else "unsigned"}


def queries(number: int) -> dict[str, list[Query]]:
    """Return name of figure → the queries that it is the median of."""
    draw = random.Random(11)
    picks = [draw.randrange(1, min(20_000, number)) for _ in range(ROUNDS)]
    months = [date(2020, 1, 1) + timedelta(days=draw.randrange(1800)) for _ in range(ROUNDS)]
    return {
        "number": [Query(text=f"{n}/QĐ-UBND") for n in picks],
        "number_filter": [Query(number=f"{n}/QĐ-UBND") for n in picks],
        "rare_phrase": [Query(text=f'"{RARE}"')] * ROUNDS,
        "rare_phrase_folded": [Query(text=f'"{search_tokens(RARE)}"')] * ROUNDS,
        "common_word": [Query(text=word) for word in syllables()[:ROUNDS]],
        "common_words": [Query(text="quyết định về việc")] * ROUNDS,
        "common_phrase": [Query(text='"quyet dinh ve viec"')] * ROUNDS,
        "unfinished_word": [Query(text=word[:3]) for word in syllables()[40 : 40 + ROUNDS]],
        "word_in_small_unit": [Query(text="quyet dinh", unit="H53.60")] * ROUNDS,
        "nothing_found": [Query(text="khôngcótừnày")] * ROUNDS,
        "newest": [Query()] * ROUNDS,
        "newest_of_unit": [Query(unit="H53.3")] * ROUNDS,
        "newest_of_small_unit": [Query(unit="H53.60")] * ROUNDS,
        "state": [Query(state=DocumentState.RECOGNISING)] * ROUNDS,
        "failed": [Query(state=DocumentState.FAILED)] * ROUNDS,
        "kind_and_verdict": [Query(kind="QĐ", verdict="unsigned")] * ROUNDS,
        "month": [Query(from_=day, to=day + timedelta(days=30)) for day in months],
        "month_of_small_unit": [Query(from_=day, to=day + timedelta(days=30), unit="H53.60") for day in months],
        "month_with_word": [Query(text="quyet dinh", from_=day, to=day + timedelta(days=30)) for day in months],
        "owner": [Query(owner_id=f"{n:012}") for n in picks],
        "dossier": [Query(dossier=f"H53.12-220915-{n:04}") for n in picks],
    }


def measure(search: SqlSearch, asked: list[Query]) -> tuple[float, float, int]:
    """Return the medians of wall and processor time in milliseconds and the largest number of hits on the page."""
    walls, processors, hits = [], [], 0
    for query in asked:
        began, used = time.perf_counter(), time.thread_time()
        hits = max(hits, len(search.find(query).items))
        walls.append((time.perf_counter() - began) * 1000)
        processors.append((time.thread_time() - used) * 1000)
    return statistics.median(walls), statistics.median(processors), hits


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", type=Path, help="SQLite file to fill once and use again")
    given = parser.parse_args()
    with ExitStack() as stack:
        if given.postgresql:
            database = Database(stack.enter_context(postgresql()).new_database(migrated=False))
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            database = Database(f"sqlite:///{given.keep or folder / 'bench.db'}")
        migrate(database)
        search = SqlSearch(database)
        began = time.perf_counter()
        if not search.find(Query()).items:
            fill(database, given.documents)
        database.tend()
        print(f"{given.documents:,} documents on {database.dialect} in {time.perf_counter() - began:.0f} s", flush=True)
        for name, asked in queries(given.documents).items():
            milliseconds, processor, hits = measure(search, asked)
            met = "ok" if milliseconds < GOAL_MS else "short"
            print(f"{name}: {hits} hits on the page, {processor:.1f} ms of processor time")
            print(f"figure search_{name}_ms {milliseconds:.1f} {GOAL_MS:.0f} {met}", flush=True)
        database.close()


if __name__ == "__main__":
    main()
