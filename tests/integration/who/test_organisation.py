"""Leaders, deputies and posts; and the applicant who works here."""

from __future__ import annotations

import pytest

from engine.access import Role
from engine.commands.administration.posts import ChangePost, CreatePost, LeadDepartment, SetIdentity, SetPosts
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.store import tables
from tests.integration.who.bureau import Bureau


def test_a_department_gets_a_leader_and_deputies_who_are_found_by_it(bureau: Bureau) -> None:
    command = LeadDepartment(department_id="desk", leader="qian", deputies=("vice", "chief", "vice"))
    assert bureau.engine.execute(command, actor=bureau.admin) == {
        "id": "desk",
        "leader": "qian",
        "deputies": ["vice", "chief"],
    }
    assert bureau.who('banjie:who="leader(of: initiator)"') == ["qian"]
    bureau.engine.execute(LeadDepartment(department_id="desk"), actor=bureau.admin)
    assert bureau.who('banjie:who="leader(of: initiator)"') == ["chief"]  # vacant: the level above


def test_nobody_leads_who_is_disabled_and_nobody_deputises_for_himself(bureau: Bureau) -> None:
    bureau.set_person("vice", disabled=True)
    with pytest.raises(Conflict, match="cannot be appointed"):
        bureau.engine.execute(LeadDepartment(department_id="desk", leader="vice"), actor=bureau.admin)
    command = LeadDepartment(department_id="desk", leader="head", deputies=("head",))
    with pytest.raises(InvalidInput):
        bureau.engine.execute(command, actor=bureau.admin)
    with pytest.raises(NotFound):
        bureau.engine.execute(LeadDepartment(department_id="cellar"), actor=bureau.admin)
    with pytest.raises(Forbidden):
        bureau.engine.execute(LeadDepartment(department_id="desk"), actor=bureau.actors["head"])


def test_posts_are_made_renamed_and_held_in_departments(bureau: Bureau) -> None:
    bureau.engine.execute(CreatePost(key="surveyor", name="勘查员"), actor=bureau.admin)
    with pytest.raises(Conflict):
        bureau.engine.execute(CreatePost(key="surveyor", name="x"), actor=bureau.admin)
    bureau.engine.execute(ChangePost(key="surveyor", name="现场勘查员"), actor=bureau.admin)
    held = (("surveyor", "desk"), ("surveyor", "section"))
    bureau.engine.execute(SetPosts(login="qian", posts=held), actor=bureau.admin)
    assert [post["name"] for post in bureau.queries.admin.posts()] == ["现场勘查员"]
    assert [holder["department_id"] for holder in bureau.queries.admin.posts()[0]["holders"]] == ["desk", "section"]
    assert bureau.who('banjie:who="posts(surveyor, in: section)"') == ["qian"]
    bureau.engine.execute(SetPosts(login="qian", posts=()), actor=bureau.admin)
    assert bureau.queries.admin.posts()[0]["holders"] == []
    for wrong in ((("nothing", "desk"),), (("surveyor", "cellar"),)):
        with pytest.raises(NotFound):
            bureau.engine.execute(SetPosts(login="qian", posts=wrong), actor=bureau.admin)


def test_an_id_number_is_kept_as_a_keyed_hash_and_forgotten_again(bureau: Bureau) -> None:
    number = "510104199001011234"
    assert bureau.engine.execute(SetIdentity(login="qian", number=number), actor=bureau.admin)["known"] is True
    with bureau.database.read() as connection:
        person = tables.person
        kept = connection.scalar(
            person.select().with_only_columns(person.c.identity_hash).where(person.c.login == "qian")
        )
        history = connection.execute(tables.history.select()).all()
    assert kept is not None
    assert number not in kept
    assert not any(number in row.payload for row in history)
    assert "identity_hash" not in (bureau.queries.admin.person("qian") or {})
    with pytest.raises(InvalidInput):
        bureau.engine.execute(SetIdentity(login="qian", number="12-34"), actor=bureau.admin)
    assert bureau.engine.execute(SetIdentity(login="qian", number=""), actor=bureau.admin)["known"] is False
    assert bureau.worker("x1", None, roles=(Role.STAFF,)).login == "x1"
