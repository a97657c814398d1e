"""P1: an acknowledged message is on disk once, in one order for everyone, numbered without gaps."""

from itertools import pairwise

import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import groups, model, tables_sync
from dealings.domain.messaging.errors import (
    ClientIdInvalid,
    EmptyMessage,
    NoSuchConversation,
    NotDelivered,
    TextTooLong,
)
from dealings.domain.messaging.model import Body, Message, Notice, Post, ProductCard, Quote, Text
from dealings.domain.messaging.posting import post
from dealings.kernel.errors import KeyReused
from dealings.kernel.money import Money
from dealings.platform.db.actions import Command, Outcome
from dealings.platform.outbox import events as streams
from tests.domain.town import Town


def item(conversation: str, sender: str | None, client_id: str, body: str | Body = "hello") -> Command:
    said = Text(body) if isinstance(body, str) else body
    return Command(post.name, {}, sender, item=Post(conversation, sender, client_id, said))


def code(outcome: Outcome) -> str:
    return outcome.refusal.code if outcome.refusal else f"#{outcome.value.seq}"


def test_P1_numbers_have_no_gaps_and_everyone_reads_the_same(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    said = [town.say(sender, group, f"{n}") for n, sender in enumerate([mei, arun, lin, arun] * 5)]
    assert [m.seq for m in said] == list(range(2, 22))  # the first is the notice of the group
    histories = [town.history(reader, group) for reader in (mei, arun, lin)]
    assert histories[0][1:] == said
    assert histories[0] == histories[1] == histories[2]


def test_P1_a_resend_gives_the_first_message_and_writes_nothing(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    first = town.say(mei, talk, client_id="a")
    town.say(arun, talk, "in between")
    town.world.clock.advance(1000)
    town.forget()
    assert town.say(mei, talk, client_id="a") == first
    assert town.world.events == []
    assert town.say(arun, talk, client_id="a").seq == 3  # another sender's id is another id
    assert [m.seq for m in town.history(mei, talk)] == [1, 2, 3]


def test_P1_another_text_under_the_same_id_is_refused(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    town.say(mei, talk, "yes", client_id="a")
    with pytest.raises(KeyReused):
        town.say(mei, talk, "no", client_id="a")
    assert [m.body for m in town.history(mei, talk)] == [Text("yes")]


def test_P1_within_one_commit_too(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    outcomes = town.world.batch(
        [item(talk, mei, "a"), item(talk, mei, "a"), item(talk, mei, "a", "other"), item(talk, arun, "a")]
    )
    assert [code(o) for o in outcomes] == ["#1", "#1", "key_reused", "#2"]
    assert outcomes[0].value == outcomes[1].value
    assert len(town.told(streams.conversation(talk), "message.posted")) == 2


def test_P1_a_resend_counts_although_its_sender_was_shut_out_since(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    first = town.say(arun, talk, client_id="a")
    town.world.run(identity.block_contact, me=mei, other=arun)
    assert town.say(arun, talk, client_id="a") == first
    with pytest.raises(NotDelivered):
        town.say(arun, talk, client_id="b")


def test_P1_accepted_and_refused_side_by_side(town: Town) -> None:
    """One commit with every kind of answer, in order; what is refused takes no number."""
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    talk, group, shop = town.direct(mei, arun), town.group(mei, arun), town.shop(tao)
    thread = town.thread(shop, mei)
    town.say(mei, talk, "earlier", client_id="e")
    outcomes = town.world.batch(
        [
            item(talk, mei, "1"),
            item(talk, mei, "2", " \n "),
            item(talk, lin, "3"),
            item(group, arun, "4"),
            item(talk, mei, "e", "earlier"),
            item(talk, mei, "e", "changed"),
            item(thread, tao, "5"),
            item("0" * 16, mei, "6"),
            item(talk, arun, "7", "x" * 10_001),
            item("", mei, "8"),
            item(talk, mei, "9" * 41),
            item(talk, arun, "1"),
            item(thread, mei, "1"),
            item(group, None, "10", Notice("note")),
        ]
    )
    none = NoSuchConversation.code
    assert [code(o) for o in outcomes] == [
        "#2",
        EmptyMessage.code,
        none,
        "#2",
        "#1",
        "key_reused",
        "#1",
        none,
        TextTooLong.code,
        none,
        ClientIdInvalid.code,
        "#3",
        "#2",
        "#3",
    ]
    assert [m.seq for m in town.history(mei, talk)] == [1, 2, 3]
    assert [m.shop for m in town.history(mei, thread)] == [shop, None]


def test_P1_lanes_side_by_side_number_without_gaps_and_in_the_order_of_commits(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    batches = [[item(talk, (mei, arun)[lane % 2], f"{lane}.{n}") for n in range(25)] for lane in range(4)]
    answers = town.at_once(batches)
    written = town.history(mei, talk)
    assert [m.seq for m in written] == list(range(1, 101))
    assert sorted(o.value.seq for answer in answers for o in answer) == list(range(1, 101))
    assert {m.client_id: m for m in written} == {o.value.client_id: o.value for answer in answers for o in answer}
    for answer in answers:  # what one lane said in order stands in that order
        assert all(a.value.seq < b.value.seq for a, b in pairwise(answer))
    since = [
        len(town.world.read(tables_sync.stretches, [(talk, 0, 200)], after=n))
        for n in range(town.world.read(lambda db: db.horizon()) - 120, town.world.read(lambda db: db.horizon()) + 1)
    ]
    assert since == sorted(since, reverse=True)
    assert since[-1] == 0


def test_P1_lanes_that_resend_the_same_messages_write_each_once(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    answers = town.at_once([[item(talk, mei, str(n)) for n in range(15)] for _ in range(4)])
    assert len(town.history(mei, talk)) == 15
    for same in zip(*answers, strict=True):
        assert len({o.value for o in same}) == 1


def test_what_people_write_comes_back_as_they_wrote_it(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    texts = [
        "👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇳",
        "مرحبا، كيف حالك؟ \u200f(عربي)",
        "西湖龙井，250 克\n明前",
        "  leading and trailing  ",
        "a\x00b",
        "x" * model.TEXT_MOST,
        "𝕏" * model.TEXT_MOST,
        "'; DROP TABLE messages; --",
        "\\u0041 %s ? $1",
    ]
    for text in texts:
        town.say(mei, talk, text)
    assert [m.body for m in town.history(arun, talk)] == [Text(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", EmptyMessage),
        (" \t\n", EmptyMessage),
        ("\u200b\u2060\ufeff", EmptyMessage),
        ("x" * 10_001, TextTooLong),
        ("龙" * 10_001, TextTooLong),
    ],
)
def test_what_nobody_means_to_send_is_refused(town: Town, text: str, refusal: type[Exception]) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    with pytest.raises(refusal):
        town.say(mei, talk, text)
    assert town.history(mei, talk) == []


@pytest.mark.parametrize("client_id", ["", "x" * 41, "a\x00b", "a\nb"])
def test_impossible_ids_are_refused_before_the_store_is_asked(town: Town, client_id: str) -> None:
    mei, arun = town.people("mei", "arun")
    (outcome,) = town.world.batch([item(town.direct(mei, arun), mei, client_id)])
    assert code(outcome) == ClientIdInvalid.code
    (outcome,) = town.world.batch([item("a\x00b", mei, "fine")])
    assert code(outcome) == NoSuchConversation.code


def test_a_quote_says_what_was_said(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    town.say(mei, talk, "long " * 100)

    def quoting(seq: int, client_id: str) -> Message:
        claimed = Text("indeed", Quote(seq, "something else"))
        return town.world.one(post, Post(talk, arun, client_id, claimed))

    quoted = quoting(1, "a")
    assert quoted.body == Text("indeed", Quote(1, ("long " * 100)[:200]))
    assert quoting(1, "a") == quoted  # the same again, although the stored one was filled in
    assert quoting(99, "b").body == Text("indeed")
    assert quoting(2, "c").body == Text("indeed", Quote(2, "indeed"))


def test_P7_a_quote_shows_nothing_that_its_sender_may_not_read(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun)
    secret = town.say(arun, group, "before Lin came")
    town.befriend(mei, lin)
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[lin])
    asked = town.world.one(post, Post(group, lin, "a", Text("what?", Quote(secret.seq))))
    assert asked.body == Text("what?")
    theirs = town.world.one(post, Post(group, arun, "a", Text("this", Quote(secret.seq))))
    assert theirs.body == Text("this", Quote(secret.seq, "before Lin came"))


def test_staff_write_in_the_name_of_the_shop(town: Town) -> None:
    mei, tao, lin = town.people("mei", "tao", "lin")
    shop = town.shop(tao, "tea.house", "lin")
    thread = town.thread(shop, mei)
    assert [town.say(who, thread).shop for who in (mei, tao, lin)] == [None, shop, shop]
    other = town.shop(lin, "books")
    claimed = Post(thread, lin, "a", Text("hi"), other)
    with pytest.raises(NoSuchConversation):
        town.world.one(post, claimed)
    with pytest.raises(NoSuchConversation):
        town.world.one(post, replace_shop(claimed, sender=mei, shop=shop))
    assert town.world.one(post, replace_shop(claimed, sender=lin, shop=shop)).shop == shop


def replace_shop(given: Post, *, sender: str, shop: str) -> Post:
    return Post(given.conversation, sender, given.client_id, given.body, shop)


def test_cards_are_messages_like_others(town: Town) -> None:
    mei, tao = town.people("mei", "tao")
    shop = town.shop(tao)
    thread = town.thread(shop, mei)
    card = ProductCard("p" * 16, shop, "龙井", None, Money(12800, "CNY"))
    for _ in range(2):
        (outcome,) = town.world.batch([item(thread, tao, "card", card)])
        assert code(outcome) == "#1"
    (outcome,) = town.world.batch([item(thread, tao, "card", "words")])
    assert code(outcome) == "key_reused"
    assert town.history(mei, thread)[0].body == card


def test_every_message_is_told_once_to_its_conversation(town: Town) -> None:
    mei, arun, tao = town.people("mei", "arun", "tao")
    shop = town.shop(tao)
    talk, thread = town.direct(mei, arun), town.thread(shop, mei)
    town.forget()
    said = [town.say(mei, talk), town.say(mei, thread)]
    told = [(e.stream, e.kind) for e in town.world.events if e.stream != streams.INTERNAL]
    assert told == [
        (streams.conversation(talk), "message.posted"),
        (streams.conversation(thread, shop=shop), "message.posted"),
    ]
    assert [town.history(mei, m.conversation)[-1] for m in said] == said
