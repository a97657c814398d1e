"""What leaves the project: a wheel that holds the web apps, and locks that name no host."""

import json
import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parent.parent


def test_wheel_contains_the_web_apps(tmp_path: Path) -> None:
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    names = zipfile.ZipFile(wheel).namelist()
    for page in ("app/index.html", "desk/index.html"):
        assert f"dealings/edge/web/static/{page}" in names, "make web builds it"
    assert "dealings/py.typed" in names
    assert not [name for name in names if "node_modules" in name or name.endswith(".pyc")]


def test_wheel_asks_for_what_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (line.partition("  #")[0].strip() for line in (ROOT / "requirements.in").read_text().splitlines())
    listed = [line.replace('"', "'") for line in lines if line and not line.startswith("#")]
    assert project["dependencies"] == listed


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_locked_requirements_have_hashes_and_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()
    pinned = re.findall(r"^[\w.-]+==[^\s;]+.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(pinned) > 20
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|^\s*#.*\s/\w", text, re.MULTILINE)


def test_locked_web_packages_name_no_host() -> None:
    lock = (ROOT / "web/package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_locked_web_packages_are_for_every_platform() -> None:
    """npm refuses a lock in which another platform's variant of a compiled package is missing."""
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    locked = {path.rpartition("node_modules/")[2] for path in packages}
    wanted = {name for package in packages.values() for name in package.get("optionalDependencies", {})}
    assert wanted - locked == set()
