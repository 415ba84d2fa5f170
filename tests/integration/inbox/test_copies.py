"""抄送: by hand and by a node, nobody twice, with read marks, and the recipient may see the instance and no more."""

import pytest
from sqlalchemy import select

from engine.access import Verb, may
from engine.commands.tasks.comments import AddComment, WithdrawComment
from engine.commands.tasks.copies import MAX_PEOPLE, ReadCopy, SendCopies
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.store import tables
from engine.store.projections.projector import replay
from tests.integration.engine.house import House, bpmn, flows


def node(more: str = "", key: str = "p") -> bytes:
    return bpmn(
        f'<startEvent id="s"/><userTask id="t" name="审批" banjie:assignee="li" {more}/>'
        '<userTask id="u" name="归档" banjie:assignee="li"/><endEvent id="e"/>' + flows("s-t", "t-u", "u-e"),
        key=key,
    )


@pytest.fixture
def house(house: House) -> House:
    for login in ("li", "wang", "chen", "zhao"):
        house.person(login, *(("leaders",) if login in ("chen", "zhao") else ()))
    return house


def send(house: House, instance: str, *recipients: str, by: str = "li", **more: str) -> dict[str, list[str]]:
    command = SendCopies(instance_id=instance, recipients=recipients, **more)  # type: ignore[arg-type]
    return house.engine.execute(command, actor=house.actors[by])


def sees(house: House, login: str, instance: str) -> bool:
    facts = house.queries.instances.facts(instance)
    return may(house.actors[login], Verb.VIEW_INSTANCE, facts).allowed


def test_a_copy_is_sent_once_for_each_person_and_step(house: House) -> None:
    house.deploy(node())
    instance = house.start("p")
    task = house.task(instance)["id"]

    first = send(house, instance, "wang", "chen", "wang", task_id=task)
    second = send(house, instance, "wang", "zhao", task_id=task)
    third = send(house, instance, "wang")  # of the whole instance: another thing

    assert first == {"sent": ["wang", "chen"], "already": [], "nobody": []}
    assert second == {"sent": ["zhao"], "already": ["wang"], "nobody": []}
    assert third["sent"] == ["wang"]


def test_the_sender_sees_who_has_read_and_the_first_time_counts(house: House) -> None:
    house.deploy(node())
    instance = house.start("p")
    send(house, instance, "wang", "chen")
    wang = house.actors["wang"]
    copy = house.queries.inbox.copies(wang).rows[0]
    assert house.queries.inbox.unread_copies(wang) == 1

    for _ in range(2):
        house.engine.execute(ReadCopy(copy_id=copy["id"]), actor=wang)

    assert {row["recipient"]: row["read_at"] is not None for row in house.queries.inbox.copies_of(instance)} == {
        "wang": True,
        "chen": False,
    }
    assert house.queries.inbox.unread_copies(wang) == 0
    assert house.queries.inbox.copies(wang, unread=True).rows == []
    assert house.kinds(instance).count("CopyRead") == 1
    with pytest.raises(NotFound):
        house.engine.execute(ReadCopy(copy_id=copy["id"]), actor=house.actors["chen"])


def test_whoever_gets_a_copy_may_see_and_talk_but_not_pass_it_on_or_act(house: House) -> None:
    house.deploy(node())
    instance = house.start("p")
    assert not sees(house, "wang", instance)
    with pytest.raises(NotFound):
        send(house, instance, "zhao", by="wang")

    send(house, instance, "wang")

    assert sees(house, "wang", instance)
    house.engine.execute(AddComment(instance_id=instance, body="知道了"), actor=house.actors["wang"])
    with pytest.raises(Forbidden):
        send(house, instance, "zhao", by="wang")
    with pytest.raises(NotFound):
        house.complete(house.task(instance), house.actors["wang"])


def test_a_node_sends_copies_to_people_and_groups_and_not_again_on_its_way_back(house: House) -> None:
    house.deploy(
        node('banjie:cc="wang, group:leaders, nobody"'), node('banjie:cc="wang" banjie:ccWhen="done"', "later")
    )
    instance, later = house.start("p"), house.start("later")

    assert {row["recipient"] for row in house.queries.inbox.copies_of(instance)} == {"wang", "chen", "zhao"}
    assert {row["sent_by"] for row in house.queries.inbox.copies_of(instance)} == {"system"}
    assert house.queries.inbox.copies_of(later) == []
    house.complete(house.task(later), house.actors["li"])
    assert [row["recipient"] for row in house.queries.inbox.copies_of(later)] == ["wang"]


@pytest.fixture
def office(house: House) -> House:
    """Department A, with AB below it: wang in A, chen in AB; zhao and wang are examiners, zhao in A."""
    with house.database.write() as connection:
        rows = [
            {"id": code, "code": code, "name": code, "parent_id": above} for code, above in (("A", None), ("AB", "A"))
        ]
        connection.execute(tables.department.insert(), rows)
        person = tables.person
        for login, code in (("wang", "A"), ("chen", "AB")):
            connection.execute(person.update().where(person.c.login == login).values(department_id=code))
        connection.execute(tables.post.insert(), [{"key": key, "name": key} for key in ("examiner", "vacant")])
        held = [
            {"login": login, "post_key": "examiner", "department_id": code}
            for login, code in (("zhao", "A"), ("wang", "AB"))
        ]
        connection.execute(tables.person_post.insert(), held)
    return house


@pytest.mark.parametrize(
    ("address", "people"),
    [
        ("group:leaders", {"chen", "zhao"}),
        ("department:A", {"wang"}),
        ("departments:A", {"wang", "chen"}),
        ("post:examiner", {"zhao", "wang"}),
        ("post:examiner@AB", {"wang"}),
    ],
)
def test_d14_copies_to_a_group_a_department_or_a_post_go_to_everybody_in_it(
    office: House, address: str, people: set[str]
) -> None:
    office.deploy(node(), node(f'banjie:cc="{address}"', key="q"))
    instance = office.start("p")
    assert set(send(office, instance, address)["sent"]) == people
    by_node = office.queries.inbox.copies_of(office.start("q"))
    assert {row["recipient"] for row in by_node} == people


def test_d14_whoever_is_found_twice_gets_one_copy_and_the_sender_none(office: House) -> None:
    office.deploy(node())
    instance = office.start("p")
    office.person("yi", "mixed")
    with office.database.write() as connection:
        connection.execute(tables.membership.insert(), {"login": "li", "group_key": "mixed"})

    answer = send(office, instance, "departments:A", "group:mixed", "chen", "post:examiner", "li", "post:vacant")

    assert sorted(answer["sent"]) == ["chen", "wang", "yi", "zhao"]
    assert answer["nobody"] == ["post:vacant"]
    assert len(office.queries.inbox.copies_of(instance)) == 4
    assert send(office, instance, "group:leaders")["already"] == ["chen", "zhao"]


def test_d14_what_does_not_exist_is_named_and_too_many_or_nobody_is_refused(office: House) -> None:
    office.deploy(node())
    instance = office.start("p")
    for address in ("group:none", "department:none", "post:none", "post:examiner@none", "stranger", "x:y"):
        with pytest.raises(Conflict, match=address):
            send(office, instance, "wang", address)
    for nobody in ("li", "post:vacant"):
        with pytest.raises(InvalidInput, match="Nobody but yourself"):
            send(office, instance, nobody)
    with office.database.write() as connection:
        crowd = [
            {"login": f"p{n}", "name": "P", "roles": ["staff"], "created_at": office.now, "department_id": "AB"}
            for n in range(MAX_PEOPLE)
        ]
        connection.execute(tables.person.insert(), crowd)
    with pytest.raises(InvalidInput, match=f"These are {MAX_PEOPLE + 1} people"):
        send(office, instance, "department:AB")
    assert office.queries.inbox.copies_of(instance) == []


def test_a_node_may_name_its_copies_by_an_expression(house: House) -> None:
    house.deploy(node("banjie:cc='=[boss, \"group:leaders\"]'"))
    instance = house.start("p", boss="wang")

    assert {row["recipient"] for row in house.queries.inbox.copies_of(instance)} == {"wang", "chen", "zhao"}


def test_a_node_can_forbid_copies_by_hand_and_strangers_are_named(house: House) -> None:
    house.deploy(node('banjie:allow="-cc"'))
    instance = house.start("p")

    with pytest.raises(Conflict, match="does not allow cc"):
        send(house, instance, "wang", task_id=house.task(instance)["id"])
    with pytest.raises(Conflict, match="nobody"):
        send(house, instance, "wang", "nobody")
    with pytest.raises(InvalidInput):
        send(house, instance)


def test_who_is_mentioned_may_see_the_instance_and_others_still_not(house: House) -> None:
    house.deploy(node())
    instance = house.start("p")
    li = house.actors["li"]

    answer = house.engine.execute(
        AddComment(instance_id=instance, body="@wang 请看，邮箱 x@chen.cn，@nobody 不在"), actor=li
    )
    chosen = house.engine.execute(AddComment(instance_id=instance, body="也请看", mentions=("zhao",)), actor=li)

    assert answer["mentions"] == ["wang"] and chosen["mentions"] == ["zhao"]
    assert [sees(house, login, instance) for login in ("wang", "zhao", "chen")] == [True, True, False]
    with pytest.raises(NotFound):
        house.engine.execute(AddComment(instance_id=instance, body="我也说"), actor=house.actors["chen"])


def test_whoever_was_only_told_answers_those_who_are_in_it_and_calls_nobody_else(house: House) -> None:
    house.deploy(node())
    instance = house.start("p")
    send(house, instance, "wang")
    wang = house.actors["wang"]

    with pytest.raises(Forbidden, match="send a copy"):
        house.engine.execute(AddComment(instance_id=instance, body="@zhao 请看"), actor=wang)
    with pytest.raises(Forbidden):
        house.engine.execute(AddComment(instance_id=instance, body="请看", mentions=("zhao",)), actor=wang)
    answer = house.engine.execute(AddComment(instance_id=instance, body="@li 收到"), actor=wang)

    assert answer["mentions"] == ["li"]
    assert not sees(house, "zhao", instance)


def test_only_the_author_takes_his_words_back_and_the_history_keeps_them(house: House) -> None:
    house.deploy(node())
    instance = house.start("p")
    said = house.engine.execute(AddComment(instance_id=instance, body="写错了 @wang"), actor=house.actors["li"])
    with pytest.raises(NotFound):
        house.engine.execute(WithdrawComment(comment_id=said["id"]), actor=house.actors["wang"])

    house.engine.execute(WithdrawComment(comment_id=said["id"]), actor=house.actors["li"])

    assert house.queries.inbox.comments_of(instance) == []
    assert "CommentAdded" in house.kinds(instance)
    assert sees(house, "wang", instance)  # who was called once keeps the right to see


def test_copies_and_talk_rebuilt_from_history_are_the_same_rows(house: House) -> None:
    house.deploy(node('banjie:cc="group:leaders"'))
    instance = house.start("p")
    send(house, instance, "wang")
    copy = house.queries.inbox.copies(house.actors["wang"]).rows[0]
    house.engine.execute(ReadCopy(copy_id=copy["id"]), actor=house.actors["wang"])
    said = house.engine.execute(AddComment(instance_id=instance, body="@wang @chen 好"), actor=house.actors["li"])
    house.engine.execute(AddComment(instance_id=instance, body="@wang 再看"), actor=house.actors["li"])
    house.engine.execute(WithdrawComment(comment_id=said["id"]), actor=house.actors["li"])

    with house.database.read() as connection:
        rebuilt = replay(connection, instance)
        for table in (tables.copy, tables.comment, tables.mention):
            rows = connection.execute(select(table).where(table.c.instance_id == instance)).mappings()
            kept = {tuple(row[column.key] for column in table.primary_key.columns): dict(row) for row in rows}
            assert rebuilt.tables.get(table, {}) == kept, table.name
