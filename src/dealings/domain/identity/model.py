"""People, sessions, contacts and shops: frozen values and pure rules."""

import ipaddress
import re
from typing import Literal

import msgspec

from dealings.domain.identity.errors import ContactStep, HandleInvalid, NameInvalid, PasswordWeak
from dealings.kernel import text
from dealings.kernel.clock import DAY, MINUTE, SECOND, Millis
from dealings.kernel.ids import Id

HANDLE = re.compile(r"[a-z][a-z0-9_.-]{1,28}[a-z0-9]")
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

SESSIONS_MOST = 30
"""Devices of one person, with room; also keeps what one account can store small."""

FREE_FAILURES = 5
LONGEST_WAIT: Millis = 15 * MINUTE
FAILURES_FORGOTTEN: Millis = DAY
ADDRESS_ALLOWANCE = 10
"""How many times the failures of a handle an address gets: an office or a school shares one."""
SIGN_UP_ALLOWANCE = 40
"""The same for new accounts: a class signs up in an hour."""
PRUNED_AT_ONCE = 20
"""Forgotten counts dropped with each attempt: more than an attempt adds, so the table can't grow for ever."""

SHOPS_MOST = 5
STAFF_MOST = 200
CONTACTS_MOST = 5_000
PHONE_MOST = 40
ADDRESS_MOST = 500

ContactState = Literal["asked", "asking", "accepted", "blocked"]
Relation = Literal["self", "none", "asked", "asking", "accepted", "blocked"]
StaffRole = Literal["owner", "staff"]
Locale = Literal["zh-CN", "en"]


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
    locale: Locale | None
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


class Arrival(msgspec.Struct, frozen=True):
    """Whoever comes with a session's token: as whom they ask, and what they see of themselves."""

    caller: Caller
    me: Me


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
Standing = ContactState | None
"""How one side stands to the other; None: not at all."""

NEXT: dict[Step, dict[Standing, Standing]] = {
    # step: {my side before: my side after}; a step that is missing for a state is refused
    "ask": {None: "asked", "asked": "asked", "asking": "accepted", "accepted": "accepted"},
    "accept": {"asking": "accepted", "accepted": "accepted"},
    "refuse": {"asking": None, None: None},
    "remove": {"accepted": None, "asked": None, None: None},
    "block": {None: "blocked", "asked": "blocked", "asking": "blocked", "accepted": "blocked", "blocked": "blocked"},
    "unblock": {"blocked": None},  # or accepted, when the other side still holds me: see after_step
}
MIRROR: dict[Standing, Standing] = {None: None, "asked": "asking", "asking": "asked", "accepted": "accepted"}
"""What the other side becomes when mine changes, unless one of us blocks the other."""


def after_step(step: Step, *, mine: Standing, theirs: Standing) -> tuple[Standing, Standing]:
    """Both sides after I took a step. Raises ContactStep where it does not fit.

    Blocking changes my side only. Whoever is blocked goes on without noticing, on their own side,
    and nothing they do changes the side that blocks them.
    """
    if mine not in NEXT[step]:
        raise ContactStep()
    after = NEXT[step][mine]
    if step == "unblock":
        return ("accepted", theirs) if theirs == "accepted" else (after, theirs if theirs == "blocked" else None)
    if after == mine or "blocked" in (after, theirs):
        return after, theirs
    return after, MIRROR[after]


def clean_name(name: str) -> str:
    """A display name of 1 to 40 characters on one line."""
    cleaned = text.one_line(name)
    if text.is_blank(cleaned):
        raise NameInvalid(problem="empty")
    if len(cleaned) > NAME_MOST:
        raise NameInvalid(problem="too_long")
    return cleaned


def fold_handle(handle: str) -> str:
    """A handle as people type it, as it is stored."""
    return text.one_line(handle).removeprefix("@").lower()


def clean_handle(handle: str) -> str:
    """A handle in lower case: 3 to 30 of a-z, 0-9, _, - and ., beginning with a letter."""
    folded = handle.strip().removeprefix("@").lower()
    if not HANDLE.fullmatch(folded) or folded in RESERVED:
        raise HandleInvalid()
    return folded


def network(address: str) -> str:
    """Whom an address stands for: itself, or with IPv6 its /64, within which anyone picks a new one at will."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))


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
