"""Documents, tasks, audit log, and the full-text index of each database."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, Json, Serial, Sorted

revision = "0001"
down_revision = None

# Row ids are `documents.seq`. FTS5 keeps the index alone: the text itself is in document_texts.
SQLITE = "CREATE VIRTUAL TABLE search_index USING fts5(folded, exact, content='', tokenize=\"unicode61 remove_diacritics 0\")"
# Words are sorted lexemes made by us, because PostgreSQL's parser would read `15/qd-ubnd` as a path; phrases are
# looked up in `folded` and `exact` among the rows that hold all their words.
POSTGRESQL = (
    "CREATE TABLE search_index (seq bigint PRIMARY KEY REFERENCES documents (seq),"
    " folded text NOT NULL, exact text NOT NULL, words tsvector NOT NULL)",
    "CREATE INDEX ix_search_index_words ON search_index USING gin (words)",
)


def upgrade() -> None:
    """Create the tables."""
    op.create_table('audit_entries',
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit_entries'))
    )
    op.create_index(op.f('ix_audit_entries_action_seq'), 'audit_entries', ['action', 'seq'], unique=False)
    op.create_index(op.f('ix_audit_entries_actor_seq'), 'audit_entries', ['actor', 'seq'], unique=False)
    op.create_index(op.f('ix_audit_entries_at'), 'audit_entries', ['at'], unique=False)
    op.create_index(op.f('ix_audit_entries_subject_seq'), 'audit_entries', ['subject', 'seq'], unique=False)
    op.create_table('documents',
    sa.Column('seq', Serial, autoincrement=True, nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('pages', sa.Integer(), nullable=True),
    sa.Column('warnings', Json, nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('verdict', sa.String(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=True),
    sa.Column('owner_id', sa.Text(), nullable=True),
    sa.Column('owner_name', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=True),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('title', sa.Text(), nullable=True),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('issuer', sa.Text(), nullable=True),
    sa.Column('signer', sa.Text(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('procedure', sa.Text(), nullable=True),
    sa.Column('component', sa.Text(), nullable=True),
    sa.Column('said', Json, nullable=False),
    sa.Column('number_key', Sorted, nullable=True),
    sa.Column('dated', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_documents')),
    sa.UniqueConstraint('id', name=op.f('uq_documents_id')),
    sa.UniqueConstraint('sha256', name=op.f('uq_documents_sha256'))
    )
    op.create_index(op.f('ix_documents_dated_seq'), 'documents', ['dated', 'seq'], unique=False)
    op.create_index(op.f('ix_documents_dossier_seq'), 'documents', ['dossier', 'seq'], unique=False)
    op.create_index(op.f('ix_documents_kind_seq'), 'documents', ['kind', 'seq'], unique=False)
    op.create_index(op.f('ix_documents_number_key_seq'), 'documents', ['number_key', 'seq'], unique=False)
    op.create_index(op.f('ix_documents_owner_id_seq'), 'documents', ['owner_id', 'seq'], unique=False)
    op.create_index(op.f('ix_documents_state_seq'), 'documents', ['state', 'seq'], unique=False)
    op.create_index(op.f('ix_documents_unit_seq'), 'documents', ['unit', 'seq'], unique=False)
    op.create_index(op.f('ix_documents_verdict_seq'), 'documents', ['verdict', 'seq'], unique=False)
    op.create_table('page_results',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_page_results'))
    )
    op.create_table('tasks',
    sa.Column('seq', Serial, autoincrement=True, nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('args', Json, nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('token', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('not_before', Instant(), nullable=False),
    sa.Column('ready_at', Instant(), nullable=False),
    sa.Column('done', sa.Integer(), server_default='0', nullable=False),
    sa.Column('total', sa.Integer(), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('worker', sa.Text(), nullable=True),
    sa.Column('lease_until', Instant(), nullable=True),
    sa.Column('ended_at', Instant(), nullable=True),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_tasks')),
    sa.UniqueConstraint('id', name=op.f('uq_tasks_id')),
    sa.UniqueConstraint('key', name=op.f('uq_tasks_key'))
    )
    op.create_index(op.f('ix_tasks_state_kind_ready_at_seq'), 'tasks', ['state', 'kind', 'ready_at', 'seq'], unique=False)
    op.create_index(op.f('ix_tasks_subject_seq'), 'tasks', ['subject', 'seq'], unique=False)
    op.create_table('search_words',
    sa.Column('word', Sorted, nullable=False),
    sa.PrimaryKeyConstraint('word', name=op.f('pk_search_words'))
    )
    op.create_table('artefacts',
    sa.Column('seq', Serial, autoincrement=True, nullable=False),
    sa.Column('document_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('superseded_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_artefacts_document_id')),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_artefacts'))
    )
    op.create_index(op.f('ix_artefacts_document_id'), 'artefacts', ['document_id'], unique=False)
    op.create_index(op.f('ix_artefacts_sha256'), 'artefacts', ['sha256'], unique=False)
    op.create_index('uq_artefacts_current', 'artefacts', ['document_id', 'kind'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
    op.create_table('document_pages',
    sa.Column('document_id', sa.String(), nullable=False),
    sa.Column('page', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_document_pages_document_id')),
    sa.PrimaryKeyConstraint('document_id', 'page', name=op.f('pk_document_pages'))
    )
    op.create_table('document_texts',
    sa.Column('document_seq', Serial, autoincrement=False, nullable=False),
    sa.Column('heading', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('form', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['document_seq'], ['documents.seq'], name=op.f('fk_document_texts_document_seq')),
    sa.PrimaryKeyConstraint('document_seq', name=op.f('pk_document_texts'))
    )
    op.create_table('reuses',
    sa.Column('seq', Serial, autoincrement=True, nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('document_id', sa.String(), nullable=False),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('undone_at', Instant(), nullable=True),
    sa.Column('undone_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_reuses_document_id')),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_reuses')),
    sa.UniqueConstraint('id', name=op.f('uq_reuses_id'))
    )
    op.create_index(op.f('ix_reuses_at'), 'reuses', ['at'], unique=False)
    op.create_index(op.f('ix_reuses_document_id'), 'reuses', ['document_id'], unique=False)
    op.create_index(op.f('ix_reuses_dossier'), 'reuses', ['dossier'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
    else:
        for statement in POSTGRESQL:
            op.execute(statement)
