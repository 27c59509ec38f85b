"""What the sign worker tells of its keys."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "signing_keys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_signing_keys")),
    )
