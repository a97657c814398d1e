"""Orders lie with their shop; each buyer has a list of their own, which follows every step and can be made again."""

from collections.abc import Callable

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import delete, select, text

from dealings.domain.orders import actions, queries, tables, tables_sums
from dealings.domain.wallet import queries as wallet
from dealings.kernel.ids import Id
from dealings.platform.db import migrate
from dealings.platform.db.actions import action
from dealings.platform.db.stores import Store, open_store
from dealings.platform.db.tx import Read, Tx
from tests.conftest import empty_database
from tests.domain.orders.market import Market


@action()
def list_anew(tx: Tx) -> None:
    """As a restore does, which brings no lists."""
    tx.sql.execute(delete(tables.purchases))
    tables.list_purchases_again(tx)


def listed(db: Read) -> set[tuple[Id, str, Id, Id, int, str]]:
    return {tuple(row) for row in db.sql.execute(select(tables.purchases))}


def ordered(db: Read) -> set[tuple[Id, str, Id, Id, int, str]]:
    c = tables.orders.c
    return {tuple(row) for row in db.sql.execute(select(c.buyer, c.state, c.id, c.shop, c.total, c.currency))}


def test_P2_a_buyers_list_follows_every_step(market: Market) -> None:
    steps: list[Callable[[], object]] = [
        market.placed,
        lambda: market.world.run(actions.cancel, order=market.placed().id, by=market.mei),
        market.paid,
        lambda: market.world.run(actions.refund, order=market.paid().id, by=market.lin),
        market.shipped,
        lambda: market.confirm(market.shipped()),
        lambda: market.world.pass_time(40 * 60_000),
    ]
    for step in steps:
        step()
        assert market.world.read(listed) == market.world.read(ordered)


def test_P4_what_is_held_and_listed_is_the_same_when_the_lists_are_made_again(market: Market) -> None:
    market.shipped(2)
    market.paid()
    seen = market.world.read(queries.purchases, buyer=market.mei, state=None, cursor=None, limit=9)
    held = market.world.read(wallet.wallet, owner=market.mei)
    market.world.run(list_anew)
    assert market.world.read(queries.purchases, buyer=market.mei, state=None, cursor=None, limit=9) == seen
    assert market.world.read(wallet.wallet, owner=market.mei) == held
    assert held.balances[0].held == 37_50


def test_staff_see_one_buyers_orders_in_their_shop_only(market: Market) -> None:
    mine = market.placed()
    hua = market.sign_up("hua")
    market.placed(buyer=hua)
    page = market.world.read(queries.sales, shop=market.shop, account=market.lin, buyer=market.mei, limit=9)
    assert [order.id for order in page.items] == [mine.id]
    found = market.world.read(
        queries.sales, shop=market.shop, account=market.lin, buyer=market.mei, text=mine.number, limit=9
    )
    assert [order.id for order in found.items] == [mine.id]
    other = market.world.read(queries.sales, shop=market.shop, account=market.lin, buyer=hua, text=mine.number, limit=9)
    assert other.items == []


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_store_of_before_gets_its_lists(request: pytest.FixtureRequest, engine: str, tmp_path: object) -> None:
    place = f"{tmp_path}/old.db" if engine == "sqlite" else empty_database(request.getfixturevalue("postgres_url"))
    store: Store = open_store(place)
    with store.connect(write=True) as sql:
        config = Config()
        config.set_main_option("script_location", str(migrate.SCRIPTS))
        config.attributes["connection"] = sql
        command.upgrade(config, "0004")
        sql.execute(
            text(
                "INSERT INTO orders (shop, id, number, buyer, state, total, currency, note, conversation, cause_kind, cause,"
                " placed_at, pay_by, changed_at) VALUES ('s', 'o', 'N', 'b', 'paid', 5, 'CNY', '', 'c', 'direct', '{}', 1, 2, 3)"
            )
        )
        migrate.upgrade(sql)
        assert listed(Read(sql, store.dialect)) == {("b", "paid", "o", "s", 5, "CNY")}


def test_lists_are_read_by_their_key(market: Market) -> None:
    if market.world.store.dialect != "sqlite":
        pytest.skip("PostgreSQL plans by the size of the table, and this one is small")
    for statement in (tables_sums.HELD, tables_sums.COUNTED, tables.SELECT_LISTED, tables.SELECT_LINES):
        plan = market.world.read(plan_of, statement["sqlite"])
        assert not [step for step in plan if step.startswith("SCAN") and step.split()[1] != "j"], plan
        assert any("=? AND" in step for step in plan), plan


def plan_of(db: Read, statement: str) -> list[str]:
    return [row[3] for row in db.driver.execute(f"EXPLAIN QUERY PLAN {statement}", ("[]",))]
