"""Asking is derived from messages to the shop, never claimed."""

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import api as messages
from dealings.domain.messaging.posting import post
from dealings.kernel.clock import DAY, HOUR
from tests.domain.insight.stage import Stage
from tests.domain.orders.market import product


def test_P6_a_question_about_a_product_is_caused_by_what_led_there(stage: Stage) -> None:
    via = stage.market.card(stage.group, stage.arun)
    stage.touch("opened", via=via)
    asked = stage.say(product=stage.market.tea)
    assert stage.asked() == [("group", via, asked.seq)]
    assert stage.row("group").counts == [0, 1, 1, 0, 0, 0]


def test_P6_of_several_ways_the_last_one_counts(stage: Stage) -> None:
    for via in ("search", f"shop:{stage.market.shop}", "search"):
        stage.touch("opened", via=via)
        stage.world.clock.advance(HOUR)
    asked = stage.say(product=stage.market.tea)
    assert stage.asked() == [("search", "search", asked.seq)]


def test_a_question_about_what_was_never_opened_is_caused_by_the_thread(stage: Stage) -> None:
    asked = stage.say(product=stage.market.tea)
    assert stage.asked() == [("shop_chat", f"m:{stage.thread}:{asked.seq}", asked.seq)]


def test_the_first_message_after_opening_asks(stage: Stage) -> None:
    stage.touch("opened", via="search")
    first = stage.say("hello")
    stage.say("anybody there?")
    assert stage.asked() == [("search", "search", first.seq)]


def test_a_message_a_day_after_opening_does_not_ask(stage: Stage) -> None:
    stage.touch("opened", via="search")
    stage.world.clock.advance(DAY + 1)
    stage.say()
    assert stage.asked() == []


def test_seeing_alone_makes_no_question(stage: Stage) -> None:
    stage.touch("seen", via="search")
    stage.say()
    assert stage.asked() == []


def test_a_card_dropped_into_the_thread_asks_about_its_product(stage: Stage) -> None:
    via = stage.market.card(stage.thread, stage.market.mei)
    assert stage.asked() == [("shop_chat", via, int(via.rpartition(":")[2]))]


def test_what_staff_say_and_the_card_of_an_order_ask_nothing(stage: Stage) -> None:
    stage.touch("opened", via="search")
    stage.say("hello?", product=stage.market.tea, sender=stage.market.wang)
    stage.market.paid(via="search")
    assert stage.asked() == []


def test_what_friends_say_to_each_other_asks_no_shop(stage: Stage) -> None:
    stage.touch("opened", via="search")
    body = messages.Text("look at this", None, stage.market.tea)
    stage.world.one(post, messages.Post(stage.direct, stage.market.mei, stage.world.uuid(), body))
    assert stage.asked() == []


def test_a_shop_is_asked_only_about_what_is_its_own(stage: Stage) -> None:
    other = stage.world.run(
        identity.open_shop, owner=stage.arun, handle="books", name="Books", tagline="", currency="CNY"
    )
    book = product(stage.world, other.id, stage.arun, "Book", [100]).id
    stage.say(product=book)
    stage.say(product="0" * 16)
    assert stage.funnel().total.counts == [0] * 6
