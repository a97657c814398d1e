"""Money: integer minor units and an ISO 4217 currency. No float comes near it."""

from collections.abc import Iterable
from dataclasses import dataclass

EXPONENTS = {"CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "TWD": 2, "SGD": 2, "INR": 2, "JPY": 0, "KRW": 0}
"""Minor-unit digits by currency (ISO 4217); only these are accepted."""

MOST = 10**15
"""The largest amount, in minor units: sums of a thousand such fit both stores' 64-bit integers and JavaScript's 2^53."""


@dataclass(frozen=True, slots=True)
class Money:
    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, (self, other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + Money(-other.amount, other.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount * count, self.currency)


def total(amounts: Iterable[Money], *, currency: str) -> Money:
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result


def exponent(currency: str) -> int:
    """Minor-unit digits; KeyError for a currency that is not accepted."""
    return EXPONENTS[currency]
