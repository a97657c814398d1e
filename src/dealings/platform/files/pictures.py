"""Pictures from anyone: how large, how many pixels, in which sizes, and what is said of those that can't be taken.

`rendering` makes them; it is apart because Pillow is loaded with the first picture, not with the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dealings.kernel.errors import Invalid

MAX_PICTURE_BYTES: Final = 12 * 1024 * 1024
"""What a phone's camera writes, with room; the web apps make pictures smaller before they send them."""
MAX_PICTURE_PIXELS: Final = 50_000_000
"""A 48-megapixel camera. Decoded that is 200 MB, so only `DECODERS` are decoded at a time."""
FULL_SIDE: Final = 2_048
"""The long side, in pixels, of the largest that is kept: sharp on a 1440-pixel desk at double density."""
SIZES: Final = (160, 480, 960)
"""Widths made at upload: list, card and product page, at the density of phones."""
QUALITY: Final = 82
"""Of WebP: above it the bytes grow faster than what people see."""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")


class PictureTooLarge(Invalid):
    code = "picture.too_large"
    text = "The picture is larger than {megabytes} MB. Choose a smaller one."


class TooManyPixels(Invalid):
    code = "picture.too_many_pixels"
    text = "The picture has more than {megapixels} megapixels. Choose a smaller one."


class NotAPicture(Invalid):
    code = "picture.unreadable"
    text = "This file is not a picture that can be shown. Choose a JPEG, PNG, WebP or GIF."


class Unreachable(Exception):
    """A picture named by its address could not be had; `passing` when it may be later. `problem` is one short phrase."""

    def __init__(self, problem: str, *, passing: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Rendition:
    """One picture as WebP: the full one, and for each width of `SIZES` below the full one's a smaller."""

    full: bytes
    sized: dict[int, bytes]


def check_size(size: int) -> None:
    """Raises PictureTooLarge; for those who know the size before they have the bytes."""
    if size > MAX_PICTURE_BYTES:
        raise PictureTooLarge(megabytes=MAX_PICTURE_BYTES // 1024**2)
