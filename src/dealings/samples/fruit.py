"""Fruit, honey and crates: what the cooperative sells, as things to put on a table."""

import random
from collections.abc import Callable
from typing import Final

from dealings.samples.drawing import (
    Canvas,
    Point,
    Shape,
    curve,
    darker,
    ellipse,
    glow,
    lighter,
    linear,
    ribbon,
    smooth,
    turn,
)
from dealings.samples.still_life import ball, leaf, shadow

Fruit = Callable[[Canvas, float, float, float], None]
"""Paints one fruit that lies at (x, y), `size` wide from the middle to the side."""

STEM: Final = "#6a4a2c"


def _under(canvas: Canvas, x: float, y: float, size: float) -> None:
    """The dark between a fruit and what it lies on, be it the table or other fruit."""
    canvas.spot(glow((x + size * 0.12, y - size * 0.04), size * 1.15, size * 0.4, "#2b150c", 0.55))


def peach(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    shape = smooth(
        (x - s * 0.98, y - s * 0.92),
        (x - s * 0.6, y - s * 1.62),
        (x - s * 0.04, y - s * 1.72),
        (x + s * 0.14, y - s * 1.8),
        (x + s * 0.66, y - s * 1.56),
        (x + s, y - s * 0.9),
        (x + s * 0.62, y - s * 0.2),
        (x, y),
        (x - s * 0.64, y - s * 0.2),
    )
    ball(canvas, shape, "#f6cf9f", shade="#b5563f", gloss=0.25)
    canvas.spot(glow((x + s * 0.34, y - s * 1.05), s * 0.95, s * 0.98, "#d63f48", 0.72), clip=shape)
    canvas.spot(glow((x - s * 0.2, y - s * 1.62), s * 0.75, s * 0.36, "#e2545a", 0.5), clip=shape)
    crease = curve(
        [
            (x + s * 0.1, y - s * 1.78),
            (x - s * 0.2, y - s * 1.2),
            (x - s * 0.22, y - s * 0.6),
            (x - s * 0.02, y - s * 0.03),
        ]
    )
    canvas.fill(ribbon(crease, s * 0.02, s * 0.08, s * 0.05, s * 0.01), "#a53a3c", clip=shape, opacity=0.55)
    canvas.fill(
        ribbon([(px - s * 0.06, py) for px, py in crease], s * 0.02, s * 0.1, s * 0.02),
        "#ffe3c4",
        clip=shape,
        opacity=0.5,
    )
    canvas.spot(glow((x - s * 0.5, y - s * 1.25), s * 0.4, s * 0.3, "#fff6ea", 0.55, -30), clip=shape)
    canvas.grain(shape, 0.12, light="#fff4e6")


def orange(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    shape = ellipse(x, y - s * 0.96, s, s * 0.96)
    ball(canvas, shape, "#f59a2b", shade="#b4510e", gloss=0.62)
    rng = random.Random(round(x * 7 + y))
    pores = []
    for _ in range(90):
        ((px, py),) = turn([(s * 0.94 * rng.random() ** 0.6, 0)], rng.uniform(0, 360), (0, 0))
        pores.append(ellipse(x + px, y - s * 0.96 + py * 0.96, s * 0.018).outlines[0])
    canvas.fill(Shape(*pores), "#b85a10", clip=shape, opacity=0.45)
    navel = (x + s * 0.2, y - s * 1.5)
    canvas.spot(glow(navel, s * 0.2, s * 0.13, "#8f4308", 0.6), clip=shape)
    star = [turn([(navel[0] + (s * 0.1 if n % 2 else s * 0.045), navel[1])], n * 36, navel)[0] for n in range(10)]
    canvas.fill(Shape(star), "#7d7a35")


def pear(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    canvas.fill(
        ribbon(
            curve([(x + s * 0.02, y - s * 2.4), (x + s * 0.1, y - s * 2.75), (x + s * 0.3, y - s * 2.95)]),
            s * 0.1,
            s * 0.08,
            s * 0.12,
        ),
        STEM,
    )
    shape = smooth(
        (x - s, y - s * 0.85),
        (x - s * 0.72, y - s * 1.5),
        (x - s * 0.42, y - s * 2.05),
        (x - s * 0.02, y - s * 2.46),
        (x + s * 0.38, y - s * 2.08),
        (x + s * 0.68, y - s * 1.5),
        (x + s, y - s * 0.82),
        (x + s * 0.62, y - s * 0.14),
        (x, y),
        (x - s * 0.64, y - s * 0.16),
    )
    ball(canvas, shape, "#c9c553", shade="#6f6a1c", gloss=0.4)
    canvas.spot(glow((x + s * 0.5, y - s * 0.8), s * 0.7, s * 0.95, "#cf7a3a", 0.55), clip=shape)
    canvas.spot(glow((x - s * 0.36, y - s * 1.0), s * 0.4, s * 0.6, "#f7f3b0", 0.5), clip=shape)
    canvas.spot(glow((x + s * 0.05, y - s * 2.42), s * 0.3, s * 0.16, "#54501a", 0.5), clip=shape)
    canvas.grain(shape, 0.2, light="#f3f0c0", dark="#5a4a18")


def apple(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    shape = smooth(
        (x - s, y - s * 1.05),
        (x - s * 0.72, y - s * 1.66),
        (x - s * 0.3, y - s * 1.74),
        (x, y - s * 1.62),
        (x + s * 0.32, y - s * 1.75),
        (x + s * 0.76, y - s * 1.62),
        (x + s, y - s * 1.02),
        (x + s * 0.68, y - s * 0.24),
        (x + s * 0.26, y),
        (x, y - s * 0.04),
        (x - s * 0.28, y),
        (x - s * 0.7, y - s * 0.26),
    )
    ball(canvas, shape, "#d8453a", shade="#7c1519", gloss=0.7)
    rng = random.Random(round(x + y * 3))
    streaks = []
    for n in range(26):
        out = -0.95 + n * 0.076
        bend = curve(
            [
                (x + out * s * 0.25, y - s * 1.64),
                (x + out * s * 0.9, y - s * rng.uniform(0.9, 1.2)),
                (x + out * s * 0.8, y - s * rng.uniform(0.4, 0.7)),
            ]
        )
        streaks.append(ribbon(bend, 0.5, rng.uniform(1.5, 4), 0.4).outlines[0])
    canvas.fill(Shape(*streaks), "#f3b35e", clip=shape, opacity=0.2)
    canvas.spot(glow((x, y - s * 1.62), s * 0.44, s * 0.17, "#5c2a10", 0.75), clip=shape)
    canvas.spot(glow((x + s * 0.02, y - s * 1.7), s * 0.5, s * 0.12, "#d5b64c", 0.4), clip=shape)
    canvas.fill(
        ribbon(
            curve([(x, y - s * 1.58), (x + s * 0.05, y - s * 1.82), (x + s * 0.2, y - s * 2.02)]),
            s * 0.06,
            s * 0.06,
            s * 0.1,
        ),
        STEM,
    )


def persimmon(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    shape = smooth(
        (x - s, y - s * 0.72),
        (x - s * 0.7, y - s * 1.3),
        (x, y - s * 1.4),
        (x + s * 0.7, y - s * 1.3),
        (x + s, y - s * 0.7),
        (x + s * 0.6, y - s * 0.12),
        (x, y),
        (x - s * 0.6, y - s * 0.12),
    )
    ball(canvas, shape, "#ef7a26", shade="#a53a0c", gloss=0.75)
    for n, degrees in enumerate((20, 160, 205, -25)):
        leaf(canvas, (x, y - s * 1.3), s * (0.62 if n < 2 else 0.55), degrees, "#7d7a3f", broad=0.6)
    canvas.fill(ellipse(x, y - s * 1.33, s * 0.12, s * 0.06), "#5d5426")


def lychee(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    shape = ellipse(x, y - s, s * 0.96, s)
    ball(canvas, shape, "#cf4a55", shade="#6f1626", gloss=0.1)
    for row in range(9):
        height = -0.9 + row * 0.225
        reach = (1 - height * height) ** 0.5
        bumps, lights = [], []
        for n in range(8):
            px = x + s * 0.96 * reach * (-0.94 + (n + row % 2 / 2) * 0.25)
            py = y - s + s * height
            bumps.append(ellipse(px, py, s * 0.115 * max(0.35, 1 - abs(px - x) / s * 0.7), s * 0.1).outlines[0])
            lights.append(
                ellipse(px - s * 0.03, py - s * 0.035, s * 0.05 * max(0.2, 1 - abs(px - x) / s), s * 0.035).outlines[0]
            )
        canvas.fill(Shape(*bumps), "#8c2234", clip=shape, opacity=0.34)
        canvas.fill(Shape(*lights), "#ffb3ac", clip=shape, opacity=0.5)
    canvas.spot(glow((x - s * 0.34, y - s * 1.4), s * 0.5, s * 0.42, "#ffe0d2", 0.42), clip=shape)
    canvas.spot(glow((x + s * 0.5, y - s * 0.5), s * 0.7, s * 0.7, "#4a0c1a", 0.4), clip=shape)


def peeled_lychee(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    flesh = ellipse(x, y - s, s * 0.93, s)
    ball(canvas, flesh, "#f4ece6", shade="#c3aba8", gloss=0.95)
    canvas.spot(glow((x + s * 0.2, y - s * 0.9), s * 0.5, s * 0.55, "#a98580", 0.25), clip=flesh)
    shell = Shape(
        [
            (x - s * 1.0, y - s * 0.95),
            *curve(
                [
                    (x - s * 1.0, y - s * 0.95),
                    (x - s * 0.6, y - s * 0.72),
                    (x - s * 0.2, y - s * 0.9),
                    (x + s * 0.25, y - s * 0.66),
                    (x + s * 0.65, y - s * 0.84),
                    (x + s * 1.0, y - s * 0.8),
                ]
            ),
            *curve(
                [
                    (x + s * 1.0, y - s * 0.8),
                    (x + s * 0.72, y - s * 0.16),
                    (x, y + s * 0.03),
                    (x - s * 0.74, y - s * 0.2),
                    (x - s * 1.0, y - s * 0.95),
                ]
            ),
        ]
    )
    canvas.fill(shell, linear((x - s, y - s), (x + s, y), (0, "#d8626a"), (0.5, "#b23a48"), (1, "#6a1626")))
    canvas.grain(shell, 0.5, light="#ff9f9a", dark="#5a0f20")


def cherry(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    shape = smooth(
        (x - s, y - s * 1.02),
        (x - s * 0.66, y - s * 1.66),
        (x - s * 0.05, y - s * 1.6),
        (x + s * 0.62, y - s * 1.68),
        (x + s, y - s * 1.0),
        (x + s * 0.62, y - s * 0.18),
        (x, y),
        (x - s * 0.64, y - s * 0.2),
    )
    ball(canvas, shape, "#a3152a", shade="#3d0510", gloss=0.5)
    canvas.spot(glow((x, y - s * 1.58), s * 0.3, s * 0.14, "#2c040c", 0.6), clip=shape)
    canvas.fill(
        smooth(
            (x - s * 0.55, y - s * 1.2),
            (x - s * 0.4, y - s * 1.44),
            (x - s * 0.14, y - s * 1.44),
            (x - s * 0.34, y - s * 1.24),
        ),
        "#ffffff",
        opacity=0.85,
    )
    canvas.spot(glow((x + s * 0.45, y - s * 0.45), s * 0.4, s * 0.3, "#ff7b6a", 0.4), clip=shape)


def stalk(canvas: Canvas, start: Point, end: Point, *, bend: float = 20, width: float = 5) -> None:
    """A cherry's stem, from the fruit upwards."""
    middle = ((start[0] + end[0]) / 2 + bend, (start[1] + end[1]) / 2)
    line = curve([start, middle, end])
    canvas.fill(ribbon(line, width * 0.9, width * 0.8, width * 1.3), "#4f6128")
    canvas.fill(ribbon([(x - 1.2, y) for x, y in line], width * 0.3), "#a4b45c", opacity=0.8)


def strawberry(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    _under(canvas, x, y, s)
    shape = smooth(
        (x - s * 0.92, y - s * 1.5),
        (x - s * 0.5, y - s * 1.86),
        (x, y - s * 1.78),
        (x + s * 0.52, y - s * 1.86),
        (x + s * 0.94, y - s * 1.48),
        (x + s * 0.76, y - s * 0.72),
        (x + s * 0.2, y - s * 0.04),
        (x - s * 0.12, y - s * 0.02),
        (x - s * 0.74, y - s * 0.74),
    )
    ball(canvas, shape, "#de2f38", shade="#86101e", gloss=0.6)
    seeds, pits = [], []
    for row in range(6):
        height = y - s * (1.6 - row * 0.23)
        reach = s * (0.88 - row * 0.115)
        for n in range(6):
            px = x + reach * (-0.9 + (n + (row % 2) / 2) * 0.33)
            pits.append(ellipse(px, height, s * 0.055, s * 0.07).outlines[0])
            seeds.append(ellipse(px - 0.6, height - 0.8, s * 0.03, s * 0.045).outlines[0])
    canvas.fill(Shape(*pits), "#7c0f1c", clip=shape, opacity=0.5)
    canvas.fill(Shape(*seeds), "#f7d27a", clip=shape)
    canvas.spot(glow((x - s * 0.36, y - s * 1.35), s * 0.3, s * 0.26, "#ffffff", 0.5), clip=shape)
    for degrees in (196, 232, 268, 304, 340):
        leaf(
            canvas,
            (x, y - s * 1.74),
            s * 0.66,
            degrees if degrees in (232, 268, 304) else degrees - 180 + (150 if degrees < 270 else -150) + 60,
            "#6f9a3a",
            broad=0.44,
        )


def grape(colour: str) -> Fruit:
    def paint(canvas: Canvas, x: float, y: float, size: float) -> None:
        canvas.spot(glow((x + size * 0.15, y - size * 0.7), size * 1.2, size * 1.2, darker(colour, 0.85), 0.5))
        shape = ellipse(x, y - size, size * 0.95, size)
        ball(canvas, shape, colour, shade=darker(colour, 0.55), gloss=0.6)
        canvas.spot(
            glow((x + size * 0.35, y - size * 0.55), size * 0.45, size * 0.4, lighter(colour, 0.7), 0.45), clip=shape
        )

    return paint


def bunch(canvas: Canvas, x: float, y: float, size: float, colour: str) -> None:
    """A bunch of grapes lying on the table, its stem to the upper left."""
    shadow(canvas, x + size * 1.5, y, size * 5.4, strength=0.9)
    paint = grape(colour)
    rng = random.Random(17)
    stem = curve([(x - size * 5.4, y - size * 6.6), (x - size * 4, y - size * 6.4), (x - size * 2.4, y - size * 4.6)])
    canvas.fill(ribbon(stem, size * 0.5, size * 0.34, size * 0.26), "#7a6a35")
    canvas.fill(ribbon([(px, py - 2) for px, py in stem], size * 0.14), "#b9a862")
    leaf(canvas, (x - size * 4.6, y - size * 6.2), size * 4.4, -24, "#71923c", broad=0.7)
    for row, (count, drift) in enumerate(((3, -2.6), (5, -2.0), (6, -1.2), (7, -0.4), (7, 0.5), (6, 1.1), (4, 1.8))):
        for n in range(count):
            px = x + (n - count / 2 + 0.5 + drift * 0.5) * size * 1.56 + rng.uniform(-0.3, 0.3) * size
            paint(
                canvas, px, y - size * (4.9 - row * 0.83) + rng.uniform(-0.3, 0.3) * size, size * rng.uniform(0.9, 1.1)
            )
