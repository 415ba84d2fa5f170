"""Every page, everybody, and what the answer must be: one table. A page without a row fails the test."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from tests import databases
from tests.integration.api.rehearsal import Rehearsal
from tests.integration.web.office import Office
from tests.integration.web.world import ROLES, World
from web import create_app
from web.frame.policy import Reach, check_all, policy_of, public

OVERSEERS = "admin supervisor auditor"
WORKERS = "admin designer clerk supervisor staff filer holder candidate"
SEES = f"{OVERSEERS} filer holder candidate"


@dataclass(frozen=True)
class Row:
    """A request and who gets through; of the others ``refused`` are told 403, the rest 404 (or all of them 403)."""

    request: str
    allowed: str
    refused: str = "*"
    fields: Mapping[str, str] = field(default_factory=dict)


def everybody(request: str, **fields: str) -> Row:
    return Row(request, " ".join(ROLES), "", fields)


def only(allowed: str, request: str, **fields: str) -> Row:
    return Row(request, allowed, "*", fields)


def seen_by(allowed: str, request: str, refused: str = "", **fields: str) -> Row:
    return Row(request, allowed, refused, fields)


TABLE = [
    everybody("GET /"),
    everybody("GET /account/password"),
    everybody("POST /account/password", old="x"),
    everybody("GET /account/tokens"),
    everybody("POST /account/tokens", name="x"),
    seen_by("admin staff", "POST /account/tokens/{token}/revoke"),
    everybody("GET /inbox"),
    everybody("GET /colleagues"),
    everybody("GET /inbox/offered"),
    everybody("GET /inbox/done"),
    everybody("GET /inbox/started"),
    everybody("GET /inbox/counts"),
    *(everybody(f"GET /inbox/export/{tab}.xlsx") for tab in ("assigned", "offered", "done", "started", "copies")),
    everybody("GET /inbox/views/{view}"),
    everybody("GET /notices"),
    everybody("GET /phrases"),
    everybody("POST /phrases", body="x"),
    seen_by("", "POST /phrases/nothing/remove"),
    seen_by("", "POST /phrases/nothing/change", body="x"),
    seen_by("", "GET /action-files/nothing"),
    seen_by("", "GET /notices/nothing"),
    everybody("POST /notices/read"),
    everybody("GET /notices/settings"),
    everybody("POST /notices/settings"),
    everybody("GET /inbox/copies"),
    seen_by("", "GET /inbox/copies/nothing"),
    seen_by(SEES, "POST /inbox/copies/of/{instance}", recipient="staff"),
    seen_by(SEES, "POST /comments/of/{instance}", body="x"),
    seen_by("", "POST /comments/nothing/withdraw"),
    everybody("POST /inbox/batch", action="claim", task="nothing"),
    everybody("POST /inbox/views", tab="assigned", name="x", query="q=x"),
    everybody("POST /inbox/views/columns", tab="assigned", column="due"),
    seen_by("staff", "POST /inbox/views/{view}/default", tab="assigned", on="1"),
    seen_by("staff", "POST /inbox/views/{view}/rename", name="y"),
    everybody("POST /inbox/views/{view}/remove", tab="assigned"),
    # tasks: {task} belongs to the case, holder has it
    seen_by(SEES, "GET /tasks/{task}"),
    seen_by(SEES, "GET /tasks/{task}/diagram"),
    # the candidate comes too late: 409 with who has it, and his words back
    seen_by("holder candidate", "POST /tasks/{task}", f"{OVERSEERS} filer", action="outcome:accept"),
    seen_by("holder candidate", "POST /tasks/{task}/claim", f"{OVERSEERS} filer"),
    seen_by("holder admin", "POST /tasks/{task}/unclaim", "supervisor auditor filer candidate"),
    seen_by("holder admin", "POST /tasks/{task}/assign", "supervisor auditor filer candidate", assignee="staff"),
    seen_by("holder", "GET /tasks/{task}/return", f"{OVERSEERS} filer candidate"),
    seen_by("holder", "POST /tasks/{task}/return", f"{OVERSEERS} filer candidate", target="nothing", reason="x"),
    seen_by("", "GET /tasks/{task}/withdraw", f"{OVERSEERS} filer holder candidate"),
    seen_by("", "POST /tasks/{task}/withdraw", f"{OVERSEERS} filer holder candidate", reason="x"),
    # asking others
    seen_by("holder", "POST /tasks/{task}/delegate", f"{OVERSEERS} filer candidate", to="staff"),
    seen_by("holder admin", "POST /tasks/{task}/recall", "supervisor auditor filer candidate"),
    seen_by(
        "holder",
        "POST /tasks/{task}/signers",
        f"{OVERSEERS} filer candidate",
        people="staff",
        position="before",
    ),
    seen_by("", "POST /tasks/{task}/signers/nobody/remove", "supervisor auditor filer candidate"),
    seen_by("", "POST /tasks/{task}/take", f"{OVERSEERS} filer holder candidate"),
    seen_by("", "POST /tasks/{task}/take-back", f"{OVERSEERS} filer holder candidate"),
    only(WORKERS, "GET /proxies"),
    only(WORKERS, "POST /proxies", proxy="zhang"),
    seen_by("", "POST /proxies/nothing/revoke", "auditor outsider"),
    seen_by("", "POST /proxies/nothing/activate", "auditor outsider"),
    only("admin", "GET /admin/proxies"),
    only("admin", "POST /admin/proxies", principal="staff", proxy="zhang"),
    only("admin", "GET /admin/people/staff/hand-over"),
    only("admin", "POST /admin/people/staff/hand-over"),
    # starting
    only(WORKERS, "GET /start"),
    only(WORKERS, "GET /start/process/purchase"),
    only(WORKERS, "POST /start/process/purchase", **{"f.project": "x", "action": "submit"}),
    only(WORKERS, "POST /start/process/purchase/discard"),
    # the candidate's right to see is not enough: one copies what one has started
    seen_by("filer", "POST /start/again/{instance}", f"{OVERSEERS} holder candidate"),
    only("clerk filer", "GET /start/item/000131010001"),
    only("clerk filer", "POST /start/item/000131010001", step="guide", action="next"),
    only("clerk filer", "POST /start/item/000131010001/discard"),
    # cases
    only(OVERSEERS, "GET /cases"),
    seen_by(SEES, "GET /cases/{no}"),
    seen_by(SEES, "GET /cases/{no}/receipt"),
    seen_by(SEES, "GET /cases/{no}/sheet"),
    seen_by(SEES, "GET /cases/{no}/diagram.svg"),
    seen_by("", "GET /cases/{no}/documents/nothing"),
    seen_by("", "GET /cases/{no}/attachments/nothing"),
    seen_by(SEES, "GET /cases/{no}/limits"),
    seen_by("holder", "POST /cases/{no}/suspensions", f"{OVERSEERS} filer candidate", kind="hearing", reason="x"),
    seen_by("", "POST /cases/{no}/suspensions/nothing/resume", f"{OVERSEERS} filer candidate"),
    seen_by("", "POST /cases/{no}/suspensions/nothing/extend", f"{OVERSEERS} filer candidate", more="1wd", reason="x"),
    seen_by("holder", "POST /cases/{no}/extension", f"{OVERSEERS} filer candidate", reason="x"),
    seen_by("holder", "POST /cases/{no}/demands", f"{OVERSEERS} filer candidate", items="x"),
    seen_by("", "POST /cases/{no}/second-notice", SEES, reason="x"),
    seen_by("holder", "POST /cases/{no}/second-notice/request", f"{OVERSEERS} filer candidate", reason="x"),
    seen_by("", "POST /cases/{no}/second-notice/refuse", SEES, reason="x"),
    seen_by("filer admin", "POST /cases/{no}/withdraw", "supervisor auditor holder candidate"),
    seen_by("filer admin", "POST /cases/{no}/withdraw-commitment", "supervisor auditor holder candidate"),
    # {no} is no order, has no publicity and no sealed applicant: whoever may is told so
    seen_by("supervisor", "POST /cases/{no}/urge", "admin auditor filer holder candidate", text="x"),
    seen_by("supervisor", "POST /cases/{no}/recall", "admin auditor filer holder candidate", reason="x"),
    seen_by("supervisor", "POST /cases/{no}/applicant", "admin auditor filer holder candidate", reason="x"),
    seen_by("supervisor", "POST /cases/{no}/remedies", "admin auditor filer holder candidate", kind="review"),
    seen_by("supervisor filer", "POST /cases/{no}/objections", "admin auditor holder candidate", by="creditor"),
    seen_by("supervisor filer", "POST /cases/{no}/rating", "admin auditor holder candidate", grade="5"),
    # ended by who decides the item, whom the command names
    seen_by("", "POST /cases/{no}/certificates/end", SEES, number="x", state="cancelled", reason="x", basis="x"),
    seen_by("filer holder", "POST /cases/{no}/attachments", f"{OVERSEERS} candidate"),
    seen_by("", "POST /cases/{no}/attachments/nothing/remove", f"{OVERSEERS} candidate"),
    seen_by("holder", "POST /cases/{no}/materials/M01/judge", f"{OVERSEERS} filer candidate", verdict="verified"),
    # instances
    only(OVERSEERS, "GET /instances"),
    seen_by(SEES, "GET /instances/{instance}"),
    seen_by(SEES, "GET /instances/{instance}/diagram.svg"),
    only("admin", "POST /instances/{instance}/terminate", reason="x"),
    seen_by("", "POST /ballots/unknown/close", reason="x"),  # who closes a real one: the table of the API
    seen_by("filer", "GET /instances/{instance}/cancel", f"{OVERSEERS} holder candidate"),
    seen_by("filer", "POST /instances/{instance}/cancel", f"{OVERSEERS} holder candidate", reason="x"),
    seen_by("filer", "POST /instances/{instance}/withdrawal-application", f"{OVERSEERS} holder candidate", reason="x"),
    only("admin", "GET /instances/{instance}/repair"),
    only("admin", "POST /instances/{instance}/jump", token="x", target="x", reason="x"),
    only("admin", "POST /instances/{instance}/reopen", element="x", reason="x"),
    only("admin", "POST /instances/{instance}/variables", name="project", value="1"),
    seen_by(SEES, "POST /instances/{instance}/recusals", reason="x"),
    seen_by("", "POST /instances/{instance}/recusals/nothing/lift", "auditor filer holder candidate", reason="x"),
    # deployments
    everybody("GET /deployments"),
    only("admin designer", "POST /deployments"),
    everybody("GET /deployments/definitions/{definition}"),
    everybody("GET /deployments/definitions/{definition}/diagram.svg"),
    everybody("GET /deployments/definitions/{definition}/process.bpmn"),
    only("admin designer", "POST /deployments/definitions/{definition}/suspend"),
    only("admin designer", "POST /deployments/definitions/{definition}/activate"),
    # supervision: {card} and {order} are about the case, whose task holder has
    only(OVERSEERS, "GET /board"),
    only(OVERSEERS, "GET /board/cases"),
    only(OVERSEERS, "GET /board/decided"),
    only(OVERSEERS, "GET /board/export.xlsx"),
    only(OVERSEERS, "GET /board/heat.svg"),
    everybody("GET /supervision"),
    everybody("GET /supervision/orders"),
    seen_by(f"{OVERSEERS} holder", "GET /supervision/cards/{card}"),
    seen_by("holder", "POST /supervision/cards/{card}/answer", OVERSEERS, action="sign"),
    only("supervisor", "POST /supervision/cards/{card}/manage", action="withdraw", text="x"),
    only("supervisor", "GET /supervision/issue/{no}"),
    only("supervisor", "POST /supervision/issue/{no}", level="red", text="x"),
    seen_by(f"{OVERSEERS} holder", "GET /supervision/orders/{order}"),
    seen_by("holder", "POST /supervision/orders/{order}/answer", OVERSEERS, action="answer", text="x"),
    only("supervisor", "POST /supervision/orders/{order}/manage", action="close", text="x"),
    only("supervisor", "GET /supervision/orders/new/{no}"),
    only("supervisor", "POST /supervision/orders/new/{no}", level="1", text="x"),
    only("supervisor", "GET /supervision/urge/{no}"),
    only("supervisor", "POST /supervision/urge/{no}"),
    only("supervisor", "POST /supervision/urges"),
    seen_by("supervisor filer", "POST /supervision/tasks/{task}/urge", "admin auditor holder candidate"),
    only(OVERSEERS, "GET /supervision/scans"),
    only("supervisor", "POST /supervision/scans"),
    seen_by("", "POST /supervision/findings/nothing", answer="finish"),
    only("admin supervisor", "GET /supervision/rules"),
    only("admin supervisor", "POST /supervision/rules", shipped="hunan"),
    # administration
    only("admin", "GET /admin/people"),
    only("admin", "GET /admin/people/new"),
    only("admin", "POST /admin/people/new", login="x y"),
    only("admin", "GET /admin/people/staff"),
    only("admin", "POST /admin/people/staff", name="Staff", roles="staff"),
    only("admin", "POST /admin/people/staff/password"),
    only("admin", "POST /admin/people/staff/posts"),
    only("admin", "POST /admin/people/staff/identity", number="510104199001011234"),
    only("admin", "POST /admin/people/staff/disable"),
    only("admin", "POST /admin/people/staff/enable"),
    only("admin", "GET /admin/organisation"),
    only("admin", "POST /admin/organisation/departments", code="B", name="B"),
    only("admin", "GET /admin/organisation/departments/{department}"),
    only("admin", "POST /admin/organisation/departments/{department}", name="B"),
    only("admin", "POST /admin/organisation/departments/{department}/leader", leader="staff"),
    only("admin", "POST /admin/organisation/posts", key="p", name="P"),
    only("admin", "GET /admin/organisation/posts/chief"),
    only("admin", "POST /admin/organisation/posts/chief", name="P"),
    only("admin", "POST /admin/organisation/groups", key="g", name="G"),
    only("admin", "GET /admin/organisation/groups/window"),
    only("admin", "POST /admin/organisation/groups/window", name="G"),
    everybody("GET /calendar"),
    only("admin", "POST /calendar/years"),
    only("admin", "POST /calendar/days"),
    only("admin", "POST /calendar/hours"),
    only("admin", "GET /calendar/revisions/1"),
    only("admin", "GET /calendar/revisions/1/export.xlsx"),
    only("admin", "GET /admin/incidents"),
    only("admin", "POST /admin/incidents/{incident}/retry"),
    only("admin", "POST /admin/incidents/{incident}/resolve", comment="x"),
    only("admin", "GET /admin/jobs"),
    only("admin", "POST /admin/jobs/{job}/retry"),
    only("admin supervisor", "GET /admin/credit"),
    seen_by("", "POST /admin/credit/nothing/repair", "designer clerk auditor staff filer holder candidate outsider"),
    only(OVERSEERS, "GET /admin/audit"),
]

PUBLIC = {"GET /login", "POST /login", "POST /logout", "GET /healthz"}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """Built for real; afterwards every command runs to its end and is taken back, so that all rows meet the same world."""
    with databases.opened(database_url, Rehearsal) as database:
        yield World(Office(database, tmp_path / "uploads"))


def test_every_page_answers_everybody_as_the_table_says(world: World) -> None:
    world.office.database.rehearsing = True  # type: ignore[attr-defined]
    wrong = []
    for row in TABLE:
        for login in ROLES:
            status = _ask(world, login, row)
            if not _as_expected(row, login, status):
                wrong.append(f"{row.request} as {login}: {status}")

    assert wrong == []


def test_who_is_not_signed_in_is_sent_to_the_door(world: World) -> None:
    wrong = []
    for row in TABLE:
        status = _ask(world, "nobody", row)
        if status not in ((303,) if row.request.startswith("GET") else (303, 403)):
            wrong.append(f"{row.request}: {status}")

    assert wrong == []


def test_the_table_knows_every_page(office: Office) -> None:
    assert _without_row(office.app) == []


@pytest.mark.parametrize(
    ("path", "method", "name"),
    [
        ("/made-up", "GET", "made.up"),
        ("/phrases", "PUT", "phrases.put"),
        ("/elsewhere", "GET", "api.elsewhere"),
        ("/tasks/<task_id>/secret", "GET", "tasks.secret"),
    ],
)
def test_a_page_without_a_row_is_noticed_whatever_it_is_called(
    office: Office, path: str, method: str, name: str
) -> None:
    app = create_app(office.house.engine, office.house.queries)
    app.add_url_rule(path, name, public(lambda **_: "x"), methods=[method])

    assert _without_row(app) == [f"{method} {re.sub('<[^>]+>', '*', path)}"]


def test_only_the_door_is_public(office: Office) -> None:
    names = [name for name in office.app.view_functions if name != "static"]
    public = {name for name in names if _reach(office, name) is Reach.PUBLIC}

    assert public == {"login.show", "login.enter", "login.leave", "home.healthz", "api.document_openapi"}


def test_an_endpoint_without_a_policy_stops_the_start(office: Office) -> None:
    app = create_app(office.house.engine, office.house.queries)
    app.add_url_rule("/forgotten", "forgotten", lambda: "x")

    with pytest.raises(RuntimeError, match="forgotten"):
        check_all(app)


def _without_row(app: Flask) -> list[str]:
    """The pages that the table does not know: everything that is answered but the API, which has a table of its own."""
    rows = {re.sub(r"{\w+}", "X", row.request) for row in TABLE} | PUBLIC
    pages = {
        f"{method} {re.sub(r'<[^>]+>', '*', rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static" and not rule.rule.startswith("/api/")
    }
    return sorted(pages - {_starred(row, pages) for row in rows})


def _reach(office: Office, name: str) -> Reach:
    policy = policy_of(office.app, name)
    assert policy is not None
    return policy.reach


def _ask(world: World, login: str, row: Row) -> int:
    """Who is to be refused asks as a program does: how a refusal looks is told elsewhere, here it would be drawn a thousand times."""
    method, path = world.fill(row.request).split(" ", 1)
    browser = world.browsers[login]
    welcome = login == "nobody" or login in row.allowed.split()
    headers = {} if welcome else {"Accept": "application/json"}
    if method == "GET":
        return browser.client.get(path, headers=headers).status_code
    if not getattr(browser, "page", None):
        browser.get("/inbox")
    return browser.client.post(path, data={"csrf": browser.token, **row.fields}, headers=headers).status_code


def _as_expected(row: Row, login: str, status: int) -> bool:
    if login in row.allowed.split():
        return 200 <= status < 400 or status in (409, 422)
    if row.refused == "*" or login in row.refused.split():
        return status == 403
    return status == 404


def _starred(request: str, pages: set[str]) -> str:
    """The page that a filled-in request belongs to."""
    if request in pages:
        return request
    for page in sorted(pages, key=lambda each: each.count("*")):
        if re.fullmatch(re.escape(page).replace(r"\*", "[^/]+"), request):
            return page
    return request
