"""Deliveries of issued documents (phát hành): promised with the signature, every attempt recorded."""

from sqlalchemy import Connection, select, update

from digitise.errors import NotFound
from digitise.model.outgoing import OutgoingState
from digitise.model.people import SYSTEM
from digitise.ports import Clock
from digitise.sign.register import Delivery
from storage.audit import append
from storage.database import Database
from storage.schema.outgoing import deliveries, delivery_attempts, outgoing


class SqlDeliveries:
    """Implements `digitise.sign.register.Deliveries`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def get(self, delivery_id: str) -> Delivery:
        """Return one delivery with its attempts."""
        with self._database.read() as connection:
            return _delivery(connection, delivery_id)

    def of(self, outgoing_id: str) -> list[Delivery]:
        """Return a document's deliveries."""
        query = select(deliveries.c.id).where(deliveries.c.outgoing_id == outgoing_id).order_by(deliveries.c.created_at)
        with self._database.read() as connection:
            return [_delivery(connection, each) for each in connection.scalars(query).all()]

    def record(self, delivery_id: str, answer: str, delivered: bool) -> None:
        """Record an attempt; when nothing of the document is left to deliver it moves to DELIVERED."""
        now = self._clock()
        with self._database.write() as connection:
            known = _delivery(connection, delivery_id)
            connection.execute(delivery_attempts.insert().values(delivery_id=delivery_id, at=now, answer=answer[:500]))
            if delivered and known.delivered_at is None:
                done = update(deliveries).where(deliveries.c.id == delivery_id).values(delivered_at=now)
                connection.execute(done)
                _delivered(connection, known.outgoing_id)
            told = {"channel": known.channel, "answer": answer[:200], "sha256": known.sha256}
            action = "outgoing.delivered" if delivered else "outgoing.delivery_failed"
            append(connection, SYSTEM.name, action, known.outgoing_id, told, now)


def _delivered(connection: Connection, outgoing_id: str) -> None:
    left = select(deliveries.c.id).where(deliveries.c.outgoing_id == outgoing_id, deliveries.c.delivered_at.is_(None))
    if connection.execute(left.limit(1)).first() is None:
        connection.execute(
            update(outgoing)
            .where(outgoing.c.id == outgoing_id, outgoing.c.state == OutgoingState.SIGNED)
            .values(state=OutgoingState.DELIVERED, version=outgoing.c.version + 1)
        )


def _delivery(connection: Connection, delivery_id: str) -> Delivery:
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).first()
    if row is None:
        raise NotFound("delivery", what="delivery", id=delivery_id)
    query = select(delivery_attempts).where(delivery_attempts.c.delivery_id == delivery_id)
    attempts = connection.execute(query.order_by(delivery_attempts.c.seq)).all()
    tried = tuple((each.at, each.answer) for each in attempts)
    return Delivery(row.id, row.outgoing_id, row.sha256, row.channel, row.delivered_at, tried)
