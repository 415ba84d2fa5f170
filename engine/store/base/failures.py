"""What the driver says when the database fails, as a sentence for people."""

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from engine.store.base.database import DatabaseUnavailable

INSUFFICIENT_PRIVILEGE = "42501"


def _said(error: BaseException) -> BaseException | None:
    """What the driver said that became a DatabaseUnavailable; None for any other error, and for one that tells it already."""
    cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else None
    return None if isinstance(cause, DatabaseUnavailable) else cause


def explained(error: BaseException, shown: str = "") -> DatabaseUnavailable | None:
    """Return the sentence for a database that fails (full, gone, damaged), None for any other error.

    ``shown`` is the database's address without its password, when it is known.
    """
    said = error.orig if isinstance(error, DBAPIError) else _said(error)
    if said is None:
        return None
    refused = getattr(said, "sqlstate", None) == INSUFFICIENT_PRIVILEGE
    if isinstance(error, IntegrityError | ProgrammingError) and not refused:
        return None  # a fault of ours
    reason = str(said).strip().splitlines()[0]
    where = f" {shown}" if shown else ""
    if "disk is full" in reason or "No space left" in reason:
        return DatabaseUnavailable(
            f"数据库{where} 所在的磁盘已满，这一步没有保存。请腾出空间后再来一次。",
            f"The disk of the database{where} is full; this step was not stored. Free some space and try again.",
        )
    if refused or "readonly database" in reason:
        return DatabaseUnavailable(
            f"没有权限写入数据库{where}（{reason}）。请检查账号、文件和文件夹的权限。",
            f"The database{where} may not be written ({reason}). Check the rights of the account, the file and its folder.",
        )
    return DatabaseUnavailable(
        f"数据库{where} 无法使用：{reason}。请检查地址、账号、文件和磁盘，或从备份恢复。",
        f"The database{where} cannot be used: {reason}. Check address, account, file and disk, or restore a backup.",
    )
