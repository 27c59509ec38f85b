"""Alembic's entrance: runs the revisions on the connection that `storage.database.migrate` hands over."""

from alembic import context

from storage.schema import load

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=load(),
    transactional_ddl=True,  # also on SQLite: our BEGIN IMMEDIATE makes a half-done migration impossible
    transaction_per_migration=False,
)
context.run_migrations()
