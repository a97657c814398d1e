"""One account on many devices: how far it has read and received, what it has pinned, muted and begun to write.

Reading and receiving are the hot ones, for every message is received and read by someone: all that wait
are moved together, in few statements.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dealings.domain.identity import api as identity
from dealings.domain.messaging import model, queries, tables_devices, tables_views
from dealings.domain.messaging.errors import NoSuchConversation, NothingToRead, OnlyMembers, TextTooLong
from dealings.domain.messaging.events import DraftChanged, MineChanged, ReadPositionMoved, ReceivedPositionMoved
from dealings.domain.messaging.model import Conversation, ReadMoved, ReadState
from dealings.domain.messaging.model_devices import DraftKept, Mine, OwnDraft, Reading, Received, ReceivedMoved
from dealings.domain.messaging.tables_devices import Own, Place, Positions, Reader
from dealings.domain.messaging.tables_views import Behind
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action, setwise
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

# reading and receiving


@dataclass(frozen=True, slots=True)
class Standing:
    """A reading side of a conversation, and how far it is."""

    reader: Id
    """The account; or the shop, for its staff."""
    last_seq: int
    at: Positions
    stream: str
    others: list[str]
    """The streams of the other side, where there is one: of two people, and of a buyer and a shop."""
    quiet: bool
    """The other side is blocked, and sees nothing move."""


Standings = Mapping[tuple[Id, Id], Standing]
"""By (conversation, the account that asks)."""


@setwise(route="conversation", steady=True)
def mark_read(tx: Tx, items: Sequence[Reading]) -> list[ReadState | Refusal]:
    """Move reading sides forward; all devices of each, and the other side, are told.

    Several of the same side in one batch are one move, and all are answered with where it ends.
    """
    standings = _standings(tx, items)
    now = _move(tx, standings, _wanted(standings, items), lambda s, seq: Positions(seq, 0 if s.quiet else seq))
    unread = _unread(tx, standings, now)
    for place, standing in _sides(standings).items():
        _tell_read(tx, place, standing, now[place], unread.get(place, 0))
    return [
        refusal or _read_state(_place(item, standings), now, unread)
        for item, refusal in zip(items, _refusals(standings, items), strict=True)
    ]


@setwise(route="conversation", steady=True)
def receive(tx: Tx, items: Sequence[Reading]) -> list[Received | Refusal]:
    """Note how far the devices of a member are, between two people and in shops' threads; elsewhere nothing is kept."""
    standings = _standings(tx, items)
    kept = [item for item in items if (s := standings.get((item.conversation, item.by))) and s.others and not s.quiet]
    now = _move(tx, standings, _wanted(standings, kept), lambda _, seq: Positions(0, seq))
    for place, standing in _sides(standings).items():
        _tell_received(tx, place, standing, now[place])
    return [
        refusal or Received(now[_place(item, standings)].received)
        for item, refusal in zip(items, _refusals(standings, items), strict=True)
    ]


def _standings(tx: Tx, items: Sequence[Reading]) -> dict[tuple[Id, Id], Standing]:
    """Of those who may read there: as members, or as staff of the thread's shop."""
    found = tables_devices.readers(tx, {(item.conversation, item.by) for item in items})
    outside = [r for r in found.values() if r.read_seq is None and r.shop]
    staffed = identity.staffed(tx, {(r.shop or "", r.account) for r in outside})
    for_shops = [r for r in outside if (r.shop, r.account) in staffed]
    read_by_shops = tables_views.read_by_shops(tx, {(r.shop or "", r.conversation) for r in for_shops})
    blocked = identity.blocks(tx, {(r.account, _peer(r)) for r in found.values() if r.kind == "direct"})
    members = {
        (r.conversation, r.account): _as_member(r, quiet=(r.account, _peer(r)) in blocked)
        for r in found.values()
        if r.read_seq is not None
    }
    staff = {(r.conversation, r.account): _as_shop(r, read_by_shops[r.conversation]) for r in for_shops}
    return members | staff


def _peer(reader: Reader) -> Id:
    return (reader.high if reader.low == reader.account else reader.low) or ""


def _as_member(reader: Reader, *, quiet: bool) -> Standing:
    others = [streams.account(_peer(reader))] if reader.kind == "direct" else []
    if reader.shop:
        others = [streams.shop(reader.shop)]
    at = Positions(reader.read_seq or 0, reader.received_seq or 0)
    return Standing(reader.account, reader.last_seq, at, streams.account(reader.account), others, quiet)


def _as_shop(reader: Reader, read_seq: int) -> Standing:
    shop = reader.shop or ""
    others = [streams.account(reader.buyer or "")]
    return Standing(shop, reader.last_seq, Positions(read_seq, read_seq), streams.shop(shop), others, quiet=False)


def _place(item: Reading, standings: Standings) -> Place:
    return item.conversation, standings[item.conversation, item.by].reader


def _sides(standings: Standings) -> dict[Place, Standing]:
    """Each reading side once, however many of a shop's staff ask."""
    return {(conversation, standing.reader): standing for (conversation, _), standing in standings.items()}


def _refusals(standings: Standings, items: Sequence[Reading]) -> list[Refusal | None]:
    return [_refusal(standings.get((item.conversation, item.by)), item.seq) for item in items]


def _refusal(standing: Standing | None, seq: int) -> Refusal | None:
    if standing is None:
        return NoSuchConversation()
    return None if 0 <= seq <= standing.last_seq else NothingToRead(seq=seq)


def _wanted(standings: Standings, items: Sequence[Reading]) -> dict[Place, int]:
    """How far each side says it is."""
    wanted: dict[Place, int] = {}
    for item, refusal in zip(items, _refusals(standings, items), strict=True):
        if refusal is None:
            place = _place(item, standings)
            wanted[place] = max(wanted.get(place, 0), item.seq)
    return wanted


def _move(
    tx: Tx, standings: Standings, wanted: Mapping[Place, int], to: Callable[[Standing, int], Positions]
) -> dict[Place, Positions]:
    """Where all sides stand afterwards; only those that get further are written."""
    now = {place: standing.at for place, standing in _sides(standings).items()}
    shops: dict[Place, Positions] = {}
    accounts: dict[Place, Positions] = {}
    for place, standing in _sides(standings).items():
        asked = to(standing, wanted.get(place, 0))
        further = Positions(max(asked.read, standing.at.read), max(asked.received, standing.at.received))
        if further != standing.at:
            (shops if standing.stream.startswith("s:") else accounts)[place] = further
    now |= tables_devices.move_members(tx, accounts)
    # What staff's devices have received is not kept: a shop has received what it has read.
    now |= tables_devices.move_shops(tx, {place: p for place, p in shops.items() if p.read > now[place].read})
    return now


def _unread(tx: Tx, standings: Standings, now: Mapping[Place, Positions]) -> dict[Place, int]:
    behind = [
        Behind(place[0], now[place].read, "" if standing.stream.startswith("s:") else standing.reader)
        for place, standing in _sides(standings).items()
        if standing.last_seq > now[place].read
    ]
    counted = tables_views.count_unread(tx, behind)
    return {place: counted.get((place[0], _counted_as(s)), 0) for place, s in _sides(standings).items()}


def _counted_as(standing: Standing) -> Id:
    return "" if standing.stream.startswith("s:") else standing.reader


def _read_state(place: Place, now: Mapping[Place, Positions], unread: Mapping[Place, int]) -> ReadState:
    return ReadState(now[place].read, unread.get(place, 0))


def _tell_read(tx: Tx, place: Place, standing: Standing, now: Positions, unread: int) -> None:
    """The reading side, with what is left for it; and the other side of two, without."""
    conversation, reader = place
    if now.read > standing.at.read:
        moved = ReadMoved(conversation, reader, now.read, unread)
        tx.emit(ReadPositionMoved(moved), stream=standing.stream)
    if now.shown > standing.at.shown and not standing.quiet:
        for stream in standing.others:
            tx.emit(ReadPositionMoved(ReadMoved(conversation, reader, now.shown)), stream=stream)


def _tell_received(tx: Tx, place: Place, standing: Standing, now: Positions) -> None:
    conversation, reader = place
    if now.received > standing.at.received:
        for stream in standing.others:
            tx.emit(ReceivedPositionMoved(ReceivedMoved(conversation, reader, now.received)), stream=stream)


# what is an account's own


def _own(tx: Tx, conversation: Id, account: Id) -> Own:
    """Refuses strangers, and staff: a thread is in the shop's inbox, not in a list of theirs."""
    if queries.side(tx, conversation=conversation, account=account).member is None:
        raise OnlyMembers()
    return tables_devices.own(tx, [(conversation, account)])[conversation, account]


@action(route="by")
def set_mine(
    tx: Tx, *, conversation: Id, by: Id, muted: bool | None = None, pinned: bool | None = None
) -> Conversation:
    """Mute a conversation, or keep it on top; what isn't named stays. The account's other devices are told."""
    before = _own(tx, conversation, by)
    now = tables_devices.arrange(tx, conversation, by, muted=muted, pinned=pinned)
    if (now.muted, now.pinned_at) != (before.muted, before.pinned_at):
        tx.emit(MineChanged(Mine(conversation, now.muted, now.pinned_at)), stream=streams.account(by))
    return queries.conversation(tx, conversation=conversation, account=by)


@action(route="by")
def keep_draft(tx: Tx, *, conversation: Id, by: Id, text: str) -> DraftKept:
    """Keep what was begun, for the account's other devices; an empty text clears it. Of two the later one wins."""
    if len(text) > model.TEXT_MOST:
        raise TextTooLong(most=model.TEXT_MOST)
    before = _own(tx, conversation, by)
    kept = text.replace("\0", "") or None  # what no store takes
    if kept == before.draft:
        return DraftKept(before.draft_at or tx.now)
    if not tables_devices.write_draft(tx, conversation, by, text=kept):
        return DraftKept(_own(tx, conversation, by).draft_at or tx.now)
    tx.emit(DraftChanged(OwnDraft(conversation, kept, tx.now)), stream=streams.account(by))
    return DraftKept(tx.now)
