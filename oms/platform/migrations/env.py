"""Run by Alembic: works on the connection it is given, in that connection's transaction."""

from alembic import context

from oms.platform.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can change little of a table, so it is copied
    transactional_ddl=True,
)
context.run_migrations()
