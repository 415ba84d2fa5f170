"""标黄: the form of a task marks what is different since the step before, in words too, and never what one may not see."""

from engine.commands.tasks.handling import CompleteTask
from tests.integration.web import samples
from tests.integration.web.office import Browser, Office

STEPS = samples.PURCHASE.replace(
    b'<userTask id="chief"',
    b'<userTask id="chief" banjie:formKey="review" banjie:fields="amount:read,reason:hidden" banjie:outcomes="agree"',
)


def before_the_chief(office: Office, **values: object) -> Browser:
    """boss before the task behind the review, which has sent ``values``."""
    office.deploy(purchase__bpmn=STEPS, apply__form=samples.APPLY_FORM, review__form=samples.REVIEW_FORM)
    office.employ("boss")
    instance = office.house.start("purchase", project="空调", amount=500, reason="旧", urgent=False)
    task = office.house.task(instance)["id"]
    command = CompleteTask(task_id=task, outcome="approve", variables=values)
    office.house.engine.execute(command, actor=office.house.person("li", "reviewers"))
    boss = Browser(office.app.test_client(), "boss").sign_in()
    boss.get(office.task(instance, "chief"))
    return boss


def marked(browser: Browser) -> dict[str, str]:
    """{label: sentence} of the fields that are marked."""
    return {
        field.select_one(".bj-label, h3, .bj-check span").get_text(strip=True): note.get_text(strip=True)  # type: ignore[union-attr]
        for field in browser.page.select(".bj-changed")
        for note in field.select(".bj-changed__note")
    }


def test_what_the_step_before_has_changed_is_marked_with_what_it_was(office: Office) -> None:
    values = {"project": "机房空调", "risk": "low", "reason": "新", "urgent": True, "goods": [{"name": "压缩机"}]}
    assert marked(before_the_chief(office, **values)) == {
        "项目名称": "上一环节有改动，原来是「空调」",
        "风险": "上一环节新填",
        "清单": "上一环节有改动",
        "是否紧急": "上一环节有改动，原来是「否」",
    }, "the reason is hidden from this step, and so is what it was"


def test_where_nothing_was_changed_nothing_is_marked(office: Office) -> None:
    boss = before_the_chief(office, project="空调", reason="旧")
    assert boss.page.select_one("#fields") is not None and marked(boss) == {}


def test_the_mark_stays_while_one_types_and_speaks_of_what_was_before(office: Office) -> None:
    boss = before_the_chief(office, project="机房空调")
    boss.send(boss.answer.request.path, {"f.project": "", "action": "outcome:agree"})
    assert boss.status == 422
    assert marked(boss) == {"项目名称": "上一环节有改动，原来是「空调」"}
