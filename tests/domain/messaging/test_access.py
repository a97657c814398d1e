"""P7: who may do what in conversations, as data, walked completely."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import channels, devices, groups, invites, queries, queries_devices, settings
from dealings.domain.messaging.membership import Settings
from dealings.domain.messaging.model_devices import Reading
from dealings.domain.messaging.posting import post
from dealings.kernel.errors import Refusal
from dealings.platform.db.actions import Command
from tests.domain.messaging.test_posting import item
from tests.domain.town import Town

WHO = "mei peer member owner aide former blocked staff keeper dismissed overseer stranger".split()
"""mei: in the direct conversation and the buyer of the thread. blocked: has a direct conversation with mei, who
blocked them, and is in the group. keeper: owner of the shop. overseer: an operator. mei also follows the channel,
which owner and aide (an admin) run, and which can't be found."""

DIRECT, GROUP, THREAD, SPOILT, CHANNEL = "direct", "group", "thread", "spoilt", "channel"
"""`spoilt` is the conversation of mei and blocked."""

READERS = {
    DIRECT: {"mei", "peer"},
    GROUP: {"mei", "member", "owner", "aide", "blocked"},
    THREAD: {"mei", "staff", "keeper"},
    SPOILT: {"mei", "blocked"},
    CHANNEL: {"mei", "owner", "aide"},
}
RUNNERS = {"owner", "aide"}
WRITERS = READERS | {SPOILT: {"mei"}, CHANNEL: RUNNERS}
NOBODY: set[str] = set()
NOWHERE = dict.fromkeys(READERS, NOBODY)
MANAGERS = NOWHERE | {GROUP: RUNNERS, CHANNEL: RUNNERS}
OWNERS = NOWHERE | {GROUP: {"owner"}, CHANNEL: {"owner"}}
ALLOWED: dict[str, dict[str, set[str]]] = {
    # what: in which conversation: who; everyone else is refused, and nothing happens
    "see": READERS,
    "open": READERS,
    "read messages": READERS,
    "list": READERS | {THREAD: {"mei"}},
    "mark read": READERS,
    "receive": READERS,
    "watch": READERS,
    "mute and pin": READERS | {THREAD: {"mei"}},
    "keep a draft": READERS | {THREAD: {"mei"}},
    "see who has read it": NOWHERE | {GROUP: {"mei", "owner", "aide"}},
    "write": WRITERS,
    "list members": READERS,
    "rename": MANAGERS,
    "set the picture": MANAGERS,
    "set the notice": MANAGERS,
    "silence all": NOWHERE | {GROUP: RUNNERS},
    "let it be found": NOWHERE | {CHANNEL: RUNNERS},
    "silence a member": NOWHERE | {GROUP: RUNNERS},
    "silence an admin": NOWHERE,
    "make an admin": OWNERS,
    "hand over": OWNERS,
    "take a nickname": NOWHERE | {GROUP: READERS[GROUP]},
    "bring in a contact": NOWHERE | {GROUP: READERS[GROUP]},
    "bring in a stranger": NOWHERE,
    "bring back who was removed": NOWHERE | {GROUP: RUNNERS},
    "remove another": MANAGERS,
    "remove an admin": OWNERS,
    "leave": NOWHERE | {GROUP: READERS[GROUP], CHANNEL: READERS[CHANNEL]},
    "make a link": NOWHERE | {GROUP: READERS[GROUP], CHANNEL: RUNNERS},
    "list links": NOWHERE | {GROUP: READERS[GROUP], CHANNEL: READERS[CHANNEL]},
    "see another's link": MANAGERS,
    "withdraw another's link": MANAGERS,
    "open a link": NOWHERE | {GROUP: set(WHO), CHANNEL: set(WHO)},
    "follow a link": NOWHERE | {GROUP: set(WHO), CHANNEL: set(WHO)},
    "see who asks to be let in": MANAGERS,
    "let someone in": MANAGERS,
    "turn someone away": MANAGERS,
    "follow without a link": NOWHERE | {CHANNEL: READERS[CHANNEL]},
    "look at the channel": NOWHERE | {CHANNEL: READERS[CHANNEL]},
    "unfollow": NOWHERE | {CHANNEL: READERS[CHANNEL]},
}
ONCE = {"remove another", "remove an admin", "hand over", "let someone in", "turn someone away", "make an admin"}
"""Can't be done a second time, by whomever."""
SETTLED = {"leave", "unfollow"}
"""Of the owner, then it is another's: test_groups and test_channels tell that."""
ANYONE = {"bring in a contact"}
"""Undone, for the next one to try."""

LATER = 2**52


@dataclass
class Place:
    """All of them, with each kind of conversation."""

    town: Town
    ids: dict[str, str]
    conversations: dict[str, str]
    friend: str
    """A contact of everyone, in nothing yet."""
    other: str
    """A plain member of the group and of the channel."""
    deputy: str
    """An admin of both, beside `aide`."""
    asker: str
    """Waits to be let into both."""
    links: dict[str, str]
    """A link of the owner's into each."""

    @classmethod
    def build(cls, town: Town) -> "Place":
        ids = dict(zip(WHO, town.people(*WHO), strict=True))
        friend, other, deputy, asker = town.people("friend", "other", "deputy", "asker")
        town.befriend(friend, *ids.values())
        town.befriend(ids["former"], *(ids[who] for who in sorted(READERS[GROUP])))
        mei = ids["mei"]
        shop = town.shop(ids["keeper"], "tea.house", "staff", "dismissed")
        town.world.run(identity.dismiss, shop=shop, by=ids["keeper"], account=ids["dismissed"])
        town.world.run(identity.grant_operator, account=ids["overseer"])
        inside = [mei, ids["member"], ids["blocked"], ids["former"], other, ids["aide"], deputy]
        made = {
            DIRECT: town.direct(mei, ids["peer"]),
            GROUP: town.group(ids["owner"], *inside),
            THREAD: town.thread(shop, mei),
            SPOILT: town.direct(mei, ids["blocked"]),
            CHANNEL: town.channel(ids["owner"], *inside[:1], other, ids["aide"], deputy),
        }
        owner = ids["owner"]
        links = {where: town.link(owner, made[where], approval=True) for where in (GROUP, CHANNEL)}
        for where, code in links.items():
            for account in (ids["aide"], deputy):
                town.world.run(groups.set_role, conversation=made[where], by=owner, account=account, role="admin")
            town.world.run(invites.join, conversation=made[where], account=asker, code=code)
        town.world.run(groups.remove_member, conversation=made[GROUP], by=ids["owner"], account=ids["former"])
        town.world.run(identity.block_contact, me=mei, other=ids["blocked"])
        for where, conversation in made.items():
            town.say(owner if where == CHANNEL else mei, conversation)
        return cls(town, ids, made, friend, other, deputy, asker, links)

    def attempt(self, what: str, who: str, where: str) -> None:
        me, conversation = self.ids[who], self.conversations[where]
        run, read = self.town.world.run, self.town.world.read
        at = {"conversation": conversation}
        stranger = self.ids["stranger" if who != "stranger" else "peer"]
        deeds: dict[str, Callable[[], object]] = {
            "see": lambda: read(queries.conversation, account=me, **at),
            "open": lambda: read(queries.details, account=me, **at),
            "read messages": lambda: self.town.history(me, conversation),
            "list": lambda: self._listed(me, conversation),
            "mark read": lambda: self.town.world.one(devices.mark_read, Reading(conversation, me, 1)),
            "receive": lambda: self.town.world.one(devices.receive, Reading(conversation, me, 1)),
            "watch": lambda: read(queries_devices.watched, account=me, **at),
            "mute and pin": lambda: run(devices.set_mine, by=me, muted=True, pinned=True, **at),
            "keep a draft": lambda: run(devices.keep_draft, by=me, text=f"of {who}", **at),
            "see who has read it": lambda: read(
                queries_devices.readers, account=me, seq=self._last(conversation), **at
            ),
            "write": lambda: self.town.say(me, conversation),
            "rename": lambda: run(settings.rename_group, by=me, name=f"by {who}", **at),
            "bring in a contact": lambda: run(groups.add_members, by=me, accounts=[self.friend], **at),
            "bring in a stranger": lambda: run(groups.add_members, by=me, accounts=[stranger], **at),
            "remove another": lambda: run(groups.remove_member, by=me, account=self.other, **at),
            "leave": lambda: run(groups.remove_member, by=me, account=me, **at),
            "list members": lambda: read(groups.members, account=me, after=None, limit=9, **at),
            "set the picture": lambda: run(settings.set_group_picture, by=me, file=f"{who}.webp", **at),
            "set the notice": lambda: run(settings.set_notice, by=me, text=f"by {who}", **at),
            "silence all": lambda: run(settings.set_settings, by=me, settings=Settings(silenced=True), **at),
            "let it be found": lambda: run(settings.set_settings, by=me, settings=Settings(listed=True), **at),
            "silence a member": lambda: run(groups.silence_member, by=me, account=self.other, until=LATER, **at),
            "silence an admin": lambda: run(groups.silence_member, by=me, account=self.deputy, until=LATER, **at),
            "make an admin": lambda: run(groups.set_role, by=me, account=self.other, role="admin", **at),
            "hand over": lambda: run(groups.hand_over, by=me, account=self.other, **at),
            "take a nickname": lambda: run(groups.set_nickname, by=me, nickname="Nick", **at),
            "bring back who was removed": lambda: self._bring_back(me, conversation),
            "remove an admin": lambda: run(groups.remove_member, by=me, account=self.deputy, **at),
            "make a link": lambda: self.town.link(me, conversation),
            "list links": lambda: read(invites.invites, account=me, now=0, **at),
            "see another's link": lambda: read(invites.invite, account=me, code=self._link(where), **at),
            "withdraw another's link": lambda: run(invites.revoke_invite, by=me, code=self._link(where), **at),
            "open a link": lambda: read(invites.invite_card, account=me, code=self._link(where), now=0),
            "follow a link": lambda: run(invites.join, account=me, code=self._link(where), **at),
            "see who asks to be let in": lambda: read(invites.requests, account=me, **at),
            "let someone in": lambda: run(invites.decide_request, by=me, account=self.asker, accept=True, **at),
            "turn someone away": lambda: run(invites.decide_request, by=me, account=self.asker, accept=False, **at),
            "follow without a link": lambda: run(channels.follow, account=me, **at),
            "look at the channel": lambda: read(channels.channel, account=me, **at),
            "unfollow": lambda: run(channels.unfollow, account=me, **at),
        }
        deeds[what]()

    def _last(self, conversation: str) -> int:
        """What mei said, or the channel's owner."""
        return self.town.world.read(queries.side, conversation=conversation, account=self.ids["mei"]).row.last_seq

    def _link(self, where: str) -> str:
        return self.links.get(where, self.conversations[where] + "0" * 8)

    def _bring_back(self, me: str, conversation: str) -> None:
        """The former one, who is out again afterwards, for the next to try."""
        former = self.ids["former"]
        self.town.world.run(groups.add_members, conversation=conversation, by=me, accounts=[former])
        self.town.world.run(groups.remove_member, conversation=conversation, by=self.ids["owner"], account=former)

    def _listed(self, account: str, conversation: str) -> None:
        listed = [c.id for c in self.town.world.read(queries.conversations, account=account)]
        if conversation not in listed:
            raise Refusal()

    def may(self, what: str, who: str, where: str) -> bool:
        self.town.forget()
        try:
            self.attempt(what, who, where)
        except Refusal:
            assert self.town.world.events == [], "refused, and yet something happened"
            return False
        return True


@pytest.mark.parametrize("what", ALLOWED)
def test_P7_who_may_do_what(town: Town, what: str) -> None:
    place = Place.build(town)
    for where, allowed in ALLOWED[what].items():
        refused_first = sorted(WHO, key=lambda who: (who in allowed, who))
        for who in refused_first:
            if what in SETTLED and who == "owner":
                continue
            assert place.may(what, who, where) == (who in allowed), (what, who, where)
            if what in ANYONE and who in allowed:
                given = {"conversation": place.conversations[where], "account": place.friend}
                town.world.run(groups.remove_member, by=place.friend, **given)
            if what in ONCE and who in allowed:
                break


def test_P7_the_refusal_does_not_tell_whether_there_is_such_a_conversation(town: Town) -> None:
    place = Place.build(town)
    for where in place.conversations:
        for what in ("see", "open", "read messages", "mark read", "receive", "watch", "keep a draft", "write"):
            assert place_refusal(place, what, where) == place_refusal(place, what, "nowhere")


def place_refusal(place: Place, what: str, where: str) -> str:
    place.conversations["nowhere"] = "0" * 16
    with pytest.raises(Refusal) as refused:
        place.attempt(what, "stranger", where)
    del place.conversations["nowhere"]
    return f"{refused.value.code} {refused.value}"


def test_P7_who_was_dismissed_cannot_answer_any_more(town: Town) -> None:
    tao, mei, lin = town.people("tao", "mei", "lin")
    shop = town.shop(tao, "tea.house", "lin")
    thread = town.thread(shop, mei)
    town.say(lin, thread)
    town.world.run(identity.dismiss, shop=shop, by=tao, account=lin)
    (outcome,) = town.world.batch([Command(post.name, {}, lin, item=item(thread, lin, "a").item)])
    assert outcome.refusal is not None
    assert [m.sender for m in town.history(mei, thread)] == [lin]
