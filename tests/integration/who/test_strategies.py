"""Table rows C1 to C11: every strategy finds the people that its name promises, in a running process."""

import hashlib

import pytest

from engine.access import Role
from tests.integration.who.bureau import Bureau


def test_c1_named_users(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="users(mayor)"') == ["mayor"]
    assert bureau.who('banjie:who="users(mayor, chief)"') == ["mayor", "chief"]


def test_c2_groups_stay_pools_and_roles_are_their_holders(bureau: Bureau) -> None:
    bureau.worker("lin", None, "legal", roles=(Role.STAFF, Role.AUDITOR))
    assert bureau.who('banjie:who="groups(legal), users(mayor)"') == ["mayor", "group:legal"]
    assert bureau.who('banjie:who="roles(auditor)"') == ["lin"]


def test_c2_a_post_is_held_in_a_department(bureau: Bureau) -> None:
    bureau.post("inspector", ("qian", "desk"), ("vice", "section"))
    assert bureau.who('banjie:who="posts(inspector)"') == ["qian", "vice"]
    assert bureau.who('banjie:who="posts(inspector, in: section)"') == ["vice"]
    assert bureau.who('banjie:who="posts(inspector, in: initiator)"') == ["qian"]


def test_c3_department_members_with_and_without_what_is_below(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="departments(desk)"') == ["head", "qian", "zhou"]
    assert bureau.who('banjie:who="departments(section, below: yes)"') == ["chief", "head", "qian", "vice", "zhou"]


@pytest.mark.parametrize(("level", "leader"), [(1, "head"), (2, "chief"), (3, "mayor"), (9, "mayor")])
def test_c4_department_leader_by_level_and_the_top_beyond_it(bureau: Bureau, level: int, leader: str) -> None:
    assert bureau.who(f'banjie:who="leader(of: desk, level: {level})"') == [leader]


def test_c5_continuous_leaders_up_to_a_level_each_once(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="leaders(of: desk, upto: 2)"') == ["head", "chief"]
    bureau.lead("section", "mayor")  # the same person leads two levels
    assert bureau.who('banjie:who="leaders(of: desk)"') == ["head", "mayor"]


def test_c6_initiator_and_the_leader_of_the_initiator(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="initiator"') == ["zhou"]
    assert bureau.who('banjie:who="leader(of: initiator)"') == ["head"]
    # nobody leads himself: whoever leads the desk goes to the section
    assert bureau.who('banjie:who="leader(of: initiator)"', by="head") == ["chief"]


def test_c9_a_person_from_a_form_field_and_the_leader_of_a_department_in_one(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="field(reviewer)"', reviewer="vice") == ["vice"]
    assert bureau.who('banjie:who="leader(of: field(unit))"', unit="section") == ["chief"]
    assert bureau.who('banjie:who="leader(of: field(reviewer))"', reviewer="vice") == ["chief"]


def test_c10_a_feel_expression(bureau: Bureau) -> None:
    source = "feel(if amount &gt; 1000 then [&quot;mayor&quot;, &quot;chief&quot;] else &quot;head&quot;)"
    assert bureau.who(f'banjie:who="{source}"', amount=5000) == ["mayor", "chief"]
    assert bureau.who(f'banjie:who="{source}"', amount=10) == ["head"]
    assert bureau.who('banjie:who="= reviewer"', reviewer="vice") == ["vice"]


def test_c10_what_an_expression_gives_is_a_person_and_never_a_strategy(bureau: Bureau) -> None:
    assert bureau.admin.login == "admin"
    assert bureau.who('banjie:who="= reviewer"', reviewer="users(mayor)") == ["admin"]


def test_strategies_are_joined_and_the_next_alternative_waits_for_nobody(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="leader(of: desk), users(mayor), users(head)"') == ["head", "mayor"]
    bureau.person("nobody", "empty")
    bureau.set_person("nobody", disabled=True)
    assert bureau.who('banjie:who="groups(empty) else leader(of: section)"') == ["chief"]


def test_c11_round_robin_gives_everybody_a_turn(bureau: Bureau) -> None:
    turns = [bureau.who('banjie:who="users(mayor, chief, vice)" banjie:pick="round-robin"')[0] for _ in range(6)]
    assert turns == ["chief", "mayor", "vice", "chief", "mayor", "vice"]


def test_c11_least_busy_counts_what_everybody_holds(bureau: Bureau) -> None:
    settings = 'banjie:who="users(mayor, chief)" banjie:pick="least-busy"'
    assert [bureau.who(settings)[0] for _ in range(4)] == ["chief", "mayor", "chief", "mayor"]
    row = bureau.row(bureau.at_approval(settings))
    assert row["why"]["pick"] == {"rule": "least-busy", "open_tasks": {"chief": 2, "mayor": 2}, "taken": "chief"}


def test_c11_a_random_choice_can_be_drawn_again_from_the_history(bureau: Bureau) -> None:
    row = bureau.row(bureau.at_approval('banjie:who="users(mayor, chief, vice)" banjie:pick="random"'))
    drawn = row["why"]["pick"]
    again = min(drawn["among"], key=lambda login: hashlib.sha256(f"{drawn['seed']}\n{login}".encode()).hexdigest())
    assert row["assignee"] == drawn["taken"] == again
    assert drawn["seed"] == row["token_id"]


def test_a_deputy_acts_where_the_leader_is_disabled(bureau: Bureau) -> None:
    bureau.set_person("chief", disabled=True)
    assert bureau.who('banjie:who="leader(of: section)"') == ["vice"]


def test_a_vacant_level_does_not_count(bureau: Bureau) -> None:
    bureau.lead("section", None)
    assert bureau.who('banjie:who="leader(of: desk, level: 2)"') == ["mayor"]


def test_the_account_tells_how_everybody_was_found_and_who_was_left_out(bureau: Bureau) -> None:
    bureau.set_person("mayor", disabled=True)
    instance_id = bureau.at_approval('banjie:who="users(mayor), leader(of: initiator)"')
    why = bureau.row(instance_id)["why"]
    assert why["found"] == [{"login": "mayor", "by": "users(mayor)"}, {"login": "head", "by": "leader(of: initiator)"}]
    assert why["skipped"] == [{"code": "disabled", "zh": "已停用", "en": "is disabled", "login": "mayor"}]
    created = [row["data"] for row in bureau.queries.instances.history(instance_id) if row["kind"] == "TaskCreated"]
    assert created[-1]["why"] == why
