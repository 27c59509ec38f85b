"""Tables of storage/schema/outgoing.py."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, Json, Serial

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table('outgoing',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('abstract', sa.Text(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('medium', sa.String(), nullable=False),
    sa.Column('secret', sa.Boolean(), nullable=False),
    sa.Column('certified_copy', sa.Boolean(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('symbol', sa.Text(), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('signer', sa.Text(), nullable=True),
    sa.Column('signer_title', sa.Text(), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('signed_sha256', sa.String(length=64), nullable=True),
    sa.Column('external_id', sa.Text(), nullable=True),
    sa.Column('recipients', sa.Text(), nullable=True),
    sa.Column('verdict', sa.String(), nullable=True),
    sa.Column('verdict_id', sa.String(), nullable=True),
    sa.Column('full_value', sa.Boolean(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing')),
    sa.UniqueConstraint('external_id', name=op.f('uq_outgoing_external_id'))
    )
    op.create_index('ix_outgoing_exceptions', 'outgoing', ['issued_on', 'unit', 'verdict', 'reason'], unique=False, sqlite_where=sa.text("verdict IS NULL OR verdict <> 'valid'"), postgresql_where=sa.text("verdict IS NULL OR verdict <> 'valid'"))
    op.create_index('ix_outgoing_kinds', 'outgoing', ['kind', 'issued_on', 'unit', 'medium', 'secret', 'state', 'certified_copy', 'verdict', 'full_value'], unique=False)
    op.create_index('ix_outgoing_report', 'outgoing', ['issued_on', 'unit', 'medium', 'secret', 'state', 'certified_copy', 'verdict', 'full_value'], unique=False)
    op.create_index(op.f('ix_outgoing_unit_issued_on_id'), 'outgoing', ['unit', 'issued_on', 'id'], unique=False)
