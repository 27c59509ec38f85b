"""Tables of storage/schema/register.py."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, Json, Serial

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables."""
