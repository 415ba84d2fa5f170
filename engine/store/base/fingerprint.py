"""Which secret a database belongs to: a second host with another secret would break the history's chain unseen."""

from sqlalchemy import select

from engine.store.base.database import Database
from engine.store.tables import setting

KEY = "secret.fingerprint"


def belongs(database: Database, fingerprint: str) -> bool:
    """Whether the database was set up with this secret; the first one that asks is the one."""
    statement = select(setting.c.value).where(setting.c.key == KEY)
    with database.read() as connection:
        known = connection.execute(statement).scalar()
    if known is None:
        with database.write() as connection:
            known = connection.execute(statement.with_for_update()).scalar()
            if known is None:
                connection.execute(setting.insert().values(key=KEY, value=fingerprint))
                return True
    return bool(known == fingerprint)
