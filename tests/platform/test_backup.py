"""Backup and restore: the same archive from and into either store, while writers go on."""

import gzip
import tarfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Boolean, Integer, String, select

from dealings.domain.identity import actions as identity
from dealings.domain.identity import queries
from dealings.domain.identity.errors import NotSignedIn
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import api as talk
from dealings.platform.backup.backup import backup, carried
from dealings.platform.backup.errors import BrokenArchive, DestinationTaken, OtherSchema, StoreNotEmpty
from dealings.platform.backup.restore import restore
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read
from dealings.platform.outbox import tables as outbox
from tests.conftest import fresh_store
from tests.world import World

PICTURE = "9f/86d0.webp"


class Place:
    """A store with people, a conversation and a picture in it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.files = folder / "files"
        (self.files / "9f").mkdir(parents=True)
        (self.files / PICTURE).write_bytes(b"picture")
        (self.files / "9f" / ".unfinished").write_bytes(b"half")
        self.mei, self.lin = (
            world.run(identity.sign_up, handle=handle, name="梅 \U0001f375", password_hash="x")
            for handle in ("mei", "lin")
        )
        world.run(identity.ask_contact, me=self.mei, other=self.lin)
        world.run(identity.accept_contact, me=self.lin, other=self.mei)
        self.conversation = world.run(messaging.open_direct, me=self.mei, other=self.lin).id
        self.texts: list[str] = []

    def say(self, text: str) -> talk.Message:
        self.texts.append(text)
        return self.world.one(talk.post, talk.Post(self.conversation, self.mei, self.world.uuid(), talk.Text(text)))


@pytest.fixture
def place(world: World, tmp_path: Path) -> Place:
    made = Place(world, tmp_path / "here")
    for n in range(20):
        made.say(f"茶 {n} \\ \t\n\u2028 '\"")
    return made


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Another, empty store: of the same kind and of the other."""
    (tmp_path / "there").mkdir()
    with fresh_store(request, request.param, tmp_path / "there") as store:
        made = World(store, rng=Random(2))
        yield made
        made.close()


def test_P7_no_session_lives_again_with_a_restored_copy(place: Place, target: World, tmp_path: Path) -> None:
    """It may have been ended since; who it was signs in again."""
    given = {"account": place.mei, "verified": "x", "agent": "", "address": ""}
    session = place.world.run(identity.open_session, token_hash="a", **given)
    backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    place.world.run(identity.revoke_session, account=place.mei, session=session)
    restore(tmp_path / "b.tar.gz", target.store, files_folder=tmp_path / "restored")
    with pytest.raises(NotSignedIn):
        target.read(queries.authenticate, token_hash="a", now=target.clock())
    assert target.run(identity.open_session, token_hash="b", **given)


def all_rows(db: Read) -> dict[str, list[tuple[Any, ...]]]:
    return {table.name: sorted(map(tuple, db.sql.execute(select(table))), key=repr) for table in carried()}


def history(world: World, place: Place) -> list[talk.Message]:
    from dealings.domain.messaging import queries

    return world.read(
        queries.history, conversation=place.conversation, account=place.mei, before=None, after=None, limit=200
    )


def test_P8_a_restored_store_holds_the_same_rows_and_files(place: Place, target: World, tmp_path: Path) -> None:
    taken = backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    given = restore(tmp_path / "b.tar.gz", target.store, files_folder=tmp_path / "restored")
    assert taken == given
    assert taken.rows["messages"] == 20
    assert taken.files == 1
    assert target.read(all_rows) == place.world.read(all_rows)
    assert (tmp_path / "restored" / PICTURE).read_bytes() == b"picture"


def test_P1_numbers_and_commits_go_on_above_the_restored_ones(place: Place, target: World, tmp_path: Path) -> None:
    backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", target.store, files_folder=tmp_path / "restored")
    restored = target.read(outbox.read_after, outbox.Position(), limit=500)
    place.world = target
    assert place.say("and on").seq == 21
    assert target.events[0].commit_no > restored[-1].commit_no
    assert [m.seq for m in history(target, place)] == list(range(1, 22))
    assert len(target.read(outbox.read_after, outbox.Position(), limit=500)) > len(restored)


def test_P2_a_restored_log_is_another_log(place: Place, target: World, tmp_path: Path) -> None:
    backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", target.store, files_folder=tmp_path / "restored")
    assert target.read(outbox.incarnation) != place.world.read(outbox.incarnation)


def test_P8_a_backup_is_one_view_though_people_go_on_writing(
    place: Place, target: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dealings.platform.backup import backup as taking

    parts = taking._parts

    def while_writing(db: Read, table: Any) -> Any:
        for part in parts(db, table):
            place.say(f"during {table.name}")
            yield part

    monkeypatch.setattr(taking, "_parts", while_writing)
    monkeypatch.setattr(taking, "PART_BYTES", 200)
    monkeypatch.setattr(taking, "ROWS_AT_A_TIME", 2)
    backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", target.store, files_folder=tmp_path / "restored")
    assert len(history(target, place)) == 20
    assert len(history(place.world, place)) > 40


def test_a_store_with_data_is_left_alone(place: Place, tmp_path: Path) -> None:
    backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    before = place.world.read(all_rows)
    with pytest.raises(StoreNotEmpty):
        restore(tmp_path / "b.tar.gz", place.world.store, files_folder=tmp_path / "restored")
    assert place.world.read(all_rows) == before


def test_a_backup_overwrites_nothing(place: Place, tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_text("dear")
    with pytest.raises(DestinationTaken):
        backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").read_text() == "dear"


def test_a_backup_that_fails_leaves_nothing_behind(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dealings.platform.backup import backup as taking

    monkeypatch.setattr(taking, "stored_files", lambda folder: [folder / "9f" / "gone.webp"])
    with pytest.raises(FileNotFoundError):
        backup(place.world.store, files_folder=place.files, destination=tmp_path / "out" / "b.tar.gz")
    assert list((tmp_path / "out").iterdir()) == []


def repack(archive: Path, change: dict[str, bytes | None]) -> None:
    """The archive again, with members changed, added or (None) left out."""
    with tarfile.open(archive) as tar:
        kept = {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]
    with tarfile.open(archive, "w:gz") as tar:
        for name, data in {**change, **kept}.items():
            data = change.get(name, data)
            if data is not None:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                import io

                tar.addfile(info, io.BytesIO(data))


DAMAGE = {
    "a changed row": (
        {"tables/messages/000001.jsonl": b"[]\n"},
        "tables/messages/000001.jsonl is not what was written",
    ),
    "a missing part": ({"tables/members/000001.jsonl": None}, "tables/members/000001.jsonl|is not what was written"),
    "an added member": ({"files/../../evil": b"x"}, "files/../../evil is not what was written"),
    "no sums": ({"SHA256SUMS": None}, "its end is missing"),
    "no header": ({"dealings.json": None}, "is not what was written"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_restores_nothing(place: Place, target: World, tmp_path: Path, damage: str) -> None:
    archive = tmp_path / "b.tar.gz"
    backup(place.world.store, files_folder=place.files, destination=archive)
    change, problem = DAMAGE[damage]
    repack(archive, change)  # type: ignore[arg-type]
    with pytest.raises(BrokenArchive, match=problem):
        restore(archive, target.store, files_folder=tmp_path / "restored")
    assert all(rows == [] for rows in target.read(all_rows).values())
    assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize("kept", [0, 1, 20, 300, -20, -1])
def test_a_backup_cut_short_restores_nothing(place: Place, tmp_path: Path, kept: int) -> None:
    archive = tmp_path / "b.tar.gz"
    backup(place.world.store, files_folder=place.files, destination=archive)
    archive.write_bytes(archive.read_bytes()[:kept])
    with pytest.raises(BrokenArchive):
        restore(archive, place.world.store, files_folder=tmp_path / "restored")


def test_what_is_no_backup_is_refused(place: Place, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    (tmp_path / "packed").write_bytes(gzip.compress(b"hello"))
    for name in ("text", "packed", "missing"):
        with pytest.raises(BrokenArchive):
            restore(tmp_path / name, place.world.store, files_folder=tmp_path / "restored")


def test_a_backup_of_another_schema_is_refused(
    place: Place, target: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dealings.platform.db import migrate

    backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    monkeypatch.setattr(migrate, "revision", lambda db: "older")
    with pytest.raises(OtherSchema):
        restore(tmp_path / "b.tar.gz", target.store, files_folder=tmp_path / "restored")


def test_only_the_owner_of_the_machine_reads_a_backup(place: Place, tmp_path: Path) -> None:
    backup(place.world.store, files_folder=place.files, destination=tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0


def test_every_column_survives_as_json() -> None:
    """The archive holds text, whole numbers and yes or no; and no table numbers its rows by itself."""
    for table in carried():
        assert table.autoincrement_column is None, table.name
        for column in table.columns:
            assert isinstance(column.type, String | Integer | Boolean), column


def test_common_tools_can_check_an_archive(store: Store, tmp_path: Path) -> None:
    import subprocess

    backup(store, files_folder=tmp_path / "none", destination=tmp_path / "b.tar.gz")
    subprocess.run(["tar", "xzf", "b.tar.gz"], cwd=tmp_path, check=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)
