"""Pots, cups, tins and tea: the pictures of the tea shop."""

import random

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
    radial,
    rectangle,
    ribbon,
    smooth,
    turn,
)
from dealings.samples.lettering import seal, write_down
from dealings.samples.still_life import (
    FLAT,
    Finish,
    disc,
    footprint,
    rim,
    shadow,
    tea_in,
    turned,
)

WHITE = Finish("#f4f1ea", gloss=0.75)
CELADON = Finish("#b9cdb6", gloss=0.8)
ASH = Finish("#8d8a84", gloss=0.35, rough=0.1)


def teapot(canvas: Canvas, x: float, y: float, size: float, finish: Finish) -> None:
    """A Yixing pot, spout to the left, that stands at (x, y)."""
    s, c = size, finish.colour
    shadow(canvas, x, y - 4 * s, 128 * s, height=150 * s)
    _handle(
        canvas,
        [
            (x + 112 * s, y - 150 * s),
            (x + 176 * s, y - 166 * s),
            (x + 204 * s, y - 112 * s),
            (x + 178 * s, y - 60 * s),
            (x + 122 * s, y - 52 * s),
        ],
        20 * s,
        c,
    )
    _spout(canvas, x, y, s, finish)
    profile = [
        (y - 168 * s, 70 * s),
        (y - 152 * s, 108 * s),
        (y - 104 * s, 150 * s),
        (y - 54 * s, 146 * s),
        (y - 18 * s, 112 * s),
        (y - 6 * s, 96 * s),
        (y, 97 * s),
    ]
    turned(canvas, x, profile, finish)
    _lid(canvas, x, y - 168 * s, s, finish)


def _lid(canvas: Canvas, x: float, y: float, s: float, finish: Finish) -> None:
    canvas.fill(ellipse(x, y + 4 * s, 76 * s, 17 * s), darker(finish.colour, 0.65), opacity=0.8)
    turned(canvas, x, [(y - 30 * s, 12 * s), (y - 26 * s, 38 * s), (y - 14 * s, 64 * s), (y - 2 * s, 75 * s)], finish)
    canvas.spot(glow((x + 4 * s, y - 27 * s), 30 * s, 9 * s, "#20110a", 0.5))
    knob = smooth(
        (x - 19 * s, y - 46 * s),
        (x - 9 * s, y - 62 * s),
        (x + 9 * s, y - 62 * s),
        (x + 19 * s, y - 46 * s),
        (x + 9 * s, y - 30 * s),
        (x - 9 * s, y - 30 * s),
    )
    canvas.fill(
        knob,
        radial(
            (x - 7 * s, y - 54 * s),
            30 * s,
            26 * s,
            (0, lighter(finish.colour, 0.4)),
            (0.5, finish.colour),
            (1, darker(finish.colour, 0.5)),
        ),
    )


def _handle(canvas: Canvas, points: list[Point], width: float, colour: str) -> None:
    """A round strap: dark below, colour on it, light along the upper edge."""
    line = curve(points)
    canvas.fill(ribbon(line, width, width * 0.86, width), darker(colour, 0.48))
    canvas.fill(
        ribbon([(x - width * 0.12, y - width * 0.12) for x, y in line], width * 0.66, width * 0.5, width * 0.66),
        darker(colour, 0.08),
    )
    canvas.fill(
        ribbon([(x - width * 0.2, y - width * 0.22) for x, y in line], width * 0.2, width * 0.16, width * 0.1),
        lighter(colour, 0.45),
        opacity=0.8,
    )


def _spout(canvas: Canvas, x: float, y: float, s: float, finish: Finish) -> None:
    line = curve(
        [(x - 106 * s, y - 62 * s), (x - 150 * s, y - 84 * s), (x - 182 * s, y - 128 * s), (x - 212 * s, y - 158 * s)]
    )
    pipe = ribbon(line, 74 * s, 48 * s, 34 * s, 27 * s)
    c = finish.colour
    canvas.fill(
        pipe,
        linear(
            (x - 200 * s, y - 150 * s), (x - 140 * s, y - 70 * s), (0, lighter(c, 0.22)), (0.45, c), (1, darker(c, 0.5))
        ),
    )
    upper = [(px - 4 * s, py - 9 * s) for px, py in line]
    canvas.fill(ribbon(upper, 12 * s, 7 * s, 4 * s), lighter(c, 0.5), opacity=0.3 + finish.gloss * 0.3, clip=pipe)
    mouth = ellipse(x - 213 * s, y - 159 * s, 15 * s, 6 * s, 42 - 90 + 90)
    canvas.fill(mouth, darker(c, 0.7))


def cup(canvas: Canvas, x: float, y: float, half: float, finish: Finish, tea: str | None) -> None:
    """A small cup without handle."""
    tall = half * 1.12
    shadow(canvas, x, y - 2, half * 0.62, height=tall)
    profile = [
        (y - tall, half),
        (y - tall * 0.62, half * 0.9),
        (y - tall * 0.24, half * 0.62),
        (y - tall * 0.1, half * 0.46),
        (y, half * 0.47),
    ]
    turned(canvas, x, profile, finish)
    opening = rim(canvas, x, y - tall, half, finish, wall=max(3, half * 0.06))
    if tea:
        tea_in(canvas, opening, tea)


def gaiwan(canvas: Canvas, x: float, y: float, size: float, finish: Finish, *, tea: str | None = None) -> None:
    """A lidded bowl on its saucer; with `tea`, open, its lid leaning on the saucer."""
    s = size
    shadow(canvas, x, y + 4 * s, 150 * s, height=90 * s)
    turned(canvas, x, [(y - 26 * s, 176 * s), (y - 16 * s, 150 * s), (y - 4 * s, 92 * s), (y + 4 * s, 84 * s)], finish)
    well = rim(canvas, x, y - 26 * s, 176 * s, finish, wall=5 * s)
    canvas.fill(
        well,
        radial(
            (x - 60 * s, y - 36 * s),
            240 * s,
            50 * s,
            (0, lighter(finish.colour, 0.3)),
            (1, darker(finish.colour, 0.22)),
        ),
    )
    canvas.spot(glow((x + 14 * s, y - 20 * s), 112 * s, 24 * s, "#3a2416", 0.5), clip=well)
    body = [
        (y - 186 * s, 142 * s),
        (y - 170 * s, 132 * s),
        (y - 110 * s, 116 * s),
        (y - 54 * s, 82 * s),
        (y - 32 * s, 60 * s),
        (y - 18 * s, 60 * s),
    ]
    turned(canvas, x, body, finish)
    opening = rim(canvas, x, y - 186 * s, 142 * s, finish, wall=5 * s)
    if tea:
        tea_in(canvas, opening, tea)
        return
    y -= 190 * s
    canvas.fill(
        ellipse(x, y + 4 * s, 128 * s, 26 * s),
        darker(finish.colour, 0.55),
        opacity=0.6,
        clip=ellipse(x, y + 4 * s, 142 * s, 28 * s),
    )
    turned(canvas, x, [(y - 56 * s, 30 * s), (y - 46 * s, 66 * s), (y - 22 * s, 112 * s), (y, 128 * s)], finish)
    turned(canvas, x, [(y - 82 * s, 36 * s), (y - 74 * s, 30 * s), (y - 56 * s, 26 * s)], finish)
    rim(canvas, x, y - 82 * s, 36 * s, finish, wall=6 * s)


def tin(canvas: Canvas, x: float, y: float, half: float, tall: float, colour: str, label: str) -> None:
    """A round caddy with a paper label."""
    shadow(canvas, x, y - 3, half, height=tall)
    body = Finish(colour, gloss=0.55, rough=0.03)
    turned(canvas, x, [(y - tall, half), (y - tall * 0.5, half), (y, half)], body)
    lid_y = y - tall * 0.76
    canvas.fill(Shape(_front(x, lid_y + 3, half)), darker(colour, 0.7), opacity=0.7)
    canvas.fill(Shape(_front(x, lid_y, half)), lighter(colour, 0.35), opacity=0.5)
    disc(canvas, x, y - tall, half, Finish(lighter(colour, 0.08)), thick=2)
    paper = rectangle(x - half * 0.44, y - tall * 0.62, x + half * 0.4, y - tall * 0.04, 4)
    canvas.fill(
        paper, linear((x - half * 0.5, 0), (x + half * 0.5, 0), (0, "#e9dfc9"), (0.35, "#fbf5e6"), (1, "#cfc0a2"))
    )
    write_down(canvas, label, (x - half * 0.02, y - tall * 0.58), half * (0.4 if len(label) < 3 else 0.31), "#2a211a")
    seal(canvas, (x - half * 0.02, y - tall * 0.12), half * 0.24, "茶")


def _front(x: float, y: float, half: float) -> list[Point]:
    line = [(x + half * t / 10, y + (1 - (t / 10) ** 2) ** 0.5 * half * FLAT) for t in range(-10, 11)]
    return list(ribbon(line, 2.5).outlines[0])


def jar(canvas: Canvas, x: float, y: float, half: float, tall: float, finish: Finish, label: str) -> None:
    """A stoneware jar with a wooden lid."""
    shadow(canvas, x, y - 3, half * 0.86, height=tall)
    turned(
        canvas,
        x,
        [
            (y - tall, half * 0.66),
            (y - tall * 0.94, half * 0.7),
            (y - tall * 0.78, half * 0.97),
            (y - tall * 0.45, half),
            (y - tall * 0.12, half * 0.88),
            (y, half * 0.8),
        ],
        finish,
    )
    wood = Finish("#b07a45", gloss=0.25, rough=0.08)
    turned(
        canvas, x, [(y - tall * 1.09, half * 0.66), (y - tall * 1.05, half * 0.7), (y - tall * 0.99, half * 0.69)], wood
    )
    disc(canvas, x, y - tall * 1.09, half * 0.66, wood, thick=1)
    canvas.fill(ellipse(x, y - tall * 1.11, half * 0.12, half * 0.07), darker(wood.colour, 0.4))
    tag = rectangle(x - half * 0.27, y - tall * 0.72, x + half * 0.23, y - tall * 0.14, 3)
    canvas.fill(tag, linear((x - half * 0.3, 0), (x + half * 0.3, 0), (0, "#f9f2e2"), (1, "#ddd0b6")))
    write_down(canvas, label, (x - half * 0.02, y - tall * 0.68), half * 0.3, "#2a211a")


def glass(
    canvas: Canvas, x: float, y: float, half: float, tall: float, tea: str, *, leaves: int = 0, standing: bool = True
) -> None:
    """A clear glass of tea; leaves stand and float in it."""
    if standing:
        shadow(canvas, x, y - 2, half * 0.86, height=tall * 0.9, strength=0.7)
    canvas.spot(glow((x + half * 1.5, y + 6), half * 1.2, half * 0.22, tea, 0.5))
    body = Shape(
        [
            (x - half, y - tall),
            (x + half, y - tall),
            (x + half * 0.88, y - 8),
            *curve([(x + half * 0.88, y - 8), (x, y + half * FLAT * 0.9), (x - half * 0.88, y - 8)]),
        ]
    )
    canvas.fill(
        body,
        linear(
            (x - half, 0),
            (x + half, 0),
            (0, "#ffffff", 0.55),
            (0.2, "#ffffff", 0.18),
            (0.8, "#d8d3c4", 0.2),
            (1, "#8d8570", 0.5),
        ),
    )
    level = y - tall * 0.8
    water = Shape(
        [
            (x - half * 0.95, level),
            (x + half * 0.95, level),
            (x + half * 0.84, y - 16),
            *curve([(x + half * 0.84, y - 16), (x, y + half * FLAT * 0.55), (x - half * 0.84, y - 16)]),
        ]
    )
    canvas.fill(
        water,
        linear(
            (x - half, 0),
            (x + half, 0),
            (0, darker(tea, 0.12), 0.9),
            (0.3, lighter(tea, 0.35), 0.85),
            (0.7, tea, 0.88),
            (1, darker(tea, 0.3), 0.92),
        ),
    )
    _floating(canvas, x, y, half, level, leaves, water)
    _glass_lights(canvas, x, y, half, tall, tea)


def _glass_lights(canvas: Canvas, x: float, y: float, half: float, tall: float, tea: str) -> None:
    """The surface of the tea, the window in the glass, and its edge."""
    level = y - tall * 0.8
    surface = ellipse(x, level, half * 0.95, half * FLAT * 0.95)
    canvas.fill(
        surface,
        linear(
            (x - half, 0), (x + half, 0), (0, lighter(tea, 0.2), 0.95), (0.5, lighter(tea, 0.6), 0.95), (1, tea, 0.95)
        ),
    )
    for left, right, strength in ((-0.86, -0.7, 0.75), (-0.62, -0.57, 0.5), (0.78, 0.86, 0.4)):
        canvas.fill(
            Shape(
                [
                    (x + half * left, y - tall * 0.95),
                    (x + half * right, y - tall * 0.95),
                    (x + half * right * 0.9, y - 26),
                    (x + half * left * 0.9, y - 26),
                ]
            ),
            "#ffffff",
            opacity=strength,
        )
    ring = [(x + px, y - tall + py) for px, py in ellipse(0, 0, half, half * FLAT).outlines[0]]
    canvas.fill(ribbon(ring, 4), "#ffffff", opacity=0.9)
    canvas.fill(ribbon([(px, py + 2) for px, py in ring], 1.4), "#8f8a78", opacity=0.6)


def _floating(canvas: Canvas, x: float, y: float, half: float, level: float, count: int, water: Shape) -> None:
    rng = random.Random(count)
    for n in range(count):
        low = n % 5 < 3
        px = x + rng.uniform(-0.7, 0.7) * half
        py = y - rng.uniform(8, 40) if low else level + rng.uniform(40, 90)
        length = rng.uniform(46, 78)
        degrees = -90 + rng.uniform(-24, 24) if low else 90 + rng.uniform(-16, 16)
        blade = smooth(
            (px, py),
            *turn([(px + length * 0.5, py - 6), (px + length, py), (px + length * 0.5, py + 6)], degrees, (px, py)),
        )
        tone = rng.choice(("#6f8a35", "#86a043", "#5b742c", "#9db256"))
        tip = turn([(px + length, py)], degrees, (px, py))[0]
        canvas.fill(
            blade, linear((px, py), tip, (0, darker(tone, 0.3)), (1, lighter(tone, 0.2))), clip=water, opacity=0.9
        )


def pitcher(canvas: Canvas, x: float, y: float, half: float, tall: float, tea: str) -> None:
    """A glass jug for sharing tea out evenly."""
    line = curve(
        [
            (x + half * 0.86, y - tall * 0.8),
            (x + half * 1.5, y - tall * 0.82),
            (x + half * 1.56, y - tall * 0.4),
            (x + half * 0.84, y - tall * 0.22),
        ]
    )
    shadow(canvas, x, y - 2, half * 0.9, height=tall * 0.8, strength=0.8)
    canvas.fill(ribbon(line, 19, 16, 17), "#a29c8a", opacity=0.5)
    canvas.fill(ribbon([(px - 2, py - 2) for px, py in line], 12, 9, 10), "#fdfbf4", opacity=0.75)
    lip = smooth(
        (x - half * 0.7, y - tall),
        (x - half * 1.28, y - tall * 1.03),
        (x - half * 0.86, y - tall * 0.86),
        (x - half * 0.5, y - tall * 0.9),
    )
    canvas.fill(lip, linear((x - half * 1.3, 0), (x - half * 0.6, 0), (0, "#ffffff", 0.85), (1, "#d8d2c2", 0.35)))
    glass(canvas, x, y, half, tall, tea, standing=False)


def tray(canvas: Canvas, x: float, y: float, half: float, deep: float) -> None:
    """A slatted bamboo tray seen from the front."""
    thick = 40
    back = half * 0.86
    floor = [(x - half, y), (x + half, y), (x + back, y - deep), (x - back, y - deep)]
    footprint(canvas, floor, height=60)
    canvas.fill(
        rectangle(x - half, y - thick, x + half, y, 6),
        linear((0, y - thick), (0, y), (0, "#d9ae6c"), (0.3, "#c0914f"), (1, "#6f4a24")),
    )
    top = Shape([(px, py - thick) for px, py in floor])
    canvas.fill(top, linear((x - half, y - deep), (x + half, y), (0, "#eccb8f"), (1, "#bb8d4d")))
    for n in range(1, 22):
        t = n / 22
        canvas.fill(
            ribbon([(x - half + 2 * half * t, y - thick), (x - back + 2 * back * t, y - deep - thick)], 4.5, 3),
            "#6b4522",
            opacity=0.62,
            clip=top,
        )
        canvas.fill(
            ribbon([(x - half + 2 * half * t + 4, y - thick), (x - back + 2 * back * t + 4, y - deep - thick)], 2, 1),
            "#fbe6ba",
            opacity=0.6,
            clip=top,
        )
    canvas.fill(ribbon([(x - half, y - thick), (x + half, y - thick)], 5), "#f3d9a4", opacity=0.8)
