"""What people do: over their connection, and over HTTP."""

from __future__ import annotations

from typing import Any

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import devices, groups, invites, membership, settings
from dealings.domain.messaging.model import Post, Text
from dealings.domain.messaging.posting import post
from dealings.kernel.ids import uuid7
from dealings.platform.outbox import consumers
from tests.simulation.seeded.play import Happening, Play

PEOPLE_CONSUMER = "messaging.changes"


def send(play: Play) -> None:
    device = play.anyone()
    place = play.somewhere(device)
    for _ in range(play.rng.choice((1, 1, 1, 2, 5)) if place else 0):
        text = f"{device.name} #{play.number()}"
        play.trace(f"{device.name} writes {text} into {place['id']}")
        device.send(place["id"], text, **_mentions(play, place))


def _mentions(play: Play, place: Any) -> Any:
    if place["kind"] != "group" or play.rng.random() < 0.8:
        return {}
    return {"mentions": play.rng.choice((["*"], [play.account()], [play.account(), "nobody"]))}


def read(play: Play) -> None:
    device = play.anyone()
    place = play.somewhere(device)
    if place and place["last_seq"]:
        seq = play.rng.choice((place["last_seq"], play.rng.randint(1, place["last_seq"])))
        play.trace(f"{device.name} reads {place['id']} up to {seq}")
        device.do("read", place["id"], seq)


def draft(play: Play) -> None:
    device = play.anyone()
    place = play.somewhere(device)
    if place:
        device.do("draft", place["id"], play.rng.choice(("", f"draft {play.number()}")))


def open_thread(play: Play) -> None:
    device = play.anyone()
    place = play.somewhere(device)
    if place:
        device.do("open", place["id"])


def typing(play: Play) -> None:
    device = play.anyone()
    place = play.somewhere(device)
    if place:
        device.do("typing", place["id"])


def arrange(play: Play) -> None:
    """Mute, pin, or the opposite."""
    device = play.anyone()
    place = play.somewhere(device)
    if place:
        given = {play.rng.choice(("muted", "pinned")): play.rng.random() < 0.5}
        play.ask(device.name, devices.set_mine, conversation=place["id"], by=device.account, **given)


def gather(play: Play) -> None:
    """A new group."""
    owner, *others = play.rng.sample(sorted(play.scene.members), 3)
    play.ask("someone", groups.open_group, owner=owner, name=f"Group {play.number()}", members=others)


def change_group(play: Play) -> None:
    """Someone joins, leaves, is removed, gets a role, is silenced; the group gets a name or other rules."""
    device = play.anyone()
    group = play.somewhere(device, "group")
    if group is None:
        return
    action, given = play.rng.choice(_changes(play, device.account))
    play.ask(device.name, action, conversation=group["id"], by=device.account, **given)


def _changes(play: Play, me: str) -> list[tuple[Any, dict[str, Any]]]:
    other = play.account()
    rules = {play.rng.choice(("silenced", "history_open", "members_invite", "approval")): play.rng.random() < 0.5}
    return [
        (groups.add_members, {"accounts": [other]}),
        (groups.add_members, {"accounts": [other]}),
        (groups.remove_member, {"account": other}),
        (groups.remove_member, {"account": me}),
        (groups.set_role, {"account": other, "role": play.rng.choice(("admin", "member"))}),
        (groups.hand_over, {"account": other}),
        (groups.silence_member, {"account": other, "until": play.rng.choice((None, play.clock() + 60_000_000))}),
        (groups.set_nickname, {"nickname": play.rng.choice(("", "Nick"))}),
        (settings.rename_group, {"name": f"Named {play.number()}"}),
        (settings.set_notice, {"text": play.rng.choice(("", f"Notice {play.number()}"))}),
        (settings.set_settings, {"settings": membership.Settings(**rules)}),
    ]


def join_by_link(play: Play) -> None:
    device = play.anyone()
    group = play.somewhere(device, "group")
    if group is not None:
        play.outside(_invite(play, device.name, device.account, group["id"], play.account()))


async def _invite(play: Play, who: str, by: str, conversation: str, account: str) -> None:
    given = {"conversation": conversation, "by": by, "expires_in_seconds": None, "uses": 1, "approval": False}
    invite = await play.asked(who, invites.create_invite, **given)
    if invite is not None:
        await play.asked("someone", invites.join, conversation=conversation, account=account, code=invite.code)


def remark(play: Play) -> None:
    one, other = play.rng.sample(sorted(play.scene.members), 2)
    play.ask("someone", identity.set_remark, me=one, other=other, remark=f"Remark {play.number()}")


def new_name(play: Play) -> None:
    play.outside(_rename(play, play.account()))


async def _rename(play: Play, account: str) -> None:
    """… of which a consumer of the log tells all who know them."""
    await play.asked("someone", identity.edit_profile, account=account, name=f"Named {play.number()}")
    while await play.asked("a job", consumers.consume, name=PEOPLE_CONSUMER):
        pass


def shop_answers(play: Play) -> None:
    text = Text(f"shop #{play.number()}")
    item = Post(play.scene.thread, play.scene.owner, uuid7(play.clock(), play.rng), text, play.scene.shop)

    async def answer() -> None:
        await play.node.run.one(post, item)

    play.outside(play.insisted("the shop", "answers", answer))


LIFE: tuple[tuple[int, Happening], ...] = (
    (14, send),
    (6, read),
    (3, draft),
    (3, open_thread),
    (1, typing),
    (2, arrange),
    (1, gather),
    (6, change_group),
    (1, join_by_link),
    (1, remark),
    (1, new_name),
    (2, shop_answers),
)
