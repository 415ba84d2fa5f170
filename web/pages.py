"""All blueprints, one per noun."""

from flask import Flask

from web.administration import (
    allproxies,
    audit,
    calendar,
    calendarlog,
    deployments,
    handover,
    incidents,
    jobs,
    organisation,
    people,
)
from web.cases import certificates, instances, limits, matters, repairs
from web.cases import page as cases
from web.inbox import batch, inboxexport
from web.inbox import page as inbox
from web.lists import views
from web.own import account, home, login, notices, phrases, proxies, tokens
from web.parts import colleagues, materials
from web.starting import again, applications, start
from web.supervision import board, credit, scanning
from web.supervision import page as supervision
from web.tasks import actionfiles, asking, ballotclosing, comments, copies, recusals, returns
from web.tasks import page as tasks

MODULES = (
    home,
    login,
    account,
    tokens,
    inbox,
    inboxexport,
    views,
    ballotclosing,
    batch,
    copies,
    comments,
    notices,
    phrases,
    actionfiles,
    tasks,
    asking,
    returns,
    proxies,
    start,
    applications,
    again,
    cases,
    limits,
    materials,
    colleagues,
    certificates,
    matters,
    instances,
    repairs,
    recusals,
    board,
    supervision,
    scanning,
    deployments,
    people,
    handover,
    allproxies,
    organisation,
    calendar,
    calendarlog,
    credit,
    incidents,
    jobs,
    audit,
)


def register(app: Flask) -> None:
    """Add every page to ``app``."""
    for module in MODULES:
        app.register_blueprint(module.blueprint)
