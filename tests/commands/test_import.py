"""`dealings import` as it is typed: checked without a shop, imported whole, faults by line, a second run updates."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dealings.cli import app
from dealings.commands.offline import offline
from dealings.domain.catalogue import queries as catalogue
from dealings.domain.identity import actions as identity
from dealings.domain.identity import queries
from dealings.settings import Settings

FILES = Path(__file__).parents[1] / "data"
SOUND, FAULTY = FILES / "tea_and_pots.csv", FILES / "every_fault.csv"


def importing(file: Path, data: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["import", str(file), "--shop", "tea-house", "--data", str(data), *options])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a shop in it."""
    with offline(Settings(tmp_path)) as here:
        owner = here.run(identity.sign_up, handle="tao", name="Tao", password_hash="x")
        here.run(identity.open_shop, owner=owner, handle="tea-house", name="Tea", tagline="", currency="CNY")
    return tmp_path


def count_products(data: Path) -> int:
    with offline(Settings(data)) as here:
        shop = here.read(queries.shop_by_key, key="tea-house")
        page = here.read(catalogue.list_products, shop=shop.id, viewer=shop.owner, state=None, cursor=None, limit=100)
    return len(page.items)


def test_a_dry_run_prints_what_the_file_holds_and_writes_nothing(tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    done = importing(SOUND, nowhere, "--dry-run", "--json")
    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert set(report) == {"products", "variants", "stock", "errors"}
    assert report["products"] > 0
    assert report["errors"] == []
    assert not nowhere.exists()


def test_without_the_shop_nothing_is_imported(tmp_path: Path) -> None:
    done = importing(SOUND, tmp_path)
    assert done.exit_code == 2
    assert "no such shop" in done.stderr


def test_a_second_run_updates_instead_of_doubling(data: Path) -> None:
    first = importing(SOUND, data)
    assert first.exit_code == 0, first.output
    there = count_products(data)
    assert there == json.loads(importing(SOUND, data, "--dry-run", "--json").stdout)["products"]
    assert "0 new, 0 updated" in importing(SOUND, data).stdout
    assert count_products(data) == there


def test_every_fault_is_named_by_its_line_and_nothing_is_imported(data: Path) -> None:
    done = importing(FAULTY, data)
    assert done.exit_code == 1
    assert "line 23: This variant has no price." in done.stdout
    assert "Nothing was imported." in done.stdout
    assert count_products(data) == 0


def test_bad_products_can_be_left_out(data: Path) -> None:
    """Not from a file whose end could not be read: then nobody knows what is left out."""
    cut = data / "cut.csv"
    cut.write_bytes(b"".join(FAULTY.read_bytes().splitlines(keepends=True)[:30]))
    assert importing(cut, data, "--skip-bad").exit_code == 1
    assert count_products(data) > 0
