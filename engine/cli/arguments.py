"""What can be typed after ``./banjie``: every command with its arguments and its help, and nothing that does the work.

Standard library only, so that help and mistakes are shown before anything is installed. Each command names the function
that does the work as ``module:function``; ``engine.cli.__main__`` imports it when it is needed.
"""

import argparse
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

# What must be installed before a command can run: lock files in requirements/, and "assets" for the browser parts.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "run": ("run", "assets"),
    "setup": ("run", "assets"),
    "test": ("run", "dev"),
}
DEFAULT_NEEDS = ("run",)


class Help(argparse.RawTextHelpFormatter):
    """Leaves lines as they are written: argparse wraps by characters and does not know that Chinese ones are wide."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, max_help_position=20, width=100, **options)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法 usage: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """An argument parser whose own words are Chinese and English too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, formatter_class=Help, **options)
        self._optionals.title = "选项 options"
        self._positionals.title = "参数 arguments"
        self.add_argument("-h", "--help", action="help", help="显示帮助 · show this help")

    def error(self, message: str) -> NoReturn:
        """End with status 2, the mistake, and where the help is."""
        self.exit(2, f"✗ 参数有误 · wrong arguments: {message}\n  {self.prog} --help\n")


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(
        prog="./banjie", description="办结 · 行政审批流程引擎\nBanjie · approval processes: BPMN in, task inboxes out"
    )
    commands = top.add_subparsers(
        dest="command", title="命令 commands", metavar="命令 command", required=True, parser_class=Parser
    )
    for add in (
        _run,
        _worker,
        _test,
        _setup,
        _check,
        _deploy,
        _user,
        _token,
        _calendar,
        _jobs,
        _history,
        _bench,
        _migrate,
    ):
        add(commands)
    top.epilog = "每个命令都有自己的帮助 · every command has its own help: ./banjie run --help"
    return top


def needs(command: str) -> tuple[str, ...]:
    """Return what must be installed before ``command`` can run."""
    return NEEDS.get(command, DEFAULT_NEEDS)


# ---------------------------------------------------------------- pieces


def _command(commands: Any, name: str, handler: str, zh: str, en: str, *, examples: Iterable[str] = ()) -> Parser:
    epilog = "\n".join(["例 · examples:", *(f"  {line}" for line in examples)]) if examples else None
    made: Parser = commands.add_parser(name, help=f"{zh} · {en}", description=f"{zh}\n{en}", epilog=epilog)
    made.set_defaults(handler=f"engine.cli.{handler}")
    return made


def _group(commands: Any, name: str, zh: str, en: str) -> Any:
    made: Parser = commands.add_parser(name, help=f"{zh} · {en}", description=f"{zh}\n{en}")
    return made.add_subparsers(
        dest="action", title="动作 actions", metavar="动作 action", required=True, parser_class=Parser
    )


def _storage(command: Parser) -> None:
    command.add_argument(
        "--database",
        metavar="URL",
        help="数据库，也可用环境变量 BANJIE_DATABASE；缺省是数据文件夹里的 SQLite\n"
        "database, or BANJIE_DATABASE in the environment; a SQLite file in the data folder otherwise",
    )
    command.add_argument(
        "--var",
        metavar="DIR",
        help="数据文件夹（密钥、数据库、上传的材料），也可用 BANJIE_VAR；缺省 var/\n"
        "folder for secret, database and uploads, or BANJIE_VAR in the environment; var/ otherwise",
    )


def _machine_readable(command: Parser) -> None:
    command.add_argument("--json", action="store_true", help="输出 JSON · print JSON")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(
            f"端口应为 0 到 65535 的整数 a port is a whole number from 0 to 65535, not {text!r}"
        )
    return int(text)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"应为正整数 a positive whole number is needed, not {text!r}")
    return int(text)


# ---------------------------------------------------------------- the commands


def _run(commands: Any) -> None:
    command = _command(
        commands,
        "run",
        "serve:run",
        "启动：网页、接口和后台任务",
        "start the pages, the API and the background jobs",
        examples=(
            "./banjie run",
            "./banjie run --port 8080",
            "./banjie run --database postgresql+psycopg://banjie@localhost/banjie",
        ),
    )
    command.add_argument("--host", default="127.0.0.1", help="监听地址 · address to listen on (127.0.0.1)")
    command.add_argument("--port", type=_port, default=8000, help="端口 · port (8000)")
    command.add_argument(
        "--no-jobs", action="store_true", help="不执行后台任务（另开 worker）· leave the jobs to ./banjie worker"
    )
    command.add_argument("--job-threads", type=_positive, default=2, help="后台任务线程数 · threads for jobs (2)")
    command.add_argument(
        "--https", action="store_true", help="用户经 https 访问 · people reach it by https, through a proxy"
    )
    command.add_argument(
        "--proxies", type=int, default=0, choices=range(4), help="前面可信代理的层数 · trusted proxies in front (0)"
    )
    _storage(command)


def _worker(commands: Any) -> None:
    command = _command(
        commands, "worker", "background:worker", "只执行后台任务", "run background jobs only, beside ./banjie run"
    )
    command.add_argument("--threads", type=_positive, default=4, help="线程数 · threads (4)")
    _storage(command)


def _test(commands: Any) -> None:
    command = _command(
        commands,
        "test",
        "testing:run",
        "运行测试；其余参数交给 pytest",
        "run the tests; further arguments go to pytest",
        examples=("./banjie test", "./banjie test tests/unit -k calendar"),
    )
    command.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="...", help="pytest 的参数 · arguments of pytest"
    )


def _setup(commands: Any) -> None:
    _command(commands, "setup", "launcher:ready", "只做安装，不启动", "install everything, start nothing")


def _check(commands: Any) -> None:
    command = _command(
        commands,
        "check",
        "checking:check",
        "检查 BPMN 文件、表单和事项，逐条指出元素和行号",
        "check BPMN files, forms and items; name every fault by element and line",
        examples=("./banjie check leave.bpmn", "./banjie check --json processes/*/process.bpmn"),
    )
    command.add_argument("files", nargs="+", metavar="FILE", help="BPMN 文件 · BPMN files")
    _machine_readable(command)
    command.add_argument(
        "--normalise", action="store_true", help="同意规范化修改后再检查 · apply the listed normalisations"
    )


def _deploy(commands: Any) -> None:
    command = _command(
        commands,
        "deploy",
        "deploying:deploy",
        "部署流程：BPMN 与表单文件，或事项文件夹",
        "deploy processes: BPMN and form files, or folders of items",
        examples=("./banjie deploy leave.bpmn leave.form", "./banjie deploy processes/construction_permit"),
    )
    command.add_argument("files", nargs="+", metavar="FILE", help="文件或文件夹 · files or folders")
    command.add_argument("--name", default="", help="部署名称 · name of the deployment")
    command.add_argument("--comment", default="", help="说明 · what changed")
    command.add_argument("--dry-run", action="store_true", help="只检查不部署 · check only")
    command.add_argument("--normalise", action="store_true", help="同意规范化修改 · apply the listed normalisations")
    _machine_readable(command)
    _storage(command)


def _user(commands: Any) -> None:
    actions = _group(commands, "user", "人员账号", "accounts of people")
    listing = _command(actions, "list", "people:list_people", "列出账号", "list the accounts")
    _machine_readable(listing)
    add = _command(
        actions,
        "add",
        "people:add_person",
        "新建账号，打印一次初始密码",
        "add an account and print its first password once",
        examples=("./banjie user add zhang.san --name 张三 --role staff --group window",),
    )
    add.add_argument("login", help="登录名 · login")
    add.add_argument("--name", required=True, help="姓名 · name")
    add.add_argument("--department", metavar="CODE", help="部门代码 · code of the department")
    add.add_argument("--role", action="append", default=[], help="角色，可多次 · role, repeatable")
    add.add_argument("--group", action="append", default=[], help="候选组，可多次 · candidate group, repeatable")
    password = _command(
        actions, "password", "people:reset_password", "重设密码，打印一次", "set a new password and print it once"
    )
    password.add_argument("login", help="登录名 · login")
    disable = _command(actions, "disable", "people:disable_person", "停用账号", "disable an account")
    disable.add_argument("login", help="登录名 · login")
    enable = _command(actions, "enable", "people:enable_person", "恢复账号", "enable an account again")
    enable.add_argument("login", help="登录名 · login")
    for action in (listing, add, password, disable, enable):
        _storage(action)


def _token(commands: Any) -> None:
    actions = _group(commands, "token", "接口令牌", "tokens for the API")
    create = _command(
        actions,
        "create",
        "people:create_token",
        "新建令牌，打印一次",
        "create a token and print it once",
        examples=("./banjie token create admin --name import --scope read --scope cases",),
    )
    create.add_argument("login", help="令牌所属账号 · the account that it acts for")
    create.add_argument("--name", required=True, help="用途 · what it is for")
    create.add_argument("--scope", action="append", default=[], help="权限范围，可多次 · scope, repeatable (read)")
    create.add_argument("--days", type=_positive, default=90, help="有效天数 · days until it expires (90)")
    listing = _command(actions, "list", "people:list_tokens", "列出令牌", "list the tokens")
    _machine_readable(listing)
    revoke = _command(actions, "revoke", "people:revoke_token", "作废令牌", "revoke a token")
    revoke.add_argument("id", help="令牌编号 · id of the token")
    for action in (create, listing, revoke):
        _storage(action)


def _calendar(commands: Any) -> None:
    actions = _group(commands, "calendar", "工作日历", "the working calendar")
    load = _command(
        actions,
        "import",
        "office:import_calendar",
        "导入一年的节假日安排",
        "import the holidays and working weekends of a year",
        examples=("./banjie calendar import 2027.toml",),
    )
    load.add_argument("files", nargs="+", metavar="FILE", help="年度安排文件 · file of one year")
    show = _command(actions, "show", "office:show_calendar", "显示已录入的年份", "show the years that are loaded")
    _machine_readable(show)
    for action in (load, show):
        _storage(action)


def _jobs(commands: Any) -> None:
    actions = _group(commands, "jobs", "后台任务", "background jobs")
    listing = _command(actions, "list", "office:list_jobs", "列出等待和失败的任务", "list waiting and dead jobs")
    listing.add_argument("--dead", action="store_true", help="只列失败的 · dead ones only")
    listing.add_argument("--limit", type=_positive, default=50, help="最多条数 · at most so many (50)")
    _machine_readable(listing)
    retry = _command(actions, "retry", "office:retry_job", "重试一个失败的任务", "run a dead job again")
    retry.add_argument("id", help="任务编号 · id of the job")
    for action in (listing, retry):
        _storage(action)


def _history(commands: Any) -> None:
    actions = _group(commands, "history", "办理历史", "the history")
    verify = _command(
        actions,
        "verify",
        "histories:verify",
        "核对历史的校验链，指出第一处被改动的记录",
        "verify the hash chains and name the first record that was changed",
        examples=("./banjie history verify", "./banjie history verify --anchors /mnt/worm/anchors.jsonl"),
    )
    verify.add_argument("instances", nargs="*", metavar="INSTANCE", help="流程实例，缺省为全部 · instances (all)")
    verify.add_argument(
        "--anchors",
        metavar="FILE",
        help="再与锚点文件核对：指出之后消失、变短或被改写的历史\n"
        "hold the histories against a file of anchors too: name what vanished, shrank or was rewritten",
    )
    _machine_readable(verify)
    anchor = _command(
        actions,
        "anchor",
        "histories:anchor",
        "立即写入一个锚点：数据库之外的、所有历史末端的记录（后台每天写一次）",
        "write an anchor now: where all histories end, told outside of the database (the jobs do it daily)",
        examples=("./banjie history anchor", "./banjie history anchor --file /mnt/worm/anchors.jsonl"),
    )
    anchor.add_argument(
        "--file",
        metavar="FILE",
        help="锚点文件，也可用 BANJIE_ANCHORS；缺省是数据文件夹里的 anchors.jsonl\n"
        "file to append to, or BANJIE_ANCHORS in the environment; anchors.jsonl in the data folder otherwise",
    )
    _machine_readable(anchor)
    for action in (verify, anchor):
        _storage(action)


def _bench(commands: Any) -> None:
    command = _command(commands, "bench", "bench:run", "测量速度", "measure the speed on a database of its own")
    command.add_argument(
        "--database", metavar="URL", help="空的测试数据库，缺省为临时文件 · an empty database (a temporary SQLite file)"
    )
    command.add_argument("--quick", action="store_true", help="少量数据 · small amounts")
    command.add_argument("--only", choices=("board", "clocks"), help="只测一部分：看板、时限 · one part: board, limits")
    _machine_readable(command)


def _migrate(commands: Any) -> None:
    command = _command(
        commands,
        "migrate",
        "schema:migrate",
        "升级数据库结构（run 会自动做）",
        "bring the database to this version's schema (run does it by itself)",
        examples=("./banjie migrate", "./banjie migrate check", './banjie migrate revision -m "add the seal register"'),
    )
    command.add_argument(
        "action",
        nargs="?",
        default="upgrade",
        choices=("upgrade", "current", "check", "revision"),
        help="upgrade 升级 · current 当前版本 · check 与代码核对 · revision 生成新的一步 (upgrade)",
    )
    command.add_argument("-m", "--message", help="revision 的说明 · what the revision does")
    _storage(command)


def parse(typed: list[str]) -> argparse.Namespace:
    """Parse what was typed; ends the program with help or with the mistake."""
    return parser().parse_args(typed or ["--help"])
