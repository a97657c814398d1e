"""Events: facts in the past tense, typed, each in the stream whose readers it concerns.

A stream is a conversation (``c:…``), an account (``a:…``), a shop's staff (``s:…``) or ``-``
for facts that only consumers inside read.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from dealings.kernel.ids import Id

T = TypeVar("T")

INTERNAL = "-"


def conversation(id: Id, *, shop: Id | None = None) -> str:
    """A conversation; a shop's thread names the shop too (``c:…@…``), whose staff are not members."""
    return f"c:{id}@{shop}" if shop else f"c:{id}"


def account(id: Id) -> str:
    return f"a:{id}"


def shop(id: Id) -> str:
    return f"s:{id}"


class EventType(Generic[T]):
    """A kind of fact and the type of what it carries: ``OrderPaid = EventType("order.paid", Order)``."""

    def __init__(self, kind: str, carries: type[T]) -> None:
        self.kind = kind
        self._decoder = msgspec.json.Decoder(carries)

    def __call__(self, value: T) -> Fact[T]:
        return Fact(self.kind, value)

    def decode(self, data: bytes) -> T:
        return self._decoder.decode(data)


class Fact(msgspec.Struct, Generic[T], frozen=True):
    kind: str
    value: T
