"""The verbs of approving in Chromium, each pressed by the person whose it is, all of them in windows open side by side."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.commands.tasks.handling import CompleteTask
from engine.store.rows import people
from tests.browser.bureau import DESKTOP, Bureau
from tests.integration.engine.house import bpmn, flows

pytestmark = pytest.mark.browser

# 周婷 drafts and files, 吴刚 reviews, 高远, 张建国 and 李强 vote.
MEMO = bpmn(
    '<startEvent id="s"/><userTask id="draft" name="拟稿" banjie:assignee="shipin" banjie:outcomes="submit:送审"/>'
    '<userTask id="review" name="审核" banjie:assignee="shenhe" banjie:outcomes="agree:同意,refuse:不同意"/>'
    '<userTask id="vote" name="班子会签" banjie:candidateUsers="juzhang,qiantou,xiaofang" banjie:ballot="majority" '
    'banjie:outcomes="agree:同意,disagree:不同意" banjie:onReject="return:review"/>'
    '<userTask id="file" name="归档" banjie:assignee="shipin"/><endEvent id="e"/>'
    + flows("s-draft", "draft-review", "review-vote", "vote-file", "file-e"),
    key="memo",
).replace(b'name="memo"', 'name="公文审批"'.encode())


def memo(bureau: Bureau, title: str, *, upto: str = "review") -> str:
    """A memo that has come to 审核 (or stands at 拟稿, or in the ballot); the address of its task."""
    if bureau.queries.definitions.latest("memo") is None:
        bureau.engine.execute(DeployResources(name="公文审批", files={"memo.bpmn": MEMO}), actor=OPERATOR)
    address = bureau.start(title, by="shipin", key="memo")
    for login, outcome, reached in (("shipin", "submit", "review"), ("shenhe", "agree", "vote")):
        if upto in ("draft", "review" if reached == "vote" else ""):
            break
        with bureau.engine.database.read() as connection:
            actor = people.actor(connection, login)
        command = CompleteTask(task_id=address.rsplit("/", 1)[1], outcome=outcome)
        instance = bureau.engine.execute(command, actor=actor)["instance_id"]
        address = task(bureau, instance)
    return address


def task(bureau: Bureau, instance: str, login: str | None = None) -> str:
    """The address of the open task of an instance, or of the one that ``login`` holds."""
    rows = bureau.queries.tasks.open(instance_id=instance).rows
    return f"/tasks/{next(row['id'] for row in rows if login in (None, row['assignee']))}"


def instance_of(bureau: Bureau, address: str) -> str:
    row = bureau.queries.tasks.get(address.rsplit("/", 1)[1])
    assert row is not None
    return str(row["instance_id"])


def open_verb(page: Page, name: str) -> Locator:
    """Press the button of a verb; its form."""
    page.locator(".bj-verb > summary", has_text=re.compile(f"^{name}$")).click()
    return page.locator(".bj-verb[open]")


def said(page: Page, text: str) -> None:
    expect(page.locator(".bj-message").filter(has_text=text).first).to_be_visible()


def open_of(page: Page, title: str) -> None:
    """Open a task from one's own to-do list."""
    page.goto("/inbox?view=all")
    page.get_by_role("link", name=title, exact=True).click()


def test_return_straight_back_withdraw_vote_and_reject(bureau: Bureau) -> None:
    title = "采购请示"
    address = memo(bureau, title)
    instance = instance_of(bureau, address)
    drafter, reviewer = bureau.desk("shipin").page, bureau.desk("shenhe", size=DESKTOP).page

    reviewer.goto(address)
    form = open_verb(reviewer, "退回")  # its form comes when it is opened
    form.get_by_label("拟稿").check()
    form.get_by_label("直接回到我").check()
    form.get_by_label("退回原因").fill("写明金额")
    form.get_by_role("button", name="确认退回").click()
    said(reviewer, "「审核」已退回。")

    open_of(drafter, title)
    expect(drafter.locator(".bj-do__note")).to_contain_text("吴刚 于 2026-11-24 10:20 退回")
    expect(drafter.locator(".bj-do__note")).to_contain_text("写明金额")
    drafter.get_by_role("button", name="送审").click()
    said(drafter, "「拟稿」已办理。")

    open_of(reviewer, title)
    reviewer.get_by_role("button", name="同意", exact=True).click()
    said(reviewer, "「审核」已办理。")
    reviewer.goto("/inbox/done")
    reviewer.get_by_role("row", name=title).filter(has_text="同意").get_by_role("link", name=title).first.click()
    form = open_verb(reviewer, "撤回")
    form.get_by_label("原因").fill("看漏一处")
    form.get_by_role("button", name="确认撤回").click()
    said(reviewer, "「审核」已撤回，请重新办理。")
    reviewer.get_by_role("button", name="同意", exact=True).click()
    said(reviewer, "「审核」已办理。")

    voters = {
        login: bureau.desk(login, scripts=login != "xiaofang").page for login in ("juzhang", "qiantou", "xiaofang")
    }
    for login, page in voters.items():
        page.goto(task(bureau, instance, login))
    for login, vote in (("juzhang", "同意"), ("qiantou", "不同意"), ("xiaofang", "不同意")):  # 李强 has no scripts
        voters[login].fill("#comment", f"{vote}。")
        voters[login].get_by_role("button", name=vote, exact=True).click()
        said(voters[login], "「班子会签」已办理。")

    open_of(reviewer, title)
    story = reviewer.locator(".bj-timeline")
    expect(story).to_contain_text("会签未通过：班子会签")
    expect(story).to_contain_text("同意 1 · 反对 2 · 弃权 0")
    expect(story).to_contain_text("审核：退回到「拟稿」，补正后直接送回")
    expect(reviewer.locator(".bj-do__note")).to_contain_text("退回")


def test_transfer_delegate_recall_add_and_remove_signers(bureau: Bureau) -> None:
    title = "接待请示"
    address = memo(bureau, title)
    instance = instance_of(bureau, address)
    reviewer, lawyer, auditor = (bureau.desk(login).page for login in ("shenhe", "fazhi", "ducha"))

    reviewer.goto(address)
    form = open_verb(reviewer, "转办")
    form.get_by_label("转给").select_option("fazhi")
    form.get_by_label("原因").fill("出差")
    form.get_by_role("button", name="确认转办").click()
    said(reviewer, "「审核」已转办。")

    open_of(lawyer, title)
    expect(lawyer.locator(".bj-facts")).to_contain_text("吴刚 → 曾毅 出差")
    form = open_verb(lawyer, "委派")
    form.get_by_label("委派给").select_option("ducha")
    form.get_by_label("请其答复的事").fill("标准合规吗？")
    form.get_by_role("button", name="确认委派").click()
    said(lawyer, "已委派，等答复后再由您办理。")

    open_of(auditor, title)
    expect(auditor.locator(".bj-do__note")).to_contain_text("标准合规吗？")
    expect(auditor.get_by_role("button", name="同意", exact=True)).to_have_count(0)  # an opinion only
    auditor.fill("#comment", "合规")
    auditor.get_by_role("button", name="提交", exact=True).click()
    said(auditor, "「审核」已办理。")

    lawyer.goto(address)
    asked = lawyer.get_by_role("region", name="征询与加签")
    expect(asked).to_contain_text("合规")
    form = open_verb(lawyer, "委派")
    form.get_by_label("委派给").select_option("gongkai")
    form.get_by_role("button", name="确认委派").click()
    lawyer.get_by_role("button", name="撤回委派").click()
    said(lawyer, "已撤回委派，请继续办理。")

    form = open_verb(lawyer, "加签")
    form.get_by_label("第 1 人").select_option("ducha")
    form.get_by_text("再加几人").click()
    form.get_by_label("第 2 人").select_option("gongkai")
    form.get_by_label("顺序").select_option(label="按上面的顺序依次签")
    form.get_by_role("button", name="确认加签").click()
    said(lawyer, "已加签。")
    asked.get_by_role("row", name="沈悦").filter(has_text="还没轮到").get_by_role("button", name="减签").click()
    said(lawyer, "已减签。")
    auditor.goto(task(bureau, instance, "ducha"))
    auditor.get_by_role("button", name="提交", exact=True).click()
    said(auditor, "「审核」已办理。")

    lawyer.goto(address)
    form = open_verb(lawyer, "加签")
    form.get_by_label("位置").select_option("after")
    form.get_by_label("第 1 人").select_option("ducha")
    form.get_by_role("button", name="确认加签").click()
    said(lawyer, "已加签。")
    lawyer.get_by_role("button", name="同意", exact=True).click()
    said(lawyer, "「审核」已办理。")
    auditor.goto(task(bureau, instance, "ducha"))
    expect(auditor.locator(".bj-do")).to_contain_text("后加签")
    auditor.get_by_role("button", name="提交", exact=True).click()
    said(auditor, "「审核」已办理。")

    head = bureau.desk("juzhang").page
    head.goto(task(bureau, instance, "juzhang"))
    form = open_verb(head, "加签")
    form.get_by_label("位置").select_option("beside")
    form.get_by_label("第 1 人").select_option("fazhi")
    form.get_by_label("权限").select_option("decide")
    form.get_by_role("button", name="确认加签").click()
    said(head, "已加签。")
    ballot = head.get_by_role("region", name="会签 0/4")
    expect(ballot.get_by_role("row", name="曾毅")).to_contain_text("加签加入")


def test_copies_mentions_urges_and_recusal(bureau: Bureau) -> None:
    title = "公章启用"
    address = memo(bureau, title)
    drafter, reviewer, told = (bureau.desk(login).page for login in ("shipin", "shenhe", "gongkaizhang"))

    reviewer.goto(address)
    form = open_verb(reviewer, "抄送")
    form.get_by_label("抄送给").select_option("gongkaizhang")
    form.get_by_label("附言").fill("请知悉")
    form.get_by_role("button", name="确认抄送").click()
    said(reviewer, "已抄送 1 人：邓华。")
    form = open_verb(reviewer, "说几句")
    form.get_by_label("内容").fill("@shipin 还缺附件")
    form.get_by_role("button", name="发表").click()
    said(reviewer, "已发表。")
    expect(reviewer.locator("#talk")).to_contain_text("未阅")

    told.goto("/inbox/copies")
    told.get_by_role("link", name=title).click()
    expect(told.locator("#talk")).to_contain_text("还缺附件")
    reviewer.reload()
    expect(reviewer.locator("#talk")).to_contain_text("已阅")

    drafter.goto("/notices")
    expect(drafter.locator("main")).to_contain_text(title)
    drafter.goto(address)
    form = open_verb(drafter, "催办")
    form.get_by_label("催办的话").fill("今天要用")
    form.get_by_role("button", name="确认催办").click()
    said(drafter, "已催办 1 人。")

    reviewer.goto("/notices")
    expect(reviewer.locator("main")).to_contain_text("今天要用")
    reviewer.goto(address)
    reviewer.on("dialog", lambda dialog: dialog.accept())
    form = open_verb(reviewer, "回避")
    form.get_by_label("原因").fill("申请人是亲属")
    form.get_by_role("button", name="我要回避").click()
    expect(reviewer.locator(".bj-message").first).to_be_visible()
    row = bureau.queries.tasks.get(address.rsplit("/", 1)[1])
    assert row is not None and row["assignee"] != "shenhe"


def test_a_proxy_without_scripts_and_an_english_reader_too_late(bureau: Bureau) -> None:
    address = memo(bureau, "代办的件", upto="vote")
    instance = instance_of(bureau, address)
    head, proxy = bureau.desk("juzhang", scripts=False).page, bureau.desk("gongkaizhang", scripts=False).page
    head.goto("/proxies")
    head.get_by_label("代理人").select_option("gongkaizhang")
    head.get_by_label("开始").fill("2026-11-24T09:00")
    head.get_by_label("结束（不含）").fill("2026-12-01T00:00")
    head.get_by_label("方式").select_option("share")
    head.get_by_role("button", name="保存").click()
    said(head, "代理已保存。")
    late = bureau.desk("juzhang").page
    late.goto(f"{task(bureau, instance, 'juzhang')}?lang=en")
    late.fill("#comment", "my own words")

    proxy.goto("/proxies")
    proxy.get_by_role("row", name="代办的件").get_by_role("button", name="代办").click()
    said(proxy, "已由您代办。")
    proxy.get_by_role("button", name="同意", exact=True).click()
    said(proxy, "「班子会签」已办理。")

    late.get_by_role("button", name="同意", exact=True).click()  # the label is the model's
    said(late, "Nothing was changed")
    expect(late.locator(".bj-message").filter(has_text="my own words")).to_be_visible()
    expect(late.locator(".bj-timeline")).to_contain_text("for 高远")
    expect(late.get_by_role("heading", name="What happened")).to_be_visible()
    late.goto("/inbox?lang=zh")


def test_claim_give_back_and_cancel_while_a_colleague_looks(bureau: Bureau) -> None:
    title = "印章刻制"
    address = bureau.start(title, by="shipin")
    instance = instance_of(bureau, address)
    first, second, starter = (bureau.desk(login).page for login in ("chuangkou2", "chuangkou", "shipin"))

    first.goto(address)
    second.goto(address)
    first.get_by_role("button", name="认领").click()
    said(first, "已认领，请办理。")
    second.get_by_role("button", name="认领").click()
    said(second, "已由 刘洋 于 2026-11-24 10:20 认领，您可以查看，不能办理。")

    first.get_by_role("button", name="放回待认领").click()
    said(first, "已放回，其他人可以认领。")
    second.goto("/inbox/offered?view=all")
    second.get_by_role("row", name=title).get_by_role("button", name="认领").click()
    said(second, "已认领，请办理。")

    starter.goto(f"/instances/{instance}")
    starter.get_by_role("link", name="撤销申请").click()
    starter.fill("#cancel-reason", "不刻了")
    starter.get_by_role("button", name="确认撤销").click()
    said(starter, "已撤销。")

    second.fill("#comment", "材料齐全")
    second.get_by_role("button", name="批准").click()
    expect(
        second.locator(".bj-message").filter(has_text="材料齐全")
    ).to_be_visible()  # nothing was sent, and the words are back
    row = bureau.queries.tasks.get(address.rsplit("/", 1)[1])
    assert row is not None and row["state"] == "cancelled"


def test_several_at_once_while_another_decides_one_of_them(bureau: Bureau) -> None:
    first, second = memo(bureau, "批办一"), memo(bureau, "批办二")
    many, other = bureau.desk("shenhe").page, bureau.desk("shenhe").page
    many.goto("/inbox?q=批办")
    other.goto(first)
    many.locator("[data-tick-all]").check()
    other.get_by_role("button", name="不同意", exact=True).click()
    said(other, "「审核」已办理。")

    many.locator("summary", has_text="批量同意").click()
    many.locator("button[value=approve]").click()

    expect(many.get_by_text("已同意 1 件。")).to_be_visible()
    expect(many.get_by_role("row", name="批办一")).to_contain_text("已由 吴刚 于 2026-11-24 10:20 办理")
    row = bureau.queries.tasks.get(second.rsplit("/", 1)[1])
    assert row is not None and row["outcome"] == "agree"
