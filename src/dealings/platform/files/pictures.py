"""Pictures from anyone: checked, turned upright, stripped of everything but pixels, and sized.

Nothing of what was uploaded is ever served: a picture is decoded and written anew as WebP, so
no script, no place where it was taken and no second file hidden behind the pixels comes through.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, ImageOps

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

Image.MAX_IMAGE_PIXELS = MAX_PICTURE_PIXELS


class PictureTooLarge(Invalid):
    code = "picture.too_large"
    text = "The picture is larger than {megabytes} MB. Choose a smaller one."


class TooManyPixels(Invalid):
    code = "picture.too_many_pixels"
    text = "The picture has more than {megapixels} megapixels. Choose a smaller one."


class NotAPicture(Invalid):
    code = "picture.unreadable"
    text = "This file is not a picture that can be shown. Choose a JPEG, PNG, WebP or GIF."


@dataclass(frozen=True, slots=True)
class Rendition:
    """One picture as WebP: the full one, and for each width of `SIZES` below the full one's a smaller."""

    full: bytes
    sized: dict[int, bytes]


def check_size(size: int) -> None:
    """Raises PictureTooLarge; for those who know the size before they have the bytes."""
    if size > MAX_PICTURE_BYTES:
        raise PictureTooLarge(megabytes=MAX_PICTURE_BYTES // 1024**2)


def render(data: bytes) -> Rendition:
    """The picture made safe and sized. Raises PictureTooLarge, TooManyPixels or NotAPicture."""
    check_size(len(data))
    try:
        image = _decode(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels(megapixels=MAX_PICTURE_PIXELS // 1_000_000) from error
    except Exception as error:  # Pillow's decoders raise anything for broken input; all of it is the input's
        raise NotAPicture() from error
    return Rendition(
        _encode(image), {width: _encode(_narrowed(image, width)) for width in SIZES if width < image.width}
    )


def _decode(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > MAX_PICTURE_PIXELS:
            raise Image.DecompressionBombError
        opened.draft("RGB", (FULL_SIDE, FULL_SIDE))  # JPEG: decodes a large one at a fraction of its size
        opened.load()
        plain = _in_srgb(_upright(opened))
    plain.thumbnail((FULL_SIDE, FULL_SIDE), Image.Resampling.LANCZOS)
    return _pixels_only(plain)


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF says; as it stands, where that makes no sense."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # anything at all comes out of a broken block
        return image


def _in_srgb(image: Image.Image) -> Image.Image:
    """Colours as the web takes them: phones photograph in wider spaces, and the profile isn't kept."""
    transparent = image.has_transparency_data
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        with suppress(ImageCms.PyCMSError, OSError):  # a broken profile: show the colours as they stand
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGBA" if image.mode == "RGBA" else "RGB"
            )
            return converted or image
    if image.mode.startswith("I"):  # 16 bits a pixel, which Pillow would cut off at white instead of scaling
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return image.convert("RGBA" if transparent else "RGB")


def _pixels_only(image: Image.Image) -> Image.Image:
    """A copy without what travels beside the pixels (EXIF, XMP, comments, profiles)."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encode(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "WEBP", quality=QUALITY, method=4)
    return written.getvalue()
