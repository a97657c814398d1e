"""What must not grow with history: plans that use whole indexes, and lists that are built at once."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from dealings.domain.identity import tables as people
from dealings.domain.messaging import queries, tables, tables_devices, tables_groups, tables_sync, tables_views
from dealings.domain.messaging.events import MessagePosted
from dealings.domain.messaging.membership import MemberPlace
from dealings.domain.messaging.tables_views import ThreadKey
from dealings.edge.state import Resumed, resume
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read
from dealings.platform.outbox import tables as outbox
from tests.conftest import fresh_store
from tests.domain.town import Town
from tests.world import World

ROWS = '[["a", "b", "c"]]'

HOT: dict[str, tuple[Mapping[str, str], list[str]]] = {
    # the statement, and how SQLite finds each table in it: every column of the key that could be used is
    "standings": (tables.STANDINGS, ["c (id=?)", "m (conversation=? AND account=?)"]),
    "present": (tables.PRESENT, ["m (conversation=? AND account=?)"]),
    "earlier": (tables.EARLIER, ["m (client_id=? AND sender=? AND conversation=?)"]),
    "numbered": (tables.NUMBERED, ["m (conversation=? AND seq=?)"]),
    "numbers": (tables.NUMBERS, ["m (conversation=?)"]),
    "blocks": (people.BLOCKS, ["c (owner=? AND other=?)"]),
    "staffed": (people.STAFFED, ["s (shop=? AND account=?)"]),
    "rows": (tables_views.ROWS, ["c (id=?)", "m (conversation=? AND seq=?)", "n (conversation=?)"]),
    "events of streams": (outbox.IN_STREAMS, ["e (stream=? AND commit_no>?)"]),
    "my conversations": (tables_views.MINE, ["memberships (account=?)"]),
    "members": (tables_views.MEMBERS, ["m (conversation=? AND account=?)"]),
    "requests": (tables_groups.REQUESTS, ["r (conversation=?)"]),
    "readers": (tables_devices.READERS, ["c (id=?)", "m (conversation=? AND account=?)", "n (conversation=?)"]),
    "changed": (
        tables_sync.CHANGED,
        ["b (conversation=? AND account=?)", "m (conversation=? AND seq=?)", "n (conversation=?)"],
    ),
    "stretch": (tables_sync.STRETCH, ["m (conversation=? AND seq>? AND seq<?)"]),
    "recent": (tables_sync.RECENT, ["c (id=?)", "m (conversation=?)"]),
    "own": (tables_devices.OWN, ["s (account=? AND conversation=?)"]),
    "read by shops": (tables_views.READ_BY_SHOP, ["t (shop=? AND conversation=?)"]),
    "unread": (tables_views.UNREAD, ["m (conversation=? AND seq>?)"]),
}


def plan(db: Read, statement: str, values: Any) -> list[str]:
    """What each table is searched by; a scan of anything but the given rows comes as it is."""
    details = [row[3] for row in db.driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    found = []
    for detail in details:
        match = re.fullmatch(r"SEARCH (\w+) .*?(\(.*\))(?: LEFT-JOIN)?", detail)
        if match:
            found.append(f"{match[1]} {match[2]}")
        elif not detail.startswith(
            ("SCAN j VIRTUAL TABLE", "CORRELATED SCALAR", "SCAN (sub", "CO-ROUTINE", "SCAN some")
        ):
            found.append(detail)
    return found


@pytest.fixture
def sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """EXPLAIN QUERY PLAN is SQLite's; PostgreSQL plans by statistics that a test does not have."""
    with fresh_store(request, "sqlite", tmp_path) as store:
        world = World(store)
        yield world
        world.close()


@pytest.mark.parametrize("name", HOT)
def test_hot_statements_use_whole_indexes(sqlite: World, name: str) -> None:
    statement, expected = HOT[name]
    assert sorted(sqlite.read(plan, statement["sqlite"], (ROWS,))) == sorted(expected)


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What Core sends to the store meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, values: Any, _x: Any, _m: Any) -> None:
        sent.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


PLACE = ThreadKey(1, "b")
ASKED: dict[str, tuple[Callable[[Read], object], list[str]]] = {
    "history before": (
        lambda db: tables_views.select_history(db, "a", from_seq=3, before=9, after=None, limit=5),
        ["messages (conversation=? AND seq>? AND seq<?)"],
    ),
    "history after": (
        lambda db: tables_views.select_history(db, "a", from_seq=3, before=None, after=5, limit=5),
        ["messages (conversation=? AND seq>?)"],
    ),
    "inbox": (
        lambda db: tables_views.list_threads(db, "a", before=None, waiting=False, limit=5),
        ["shop_threads (shop=?)"],
    ),
    "inbox further": (
        lambda db: tables_views.list_threads(db, "a", before=PLACE, waiting=False, limit=5),
        ["shop_threads (shop=? AND (last_at,conversation)<(?,?))"],
    ),
    "inbox waiting": (
        lambda db: tables_views.list_threads(db, "a", before=PLACE, waiting=True, limit=5),
        ["shop_threads (shop=? AND (last_at,conversation)<(?,?))"],
    ),
    "threads changed": (
        lambda db: tables_views.threads_changed(db, ["a"], after=3, limit=5),
        ["shop_threads (shop=? AND commit_no>?)"],
    ),
    "members, a page": (
        lambda db: tables_views.list_members(db, "a", after=MemberPlace("member", 1, "b"), limit=5),
        ["members (conversation=? AND role=? AND (joined_at,account)>(?,?))"],
    ),
    "owner and admins": (lambda db: tables_groups.leaders(db, "a"), ["members (conversation=? AND role=?)"]),
    "how many admins": (
        lambda db: tables_groups.count_role(db, "a", "admin"),
        ["members (conversation=? AND role=?)"],
    ),
    "an invite": (lambda db: tables_groups.invite(db, "a", "b"), ["invites (conversation=? AND code=?)"]),
    "who was removed": (
        lambda db: tables_groups.removed(db, "a", ["b"]),
        ["removals (conversation=? AND account=?)"],
    ),
    "a contact": (lambda db: people.contact_state(db, owner="a", other="b"), ["contacts (owner=? AND other=?)"]),
    "who knows me": (lambda db: people.known_by(db, "a"), ["contacts (other=?)"]),
    "a session": (
        lambda db: people.session_by_token(db, "a", seen_after=0, created_after=0),
        ["sessions (token_hash=?)"],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_reads_use_whole_indexes(sqlite: World, name: str) -> None:
    ask, expected = ASKED[name]
    with statements() as sent:
        sqlite.read(ask)
    ((statement, values),) = sent
    found = sqlite.read(plan, statement, values)
    assert [step for step in found if "TEMP B-TREE" in step and name != "who knows me"] == []
    assert [step for step in found if "TEMP B-TREE" not in step] == expected


SIDES = ["mei", "arun", "tao"]


def fill(town: Town, count: int) -> str:
    """An account with so many conversations: direct, groups and threads, each with unread messages; as rows."""
    mei, arun, tao = town.people(*SIDES)
    shop = town.shop(tao)
    rows: dict[str, list[tuple[Any, ...]]] = {"conversations": [], "members": [], "memberships": [], "messages": []}
    threads = []
    for n in range(count):
        id, kind = f"c{n:015}", ("direct", "group", "shop")[n % 3]
        pair = (mei, arun) if kind == "direct" else (None, None)
        ends = (shop, mei) if kind == "shop" else (None, None)
        rows["conversations"].append(
            (id, kind, "x" if kind == "group" else None, None, *pair, *ends, n, 1 + (kind != "shop"))
        )
        for account in (mei, arun)[: 1 if kind == "shop" else 2]:
            rows["members"].append((id, account, "member", 0, 2, n))
            rows["memberships"].append((account, id))
        if kind == "shop":
            threads.append((shop, id, 1, n, None, 1))
        for seq in range(1, 8):
            key = f"{id}{seq}"
            rows["messages"].append((id, seq, arun, None, key, '{"kind":"text","text":"hello"}', n + seq, 1))
    if town.world.store.dialect == "postgresql":
        rows["conversation_heads"] = [(row[0], 7, 1) for row in rows["conversations"]]
    _insert(town.world, rows | {"shop_threads": threads})
    return mei


COLUMNS = {
    "conversation_heads": "conversation, last_seq, commit_no",
    "conversations": "id, kind, name, picture, low, high, shop, buyer, created_at, member_count",
    "members": "conversation, account, role, from_seq, read_seq, joined_at",
    "memberships": "account, conversation",
    "messages": 'conversation, seq, sender, shop, client_id, body, "at", commit_no',
    "shop_threads": "shop, conversation, read_seq, last_at, waiting_since, commit_no",
}


def _insert(world: World, rows: Mapping[str, list[tuple[Any, ...]]]) -> None:
    with world.store.connect(write=True) as sql:
        driver = sql.connection.dbapi_connection
        assert driver is not None
        driver.execute(world.store.begin(write=True))
        mark = "?" if world.store.dialect == "sqlite" else "%s"
        for table, values in rows.items():
            holes = ", ".join([mark] * len(values[0]))
            driver.cursor().executemany(f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({holes})", values)
        driver.execute("COMMIT")


CONVERSATIONS = 2_000
LIST_SECONDS = 0.1
STATEMENTS_MOST = 8


def test_two_thousand_conversations_are_listed_at_once(town: Town) -> None:
    mei = fill(town, CONVERSATIONS)
    times = []
    for _ in range(5):
        started = time.process_time()  # others use the machine, too
        listed = town.world.read(queries.conversations, account=mei)
        times.append(time.process_time() - started)
        assert len(listed) == CONVERSATIONS
        assert {c.unread for c in listed} == {5}
        assert [(c.last_seq, c.created_at) for c in listed[:2]] == [(7, CONVERSATIONS - 1), (7, CONVERSATIONS - 2)]
    assert min(times) <= LIST_SECONDS, times


def test_the_number_of_statements_does_not_depend_on_the_number_of_conversations(town: Town) -> None:
    mei = fill(town, 30)
    sent: list[str] = []

    def counting(db: Read, statement: Mapping[str, str], rows: Any) -> Any:
        sent.append(statement[db.dialect])
        return rows_for(db, statement, rows)

    with pytest.MonkeyPatch.context() as patch, statements() as by_core:
        patch.setattr(tables_views, "rows_for", counting)
        town.world.read(queries.conversations, account=mei)
    assert 4 <= len(sent) + len(by_core) <= STATEMENTS_MOST


RESUME_SECONDS = 0.05


def test_coming_back_costs_by_what_was_missed(town: Town) -> None:
    mei = fill(town, CONVERSATIONS)
    seen = town.world.read(lambda db: db.horizon())
    arun = town.world.read(queries.conversations, account=mei, limit=1)[0].last.sender  # type: ignore[union-attr]
    for n in (0, 1, 1, 3):
        town.say(arun, f"c{n:015}")
    asked = {"nothing": (town.world.read(lambda db: db.horizon()), []), "a little": (seen, [0, 1, 1, 3])}
    for after, where in asked.values():
        took, missed = _quickest(town, mei, after)
        assert missed.complete
        posted = [MessagePosted.decode(data) for kind, data in missed.events if kind == MessagePosted.kind]
        assert [int(message.conversation[1:]) for message in posted] == where
        assert took <= RESUME_SECONDS
    took, missed = _quickest(town, mei, 0)
    assert (missed.complete, missed.events) == (False, [])
    assert took <= RESUME_SECONDS, "that there is too much is found before it is read"


def _quickest(town: Town, account: str, after: int) -> tuple[float, Resumed]:
    def once() -> tuple[float, Resumed]:
        started = time.process_time()
        missed = town.world.read(resume, account=account, shops=[], after=after)
        return time.process_time() - started, missed

    return min((once() for _ in range(3)), key=lambda timed: timed[0])
