"""P7: who may do what in conversations, as data, walked completely."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import devices, groups, queries, settings
from dealings.domain.messaging.model_devices import Reading
from dealings.domain.messaging.posting import post
from dealings.kernel.errors import Refusal
from dealings.platform.db.actions import Command
from tests.domain.messaging.test_posting import item
from tests.domain.town import Town

WHO = ("mei", "peer", "member", "owner", "former", "blocked", "staff", "keeper", "dismissed", "overseer", "stranger")
"""mei: in the direct conversation and the buyer of the thread. blocked: has a direct conversation with mei, who
blocked them, and is in the group. keeper: owner of the shop. overseer: an operator."""

DIRECT, GROUP, THREAD, SPOILT = "direct", "group", "thread", "spoilt"
"""`spoilt` is the conversation of mei and blocked."""

READERS = {
    DIRECT: {"mei", "peer"},
    GROUP: {"mei", "member", "owner", "blocked"},
    THREAD: {"mei", "staff", "keeper"},
    SPOILT: {"mei", "blocked"},
}
WRITERS = READERS | {SPOILT: {"mei"}}
NOBODY: set[str] = set()
ALLOWED: dict[str, dict[str, set[str]]] = {
    # what: in which conversation: who; everyone else is refused, and nothing happens
    "see": READERS,
    "open": READERS,
    "read messages": READERS,
    "list": READERS | {THREAD: {"mei"}},
    "mark read": READERS,
    "write": WRITERS,
    "rename": {DIRECT: NOBODY, GROUP: {"owner"}, THREAD: NOBODY, SPOILT: NOBODY},
    "bring in a contact": {DIRECT: NOBODY, GROUP: READERS[GROUP], THREAD: NOBODY, SPOILT: NOBODY},
    "bring in a stranger": dict.fromkeys(READERS, NOBODY),
    "remove another": {DIRECT: NOBODY, GROUP: {"owner"}, THREAD: NOBODY, SPOILT: NOBODY},
    "leave": {DIRECT: NOBODY, GROUP: READERS[GROUP], THREAD: NOBODY, SPOILT: NOBODY},
}


@dataclass
class Place:
    """All of them, with each kind of conversation."""

    town: Town
    ids: dict[str, str]
    conversations: dict[str, str]
    friend: str
    """A contact of everyone, in nothing yet."""
    other: str
    """A plain member of the group."""

    @classmethod
    def build(cls, town: Town) -> "Place":
        ids = dict(zip(WHO, town.people(*WHO), strict=True))
        friend, other = town.people("friend", "other")
        town.befriend(friend, *ids.values())
        mei = ids["mei"]
        shop = town.shop(ids["keeper"], "tea.house", "staff", "dismissed")
        town.world.run(identity.dismiss, shop=shop, by=ids["keeper"], account=ids["dismissed"])
        town.world.run(identity.grant_operator, account=ids["overseer"])
        inside = [mei, ids["member"], ids["blocked"], ids["former"], other]
        made = {
            DIRECT: town.direct(mei, ids["peer"]),
            GROUP: town.group(ids["owner"], *inside),
            THREAD: town.thread(shop, mei),
            SPOILT: town.direct(mei, ids["blocked"]),
        }
        town.world.run(groups.remove_member, conversation=made[GROUP], by=ids["owner"], account=ids["former"])
        town.world.run(identity.block_contact, me=mei, other=ids["blocked"])
        for conversation in made.values():
            town.say(mei, conversation)
        return cls(town, ids, made, friend, other)

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
            "write": lambda: self.town.say(me, conversation),
            "rename": lambda: run(settings.rename_group, by=me, name=f"by {who}", **at),
            "bring in a contact": lambda: run(groups.add_members, by=me, accounts=[self.friend], **at),
            "bring in a stranger": lambda: run(groups.add_members, by=me, accounts=[stranger], **at),
            "remove another": lambda: run(groups.remove_member, by=me, account=self.other, **at),
            "leave": lambda: run(groups.remove_member, by=me, account=me, **at),
        }
        deeds[what]()

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
            if what == "leave" and who == "owner":
                continue  # then the group is another's; test_groups tells that
            assert place.may(what, who, where) == (who in allowed), (what, who, where)
            if what == "bring in a contact" and who in allowed:
                given = {"conversation": place.conversations[where], "account": place.friend}
                town.world.run(groups.remove_member, by=place.ids["owner"], **given)
            if what == "remove another" and who in allowed:
                break


def test_P7_the_refusal_does_not_tell_whether_there_is_such_a_conversation(town: Town) -> None:
    place = Place.build(town)
    for where in place.conversations:
        for what in ("see", "open", "read messages", "mark read", "write"):
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
