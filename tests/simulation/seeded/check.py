"""What must be true when all has healed: every client ends as if it had been there, every message stands exactly once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from dealings.client.state import State
from dealings.domain.messaging import queries as conversations
from dealings.domain.messaging.model import PAGE_MOST
from dealings.edge.state import snapshot
from tests.simulation.seeded.device import Device
from tests.simulation.seeded.play import Play

COMPARED = ("conversations", "contacts", "orders", "wallet", "cart")


async def check(play: Play) -> None:
    for device in play.devices:
        await _is_current(play, device)
    _messages_stand_once(play, await _all_messages(play))
    if play.gentle:
        assert not any(device.miscounts + device.link.miscounts for device in play.devices), (
            "counted wrong without cause"
        )


async def _is_current(play: Play, device: Device) -> None:
    """Old state + events = state fetched afresh (P2), also of each opened stretch."""
    told = await play.node.reads(snapshot, account=device.account, cursor=lambda commit: b"")
    fresh = State(device.account)
    fresh.start_afresh(msgspec.json.decode(msgspec.json.encode(told)))
    for name in COMPARED:
        mine, theirs = getattr(device.client.state, name), getattr(fresh, name)
        assert mine == theirs, f"{device.name}'s {name}: {_difference(mine, theirs)}"
    for id, thread in device.client.state.threads.items():
        stored = await _stretch(play, device, id)
        shown = thread.messages
        assert shown == stored[len(stored) - len(shown) :], f"{device.name}'s thread {id}: {[m['seq'] for m in shown]}"
        assert not thread.from_start or len(shown) == len(stored), (
            f"{device.name}'s thread {id} does not begin at its start"
        )


def _difference(mine: Any, theirs: Any) -> str:
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return f"has {mine!r}, should have {theirs!r}"
    lines = [
        f"{key}: {_difference(mine.get(key), theirs.get(key))}"
        for key in mine.keys() | theirs.keys()
        if mine.get(key) != theirs.get(key)
    ]
    return "; ".join(sorted(lines))


async def _stretch(play: Play, device: Device, conversation: str) -> list[Any]:
    found = await play.node.reads(
        conversations.history, conversation=conversation, account=device.account, before=None, after=0, limit=PAGE_MOST
    )
    decoded: list[Any] = msgspec.json.decode(msgspec.json.encode(found))
    return decoded


async def _all_messages(play: Play) -> dict[str, list[Any]]:
    """Every conversation from its first message on, as nobody sees it: straight from the store."""
    return await play.node.reads(_read_all)


def _read_all(db: Any) -> dict[str, list[Any]]:
    rows = db.driver.execute("SELECT conversation, MAX(seq) FROM messages GROUP BY conversation").fetchall()
    return {
        id: [conversations.message(db, conversation=id, seq=seq) for seq in range(1, last_seq + 1)]
        for id, last_seq in sorted(rows)
    }


def _messages_stand_once(play: Play, stored: dict[str, list[Any]]) -> None:
    for id, messages in stored.items():
        assert all(message is not None for message in messages), f"a number is missing in {id}"
        named = Counter((m.sender, m.client_id) for m in messages if m.client_id)
        assert not [key for key, count in named.items() if count > 1 and key[0]], f"doubled in {id}"
    texts = {id: [getattr(m.body, "text", "") for m in messages] for id, messages in stored.items()}
    for device in play.devices:
        for conversation in {place for place, _ in device.written}:
            _as_written(device, conversation, texts[conversation])


def _as_written(device: Device, conversation: str, texts: list[str]) -> None:
    written = [text for place, text in device.written if place == conversation]
    expected = [text for text in written if text not in device.failed]
    unacknowledged = [text for text in expected if text not in device.acknowledged]
    assert not unacknowledged, f"{device.name} has had no answer to {unacknowledged}"
    stands = [text for text in texts if text in written]
    assert stands == expected, f"{device.name} wrote {expected}, there is {stands}"
