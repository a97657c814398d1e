"""Larger fruit, and what fruit comes in: piles, crates and jars."""

import random
from collections.abc import Callable, Sequence

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
    mix,
    radial,
    rectangle,
    ribbon,
    turn,
)
from dealings.samples.fruit import Fruit
from dealings.samples.lettering import seal, write_down
from dealings.samples.still_life import SHADOW, Finish, ball, disc, footprint, shadow, turned


def watermelon(canvas: Canvas, x: float, y: float, size: float) -> None:
    s = size
    shape = ellipse(x, y - s * 0.95, s * 1.1, s * 0.95)
    ball(canvas, shape, "#5f9a4a", shade="#1f4a26", gloss=0.35)
    for n in range(-4, 5):
        line = curve([(x + n * s * 0.04, y - s * 1.9), (x + n * s * 0.27, y - s * 0.95), (x + n * s * 0.04, y)])
        wavy = [(px + (8 if k % 4 < 2 else -6) * s / 170, py) for k, (px, py) in enumerate(line)]
        canvas.fill(ribbon(wavy, 3, s * 0.1, s * 0.13, s * 0.1, 3), "#1d4a27", clip=shape, opacity=0.8)
    canvas.spot(glow((x - s * 0.4, y - s * 1.4), s * 0.55, s * 0.4, "#f2ffd8", 0.42), clip=shape)
    canvas.spot(glow((x + s * 0.7, y - s * 0.4), s * 0.8, s * 0.8, "#0c2412", 0.42), clip=shape)
    canvas.fill(
        ribbon(
            curve([(x + s * 0.02, y - s * 1.88), (x + s * 0.1, y - s * 2.02), (x + s * 0.28, y - s * 2.0)]), 7, 6, 9
        ),
        "#5f6d2e",
    )


def melon_half(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Half a melon that leans back and shows its flesh."""
    s = size
    shadow(canvas, x, y - 6, s * 0.9, height=s * 0.8)
    rind = ellipse(x + s * 0.1, y - s * 0.9, s * 1.02, s * 0.96)
    canvas.fill(rind, linear((x - s, 0), (x + s * 1.2, 0), (0, "#4d8440"), (1, "#183a1f")))
    face = ellipse(x, y - s * 0.93, s * 0.98, s * 0.95)
    canvas.fill(face, linear((x - s, y - s * 1.8), (x + s, y), (0, "#e9f0c8"), (1, "#c9d69a")))
    flesh = ellipse(x, y - s * 0.93, s * 0.87, s * 0.84)
    canvas.fill(
        flesh,
        radial(
            (x - s * 0.2, y - s * 1.15),
            s * 1.2,
            s * 1.15,
            (0, "#ff7e6b"),
            (0.5, "#ec4a4b"),
            (0.78, "#dd3a42"),
            (0.9, "#f08f80"),
            (1, "#f6cdb4"),
        ),
    )
    canvas.grain(flesh, 0.16, light="#ffc2b4", dark="#a01f2c")
    seeds = []
    for n in range(26):
        out = 0.34 + 0.13 * (n % 4)
        ((px, py),) = turn([(s * out, 0)], n * 137.5, (0, 0))
        seeds.append(
            Shape(
                turn(
                    ellipse(x + px, y - s * 0.93 + py * 0.96, s * 0.036, s * 0.022).outlines[0],
                    n * 137.5,
                    (x + px, y - s * 0.93 + py * 0.96),
                )
            ).outlines[0]
        )
    canvas.fill(Shape(*([(px + 2, py + 2.5) for px, py in seed] for seed in seeds)), "#a9232e", opacity=0.7)
    canvas.fill(Shape(*seeds), "#2a1410")
    canvas.spot(glow((x - s * 0.4, y - s * 1.4), s * 0.4, s * 0.3, "#fff1e6", 0.45), clip=flesh)


def honey(canvas: Canvas, x: float, y: float, half: float, tall: float, label: str) -> None:
    """A glass of honey with a cloth lid."""
    shadow(canvas, x, y - 4, half * 0.95, height=tall, strength=0.9)
    canvas.spot(glow((x + half * 1.6, y + 8), half * 1.4, half * 0.26, "#f2a72c", 0.6))
    body = turned(
        canvas,
        x,
        [
            (y - tall * 0.86, half * 0.72),
            (y - tall * 0.78, half * 0.94),
            (y - tall * 0.68, half),
            (y - tall * 0.1, half),
            (y, half * 0.9),
        ],
        Finish("#e0901f", gloss=0.8),
    )
    canvas.spot(glow((x + half * 0.3, y - tall * 0.3), half * 0.8, tall * 0.42, "#ffd268", 0.75), clip=body)
    canvas.spot(glow((x - half * 0.7, y - tall * 0.4), half * 0.14, tall * 0.34, "#ffffff", 0.85), clip=body)
    cloth = Finish("#efe6d2", gloss=0.15, rough=0.1)
    turned(
        canvas,
        x,
        [
            (y - tall * 1.02, half * 0.76),
            (y - tall * 0.98, half * 0.82),
            (y - tall * 0.88, half * 0.8),
            (y - tall * 0.78, half * 0.98),
        ],
        cloth,
    )
    disc(canvas, x, y - tall * 1.02, half * 0.76, cloth, thick=1)
    canvas.fill(Shape(_belt(x, y - tall * 0.87, half * 0.8)), "#b5361f")
    paper = rectangle(x - half * 0.4, y - tall * 0.62, x + half * 0.36, y - tall * 0.1, 4)
    canvas.fill(paper, linear((x - half * 0.4, 0), (x + half * 0.4, 0), (0, "#fffaf0"), (1, "#eadfc6")))
    write_down(canvas, label, (x - half * 0.02, y - tall * 0.58), half * 0.34, "#4a2f12")
    seal(canvas, (x - half * 0.02, y - tall * 0.17), half * 0.22, "果")


def _belt(x: float, y: float, half: float) -> list[Point]:
    line = [(x + half * t / 10, y + (1 - (t / 10) ** 2) ** 0.5 * half * 0.2) for t in range(-10, 11)]
    return list(ribbon(line, 5).outlines[0])


def pile(canvas: Canvas, fruit: Fruit, places: Sequence[tuple[float, float, float]]) -> None:
    """Fruit on the table and on each other, given from the back to the front."""
    for x, y, size in places:
        if y > 500:
            shadow(canvas, x, y - size * 0.1, size * 0.8, height=size * 0.5, strength=0.6)
    for x, y, size in places:
        fruit(canvas, x, y, size)


def crate(
    canvas: Canvas, x: float, y: float, half: float, tall: float, fill: Callable[[Canvas], None], *, stamp: str = "果"
) -> None:
    """A wooden crate; `fill` paints what looks out of it before the front boards go on."""
    back = y - tall * 0.9
    footprint(canvas, [(x - half, y), (x + half, y), (x + half * 0.92, y - 90), (x - half * 0.92, y - 90)], height=tall)
    canvas.fill(
        rectangle(x - half * 0.93, back - tall * 0.42, x + half * 0.93, y - 20),
        linear((0, back - tall * 0.4), (0, y), (0, "#a9773f"), (0.4, "#6b4522"), (1, "#3c2412")),
    )
    fill(canvas)
    canvas.spot(
        glow((x, y - tall * 0.98), half * 0.98, 34, "#2a150a", 0.6), clip=rectangle(x - half, y - tall, x + half, y)
    )
    gap = tall / 3
    for n in range(3):
        _board(canvas, x - half, y - tall + n * gap + 3, x + half, y - tall + (n + 1) * gap - 3, seed=n)
    for side in (-1, 1):
        post = x + side * (half - 20)
        _board(canvas, post - 20, y - tall - 4, post + 20, y + 3, seed=9 + side, upright=True)
    canvas.fill(rectangle(x - half, y - gap + 3, x + half, y + 2), SHADOW, opacity=0.16)
    seal(canvas, (x, y - tall / 2), tall * 0.46, stamp, "#9c3a24")


def _board(
    canvas: Canvas, left: float, top: float, right: float, bottom: float, *, seed: int, upright: bool = False
) -> None:
    rng = random.Random(seed)
    board = rectangle(left, top, right, bottom, 3)
    canvas.fill(rectangle(left + 3, top + 5, right + 4, bottom + 5, 3), "#2a150a", opacity=0.4)
    tone = mix("#d9ae74", "#c4935a", rng.random())
    canvas.fill(
        board, linear((left, top), (right, bottom), (0, lighter(tone, 0.25)), (0.5, tone), (1, darker(tone, 0.22)))
    )
    lines = []
    for _ in range(9):
        at = rng.random()
        if upright:
            px = left + (right - left) * at
            lines.append(
                ribbon(
                    curve([(px, top), (px + rng.uniform(-4, 4), (top + bottom) / 2), (px, bottom)]), 0.6, 1.6, 0.6
                ).outlines[0]
            )
        else:
            py = top + (bottom - top) * at
            lines.append(
                ribbon(
                    curve([(left, py), (left + (right - left) * rng.random(), py + rng.uniform(-5, 5)), (right, py)]),
                    0.6,
                    1.8,
                    0.6,
                ).outlines[0]
            )
    canvas.fill(Shape(*lines), darker(tone, 0.5), clip=board, opacity=0.4)
    canvas.fill(rectangle(left, top, right, top + 2.5), "#fff0d0", opacity=0.55)
    for px in (left + 14, right - 14):
        canvas.fill(ellipse(px, (top + bottom) / 2, 3), "#5c3d1e")
