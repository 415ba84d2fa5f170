"""``./banjie run`` as a process of its own that can be killed, and the people of the sample bureau before its pages."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.bureau import LAPTOP, PATIENCE, Desk
from tests.browser.papers import pdf

CLOCK = "2026-11-24T10:20:00+08:00"


@dataclass
class RealOffice:
    """Everything that it knows it reads where a newcomer reads it: in the terminal and on the pages."""

    folder: Path
    browser: Browser
    address: str = ""
    password: str = ""  # of the sample people
    process: subprocess.Popen[str] | None = None
    desks: dict[str, Desk] = field(default_factory=dict)

    def start(self) -> None:
        """Start the server; again at the same address when it was there before, so that open pages go on."""
        port = self.address.rpartition(":")[2] or "0"
        command = [sys.executable, "-m", "engine.cli", "run", "--port", port, "--var", str(self.folder)]
        environment = os.environ | {"PYTHONPATH": ".", "BANJIE_NOW": CLOCK}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        assert self.process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = self.process.stdout.readline()
            assert line, said
            said += line
        self.address = re.findall(r"http://127\.0\.0\.1:\d+", said)[-1]
        if found := re.search(r"one password (\S+)", said):
            self.password = found[1]

    def kill(self) -> None:
        """Pull the plug: no signal handler runs."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def kill_and_start_again(self) -> None:
        self.kill()
        self.start()

    def close(self) -> None:
        self.close_desks()
        self.kill()

    def close_desks(self) -> None:
        for desk in self.desks.values():
            desk.context.close()
        self.desks.clear()

    # ------------------------------------------------------------ people

    def page(self, login: str) -> Page:
        """The window of this person, signed in."""
        if login not in self.desks:
            context = self.browser.new_context(viewport=LAPTOP, locale="zh-CN", base_url=self.address)
            context.set_default_timeout(PATIENCE)
            desk = self.desks[login] = Desk(context, context.new_page())
            desk.sign_in(login, self.password)
        return self.desks[login].page

    def begin(self, item: str, applicant: str, number: str) -> Page:
        """The clerk opens an item from the start page and comes to its form, with the applicant filled in."""
        page = self.page("chuangkou")
        page.goto("/start")
        page.get_by_role("link", name=item).first.click()
        page.get_by_role("button", name="开始填表").or_(page.get_by_role("link", name="开始填表")).first.click()
        page.select_option("#applicant_kind", "organisation")
        page.fill("#applicant_name", applicant)
        page.fill("#applicant_id_number", number)
        return page

    def file(self, page: Page, papers: tuple[str, ...]) -> str:
        """Register the papers that were handed in, look at the preview, submit; the number on the receipt."""
        page.get_by_role("button", name="下一步：材料").click()
        for code in papers:
            page.select_option(f'[name="paper.{code}"]', label="已收原件")
        page.get_by_role("button", name="下一步：预览").click()
        page.get_by_role("button", name="提交申请").click()
        page.wait_for_url("**/receipt")
        return page.locator(".bj-paper__big").first.inner_text()

    def take(self, login: str, no: str, step: str) -> Page:
        """Claim the task of this case in 待认领, or open it in 待办 when one has it already."""
        page = self.page(login)
        page.goto("/inbox/offered")
        row = page.get_by_role("row").filter(has_text=no).filter(has_text=step)
        if row.count():
            row.get_by_role("button", name="认领").click()
        else:
            page.goto("/inbox")
            row.get_by_role("link", name="办理").click()
        expect(page.locator(".bj-crumbs")).to_contain_text(step)
        return page


def press(page: Page, outcome: str) -> None:
    """Press the button of an outcome; the page says that it is done."""
    page.get_by_role("button", name=outcome, exact=True).click()
    expect(page.locator(".bj-message").first).to_contain_text("已办理")


def bring(page: Page, code: str) -> None:
    """Upload a file for one material on the page of a task."""
    page.locator("label[for=part-materials]").click()
    row = page.locator(f"tr:has(#up-{code})")
    row.locator("summary", has_text="上传").click()
    row.locator("input[type=file]").set_input_files(
        {"name": f"{code}.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    row.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator(".bj-message").first).to_contain_text("已上传")
