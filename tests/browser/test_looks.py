"""How pages look and feel: both screen sizes, contrast, names for screen readers, focus, paper, dropped files."""

import pytest
from playwright.sync_api import Page, expect

from engine.commands.cases.filing import FileCase
from engine.store.rows import people
from tests.browser.bureau import DESKTOP, LAPTOP, Bureau
from tests.integration.web import samples as models

pytestmark = pytest.mark.browser

# Every text against what is behind it: 4.5 to 1, or 3 to 1 when it is large (WCAG 1.4.3). Disabled controls are exempt.
CONTRAST = """
() => {
  const parse = (text) => { const p = text.match(/[\\d.]+/g).map(Number); return {r: p[0], g: p[1], b: p[2], a: p[3] ?? 1}; };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 });
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.push(parse(getComputedStyle(each).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), {r: 255, g: 255, b: 255, a: 1});
  };
  const light = (c) => {
    const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b);
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility({checkVisibilityCSS: true})) continue;
    if (element.closest('[disabled], [aria-hidden=true], option, .bj-hidden-label')) continue;
    const style = getComputedStyle(element);
    const under = behind(element);
    const [x, y] = [light(over(parse(style.color), under)), light(under)].sort((a, b) => b - a);
    const ratio = (x + 0.05) / (y + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)} ${walker.currentNode.textContent.trim().slice(0, 30)}`);
  }
  return [...new Set(bad)];
}
"""

# Everything that can be used has a name, every picture an alternative, every id is used once, headings begin with one h1.
NAMES = """
() => {
  const bad = [];
  const name = (e) => (e.getAttribute('aria-label') || e.textContent || e.querySelector('img')?.alt || e.value || e.title || '').trim()
    || [...(e.labels ?? [])].map((l) => l.textContent).join('')
    || (e.getAttribute('aria-labelledby') || '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('');
  for (const e of document.querySelectorAll('a, button, summary')) if (!name(e)) bad.push(`nameless ${e.outerHTML.slice(0, 80)}`);
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (e.hidden) continue;
    const labelled = e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby');
    if (!labelled) bad.push(`unlabelled ${e.outerHTML.slice(0, 80)}`);
  }
  for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) bad.push(`no alt ${e.src}`);
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) bad.push(`id twice ${id}`);
  for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby]')) {
    for (const id of `${e.getAttribute('aria-describedby') ?? ''} ${e.getAttribute('aria-labelledby') ?? ''}`.split(' ')) {
      if (id && !document.getElementById(id)) bad.push(`points nowhere ${id}`);
    }
  }
  if (document.querySelectorAll('h1').length !== 1) bad.push(`${document.querySelectorAll('h1').length} h1`);
  if (!document.documentElement.lang) bad.push('no lang');
  return [...new Set(bad)];
}
"""


@pytest.fixture(scope="module")
def pages(served: Bureau) -> list[str]:
    """Every kind of page that staff and administrators open, with something on it."""
    with served.engine.database.read() as connection:
        clerk = people.actor(connection, "chuangkou")
    case = FileCase(
        item_code="000131010000",
        applicant={
            "kind": "organisation",
            "name": "星河市长名称有限责任公司第三分公司",
            "id_number": "91330100MA27XXXX1K",
        },
        form={
            "shop_name": "好吃小馆",
            "shop_address": "星河市中山路1号",
            "business_kind": "catering",
            "floor_area": 80,
            "business_items": ["hot_dishes", "drinks"],
            "safety_manager": "王小明",
            "safety_manager_phone": "13900000000",
            "online_sales": "no",
            "declaration": True,
        },
    )
    no = served.engine.execute(case, actor=clerk)["no"]
    instance = served.queries.cases.get(no)
    assert instance is not None
    task = served.queries.tasks.open(instance_id=instance["instance_id"]).rows[0]["id"]
    definition = served.queries.definitions.latest("food_permit_tolerance")
    assert definition is not None
    return [
        *(
            "/inbox",
            "/inbox/offered",
            "/inbox/done",
            "/inbox/started",
            "/start",
            "/account/password",
            "/account/tokens",
        ),
        *("/start/process/purchase", "/start/item/000131010000?step=guide", "/start/item/000131010000?step=form"),
        *("/start/item/000131010000?step=materials", "/start/item/000131010000?step=preview"),
        *(f"/cases/{no}?tab={tab}" for tab in ("overview", "form", "process", "materials", "documents")),
        *("/start?kind=01", f"/cases/{no}?tab=process&story=table", f"/tasks/{task}?part=materials", "/board"),
        *(
            f"/cases/{no}/receipt",
            f"/cases/{no}/sheet",
            f"/tasks/{task}",
            served.start("办公桌"),
            "/cases",
            "/instances",
        ),
        *("/deployments", f"/deployments/definitions/{definition['id']}", "/admin/people", "/admin/people/new"),
        *("/admin/people/chuangkou", "/admin/organisation", "/calendar", "/calendar?year=2027", "/admin/incidents"),
        *("/admin/jobs", "/admin/credit", "/admin/audit", "/nowhere"),
    ]


@pytest.mark.parametrize("size", [LAPTOP, DESKTOP], ids=["1366x768", "1920x1080"])
def test_every_page_fits_reads_and_has_names(bureau: Bureau, pages: list[str], size: dict[str, int]) -> None:
    page = bureau.desk("admin", size=size).page
    wrong: dict[str, list[str]] = {}
    for path in ["/login", *pages]:
        page.goto(path)
        found = page.evaluate(CONTRAST) + page.evaluate(NAMES)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append("scrolls sideways")
        if found:
            wrong[path] = found

    assert wrong == {}


def test_every_stop_of_the_tab_key_can_be_seen(bureau: Bureau) -> None:
    page = bureau.desk("chuangkou").page
    page.goto(bureau.start("看得见焦点"))
    unseen, stops = [], 0
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const at = document.activeElement; if (at === document.body) return null;
               const e = at.matches('.bj-parts__pick') ? at.labels[0] : at; const s = getComputedStyle(e);
               const box = e.getBoundingClientRect();
               return {html: e.outerHTML.slice(0, 80), seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && box.width > 1}; }"""
        )
        if stop is None:
            break
        stops += 1
        if not stop["seen"]:
            unseen.append(stop["html"])

    assert stops > 25
    assert unseen == []


def test_on_paper_there_is_the_matter_and_nothing_else(bureau: Bureau, pages: list[str]) -> None:
    page = bureau.desk("admin").page
    for path in pages:
        if not path.endswith(("/receipt", "/sheet")):
            continue
        page.goto(path)
        page.emulate_media(media="print")
        for hidden in (".bj-top", ".bj-side", ".bj-crumbs", ".bj-paper__tools", ".bj-notes"):
            expect(page.locator(hidden).first).to_be_hidden()
        expect(page.locator(".bj-paper h1")).to_be_visible()
        assert page.pdf(format="A4").startswith(b"%PDF-")
        page.emulate_media(media="screen")


def test_files_can_be_dropped_and_findings_come_back(bureau: Bureau) -> None:
    page = bureau.desk("sheji").page
    page.goto("/deployments")
    transfer = page.evaluate_handle(
        """(text) => { const t = new DataTransfer(); t.items.add(new File([text], 'bad.bpmn')); return t; }""",
        models.PURCHASE.decode().replace('formKey="review"', 'formKey="missing"'),
    )

    page.dispatch_event("[data-dropzone]", "drop", {"dataTransfer": transfer})
    expect(page.locator("[data-chosen]")).to_have_text("bad.bpmn")
    page.get_by_role("button", name="只校验").click()

    report = page.locator("#report")
    expect(report).to_be_focused()
    expect(report).to_contain_text("错误")
    expect(report).to_contain_text("业务审查")


def test_a_big_diagram_can_be_enlarged_in_its_own_box(bureau: Bureau, pages: list[str]) -> None:
    page = bureau.desk("admin").page
    page.goto(next(path for path in pages if "tab=process" in path))
    before = _width(page)

    page.get_by_role("button", name="放大").click()

    assert _width(page) > before * 1.3
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.get_by_role("button", name="适应宽度").click()
    assert abs(_width(page) - before) < 2


def _width(page: Page) -> float:
    box = page.locator(".bj-diagram img, .bj-diagram > svg").bounding_box()
    assert box is not None
    return box["width"]
