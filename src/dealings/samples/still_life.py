"""What all sample pictures share: the room, the light, and things turned on a wheel."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from PIL import Image

from dealings.samples.drawing import (
    SIZE,
    Canvas,
    Point,
    Radial,
    Shape,
    arc,
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

SHADOW: Final = "#4a2f1d"
FLAT: Final = 0.2
"""Height over width of a circle that lies on the table: the eye is a little above it."""


@cache
def _room(wall: str, table: str) -> Image.Image:
    canvas = Canvas(Image.new("RGB", SIZE, wall))
    everything = rectangle(-1, -1, SIZE[0] + 1, SIZE[1] + 1)
    edge = mix(wall, table, 0.55)
    canvas.fill(
        everything, linear((0, 330), (0, 720), (0, wall), (0.3, edge), (0.45, table), (1, lighter(table, 0.25)))
    )
    canvas.spot(glow((250, 120), 760, 560, "#fffdf6", 0.85))
    canvas.spot(glow((900, 20), 520, 420, darker(wall, 0.3), 0.28))
    canvas.spot(glow((480, 760), 900, 170, darker(table, 0.35), 0.22))
    canvas.grain(everything, 0.05)
    return canvas.image


def room(wall: str = "#f3ebdd", table: str = "#e6d6bf") -> Canvas:
    """An empty table before a paper wall, lit from the upper left."""
    return Canvas(_room(wall, table).copy())


def shadow(canvas: Canvas, x: float, y: float, half: float, *, height: float = 0, strength: float = 1) -> None:
    """The shadow of a thing that stands at (x, y): long and soft to the right, dark where it touches."""
    reach = half + height * 0.6
    canvas.spot(glow((x + reach * 0.62, y - half * 0.02), reach * 1.5, half * 0.42 + 18, SHADOW, 0.42 * strength))
    canvas.spot(glow((x + half * 0.22, y + half * 0.05 + 3), half * 1.5, half * 0.38 + 8, SHADOW, 0.62 * strength))
    canvas.spot(glow((x + half * 0.06, y + half * 0.06 + 2), half * 1.22, half * 0.27 + 6, "#24140b", 0.72 * strength))


def footprint(canvas: Canvas, corners: Sequence[Point], *, height: float) -> None:
    """The shadow of a box: its floor `corners`, drawn out to the right and blurred by layers."""
    cx = sum(x for x, _ in corners) / len(corners)
    cy = sum(y for _, y in corners) / len(corners)
    for n in range(18):
        grow = 1 + n * 0.007
        drift = height * 0.0175 * n
        outline = [(cx + (x - cx) * grow + drift, cy + (y - cy) * grow + n * 0.45 + 2) for x, y in corners]
        canvas.fill(Shape(hull([*corners, *outline])), SHADOW, opacity=0.038)
    half = max(x for x, _ in corners) - cx
    canvas.spot(glow((cx + half * 0.3, cy + 6), half * 1.45, half * 0.24 + 12, SHADOW, 0.45))


def hull(points: Sequence[Point]) -> list[Point]:
    """The convex outline around points (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    chains: list[list[Point]] = []
    for line in (ordered, ordered[::-1]):
        chain: list[Point] = []
        for point in line:
            while len(chain) > 1 and _turns_right(chain[-2], chain[-1], point):
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return chains[0] + chains[1]


def _turns_right(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0


@dataclass(frozen=True, slots=True)
class Finish:
    """A surface: its colour, how much it shines, how rough it is."""

    colour: str
    gloss: float = 0.5
    rough: float = 0.0


def turned(canvas: Canvas, x: float, profile: Sequence[Point], finish: Finish, *, flat: float = FLAT) -> Shape:
    """A round body: `profile` is (height on the picture, half width) from top to bottom. Returns its shape."""
    side = curve([(x + half, y) for y, half in profile])
    (top, top_half), (bottom, bottom_half) = profile[0], profile[-1]
    mirrored = [(2 * x - px, py) for px, py in reversed(side)]
    under = arc((x, bottom), bottom_half, bottom_half * flat, 0, 180)
    over = arc((x, top), top_half, top_half * flat, 180, 360)
    body = Shape([*side, *under, *mirrored, *over])
    round_shade(canvas, body, finish)
    return body


def round_shade(canvas: Canvas, body: Shape, finish: Finish) -> None:
    """Light on an upright round thing."""
    left, top, right, bottom = body.bounds
    width, height = right - left, bottom - top
    c = finish.colour
    across = linear(
        (left, 0),
        (right, 0),
        (0, darker(c, 0.3)),
        (0.1, darker(c, 0.1)),
        (0.3, lighter(c, 0.22)),
        (0.5, c),
        (0.84, darker(c, 0.4)),
        (0.95, darker(c, 0.36)),
        (1, darker(c, 0.2)),
    )
    canvas.fill(body, across)
    canvas.fill(
        body,
        linear((0, top), (0, bottom), (0, "#fff6e6", 0.12), (0.35, "#fff6e6", 0), (0.6, SHADOW, 0), (1, SHADOW, 0.42)),
    )
    if finish.rough:
        canvas.grain(body, finish.rough)
    if finish.gloss:
        shine = glow(
            (left + width * 0.3, top + height * 0.36), width * 0.2, height * 0.4, "#ffffff", 0.62 * finish.gloss
        )
        canvas.spot(shine, clip=body)
        canvas.spot(
            glow((right - width * 0.05, top + height * 0.6), width * 0.08, height * 0.4, "#fff0d8", 0.3 * finish.gloss),
            clip=body,
        )


def rim(
    canvas: Canvas, x: float, y: float, half: float, finish: Finish, *, wall: float = 5, flat: float = FLAT
) -> Shape:
    """The open top of a vessel; returns the opening, to pour something in."""
    c = finish.colour
    outer, inner = ellipse(x, y, half, half * flat), ellipse(x, y + 0.6, half - wall, (half - wall) * flat)
    canvas.fill(
        outer,
        linear((x - half, 0), (x + half, 0), (0, lighter(c, 0.3)), (0.35, lighter(c, 0.55)), (1, darker(c, 0.12))),
    )
    canvas.fill(
        inner, linear((x - half, 0), (x + half, 0), (0, darker(c, 0.5)), (0.6, darker(c, 0.2)), (1, lighter(c, 0.1)))
    )
    return inner


def tea_in(canvas: Canvas, opening: Shape, colour: str, *, depth: float = 0.3) -> None:
    """Tea inside an opening: clear at the near edge, with the light of the window on it."""
    left, top, right, bottom = opening.bounds
    height = bottom - top
    x, y = (left + right) / 2, (top + bottom) / 2 + height * depth * 0.5
    surface = ellipse(x, y, (right - left) / 2 - 3, height / 2 * (1 - depth * 0.3))
    canvas.fill(
        surface,
        linear((left, top), (right, bottom), (0, darker(colour, 0.25)), (0.6, colour), (1, lighter(colour, 0.35))),
        clip=opening,
    )
    canvas.spot(
        glow((x - (right - left) * 0.18, y - 1), (right - left) * 0.16, height * 0.17, "#ffffff", 0.75), clip=opening
    )


def ball(canvas: Canvas, shape: Shape, colour: str, *, shade: str | None = None, gloss: float = 0.5) -> None:
    """Light on anything round like a fruit."""
    left, top, right, bottom = shape.bounds
    width, height = right - left, bottom - top
    dark = shade or darker(colour, 0.45)
    light = Radial(
        (left + width * 0.36, top + height * 0.32),
        width * 0.86,
        height * 0.86,
        (
            (0, lighter(colour, 0.42), 1),
            (0.3, colour, 1),
            (0.66, mix(colour, dark, 0.5), 1),
            (0.9, dark, 1),
            (1, mix(dark, colour, 0.3), 1),
        ),
    )
    canvas.fill(shape, light)
    canvas.spot(glow((left + width * 0.78, top + height * 0.88), width * 0.4, height * 0.2, "#ffe2b8", 0.3), clip=shape)
    if gloss:
        canvas.spot(
            glow((left + width * 0.32, top + height * 0.25), width * 0.17, height * 0.13, "#ffffff", gloss, -30),
            clip=shape,
        )


def leaf(canvas: Canvas, base: Point, length: float, degrees: float, colour: str, *, broad: float = 0.36) -> Shape:
    """A green leaf with its vein, growing from `base` (0 degrees: to the right)."""
    x, y = base
    half = length * broad / 2
    upper = curve([(x, y), (x + length * 0.3, y - half), (x + length * 0.68, y - half * 0.72), (x + length, y)])
    lower = curve([(x + length, y), (x + length * 0.68, y + half * 0.8), (x + length * 0.3, y + half), (x, y)])
    blade = Shape(turn(upper + lower, degrees, base))
    vein = turn(curve([(x, y), (x + length * 0.5, y - half * 0.1), (x + length * 0.97, y)]), degrees, base)
    side = Shape(turn([*lower, *curve([(x, y), (x + length * 0.5, y - half * 0.1), (x + length, y)])], degrees, base))
    tip = vein[-1]
    canvas.fill(blade, linear(base, tip, (0, darker(colour, 0.3)), (0.4, colour), (1, lighter(colour, 0.22))))
    canvas.fill(side, darker(colour, 0.35), opacity=0.4)
    for n in range(1, 6):
        start = vein[round(len(vein) * n / 7)]
        for way in (-1, 1):
            end = turn([(start[0] + half * 0.8, start[1])], degrees + way * 42, start)[0]
            canvas.fill(ribbon([start, end], 1.6, 0.6), lighter(colour, 0.3), clip=blade, opacity=0.5)
    canvas.fill(ribbon(vein, 3.2, 1), lighter(colour, 0.4), opacity=0.8)
    return blade


def scatter(
    canvas: Canvas, rng: random.Random, places: Sequence[Point], colours: Sequence[str], *, length: float, width: float
) -> None:
    """Dry tea: small bent leaves, lighter ones on top. Those of one colour are painted together."""
    share = len(places) // len(colours)
    for n, colour in enumerate(colours):
        group = places[n * share : (n + 1) * share]
        twigs = [_twig(rng, place, length, width) for place in group]
        dark = [Shape([(px + 1.5, py + 2.5) for px, py in twig]) for twig in twigs]
        canvas.fill(Shape(*(shape.outlines[0] for shape in dark)), darker(colour, 0.75), opacity=0.55)
        canvas.fill(Shape(*twigs), colour)
        glints = [_twig(rng, (px - 1, py - 1.5), length * 0.5, width * 0.35) for px, py in group[::3]]
        canvas.fill(Shape(*glints), lighter(colour, 0.45), opacity=0.6)


def _twig(rng: random.Random, place: Point, length: float, width: float) -> list[Point]:
    x, y = place
    reach = length * rng.uniform(0.6, 1.25) / 2
    bend = rng.uniform(-0.35, 0.35) * reach
    spine = turn(
        [(x - reach, y), (x - reach * 0.2, y + bend), (x + reach * 0.4, y + bend * 0.8), (x + reach, y)],
        rng.uniform(-75, 75),
        place,
    )
    return list(ribbon(spine, width * 0.25, width, width * 0.8, width * 0.2).outlines[0])


def heap(rng: random.Random, x: float, y: float, half: float, height: float, count: int) -> list[Point]:
    """Places on a loose pile that stands at (x, y), from the back and the rim to the top."""
    places = []
    for _ in range(count):
        out = rng.random() ** 0.7
        side = rng.uniform(-1, 1) * out
        up = (1 - out) ** 1.3 * rng.uniform(0.5, 1)
        places.append((x + side * half, y - up * height + rng.uniform(-1, 1) * half * FLAT * out))
    return sorted(
        places,
        key=lambda place: abs(place[0] - x) * 0.2 - (y - place[1]) * -0.1 + rng.uniform(0, half * 0.2),
        reverse=True,
    )


def disc(
    canvas: Canvas, x: float, y: float, half: float, finish: Finish, *, thick: float = 8, flat: float = FLAT
) -> Shape:
    """A flat round thing that lies on the table: a plate, a coaster, a lid. Returns its top."""
    c = finish.colour
    edge = ellipse(x, y + thick, half, half * flat).joined(
        ellipse(x, y, half, half * flat), rectangle(x - half, y, x + half, y + thick)
    )
    canvas.fill(
        edge, linear((x - half, 0), (x + half, 0), (0, darker(c, 0.3)), (0.3, darker(c, 0.05)), (1, darker(c, 0.5)))
    )
    top = ellipse(x, y, half, half * flat)
    canvas.fill(
        top,
        radial(
            (x - half * 0.3, y - half * flat * 0.3),
            half * 1.5,
            half * flat * 1.8,
            (0, lighter(c, 0.35)),
            (0.5, c),
            (1, darker(c, 0.25)),
        ),
    )
    if finish.rough:
        canvas.grain(top, finish.rough)
    return top
