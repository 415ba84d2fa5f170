"""One Chromium and one server for all tests of a run; every test gets desks of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import bureau as bureaus
from tests.browser.bureau import Bureau

expect.set_options(timeout=bureaus.PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**bureaus.CHROMIUM)  # type: ignore[arg-type]
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    with bureaus.opened(tmp_path_factory.mktemp("bureau"), chromium) as bureau:
        yield bureau


@pytest.fixture
def bureau(served: Bureau) -> Iterator[Bureau]:
    """Whatever a test does, no script may fail, nothing may offend the policy, nothing may leave the house."""
    yield served
    complaints = [complaint for desk in served.desks for complaint in desk.complaints]
    served.close_desks()
    assert complaints == []
