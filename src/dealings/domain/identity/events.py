"""What happened to people, contacts and shops."""

from dealings.domain.identity.model import Contact, Gone, Me, Person, Revoked, Shop
from dealings.platform.outbox.events import EventType

MeChanged = EventType("me.changed", Me)
PersonChanged = EventType("person.changed", Person)
ContactChanged = EventType("contact.changed", Contact)
ContactRemoved = EventType("contact.removed", Gone)
SessionRevoked = EventType("session.revoked", Revoked)
ShopChanged = EventType("shop.changed", Shop)
