"""Letters on labels and covers, from an atlas in the package: no font needs to be installed.

`glyphs.png` holds them white on black, drawn with Noto Serif CJK SC (SIL Open Font License 1.1);
its text fields say which characters and how wide each is. `python -m dealings.samples.lettering
FONT CHARACTERS` draws it anew.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from dealings.samples.drawing import Canvas, Point, rectangle, rgb

CELL: Final = 96
"""Pixels of one glyph's square: as large as any letter is shown."""
_EM: Final = 76
_SIMPLIFIED: Final = 2
"""Noto's collection holds Japanese, Korean, Simplified Chinese … in this order."""
_COLUMNS: Final = 16
_FILE: Final = Path(__file__).with_name("glyphs.png")


@cache
def _atlas() -> tuple[Image.Image, dict[str, tuple[int, float]]]:
    image = Image.open(_FILE)
    image.load()
    widths: dict[str, float] = json.loads(image.info["widths"])
    return image.convert("L"), {letter: (n, width) for n, (letter, width) in enumerate(widths.items())}


def glyph(letter: str) -> tuple[Image.Image, float]:
    """A letter's square (L) and its width in ems; KeyError where the atlas lacks it."""
    image, places = _atlas()
    n, width = places[letter]
    left, top = n % _COLUMNS * CELL, n // _COLUMNS * CELL
    return image.crop((left, top, left + CELL, top + CELL)), width


def write_down(canvas: Canvas, text: str, top: Point, size: float, colour: str, *, squash: float = 1) -> None:
    """Characters one below the other, centred under `top`."""
    for n, letter in enumerate(text):
        _stamp(canvas, letter, (top[0], top[1] + (n + 0.5) * size * 1.12 * squash), size, colour, squash)


def write_across(canvas: Canvas, text: str, center: Point, size: float, colour: str, *, spacing: float = 0) -> None:
    """A line of text centred on a point."""
    widths = [glyph(letter)[1] * size + spacing for letter in text]
    x = center[0] - (sum(widths) - spacing) / 2
    for letter, width in zip(text, widths, strict=True):
        _stamp(canvas, letter, (x + (width - spacing) / 2, center[1]), size, colour, 1)
        x += width


def width_of(text: str, size: float) -> float:
    """How wide a line of text is."""
    return sum(glyph(letter)[1] for letter in text) * size


def seal(canvas: Canvas, center: Point, size: float, letter: str, colour: str = "#b5361f") -> None:
    """A small red seal with one character."""
    x, y = center
    half = size / 2
    canvas.fill(rectangle(x - half, y - half, x + half, y + half, size * 0.14), colour)
    _stamp(canvas, letter, center, size * 0.78, "#fdf3e4", 1)


def _stamp(canvas: Canvas, letter: str, center: Point, size: float, colour: str, squash: float) -> None:
    mask, _ = glyph(letter)
    side = CELL / _EM * size
    extent = max(1, round(side)), max(1, round(side * squash))
    mask = mask.resize(extent, Image.Resampling.LANCZOS)
    canvas.image.paste(rgb(colour), (round(center[0] - extent[0] / 2), round(center[1] - extent[1] / 2)), mask)


def draw_atlas(font_path: str, letters: str) -> None:
    """Writes `glyphs.png` with these letters, each once."""
    font = ImageFont.truetype(font_path, _EM, index=_SIMPLIFIED)
    unique = list(dict.fromkeys(letters))
    rows = -(-len(unique) // _COLUMNS)
    image = Image.new("L", (_COLUMNS * CELL, rows * CELL))
    draw = ImageDraw.Draw(image)
    for n, letter in enumerate(unique):
        center = n % _COLUMNS * CELL + CELL / 2, n // _COLUMNS * CELL + CELL / 2
        anchor = "mm" if ord(letter) > 0x2E80 else "ms"
        draw.text((center[0], center[1] + (0 if anchor == "mm" else _EM * 0.3)), letter, 255, font, anchor)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("widths", json.dumps({letter: font.getlength(letter) / _EM for letter in unique}))
    notes.add_text("font", "Noto Serif CJK SC, SIL Open Font License 1.1")
    image.quantize(16).save(_FILE, optimize=True, pnginfo=notes)


if __name__ == "__main__":
    draw_atlas(sys.argv[1], sys.argv[2])
