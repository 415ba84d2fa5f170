"""what a version of the calendar moved

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'

MOVED = sa.text("kind = 'reprojected'")


def upgrade() -> None:
    op.create_index(
        'ix_clock_ledger_moved',
        'clock_ledger',
        ['calendar_version', 'due_before', 'id'],
        sqlite_where=MOVED,
        postgresql_where=MOVED,
    )


def downgrade() -> None:
    op.drop_index('ix_clock_ledger_moved', 'clock_ledger')
