"""Links into groups as they are handed on, and the same as QR codes."""

import msgspec
import segno

from dealings.domain.messaging.membership import Invitation
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id


class Invite(msgspec.Struct, frozen=True):
    code: str
    url: str
    expires_at: Millis | None
    uses_left: int | None
    approval: bool
    by: Id
    created_at: Millis

    @classmethod
    def of(cls, made: Invitation, *, origin: str) -> "Invite":
        url = f"{origin}/join/{made.code}"
        return cls(made.code, url, made.expires_at, made.uses_left, made.approval, made.by, made.created_at)


def qr(link: str) -> str:
    """Dark modules in a white quiet zone of four, whatever the theme: cameras want it that way round (ISO/IEC 18004)."""
    return segno.make(link, error="m", micro=False).svg_inline(border=4, dark="#1d1b19", light="#fff", omitsize=True)
