"""The market as insight sees it: people who are shown things, look, ask and buy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from dealings.domain.identity import actions as identity
from dealings.domain.insight import actions, model, queries, tables
from dealings.domain.insight.model import Fact, Funnel, Kind, Looking, Row, Sale, Touch
from dealings.domain.messaging import api as messages
from dealings.domain.messaging import groups
from dealings.domain.messaging.posting import post
from dealings.domain.orders import sharing
from dealings.kernel.ids import Id
from dealings.platform.db.views import reading, writing
from tests.domain.orders.market import Market
from tests.world import World

FOREVER = 2**53


@dataclass
class Stage:
    """Mei is friends with Arun and Sofia, and in a group with them; `otto` is an operator; `thread` is Mei's with the shop."""

    world: World
    market: Market
    arun: Id
    sofia: Id
    otto: Id
    direct: Id
    group: Id
    thread: Id

    # who does what

    def touch(
        self, step: Looking, *, via: str = "direct", account: Id | None = None, product: Id | None = None
    ) -> None:
        self.touch_all([Touch(step, product or self.market.tea, via)], account=account)

    def touch_all(self, touches: Sequence[Touch], *, account: Id | None = None) -> None:
        """As the route does it."""
        account = account or self.market.mei
        noted = self.world.read(queries.noted, account=account, touches=touches)
        self.world.run(actions.touch, account=account, touches=noted)

    def say(self, words: str = "in stock?", *, product: Id | None = None, sender: Id | None = None) -> messages.Message:
        """In Mei's thread with the shop; staff speak for the shop."""
        sender = sender or self.market.mei
        shop = self.market.shop if sender != self.market.mei else None
        body = messages.Text(words, None, product)
        return self.world.one(post, messages.Post(self.thread, sender, self.world.uuid(), body, shop))

    def link(self, by: Id) -> str:
        return f"link:{self.world.run(sharing.make_link, product=self.market.tea, by=by).code}"

    def vias(self) -> list[tuple[str, Kind]]:
        """A way to the tea by every kind of cause, and two that claim what can't be."""
        market = self.market
        return [
            (market.card(self.direct, self.arun), "direct_chat"),
            (market.card(self.group, self.sofia), "group"),
            (market.card(self.thread, market.wang), "shop_chat"),
            ("search", "search"),
            (f"shop:{market.shop}", "shop_page"),
            (self.link(self.arun), "link"),
            ("direct", "direct"),
            ("m:0000000000000000:1", "direct"),
            ("link:nothere", "direct"),
        ]

    # what is known

    def funnel(self, *, since: int = 0, until: int = FOREVER, react: bool = True) -> Funnel:
        if react:
            self.world.react()
        shop, staff = self.market.shop, self.market.wang
        return self.world.read(queries.shop_funnel, shop=shop, account=staff, since=since, until=until)

    def row(self, kind: Kind, *, since: int = 0, until: int = FOREVER) -> Row:
        return next(row for row in self.funnel(since=since, until=until).by_cause if row.cause == kind)

    def sales(self, *, viewer: Id | None = None, cause: Kind | None = None, limit: int = 100) -> list[Sale]:
        self.world.react()
        found, _ = self.world.read(
            queries.sales,
            shop=self.market.shop,
            account=viewer or self.market.wang,
            cause=cause,
            since=0,
            until=FOREVER,
            before=None,
            limit=limit,
        )
        return found

    def asked(self) -> list[tuple[Kind, str, int | None]]:
        """What Mei asked about the tea: by which kind of cause, from where, in which message."""
        self.world.react()
        marks = {model.mark(kind, "asked"): kind for kind in model.KINDS}
        return [(marks[fact.mark], fact.source, fact.seq) for fact in self.facts() if fact.mark in marks]

    def facts(self, account: Id | None = None) -> list[Fact]:
        shop, tea, account = self.market.shop, self.market.tea, account or self.market.mei
        return self.world.read(tables.select_facts, shop=shop, account=account, products=[tea], until=FOREVER)


def join(market: Market) -> Stage:
    world = market.world
    arun, sofia, otto = (market.sign_up(handle) for handle in ("arun", "sofia", "otto"))
    world.run(identity.grant_operator, account=otto)
    direct = market.befriend(market.mei, arun)
    market.befriend(market.mei, sofia)
    group = world.run(groups.open_group, owner=market.mei, name="Family", members=[arun, sofia]).id
    return Stage(world, market, arun, sofia, otto, direct, group, market.thread())


TABLES = ("insight_facts", "insight_openings", "insight_sales")


def contents(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """All that insight has learnt."""
    with reading(world.store) as db:
        return {name: sorted(map(_plain, db.sql.execute(text(f"SELECT * FROM {name}")))) for name in TABLES}


def _plain(row: Any) -> tuple[Any, ...]:
    """Sortable, and without what only one store tells apart: SQLite knows no booleans."""
    return tuple("" if value is None else str(int(value)) if isinstance(value, bool | int) else value for value in row)


def forget(world: World) -> None:
    """Empty tables, and the consumer back at the beginning of the log."""
    with writing(world.store) as tx:
        for name in TABLES:
            tx.sql.execute(text(f"DELETE FROM {name}"))
        tx.sql.execute(text("DELETE FROM consumers WHERE name = 'insight'"))
