"""All blueprints, one per noun."""

from flask import Flask

from web import (
    account,
    actionfiles,
    applications,
    audit,
    batch,
    board,
    calendar,
    cases,
    comments,
    copies,
    credit,
    deployments,
    home,
    inbox,
    incidents,
    instances,
    jobs,
    limits,
    login,
    materials,
    matters,
    notices,
    organisation,
    people,
    phrases,
    recusals,
    start,
    supervision,
    tasks,
    tokens,
    views,
)

MODULES = (
    home,
    login,
    account,
    tokens,
    inbox,
    views,
    batch,
    copies,
    comments,
    notices,
    phrases,
    actionfiles,
    tasks,
    start,
    applications,
    cases,
    limits,
    materials,
    matters,
    instances,
    recusals,
    board,
    supervision,
    deployments,
    people,
    organisation,
    calendar,
    credit,
    incidents,
    jobs,
    audit,
)


def register(app: Flask) -> None:
    """Add every page to ``app``."""
    for module in MODULES:
        app.register_blueprint(module.blueprint)
