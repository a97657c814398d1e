"""Books and notebooks as things: boxes with a spine, pages and a printed cover."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from dealings.samples.drawing import Canvas, Point, Shape, darker, glow, lighter, linear, rectangle, rgb, ribbon
from dealings.samples.lettering import write_down
from dealings.samples.still_life import SHADOW, footprint

Cover = Callable[[Canvas], None]
"""Paints a cover of COVER pixels, seen straight on."""

COVER: Final = (360, 500)
PAPER: Final = "#f3ead6"


@dataclass(frozen=True, slots=True)
class Volume:
    """A book to stand up: its cover, the colour of its cloth, its size on the table."""

    cover: Cover
    cloth: str
    spine: str = ""
    ink: str = "#f6ecd6"
    wide: float = 300
    tall: float = 416
    thick: float = 54


def standing(canvas: Canvas, volume: Volume, x: float, y: float) -> None:
    """A book that stands with its front turned a little to the right; (x, y) is the lower left of its front."""
    w, h, t, lean = volume.wide, volume.tall, volume.thick, volume.wide * 0.06
    back = (-t * 0.86, -t * 0.34)
    floor = [(x, y), (x + w, y - lean), (x + w + back[0], y - lean + back[1]), (x + back[0], y + back[1])]
    footprint(canvas, floor, height=h * 0.7)
    _spine(canvas, volume, x, y, back)
    _top(canvas, x, y - h, w, lean, back)
    face = Shape([(x, y), (x + w, y - lean), (x + w, y - h - lean), (x, y - h)])
    _paste_cover(canvas, volume, face, x, y - h, lean)
    canvas.fill(
        face,
        linear(
            (x, 0),
            (x + w, 0),
            (0, "#ffffff", 0.2),
            (0.03, "#000000", 0.16),
            (0.07, "#ffffff", 0.12),
            (0.5, "#ffffff", 0),
            (1, SHADOW, 0.2),
        ),
    )
    canvas.spot(glow((x + w * 0.3, y - h * 0.85), w * 0.8, h * 0.4, "#fff8e6", 0.2), clip=face)


def _paste_cover(canvas: Canvas, volume: Volume, face: Shape, x: float, top: float, lean: float) -> None:
    flat = Canvas(Image.new("RGB", COVER, volume.cloth))
    volume.cover(flat)
    left, upper, right, lower = face.bounds
    kx, ky = COVER[0] / volume.wide, COVER[1] / volume.tall
    slope = lean / volume.wide
    matrix = (kx, 0, (left - x) * kx, slope * ky, ky, ((upper - top) + slope * (left - x)) * ky)
    # One clean step down first: an affine transform alone would skip pixels.
    sheet = flat.image.transform(
        (right - left, lower - upper),
        Image.Transform.AFFINE,
        matrix,
        Image.Resampling.BICUBIC,
        fillcolor=rgb(volume.cloth),
    )
    canvas.image.paste(sheet, (left, upper), face.mask)


def _spine(canvas: Canvas, volume: Volume, x: float, y: float, back: Point) -> None:
    h, c = volume.tall, volume.cloth
    side = Shape([(x, y), (x, y - h), (x + back[0], y - h + back[1]), (x + back[0], y + back[1])])
    canvas.fill(
        side, linear((x + back[0], 0), (x, 0), (0, darker(c, 0.3)), (0.5, lighter(c, 0.14)), (1, darker(c, 0.1)))
    )
    for share in (0.08, 0.9):
        at = y - h * share
        canvas.fill(ribbon([(x + back[0], at + back[1]), (x, at)], 3), lighter(c, 0.6), opacity=0.6)
    if volume.spine:
        size = min(volume.thick * 0.5, 30)
        write_down(canvas, volume.spine, (x + back[0] / 2, y - h * 0.84 + back[1] / 2), size, volume.ink)


def _top(canvas: Canvas, x: float, y: float, w: float, lean: float, back: Point) -> None:
    board = Shape([(x, y), (x + w, y - lean), (x + w + back[0], y - lean + back[1]), (x + back[0], y + back[1])])
    canvas.fill(board, "#5a4636")
    inner = Shape(
        [
            (x + back[0] * 0.1 + 4, y - 1),
            (x + w + back[0] * 0.12 - 4, y - lean + back[1] * 0.12),
            (x + w + back[0] * 0.88 - 4, y - lean + back[1] * 0.88),
            (x + back[0] * 0.9 + 6, y + back[1] * 0.9),
        ]
    )
    canvas.fill(inner, linear((x, 0), (x + w, 0), (0, "#fffaee"), (1, "#dccdb0")))
    for n in range(1, 9):
        share = 0.1 + n * 0.09
        line = [
            (x + back[0] * share + 5, y + back[1] * share),
            (x + w + back[0] * share - 5, y - lean + back[1] * share),
        ]
        canvas.fill(ribbon(line, 0.9), "#a8977a", opacity=0.5)


def lying(
    canvas: Canvas,
    x: float,
    y: float,
    wide: float,
    thick: float,
    cloth: str,
    *,
    spine: str = "",
    ink: str = "#f6ecd6",
    grounded: bool = True,
) -> float:
    """A book that lies flat, its spine to the front; (x, y) is the lower left. Returns where the next would lie."""
    deep, shift = 118.0, 46.0
    if grounded:
        footprint(
            canvas,
            [(x, y), (x + wide, y), (x + wide - shift * 0.4, y - deep * 0.6), (x + shift, y - deep * 0.6)],
            height=thick * 2,
        )
    top = Shape(
        [
            (x, y - thick),
            (x + wide, y - thick),
            (x + wide + shift * 0.2, y - thick - deep),
            (x + shift, y - thick - deep),
        ]
    )
    canvas.fill(
        top,
        linear(
            (x, y - deep),
            (x + wide, y),
            (0, lighter(cloth, 0.35)),
            (0.6, lighter(cloth, 0.08)),
            (1, darker(cloth, 0.12)),
        ),
    )
    canvas.grain(top, 0.08)
    front = rectangle(x, y - thick, x + wide, y, min(10, thick * 0.25))
    canvas.fill(
        front,
        linear(
            (0, y - thick),
            (0, y),
            (0, lighter(cloth, 0.3)),
            (0.2, cloth),
            (0.75, darker(cloth, 0.16)),
            (1, darker(cloth, 0.5)),
        ),
    )
    canvas.grain(front, 0.08)
    for at in (x + wide * 0.06, x + wide * 0.94):
        canvas.fill(rectangle(at - 2, y - thick + 2, at + 2, y - 2), lighter(cloth, 0.6), opacity=0.55)
    _label(canvas, spine, x + wide / 2, y - thick / 2, thick * 0.5, ink)
    return y - thick


def _label(canvas: Canvas, text: str, x: float, y: float, size: float, ink: str) -> None:
    from dealings.samples.lettering import write_across

    if text:
        write_across(canvas, text, (x, y), size, ink, spacing=size * 0.16)


def opened(canvas: Canvas, x: float, y: float, half: float, deep: float, lines: Sequence[float]) -> None:
    """An open book on the table with lines of print."""
    footprint(
        canvas, [(x - half, y), (x + half, y), (x + half * 0.86, y - deep), (x - half * 0.86, y - deep)], height=26
    )
    for way in (-1, 1):
        page = Shape([(x, y - 6), (x + way * half, y - 12), (x + way * half * 0.86, y - deep - 12), (x, y - deep - 4)])
        under = Shape([(px, py + 14) for px, py in page.outlines[0]]).joined(
            Shape([(x, y + 8), (x + way * half, y + 2), (x + way * half, y - 12), (x, y - 6)])
        )
        canvas.fill(under, "#c9b894")
        near, far = ((0, "#b9a988"), (0.12, "#f1e8d4")) if way > 0 else ((0, "#d9ccb0"), (0.12, "#fdf8ec"))
        canvas.fill(page, linear((x, 0), (x + way * half, 0), near, far, (0.6, "#fffaf0"), (1, "#e6d9bd")))
        for n, share in enumerate(lines):
            t = 0.14 + 0.74 * n / len(lines)
            row = y - 10 - deep * (1 - t)
            reach = half * (0.86 + 0.14 * t)
            canvas.fill(
                ribbon([(x + way * reach * 0.14, row), (x + way * reach * (0.14 + 0.72 * share), row - 2)], 3),
                "#6d6152",
                opacity=0.55,
            )


def notebook_cover(cloth: str) -> Cover:
    """Linen with an elastic band and a small blind stamp."""

    def paint(canvas: Canvas) -> None:
        w, h = COVER
        everything = rectangle(0, 0, w, h)
        canvas.fill(everything, linear((0, 0), (w, h), (0, lighter(cloth, 0.16)), (1, darker(cloth, 0.12))))
        threads = [ribbon([(0, n * 5), (w, n * 5 + (n % 3) - 1)], 1.1).outlines[0] for n in range(h // 5)]
        threads += [ribbon([(n * 5, 0), (n * 5 + (n % 3) - 1, h)], 1.1).outlines[0] for n in range(w // 5)]
        canvas.fill(Shape(*threads), darker(cloth, 0.4), opacity=0.3)
        canvas.grain(everything, 0.16)
        canvas.fill(rectangle(w - 62, 0, w - 44, h), darker(cloth, 0.5))
        canvas.fill(rectangle(w - 62, 0, w - 57, h), lighter(cloth, 0.3), opacity=0.5)
        canvas.fill(rectangle(w - 44, 0, w - 36, h), SHADOW, opacity=0.25)

    return paint
