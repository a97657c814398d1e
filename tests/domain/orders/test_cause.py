"""P6: what led to an order is what the server can check, not what a client claims."""

import pytest

from dealings.domain.catalogue import api as catalogue
from dealings.domain.identity import actions as identity
from dealings.domain.messaging import api as messaging
from dealings.domain.messaging import groups
from dealings.domain.messaging.errors import NoSuchConversation
from dealings.domain.orders import queries, sharing
from dealings.domain.orders.errors import NoSuchLink
from dealings.domain.orders.model import Wanted
from dealings.domain.wallet import queries as wallet
from dealings.domain.wallet.model import Cause
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from tests.domain.orders.market import Market, product


def seq_of(via: str) -> int:
    return int(via.rpartition(":")[2])


def cause_of(market: Market, via: str) -> Cause:
    """What an order placed with this `via` counts as; line, order and its money agree."""
    order = market.pay(market.placed(via=via))
    assert order.cause == order.lines[0].cause
    assert order.lines[0].via == (via if order.cause.kind != "direct" else "direct")
    payment = market.world.read(wallet.statement, owner=market.mei).items[0]
    assert (payment.order, payment.cause) == (order.id, order.cause)
    return order.cause


def test_P6_a_card_from_the_shop(market: Market) -> None:
    thread = market.thread()
    via = market.card(thread, market.wang)
    assert cause_of(market, via) == Cause("shop_chat", thread, 1, None, market.wang)
    market.equations_hold()


def test_P6_a_card_from_a_friend(market: Market) -> None:
    hua = market.sign_up("hua")
    chat = market.befriend(market.mei, hua)
    via = market.card(chat, hua)
    assert cause_of(market, via) == Cause("direct_chat", chat, seq_of(via), None, hua)


def test_P6_a_card_in_a_group(market: Market) -> None:
    hua = market.sign_up("hua")
    market.befriend(market.mei, hua)
    group = market.world.run(groups.open_group, owner=hua, name="Tea", members=[market.mei]).id
    via = market.card(group, hua)
    assert cause_of(market, via) == Cause("group", group, seq_of(via), None, hua)


def test_P6_a_question_about_the_product(market: Market) -> None:
    thread = market.thread()
    asked = messaging.Text("新茶吗？", None, market.tea)
    message = market.world.one(messaging.post, messaging.Post(thread, market.mei, market.world.uuid(), asked))
    assert cause_of(market, f"m:{thread}:{message.seq}") == Cause("shop_chat", thread, message.seq, None, market.mei)


def test_P6_search_shop_page_and_link(market: Market) -> None:
    hua = market.sign_up("hua")
    link = market.world.run(sharing.make_link, product=market.tea, by=hua)
    assert cause_of(market, "search") == Cause("search")
    assert cause_of(market, f"shop:{market.shop}") == Cause("shop_page")
    assert cause_of(market, f"link:{link.code}") == Cause("link", None, None, link.code, hua)
    market.equations_hold()


def test_P6_P7_a_message_that_the_buyer_cannot_read_counts_for_nothing(market: Market) -> None:
    hua, zhao = market.sign_up("hua"), market.sign_up("zhao")
    elsewhere = market.card(market.befriend(hua, zhao), hua)
    assert cause_of(market, elsewhere) == Cause("direct")


def test_P6_P7_what_was_said_before_one_joined_counts_for_nothing(market: Market) -> None:
    hua, zhao = market.sign_up("hua"), market.sign_up("zhao")
    market.befriend(hua, zhao)
    market.befriend(hua, market.mei)
    group = market.world.run(groups.open_group, owner=hua, name="Tea", members=[zhao]).id
    before = market.card(group, hua)
    market.world.run(groups.add_members, conversation=group, by=hua, accounts=[market.mei])
    after = market.card(group, hua)
    assert cause_of(market, before) == Cause("direct")
    assert cause_of(market, after).kind == "group"


@pytest.mark.parametrize(
    "claim", ["text", "other product", "no message", "other shop", "no link", "other link", "words"]
)
def test_P6_a_claim_that_does_not_hold_is_direct(market: Market, claim: str) -> None:
    thread = market.thread()
    other = product(market.world, market.shop, market.lin, "Pu'er", [5_00]).id
    text = messaging.Post(thread, market.mei, market.world.uuid(), messaging.Text("hello"))
    said = market.world.one(messaging.post, text)
    vias = {
        "text": f"m:{thread}:{said.seq}",
        "other product": market.card(thread, market.wang, other),
        "no message": f"m:{thread}:99",
        "other shop": "shop:another",
        "no link": "link:nothing",
        "other link": f"link:{market.world.run(sharing.make_link, product=other, by=market.mei).code}",
        "words": "because I wanted to",
    }
    assert cause_of(market, vias[claim]) == Cause("direct")


def test_P6_the_order_has_the_cause_of_most_of_its_money(market: Market) -> None:
    via = market.card(market.thread(), market.wang)
    order = market.place(Wanted(market.leaf, 3, "search"), Wanted(market.cake, 1, via))
    assert [line.cause.kind for line in order.lines] == ["search", "shop_chat"]
    assert order.cause.kind == "shop_chat"


def test_P6_sums_per_cause_equal_the_ledger(market: Market) -> None:
    for via in ("search", f"shop:{market.shop}", "direct", market.card(market.thread(), market.wang)):
        market.paid(2, via=via)
    market.confirm(market.ship(market.paid(1, via="search")))
    (paid,) = [e for e in market.world.read(queries.equations) if e.code == "paid_by_cause"]
    assert [(t.label, t.amount) for t in paid.right] == [
        ("direct", 25_00),
        ("search", 37_50),
        ("shop_chat", 25_00),
        ("shop_page", 25_00),
    ]
    assert [(t.label, t.amount) for t in paid.left] == [("ledger", 112_50)]
    assert paid.holds


# cards and links


def test_a_card_shows_the_product_as_it_stands(market: Market) -> None:
    thread = market.thread()
    seq = seq_of(market.card(thread, market.wang))
    message = market.world.read(messaging.message, conversation=thread, seq=seq)
    assert message is not None
    assert (message.sender, message.shop) == (market.wang, market.shop)
    card = message.body
    assert isinstance(card, messaging.ProductCard)
    assert (card.product, card.shop, card.title) == (market.tea, market.shop, "西湖龙井")
    assert (card.price, card.price_max, card.variant) == (Money(12_50, "CNY"), Money(300_00, "CNY"), None)


def test_a_card_of_one_variant_shows_its_price(market: Market) -> None:
    thread = market.thread()
    given = {"conversation": thread, "product": market.tea, "client_id": "c"}
    message = market.world.run(sharing.share_card, by=market.mei, variant=market.cake, **given)
    assert isinstance(message.body, messaging.ProductCard)
    assert message.shop is None
    assert (message.body.price, message.body.variant) == (Money(300_00, "CNY"), market.cake)
    with pytest.raises(catalogue.NoSuchVariant):
        market.world.run(sharing.share_card, by=market.mei, variant="nothing", **given)


def test_P1_a_card_sent_again_is_the_same_message(market: Market) -> None:
    thread = market.thread()
    given = {"conversation": thread, "by": market.mei, "client_id": market.world.uuid(), "product": market.tea}
    first = market.world.run(sharing.share_card, **given)
    assert market.world.run(sharing.share_card, **given) == first
    assert len(market.messages(thread)) == 1


def test_P7_a_stranger_drops_no_card(market: Market) -> None:
    stranger = market.sign_up("stranger")
    for conversation in (market.thread(), market.befriend(market.mei, market.sign_up("hua")), "nothing"):
        with pytest.raises(NoSuchConversation):
            market.card(conversation, stranger)


def test_P7_dismissed_staff_no_longer_speak_for_the_shop(market: Market) -> None:
    thread = market.thread()
    market.world.run(identity.dismiss, shop=market.shop, by=market.lin, account=market.wang)
    with pytest.raises(NoSuchConversation):
        market.card(thread, market.wang)


def test_nothing_is_shared_that_is_not_there(market: Market) -> None:
    with pytest.raises(catalogue.NoSuchProduct):
        market.card(market.thread(), market.mei, "nothing")
    with pytest.raises(catalogue.NoSuchProduct):
        market.world.run(sharing.make_link, product="nothing", by=market.mei)
    with pytest.raises(NoSuchLink):
        market.world.read(queries.link, "nothing")


def test_a_link_is_made_once_a_person_and_leads_to_its_product(market: Market) -> None:
    def made(by: Id) -> str:
        return market.world.run(sharing.make_link, product=market.tea, by=by).code

    assert made(market.mei) == made(market.mei)
    assert made(market.mei) != made(market.wang)
    found = market.world.read(queries.link, made(market.mei))
    assert (found.product, found.shared_by) == (market.tea, market.mei)
