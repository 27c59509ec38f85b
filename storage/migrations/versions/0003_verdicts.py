"""Tables of storage/schema/verdicts.py."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, Json, Serial

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
