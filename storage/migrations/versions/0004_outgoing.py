"""Tables of storage/schema/outgoing.py."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, Json, Serial

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
