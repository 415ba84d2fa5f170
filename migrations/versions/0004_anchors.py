"""which histories the next anchor tells of

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'

CHANGED = sa.text('anchor = 0')


def upgrade() -> None:
    op.add_column('process_instance', sa.Column('anchor', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.create_index(
        'ix_process_instance_anchor', 'process_instance', ['id'], sqlite_where=CHANGED, postgresql_where=CHANGED
    )


def downgrade() -> None:
    op.drop_index('ix_process_instance_anchor', 'process_instance')
    with op.batch_alter_table('process_instance') as batch:
        batch.drop_column('anchor')
