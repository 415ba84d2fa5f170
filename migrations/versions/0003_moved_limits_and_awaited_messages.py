"""what a version of the calendar moved; which message a token waits for

Revision 0003, after 0002.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'

MOVED = sa.text("kind = 'reprojected'")
BATCH = 1000


def upgrade() -> None:
    op.create_index(
        'ix_clock_ledger_moved',
        'clock_ledger',
        ['calendar_version', 'due_before', 'id'],
        sqlite_where=MOVED,
        postgresql_where=MOVED,
    )
    op.drop_index('ix_subscription_name', 'subscription')
    op.add_column(
        'subscription', sa.Column('correlation_digest', sa.String(length=32), server_default='', nullable=False)
    )
    _tell_what_is_awaited(op.get_bind())
    op.create_index('ix_subscription_name', 'subscription', ['kind', 'name', 'correlation_digest'])


def downgrade() -> None:
    op.drop_index('ix_subscription_name', 'subscription')
    op.drop_column('subscription', 'correlation_digest')
    op.create_index('ix_subscription_name', 'subscription', ['kind', 'name'])
    op.drop_index('ix_clock_ledger_moved', 'clock_ledger')


def _tell_what_is_awaited(connection: sa.Connection) -> None:
    """As engine.runtime.correlation.digest was when this revision was written."""
    key = ('instance_id', 'token_id', 'kind', 'name')
    table = sa.table(
        'subscription', *(sa.column(name, sa.String) for name in (*key, 'correlation', 'correlation_digest'))
    )
    change = table.update().where(*(table.c[name] == sa.bindparam(f'k_{name}') for name in key))
    change = change.values(correlation_digest=sa.bindparam('digest'))
    rows = connection.execute(sa.select(*(table.c[name] for name in key), table.c.correlation)).all()
    changes = [
        {f'k_{name}': row._mapping[name] for name in key} | {'digest': _digest(json.loads(row.correlation))}
        for row in rows
    ]
    for begin in range(0, len(changes), BATCH):
        connection.execute(change, changes[begin : begin + BATCH])


def _digest(awaited: object) -> str:
    text = json.dumps(_plain(awaited), sort_keys=True, ensure_ascii=False, separators=(',', ':'))
    return hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]


def _plain(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
