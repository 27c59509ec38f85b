"""Folded words of outgoing documents, so that the register is searched without diacritics and by its index alone."""

import sqlalchemy as sa
from alembic import op

from digitise.text import search_tokens

revision = "0007"
down_revision = "0006"
BATCH = 5000  # rows of one statement


def upgrade() -> None:
    """Add the column, fill it, index it."""
    op.add_column("outgoing", sa.Column("search_key", sa.Text(), nullable=True))
    outgoing = sa.table("outgoing", *(sa.column(name) for name in ("id", "abstract", "symbol", "search_key")))
    connection = op.get_bind()
    after = ""
    while rows := connection.execute(
        sa.select(outgoing.c.id, outgoing.c.abstract, outgoing.c.symbol)
        .where(outgoing.c.id > after)
        .order_by(outgoing.c.id)
        .limit(BATCH)
    ).all():
        made = [{"key": row.id, "words": search_tokens(f"{row.abstract} {row.symbol or ''}")} for row in rows]
        changed = outgoing.update().where(outgoing.c.id == sa.bindparam("key"))
        connection.execute(changed.values(search_key=sa.bindparam("words")), made)
        after = rows[-1].id
    op.create_index(op.f("ix_outgoing_id_search_key_number"), "outgoing", ["id", "search_key", "number"], unique=False)
