"""Pictures from anyone: checked, turned upright, stripped of everything but pixels, and sized.

Nothing of what was uploaded is ever served: a picture is decoded and written anew as WebP, so
no script, no place where it was taken and no second file hidden behind the pixels comes through.
"""

from __future__ import annotations

import io
from contextlib import suppress

from PIL import Image, ImageCms, ImageOps

from dealings.platform.files.pictures import (
    FORMATS,
    FULL_SIDE,
    MAX_PICTURE_PIXELS,
    QUALITY,
    SIZES,
    NotAPicture,
    Rendition,
    TooManyPixels,
    check_size,
)

Image.MAX_IMAGE_PIXELS = MAX_PICTURE_PIXELS


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
