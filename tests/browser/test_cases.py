"""Three cases from application to conclusion in Chromium, as a newcomer walks them; the server is killed in each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.real_office import RealOffice, bring, press

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def started(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealOffice]:
    office = RealOffice(tmp_path_factory.mktemp("office"), chromium)
    office.start()
    yield office
    office.close()


@pytest.fixture
def office(started: RealOffice) -> Iterator[RealOffice]:
    """Whatever is done, no script may fail, nothing may offend the policy, nothing may leave the house."""
    yield started
    complaints = [complaint for desk in started.desks.values() for complaint in desk.complaints]
    complaints = [
        each for each in complaints if "net::ERR_" not in each
    ]  # an open page asked for its figures meanwhile
    started.close_desks()
    assert complaints == []


def concluded(page: Page, no: str, *documents: str) -> None:
    """The page of the case says 办结 with its result, nobody has it any more, and these documents were issued."""
    page.goto(f"/cases/{no}")
    expect(page.locator("h1")).to_contain_text("办结")
    expect(page.locator("main")).to_contain_text("准予许可")
    expect(page.get_by_role("heading", name="现在谁在办")).to_have_count(0)
    page.get_by_role("link", name="文书").click()
    for title in documents:
        expect(page.get_by_role("link", name=title, exact=True).first).to_be_visible()


def test_a_construction_permit_goes_through_all_departments_with_one_correction(office: RealOffice) -> None:
    page = office.begin("建筑工程施工许可", "星河市锦城建设有限公司", "91510100MA6C00001X")
    for name, value in {
        "project_name": "锦城三期",
        "project_code": "2026-510100-70-03-000001",
        "project_site": "星河市高新区天府三街1号",
        "building_area": "12000",
        "investment": "5600",
        "contractor": "星河第一建筑有限公司",
        "planned_start": "2026-12-20",
    }.items():
        page.fill(f'[name="f.{name}"]', value)
    page.check('[name="f.declaration"]')
    page.check('[name="f.drainage"][value="no"]')
    no = office.file(page, ("M01", "M02", "M03", "M04", "M05", "M06", "M07"))

    # one department asks for a correction; the lead sends one notice for all; the window takes in what was asked for
    page = office.take("xiaofang", no, "预审材料")
    page.get_by_role("button", name="需要补正", exact=True).click()
    expect(page.locator("#errors")).to_contain_text("需要补正的内容：选这个办理结果时必填")
    page.fill('[name="f.precheck_items"]', "M05 缺消防专业审查意见")
    press(page, "需要补正")
    for login in ("renfang", "zhian"):
        press(office.take(login, no, "预审材料"), "材料齐全")
    expect(office.page("zhian").locator(".bj-message").nth(1)).to_contain_text("「一次性补正告知」待")
    press(office.take("qiantou", no, "一次性补正告知"), "发出补正告知")
    page = office.take("chuangkou", no, "补正材料")
    bring(page, "M05")
    page.fill("#comment", "已补正")
    office.kill_and_start_again()  # the opinion was typed into a page of the server that is dead
    press(page, "提交")
    press(office.take("chuangkou", no, "核对补正材料"), "已补齐")

    # all departments at the same time, one on a condition; then the lead, the decision and the window
    page = office.take("xiaofang", no, "提出审查意见")
    page.fill("#comment", "竣工前须验收消防设施")
    page.fill('[name="f.opinion_conditions"]', "竣工前完成消防验收")
    press(page, "有条件同意")
    for login in ("renfang", "zhian"):
        press(office.take(login, no, "提出审查意见"), "同意")
    page = office.take("qiantou", no, "拟定审批意见")
    expect(page.locator("#fields")).to_contain_text("竣工前完成消防验收")
    press(page, "拟准予许可")
    press(office.take("juzhang", no, "作出决定"), "准予许可")
    deliver(office, no, "统一出件")

    page = office.page("chuangkou")
    concluded(page, no, "一次性补正告知书", "受理通知书", "建筑工程施工许可证")
    page.get_by_role("link", name="准予行政许可决定书").click()
    expect(page.locator(".bj-paper__body").first).to_contain_text("1. 竣工前完成消防验收")


def test_a_food_permit_is_accepted_with_gaps_and_decided_when_they_are_filled(office: RealOffice) -> None:
    page = office.begin("食品经营许可", "星河市味美餐饮有限公司", "91510100MA6C00002X")
    for name, value in {
        "shop_name": "味美餐厅",
        "shop_address": "星河市人民路2号",
        "floor_area": "80",
        "safety_manager": "李味美",
        "safety_manager_phone": "13900000000",
    }.items():
        page.fill(f'[name="f.{name}"]', value)
    page.select_option('[name="f.business_kind"]', "catering")
    page.check('[name="f.business_items"][value="hot_dishes"]')
    page.check('[name="f.declaration"]')
    page.check('[name="f.online_sales"][value="no"]')
    no = office.file(page, ("M01", "M02", "M03", "M04", "S01"))

    press(office.take("chuangkou2", no, "审查申请材料"), "提交")
    page = office.take("chuangkou2", no, "签署容缺承诺")
    page.fill('[name="f.promise_signer"]', "李味美")
    press(page, "签署承诺书")
    office.kill_and_start_again()

    # the examination does not wait for what is missing, the decision does
    press(office.take("shipin", no, "承办审查"), "符合条件")
    press(office.take("shenhe", no, "审核"), "同意")
    decider = office.page("juzhang")
    decider.goto("/inbox/offered")
    expect(decider.get_by_role("row").filter(has_text=no)).to_have_count(0)
    page = office.take("chuangkou2", no, "补齐容缺材料")
    for code in ("S02", "S03"):
        bring(page, code)
    press(page, "提交补齐材料")
    press(office.take("chuangkou2", no, "核验补齐材料"), "合格")
    press(office.take("juzhang", no, "作出决定"), "准予许可")
    deliver(office, no, "送达")

    concluded(office.page("chuangkou"), no, "容缺补正承诺书", "容缺受理告知书", "食品经营许可证")


def test_a_hygiene_permit_is_granted_on_a_promise_and_verified_afterwards(office: RealOffice) -> None:
    page = office.begin("公共场所卫生许可", "星河市清风理发店", "92510100MA6C00003X")
    for name, value in {
        "place_name": "清风理发店",
        "place_address": "星河市人民路3号",
        "floor_area": "60",
        "staff_count": "4",
        "manager": "何清风",
        "manager_phone": "13900000001",
    }.items():
        page.fill(f'[name="f.{name}"]', value)
    page.select_option('[name="f.place_kind"]', "beauty")
    page.check('[name="f.air_conditioning"][value="no"]')
    page.check('[name="f.declaration"]')
    no = office.file(page, ("M01", "M02", "M03"))

    page = office.take("chuangkou", no, "告知并由申请人选择")
    page.check('[name="f.notice_received"]')
    press(page, "选择告知承诺")
    page = office.take("chuangkou", no, "签署承诺书")
    page.fill('[name="f.commitment_signer"]', "何清风")
    press(page, "提交")
    press(office.take("chuangkou", no, "材料形式审查"), "提交")
    press(office.take("juzhang", no, "当场作出决定"), "准予许可")
    deliver(office, no, "送达")
    office.kill_and_start_again()

    # the verification is a case of its own under the permit
    verification = f"{no}-01"
    page = office.take("jiandu", verification, "指派核查人员")
    page.fill('[name="f.inspector_1"]', "冯军")
    page.fill('[name="f.inspector_2"]', "韩梅")
    press(page, "提交")
    expect(page.locator(".bj-message").nth(1)).to_contain_text("「现场核查」由 冯军 办理")
    page = office.take("hecha1", verification, "现场核查")
    page.fill('[name="f.inspected_on"]', "2026-11-24")
    page.fill('[name="f.inspection_record"]', "现场符合条件")
    press(page, "符合")
    press(office.take("hecha2", verification, "协办确认"), "属实")
    page.goto(f"/cases/{verification}")
    expect(page.locator("h1")).to_contain_text("办结")

    # the papers that may follow the permit
    page = office.take("chuangkou", no, "登记领证后补交的材料")
    for code in ("L01", "L02"):
        bring(page, code)
    press(page, "提交")
    expect(page.get_by_text("全部环节已经办完。")).to_be_visible()
    concluded(page, no, "告知承诺书", "公共场所卫生许可证")


def deliver(office: RealOffice, no: str, step: str) -> None:
    page = office.take("chuangkou", no, step)
    page.fill('[name="f.delivery_receiver"]', "王经理")
    page.select_option('[name="f.delivery_method"]', "window")
    press(page, "提交")
