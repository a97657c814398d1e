"""The doctor finds nothing in a healthy store, and names every way in which one can be damaged."""

import pytest
from sqlalchemy import text

from dealings.domain.catalogue import checks as catalogue
from dealings.domain.messaging import api as messages
from dealings.domain.messaging import checks as messaging
from dealings.domain.orders import actions as steps
from dealings.domain.orders import checks as orders
from dealings.domain.wallet import checks as wallet
from dealings.edge.operation import doctor
from dealings.platform.db.findings import EXAMPLES, Finding
from dealings.platform.db.tx import Read
from tests.domain.orders.market import Market, open_market
from tests.world import World


@pytest.fixture
def market(world: World) -> Market:
    """Orders in every state, and a chat."""
    made = open_market(world)
    made.placed()
    made.paid(2)
    made.shipped()
    made.confirm(made.shipped())
    world.run(steps.cancel, order=made.placed().id, by=made.mei)
    world.run(steps.refund, order=made.paid().id, by=made.mei)
    friends = made.befriend(made.mei, made.wang)
    for n in range(3):
        world.one(messages.post, messages.Post(friends, made.mei, world.uuid(), messages.Text(f"茶 {n}")))
    world.react()
    return made


FORGET_CONSTRAINTS = {
    "sqlite": ["PRAGMA ignore_check_constraints=ON", "PRAGMA foreign_keys=OFF"],
    "postgresql": ["SET session_replication_role = replica"],
}
DROP = {"sqlite": "", "postgresql": "ALTER TABLE variants DROP CONSTRAINT variant_stock; "}
DAMAGE = {
    "log.missing": "DELETE FROM log",
    "log.events_missing": "DELETE FROM events WHERE n = 1",
    "log.consumer_ahead": "INSERT INTO consumers (name, commit_no, n) VALUES ('sleeper', 999999999, 0)",
    "log.timer_unknown": "UPDATE timers SET action = 'orders.dance'",
    "messages.gap": "DELETE FROM messages WHERE seq = 2",
    "messages.twice": "DROP INDEX messages_once; UPDATE messages SET client_id = 'same', sender = 'same'",
    "messages.homeless": "DELETE FROM conversations",
    "messages.untold": "DELETE FROM events WHERE kind = 'message.posted'",
    "messages.number_off": "UPDATE conversation_heads SET last_seq = last_seq + 1",
    "conversations.read_ahead": "UPDATE members SET read_seq = 999",
    "conversations.shop_read_ahead": "UPDATE shop_threads SET read_seq = 999",
    "conversations.not_listed": "DELETE FROM memberships",
    "conversations.listed_in_vain": "DELETE FROM members",
    "conversations.not_in_inbox": "DELETE FROM shop_threads",
    "conversations.miscounted": "UPDATE conversations SET member_count = member_count + 1",
    "conversations.ownerless": "UPDATE conversations SET kind = 'group' WHERE kind = 'direct'",
    "ledger.sum": "UPDATE ledger_accounts SET balance = balance + 1 WHERE purpose = 'wallet'",
    "ledger.floor": "UPDATE ledger_accounts SET balance = -1 WHERE purpose = 'wallet'",
    "ledger.balance": "UPDATE ledger_accounts SET balance = balance + 1 WHERE purpose = 'wallet'",
    "ledger.numbering": "UPDATE ledger_accounts SET entries = entries + 1",
    "ledger.statement": "UPDATE ledger_entries SET balance = balance + 1 WHERE n = 1",
    "ledger.unbalanced": "UPDATE transfers SET amount = amount + 1",
    "ledger.unexplained": "DELETE FROM transfers",
    "stock.oversold": "{drop}UPDATE variants SET reserved = on_hand + 1",
    "stock.homeless": "DELETE FROM products",
    "stock.reserved": "UPDATE variants SET reserved = 0",
    "pictures.homeless": "INSERT INTO pictures (shop, id, product, position, alt, source, tries, problem)"
    " VALUES ('s', 'p', 'gone', 0, '', '', 0, '')",
    "orders.total": "UPDATE order_lines SET price = price + 1",
    "orders.unlisted": "DELETE FROM purchases",
    "orders.listed_in_vain": "DELETE FROM orders",
    "orders.undated": "UPDATE orders SET shipped_at = NULL WHERE state = 'shipped'",
    "orders.never_closes": "DELETE FROM timers WHERE action = 'orders.close_unpaid'",
    "orders.never_settles": "DELETE FROM timers WHERE action = 'orders.confirm_silent'",
    "orders.stuck": "UPDATE orders SET state = 'received' WHERE state = 'shipped'",
    "orders.escrow": "UPDATE orders SET state = 'settled', received_at = 1, settled_at = 1 WHERE state = 'shipped'",
    "orders.causes": "UPDATE orders SET paid_at = NULL WHERE state = 'paid'",
    "orders.money": "UPDATE transfers SET ref = NULL WHERE reason = 'payment'",
}
ONLY_POSTGRES = {"messages.number_off"}


def after(world: World, damage: str) -> dict[str, Finding]:
    """What the doctor says of the damaged store, which is whole again afterwards."""
    with world.store.connect(write=True) as sql:
        for statement in FORGET_CONSTRAINTS[world.store.dialect]:
            sql.execute(text(statement))
        for statement in ["BEGIN", *damage.replace("{drop}", DROP[world.store.dialect]).split("; ")]:
            sql.execute(text(statement))
        found = doctor.findings(Read(sql, world.store.dialect))
        sql.execute(text("ROLLBACK"))
    return {finding.code: finding for finding in found}


def test_a_healthy_store_has_no_findings(market: Market) -> None:
    assert doctor.examine(market.world.store) == []


def test_an_empty_store_has_no_findings(world: World) -> None:
    assert doctor.examine(world.store) == []


def test_all_damage_is_named(market: Market) -> None:
    skipped = set() if market.world.store.dialect == "postgresql" else ONLY_POSTGRES
    for code in DAMAGE.keys() - skipped:
        found = after(market.world, DAMAGE[code])
        assert code in found, code
        assert found[code].count >= len(found[code].examples) >= 1
        assert len(found[code].examples) <= EXAMPLES
        assert found[code].text.endswith(".")
    assert doctor.examine(market.world.store) == []


def test_every_check_is_proved_here() -> None:
    declared = {check.code for module in (catalogue, messaging, orders, wallet) for check in module.CHECKS}
    assert declared <= DAMAGE.keys()


def test_examples_begin_where_one_has_to_look(market: Market) -> None:
    order = market.placed()
    dearer = "; ".join(
        f"UPDATE {table} SET total = total + 5 WHERE id = '{order.id}'" for table in ("orders", "purchases")
    )
    (finding,) = after(market.world, dearer).values()
    assert (finding.code, finding.count, finding.examples) == ("orders.total", 1, [order.id])
