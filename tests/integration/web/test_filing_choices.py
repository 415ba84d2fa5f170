"""Table row C7 at the window: whoever files a case chooses who acts at the steps that are chosen at the start."""

import pytest

from engine.access import Role
from engine.commands.cases.filing import FileCase
from engine.errors import Conflict, InvalidInput
from tests.integration.engine.house import bpmn, flows
from tests.integration.web import samples
from tests.integration.web.office import Browser, Office

ITEM = "/start/item/000131010001"
APPLICANT = {"kind": "person", "applicant_name": "陈小明", "applicant_id_number": "330102199001011234"}
STALL = bpmn(
    '<startEvent id="start" banjie:formKey="stall"/>'
    '<userTask id="accept" name="窗口受理" banjie:candidateGroups="window" banjie:outcomes="accept:受理,correct:补正"/>'
    '<userTask id="decide" name="作出决定" banjie:who="chosen(start, from: groups(deciders))" banjie:onSelf="exclude"/>'
    '<endEvent id="end"/>' + flows("start-accept", "accept-decide", "decide-end"),
    key="stall",
)


@pytest.fixture
def clerk(office: Office) -> Browser:
    office.house.person("li", "deciders")
    office.house.person("wang")
    office.deploy(stall__bpmn=STALL, stall__form=samples.STALL_FORM, item__toml=samples.ITEM)
    return office.person("chen", "window", "deciders", roles=(Role.CLERK, Role.STAFF))


def test_c7_the_clerk_chooses_in_the_form_sees_it_in_the_preview_and_it_is_so(office: Office, clerk: Browser) -> None:
    page = clerk.get(f"{ITEM}?step=form")
    options = [option["value"] for option in page.select("#chosen-decide option")]
    assert options == ["", "li"]  # in the range of the node, and not whoever files it himself

    clerk.send(ITEM, {"step": "form", "action": "next", **APPLICANT, "f.stall": "A-12"})
    assert clerk.status == 422 and "「作出决定」的办理人：请选择" in clerk.text
    clerk.send(ITEM, {"step": "form", "action": "next", **APPLICANT, "f.stall": "A-12", "chosen.decide": "li"})
    clerk.get(f"{ITEM}?step=form")
    assert clerk.page.select_one("#chosen-decide option[selected]")["value"] == "li"
    clerk.get(f"{ITEM}?step=preview")
    assert "「作出决定」的办理人" in clerk.text and "Li" in clerk.text
    clerk.send(ITEM, {"step": "preview", "action": "submit", "key": "k" * 32})

    house = office.house
    case = house.queries.cases.get(clerk.page.select_one(".bj-paper__big").get_text())
    house.claim(house.task(case["instance_id"]), house.actors["chen"])
    house.complete(house.task(case["instance_id"]), house.actors["chen"], "accept")
    assert house.task(case["instance_id"], "decide")["assignee"] == "li"


def test_c7_a_case_without_the_choice_or_with_somebody_outside_is_not_filed(office: Office, clerk: Browser) -> None:
    applicant = {"kind": "person", "name": "陈小明", "id_number": "330102199001011234"}

    def file(**chosen: list[str]) -> None:
        command = FileCase(item_code="000131010001", applicant=applicant, form={"stall": "A-12"}, chosen=chosen)
        office.house.engine.execute(command, actor=office.house.actors["chen"])

    with pytest.raises(InvalidInput) as refused:
        file()
    assert refused.value.facts["fields"] == {"chosen.decide": "必选"}
    with pytest.raises(Conflict, match="choose from the list"):
        file(decide=["wang"])
    with pytest.raises(Conflict, match="is the initiator"):
        file(decide=["chen"])
    with pytest.raises(InvalidInput, match="Nobody is chosen"):
        file(accept=["li"], decide=["li"])
    assert office.house.queries.cases.page().rows == []
