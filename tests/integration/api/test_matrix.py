"""Every endpoint, every kind of caller, and what the answer must be: one table. An endpoint without a row fails the test."""

import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests import databases
from tests.integration.api.office import NEW_CASE
from tests.integration.api.rehearsal import Rehearsal
from tests.integration.api.site import Client, Site
from tests.integration.api.world import ROLES, World
from tests.integration.engine.house import LEAVE
from web import create_app
from web.api.endpoint import ENDPOINTS, Endpoint
from web.frame.policy import Reach, public

REST = "rest"
OVERSEERS = "admin supervisor auditor"
WORKERS = "admin designer clerk supervisor staff starter holder candidate worker"
SEES_CASE = f"{OVERSEERS} clerk worker"  # the clerk filed it, the worker is offered its task
SEES = f"{OVERSEERS} starter holder candidate"  # whoever may know of the instance and its task


@dataclass(frozen=True)
class Row:
    """A request and the statuses that it must get, each with its callers; ``rest`` is everybody else."""

    request: str
    expected: Mapping[int, str]
    body: Any = None
    files: Mapping[str, bytes] = made(default_factory=dict)
    field: str = "files"


def everybody(request: str, status: int = 200, body: Any = None) -> Row:
    return Row(request, {status: REST}, body)


def only(callers: str, request: str, status: int = 200, body: Any = None, **more: Any) -> Row:
    """These callers may, everybody else is told that they may not."""
    return Row(request, {status: callers, 403: REST}, body, **more)


def seen_by(
    callers: str,
    request: str,
    status: int = 200,
    body: Any = None,
    *,
    forbidden: str = "",
    conflict: str = "",
    **more: Any,
) -> Row:
    """These callers may; ``forbidden`` see the thing but may not; ``conflict`` may, but not now; the rest find none."""
    return Row(request, {status: callers, 403: forbidden, 409: conflict, 404: REST}, body, **more)


PERIOD = {"start": "2026-12-01T09:00:00+08:00", "end": "2026-12-09T09:00:00+08:00"}
HOURS = {"am_start": "08:30", "am_end": "12:00", "pm_start": "14:00", "pm_end": "17:30"}
CREDIT = {"applicant_name": "某公司", "applicant_id": "91430105MA4L00000X", "reason": "列入名单"}

TABLE = [
    # deployments and definitions
    only("admin designer", "POST /deployments", 200, files={"leave.bpmn": LEAVE}),
    only("admin designer", "POST /deployments?dry_run", 200, files={"leave.bpmn": LEAVE}),
    everybody("GET /deployments"),
    everybody("GET /deployments/{deployment}"),
    everybody("GET /process-definitions"),
    everybody("GET /process-definitions/{definition}"),
    everybody("GET /process-definitions/{definition}/xml"),
    everybody("GET /process-definitions/{definition}/diagram.svg"),
    only("admin designer", "POST /process-definitions/{definition}/suspend"),
    only("admin designer", "POST /process-definitions/{definition}/activate"),
    # instances
    only(WORKERS, "POST /process-instances", 201, {"key": "leave"}),
    everybody("GET /process-instances"),
    seen_by(SEES, "GET /process-instances/{instance}"),
    seen_by(SEES, "GET /process-instances/{instance}/history"),
    seen_by(SEES, "GET /process-instances/{instance}/diagram.svg"),
    seen_by(SEES, "GET /process-instances/{instance}/ballots"),
    seen_by(SEES, "GET /ballots/{ballot}"),
    seen_by(
        "admin",
        "POST /ballots/{ballot}/close",
        200,
        {"reason": "x"},
        forbidden="supervisor auditor starter holder candidate",
    ),
    only("admin", "POST /process-instances/{instance}/terminate", 200, {"reason": "x"}),
    only("admin", "DELETE /process-instances/{instance}", 204),
    only("admin", "PATCH /process-instances/{instance}/variables", 200, {"variables": {"days": 1}}),
    # who approves: why, who next, recusals
    seen_by(SEES, "GET /process-instances/{instance}/prediction"),
    seen_by(SEES, "GET /process-instances/{instance}/recusals"),
    seen_by(SEES, "POST /process-instances/{instance}/recusals", 201, {"reason": "x"}),
    seen_by(
        "admin supervisor",
        "POST /process-instances/{instance}/recusals",
        201,
        {"reason": "x", "login": "worker"},
        forbidden="auditor starter holder candidate",
    ),
    seen_by(
        "admin supervisor",
        "POST /process-instances/{instance}/recusals/{recusal}/lift",
        200,
        {"reason": "x"},
        forbidden="auditor starter holder candidate",
    ),
    seen_by(SEES, "GET /tasks/{task}/why"),
    seen_by(SEES, "GET /tasks/{task}/choices"),
    only(WORKERS, "GET /process-definitions/{definition}/choices"),
    # tasks: {task} is held by holder, {offered} is offered to the group of holder and candidate
    everybody("GET /tasks"),
    only(f"{OVERSEERS} holder", "GET /tasks?assignee=holder"),
    only(f"{OVERSEERS} holder candidate", "GET /tasks?candidate=group:leaders"),
    seen_by(SEES, "GET /tasks?instance={instance}"),
    everybody("GET /tasks?tab=done&overdue=&q=x"),
    everybody("GET /views?tab=done"),
    everybody("POST /views", 201, {"tab": "assigned", "name": "x", "query": "q=x"}),
    seen_by("", "PATCH /views/nothing", 200, {"name": "y"}),
    everybody("DELETE /views/nothing", 204),
    everybody("GET /columns"),
    everybody("POST /notices/read"),
    seen_by("", "POST /notices/nothing/read"),
    everybody("PUT /columns/done", 200, {"shown": ["number"]}),
    everybody("GET /phrases"),
    everybody("POST /phrases", 201, {"body": "同意。"}),
    only("admin", "POST /phrases", 201, {"body": "请补充。", "shared": True}),
    seen_by("", "PATCH /phrases/nothing", 200, {"body": "y"}),
    seen_by("", "DELETE /phrases/nothing", 204),
    seen_by(SEES, "GET /tasks/{task}"),
    seen_by(SEES, "PUT /tasks/{task}/draft", 200, {"values": {"f": 1}, "comment": "拟同意"}),
    Row("GET /tasks/{task}/draft", {404: REST}),  # none of one's own; see test_tasks
    seen_by(SEES, "DELETE /tasks/{task}/draft", 204),
    Row("GET /tasks/{task}/form", {404: REST}),  # it has none; see test_tasks
    seen_by("holder candidate", "POST /tasks/{offered}/claim", forbidden=f"{OVERSEERS} starter"),
    seen_by(
        "holder",
        "POST /tasks/{task}/files",
        201,
        forbidden=f"{OVERSEERS} candidate starter",
        files={"b.txt": b"y"},
        field="file",
    ),
    everybody("POST /tasks/batch", 200, {"action": "claim", "task_ids": ["nothing"]}),
    seen_by("holder admin", "POST /tasks/{task}/unclaim", forbidden="supervisor auditor candidate starter"),
    seen_by(
        "holder admin",
        "POST /tasks/{task}/assign",
        200,
        {"assignee": "candidate"},
        forbidden="supervisor auditor candidate starter",
    ),
    seen_by(
        "holder",
        "POST /tasks/{task}/complete",
        200,
        {"outcome": "agree"},
        forbidden="admin supervisor auditor candidate starter",
    ),
    seen_by(
        "holder candidate",
        "POST /tasks/{offered}/complete",
        200,
        {"outcome": "agree"},
        forbidden=f"{OVERSEERS} starter",
    ),
    # going back: {task} is the first of its instance, there is nothing to return to and nothing done to take back
    seen_by("holder", "GET /tasks/{task}/returns", forbidden=f"{OVERSEERS} starter candidate"),
    seen_by(
        "",
        "POST /tasks/{task}/return",
        200,
        {"target": "start", "reason": "x"},
        conflict="holder",
        forbidden=f"{OVERSEERS} starter candidate",
    ),
    seen_by("", "POST /tasks/{task}/withdraw", 200, {"reason": "x"}, forbidden=f"{OVERSEERS} holder starter candidate"),
    seen_by(SEES, "GET /process-instances/{instance}/returns"),
    seen_by(
        "starter",
        "POST /process-instances/{instance}/cancel",
        200,
        {"reason": "x"},
        forbidden=f"{OVERSEERS} holder candidate",
    ),
    seen_by(  # its process is not deployed here
        "",
        "POST /process-instances/{instance}/withdrawal-application",
        200,
        {"reason": "x"},
        conflict="starter",
        forbidden=f"{OVERSEERS} holder candidate",
    ),
    only(
        "admin",
        "POST /process-instances/{instance}/jump",
        200,
        {"token_id": "{task}", "target": "file", "reason": "x"},
    ),
    only("admin", "GET /process-instances/{instance}/reopenings"),
    Row(
        "POST /process-instances/{instance}/reopen",
        {409: "admin", 403: REST},
        {"element_id": "approve", "reason": "x"},
    ),
    # asking others: the holder of {task} is shared with staff, who may take it
    seen_by(SEES, "GET /tasks/{task}/asked"),
    seen_by("holder", "POST /tasks/{task}/delegate", 200, {"to": "staff"}, forbidden=f"{OVERSEERS} starter candidate"),
    seen_by(
        "",
        "POST /tasks/{task}/recall",
        200,
        {},
        forbidden="supervisor auditor starter candidate",
        conflict="holder admin",
    ),
    seen_by(
        "holder",
        "POST /tasks/{task}/signers",
        200,
        {"people": ["staff"], "position": "before"},
        forbidden=f"{OVERSEERS} starter candidate",
    ),
    seen_by("", "DELETE /tasks/{task}/signers/nobody", 200, forbidden="supervisor auditor starter candidate"),
    seen_by("staff", "POST /tasks/{shared}/take", 200, forbidden=f"{OVERSEERS} starter holder"),
    seen_by(f"{OVERSEERS} starter holder staff", "GET /process-instances/{shared_instance}"),
    seen_by("", "POST /tasks/{task}/take-back", 200, forbidden=f"{OVERSEERS} starter holder candidate"),
    only(WORKERS, "GET /proxies"),
    only("admin", "GET /proxies?all=true"),
    only(WORKERS, "POST /proxies", 201, {"proxy": "outsider", **PERIOD}),
    only("admin holder", "POST /proxies/{proxy_rule}/activate"),
    only("admin holder", "POST /proxies/{proxy_rule}/revoke", 200, {}),
    only("admin", "POST /people/staff/hand-over", 200, {"receivers": ["candidate"]}),
    only("admin", "GET /people/staff/hand-overs"),
    # copies and talk: {instance} was started by starter, holder has its task
    everybody("GET /copies"),
    everybody("GET /notices"),
    Row("POST /copies/nothing/read", {404: REST}),
    seen_by(SEES, "GET /process-instances/{instance}/copies"),
    seen_by(SEES, "POST /process-instances/{instance}/copies", 200, {"recipients": ["staff"]}),
    seen_by(SEES, "GET /process-instances/{instance}/comments"),
    seen_by(SEES, "POST /process-instances/{instance}/comments", 201, {"body": "x"}),
    Row("DELETE /comments/nothing", {404: REST}),
    everybody("POST /tasks/batch", 200, {"action": "claim", "task_ids": ["nothing"]}),
    # cases
    only("clerk", "POST /cases", 201, NEW_CASE),
    everybody("GET /cases"),
    seen_by(SEES_CASE, "GET /cases/{no}"),
    seen_by(SEES_CASE, "GET /cases/{no}/documents/{document}"),
    seen_by(SEES_CASE, "GET /cases/{no}/materials"),
    # {no} is no order, has no publicity and no sealed applicant: whoever may is told so
    *(
        seen_by(
            "", f"POST /cases/{{no}}/{path}", 200, body, conflict="supervisor", forbidden="admin auditor clerk worker"
        )
        for path, body in (
            ("urge", {"text": "x"}),
            ("recall", {"reason": "x"}),
            ("applicant", {"reason": "x"}),
            ("remedies", {"kind": "review", "organ": "x", "number": "1"}),
        )
    ),
    seen_by(
        "",
        "POST /cases/{no}/objections",
        200,
        {"by": "creditor", "name": "x", "text": "x"},
        conflict="supervisor clerk",
        forbidden="admin auditor worker",
    ),
    # {no} is not done yet
    seen_by(
        "",
        "POST /cases/{no}/rating",
        200,
        {"grade": 5},
        conflict="supervisor clerk",
        forbidden="admin auditor worker",
    ),
    # it is ended by who decides the item, whom the command names to all others
    seen_by(
        "",
        "POST /cases/{no}/certificates/end",
        200,
        {"number": "x", "state": "cancelled", "reason": "x", "basis": "x"},
        forbidden=SEES_CASE,
    ),
    seen_by(SEES_CASE, "GET /cases/{no}/files/{file}"),
    seen_by("clerk worker", "PATCH /cases/{no}/form", 200, {"form": {"area": 1}}, forbidden=OVERSEERS),
    seen_by("clerk worker", "POST /cases/{no}/files", 201, forbidden=OVERSEERS, files={"b.txt": b"y"}, field="file"),
    seen_by(
        "clerk worker",
        "POST /cases/{no}/materials/M02/files",
        201,
        forbidden=OVERSEERS,
        files={"b.txt": b"y"},
        field="file",
    ),
    seen_by("clerk", "DELETE /cases/{no}/files/{file}", 204, forbidden=f"{OVERSEERS} worker"),
    seen_by(
        "worker",
        "POST /cases/{no}/materials/M02/judge",
        200,
        {"verdict": "verified"},
        forbidden=f"{OVERSEERS} clerk",
    ),
    seen_by("clerk admin", "POST /cases/{no}/withdraw", 200, {}, forbidden="supervisor auditor worker"),
    seen_by(
        "",
        "POST /cases/{no}/withdraw-commitment",
        200,
        {},
        forbidden="supervisor auditor worker",
        conflict="clerk admin",
    ),
    # limits of a case that was received: {no} lies at the window, where worker is
    seen_by(SEES_CASE, "GET /cases/{no}/clocks"),
    seen_by(
        "",
        "POST /cases/{no}/suspensions",
        201,
        {"kind": "hearing", "reason": "x", "planned": "5wd"},
        forbidden=f"{OVERSEERS} clerk",
        conflict="worker",
    ),
    seen_by("", "POST /cases/{no}/suspensions/x/resume", 200, {}, forbidden=f"{OVERSEERS} clerk"),
    seen_by(
        "",
        "POST /cases/{no}/suspensions/x/extend",
        200,
        {"more": "2wd", "reason": "x"},
        forbidden=f"{OVERSEERS} clerk",
    ),
    seen_by(
        "",
        "POST /cases/{no}/extension",
        201,
        {"reason": "x"},
        forbidden=f"{OVERSEERS} clerk",
        conflict="worker",
    ),
    seen_by("worker", "POST /cases/{no}/demands", 201, {"items": "M01：盖章"}, forbidden=f"{OVERSEERS} clerk"),
    seen_by("", "POST /cases/{no}/second-notice", 200, {"reason": "x"}, forbidden=SEES_CASE),
    seen_by(
        "",
        "POST /cases/{no}/second-notice/request",
        201,
        {"reason": "x"},
        forbidden=f"{OVERSEERS} clerk",
        conflict="worker",
    ),
    seen_by("", "POST /cases/{no}/second-notice/refuse", 200, {"reason": "x"}, forbidden=SEES_CASE),
    everybody("GET /items"),
    everybody("GET /items/{item}"),
    only("admin supervisor", "GET /credit-events"),
    only("admin supervisor", "POST /credit-events", 201, CREDIT),
    only("admin supervisor", "POST /credit-events/{credit}/repair", 200, {"reason": "x"}),
    # messages
    only("admin", "POST /messages", 200, {"name": "hello"}),
    only("admin", "POST /signals", 202, {"name": "alarm"}),
    # people and organisation
    everybody("GET /people"),
    everybody("GET /people/staff"),
    only("admin", "POST /people", 201, {"login": "newcomer", "name": "新人"}),
    only("admin", "PATCH /people/staff", 200, {"name": "改名"}),
    only("admin", "PUT /people/staff/groups", 200, {"groups": ["leaders"]}),
    only("admin", "POST /people/staff/disable"),
    only("admin", "POST /people/staff/enable"),
    only("admin", "POST /people/staff/password"),
    everybody("GET /departments"),
    everybody("GET /departments/{department}"),
    only("admin", "POST /departments", 201, {"code": "B", "name": "窗口"}),
    only("admin", "PATCH /departments/{department}", 200, {"name": "改名"}),
    everybody("GET /groups"),
    everybody("GET /groups/leaders"),
    only("admin", "POST /groups", 201, {"key": "desk", "name": "窗口"}),
    only("admin", "PATCH /groups/leaders", 200, {"name": "改名"}),
    only("admin", "PUT /departments/{department}/leader", 200, {"leader": "staff"}),
    everybody("GET /posts"),
    only("admin", "POST /posts", 201, {"key": "surveyor", "name": "勘查员"}),
    only("admin", "PATCH /posts/{post}", 200, {"name": "改名"}),
    only("admin", "PUT /people/staff/posts", 200, {"posts": []}),
    only("admin", "PUT /people/staff/identity", 200, {"number": "510104199001011234"}),
    # tokens: these callers come with tokens, and a token manages no tokens of its owner
    everybody("GET /me"),
    only("admin", "GET /tokens"),
    only("", "POST /tokens", 201, {"name": "x", "scopes": ["read"]}),
    Row("DELETE /tokens/{token}", {204: "admin", 403: "staff", 404: REST}),
    # calendar
    everybody("GET /calendar/years"),
    everybody("GET /calendar/years/{year}"),
    only("admin", "POST /calendar/years", 201, {"text": "date,kind\n2027-01-01,rest\n"}),
    only("admin", "PUT /calendar/days/2026-10-02", 200, {"kind": "rest"}),
    only("admin", "POST /calendar/preview", 200, {"day": "2026-10-02", "kind": "rest"}),
    only("admin", "PUT /calendar/hours", 200, {"hours": [HOURS]}),
    everybody("GET /calendar/revisions"),
    only("admin", "GET /calendar/revisions/1/moves"),
    # what runs in the background
    only("admin", "GET /jobs"),
    only("admin", "POST /jobs/{job}/retry"),
    only("admin", "GET /incidents"),
    only("admin", "POST /incidents/{incident}/retry", 409),
    only("admin", "POST /incidents/{incident}/resolve", 200, {"comment": "x"}),
    only(OVERSEERS, "GET /audit"),
    # supervision: {card} and {order} are for the worker, who is offered the task of the case
    only(OVERSEERS, "GET /board"),
    only(OVERSEERS, "GET /board/cases"),
    everybody("GET /cards"),
    seen_by(f"{OVERSEERS} worker", "GET /cards/{card}"),
    only("supervisor", "POST /cards", 201, {"no": "{no}", "level": "red", "reason": "x"}),
    only("supervisor", "POST /cards/{card}/confirm", 409),
    seen_by("worker", "POST /cards/{card}/sign", forbidden=OVERSEERS),
    seen_by("worker", "POST /cards/{card}/answer", 200, {"text": "x"}, forbidden=OVERSEERS),
    seen_by("", "POST /cards/{card}/appeal", 200, {"text": "x"}, forbidden=OVERSEERS, conflict="worker"),  # no process
    only("supervisor", "POST /cards/{card}/close", 409, {"reason": "x"}),
    only("supervisor", "POST /cards/{card}/withdraw", 200, {"reason": "x"}),
    only("supervisor", "POST /cards/{card}/escalate", 200, {"text": "x"}),
    everybody("GET /supervision-orders"),
    seen_by(f"{OVERSEERS} worker", "GET /supervision-orders/{order}"),
    only("supervisor", "POST /supervision-orders", 201, {"no": "{no}", "level": 1, "text": "x"}),
    seen_by("worker", "POST /supervision-orders/{order}/answer", 200, {"text": "x"}, forbidden=OVERSEERS),
    only("supervisor", "POST /supervision-orders/{order}/return", 409, {"reason": "x"}),
    only("supervisor", "POST /supervision-orders/{order}/escalate", 200, {"reason": "x"}),
    only("supervisor", "POST /supervision-orders/{order}/close", 200, {"reason": "x"}),
    seen_by("supervisor starter", "POST /tasks/{task}/urge", forbidden="admin auditor holder candidate"),
    only("supervisor", "POST /urges", 200, {"task_ids": ["nothing"]}),
    seen_by(SEES, "GET /process-instances/{instance}/urges"),
    only(OVERSEERS, "GET /scans"),
    only("supervisor", "POST /scans"),
    only(OVERSEERS, "GET /scans/nothing/findings", 404),
    Row("POST /scan-findings/nothing/answer", {404: REST}, {"answer": "finish"}),
    only(OVERSEERS, "GET /card-rules"),
    only("admin supervisor", "PUT /card-rules", 200, {"shipped": "hunan"}),
    # the document itself
    everybody("GET /openapi.json"),
]


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Any:
    with databases.opened(database_url, Rehearsal) as database:
        world = World(Site(database, tmp_path / "uploads"))
        database.rehearsing = True
        yield world
        database.rehearsing = False


def send(world: World, client: Client, row: Row) -> TestResponse:
    method, _, path = world.fill(row.request).partition(" ")
    if row.files:
        data = {row.field: [(io.BytesIO(content), name) for name, content in row.files.items()]}
        return client.call(method, path, data=data, content_type="multipart/form-data")
    return client.call(method, path, **({} if row.body is None else {"json": world.filled(row.body)}))


def expected(row: Row, caller: str) -> int:
    found = [status for status, callers in row.expected.items() if caller in callers.split()]
    assert len(found) <= 1, f"{row.request}: {caller} stands twice"
    return found[0] if found else next(status for status, callers in row.expected.items() if callers == REST)


def endpoint_of(row: Row) -> Endpoint:
    """The endpoint whose path fits, the one with the fewest variables first."""
    method, _, address = row.request.partition(" ")
    path = address.partition("?")[0]
    fitting = [
        endpoint
        for endpoint in ENDPOINTS
        if endpoint.method == method and re.fullmatch(re.sub(r"<[^>]*>", "[^/]+", endpoint.path), path)
    ]
    assert fitting, f"{row.request}: no such endpoint"
    return min(fitting, key=lambda endpoint: endpoint.path.count("<"))


DECLARED = {(endpoint.method, f"/api/v1{endpoint.path}") for endpoint in ENDPOINTS}


def routes(app: Flask) -> set[tuple[str, str]]:
    """What the application answers below the prefix of the API, whoever put it there."""
    below = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    return {(method, rule.rule) for rule in below for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def test_every_endpoint_has_a_row():
    rows = Counter((endpoint_of(row).method, endpoint_of(row).path) for row in TABLE)

    assert [f"{e.method} {e.path}" for e in ENDPOINTS if not rows[e.method, e.path]] == []


def test_every_route_below_the_prefix_is_a_declared_endpoint(site: Site):
    assert routes(site.app) == DECLARED


@pytest.mark.parametrize(("path", "method"), [("/phrases", "PUT"), ("/made-up", "GET"), ("/tasks/<task_id>", "POST")])
def test_a_route_that_was_put_beside_the_declared_ones_is_noticed(site: Site, path: str, method: str):
    """Also another method of a path that is declared; its own policy does not help it past the table."""
    app = create_app(site.house.engine, site.house.queries)
    app.add_url_rule(f"/api/v1{path}", "beside", public(lambda **_: "x"), methods=[method])

    assert routes(app) - DECLARED == {(method, f"/api/v1{path}")}


def test_every_endpoint_answers_every_kind_of_caller_as_the_table_says(world: World):
    wrong = []
    for row in TABLE:
        for caller in ROLES:
            answer = send(world, world.callers[caller], row)
            if answer.status_code != expected(row, caller):
                wrong.append(
                    (row.request, caller, expected(row, caller), answer.status_code, answer.get_data(True)[:200])
                )

    assert wrong == []


def test_nobody_gets_anything_but_the_document(world: World):
    nobody = Client(world.site.app, None)
    wrong = []
    for row in TABLE:
        wanted = 200 if endpoint_of(row).policy.reach is Reach.PUBLIC else 401
        answer = send(world, nobody, row)
        if answer.status_code != wanted:
            wrong.append((row.request, wanted, answer.status_code))

    assert wrong == []


def test_a_token_without_the_needed_scope_gets_nothing_whoever_it_stands_for(world: World):
    wrong = []
    for row in TABLE:
        verb = endpoint_of(row).policy.verb
        if verb is None:
            continue
        for caller in ("admin", "holder"):
            answer = send(world, world.without_scope(caller, verb), row)
            if answer.status_code != 403:
                wrong.append((row.request, caller, answer.status_code, answer.get_data(True)[:200]))

    assert wrong == []
