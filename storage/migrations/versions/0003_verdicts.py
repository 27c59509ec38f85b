"""Tables of storage/schema/verdicts.py."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, Json, Serial

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table('verdicts',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('document_id', sa.String(), nullable=True),
    sa.Column('outgoing_id', sa.String(), nullable=True),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('indication', sa.String(), nullable=True),
    sa.Column('sub_indication', sa.String(), nullable=True),
    sa.Column('first_reason', sa.String(), nullable=True),
    sa.Column('person_valid', sa.Boolean(), nullable=True),
    sa.Column('organisation_valid', sa.Boolean(), nullable=True),
    sa.Column('policy', sa.Text(), nullable=False),
    sa.Column('trust_snapshot', sa.String(), nullable=False),
    sa.Column('checked_at', Instant(), nullable=False),
    sa.Column('detail', Json, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_verdicts'))
    )
    op.create_index(op.f('ix_verdicts_document_id_checked_at'), 'verdicts', ['document_id', 'checked_at'], unique=False)
    op.create_index(op.f('ix_verdicts_outgoing_id_checked_at'), 'verdicts', ['outgoing_id', 'checked_at'], unique=False)
    op.create_index(op.f('ix_verdicts_sha256_checked_at'), 'verdicts', ['sha256', 'checked_at'], unique=False)
