"""Tables of storage/schema/register.py."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, Json, Serial

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables."""
    op.create_table('imports',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('register', sa.String(), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('same', sa.Integer(), nullable=False),
    sa.Column('bad', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    op.create_index(op.f('ix_imports_register_at'), 'imports', ['register', 'at'], unique=False)
    op.create_table('units',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('parent', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('code', 'valid_from', name=op.f('pk_units'))
    )
    op.create_table('dossiers',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('procedure', sa.String(), nullable=True),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('resolved_on', sa.Date(), nullable=True),
    sa.Column('returned_on', sa.Date(), nullable=True),
    sa.Column('status', sa.String(), nullable=True),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('paid_online', sa.Boolean(), nullable=True),
    sa.Column('has_result', sa.Boolean(), nullable=False),
    sa.Column('components_digitised', sa.Integer(), nullable=False),
    sa.Column('result_digitised', sa.Boolean(), nullable=False),
    sa.Column('components_reused', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.String(), nullable=True),
    sa.Column('import_row', sa.Integer(), nullable=True),
    sa.Column('progress', sa.String(), server_default='unaccounted', nullable=False),
    sa.CheckConstraint("progress = CASE WHEN resolved_on IS NOT NULL AND due_on IS NOT NULL AND resolved_on <= due_on THEN 'on_time' WHEN resolved_on IS NOT NULL AND due_on IS NOT NULL THEN 'late' WHEN status IN ('on_time', 'late', 'withdrawn') THEN status WHEN resolved_on IS NOT NULL OR status = 'resolved' THEN 'resolved' WHEN status = 'pending' THEN 'pending' ELSE 'unaccounted' END", name=op.f('ck_dossiers_progress')),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_dossiers_import_id')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_dossiers'))
    )
    op.create_index('ix_dossiers_open', 'dossiers', ['progress', 'due_on'], unique=False, sqlite_where=sa.text("progress IN ('pending', 'unaccounted')"), postgresql_where=sa.text("progress IN ('pending', 'unaccounted')"))
    op.create_index('ix_dossiers_procedures', 'dossiers', ['received_on', 'procedure', 'unit', 'progress', 'due_on', 'channel', 'paid_online', 'has_result', 'result_digitised', 'components_digitised', 'components_reused'], unique=False)
    op.create_index('ix_dossiers_report', 'dossiers', ['received_on', 'unit', 'progress', 'due_on', 'channel', 'paid_online', 'has_result', 'result_digitised', 'components_digitised', 'components_reused'], unique=False)
    op.create_index(op.f('ix_dossiers_unit_received_on_code'), 'dossiers', ['unit', 'received_on', 'code'], unique=False)
    op.create_table('incoming',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('medium', sa.String(), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('sender', sa.Text(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('kind', sa.String(), nullable=True),
    sa.Column('import_id', sa.String(), nullable=True),
    sa.Column('import_row', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_incoming_import_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incoming')),
    sa.UniqueConstraint('external_id', name=op.f('uq_incoming_external_id'))
    )
    op.create_index('ix_incoming_report', 'incoming', ['received_on', 'unit', 'medium', 'kind'], unique=False)
    op.create_table('figures',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('indicator', sa.String(), nullable=False),
    sa.Column('numerator', sa.BigInteger(), nullable=False),
    sa.Column('denominator', sa.BigInteger(), nullable=False),
    sa.Column('asked_at', Instant(), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('rows_count', sa.BigInteger(), nullable=False),
    sa.Column('rows_digest', sa.String(length=64), nullable=False),
    sa.Column('rows_sha256', sa.String(length=64), nullable=False),
    sa.Column('detail', Json, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_figures'))
    )
    op.create_index(op.f('ix_figures_asked_at'), 'figures', ['asked_at'], unique=False)
    op.create_index(op.f('ix_figures_indicator_asked_at'), 'figures', ['indicator', 'asked_at'], unique=False)
