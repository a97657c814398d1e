"""What carts, orders, cards and links refuse."""

from dealings.kernel.errors import Conflict, Forbidden, Invalid, Limited, Missing


class NoSuchOrder(Missing):
    code = "orders.no_such_order"
    text = "There is no such order."


class NotYours(Forbidden):
    code = "orders.not_yours"
    text = "Only the {who} can do this."


class NotNow(Conflict):
    code = "orders.not_now"
    text = "This can't be done any more: the order is {state}. Look at it again."


class PayTimeOver(Conflict):
    code = "orders.pay_time_over"
    text = "The time to pay is over, and the goods were given back. Order again."


class NothingOrdered(Invalid):
    code = "orders.nothing_ordered"
    text = "Choose something to order first."


class TooManyLines(Limited):
    code = "orders.too_many_lines"
    text = "Order at most {most} different things at once."


class QuantityOff(Invalid):
    code = "orders.quantity_off"
    text = "Choose a quantity from 1 to {most}."


class TooManyUnpaid(Limited):
    """Each keeps its pieces from others while it waits for its money."""

    code = "orders.too_many_unpaid"
    text = "You have {unpaid} orders to pay, and {most} is the most there can be. Pay or cancel some first."


class NotForSale(Conflict):
    code = "orders.not_for_sale"
    text = "“{title}” is not for sale any more. Take it out of the order."


class TooExpensive(Invalid):
    code = "orders.too_expensive"
    text = "This order is too large to be paid. Split it into several."


class MixedCurrencies(Invalid):
    code = "orders.mixed_currencies"
    text = "One order can't mix currencies. Order these things one by one."


class OwnShop(Invalid):
    code = "orders.own_shop"
    text = "You are this shop's staff. Buy here with another account."


class CartFull(Limited):
    code = "orders.cart_full"
    text = "The cart holds at most {most} different things. Take something out first."


class NoSuchLink(Missing):
    code = "orders.no_such_link"
    text = "This link leads nowhere (any more)."
