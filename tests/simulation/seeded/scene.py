"""Who is there when a seed begins, written once into a store that every seed starts from a copy of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import groups
from dealings.domain.messaging.model import Post, Text
from dealings.domain.messaging.posting import post
from dealings.edge.web.access import hash_token
from dealings.kernel.clock import ManualClock
from dealings.kernel.ids import uuid7
from dealings.platform.db.direct import Direct
from dealings.platform.db.stores import SqliteStore, Store

START = 1_767_225_600_000
INCARNATION = "0" * 16
PEOPLE = ("mei", "arun", "lin", "sofia")
DEVICES = (("mei", "phone"), ("mei", "desk"), ("arun", "phone"), ("arun", "desk"), ("lin", "phone"), ("sofia", "phone"))


class QuickStore(SqliteStore):
    """Nothing here outlives the process, so nothing waits for the disk."""

    def connect(self, *, write: bool) -> Connection:
        connection = super().connect(write=write)
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA synchronous=OFF")
        return connection


@dataclass(frozen=True)
class Scene:
    """The accounts by handle, the shop and its owner, and the first conversations."""

    accounts: dict[str, str]
    owner: str
    shop: str
    thread: str
    group: str
    sessions: dict[str, str]
    """By token."""

    @property
    def members(self) -> list[str]:
        """Everyone with a device."""
        return [self.accounts[handle] for handle in PEOPLE]


def token(handle: str, device: str) -> str:
    return f"{handle}-{device}"


def prepare(store: Store) -> Scene:
    """Four friends, two of them with two devices; a group; a shop with a thread; a few words said."""
    rng, clock = Random("scene"), ManualClock(START - 86_400_000)
    direct = Direct(store, clock=clock, rng=rng)
    run = direct.run
    accounts = {h: run(identity.sign_up, handle=h, name=h.title(), password_hash="x") for h in (*PEOPLE, "tao")}
    sessions: dict[str, str] = {}
    for handle, device in DEVICES:
        given = {"token_hash": hash_token(token(handle, device)), "agent": device, "address": ""}
        sessions[token(handle, device)] = run(identity.open_session, account=accounts[handle], verified="x", **given)
    for one, other in [(a, b) for a in PEOPLE for b in PEOPLE if a < b]:
        run(identity.ask_contact, me=accounts[one], other=accounts[other])
        run(identity.accept_contact, me=accounts[other], other=accounts[one])
    mei, arun, lin = accounts["mei"], accounts["arun"], accounts["lin"]
    opened = run(messaging.open_direct, me=mei, other=arun)
    group = run(groups.open_group, owner=mei, name="Family", members=[arun, lin])
    shop = run(identity.open_shop, owner=accounts["tao"], handle="tea", name="Tea", tagline="", currency="CNY")
    thread = run(messaging.open_shop, shop=shop.id, buyer=mei)
    for sender, conversation in ((mei, opened.id), (arun, opened.id), (lin, group.id), (mei, thread.id)):
        direct.one(post, Post(conversation, sender, uuid7(clock(), rng), Text("hello")))
    direct.close()
    return Scene(accounts, accounts["tao"], shop.id, thread.id, group.id, sessions)


def copied(template: Path, to: Path) -> QuickStore:
    to.write_bytes(template.read_bytes())
    return QuickStore(to)
