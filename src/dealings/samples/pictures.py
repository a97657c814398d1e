"""Every picture of the demo as a file's bytes: products, people, shops and groups.

Drawn by the project itself, the same on every machine: nothing is fetched and no licence applies
but the project's own.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from PIL import Image

from dealings.samples import book_scenes, fruit_scenes, portraits, tea_scenes
from dealings.samples.drawing import Canvas

JPEG_QUALITY: Final = 86
"""Where grain and gradients still look untouched at twice the size; about 45 KB a picture."""

_SHELVES: Final = (tea_scenes, fruit_scenes, book_scenes)
PRODUCT_PICTURES: Final = tuple(name for shelf in _SHELVES for name in shelf.SCENES)
"""Names of all product pictures, 960 × 720."""
GROUP_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "family": ("家", "#b5402e"),
    "tea-friends": ("茶", "#3f6149"),
    "neighbours": ("邻", "#a8763a"),
    "tea-news": ("山", "#5b7f5f"),
}
"""Names of group pictures: what stands on them and their colour."""


def product_picture(name: str) -> bytes:
    """A product's picture (JPEG); KeyError for a name that isn't in PRODUCT_PICTURES."""
    shelf = next((shelf for shelf in _SHELVES if name in shelf.SCENES), tea_scenes)
    canvas: Canvas = shelf.table()
    shelf.SCENES[name](canvas)
    return _jpeg(canvas.image)


def person_picture(handle: str) -> bytes:
    """A person's portrait (JPEG, square)."""
    return _jpeg(portraits.portrait(portraits.PEOPLE[handle]))


def shop_picture(handle: str) -> bytes:
    """A shop's sign (JPEG, square)."""
    return _jpeg(portraits.sign(handle))


def group_picture(name: str) -> bytes:
    """A group's picture (JPEG, square)."""
    letter, colour = GROUP_SIGNS[name]
    return _jpeg(portraits.group_sign(letter, colour))


def everything() -> Iterator[tuple[str, bytes]]:
    """All pictures with the path each is known by, such as `products/longjing.jpg`."""
    kinds: tuple[tuple[str, Callable[[str], bytes], tuple[str, ...]], ...] = (
        ("products", product_picture, PRODUCT_PICTURES),
        ("people", person_picture, tuple(portraits.PEOPLE)),
        ("shops", shop_picture, tuple(portraits.SIGNS)),
        ("groups", group_picture, tuple(GROUP_SIGNS)),
    )
    for folder, draw, names in kinds:
        for name in names:
            yield f"{folder}/{name}.jpg", draw(name)


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=1)
    return file.getvalue()
