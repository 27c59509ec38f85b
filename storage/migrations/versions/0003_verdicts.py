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
    op.create_table('trusted_certificates',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('der', sa.LargeBinary(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('anchor', sa.Boolean(), nullable=False),
    sa.Column('purposes', Json, nullable=False),
    sa.Column('trusted_from', Instant(), nullable=True),
    sa.Column('trusted_until', Instant(), nullable=True),
    sa.Column('added_at', Instant(), nullable=False),
    sa.Column('added_by', sa.Text(), nullable=False),
    sa.Column('removed_at', Instant(), nullable=True),
    sa.Column('removed_by', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trusted_certificates'))
    )
    op.create_index(op.f('ix_trusted_certificates_sha256'), 'trusted_certificates', ['sha256'], unique=False)
    op.create_table('trust_snapshots',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('policy', sa.Text(), nullable=False),
    sa.Column('certificates', Json, nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trust_snapshots'))
    )
    op.create_table('revocation_answers',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('fetched_at', Instant(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_revocation_answers'))
    )
