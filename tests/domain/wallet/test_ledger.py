"""The ledger on both stores: balanced, immutable, repeatable, and right when lanes race."""

import threading
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import text

from dealings.domain.identity import actions as identity
from dealings.domain.identity.errors import NoSuchPerson, NotOwner, NotStaff
from dealings.domain.wallet import actions, errors, queries, tables
from dealings.domain.wallet.events import WalletChanged
from dealings.domain.wallet.model import MOST_TOPUP, AccountKey, Balance, Cause, Held, Transfer, TransferDone, Wallet
from dealings.kernel.errors import KeyReused, Refusal
from dealings.kernel.ids import Id, Ids
from dealings.kernel.money import Money
from dealings.platform import inputs
from dealings.platform.db.actions import Command, action
from dealings.platform.db.lane import Lane
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams
from tests.domain.wallet.conftest import Sign
from tests.world import World


@action()
def open_account(tx: Tx, *, owner: Id, purpose: str, currency: str = "CNY") -> Id:
    return actions.account_of(tx, owner=owner, purpose=purpose, currency=currency)  # type: ignore[arg-type]


def wallet_of(owner: Id) -> Id:
    return AccountKey(owner, "wallet", "CNY").id


def move(id: str, debit: Id, credit: Id, amount: int, **more: object) -> Transfer:
    given = Transfer(id=id, debit=debit, credit=credit, amount=Money(amount, "CNY"), reason="payment")
    return replace(given, **more)


def commands(transfers: list[Transfer]) -> list[Command]:
    return [Command(actions.transfer.name, {}, item=transfer) for transfer in transfers]


def equations_hold(world: World) -> None:
    for equation in world.read(queries.equations):
        assert equation.holds, equation


def test_P3_a_topup_is_a_balanced_transfer(world: World, person: Sign) -> None:
    mei = person("mei", money=12_50)
    assert world.read(queries.wallet, owner=mei) == Wallet([Balance("CNY", 1250, 0)], sandbox=True)
    assert world.read(queries.balance, AccountKey("sandbox", "sandbox", "CNY").id) == -1250
    codes = {(e.code, e.currency) for e in world.read(queries.equations)}
    assert codes == {(code, "CNY") for code in ("accounts_zero", "floors", "balances", "transfers_balanced")}
    equations_hold(world)


def test_P3_no_account_falls_below_its_floor(world: World, person: Sign) -> None:
    mei, wang = person("mei", money=100), person("wang", money=1)
    outcomes = world.batch(
        commands(
            [
                move("a", wallet_of(mei), wallet_of(wang), 60),
                move("b", wallet_of(mei), wallet_of(wang), 41),
                move("c", wallet_of(wang), wallet_of(mei), 61),
                move("d", wallet_of(mei), wallet_of(wang), 101),
            ]
        )
    )
    assert [o.refusal and o.refusal.code for o in outcomes] == [None, "wallet.insufficient_funds", None, None]
    assert outcomes[1].refusal is not None
    assert outcomes[1].refusal.params == {"available": 40, "needed": 41, "currency": "CNY"}
    assert world.read(queries.balance, wallet_of(mei)) == 0
    equations_hold(world)


def test_P8_a_transfer_repeated_by_its_id_is_done_once(world: World, person: Sign) -> None:
    mei, wang = person("mei", money=100), person("wang", money=1)
    once = move("a", wallet_of(mei), wallet_of(wang), 100, ref="order", cause=Cause("group", "c", 3))
    first = world.one(actions.transfer, once)
    world.clock.advance(1000)
    assert world.one(actions.transfer, once) == first
    with pytest.raises(errors.TransferIdReused):
        world.one(actions.transfer, replace(once, cause=None))
    assert world.read(queries.balance, wallet_of(mei)) == 0
    equations_hold(world)


def test_P8_a_topup_repeated_with_its_key_is_done_once(world: World, person: Sign) -> None:
    mei = person("mei")
    first = world.by(mei, key="k")(actions.top_up, owner=mei, amount=Money(100, "CNY"))
    assert world.by(mei, key="k")(actions.top_up, owner=mei, amount=Money(100, "CNY")) == first
    with pytest.raises(KeyReused):
        world.by(mei, key="k")(actions.top_up, owner=mei, amount=Money(101, "CNY"))
    assert world.read(queries.wallet, owner=mei).balances == [Balance("CNY", 100, 0)]


def test_play_money_only_where_it_is_allowed(world: World, person: Sign) -> None:
    mei = person("mei")
    world.run(actions.set_sandbox, open=False)
    with pytest.raises(errors.NoSandbox):
        world.run(actions.top_up, owner=mei, amount=Money(100, "CNY"))
    assert world.read(queries.wallet, owner=mei) == Wallet([], sandbox=False)


@pytest.mark.parametrize(
    ("amount", "refused"),
    [
        (Money(0, "CNY"), errors.AmountNotPositive),
        (Money(-1, "CNY"), errors.AmountNotPositive),
        (Money(MOST_TOPUP + 1, "CNY"), errors.AmountTooLarge),
        (Money(1, "DOGE"), errors.CurrencyUnknown),
    ],
)
def test_what_cannot_be_topped_up(world: World, person: Sign, amount: Money, refused: type[Refusal]) -> None:
    mei = person("mei")
    with pytest.raises(refused):
        world.run(actions.top_up, owner=mei, amount=amount)
    equations_hold(world)


def test_nobody_is_topped_up(world: World, person: Sign) -> None:
    with pytest.raises(NoSuchPerson):
        world.run(actions.top_up, owner="nobody", amount=Money(1, "CNY"))


def test_currencies_are_kept_apart(world: World, person: Sign) -> None:
    mei, wang = person("mei", money=100), person("wang", money=100, currency="USD")
    dollars = AccountKey(wang, "wallet", "USD").id
    for crossed in (move("a", wallet_of(mei), dollars, 1), move("b", dollars, wallet_of(mei), 1)):
        with pytest.raises(errors.OtherCurrency):
            world.one(actions.transfer, crossed)
    equations_hold(world)


def test_P2_the_owner_hears_of_every_change_with_the_whole_value(world: World, person: Sign) -> None:
    mei, wang = person("mei", money=100), person("wang", money=1)
    world.events.clear()
    world.one(actions.transfer, move("a", wallet_of(mei), wallet_of(wang), 60))
    told = {e.stream: WalletChanged.decode(e.data) for e in world.events}
    assert told == {streams.account(id): world.read(queries.wallet, owner=id) for id in (mei, wang)}


def test_the_statement_shows_each_balance_and_who_was_on_the_other_side(world: World, person: Sign) -> None:
    mei, wang = person("mei", money=100), person("wang", money=1)
    cause = Cause("direct_chat", "conversation", 4, None, wang)
    world.batch(
        commands(
            [
                move("a", wallet_of(mei), wallet_of(wang), 60, ref="order", cause=cause),
                move("b", wallet_of(wang), wallet_of(mei), 10, reason="refund"),
            ]
        )
    )
    page = world.read(queries.statement, owner=mei)
    lines = [(e.amount.amount, e.balance.amount, e.reason, e.counterparty) for e in page.items]
    assert lines == [(10, 50, "refund", "Wang"), (-60, 40, "payment", "Wang"), (100, 100, "topup", "")]
    assert (page.items[1].order, page.items[1].cause, page.next) == ("order", cause, None)


def test_a_statement_is_read_page_by_page_without_gap_or_repeat(world: World, person: Sign) -> None:
    mei = person("mei")
    for n in range(1, 8):
        world.clock.advance(n % 3)
        world.run(actions.top_up, owner=mei, amount=Money(n, "CNY" if n % 2 else "USD"))
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = world.read(queries.statement, owner=mei, cursor=cursor, limit=2)
        seen += [entry.amount.amount for entry in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen) == list(range(1, 8))
    assert [n for n in seen if n % 2] == [7, 5, 3, 1]


@pytest.mark.parametrize(
    "cursor", ["x", "!", "٣", inputs.cursor([1]), inputs.cursor({"CNY": -1}), inputs.cursor({"CNY": 1 << 60})]
)
def test_a_crooked_cursor_is_refused(world: World, person: Sign, cursor: str) -> None:
    mei = person("mei", money=1)
    with pytest.raises(inputs.BadCursor):
        world.read(queries.statement, owner=mei, cursor=cursor)


def test_a_settlement_shows_the_buyer_to_the_shop(world: World, person: Sign) -> None:
    mei = person("mei", money=100)
    escrow = world.run(open_account, owner="shop", purpose="escrow")
    shop = world.run(open_account, owner="shop", purpose="shop")
    world.one(actions.transfer, move("a", wallet_of(mei), escrow, 100))
    world.one(actions.transfer, move("b", escrow, shop, 100, reason="settlement", party=mei))
    (line,) = world.read(queries.statement, owner="shop", purpose="shop").items
    assert (line.counterparty, line.reason) == ("Mei", "settlement")
    moved = {"account": shop, "reason": "settlement", "since": world.clock(), "until": world.clock() + 1}
    assert world.read(queries.moved, **moved) == 100  # type: ignore[arg-type]
    assert world.read(queries.moved, **{**moved, "since": world.clock() + 1}) == 0  # type: ignore[arg-type]


def test_P7_only_the_owner_sees_what_a_shop_has(world: World, person: Sign) -> None:
    lin, wang, mei = person("lin"), person("wang"), person("mei")
    shop = world.run(identity.open_shop, owner=lin, handle="tea", name="Tea", tagline="", currency="CNY").id
    world.run(identity.hire, shop=shop, by=lin, handle="wang")
    world.run(open_account, owner=shop, purpose="shop")
    assert world.read(queries.shop_wallet, shop=shop, by=lin).balances == [Balance("CNY", 0, 0)]
    assert world.read(queries.shop_statement, shop=shop, by=lin, cursor=None, limit=9).items == []
    for by, refused in ((wang, NotOwner), (mei, NotStaff)):
        with pytest.raises(refused):
            world.read(queries.shop_wallet, shop=shop, by=by)
        with pytest.raises(refused):
            world.read(queries.shop_statement, shop=shop, by=by, cursor=None, limit=9)


def test_what_is_held_comes_from_those_who_hold(world: World, person: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = person("mei", money=100)
    held = [Held(mei, "CNY", 30), Held(mei, "USD", 5)]
    monkeypatch.setattr(queries, "HOLDS", [lambda db, owners: held])
    assert world.read(queries.wallet, owner=mei).balances == [Balance("CNY", 100, 30), Balance("USD", 0, 5)]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE ledger_accounts SET balance = balance + 1 WHERE purpose = 'wallet'", "accounts_zero"),
        ("UPDATE ledger_accounts SET balance = balance + 1 WHERE purpose = 'wallet'", "balances"),
        ("UPDATE ledger_accounts SET floor = balance + 1 WHERE purpose = 'wallet'", "floors"),
        ("DELETE FROM ledger_entries WHERE purpose = 'wallet'", "balances"),
        ("DELETE FROM ledger_entries WHERE purpose = 'wallet'", "transfers_balanced"),
        ("UPDATE transfers SET amount = amount + 1", "transfers_balanced"),
    ],
)
def test_P3_damage_is_seen(world: World, person: Sign, damage: str, code: str) -> None:
    person("mei", money=100)
    with world.store.connect(write=True) as sql:
        sql.execute(text(damage))
    assert code in {e.code for e in world.read(queries.equations) if not e.holds}


people = st.sampled_from([0, 1, 2])
moves = st.lists(st.tuples(people, people, st.integers(-1, 60)), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves, cuts=st.sets(st.integers(1, 11)))
def test_P3_in_whatever_batches_transfers_come_they_do_the_same(
    world: World, moves: list[tuple[int, int, int]], cuts: set[int]
) -> None:
    """Against the plainest ledger there is: a dictionary, one transfer after the other."""
    new_id = Ids(world.clock, world.rng)
    owners = [new_id() for _ in range(3)]
    ids = [world.run(open_account, owner=owner, purpose="wallet") for owner in owners]
    source = world.run(open_account, owner="sandbox", purpose="sandbox")
    world.batch(commands([move(new_id(), source, id, 50) for id in ids]))
    plain = dict.fromkeys(ids, 50)
    expected = []
    for a, b, amount in moves:
        fits = a != b and amount > 0 and plain[ids[a]] >= amount
        expected.append(fits)
        if fits:
            plain[ids[a]] -= amount
            plain[ids[b]] += amount
    asked = commands([move(new_id(), ids[a], ids[b], amount) for a, b, amount in moves])
    edges = [0, *sorted(cut for cut in cuts if cut < len(asked)), len(asked)]
    outcomes = [o for start, end in pairwise(edges) for o in world.batch(asked[start:end])]
    assert [o.refusal is None for o in outcomes] == expected
    assert {id: world.read(queries.balance, id) for id in ids} == plain
    equations_hold(world)


def test_P3_lanes_that_race_for_the_same_money_spend_it_once(world: World, person: Sign) -> None:
    """Several lanes at once (PostgreSQL runs them truly in parallel): accepted debits never exceed the balance."""
    mei, wang = person("mei", money=100), person("wang", money=100)
    ids = [wallet_of(mei), wallet_of(wang)]
    done: list[int] = []

    def spend(seed: int) -> None:
        rng = Random(seed)
        lane = Lane(world.store, clock=world.clock, rng=rng)
        for n in range(12):
            debit, credit = ids if rng.random() < 0.8 else ids[::-1]
            transfers = [move(f"{seed}-{n}-{i}", debit, credit, rng.randrange(1, 30)) for i in range(4)]
            done.extend(isinstance(o.value, TransferDone) for o in lane.execute(commands(transfers)).outcomes)
        lane.close()

    threads = [threading.Thread(target=spend, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4 * 12 * 4
    assert sum(world.read(queries.balance, id) for id in ids) == 200
    equations_hold(world)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # PostgreSQL's planner goes by table sizes
@pytest.mark.parametrize("statement", [tables.SELECT_STANDINGS, tables.SELECT_TRANSFERS, tables.MOVE])
def test_hot_statements_find_rows_by_their_whole_key(world: World, statement: dict[str, str]) -> None:
    sql = statement["sqlite"]
    with world.store.connect(write=False) as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        plan = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", ["[]"] * sql.count("?"))]
    searched = [line for line in plan if line.startswith("SEARCH")]
    assert searched
    assert all("owner=? AND purpose=? AND currency=?" in line or "(id=?)" in line for line in searched), plan
