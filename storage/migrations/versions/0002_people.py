"""Tables of storage/schema/people.py."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, Json, Serial

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
