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
    sa.Column('file_name', sa.Text(), nullable=True),
    sa.Column('copy_of', sa.String(), nullable=True),
    sa.Column('replaces', sa.Text(), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=True),
    sa.Column('number_key', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing')),
    sa.UniqueConstraint('external_id', name=op.f('uq_outgoing_external_id')),
    sa.UniqueConstraint('number_key', name=op.f('uq_outgoing_number_key'))
    )
    op.create_index('ix_outgoing_exceptions', 'outgoing', ['issued_on', 'unit', 'verdict', 'full_value', 'reason', 'medium', 'secret', 'state', 'verdict_id', 'sha256', 'signed_sha256'], unique=False, sqlite_where=sa.text("verdict IS NULL OR verdict <> 'valid' OR full_value IS NOT TRUE"), postgresql_where=sa.text("verdict IS NULL OR verdict <> 'valid' OR full_value IS NOT TRUE"))
    op.create_index('ix_outgoing_kinds', 'outgoing', ['issued_on', 'kind', 'unit', 'medium', 'secret', 'state', 'certified_copy', 'verdict', 'full_value'], unique=False)
    op.create_index('ix_outgoing_report', 'outgoing', ['issued_on', 'unit', 'medium', 'secret', 'state', 'certified_copy', 'verdict', 'full_value'], unique=False)
    op.create_index(op.f('ix_outgoing_state_id'), 'outgoing', ['state', 'id'], unique=False)
    op.create_index(op.f('ix_outgoing_unit_issued_on_id'), 'outgoing', ['unit', 'issued_on', 'id'], unique=False)
    op.create_table('intents',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('outgoing_id', sa.String(), nullable=False),
    sa.Column('profile', sa.String(), nullable=False),
    sa.Column('input_sha256', sa.String(length=64), nullable=False),
    sa.Column('authorised_by', sa.Text(), nullable=False),
    sa.Column('authorised_at', Instant(), nullable=False),
    sa.Column('token', sa.Integer(), server_default='0', nullable=False),
    sa.Column('pending_sha256', sa.String(length=64), nullable=True),
    sa.Column('pending_level', sa.String(), nullable=True),
    sa.Column('done_sha256', sa.String(length=64), nullable=True),
    sa.Column('done_at', Instant(), nullable=True),
    sa.Column('withdrawn_at', Instant(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['outgoing_id'], ['outgoing.id'], name=op.f('fk_intents_outgoing_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intents'))
    )
    op.create_index(op.f('ix_intents_authorised_by_authorised_at'), 'intents', ['authorised_by', 'authorised_at'], unique=False)
    op.create_index(op.f('ix_intents_outgoing_id_authorised_at'), 'intents', ['outgoing_id', 'authorised_at'], unique=False)
    op.create_table('deliveries',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('outgoing_id', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('delivered_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['outgoing_id'], ['outgoing.id'], name=op.f('fk_deliveries_outgoing_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('outgoing_id', 'sha256', 'channel', name=op.f('uq_deliveries_outgoing_id_sha256_channel'))
    )
    op.create_table('delivery_attempts',
    sa.Column('seq', Serial, autoincrement=True, nullable=False),
    sa.Column('delivery_id', sa.String(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['delivery_id'], ['deliveries.id'], name=op.f('fk_delivery_attempts_delivery_id')),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_delivery_attempts'))
    )
    op.create_index(op.f('ix_delivery_attempts_delivery_id_seq'), 'delivery_attempts', ['delivery_id', 'seq'], unique=False)
    op.create_table('signing_rules',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('profile', sa.String(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('kind', sa.String(), nullable=True),
    sa.Column('from_hour', sa.Integer(), nullable=False),
    sa.Column('to_hour', sa.Integer(), nullable=False),
    sa.Column('per_day', sa.Integer(), nullable=False),
    sa.Column('enabled_by', sa.Text(), nullable=False),
    sa.Column('enabled_at', Instant(), nullable=False),
    sa.Column('stopped_by', sa.Text(), nullable=True),
    sa.Column('stopped_at', Instant(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_signing_rules'))
    )
    op.create_table('renewals',
    sa.Column('outgoing_id', sa.String(), nullable=False),
    sa.Column('due_at', Instant(), nullable=False),
    sa.Column('ends_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['outgoing_id'], ['outgoing.id'], name=op.f('fk_renewals_outgoing_id')),
    sa.PrimaryKeyConstraint('outgoing_id', name=op.f('pk_renewals'))
    )
    op.create_index(op.f('ix_renewals_due_at'), 'renewals', ['due_at'], unique=False)
