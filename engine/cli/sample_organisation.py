"""The sample bureau 星河市: departments, candidate groups, people with logins that are easy to remember, and who signs."""

from engine.access import Actor, Role
from engine.commands.administration.people import CreateDepartment, CreateGroup, CreatePerson, SetPassword
from engine.commands.administration.posts import CreatePost, LeadDepartment, SetPosts
from engine.commands.cases.issuers import ChangeIssuer
from engine.context import Command
from engine.errors import Conflict
from engine.process_engine import ProcessEngine
from engine.records import record
from engine.store.queries.admin import AdminQueries

CITY = "星河市"
STAFF, CLERK = Role.STAFF.value, Role.CLERK.value

# code: name, word of its document numbers
DEPARTMENTS: dict[str, tuple[str, str]] = {
    "spj": ("行政审批局", "星审"),
    "zjj": ("住房和城乡建设局", "星建"),
    "xfjy": ("消防救援支队", "星消"),
    "rfb": ("人民防空办公室", "星防"),
    "zaz": ("建设工程质量安全监督站", "星质安"),
    "swj": ("水务局", "星水"),
    "scjg": ("市场监督管理局", "星市监"),
    "wjw": ("卫生健康委员会", "星卫"),
    "dcs": ("督查室", "星督"),
    "szf": ("人民政府", "星政"),
    "rxzx": ("12345热线服务中心", "星热"),
    "cgj": ("城市管理局", "星城"),
    "sfj": ("司法局", "星司"),
}

# key: name, department
GROUPS: dict[str, tuple[str, str]] = {
    "window": ("综合窗口", "spj"),
    "lead_construction": ("工程建设审批科（牵头）", "spj"),
    "deciders": ("审批负责人", "spj"),
    "xfjy": ("消防", "xfjy"),
    "rfb": ("人防", "rfb"),
    "zaz": ("质量安全监督", "zaz"),
    "swj": ("排水", "swj"),
    "food_reviewers": ("食品经营许可承办", "scjg"),
    "food_auditors": ("食品经营许可审核", "scjg"),
    "hygiene_reviewers": ("公共场所卫生许可承办", "wjw"),
    "hygiene_auditors": ("公共场所卫生许可审核", "wjw"),
    "supervision_leads": ("卫生监督负责人", "wjw"),
    "inspectors": ("卫生监督员", "wjw"),
    "supervisors": ("督查：审查监察牌申诉", "dcs"),
    "government_heads": ("市政府负责人", "szf"),
    "hotline": ("热线中心：受理、派单、审核、回访", "rxzx"),
    "hotline_supervisors": ("热线督办", "dcs"),
    "hotline_cgj": ("城管局热线工单", "cgj"),
    "hotline_scjg": ("市场监管局热线工单", "scjg"),
    "hotline_swj": ("水务局热线工单", "swj"),
    "disclosure_office": ("政府信息公开机构", "spj"),
    "disclosure_keepers": ("信息保管科室：检索、拟答", "spj"),
    "disclosure_reviewers": ("合法性、保密审查", "sfj"),
    "disclosure_heads": ("公开机构负责人", "spj"),
    "registrars": ("企业登记", "scjg"),
    "registration_heads": ("登记机关负责人", "scjg"),
}

# department: who leads it, and who stands in
LEADERS: dict[str, tuple[str, ...]] = {
    "spj": ("juzhang",),
    "xfjy": ("xiaofang",),
    "rfb": ("renfang",),
    "zaz": ("zhian",),
    "swj": ("paishui",),
    "scjg": ("dengjizhang",),
    "wjw": ("jiandu",),
    "dcs": ("ducha",),
}

# post: name, who holds it in which department
POSTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "surveyor": ("现场核查员", (("hecha1", "wjw"), ("hecha2", "wjw"))),
    "examiner": ("审核员", (("shenhe", "spj"),)),
}


@record(kw_only=False)
class Sample:
    """One sample person."""

    login: str
    name: str
    department: str
    duty: str  # told at the first start
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = (STAFF,)


PEOPLE: tuple[Sample, ...] = (
    Sample("chuangkou", "陈静", "spj", "综合窗口：接件、补正、送达", ("window",), (STAFF, CLERK)),
    Sample("chuangkou2", "刘洋", "spj", "综合窗口", ("window",), (STAFF, CLERK)),
    Sample("qiantou", "张建国", "spj", "施工许可牵头部门", ("lead_construction",)),
    Sample("xiaofang", "李强", "xfjy", "并联部门：消防", ("xfjy",)),
    Sample("renfang", "王磊", "rfb", "并联部门：人防", ("rfb",)),
    Sample("zhian", "赵敏", "zaz", "并联部门：质量安全监督", ("zaz",)),
    Sample("paishui", "孙涛", "swj", "并联部门：排水", ("swj",)),
    Sample("shipin", "周婷", "scjg", "食品经营许可承办", ("food_reviewers",)),
    Sample("weisheng", "郑丽", "wjw", "公共场所卫生许可承办", ("hygiene_reviewers",)),
    Sample("shenhe", "吴刚", "spj", "食品、卫生许可审核", ("food_auditors", "hygiene_auditors")),
    Sample("juzhang", "高远", "spj", "审批负责人：作出决定", ("deciders",)),
    Sample("shizhang", "方正", "szf", "市政府负责人：批准联合办理的延期", ("government_heads",)),
    Sample("jiandu", "何芳", "wjw", "卫生监督负责人：指派核查人员", ("supervision_leads",)),
    Sample("hecha1", "冯军", "wjw", "卫生监督员：现场核查", ("inspectors",)),
    Sample("hecha2", "韩梅", "wjw", "卫生监督员：现场核查", ("inspectors",)),
    Sample("huawu", "许丽", "rxzx", "12345热线：登记、派单、审核、回访", ("hotline",), (STAFF, CLERK)),
    Sample("huawu2", "宋杰", "rxzx", "12345热线", ("hotline",), (STAFF, CLERK)),
    Sample("chengguan", "郭勇", "cgj", "热线承办：城市管理局", ("hotline_cgj",)),
    Sample("shichang", "彭飞", "scjg", "热线承办：市场监督管理局", ("hotline_scjg",)),
    Sample("shuiwu", "蒋涛", "swj", "热线承办：水务局", ("hotline_swj",)),
    Sample("gongkai", "沈悦", "spj", "信息公开：登记、审查、答复", ("disclosure_office",), (STAFF, CLERK)),
    Sample("danganshi", "罗敏", "spj", "信息公开：检索、拟答", ("disclosure_keepers",)),
    Sample("fazhi", "曾毅", "sfj", "信息公开：合法性、保密审查", ("disclosure_reviewers",)),
    Sample("gongkaizhang", "邓华", "spj", "信息公开机构负责人：延期、签发", ("disclosure_heads",)),
    Sample("dengji", "谢芳", "scjg", "企业登记：公示、异议审查、注销登记", ("registrars",)),
    Sample("dengjizhang", "潘伟", "scjg", "登记机关负责人：延期", ("registration_heads",)),
    Sample(
        "ducha",
        "林涛",
        "dcs",
        "督查：看全部办件、信用修复",
        ("hotline_supervisors", "supervisors"),
        (STAFF, Role.SUPERVISOR.value),
    ),
    Sample("shenji", "唐敏", "dcs", "审计：看全部记录", (), (Role.AUDITOR.value,)),
    Sample("sheji", "马超", "spj", "流程设计：部署流程", (), (STAFF, Role.DESIGNER.value)),
)


def found(engine: ProcessEngine, actor: Actor, password_hash: str | None) -> None:
    """Found the sample bureau, or what is missing of it. All its people sign in with the one password."""
    for code, (name, word) in DEPARTMENTS.items():
        _once(engine, actor, CreateDepartment(code=code, name=f"{CITY}{name}"))
        engine.execute(_issuer(code, name, word), actor=actor)
    ids = department_ids(engine)
    for key, (name, department) in GROUPS.items():
        _once(engine, actor, CreateGroup(key=key, name=name, department_id=ids[department]))
    for person in PEOPLE:
        create = CreatePerson(
            login=person.login,
            name=person.name,
            roles=person.roles,
            department_id=ids[person.department],
            groups=person.groups,
            password_hash=password_hash,
        )
        if not _once(engine, actor, create) and password_hash is not None:
            engine.execute(SetPassword(login=person.login, password_hash=password_hash), actor=actor)
    _appoint(engine, actor, ids)


def _appoint(engine: ProcessEngine, actor: Actor, ids: dict[str, str]) -> None:
    """Give departments without a leader theirs, and make the posts that are not there; what was changed since stays."""
    queries = AdminQueries(engine.database, engine.environment.region)
    led = {row["code"] for row in queries.departments() if row["leader"]}
    for code, (leader, *deputies) in LEADERS.items():
        if code not in led:
            command = LeadDepartment(department_id=ids[code], leader=leader, deputies=tuple(deputies))
            engine.execute(command, actor=actor)
    for key, (name, holders) in POSTS.items():
        if _once(engine, actor, CreatePost(key=key, name=name)):
            for login, code in holders:
                engine.execute(SetPosts(login=login, posts=((key, ids[code]),)), actor=actor)


def department_ids(engine: ProcessEngine) -> dict[str, str]:
    """The ids of all departments by code."""
    queries = AdminQueries(engine.database, engine.environment.region)
    return {row["code"]: row["id"] for row in queries.departments()}


def _issuer(code: str, name: str, word: str) -> ChangeIssuer:
    return ChangeIssuer(
        department=code,
        name=f"{CITY}{name}",
        word=word,
        review_organ=f"{CITY}人民政府",
        court=f"{CITY}人民法院",
        address=f"{CITY}政务服务中心",
        phone="12345",
    )


def _once(engine: ProcessEngine, actor: Actor, command: Command) -> bool:
    """Run a command that creates something; return whether it was not there before."""
    try:
        engine.execute(command, actor=actor)
    except Conflict:
        return False
    return True
