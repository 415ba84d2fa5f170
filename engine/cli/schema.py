"""``./banjie migrate``: the database's schema, apart from a start."""

import argparse

import migrations
from engine.cli import console
from engine.cli.console import Stop
from engine.cli.settings import Settings


def migrate(options: argparse.Namespace) -> int:
    """Upgrade, show, compare, or write the next revision."""
    if options.action == "revision":
        return _revision(options)
    settings = Settings.read(options)
    settings.make_folders()
    url = settings.database_url
    if options.action == "upgrade":
        done = migrations.upgrade(url)
        console.say("\n".join(done) or f"已是最新（{migrations.head()}）", "done" if done else "up to date")
        return 0
    if options.action == "current":
        print(migrations.current(url) or "（空 · empty）")
        return 0
    differences = migrations.check(url)
    print("\n".join(differences) or "✓ 数据库与代码一致 · database and code agree")
    return 1 if differences else 0


def _revision(options: argparse.Namespace) -> int:
    if not options.message:
        raise Stop('请说明这一步做什么：-m "…"', 'Say what the revision does: -m "…"')
    print(migrations.revision(options.message))
    return 0
