"""What was signed on a day is found by an index: the daily list of what rules signed no longer reads the whole past."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the index."""
    op.create_index(op.f("ix_intents_done_at"), "intents", ["done_at"], unique=False)
