"""Counts for the first page, as plain SQL over small, indexed sets."""

from sqlalchemy import ColumnElement, func, select

from digitise.model.documents import Document, DocumentState
from storage.database import Database
from storage.rows import to_documents
from storage.schema.documents import documents

RECENT = 5_000  # own documents are looked for among so many of the newest: there is no index by person


class SqlOverview:
    """What waits, by unit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self, unit: str | None) -> dict[str, int]:
        """Return how many documents failed, are being read, or bear a verdict that somebody should look at."""
        ways: dict[str, ColumnElement[bool]] = {
            "failed": documents.c.state == DocumentState.FAILED,
            "reading": documents.c.state.in_([DocumentState.RECEIVED, DocumentState.RECOGNISING]),
            "invalid": documents.c.verdict == "invalid",
            "indeterminate": documents.c.verdict == "indeterminate",
        }
        with self._database.read() as connection:
            found = {}
            for name, condition in ways.items():
                query = select(func.count()).select_from(documents).where(condition)
                query = query.where(documents.c.unit == unit) if unit is not None else query
                found[name] = connection.execute(query).scalar_one()
        return found

    def latest_of(self, name: str, limit: int = 10) -> list[Document]:
        """Return the newest documents that `name` filed."""
        with self._database.read() as connection:
            newest = connection.execute(select(func.max(documents.c.seq))).scalar() or 0
            found = connection.execute(
                select(documents)
                .where(documents.c.seq > newest - RECENT, documents.c.created_by == name)
                .order_by(documents.c.seq.desc())
                .limit(limit)
            ).all()
            return to_documents(connection, found)
