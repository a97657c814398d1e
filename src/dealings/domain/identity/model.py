"""People, sessions, contacts and shops: frozen values and pure rules."""

import re
import unicodedata
from typing import Literal

import msgspec

from dealings.domain.identity.errors import HandleInvalid, NameInvalid, PasswordWeak
from dealings.kernel.clock import DAY, MINUTE, SECOND, Millis
from dealings.kernel.ids import Id

HANDLE = re.compile(r"[a-z][a-z0-9_.]{1,28}[a-z0-9]")
RESERVED = frozenset("admin api app dealings desk help me operator root shop shops support system www".split())
NAME_MOST = 40
BIO_MOST = 200
PASSWORD_LEAST = 8
PASSWORD_MOST = 128  # long enough for any passphrase, short enough that hashing stays cheap (ASVS 5.0, 6.2.9)
COMMON_PASSWORDS = frozenset(
    "password password1 password123 12345678 123456789 1234567890 qwertyui qwerty123 qwertyuiop 11111111 00000000 "
    "iloveyou sunshine princess football baseball superman trustno1 welcome1 letmein1 abc12345 a1234567 aa123456 "
    "87654321 88888888 66666666 12341234 11223344 1q2w3e4r 1qaz2wsx zaq12wsx asdfghjk passw0rd p@ssw0rd admin123 "
    "woaini1314 woaini520 5201314520 wangyut2 dealings".split()
)

SESSION_IDLE: Millis = 30 * DAY
SESSION_LIFE: Millis = 180 * DAY
SEEN_GRAIN: Millis = 10 * MINUTE
"""`seen_at` moves in steps of this, so that reading does not write."""

FREE_FAILURES = 5
LONGEST_WAIT: Millis = 15 * MINUTE
FAILURES_FORGOTTEN: Millis = DAY

SHOPS_MOST = 5
STAFF_MOST = 200
CONTACTS_MOST = 5_000

ContactState = Literal["asked", "asking", "accepted", "blocked"]
Relation = Literal["self", "none", "asked", "asking", "accepted", "blocked"]
StaffRole = Literal["owner", "staff"]


class Person(msgspec.Struct, frozen=True):
    """What anyone who may see someone sees of them."""

    id: Id
    handle: str
    name: str
    avatar: str | None = None
    bio: str = ""


class Profile(msgspec.Struct, frozen=True):
    """A person, and how the asker stands to them."""

    id: Id
    handle: str
    name: str
    avatar: str | None
    bio: str
    relation: Relation
    remark: str | None
    card: str | None


class Shop(msgspec.Struct, frozen=True):
    id: Id
    handle: str
    name: str
    tagline: str
    picture: str | None
    currency: str
    owner: Id
    created_at: Millis


class Staffing(msgspec.Struct, frozen=True):
    shop: Shop
    role: StaffRole


class StaffMember(msgspec.Struct, frozen=True):
    person: Person
    role: StaffRole


class Me(msgspec.Struct, frozen=True):
    id: Id
    handle: str
    name: str
    avatar: str | None
    bio: str
    locale: str | None
    operator: bool
    shops: list[Staffing]
    created_at: Millis


class Session(msgspec.Struct, frozen=True):
    id: Id
    created_at: Millis
    seen_at: Millis
    agent: str
    address: str
    current: bool = False


class Caller(msgspec.Struct, frozen=True):
    """Who is asking: an account, through one of its sessions."""

    account: Id
    session: Id
    seen_at: Millis = 0


class Contact(msgspec.Struct, frozen=True):
    person: Person
    state: ContactState
    remark: str | None
    greeting: str
    changed_at: Millis


class Gone(msgspec.Struct, frozen=True):
    """A contact that is no longer in the list."""

    account: Id


class Revoked(msgspec.Struct, frozen=True):
    session: Id


class Address(msgspec.Struct, frozen=True):
    """Where to ship. `text` is the address as people of the country write it."""

    name: str
    phone: str
    text: str


Step = Literal["ask", "accept", "refuse", "remove", "block", "unblock"]

NEXT: dict[Step, dict[ContactState | None, tuple[ContactState | None, ContactState | None] | None]] = {
    # step: {my side before: (my side after, the other's side after)}; None in place of the pair: nothing changes
    "ask": {None: ("asked", "asking"), "asked": None, "asking": ("accepted", "accepted"), "accepted": None},
    "accept": {"asking": ("accepted", "accepted"), "accepted": None},
    "refuse": {"asking": (None, None), None: None},
    "remove": {"accepted": (None, None), "asked": (None, None), None: None},
}
"""Blocking stands apart: it changes my side only, and the other side is not told."""


def clean_name(name: str) -> str:
    """A display name of 1 to 40 characters without control characters, trimmed."""
    cleaned = "".join(c for c in name if unicodedata.category(c)[0] != "C" or c == "\u200d").strip()
    if not cleaned:
        raise NameInvalid(problem="empty")
    if len(cleaned) > NAME_MOST:
        raise NameInvalid(problem="too_long")
    return cleaned


def clean_handle(handle: str) -> str:
    """A handle in lower case: 3 to 30 of a-z, 0-9, _ and ., beginning with a letter."""
    lowered = handle.strip().lower()
    if not HANDLE.fullmatch(lowered) or lowered in RESERVED:
        raise HandleInvalid()
    return lowered


def check_password(password: str, *, handle: str) -> None:
    """Length and well-known passwords only; any characters, no composition rules (ASVS 5.0, 6.2)."""
    if len(password) < PASSWORD_LEAST:
        raise PasswordWeak(problem="too_short")
    if len(password) > PASSWORD_MOST:
        raise PasswordWeak(problem="too_long")
    lowered = password.lower()
    if lowered in COMMON_PASSWORDS or lowered == handle or len(set(lowered)) < 3:
        raise PasswordWeak(problem="too_common")


def wait_after(failures: int) -> Millis:
    """How long to wait after this many failures in a row: nothing at first, then doubling."""
    if failures < FREE_FAILURES:
        return 0
    doublings = min(failures - FREE_FAILURES + 1, 20)
    return min(SECOND << doublings, LONGEST_WAIT)
