"""All blueprints, one per noun."""

from flask import Flask

from web import (
    account,
    applications,
    audit,
    batch,
    calendar,
    cases,
    board,
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
    organisation,
    people,
    recusals,
    start,
    tasks,
    tokens,
    views,
)

MODULES = (
    supervision,
    home,
    login,
    account,
    tokens,
    inbox,
    views,
    batch,
    copies,
    comments,
    tasks,
    start,
    applications,
    cases,
    limits,
    materials,
    instances,
    recusals,
    deployments,
    people,
    organisation,
    calendar,
    credit,
    incidents,
    jobs,
    audit,
)
    recusals,
    board,
    supervision,


def register(app: Flask) -> None:
    """Add every page to ``app``."""
    for module in MODULES:
        app.register_blueprint(module.blueprint)
