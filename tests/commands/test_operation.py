"""`dealings backup`, `restore` and `doctor` as a shell sees them: what is printed, and the exit code."""

import json
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from dealings.cli import app
from dealings.commands.offline import prepare
from dealings.domain.catalogue import api as catalogue
from dealings.platform.db.stores import SqliteStore
from dealings.platform.search import index
from dealings.settings import Settings
from tests.domain.orders.market import open_market
from tests.world import World


def dealings(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop's data, as a server would have left it."""
    monkeypatch.delenv("DEALINGS_DATABASE_URL", raising=False)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "dealings.db").write_bytes(sqlite_template.read_bytes())
    world = World(SqliteStore(folder / "dealings.db"))
    open_market(world).paid()
    world.close()
    return folder


def test_a_backup_comes_back_elsewhere_and_is_well(data: Path, tmp_path: Path) -> None:
    taken = dealings("backup", tmp_path / "b.tar.gz", "--data", data)
    assert taken.exit_code == 0, taken.output
    given = dealings("restore", tmp_path / "b.tar.gz", "--data", tmp_path / "other", "--json")
    assert given.exit_code == 0, given.output
    assert json.loads(given.stdout)["rows"]["orders"] == 1
    examined = dealings("doctor", "--data", tmp_path / "other")
    assert (examined.exit_code, examined.stdout) == (0, "All promises hold.\n")


def test_a_restored_shop_is_found_by_its_words(data: Path, tmp_path: Path) -> None:
    dealings("backup", tmp_path / "b.tar.gz", "--data", data)
    dealings("restore", tmp_path / "b.tar.gz", "--data", tmp_path / "other")
    world = World(SqliteStore(tmp_path / "other" / "dealings.db"), rng=Random(2))
    (found,) = world.read(index.find, kind="product", text="龙井", limit=9)
    assert world.read(catalogue.summaries, [found])[found].title == "西湖龙井"
    world.close()


def test_the_doctor_says_what_is_wrong(data: Path) -> None:
    with SqliteStore(data / "dealings.db").connect(write=True) as sql:
        sql.execute(text("UPDATE ledger_accounts SET balance = balance + 1 WHERE purpose = 'escrow'"))
    examined = dealings("doctor", "--data", data)
    assert examined.exit_code == 1
    assert "ledger.sum: P3:" in examined.stdout
    as_json = json.loads(dealings("doctor", "--data", data, "--json").stdout)
    assert as_json["ok"] is False
    assert {"ledger.sum", "ledger.balance", "orders.escrow"} <= {found["code"] for found in as_json["findings"]}


@pytest.mark.parametrize("command", [["doctor"], ["backup", "never.tar.gz"]])
def test_looking_where_there_is_nothing_makes_nothing(tmp_path: Path, command: list[str]) -> None:
    looked = dealings(*command, "--data", tmp_path / "nowhere")
    assert looked.exit_code == 2
    assert "There is no data at" in looked.output
    assert not (tmp_path / "nowhere").exists()


def test_what_is_refused_is_said_in_one_sentence(data: Path, tmp_path: Path) -> None:
    dealings("backup", tmp_path / "b.tar.gz", "--data", data)
    again = dealings("restore", tmp_path / "b.tar.gz", "--data", data, "--json")
    assert again.exit_code == 2
    assert json.loads(again.stderr)["code"] == "backup.store_not_empty"
    assert dealings("restore", tmp_path / "missing", "--data", tmp_path / "x").exit_code == 2
    assert dealings("backup", tmp_path / "b.tar.gz", "--data", data).exit_code == 2


def test_a_database_that_is_not_there_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALINGS_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    looked = dealings("doctor", "--data", tmp_path)
    assert looked.exit_code == 2
    assert "can't be reached" in looked.output


def test_P7_a_data_folder_is_for_its_owner_alone(data: Path, tmp_path: Path) -> None:
    assert dealings("backup", tmp_path / "b.tar.gz", "--data", data).exit_code == 0
    assert dealings("restore", tmp_path / "b.tar.gz", "--data", tmp_path / "other").exit_code == 0
    prepare(Settings(tmp_path / "new"))
    for made in (tmp_path / "b.tar.gz", tmp_path / "other", tmp_path / "new"):
        assert made.stat().st_mode & 0o077 == 0, made
