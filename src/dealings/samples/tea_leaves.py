"""Tea itself: loose, pressed, rolled, wrapped, in blossom and in bags."""

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
    footprint,
    heap,
    scatter,
    shadow,
)

GREEN_LEAF = ("#3d4a22", "#55652b", "#6f7d35", "#8b9848", "#a5ad5f")


DARK_LEAF = ("#1d120d", "#2c1a12", "#3c2418", "#513222", "#6a4630")


GOLDEN_LEAF = ("#23150d", "#3a2313", "#6b4318", "#a8742a", "#d2a24c")


SILVER_LEAF = ("#6d7258", "#8f9276", "#b0b196", "#cfcdb4", "#e9e6d2")


def pouch(canvas: Canvas, x: float, y: float, half: float, tall: float, label: str, *, paper: str = "#c9a877") -> None:
    """A folded paper bag, tied with a string."""
    footprint(
        canvas,
        [(x - half * 0.94, y), (x + half * 0.94, y), (x + half * 0.8, y - 34), (x - half * 0.8, y - 34)],
        height=tall,
    )
    bag = Shape(
        [
            (x - half * 0.92, y - tall),
            (x + half * 0.9, y - tall),
            (x + half, y - 6),
            (x + half * 0.94, y),
            (x - half * 0.94, y),
            (x - half, y - 6),
        ]
    )
    canvas.fill(
        bag,
        linear(
            (x - half, 0),
            (x + half, 0),
            (0, darker(paper, 0.15)),
            (0.25, lighter(paper, 0.3)),
            (0.6, paper),
            (1, darker(paper, 0.35)),
        ),
    )
    fold = Shape(
        [
            (x + half * 0.62, y - tall),
            (x + half * 0.9, y - tall),
            (x + half, y - 6),
            (x + half * 0.94, y),
            (x + half * 0.74, y),
        ]
    )
    canvas.fill(fold, darker(paper, 0.5), opacity=0.3)
    flap = Shape(
        [
            (x - half * 0.94, y - tall - 4),
            (x + half * 0.92, y - tall - 4),
            (x + half * 0.95, y - tall * 0.8),
            (x - half * 0.96, y - tall * 0.8),
        ]
    )
    canvas.spot(glow((x, y - tall * 0.78), half, 14, "#3a2416", 0.45), clip=bag)
    canvas.fill(
        flap, linear((x - half, 0), (x + half, 0), (0, paper), (0.3, lighter(paper, 0.4)), (1, darker(paper, 0.25)))
    )
    canvas.grain(bag, 0.1)
    _bag_label(canvas, x, y, half, tall, label)
    _bow(canvas, x, y, half, tall)


def _bag_label(canvas: Canvas, x: float, y: float, half: float, tall: float, label: str) -> None:
    sheet = rectangle(x - half * 0.36, y - tall * 0.66, x + half * 0.34, y - tall * 0.12, 3)
    canvas.fill(sheet, linear((x - half, 0), (x + half, 0), (0, "#fdf8ec"), (1, "#dccfb4")))
    write_down(canvas, label, (x - half * 0.01, y - tall * 0.62), half * 0.36, "#2a211a")
    seal(canvas, (x - half * 0.01, y - tall * 0.19), half * 0.2, "茶")


def _bow(canvas: Canvas, x: float, y: float, half: float, tall: float) -> None:
    string = ribbon([(x - half * 0.95, y - tall * 0.86), (x, y - tall * 0.85), (x + half * 0.93, y - tall * 0.86)], 3)
    canvas.fill(string, "#7a2a1c")
    for way in (-1, 1):
        bow = curve(
            [
                (x, y - tall * 0.855),
                (x + way * 26, y - tall * 0.95),
                (x + way * 44, y - tall * 0.86),
                (x, y - tall * 0.855),
                (x + way * 24, y - tall * 0.74),
            ]
        )
        canvas.fill(ribbon(bow, 3.2), "#93321f")


def loose(
    canvas: Canvas,
    x: float,
    y: float,
    half: float,
    height: float,
    colours: tuple[str, ...],
    *,
    seed: int,
    length: float = 26,
    width: float = 5,
) -> None:
    """A pile of dry tea."""
    rng = random.Random(seed)
    shadow(canvas, x, y, half, strength=0.8)
    mound = smooth(
        (x - half * 0.84, y),
        (x - half * 0.4, y - height * 0.6),
        (x, y - height * 0.9),
        (x + half * 0.4, y - height * 0.6),
        (x + half * 0.84, y),
        (x + half * 0.4, y + half * 0.13),
        (x - half * 0.4, y + half * 0.13),
    )
    canvas.fill(
        mound,
        radial(
            (x - half * 0.3, y - height),
            half * 1.4,
            height * 1.9,
            (0, colours[2]),
            (0.6, colours[0]),
            (1, darker(colours[0], 0.5)),
        ),
    )
    scatter(canvas, rng, heap(rng, x, y, half, height, round(half * 2.1)), colours, length=length, width=width)


def cake(
    canvas: Canvas, x: float, y: float, half: float, colours: tuple[str, ...], *, flat: float = 0.36, seed: int = 5
) -> Shape:
    """A pressed cake of tea, lying on the table."""
    rng = random.Random(seed)
    shadow(canvas, x, y + 16, half * 0.98, height=30)
    thick = half * 0.17
    side = ellipse(x, y + thick, half * 0.96, half * flat).joined(ellipse(x, y, half, half * flat))
    canvas.fill(
        side,
        linear(
            (x - half, 0), (x + half, 0), (0, darker(colours[1], 0.35)), (0.3, colours[2]), (1, darker(colours[0], 0.6))
        ),
    )
    top = ellipse(x, y, half, half * flat)
    canvas.fill(
        top,
        radial(
            (x - half * 0.35, y - half * flat * 0.5),
            half * 1.5,
            half * flat * 1.6,
            (0, lighter(colours[3], 0.1)),
            (0.5, colours[2]),
            (1, colours[0]),
        ),
    )
    for tone, count in zip(colours, (80, 110, 140, 110, 90), strict=True):
        twigs = []
        for _ in range(count):
            out, turn_by = rng.random() ** 0.5 * 0.95, rng.uniform(0, 360)
            ((px, py),) = turn([(half * out, 0)], turn_by, (0, 0))
            twigs.append(_flake(rng, (x + px, y + py * flat), half * 0.11, flat))
        canvas.fill(Shape(*twigs), lighter(tone, 0.06), clip=top, opacity=0.85)
    canvas.spot(
        glow((x - half * 0.35, y - half * flat * 0.4), half * 0.7, half * flat * 0.6, "#fff3dc", 0.32), clip=top
    )
    canvas.spot(
        glow((x + half * 0.1, y + half * flat * 0.05), half * 0.16, half * flat * 0.16, "#120a06", 0.55), clip=top
    )
    return top


def _flake(rng: random.Random, place: Point, length: float, flat: float) -> list[Point]:
    line = turn([(-length, 0), (0, rng.uniform(-3, 3)), (length, 0)], rng.uniform(0, 180), (0, 0))
    return list(ribbon([(place[0] + x, place[1] + y * flat * 1.3) for x, y in line], 1, 4.2, 1).outlines[0])


def wrapper(
    canvas: Canvas,
    x: float,
    y: float,
    half: float,
    title: str,
    *,
    flat: float = 0.36,
    ink: str = "#8c2b1c",
    paper: str = "#efe4cb",
    alone: bool = True,
) -> None:
    """A cake in its printed paper; one that isn't `alone` lies on another and casts no shadow of its own."""
    if alone:
        shadow(canvas, x, y + 18, half * 0.98, height=36)
    else:
        canvas.fill(ellipse(x, y + half * 0.2, half * 0.97, half * flat), "#3a2416", opacity=0.35)
    thick = half * 0.19
    side = ellipse(x, y + thick, half * 0.95, half * flat).joined(ellipse(x, y, half, half * flat))
    canvas.fill(
        side, linear((x - half, 0), (x + half, 0), (0, darker(paper, 0.2)), (0.3, paper), (1, darker(paper, 0.5)))
    )
    for n in range(34):
        angle = 8 + n * 5
        ((px, py),) = turn([(half, 0)], angle, (0, 0))
        canvas.fill(
            ribbon([(x + px, y + py * flat), (x + px * 0.95, y + py * flat + thick)], 1.4, 3),
            darker(paper, 0.5),
            opacity=0.25,
            clip=side,
        )
    top = ellipse(x, y, half, half * flat)
    canvas.fill(
        top,
        radial(
            (x - half * 0.4, y - half * flat * 0.5),
            half * 1.7,
            half * flat * 1.8,
            (0, lighter(paper, 0.5)),
            (0.55, paper),
            (1, darker(paper, 0.25)),
        ),
    )
    canvas.grain(top, 0.07)
    for radius, width in ((0.86, 3.0), (0.81, 1.4)):
        ring = [
            (x + px * half * radius, y + py * half * radius * flat)
            for px, py in ((p[0], p[1]) for p in ellipse(0, 0, 1, 1).outlines[0])
        ]
        canvas.fill(ribbon(ring, width), ink, opacity=0.8)
    write_down(canvas, title, (x, y - len(title) * half * 0.168 * flat * 1.9), half * 0.3, ink, squash=flat * 1.9)


def stack(canvas: Canvas, x: float, y: float, half: float, title: str, count: int) -> None:
    """Wrapped cakes one on another, as they leave the workshop in sevens."""
    step = half * 0.2
    for n in range(count):
        wrapper(
            canvas, x + (n * 37 % 9 - 4), y - n * step, half, title if n == count - 1 else "", flat=0.3, alone=n == 0
        )


def blossom(canvas: Canvas, x: float, y: float, size: float, degrees: float = 0) -> None:
    """A jasmine flower, seen from a little above."""
    canvas.spot(glow((x + size * 0.2, y + size * 0.4), size * 1.1, size * 0.5, "#4a2f1d", 0.4))
    for n in range(6):
        angle = degrees + n * 60
        petal = smooth(
            *turn(
                [(x, y), (x + size * 0.45, y - size * 0.3), (x + size, y), (x + size * 0.45, y + size * 0.3)],
                angle,
                (x, y),
            )
        )
        flat = Shape([(px, y + (py - y) * 0.62) for px, py in petal.outlines[0]])
        tip = turn([(x + size, y)], angle, (x, y))[0]
        canvas.fill(
            flat, linear((x, y), (tip[0], y + (tip[1] - y) * 0.62), (0, "#d9d3b4"), (0.4, "#f7f3e6"), (1, "#fffefa"))
        )
    canvas.fill(ellipse(x, y - 1, size * 0.16, size * 0.11), "#d9b65a")


def pearls(
    canvas: Canvas, x: float, y: float, half: float, height: float, colours: tuple[str, ...], *, seed: int
) -> None:
    """A pile of tea rolled into beads."""
    rng = random.Random(seed)
    shadow(canvas, x, y, half, strength=0.8)
    for px, py in sorted(
        heap(rng, x, y, half, height, round(half * 1.3)), key=lambda place: place[1] + abs(place[0] - x) * 0.1
    ):
        tone, size = rng.choice(colours), rng.uniform(6, 10)
        bead = smooth(
            *(
                (px + bx * rng.uniform(0.7, 1.2), py + by * rng.uniform(0.7, 1.2))
                for bx, by in (
                    (-size, 0),
                    (-size * 0.4, -size * 0.8),
                    (size * 0.6, -size * 0.7),
                    (size, 0.1),
                    (size * 0.3, size * 0.7),
                    (-size * 0.6, size * 0.6),
                )
            )
        )
        canvas.fill(
            bead,
            radial(
                (px - 3, py - 4), size * 1.9, size * 1.7, (0, lighter(tone, 0.5)), (0.4, tone), (1, darker(tone, 0.7))
            ),
        )
