"""A small painter for the sample pictures: smooth shapes, gradients, light from the upper left.

Coordinates are pixels of a 960 × 720 picture. Shapes are antialiased by drawing their masks three
times as large; gradients carry their own transparency, so that shadows and highlights need no blur.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from PIL import Image, ImageChops, ImageDraw

Point = tuple[float, float]
Box = tuple[int, int, int, int]
Stop = tuple[float, str, float]
"""Where (0 to 1), colour (#RRGGBB), how opaque (0 to 1)."""

SIZE: Final = (960, 720)
SAMPLES: Final = 3
"""Mask samples a pixel and direction: enough for smooth edges, nine times the cheapest kind of pixel."""
CURVE_STEPS: Final = 10


class Shape:
    """One or more closed outlines, filled."""

    def __init__(self, *outlines: Sequence[Point]) -> None:
        self.outlines = outlines

    @cached_property
    def bounds(self) -> Box:
        xs = [x for outline in self.outlines for x, _ in outline]
        ys = [y for outline in self.outlines for _, y in outline]
        return math.floor(min(xs)) - 1, math.floor(min(ys)) - 1, math.ceil(max(xs)) + 1, math.ceil(max(ys)) + 1

    @cached_property
    def mask(self) -> Image.Image:
        """Coverage (L) of `bounds`."""
        left, top, right, bottom = self.bounds
        mask = Image.new("L", ((right - left) * SAMPLES, (bottom - top) * SAMPLES))
        draw = ImageDraw.Draw(mask)
        for outline in self.outlines:
            draw.polygon([((x - left) * SAMPLES, (y - top) * SAMPLES) for x, y in outline], fill=255)
        return mask.reduce(SAMPLES)

    def mask_in(self, box: Box) -> Image.Image:
        """Coverage of another box."""
        if box == self.bounds:
            return self.mask
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        mask.paste(self.mask, (self.bounds[0] - box[0], self.bounds[1] - box[1]))
        return mask

    def moved(self, dx: float, dy: float) -> "Shape":
        return Shape(*([(x + dx, y + dy) for x, y in outline] for outline in self.outlines))

    def turned(self, degrees: float, about: Point) -> "Shape":
        return Shape(*(turn(outline, degrees, about) for outline in self.outlines))

    def joined(self, *others: "Shape") -> "Shape":
        return Shape(*self.outlines, *(outline for other in others for outline in other.outlines))


def turn(points: Iterable[Point], degrees: float, about: Point) -> list[Point]:
    """The points turned clockwise."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    ax, ay = about
    return [(ax + (x - ax) * cosine - (y - ay) * sine, ay + (x - ax) * sine + (y - ay) * cosine) for x, y in points]


def arc(center: Point, rx: float, ry: float, start: float = 0, end: float = 360) -> list[Point]:
    """Points of an ellipse from one angle to another (degrees, clockwise from the right)."""
    steps = max(6, round(abs(end - start) / 360 * 72))
    angles = [math.radians(start + (end - start) * n / steps) for n in range(steps + 1)]
    return [(center[0] + rx * math.cos(a), center[1] + ry * math.sin(a)) for a in angles]


def ellipse(x: float, y: float, rx: float, ry: float | None = None, degrees: float = 0) -> Shape:
    outline = arc((x, y), rx, rx if ry is None else ry)
    return Shape(turn(outline, degrees, (x, y)) if degrees else outline)


def curve(points: Sequence[Point], *, closed: bool = False) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    count = len(points)
    at = [points[n % count] for n in range(-1, count + 2)] if closed else [points[0], *points, points[-1]]
    line = [_spline(at[n : n + 4], step / CURVE_STEPS) for n in range(len(at) - 3) for step in range(CURVE_STEPS)]
    return line if closed else [*line, points[-1]]


def _spline(p: Sequence[Point], t: float) -> Point:
    weights = (
        (-t + 2 * t * t - t**3) / 2,
        (2 - 5 * t * t + 3 * t**3) / 2,
        (t + 4 * t * t - 3 * t**3) / 2,
        (-t * t + t**3) / 2,
    )
    return (
        sum(w * x for w, (x, _) in zip(weights, p, strict=True)),
        sum(w * y for w, (_, y) in zip(weights, p, strict=True)),
    )


def smooth(*points: Point) -> Shape:
    """A closed shape through the points, without corners."""
    return Shape(curve(points, closed=True))


def ribbon(points: Sequence[Point], *widths: float) -> Shape:
    """A line with a width that changes evenly from one given width to the next."""
    left: list[Point] = []
    right: list[Point] = []
    for n, (x, y) in enumerate(points):
        before, after = points[max(0, n - 1)], points[min(len(points) - 1, n + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        half = _between(widths, n / max(1, len(points) - 1)) / 2 / (math.hypot(dx, dy) or 1)
        left.append((x - dy * half, y + dx * half))
        right.append((x + dy * half, y - dx * half))
    return Shape(left + right[::-1])


def _between(values: Sequence[float], t: float) -> float:
    if len(values) == 1:
        return values[0]
    place = t * (len(values) - 1)
    n = min(int(place), len(values) - 2)
    return values[n] + (values[n + 1] - values[n]) * (place - n)


def rectangle(left: float, top: float, right: float, bottom: float, radius: float = 0) -> Shape:
    if not radius:
        return Shape([(left, top), (right, top), (right, bottom), (left, bottom)])
    corners = [(right - radius, top + radius, -90), (right - radius, bottom - radius, 0)]
    corners += [(left + radius, bottom - radius, 90), (left + radius, top + radius, 180)]
    return Shape([point for x, y, a in corners for point in arc((x, y), radius, radius, a, a + 90)])


# Paint


@dataclass(frozen=True, slots=True)
class Linear:
    """A gradient along a line."""

    start: Point
    end: Point
    stops: tuple[Stop, ...]

    def image(self, box: Box) -> Image.Image:
        """Position along the line (L) for each pixel of the box."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        scale = 255 / (dx * dx + dy * dy)
        offset = ((box[0] - self.start[0]) * dx + (box[1] - self.start[1]) * dy) * scale + 512
        matrix = (0, 0, 8, dx * scale, dy * scale, offset)
        return _ramp().transform(_extent(box), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


@dataclass(frozen=True, slots=True)
class Radial:
    """A gradient from a centre outwards, over an ellipse that may be turned."""

    center: Point
    rx: float
    ry: float
    stops: tuple[Stop, ...]
    degrees: float = 0

    def image(self, box: Box) -> Image.Image:
        """Distance from the centre (L) for each pixel of the box."""
        sine, cosine = math.sin(math.radians(self.degrees)), math.cos(math.radians(self.degrees))
        x, y = box[0] - self.center[0], box[1] - self.center[1]
        kx, ky = 127 / self.rx, 127 / self.ry
        matrix = (
            cosine * kx,
            sine * kx,
            (cosine * x + sine * y) * kx + 128,
            -sine * ky,
            cosine * ky,
            (cosine * y - sine * x) * ky + 128,
        )
        return _disc().transform(_extent(box), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=255)


Paint = str | Linear | Radial


def linear(start: Point, end: Point, *stops: Stop | tuple[float, str]) -> Linear:
    return Linear(start, end, _full(stops))


def radial(center: Point, rx: float, ry: float | None, *stops: Stop | tuple[float, str], degrees: float = 0) -> Radial:
    return Radial(center, rx, rx if ry is None else ry, _full(stops), degrees)


def glow(center: Point, rx: float, ry: float, colour: str, opacity: float, degrees: float = 0) -> Radial:
    """A soft spot: light or shadow that fades to nothing."""
    fade = ((0.0, 1.0), (0.25, 0.86), (0.5, 0.5), (0.75, 0.15), (1.0, 0.0))
    return Radial(center, rx, ry, tuple((at, colour, opacity * part) for at, part in fade), degrees)


def _full(stops: Iterable[Stop | tuple[float, str]]) -> tuple[Stop, ...]:
    return tuple((stop[0], stop[1], stop[2] if len(stop) == 3 else 1.0) for stop in stops)


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(one: str, other: str, share: float) -> str:
    """The colour between two; `share` of the other."""
    parts = (round(a + (b - a) * share) for a, b in zip(rgb(one), rgb(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def darker(colour: str, share: float) -> str:
    """Towards a warm shadow rather than black: black makes paint look dirty."""
    return mix(colour, "#2a1a14", share)


def lighter(colour: str, share: float) -> str:
    return mix(colour, "#fffaf0", share)


@cache
def _tables(stops: tuple[Stop, ...]) -> tuple[bytes, list[int] | None]:
    """A palette for the colour and a table for the opacity (None where all is opaque)."""
    colours, opacities = bytearray(), []
    for n in range(256):
        red, green, blue, alpha = _at(stops, n / 255)
        colours += bytes((red, green, blue))
        opacities.append(alpha)
    return bytes(colours), None if min(opacities) == 255 else opacities


def _at(stops: tuple[Stop, ...], t: float) -> tuple[int, int, int, int]:
    after = next((n for n, stop in enumerate(stops) if stop[0] >= t), len(stops) - 1)
    one, other = stops[max(0, after - 1)], stops[after]
    span = other[0] - one[0]
    share = 1.0 if span <= 0 else min(1.0, max(0.0, (t - one[0]) / span))
    return (*rgb(mix(one[1], other[1], share)), round(255 * (one[2] + (other[2] - one[2]) * share)))


@cache
def _ramp() -> Image.Image:
    """256 grey levels downwards, with room on both ends so that a gradient continues flat."""
    ramp = Image.new("L", (16, 1280))
    ramp.paste(Image.linear_gradient("L").resize((16, 256)), (0, 512))
    ramp.paste(255, (0, 768, 16, 1280))
    return ramp


@cache
def _disc() -> Image.Image:
    """Distance from the middle, 255 where the inscribed circle ends (Pillow's own ends in the corners)."""
    return Image.radial_gradient("L").point([min(255, round(n * math.sqrt(2))) for n in range(256)])


@cache
def _noise() -> Image.Image:
    """Grain for paper, clay and skins, the same in each run."""
    coarse = Image.frombytes("L", (480, 360), random.Random(7).randbytes(480 * 360)).resize(SIZE)
    fine = Image.frombytes("L", SIZE, random.Random(11).randbytes(SIZE[0] * SIZE[1]))
    return Image.blend(coarse, fine, 0.45)


def _extent(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


def _common(*boxes: Box) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return max(lefts), max(tops), min(rights), min(bottoms)


class Canvas:
    """A picture in the making."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self.frame = (0, 0, *image.size)

    def fill(self, shape: Shape, paint: Paint, *, clip: Shape | None = None, opacity: float = 1) -> None:
        """Paints a shape, where `clip` covers it."""
        boxes = [self.frame, shape.bounds] if clip is None else [self.frame, shape.bounds, clip.bounds]
        box = _common(*boxes)
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        mask = shape.mask_in(box)
        if clip is not None:
            mask = ImageChops.multiply(mask, clip.mask_in(box))
        if opacity < 1:
            mask = mask.point([round(n * opacity) for n in range(256)])
        self._paste(paint, box, mask)

    def _paste(self, paint: Paint, box: Box, mask: Image.Image) -> None:
        if isinstance(paint, str):
            self.image.paste(rgb(paint), box, mask)
            return
        place = paint.image(box)
        palette, opacities = _tables(paint.stops)
        if opacities is not None:
            mask = ImageChops.multiply(mask, place.point(opacities))
        place.putpalette(palette)
        self.image.paste(place.convert("RGB"), box, mask)

    def spot(self, paint: Radial, *, clip: Shape | None = None) -> None:
        """Paints a gradient over all of its own ellipse."""
        reach = max(paint.rx, paint.ry) if paint.degrees else 0
        rx, ry = reach or paint.rx, reach or paint.ry
        x, y = paint.center
        self.fill(rectangle(x - rx, y - ry, x + rx, y + ry), paint, clip=clip)

    def grain(self, shape: Shape, strength: float, *, light: str = "#ffffff", dark: str = "#2a1a14") -> None:
        """Roughens a shape's surface."""
        box = _common(self.frame, shape.bounds)
        noise, mask = _noise().crop(box), shape.mask_in(box)
        for colour, table in ((dark, range(127, -129, -1)), (light, range(-128, 128))):
            coverage = noise.point([max(0, round(n * strength)) for n in table])
            self.image.paste(rgb(colour), box, ImageChops.multiply(coverage, mask))
