"""Whoever is a member of a group is one, however many there are: nobody falls off the end of a list."""

from engine.store import tables
from engine.store.base.unit_of_work import UnitOfWork
from engine.store.rows import supervision
from engine.store.rows.organisation import Directory
from tests.integration.engine.house import House

MANY = 1_010


def test_the_last_member_of_a_large_group_is_a_member(house: House) -> None:
    house.person("li", "crowd")
    with house.engine.database.write() as connection:
        li = dict(connection.execute(tables.person.select().where(tables.person.c.login == "li")).one()._mapping)
        logins = [f"p{number:04}" for number in range(MANY)]
        connection.execute(tables.person.insert(), [li | {"login": login} for login in logins])
        connection.execute(tables.membership.insert(), [{"login": login, "group_key": "crowd"} for login in logins])

    with house.engine.database.write() as connection:
        uow = UnitOfWork(connection)
        everybody = {"li", *logins}
        assert set(Directory(uow, "", "").group_members("crowd") or ()) == everybody
        assert set(supervision.members(uow, ["crowd"])) == everybody
