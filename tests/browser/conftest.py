"""A browser for each file of tests, and a place of its own for whoever asks."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from dealings.edge.web.pages import STATIC
from tests.browser.places import Place
from tests.browser.windows import close_all, leave_evidence

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

SEED = """
import sys
from pathlib import Path
from dealings.commands.samples import make_demo
from dealings.settings import Settings
make_demo(Settings(Path(sys.argv[1]), sandbox=True))
"""  # a process of its own: an event loop can't be started beside Playwright's

expect.set_options(timeout=15_000)  # two cores may be busy with other tests


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ends with its file: other tests of the same process run their own event loops."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if not (STATIC / "app" / "index.html").exists():
        pytest.fail("the web apps are not built; `make web` builds them")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("there is no Chromium; `make chromium` says what to install")
    if found is None:
        pytest.skip("there is no Chromium; `make chromium` says what to install")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test leaves a picture of every window."""
    report = yield
    if report.when == "call" and report.failed:
        leave_evidence(item.name)
    return report


@pytest.fixture(autouse=True)
def _closed_windows() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A fresh server with nobody in it."""
    yield from _running(Place(tmp_path_factory.mktemp("place") / "data"))


@pytest.fixture(scope="module")
def demo(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server with the sample people, shops and history."""
    data = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(demo_data, data)
    yield from _running(Place(data))


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample data, made once by whichever process needs it first."""
    given = os.environ.get("PYTEST_XDIST_WORKER")
    shared = tmp_path_factory.getbasetemp().parent if given else tmp_path_factory.getbasetemp()
    with (shared / "demo-data.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "-c", SEED, str(shared / "demo-data")], check=True)
    return shared / "demo-data"


def _running(place: Place) -> Iterator[Place]:
    place.start()
    try:
        yield place
    finally:
        place.stop()
