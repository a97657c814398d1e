"""Name cards: a link, and the same as a QR code."""

import msgspec
import segno


class Card(msgspec.Struct, frozen=True):
    """`svg` is a whole SVG element, to be put inline."""

    code: str
    link: str
    svg: str


def card(code: str, *, origin: str) -> Card:
    """The card behind a code, as people of this server (`https://deal.example`) hand it on."""
    link = f"{origin}/u/{code}"
    return Card(code, link, _qr(link))


def _qr(link: str) -> str:
    """Dark modules in a white quiet zone of four, whatever the theme: cameras want it that way round (ISO/IEC 18004)."""
    return segno.make(link, error="m", micro=False).svg_inline(border=4, dark="#1d1b19", light="#fff", omitsize=True)
